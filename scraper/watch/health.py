"""How a source stands: one state with its reason, from its own rhythm and the outcomes of its looks. Pure.

Notices tell people of it, `status`, the dashboard and metrics show it; which facts there are is asked in overview.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from scraper.url import canonical, identity
from scraper.watch.complete import GRACE, completeness
from scraper.watch.due import rhythm
from scraper.watch.remedy import NO_NAME, PUBLIC_ONLY, WEB_ONLY
from storage.records.health import Gap, Health, State
from storage.records.source import Source, Target
from storage.records.verdict import Brake

LOOKS = 3  # failed in a row before a person is called: one bad night of a site is nobody's business
A_DAY = timedelta(days=1)
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
RHYTHM = 8  # pauses between days with news that are needed before a source has a rhythm of its own
PATIENCE = 3  # times its longest usual pause before it counts as silent
SOONEST = timedelta(days=14)
UNREACHED = re.compile(rf"unreachable|{re.escape(NO_NAME)}")
NO_WAY = re.compile(rf"{UNREACHED.pattern}|wants to be left alone")
BROKEN: frozenset[State] = frozenset({"failing", "blocked", "empty", "gone"})
_BLOCKED = re.compile(r"\b(401|403|407|429|451)\b|robots|refuses us|consent|challenge|login")
_HEADLINES: dict[State, str] = {
    "blocked": "refuses us", "empty": "names no news any more", "failing": "cannot be read", "gone": "is gone",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """When a source last had news, and how long a pause would be odd for it; None where too little is known."""

    last: datetime
    odd: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What memory holds of one source."""

    source: Source
    ways: tuple[Target, ...] = ()  # its live lists
    habit: Habit | None = None  # None too where it had news of late, so that nobody asks
    brake: Brake | None = None
    gaps: tuple[Gap, ...] = ()
    refused: tuple[Target, ...] = ()  # articles that were named and could not be read


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    state: State
    headline: str = ""
    reason: str
    remedy: str = ""
    since: datetime | None = None
    needs_person: bool = True


def healths(known: Sequence[Facts], now: datetime) -> tuple[Health, ...]:
    """All sources, in their order. While this machine has no network no source changes its health."""
    away = {facts.source.id for facts in cut_off(known)}
    return tuple(health_of(facts, now, away=facts.source.id in away) for facts in known)


def health_of(facts: Facts, now: datetime, *, away: bool = False) -> Health:
    """One source; `away` says that this machine was cut off from it, which says nothing of the source."""
    source, ways = facts.source, lists_of(facts)
    given = next((way for way in ways if way.configured and way.identity != identity(canonical(source.url))), None)
    base = Health(
        source=source.id, name=source.name, url=given.url if given else source.url, moved=given is not None,
        state="healthy", muted=source.muted,
        last_good=max((way.last_good for way in ways if way.last_good), default=None),
        next=min((way.due for way in ways), default=None) if source.enabled else None,
        **completeness(ways, facts.gaps, facts.refused, now=now, paused=not source.enabled),
    )  # fmt: skip
    found = _state(facts, ways, now, away=away)
    if found is None:
        return base
    named = replace(base, **{name: getattr(found, name) for name in _Found.__dataclass_fields__})
    return replace(named, needs_person=found.needs_person and not source.muted)


def refuses(target: Target) -> bool:
    """Whether what keeps us from reading it is a refusal, theirs or ours."""
    return bool(_BLOCKED.search(target.trouble)) or any(ours in target.trouble for ours in (PUBLIC_ONLY, WEB_ONLY))


def lists_of(facts: Facts) -> tuple[Target, ...]:
    """The ways to its news: the lists that ever named an item, where there are such; no further pages."""
    ways = [way for way in facts.ways if way.origin != "pagination"]
    return tuple([way for way in ways if way.changes] or ways)


def cut_off(known: Sequence[Facts]) -> tuple[Facts, ...]:
    """Those whose hosts were not found or reached when most of several sources were not: this machine had no network.

    Of those that are back meanwhile their gaps tell; who was not looked at since is as it was before.
    """
    enabled = [facts for facts in known if facts.source.enabled]
    lost = [facts for facts in enabled if _unreached(lists_of(facts))]
    there = [facts.gaps for facts in enabled if not _unreached(lists_of(facts))]
    back = sorted(max((g.until for g in gaps if g.until and UNREACHED.search(g.why)), default=NEVER) for gaps in there)

    def many(facts: Facts) -> int:
        looked = max((way.last_checked or NEVER for way in facts.ways), default=NEVER)
        return len(lost) + len(back) - bisect_left(back, looked)

    return tuple(facts for facts in lost if 2 * many(facts) > len(enabled) > 1)


def _unreached(ways: Sequence[Target]) -> bool:
    """None of its hosts was reached; one that was not is left alone for a while, whatever else is asked of it."""
    tried = all(way.failures and NO_WAY.search(way.trouble) for way in ways)
    return tried and any(UNREACHED.search(way.trouble) for way in ways)


