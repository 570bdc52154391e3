"""A Happening: one thing a check found that somebody may want to be told; its subject, key and thread. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from scraper.alert.wording import CHANGES, ON_PAGES, RELATED, SUBJECT_LENGTH, clean, cut, event_line, party_line
from scraper.text import fold
from storage.records.alert import AlertKind
from storage.records.article import Article, DateFact
from storage.records.change import Change, ChangeKind
from storage.records.partnership import LedgerMove, Partnership, PartnershipEvent, Party, RelatedEvent
from storage.records.source import Source, SourceId

# What each kind of change is to a rule's `when`; moved and reverted ones are recorded and stay silent.
KIND_OF_CHANGE: dict[ChangeKind, AlertKind] = {
    ChangeKind.NEW: "new",
    ChangeKind.CORRECTED: "changed",
    ChangeKind.EDITED: "changed",
    ChangeKind.RETITLED: "changed",
    ChangeKind.DATE_CHANGED: "changed",
    ChangeKind.REPUBLISHED: "changed",
    ChangeKind.WITHDRAWN: "withdrawn",
    ChangeKind.RESTORED: "withdrawn",
}
# The machine's own outage is one notice and no source's fault; rules for certain sources hear of it too.
THIS_MACHINE = Source(id=SourceId("this-machine"), name="the network of this machine", url="")
ALSO_TOLD = "Also told: "  # begins the subject of what one more page tells and adds nothing to
BEGAN = "%Y%m%dT%H%M%S"  # how a key writes when a trouble began
# One relationship may be told as "announced" here and as "signed" there: the same beginning.
_ACTION_FAMILIES = {"signed": "begun", "announced": "begun", "launched": "begun", "ended": "over", "suspended": "over"}
_INSTRUMENT_FAMILIES = {"membership": "membership", "sponsorship": "sponsorship"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing that one check found and that somebody may want to be told."""

    kind: AlertKind
    source: Source
    item_url: str = ""
    title: str = ""  # of the article; for source_trouble what became of the source: "cannot be read"
    language: str = ""
    article: Article | None = None
    change: Change | None = None
    move: LedgerMove | None = None  # for kind "partnership"
    related: RelatedEvent | None = None  # for kind "partnership" without a move: a neighbour of one
    published: DateFact | None = None
    looked: datetime | None = None  # previous finished look of the target that found the item; None: a baseline
    first_seen: datetime  # of the item; for source_trouble: when it began
    added_text: str = ""
    trouble: str = ""  # for kind "source_trouble": what is wrong or well again; a second line says what to do
    recovered: bool = False
    moved_to: str = ""  # the source lives at this address now
    unheard: bool = False  # an event that muted sources alone had told of: nobody has been told
    thread: str = ""  # of the relationship, where the ledger knows an earlier event of it; see `relationship`
    tells: bool = False  # for kind "withdrawn": the article tells of a partnership that was news not long ago


def subject_of(happening: Happening, *, late: bool = False) -> str:
    """The line that says it, clean enough for a header."""
    title = clean(happening.title) or clean(happening.item_url)
    match happening.kind:
        case "partnership":
            line = _partnership_subject(happening)
        case "source_trouble":
            what = "Moved" if happening.moved_to else "Recovered" if happening.recovered else "Trouble"
            line = f"{what}: {clean(happening.source.name)} {happening.title}"
        case "new":
            line = f"New: {title}{_page_of_names(happening.source)}"
        case _:
            line = f"{_changed(happening)}: {title}{_page_of_names(happening.source)}"
    tail = " (seen late)" if late else ""
    return cut(clean(line.strip()), SUBJECT_LENGTH - len(tail)) + tail


def _changed(h: Happening) -> str:
    words = CHANGES | ON_PAGES if h.source.kind == "page" else CHANGES
    return words.get(h.change.kind, "Changed") if h.change else "Changed"


def _page_of_names(source: Source) -> str:
    return f" (on {clean(source.name, 60)})" if source.kind == "page" else ""


