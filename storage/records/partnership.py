"""Partnerships: what one page announces (PartnershipEvent), and what we hold of it (Partnership, the ledger)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NewType

from storage.records.article import DateFact
from storage.records.source import ItemId, SourceId

PartnershipId = NewType("PartnershipId", int)
WordId = NewType("WordId", int)
Instrument = Literal[
    "mou", "loi", "cooperation_agreement", "framework_agreement", "strategic_partnership", "alliance",
    "joint_declaration", "membership", "sponsorship", "partnership",
]  # fmt: skip
Action = Literal[
    "signed", "announced", "launched", "renewed", "extended", "strengthened", "joined", "ended", "suspended",
]  # fmt: skip
Certainty = Literal["sure", "possible"]
RelatedKind = Literal["intended", "merger", "joint_statement", "background"]
Status = Literal["open", "confirmed", "rejected"]
Verb = Literal["confirm", "reject", "correct", "merge", "split"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """An organisation as the text names it; `organisation` is the registry's id where it is known."""

    name: str
    acronym: str = ""
    organisation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """A body of the registry: its own name, what else it is called, and where it lives."""

    id: str  # domain, or "acronym:country" where none is known
    name: str
    acronym: str = ""
    aliases: tuple[str, ...] = ()
    domain: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The sentence that convinced us; `block` is its place in Article.blocks, -1 is the title, -2 the deck."""

    sentence: str
    block: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatory:
    """Who put a name to it, as the text says: the person, the role, and the body where it stands beside them."""

    name: str
    role: str = ""
    organisation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnershipEvent:
    """Two or more bodies signed, renewed, ended ... something: as one page says it."""

    parties: tuple[Party, ...]
    instrument: Instrument
    action: Action
    date: DateFact | None = None  # of the act, only where a sentence says it of the act
    announced: DateFact | None = None  # of its publication
    since: str | None = None
    until: str | None = None
    certainty: Certainty = "sure"
    score: float = 0.0
    because: tuple[tuple[str, float], ...] = ()  # the parts of the score, which add up
    evidence: tuple[Evidence, ...] = ()
    place: str = ""
    signatories: tuple[Signatory, ...] = ()
    purpose: str = ""  # a sentence of the text


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedEvent:
    """A neighbour of a partnership: intended, merger, joint statement, background. Never mailed at once."""

    kind: RelatedKind
    parties: tuple[Party, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    keys: tuple[str, ...] = ()  # party keys, by which memory finds it when more comes of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A related event that memory holds, with the page that told it and when that was first seen."""

    event: RelatedEvent
    url: str
    seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All that one article says about ties between organisations, strongest first."""

    events: tuple[PartnershipEvent, ...] = ()
    related: tuple[RelatedEvent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A page that tells of an event; `told` is the event as this page alone says it."""

    item: ItemId | None = None
    source: SourceId
    url: str
    first_seen: datetime
    told: PartnershipEvent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What a person said of an entry: a fact of its own, kept apart from what pages say and laid over it.

    Of the facts only those given count: for `correct` the new ones (`without` names those that are to be empty), for
    `split` the page or the party taken out, for `split` of a page and for `merge` the other entry.
    """

    id: WordId | None = None
    verb: Verb
    at: datetime
    by: str = ""
    note: str = ""
    parties: tuple[Party, ...] = ()
    instrument: Instrument | None = None
    action: Action | None = None
    date: DateFact | None = None
    since: str | None = None
    until: str | None = None
    without: tuple[str, ...] = ()
    url: str = ""
    other: PartnershipId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryNote:
    """One line of a ledger entry's past: what was added or amended, by which page, when."""

    at: datetime
    what: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Partnership:
    """One event of the ledger with all its witnesses.

    `event` and `status` are what follows from the witnesses' tellings with the persons' words laid over them.
    """

    id: PartnershipId | None = None
    event: PartnershipEvent
    status: Status = "open"
    first_seen: datetime
    witnesses: tuple[Witness, ...] = ()
    history: tuple[HistoryNote, ...] = ()
    words: tuple[Word, ...] = ()  # oldest first
    merged_into: PartnershipId | None = None  # a person said that it is the same event as that one


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerMove:
    """What one check does to the ledger: a new entry, or a known one with a witness or facts more.

    `entry.id` None means a new one. `adds` says in words what the witness adds or contradicts
    (party, date, instrument, end); empty means it only stands beside the others. `corrects` says that an edit took
    something back that had been told as sure: news for whoever was told.
    """

    entry: Partnership
    adds: tuple[str, ...] = ()
    new_witness: bool = True
    corrects: bool = False
    keys: tuple[str, ...] = ()  # party keys of the entry, by which memory finds it again
