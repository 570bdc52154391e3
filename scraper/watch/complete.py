"""Over which time nothing of a source can be missing: what each look at a list adds to that, and what follows. Pure.

A list that goes back to what was known at its last finished look has shown everything in between, however long that
was; one that does not leaves a gap, until its further pages, an archive or another way have shown what is in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from scraper.discover.lead import Lead
from storage.records.health import Gap, Health, Span
from storage.records.source import Target

OVERFLOW = "its list no longer goes back to the look before: what came and went meanwhile was not seen"
LATE = "not looked at in its time: it was paused, or the program or this machine was stopped"
NETWORK = "this machine had no network"
GRACE = timedelta(minutes=30)  # that a look may be overdue: visits take their time
PINNED = 2
TOLD = timedelta(days=90)  # so long closed gaps are shown


def newest_first(leads: Sequence[Lead]) -> Sequence[Lead]:
    """The leads as lists mostly have them; some begin with the oldest, which the days of neighbours tell.

    Old ones that are pinned on top rise too, but once or twice.
    """
    days = [date.latest() for lead in leads if (date := lead.published or lead.updated)]
    rising = sum(later > earlier for earlier, later in pairwise(days))
    falling = sum(later < earlier for earlier, later in pairwise(days))
    return leads[::-1] if rising > falling + PINNED else leads


def span_of(
    before: Target, *, since: datetime | None, whole: bool | None, now: datetime, shared: bool = False
) -> Span | None:
    """What a look at a list, `before` it was brought up to date, says of the time since; None of a first look.

    `whole` is None where there is nothing to tell it by: then it is whole if it was looked at in its time.
    """
    if since is None:
        return None
    late = now - before.due > GRACE and before.origin != "pagination"
    why = before.trouble if before.failures else LATE if late else ""
    whole = not why if whole is None else whole
    why = why if whole else f"{why}; {OVERFLOW}" if why else OVERFLOW
    return Span(since=since, until=now, whole=whole, run=before.run or since, why=why, shared=shared)


def completeness(
    ways: Sequence[Target], gaps: Sequence[Gap], refused: Sequence[Target], *, now: datetime, paused: bool
) -> dict[str, Any]:
    """The fields of a source's Health that say how complete it is: nothing is claimed over a gap.

    Each address of the configuration that names what nothing else does must have been seen; of all others together one.
    """
    begun, going = [], []
    for group in _groups(ways):
        good = [way for way in group if way.last_good is not None]
        if not good:
            continue
        begun.append(min(way.first_checked or now for way in good))
        if paused or all(way.failures or now > way.due + GRACE for way in good):
            last = max(good, key=lambda way: way.last_good or now)
            why = "paused" if paused else last.trouble if last.failures else LATE
            going.append(Gap(source=last.source, since=last.last_good or now, why=why, target=last.id))
    going += [gap for gap in map(_unread, refused) if gap is not None]
    stored = [gap for gap in gaps if gap.closed is None]
    missing = _merged([*stored, *going])
    if not begun:
        return {"gaps": missing}
    ends = [gap.until for gap in missing]
    goes_on = any(end is None for end in ends)
    return {
        "complete_since": None if goes_on else max([*begun, *(end for end in ends if end is not None)]),
        "complete_until": min(gap.since for gap in missing if gap.until is None) if goes_on else None,
        "gaps": missing,
        "closed": _merged([gap for gap in gaps if gap.closed is not None]),
    }


def with_network(found: Sequence[Health], cut_off: Callable[[Gap], bool]) -> tuple[Health, ...]:
    """Gaps of most sources at once, for want of a network, are told as this machine's."""
    spots = [[gap for gap in (*health.gaps, *health.closed) if cut_off(gap)] for health in found]
    watched = sum(health.state != "paused" for health in found)

    def named(gap: Gap) -> Gap:
        many = sum(any(_overlap(gap, other) for other in others) for others in spots)
        return replace(gap, why=NETWORK) if cut_off(gap) and 2 * many > watched > 1 else gap

    return tuple(
        replace(health, gaps=tuple(map(named, health.gaps)), closed=tuple(map(named, health.closed)))
        for health in found
    )


def _groups(ways: Sequence[Target]) -> list[list[Target]]:
    """Addresses of the configuration that name what nothing else does, each for itself; all others together."""
    own = [way for way in ways if way.origin == "given" and way.changes and not way.covered]
    rest = [way for way in ways if way not in own]
    return [[way] for way in own] or [rest]


def _unread(article: Target) -> Gap | None:
    """An article that was named and refused to us: something of the time when it came is missing."""
    if article.looked is None or article.last_checked is None:
        return None  # history, which nobody claims to have whole
    why = f"{article.url}: {article.trouble}"
    return Gap(source=article.source, since=article.looked, until=article.last_checked, why=why, target=article.id)


def _merged(gaps: Sequence[Gap]) -> tuple[Gap, ...]:
    """Gaps of several lists at the same time as one."""
    out: list[Gap] = []
    for gap in sorted(gaps, key=lambda each: each.since):
        if out and _overlap(out[-1], gap):
            ends = (out[-1].until, gap.until)
            last = None if None in ends else max(end for end in ends if end is not None)
            closed = max((each for each in (out[-1].closed, gap.closed) if each is not None), default=None)
            out[-1] = replace(out[-1], until=last, closed=closed)
        else:
            out.append(gap)
    return tuple(out)


def _overlap(one: Gap, other: Gap) -> bool:
    first, second = sorted((one, other), key=lambda gap: gap.since)
    return first.until is None or second.since < first.until