def parties_of(h: Happening) -> tuple[Party, ...]:
    """The parties of the event or its neighbour; none for news and changes."""
    event = event_of(h)
    return event.parties if event else h.related.parties if h.related else ()


def event_of(h: Happening) -> PartnershipEvent | None:
    return h.move.entry.event if h.kind == "partnership" and h.move else None


def _partnership_subject(h: Happening) -> str:
    event = event_of(h)
    if event is None or h.move is None:
        assert h.related, "a partnership happening carries its move, or the neighbour that it is"
        return f"{RELATED[h.related.kind]}: {party_line(h.related.parties) or clean(h.title)}"
    if h.move.entry.id is None or h.unheard:
        return event_line(event)
    what = f" ({', '.join(clean(fact, 60) for fact in h.move.adds)})" if h.move.adds else ""
    prefix = "Correction: " if h.move.corrects else "Update: " if h.move.adds else ALSO_TOLD
    return f"{prefix}{event_line(event)}{what}"


def key_of(h: Happening) -> str:
    """The same for the same thing, whenever it is worked out again; from facts, as ids may not exist yet."""
    match h.kind:
        case "partnership":
            return _partnership_key(h)
        case "source_trouble" if h.moved_to:
            return f"moved:{h.source.id}:{_short(h.moved_to)}"
        case "source_trouble":
            return f"{'recovery' if h.recovered else 'trouble'}:{h.source.id}:{h.first_seen.astimezone(UTC):{BEGAN}}"
        case "new":
            return f"new:{_short(h.item_url)}"
        case _:
            version = f"{h.change.kind}:{h.change.new_version or f'{h.change.at:%Y%m%dT%H%M%S}'}" if h.change else ""
            return f"{h.kind}:{_short(h.item_url)}:{version}"


def _partnership_key(h: Happening) -> str:
    """Parties, families and the first page that told it; the ledger alone decides what is the same event."""
    event, move = event_of(h), h.move
    if event is None or move is None:
        return f"{_parties(h)}:{h.related.kind if h.related else ''}:{_short(h.item_url)}"
    witnesses = sorted(move.entry.witnesses, key=lambda witness: witness.first_seen)
    first = witnesses[0].url if witnesses else h.item_url
    families = (_INSTRUMENT_FAMILIES.get(event.instrument, "accord"), _ACTION_FAMILIES.get(event.action, event.action))
    base = f"{_parties(h)}:{':'.join(families)}:{_short(first)}"
    if move.entry.id is None or h.unheard:  # with the key of the first telling: what was mailed of it is not again
        return base
    told = "|".join(sorted(move.adds)) if move.adds else h.item_url
    return f"{base}:{'update' if move.adds else 'witness'}:{_short(told)}"


def _parties(h: Happening) -> str:
    parties = sorted({fold(party.organisation or party.name or party.acronym) for party in parties_of(h)})
    return f"partnership:{'+'.join(cut(party, 80) for party in parties)}"


def thread_of(h: Happening) -> str:
    """Alerts on one relationship, article or source stand in one thread."""
    if h.kind == "partnership":
        return h.thread or (relationship(h.move.entry) if h.move else "")
    if h.kind == "source_trouble":
        return f"source:{h.source.id}"
    return h.thread if h.tells and h.thread else f"item:{_short(h.item_url)}"


def relationship(entry: Partnership) -> str:
    """The thread that begins with this entry of the ledger: its first page and first words stay, whoever joins it."""
    told = (entry.witnesses[0].url if entry.witnesses else "", entry.history[0].what if entry.history else "")
    return f"relation:{_short(' '.join(told))}"


def said_of(h: Happening) -> tuple[str, ...]:
    """What the mail says of it beyond its subject."""
    if h.kind == "source_trouble":
        return tuple(line for line in h.trouble.split("\n") if line.strip())
    return h.move.adds if h.move else h.change.because if h.change else ()


def began(key: str) -> datetime | None:
    """When the trouble began that a key of `key_of` names."""
    try:
        return datetime.strptime(key.rpartition(":")[2], BEGAN).replace(tzinfo=UTC)
    except ValueError:
        return None


def _short(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
