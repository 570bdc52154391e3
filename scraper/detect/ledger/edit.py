"""What an edit of a page does to the entry it is a witness of: a partner gone, a verb softened, an end told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from scraper.detect.ledger.merge import in_words, missing, moves, retold
from scraper.detect.ledger.same import FAMILY, held_by, instruments_fit, keys_of, same_page
from storage.records.article import DateFact
from storage.records.partnership import (
    HistoryNote,
    LedgerMove,
    Neighbour,
    Partnership,
    PartnershipEvent,
    RelatedEvent,
    Witness,
)  # fmt: skip


def amend(
    before: PartnershipEvent | None,
    after: PartnershipEvent | None,
    witness: Witness,
    known: tuple[Partnership, ...],
    *,
    now: datetime,
    instead: RelatedEvent | None = None,
    neighbours: tuple[Neighbour, ...] = (),
) -> LedgerMove | None:
    """The move of an edit that made `before` into `after`, or into mere intention (`instead`). None: nothing.

    The first wording stays in the history; facts that other witnesses still tell are kept.
    """
    ends = before and after and FAMILY[after.action] == "ended" != FAMILY[before.action]
    held = None if before is None or ends else _told_here(before, witness, known, now)
    if before is None or held is None:
        return moves(after, witness, known, now=now, neighbours=neighbours) if after is not None else None
    says = tuple(_softened(before, after, instead))
    if not says:
        return None
    entry = retold(held, witness, _now_told(before, after, instead))
    original = f"said before the edit: {in_words(before)}"
    notes = tuple(HistoryNote(at=now, what=text, url=witness.url) for text in (original, *says))
    entry = replace(entry, history=(*held.history, *notes))
    return LedgerMove(
        entry=entry, adds=says, new_witness=False, corrects=held.event.certainty == "sure", keys=keys_of(entry)
    )


def _told_here(
    before: PartnershipEvent, witness: Witness, known: tuple[Partnership, ...], now: datetime
) -> Partnership | None:
    """The entry that this page told so, or, where today's reader reads the old text otherwise, the likeliest."""
    for entry in known:
        if any(same_page(witness, w) and (w.told or entry.event) == before for w in entry.witnesses):
            return entry
    return held_by(before, witness, known, now)


def _now_told(
    before: PartnershipEvent, after: PartnershipEvent | None, instead: RelatedEvent | None
) -> PartnershipEvent:
    """What the page tells now. What it no longer says at all stays as it was, possible only."""
    if after is not None:
        return replace(after, date=after.date or before.date)
    if instead is not None:
        return replace(before, certainty="possible", parties=instead.parties, evidence=instead.evidence)
    return replace(before, certainty="possible")


def _softened(before: PartnershipEvent, after: PartnershipEvent | None, instead: RelatedEvent | None) -> Iterator[str]:
    parties = after.parties if after is not None else instead.parties if instead is not None else before.parties
    for party in missing(before.parties, parties):
        yield f"no longer names {party.name} as a party"
    for party in missing(parties, before.parties):
        yield f"now names {party.name} as a party"
    if after is None:
        told = f"no longer says that it was {before.action}"
        yield f"{told}, now that it is intended" if instead is not None else told
        return
    if FAMILY[before.action] != FAMILY[after.action]:
        yield f"now says {after.action}, not {before.action}"
    if not instruments_fit(before.instrument, after.instrument):
        yield f"now calls it {after.instrument.replace('_', ' ')}, not {before.instrument.replace('_', ' ')}"
    if before.certainty == "sure" and after.certainty == "possible":
        yield "now says it less surely"
    for what, old, new in (("day", before.date, after.date), ("term", before.until, after.until)):
        if old is not None and new is not None and _value(old) != _value(new):
            yield f"changes the {what}: {_value(new)}, not {_value(old)}"


def _value(fact: DateFact | str) -> str:
    return fact if isinstance(fact, str) else fact.value
