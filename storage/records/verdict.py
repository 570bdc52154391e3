"""What passes between thought and memory: Question, Recall, Verdict, CheckReport."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from storage.records.alert import Alert, Reason
from storage.records.change import Change
from storage.records.health import Span
from storage.records.observation import Item, ItemState, Observation
from storage.records.partnership import LedgerMove, Neighbour, Partnership, RelatedEvent
from storage.records.source import ItemId, SourceId, Target, TargetId


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a check asks memory, drawn from its reading."""

    identities: tuple[str, ...] = ()  # of leads: which are known?
    content: str = ""  # content hash: who else says exactly this?
    bands: tuple[int, ...] = ()  # who looks alike?
    translations: tuple[str, ...] = ()  # identities at which the same may stand in another language
    published: str = ""  # the day: what else of the source is of that day?
    parties: tuple[tuple[str, ...], ...] = ()  # for each party its keys: what does the ledger hold of two of them?


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAlike:
    """Another item whose latest version may be the same text."""

    item: Item
    observation: Observation
    exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenVersion:
    """One earlier version in short, for A-B-A."""

    version: int
    content: str
    seen: datetime
    published: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """What memory answers: one query's worth of the past."""

    item: Item | None = None
    observation: Observation | None = None  # the latest version
    versions: tuple[SeenVersion, ...] = ()  # newest first
    known: frozenset[str] = frozenset()  # those of Question.identities that are targets already
    lists: frozenset[str] = frozenset()  # identities of the source's discovery targets
    left: frozenset[str] = frozenset()  # those of them that a first look left alone and nobody has asked for yet
    recent: frozenset[str] = frozenset()  # those of them that came since this list's last look, or its parent's
    entries: tuple[tuple[Target, Item], ...] = ()  # of a page that is a list of entries
    addresses: tuple[Target, ...] = ()  # other live targets that lead to the same item
    look_alikes: tuple[LookAlike, ...] = ()
    siblings: tuple[LookAlike, ...] = ()  # items of the source that may be translations; exact: by their address
    ledger: tuple[Partnership, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()  # what was told of intentions of the same parties
    articles: int = 0  # article targets of this source, for a first look's bound
    feeds: int = 0  # feeds of this source whose last look was good
    last_good: datetime | None = None  # of this target, before this look
    looks_alike_targets: tuple[Target, ...] = ()  # live targets of look-alikes in the same source


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """All that one check found and wants to write, printable, stored in one transaction.

    A quiet check is only `target` and `because`. `because` also says why nothing happened.
    """

    target: Target
    at: datetime
    outcome: str  # one word for reports: read, not_modified, refused, failed, unfit, trouble
    because: tuple[str, ...] = ()
    seen: bool = False  # the item was looked at and stands: touch last_seen
    new_item: bool = False
    observation: Observation | None = None
    reread: Observation | None = None  # a known version as today's reader has it: takes the place of the old reading
    state: ItemState | None = None  # the item's new state, if it changes
    story: ItemId | None = None  # the item this one tells the same story as
    moved_to: str = ""  # the item's new canonical address
    changes: tuple[Change, ...] = ()
    ledger: tuple[LedgerMove, ...] = ()
    related: tuple[RelatedEvent, ...] = ()
    targets: tuple[Target, ...] = ()  # new ones, from leads; known ones that are to be looked at sooner
    alerts: tuple[Alert, ...] = ()
    reasons: tuple[Reason, ...] = ()  # why each rule did or did not alert
    span: Span | None = None  # of a list: what the look says of the time since the one before
    parts: tuple[Verdict, ...] = ()  # on the entries of a page, kept with it; a new one's target has no id yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Brake:
    """A source most of whose items changed at once: none of it is believed before it is confirmed."""

    since: datetime
    checks: int = 1
    items: int = 0  # that changed
    why: str = ""
    released: bool = False  # it was confirmed; what is still to be looked at of it passes


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What keeping a Verdict made: the ids memory gave."""

    target: TargetId
    item: ItemId | None = None
    partnerships: tuple[int, ...] = ()
    alerts: int = 0
    targets: int = 0
    parts: tuple[Kept, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """A Verdict in short, for progress, tables and telemetry."""

    source: SourceId
    url: str
    kind: str
    outcome: str
    item: ItemId | None = None
    title: str = ""
    changes: tuple[str, ...] = ()
    partnerships: int = 0
    alerts: int = 0
    new_targets: int = 0
    trouble: str = ""
    because: tuple[str, ...] = ()
    requests: int = 0  # that went out for this check, robots files and redirects included
    parts: tuple[CheckReport, ...] = ()  # one for each entry of a page that came, went or came back
    verdict: Verdict | None = field(default=None, repr=False)
    items: tuple[CheckReport, ...] = ()  # of an issue that was read
