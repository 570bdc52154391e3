"""The health of all sources as memory has it now: one answer for `status`, dashboard, metrics and notices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from scraper.watch.complete import with_network
from scraper.watch.health import LOOKS, UNREACHED, Facts, healths, refuses
from storage.records.health import Health
from storage.records.source import Source
from storage.store import Catalogue

NEWEST = 200  # items of a source that its rhythm is read from


def overview(catalogue: Catalogue, sources: Sequence[Source], now: datetime) -> tuple[Health, ...]:
    """Each source's health, in the order given."""
    found = healths(facts_of(catalogue, sources), now)
    return with_network(found, lambda gap: bool(UNREACHED.search(gap.why)))


def facts_of(catalogue: Catalogue, sources: Sequence[Source]) -> tuple[Facts, ...]:
    """What memory holds of each of them."""
    ways, brakes, gaps, refused = catalogue.ways(), catalogue.brakes(), catalogue.gaps(), catalogue.refused(LOOKS)
    return tuple(
        Facts(
            source=source, ways=ways.get(source.id, ()), finds=catalogue.finds(source.id, limit=NEWEST),
            brake=brakes.get(source.id), gaps=gaps.get(source.id, ()),
            refused=tuple(article for article in refused.get(source.id, ()) if refuses(article)),
        )
        for source in sources
    )  # fmt: skip
