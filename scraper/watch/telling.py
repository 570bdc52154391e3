"""What the events of a page do to the ledger: of a new page each of them, of an edited one only what is newly said."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from scraper.detect.fingerprint import normalised
from scraper.detect.ledger import amend, moves, party_groups, party_keys
from scraper.text import fold
from scraper.watch.policy import Policy
from scraper.watch.read import ArticleReading, understand
from storage.records.article import Article
from storage.records.partnership import (
    Findings,
    LedgerMove,
    Neighbour,
    Partnership,
    PartnershipEvent,
    PartnershipId,
    Party,
    RelatedEvent,
    Witness,
)  # fmt: skip
from storage.records.verdict import Recall, Verdict

Told = TypeVar("Told", PartnershipEvent, RelatedEvent)


def moves_of(
    events: tuple[PartnershipEvent, ...],
    witness: Witness,
    held: tuple[Partnership, ...],
    *,
    now: datetime,
    neighbours: tuple[Neighbour, ...] = (),
) -> tuple[LedgerMove, ...]:
    """What each event of a new page does to the ledger; a later event sees what the earlier ones did."""
    ledger = {int(entry.id or 0): entry for entry in held}
    found: dict[int, LedgerMove] = {}
    for event in events:
        move = moves(event, witness, tuple(ledger.values()), now=now, neighbours=neighbours)
        key = move.entry.id if move.entry.id is not None else PartnershipId(-1 - len(found))  # until memory gives one
        ledger[key] = replace(move.entry, id=key)
        first = found.get(key, move)
        adds = tuple(dict.fromkeys((*first.adds, *move.adds))) if key > 0 else ()
        entry = replace(move.entry, id=key if key > 0 else None)
        found[key] = replace(first, entry=entry, adds=adds, keys=move.keys)
    return tuple(found.values())


def amended(
    reading: ArticleReading, before: Article, base: Verdict, recall: Recall, policy: Policy
) -> tuple[LedgerMove, ...]:
    """What an edit does to the ledger: a partner gone or a verb softened is news; old words never are again."""
    witness, now = witness_of(base), base.at
    earlier = understand(before, publisher=policy.source.organisation, organisations=policy.organisations)
    rest = [_without_removed(event, before, reading.article) for event in reading.findings.events]
    found: list[LedgerMove | None] = []
    for old in earlier.findings.events:
        new = max(rest, key=lambda event: _shared(old, event), default=None)
        new = new if new is not None and _shared(old, new) else None
        if new is not None:
            rest.remove(new)
        newly = new is not None and _newly_said(new, before)
        instead = None if new is not None else _intended(old, before, reading)
        move = amend(old, new, witness, recall.ledger, now=now, instead=instead, neighbours=recall.neighbours)
        if move is None and new is not None and newly:
            move = moves(new, witness, recall.ledger, now=now, neighbours=recall.neighbours)
        if move is not None and move.entry.id is None and not newly:
            move = None  # the ledger never knew of it, and it stood there before: a better reading is no news
        found.append(move)
    fresh = (event for event in rest if _newly_said(event, before))
    found += [moves(event, witness, recall.ledger, now=now, neighbours=recall.neighbours) for event in fresh]
    return tuple(move for move in found if move is not None and (move.adds or move.new_witness))


def silent(move: LedgerMove) -> LedgerMove:
    """The move kept in the ledger and told to nobody: a page that goes back to what it said before."""
    return replace(move, adds=(), new_witness=False, corrects=False)


def related(findings: Findings) -> tuple[RelatedEvent, ...]:
    """The neighbours of partnerships, with the keys by which memory finds them when more comes of them."""
    return tuple(
        replace(near, keys=tuple(sorted({key for group in party_groups(near.parties) for key in group})))
        for near in findings.related
    )


def _without_removed(event: Told, before: Article, after: Article) -> Told:
    """An edit that takes a party out of the text often forgets the title, which must not keep it in the event."""
    old, new = fold(before.text), fold(after.text)
    kept = tuple(party for party in event.parties if not (_stands(party, old) and not _stands(party, new)))
    return replace(event, parties=kept) if len(kept) >= 2 else event


def _stands(party: Party, folded: str) -> bool:
    return any(form and fold(form) in folded for form in (party.name, party.acronym))


def _intended(old: PartnershipEvent, before: Article, reading: ArticleReading) -> RelatedEvent | None:
    """What the page says in the place of an act that it no longer tells: that it is intended."""
    keys = set(party_keys(old))
    for near in reading.findings.related:
        if near.kind == "intended" and sum(not keys.isdisjoint(group) for group in party_groups(near.parties)) >= 2:
            return _without_removed(near, before, reading.article)
    return None


def _shared(one: PartnershipEvent, other: PartnershipEvent) -> int:
    return len(set(party_keys(one)) & set(party_keys(other)))


def _newly_said(event: PartnershipEvent, before: Article) -> bool:
    """Whether a sentence of its evidence was not in the text before; the title counts where nothing else speaks."""
    old = normalised(f"{before.title}\n{before.deck}\n{before.text}")
    body = [evidence for evidence in event.evidence if evidence.block >= 0] or event.evidence
    return any(normalised(evidence.sentence) not in old for evidence in body)


def witness_of(base: Verdict) -> Witness:
    """The page of this look as a witness."""
    return Witness(item=base.target.item, source=base.target.source, url=base.target.url, first_seen=base.at)
