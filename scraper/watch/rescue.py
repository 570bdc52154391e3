"""A source none of whose addresses works any more is looked for: on its own site, then where the catalogue knows it.

Another way takes the place of the broken one when it names the items that memory holds; the configuration's address
comes back to its right as soon as it is another.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlsplit

from scraper import catalogue
from scraper.url import canonical, identity
from scraper.watch.check import Hands
from scraper.watch.health import LOOKS
from scraper.watch.scout import Found, first_that
from storage.records.source import Source, SourceId, Target
from storage.store import Catalogue, Work

SAME = 3  # of the newest items that must be named, or all where there are fewer
NEWEST = 10

Tried = dict[SourceId, int]  # at how many failures a source was looked for last


async def rescue(sources: Iterable[Source], memory: Catalogue, hands: Hands, tried: Tried) -> tuple[Found, ...]:
    """Look for these broken sources, each at its third failure in a row, its sixth, its twelfth ...; what was found."""
    found = []
    for source in sources:
        ways = memory.targets(source.id, discovering=True)
        failures = min((way.failures for way in ways), default=0)
        if source.kind == "page" or tried.get(source.id) == failures or not _is_turn(failures):
            continue
        tried[source.id] = failures
        if (way := await _other_way(source, memory, hands)) is not None:
            found.append(way)
            await hands.writer.write(lambda work, source=source, way=way: _adopt(work, source, way, hands))  # type: ignore[misc]
    return tuple(found)


def _is_turn(failures: int) -> bool:
    turns, rest = divmod(failures, LOOKS)
    return rest == 0 and turns > 0 and turns & (turns - 1) == 0


async def _other_way(source: Source, memory: Catalogue, hands: Hands) -> Found | None:
    known = memory.newest_addresses(source.id, NEWEST)
    parts = urlsplit(source.url)
    places = [f"{parts.scheme}://{parts.netloc}/"]
    places += [other.url for other in catalogue.others(source.url, source.organisation, source.name)]

    def same(found: Found) -> bool:
        named = {identity(canonical(lead.url)) for lead in found.leads}
        return bool(known) and len(named & set(known)) >= min(SAME, len(known))

    at = await first_that(
        source, places, lambda found: any(map(same, found)), fetcher=hands.fetcher, reader=hands.reader,
        clock=hands.clock,
    )  # fmt: skip
    return next(filter(same, at[1])) if at is not None else None


def _adopt(work: Work, source: Source, way: Found, hands: Hands) -> None:
    """The new address in the place of the broken ones, with a baseline of its own: news is what is dated since."""
    broken = [target for target in work.targets_of(source.id, discovering=True) if target.failures]
    given = next((target for target in broken if target.origin == "given"), None)
    good = max((target.last_good for target in broken if target.last_good), default=None)
    for target in broken:
        if target is given or target.origin != "given":
            work.keep_target(replace(target, retired=True))
    address, since = canonical(way.url), given.first_checked if given is not None else None
    configured = (given.configured or given.identity) if given is not None else identity(canonical(source.url))
    work.add_targets([
        Target(
            source=source.id, kind=way.kind, url=address, identity=identity(address), due=hands.clock.now(),
            looked=good, configured=configured, changes=1, first_checked=since,
        )
    ])  # fmt: skip
