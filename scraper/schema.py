"""The JSON that the program promises, as types. `shapes` makes it, mypy holds both equal, the API publishes them.

Moments are ISO 8601 in UTC, to the second: "2026-03-02T09:00:00Z". What is not known is null or empty.
"""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict  # pydantic takes no other before Python 3.12

from storage.records.article import BlockKind, Precision, SectionKind
from storage.records.change import DiffOp, Significance
from storage.records.health import State
from storage.records.partnership import Action, Certainty, Instrument, RelatedKind, Status


class DateJson(TypedDict):
    """A date as precise as the page gives it, and where it was read."""

    value: str
    precision: Precision
    origin: str


class BlockJson(TypedDict):
    kind: BlockKind
    text: str


class TeaserJson(TypedDict):
    title: str
    url: str
    heading: str
    snippet: str
    truncated: bool


class AboutJson(TypedDict):
    organisation: str
    text: str


class SectionJson(TypedDict):
    kind: SectionKind
    heading: str
    text: str


class QuoteJson(TypedDict):
    speaker: str
    role: str
    organisation: str
    text: str


class PartyJson(TypedDict):
    name: str
    acronym: str
    organisation: str | None


class EvidenceJson(TypedDict):
    sentence: str
    block: int


class WeightJson(TypedDict):
    part: str
    score: float


class SignatoryJson(TypedDict):
    name: str
    role: str
    organisation: str


class EventJson(TypedDict):
    """What a page announces."""

    parties: list[PartyJson]
    instrument: Instrument
    action: Action
    date: DateJson | None
    announced: DateJson | None
    since: str | None
    until: str | None
    certainty: Certainty
    score: float
    because: list[WeightJson]
    evidence: list[EvidenceJson]
    place: str
    signatories: list[SignatoryJson]
    purpose: str


class RelatedJson(TypedDict):
    """A neighbour of a partnership event."""

    kind: RelatedKind
    parties: list[PartyJson]
    evidence: list[EvidenceJson]


class ArticleJson(TypedDict):
    """What one page says, as `inspect` prints it."""

    url: str
    canonical: str
    title: str
    deck: str
    language: str
    authors: list[str]
    published: DateJson | None
    updated: DateJson | None
    dateline: DateJson | None
    text: str
    blocks: list[BlockJson]
    teasers: list[TeaserJson]
    about: list[AboutJson]
    sections: list[SectionJson]
    quotes: list[QuoteJson]
    unfit: str | None
    partnerships: list[EventJson]
    related: list[RelatedJson]


class WitnessJson(TypedDict):
    source: str
    url: str
    first_seen: str


class NoteJson(TypedDict):
    at: str
    what: str
    url: str


class _Entry(TypedDict):
    id: int | None
    status: Status
    first_seen: str


class _Told(TypedDict):
    witnesses: list[WitnessJson]
    history: list[NoteJson]


class PartnershipJson(_Entry, EventJson, _Told):
    """One entry of the ledger."""


class ItemFacts(TypedDict):
    id: int
    source: str
    url: str
    title: str
    published: str | None
    first_seen: str
    last_seen: str
    state: Literal["present", "withdrawn", "moved"]
    versions: int


class ItemJson(ItemFacts):
    """One article through time; `witnesses` is how many pages tell its story."""

    witnesses: int


class ChangeJson(TypedDict):
    """What happened to an item."""

    id: int | None
    item: int | None
    source: str
    url: str
    kind: str
    at: str
    significance: Significance
    because: list[str]
    old_version: int | None
    new_version: int | None


class FullItemJson(ItemFacts):
    """An item with its newest version and all that is known of it; `witnesses` are the pages that tell its story."""

    article: ArticleJson
    adds: list[str]
    witnesses: list[ItemJson]
    changes: list[ChangeJson]
    partnerships: list[PartnershipJson]


class AlertJson(TypedDict):
    """One row of the outbox."""

    id: int | None
    rule: str
    item: int | None
    kind: str
    channel: str
    to: str
    mode: str
    state: Literal["waiting", "sending", "sent", "unknown", "failed"]
    attempts: int
    due: str
    message_id: str
    subject: str
    because: list[str]
    last_error: str


class ReasonJson(TypedDict):
    rule: str
    version: str
    matched: bool
    reason: str
    sentence: str


class ExplanationJson(TypedDict):
    """Why rules alerted on an item, or did not."""

    item: int
    alerted: bool
    because: list[ReasonJson]


class WordsJson(TypedDict):
    op: Literal["equal", "added", "removed"]
    text: str


class BlockDiffJson(TypedDict):
    op: DiffOp
    old: str
    new: str
    words: list[WordsJson]


class DiffJson(TypedDict):
    """What changed between two versions, word by word."""

    item: int
    old: int
    new: int
    blocks: list[BlockDiffJson]
    facts: list[str]


class SourceJson(TypedDict):
    """One source of the configuration; `last_good` is its last good look, `next` the next one due."""

    id: str
    name: str
    url: str
    every: str
    enabled: bool
    tags: list[str]
    items: int
    last_good: str | None
    next: str | None


class GapJson(TypedDict("_From", {"from": str})):  # a key that is no name in Python
    """A time of which something may be missing; `to` is null while it goes on."""

    to: str | None
    why: str


class ClosedJson(GapJson):
    """A gap that was caught up with, and when."""

    closed: str | None


class HealthJson(TypedDict):
    """How one source stands; `complete_since` is null while a gap goes on, and up to `complete_until` all was seen."""

    source: str
    name: str
    url: str
    state: State
    reason: str
    remedy: str
    since: str | None
    last_good: str | None
    next: str | None
    muted: bool
    moved: bool
    needs_person: bool
    complete_since: str | None
    complete_until: str | None
    gaps: list[GapJson]
    closed: list[ClosedJson]


class HostJson(TypedDict):
    """What one host was asked; gaps in seconds, the port left out where it is the usual one."""

    host: str
    requests: int
    bytes: int
    not_modified: int
    shortest_gap: float | None
    crawl_delay: float | None
    refused: int
    trouble: str


class HitJson(ItemFacts):
    """An item that answers a search, in the newest `version` that does; `current`: it says so today.

    `marks` are the [start, end) places of what was asked for in `snippet`, counted in characters.
    """

    version: int
    current: bool
    snippet: str
    marks: list[tuple[int, int]]
