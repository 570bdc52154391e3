"""The health of all sources as memory has it now: one answer for `status`, dashboard, metrics and notices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from scraper.watch.complete import TOLD, with_network
from scraper.watch.health import LOOKS, NO_WAY, SOONEST, Facts, Habit, habit_of, healths, refuses
from storage.records.health import Health
from storage.records.source import Source, SourceId
from storage.store import Catalogue

LATELY = timedelta(days=2)  # the gaps that tell of a lost network while sources come back
NEWEST = 200  # items of a source that its habit is read from
Habits = dict[SourceId, tuple[object, Habit | None]]
"""Habits as last read, each with what it was read at: the newest item and change of its source, and the day, since
another reading of the archive may give old items other dates and is no change."""


def overview(
    catalogue: Catalogue, sources: Sequence[Source], now: datetime, *, habits: Habits | None = None
) -> tuple[Health, ...]:
    """Each source's health, in the order given. Who asks often keeps `habits`: they are costly, and seldom change."""
    found = healths(facts_of(catalogue, sources, now, closed=TOLD, habits=habits), now)
    return with_network(found, lambda gap: bool(NO_WAY.search(gap.why)))


def facts_of(
    catalogue: Catalogue, sources: Sequence[Source], now: datetime, *, closed: timedelta = LATELY,
    habits: Habits | None = None,
) -> tuple[Facts, ...]:  # fmt: skip
    """What memory holds of each of them; of the gaps that were closed those of so late."""
    ways, brakes, gaps, refused = (
        catalogue.ways(),
        catalogue.brakes(),
        catalogue.gaps(closed_after=now - closed),
        catalogue.refused(LOOKS),
    )
    heard = catalogue.heard_since(now - SOONEST)  # of most: what is read item by item is for the few that are silent
    newest, known = catalogue.newest(), habits if habits is not None else {}

    def habit(source: Source) -> Habit | None:
        if source.id in heard and source.expect_every is None:
            return None
        mark = (newest.get(source.id), now.date())
        if known.get(source.id, (None,))[0] != mark:
            known[source.id] = mark, habit_of(catalogue.finds(source.id, limit=NEWEST))
        return known[source.id][1]

    return tuple(
        Facts(
            source=source, ways=ways.get(source.id, ()), habit=habit(source),
            brake=brakes.get(source.id), gaps=gaps.get(source.id, ()),
            refused=tuple(article for article in refused.get(source.id, ()) if refuses(article)),
        )
        for source in sources
    )  # fmt: skip
