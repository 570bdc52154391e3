"""What every face tells of one item or one tie: why it alerted, two of its versions, who has announced it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scraper.alert.rules import same_party
from scraper.detect.ledger import Tie, announced_by, word_line
from scraper.detect.organisations import registry_with
from scraper.errors import UserError
from storage.records.alert import Reason
from storage.records.change import Change, ChangeKind
from storage.records.observation import Item, Observation
from storage.records.partnership import Organisation, Partnership
from storage.records.source import Source
from storage.store import Catalogue

SILENT = (ChangeKind.MOVED, ChangeKind.REVERTED)


def reasons_of(
    catalogue: Catalogue, item: Item, ledger: Iterable[Partnership], changes: Iterable[Change]
) -> tuple[Reason, ...]:
    """Why it alerted or not: persons' words first, they are over every rule's; then the rules; then silent changes.

    `ledger` and `changes` are the item's own.
    """
    silent = (_silent(change) for change in changes if change.kind in SILENT)
    return (*_words(ledger), *catalogue.reasons(item.id), *silent)


def _words(ledger: Iterable[Partnership]) -> Iterator[Reason]:
    """What persons said of the events that an item tells."""
    for entry in ledger:
        for word in reversed(entry.words):
            told = f"entry {entry.id} was {word_line(word)}"
            sentence = entry.event.evidence[0].sentence if entry.event.evidence else ""
            yield Reason(rule="a person's word", version="", matched=False, reason=told, sentence=sentence)


def _silent(change: Change) -> Reason:
    why = f"{change.at:%Y-%m-%d %H:%M} {change.kind.value}: {'; '.join(change.because)}; recorded, and no rule is asked"
    return Reason(rule="", version="", matched=False, reason=why)


def two_versions(catalogue: Catalogue, item: Item, old: int | None, new: int | None) -> tuple[Observation, Observation]:
    """The versions to compare: those asked for, else the newest and the one before. Raises UserError."""
    versions = {version.version: version for version in catalogue.versions(item.id)}
    newest = max(versions)
    wanted = (old or max(newest - 1, 1), new or newest)
    missing = [number for number in wanted if number not in versions]
    if missing:
        raise UserError(f"item {item.id}", f"has no version {missing[0]}", f"it has {min(versions)} to {newest}")
    if wanted[0] == wanted[1] and old is None:
        raise UserError(f"item {item.id}", "has one version only, so nothing changed", "")
    return versions[wanted[0]], versions[wanted[1]]


def announced(tie: Tie, organisations: tuple[Organisation, ...], sources: Iterable[Source]) -> list[bool]:
    """For each party whether it told of an event itself: on its own site, or at a source that is its own."""
    domains = {body.id: body.domain for body in registry_with(organisations).organisations()}
    told = {party.name: itself for entry in tie.events for party, itself in announced_by(entry, domains)}
    asked = {witness.source for entry in tie.events for witness in entry.witnesses}
    own = [source.organisation for source in sources if source.id in asked and source.organisation]
    return [told.get(party.name, False) or any(same_party(party, body) for body in own) for party in tie.parties]
