"""When to look again. Pure: the target, what the look brought, and `now` go in; a moment comes out."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from scraper.text import duration
from storage.records.source import Source, Target

SHORTEST, LONGEST = timedelta(hours=1), timedelta(days=30)
PATIENCE = timedelta(days=7)  # a server's wish is heard up to here
DISCOVERY = timedelta(hours=2)  # where `every` names no duration


def next_look(target: Target, source: Source, *, recheck: str, now: datetime, wish: datetime | None = None) -> datetime:
    """When to look at a target after a good look."""
    interval = rhythm(source.every) if target.kind.discovers else _recheck(target, recheck, now)
    due = now + interval
    return due if wish is None else max(due, min(wish, now + PATIENCE))


def next_try(target: Target, source: Source, *, now: datetime, wish: datetime | None = None) -> datetime:
    """When to try again after a failure: twice as long each time, never beyond a day or before the server's wish."""
    interval = rhythm(source.every) if target.kind.discovers else SHORTEST
    due = now + min(interval * (1 << min(target.failures, 8)), max(timedelta(days=1), interval))
    return due if wish is None else max(due, min(wish, now + PATIENCE))


def rhythm(every: str) -> timedelta:
    """`every` as a duration; cron lines and "adaptive" start from two hours."""
    return duration(every) or DISCOVERY


def _recheck(target: Target, recheck: str, now: datetime) -> timedelta:
    """Known articles: a fixed duration, or by age: edits come soon after publication or hardly ever."""
    fixed = duration(recheck)
    if fixed is not None:
        return fixed
    age = now - _born(target, now)
    calm = 1 + max(0, target.checks - 4 * target.changes) / 8
    return min(max(timedelta(hours=6), age / 8) * calm, LONGEST)


def _born(target: Target, now: datetime) -> datetime:
    if target.published is not None:
        with suppress(ValueError):  # a page may say 31 February
            return min(datetime.fromisoformat(target.published.earliest()).replace(tzinfo=now.tzinfo), now)
    return target.looked or now
