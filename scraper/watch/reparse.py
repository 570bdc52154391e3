"""History read again: every version from its archived body, by the reader of today. Nobody is told of anything."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from scraper.detect.change import differences
from scraper.detect.ledger import party_groups, party_keys, sides
from scraper.errors import DamagedError
from scraper.parse import EXTRACTOR_VERSION
from scraper.watch.check import Hands
from scraper.watch.ingest import File, Job, pieces_of
from scraper.watch.kind import is_pdf, kind_of
from scraper.watch.policy import Policy
from scraper.watch.read import ArticleReading, ReadJob, read
from scraper.watch.telling import moves_of, related
from storage.records.article import Article
from storage.records.observation import Item, Observation
from storage.records.partnership import Findings, LedgerMove, Partnership, PartnershipEvent, Witness
from storage.records.source import NO_HINTS, TargetKind
from storage.store import Catalogue, Filter, Work

FROM_LEADS = ("feed", "sitemap", "listing")  # dates that a lead gave, which the page itself does not hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread:
    """One version whose reading differs today, and how; `why` alone says why one could not be read again."""

    item: Item
    version: int
    differs: tuple[str, ...] = ()
    why: str = ""


@dataclass(slots=True)
class Count:
    """How many versions were read again, and how many of them read differently or not at all."""

    read: int = 0
    differ: int = 0
    unread: int = 0


async def reparse(
    *, hands: Hands, catalogue: Catalogue, source: str = "", write: bool, report: Callable[[Reread], None]
) -> Count:
    """Read the archive again, item by item; `write` puts the readings in the place of the old ones.

    Partnerships follow the finder of today: what it finds now is entered, and what it no longer finds on the only page
    that told of it goes, unless a person has confirmed it. No alert is made.
    """
    count = Count()
    for row in reversed(catalogue.items(Filter(source=source))):
        for seen in catalogue.versions(row.item.id):
            newest = seen.version == row.item.versions
            reading = await _read_again(row.item, seen, hands)
            if not isinstance(reading, ArticleReading):
                count.unread += 1
                report(Reread(item=row.item, version=seen.version, why=reading))
                continue
            count.read += 1
            after = replace(seen, article=reading.article, fingerprint=reading.fingerprint, extractor=EXTRACTOR_VERSION)
            settle = partial(_settled, row.item, after, reading.findings, newest, write)
            ledger = await hands.writer.write(settle)
            if differs := (*_differs(seen, reading.article), *ledger.lines()):
                count.differ += 1
                report(Reread(item=row.item, version=seen.version, differs=differs))
    return count


async def _read_again(item: Item, seen: Observation, hands: Hands) -> ArticleReading | str:
    try:
        body = await asyncio.to_thread(hands.archive.get, seen.raw) if seen.raw else None
    except DamagedError as error:
        return str(error)
    if body is None:
        return "its page is not in the archive"
    if kind_of(body) == "mail" or not item.url.startswith("http"):
        return await _taken_again(item, seen, body, hands)
    dated, policy, address = seen.article.published, _policy(item, hands), seen.article.url or item.url
    job = ReadJob(
        kind=TargetKind.ARTICLE, url=address.partition("#")[0], body=body, seen=seen.seen,
        hint=dated if dated is not None and dated.origin in FROM_LEADS else None,
        hints=policy.source.hints if policy else NO_HINTS,
        cover=seen.article if is_pdf(body) and ".pdf" not in address.lower() else None,
        publisher=policy.source.organisation if policy else "", organisations=policy.organisations if policy else (),
    )  # fmt: skip
    reading = await hands.reader.read(read, job)
    if not isinstance(reading, ArticleReading):
        return getattr(reading, "reason", "is no article")
    reading = next((each for each in reading.items if each.article.url == address), reading)
    if "#" in address and reading.article.url != address:
        return "its page no longer holds it"
    return f"today it reads as unfit: {reading.article.unfit}" if reading.article.unfit is not None else reading


async def _taken_again(item: Item, seen: Observation, body: bytes, hands: Hands) -> ArticleReading | str:
    """What was taken in as a file: the piece of it that has this item's address."""
    policy = _policy(item, hands)
    file = File(name=item.url, body=body, url=item.url.partition("#")[0] if item.url.startswith("http") else "")
    job = Job(
        file=file, key=seen.raw, seen=seen.seen, publisher=policy.source.organisation if policy else "",
        organisations=policy.organisations if policy else (),
    )  # fmt: skip
    pieces = await hands.reader.read(pieces_of, job)
    if not isinstance(pieces, tuple):
        return pieces.reason
    return next((piece.reading for piece in pieces if piece.url == item.url), "its file no longer holds it")


def _policy(item: Item, hands: Hands) -> Policy | None:
    with suppress(KeyError):  # its source has left the configuration
        return hands.policy(item.source)
    return None


def _differs(seen: Observation, after: Article) -> Iterator[str]:
    for found in differences(seen, after):
        yield from found.because


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ledger:
    """What today's finder makes of a page: moves to write, and entries that it no longer finds."""

    moves: tuple[LedgerMove, ...] = ()
    gone: tuple[Partnership, ...] = ()

    def lines(self) -> Iterator[str]:
        for move in self.moves:
            yield f"partnership found: {_named(move.entry.event)}"
        for entry in self.gone:
            yield f"partnership no longer found: {_named(entry.event)}"


def _named(event: PartnershipEvent) -> str:
    return f"{' and '.join(party.acronym or party.name for party in event.parties)} {event.action}"


def _settled(item: Item, seen: Observation, findings: Findings, newest: bool, write: bool, work: Work) -> _Ledger:
    ledger = _ledger(work, item, findings.events) if newest else _Ledger()
    if write:
        work.keep_reading(seen, item.id, related=related(findings) if newest else None)
        for move in ledger.moves:
            work.keep_move(move, item.id)
        for entry in ledger.gone:
            work.forget_witness(entry, item.id)
    return ledger


def _ledger(work: Work, item: Item, events: tuple[PartnershipEvent, ...]) -> _Ledger:
    known = work.ledger(party_groups(party for event in events for party in event.parties), item=item.id)
    told = [entry for entry in known if any(witness.item == item.id for witness in entry.witnesses)]
    gone = [entry for entry in told if not entry.words and not _found(entry, events)]
    stay = tuple(entry for entry in known if entry not in gone)
    new = tuple(event for event in events if not any(_found(entry, (event,)) for entry in told))
    witness = Witness(item=item.id, source=item.source, url=item.url, first_seen=item.first_seen)
    return _Ledger(moves=moves_of(new, witness, stay, now=item.first_seen), gone=tuple(gone))


def _found(entry: Partnership, events: tuple[PartnershipEvent, ...]) -> bool:
    """Whether one of the events is of two parties of the entry at least, as it stands or as a page told it."""
    groups = [party_groups(side.parties) for side in sides(entry)]
    return any(
        sum(not keys.isdisjoint(group) for group in parties) > 1
        for keys in (set(party_keys(event)) for event in events)
        for parties in groups
    )
