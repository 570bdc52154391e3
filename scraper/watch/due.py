"""When to look again. Pure: the target, what the look brought, and `now` go in; a moment comes out."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from math import log

from scraper.text import duration
from scraper.watch.rhythm import FIRST, next_turn
from storage.records.source import Source, Target

SHORTEST, LONGEST = timedelta(hours=1), timedelta(days=30)
USUAL = 2  # failures that change nothing: so a person hears of trouble after three looks at the usual pace
LONGEST_PAUSE = timedelta(hours=6)  # after failures: four requests a day burden nobody, and a recovery is soon seen
PATIENCE = timedelta(days=7)  # a server's wish is heard up to here
WORTH = 0.5  # changes that a look at a known article should be expected to find
ENOUGH = 5  # looks before a list's history says anything


def next_look(target: Target, source: Source, *, recheck: str, now: datetime, wish: datetime | None = None) -> datetime:
    """When to look at a target after a good look."""
    due = _turn(target, source, now) if target.kind.discovers else now + _recheck(target, recheck, now)
    return due if wish is None else max(due, min(wish, now + PATIENCE))


def next_try(
    target: Target, source: Source, *, now: datetime, wish: datetime | None = None, unreached: bool = False
) -> datetime:
    """When to try again after a failure: as usual twice more, then twice as long each time, up to LONGEST_PAUSE and
    never before the server's wish.

    What never reached a host burdens nobody, and may end at any moment: it is tried in the usual rhythm.
    """
    interval = rhythm(source.every) if target.kind.discovers else SHORTEST
    times = 1 if unreached else 1 << min(max(target.failures - USUAL, 0), 8)
    due = now + min(interval * times, max(LONGEST_PAUSE, interval))
    return due if wish is None else max(due, min(wish, now + PATIENCE))


def rhythm(every: str) -> timedelta:
    """`every` as a duration; cron lines and "adaptive" start from two hours."""
    return duration(every) or FIRST


def _turn(target: Target, source: Source, now: datetime) -> datetime:
    rate = change_rate(target, now) if target.checks >= ENOUGH else None
    key = f"{target.source} {target.identity} {target.checks}"
    return next_turn(source.every, timezone=source.timezone, now=now, rate=rate, key=key)


def _recheck(target: Target, recheck: str, now: datetime) -> timedelta:
    """Known articles: a fixed duration, or by age: edits come soon after publication or hardly ever."""
    fixed = duration(recheck)
    if fixed is not None:
        return fixed
    age = now - _born(target, now)
    calm = 1 + max(0, target.checks - 4 * target.changes) / 8
    by_age = max(timedelta(hours=6), age / 8) * calm
    rate = change_rate(target, now)
    wait = min(by_age, timedelta(days=WORTH / rate)) if rate * LONGEST.days > WORTH else by_age
    return min(max(wait, SHORTEST), LONGEST)


def change_rate(target: Target, now: datetime) -> float:
    """Changes a day, as n looks that found X changes over a time T let expect.

    The bias-reduced estimator of Cho and Garcia-Molina (2003), -ln((n - X + 0.5) / (n + 0.5)) / (T / n): an article
    that changed at each look may well change more often than that.
    """
    n, found = target.checks, min(target.changes, target.checks)
    watched = (now - (target.first_checked or now)) / timedelta(days=1)
    return -log((n - found + 0.5) / (n + 0.5)) * n / watched if n and found and watched > 0 else 0.0


def _born(target: Target, now: datetime) -> datetime:
    if target.published is not None:
        with suppress(ValueError):  # a page may say 31 February
            return min(datetime.fromisoformat(target.published.earliest()).replace(tzinfo=now.tzinfo), now)
    return target.looked or now