def _state(facts: Facts, ways: Sequence[Target], now: datetime, *, away: bool) -> _Found | None:
    if not facts.source.enabled:
        return _Found(state="paused", reason="paused in the configuration", needs_person=False)
    troubled = None if away else broken(facts.source, ways, now) or _upset(facts.brake)
    return troubled or silent(facts.source, ways, facts.habit, now) or (None if away else _late(facts, ways, now))


def broken(source: Source, ways: Sequence[Target], now: datetime) -> _Found | None:
    """None of its addresses could be read for several looks, or for a day."""
    if not ways or not all(way.trouble and way.failures for way in ways):
        return None
    good = max((way.last_good for way in ways if way.last_good), default=None)
    long = good is not None and now - good >= max(A_DAY, 3 * rhythm(source.every))
    if min(way.failures for way in ways) < LOOKS and not long:
        return None
    first = _first(ways)
    cause, remedy = _parted(first.trouble)
    many = f"None of its {len(ways)} addresses could" if len(ways) > 1 else "Its address could not"
    state: State = (
        "gone" if all(way.gone_checks for way in ways)
        else "blocked" if refuses(first)
        else "empty" if "names no" in first.trouble
        else "failing"
    )  # fmt: skip
    reason = f"{many} be read in the last {first.failures} looks. {first.url}: {cause}."
    return _Found(state=state, headline=_HEADLINES[state], reason=reason, remedy=remedy, since=good)


def _first(ways: Sequence[Target]) -> Target:
    return next((way for way in ways if way.origin == "given"), ways[0])


def _parted(trouble: str) -> tuple[str, str]:
    """A trouble as cause and remedy."""
    cause, _, remedy = trouble.rpartition("; ")
    return (cause, remedy) if cause else (trouble, "")


def _upset(brake: Brake | None) -> _Found | None:
    """Most of it changed at once, and that is not confirmed yet."""
    if brake is None or not brake.checks or brake.released:
        return None
    return _Found(
        state="failing", headline="changed as a whole", since=brake.since, needs_person=False,
        reason=f"{brake.why}. None of it is believed before it is confirmed.",
        remedy="nothing, unless a look with a browser shows that the site itself is broken",
    )  # fmt: skip


def silent(source: Source, ways: Sequence[Target], habit: Habit | None, now: datetime) -> _Found | None:
    """No news for far longer than is usual here, or than `expect_every` says."""
    patience = source.expect_every or (habit.odd if habit else None)
    if habit is None or patience is None or now - habit.last <= patience or not any(way.last_good for way in ways):
        return None
    expected = "expect_every says" if source.expect_every else f"for it {patience.days} days would be long"
    reason = f"It can be read, but has had nothing new for {(now - habit.last).days} days; {expected}."
    return _Found(
        state="silent", headline="has gone silent", reason=reason, since=habit.last,
        remedy="open it in a browser; it may have moved its news",
    )  # fmt: skip


def habit_of(finds: Iterable[tuple[str | None, datetime]]) -> Habit | None:
    """The habit of a source whose items have these (published, first seen); None without any."""
    days = sorted({_day(published, seen) for published, seen in finds})
    return Habit(last=days[-1], odd=_usual(days)) if days else None


def _day(published: str | None, seen: datetime) -> datetime:
    """When an item came: its day, where it has one, and never after we saw it."""
    try:
        day = date.fromisoformat(published or "")
    except ValueError:
        return seen
    return min(datetime(day.year, day.month, day.day, tzinfo=UTC), seen)


def _usual(days: Sequence[datetime]) -> timedelta | None:
    """How long a pause would be odd: thrice the longest of nine in ten; None where too little is known."""
    pauses = sorted(later - earlier for earlier, later in pairwise(days) if later - earlier > A_DAY / 2)
    return max(SOONEST, PATIENCE * pauses[9 * (len(pauses) - 1) // 10]) if len(pauses) >= RHYTHM else None


def _late(facts: Facts, ways: Sequence[Target], now: datetime) -> _Found | None:
    """Not looked at in its time, or the last looks failed and it is too early to speak of trouble."""
    if not ways or not any(way.last_checked for way in ways):
        return _Found(state="late", reason="not looked at yet", needs_person=False)
    due = min(way.due for way in ways)
    if now > due + GRACE:
        reason = f"was to be looked at on {due:%Y-%m-%d %H:%M} UTC, and was not"
        long = now - due > max(A_DAY, 3 * rhythm(facts.source.every))
        return _Found(state="late", reason=reason, remedy="see whether the daemon runs", since=due, needs_person=long)
    if not all(way.failures for way in ways):
        return None
    first = _first(ways)
    cause, _ = _parted(first.trouble)
    times = f"the last {first.failures} looks" if first.failures > 1 else "the last look"
    reason = f"{times} failed: {cause}; tried again on {due:%Y-%m-%d %H:%M} UTC"
    return _Found(state="late", reason=reason, since=first.last_good, needs_person=False)
