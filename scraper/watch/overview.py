"""The health of all sources as memory has it now: one answer for `status`, dashboard, metrics and notices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from scraper.watch.complete import TOLD, with_network
from scraper.watch.health import LOOKS, NO_WAY, SOONEST, Facts, healths, refuses
from storage.records.health import Health
from storage.records.source import Source
from storage.store import Catalogue

LATELY = timedelta(days=2)  # the gaps that tell of a lost network while sources come back
NEWEST = 200  # items of a source that its rhythm is read from


def overview(catalogue: Catalogue, sources: Sequence[Source], now: datetime) -> tuple[Health, ...]:
    """Each source's health, in the order given."""
    found = healths(facts_of(catalogue, sources, now, closed=TOLD), now)
    return with_network(found, lambda gap: bool(NO_WAY.search(gap.why)))


def facts_of(
    catalogue: Catalogue, sources: Sequence[Source], now: datetime, *, closed: timedelta = LATELY
) -> tuple[Facts, ...]:
    """What memory holds of each of them; of the gaps that were closed those of so late."""
    ways, brakes, gaps, refused = (
        catalogue.ways(),
        catalogue.brakes(),
        catalogue.gaps(closed_after=now - closed),
        catalogue.refused(LOOKS),
    )
    heard = catalogue.heard_since(now - SOONEST)  # of most: what is read item by item is for the few that are silent

    def finds(source: Source) -> tuple[tuple[str | None, datetime], ...]:
        skipped = source.id in heard and source.expect_every is None
        return () if skipped else catalogue.finds(source.id, limit=NEWEST)

    return tuple(
        Facts(
            source=source, ways=ways.get(source.id, ()), finds=finds(source),
            brake=brakes.get(source.id), gaps=gaps.get(source.id, ()),
            refused=tuple(article for article in refused.get(source.id, ()) if refuses(article)),
        )
        for source in sources
    )  # fmt: skip
