"""How one alert reads: the facts that memory holds of it become a Page, and the Page a Message. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from scraper.alert.mail import Envelope, make_mail
from scraper.alert.page import DiffBlock, Line, Op, Page, Section, render
from scraper.alert.when import zone
from scraper.alert.wording import CHANGES, INSTRUMENTS, LONG, clean, date_line, iso_line, party_name
from scraper.text import fold
from storage.records.alert import Alert, Message
from storage.records.article import Article, DateFact
from storage.records.change import Change
from storage.records.partnership import Partnership, Party, RelatedEvent
from storage.records.source import Source, SourceId

_PREFIXES = ("Update", "Correction", "Also told", "New", "Trouble", "Recovered", *CHANGES.values())
MOST = 24  # parties and witnesses that a mail shows
_KICKERS = {"partnership": "Partnership", "source_trouble": "Source"}
_ORIGINS = {
    "json-ld": "the page's data",
    "meta": "the page's data",
    "time": "the date on the page",
    "dateline": "the dateline",
    "text": "the text",
    "url": "the address",
    "feed": "the feed",
    "sitemap": "the sitemap",
    "twin": "another page of the same story",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFacts:
    """All that a mail about one alert may show; what is unknown stays empty."""

    alert: Alert
    now: datetime  # the mail's Date
    source_name: str = ""
    item_url: str = ""
    article: Article | None = None
    partnership: Partnership | None = None
    related: RelatedEvent | None = None  # a neighbour of a partnership, for the digest
    changes: tuple[Change, ...] = ()
    diff: tuple[DiffBlock, ...] = ()
    adds: tuple[str, ...] = ()  # what a later witness adds
    sources: tuple[Source, ...] = ()  # all that are watched: names of witnesses, and which party has not announced
    first_seen: datetime | None = None
    trouble: str = ""  # for source_trouble: what is wrong
    last_good: datetime | None = None  # for source_trouble: the last good look
    remedy: str = ""  # for source_trouble: what to do
    timezone: str = "UTC"  # the reader's
    public_url: str = ""  # of the dashboard; empty: no links to it
    archived: str = ""  # path of the archived page below public_url, or where it lies on disk
    sender: str = ""
    list_id: str = ""


def compose(facts: AlertFacts) -> Message:
    """The mail of one alert; the same facts give the same bytes."""
    text, html = render(page_of(facts))
    alert = facts.alert
    envelope = Envelope(
        key=alert.key,
        channel=alert.channel,
        to=alert.to,
        sender=facts.sender,
        subject=alert.subject,
        date=facts.now,
        thread=alert.thread,
        list_id=facts.list_id,
    )
    return make_mail(envelope, text=text, html=html)


def page_of(facts: AlertFacts) -> Page:
    """The content of the mail, before it has a form."""
    prefix, _, rest = facts.alert.subject.partition(": ")
    named = prefix in _PREFIXES
    return Page(
        kicker=prefix if named else _KICKERS.get(facts.alert.kind, facts.alert.kind),
        headline=(rest if named else facts.alert.subject).removesuffix(" (seen late)"),
        url=facts.item_url,
        lead=tuple(_lead(facts)),
        sections=tuple(section for section in _sections(facts) if section),
        links=links_of(facts),
        footer=_footer(facts),
    )


def links_of(facts: AlertFacts) -> tuple[Line, ...]:
    """Where to read on: the article, the page as archived, the dashboard."""
    base, alert = facts.public_url.rstrip("/"), facts.alert
    word = "Open the page" if alert.kind == "source_trouble" else "Read the article"
    seen = [Line(text=word, url=facts.item_url)] if facts.item_url else []
    if facts.archived and base:
        seen.append(Line(text="Page as archived", url=f"{base}/{quote(facts.archived.lstrip('/'))}"))
    if base and alert.partnership is not None:
        seen.append(Line(text="In the ledger", url=f"{base}/partnerships/{alert.partnership}"))
    if base and alert.item is not None:
        seen.append(Line(text="All versions", url=f"{base}/items/{alert.item}"))
    if base and alert.kind == "source_trouble" and alert.source:
        seen.append(Line(text="The source", url=f"{base}/sources/{quote(alert.source)}"))
    return tuple(seen)


def moment_line(moment: datetime | None, timezone: str) -> str:
    """ "20 November 2026, 11:00 (Europe/Brussels)" in the reader's own time."""
    if moment is None:
        return ""
    local = moment.astimezone(zone(timezone))
    return f"{iso_line(local.date().isoformat())}, {local:%H:%M} ({timezone})"


def around_changes(diff: tuple[DiffBlock, ...], most: int = 40) -> tuple[DiffBlock, ...]:
    """The blocks that changed with one unchanged neighbour each; "…" stands for what is left out."""
    changed = [at for at, block in enumerate(diff) if any(op != "equal" for op, _ in block)]
    shown = sorted({near for at in changed for near in (at - 1, at, at + 1) if 0 <= near < len(diff)})[:most]
    gap: DiffBlock = (("equal", "…"),)
    kept: list[DiffBlock] = []
    diff = tuple(_bearable(block) for block in diff)
    for before, at in zip([-1, *shown], shown, strict=False):
        kept += [diff[at]] if at == before + 1 else [gap, diff[at]]
    return tuple(kept if not shown or shown[-1] == len(diff) - 1 else [*kept, gap])


def _bearable(block: DiffBlock, most: int = 2 * LONG) -> DiffBlock:
    """A block of at most that many characters, its end cut off as a reader would do it."""
    kept: list[tuple[Op, str]] = []
    for op, text in block:
        if most <= 0:
            return (*kept, ("equal", " …"))
        kept.append((op, text if len(text) <= most else text[:most] + "…"))
        most -= len(text)
    return tuple(kept)


def _lead(facts: AlertFacts) -> Iterator[str]:
    if facts.alert.late and facts.article:
        published, found = date_line(facts.article.published), moment_line(facts.first_seen, facts.timezone)
        yield f"Seen late: published {published}, found {found}."
    if facts.article and facts.alert.kind in ("partnership", "new") and facts.article.title:
        subject = facts.alert.subject
        yield facts.article.title if clean(facts.article.title) not in subject else facts.article.deck
    if facts.alert.kind == "source_trouble":
        yield facts.trouble
        yield facts.remedy


def _sections(facts: AlertFacts) -> Iterator[Section]:
    yield Section(heading="New in this report", lines=tuple(Line(text=what) for what in facts.adds))
    if facts.partnership:
        evidence = facts.partnership.event.evidence
        yield Section(heading="The sentence that says so", quotes=tuple((e.sentence, "") for e in evidence[:2]))
    elif facts.related:
        yield Section(heading="The sentence", quotes=tuple((e.sentence, "") for e in facts.related.evidence[:2]))
    yield Section(table=tuple(_table(facts)))
    yield Section(heading="What changed", lines=tuple(_change(change) for change in facts.changes))
    yield Section(heading="Before and now", diff=around_changes(facts.diff))
    if facts.alert.kind == "new" and facts.article:
        first = next((block.text for block in facts.article.blocks if block.kind == "paragraph"), "")
        yield Section(heading="It begins", lines=(Line(text=first),) if first else ())
    if facts.article and facts.alert.kind in ("partnership", "new"):
        said = ((q.text, ", ".join(w for w in (q.speaker, q.role, q.organisation) if w)) for q in facts.article.quotes)
        yield Section(heading="Quotes", quotes=tuple(said)[:4])
    if facts.partnership:
        yield Section(heading="Who has announced it", lines=tuple(_announcers(facts, facts.partnership)))
        yield Section(heading="History", lines=tuple(_history(facts, facts.partnership)))


def _table(facts: AlertFacts) -> Iterator[tuple[str, tuple[str, ...]]]:
    article, entry = facts.article, facts.partnership
    if entry:
        event = entry.event
        yield "Parties", tuple(party_name(party) for party in event.parties[:MOST])
        yield "Instrument", (INSTRUMENTS[event.instrument],)
        yield "Action", (event.action,)
        yield "Date of the act", (date_line(event.date) or "not stated",)
        yield "Announced", (_announced(event.announced) or "not dated",)
        if event.since:
            yield "Since", (iso_line(event.since),)
        if event.until:
            yield "Until", (iso_line(event.until),)
        status = {"confirmed": ", confirmed by a person", "rejected": ", rejected by a person"}.get(entry.status, "")
        yield "Certainty", (f"{event.certainty}{status}",)
    elif article:
        yield "Published", (_announced(article.published) or "not dated",)
        if article.authors:
            yield "By", (", ".join(article.authors[:5]),)
    if facts.source_name and facts.alert.kind != "source_trouble":
        yield "Source", (facts.source_name,)
    if facts.first_seen:
        found = "Since" if facts.alert.kind == "source_trouble" else "Found"
        yield found, (moment_line(facts.first_seen, facts.timezone),)
    if facts.last_good:
        yield "Last good look", (moment_line(facts.last_good, facts.timezone),)


def _announced(fact: DateFact | None) -> str:
    return f"{date_line(fact)}, from {_ORIGINS.get(fact.origin, clean(fact.origin))}" if fact else ""


def _change(change: Change) -> Line:
    said = "; ".join(clean(why) for why in change.because)
    return Line(text=f"{CHANGES.get(change.kind, str(change.kind))}{': ' + said if said else ''}")


def _announcers(facts: AlertFacts, entry: Partnership) -> Iterator[Line]:
    """Each party with its own announcement or its silence, then everybody else who ran the story."""
    sources = {source.id: source for source in facts.sources}
    told = sorted(entry.witnesses, key=lambda witness: witness.first_seen)[:MOST]
    own: set[SourceId] = set()
    for party in entry.event.parties[:MOST]:
        theirs = {source.id for source in facts.sources if _speaks_for(source, party)}
        own |= theirs
        first = next((witness for witness in told if witness.source in theirs), None)
        if first:
            when = moment_line(first.first_seen, facts.timezone)
            yield Line(text=f"{clean(party.acronym or party.name)} has announced it", url=first.url, notes=(when,))
        else:
            word = "has not announced it yet" if theirs else "is not among the watched sources"
            yield Line(text=f"{clean(party.acronym or party.name)} {word}")
    for witness in (witness for witness in told if witness.source not in own):
        source = sources.get(witness.source)
        when = moment_line(witness.first_seen, facts.timezone)
        name = clean(source.name if source else witness.source)
        yield Line(text=f"Also told by {name}", url=witness.url, notes=(when,))


def _speaks_for(source: Source, party: Party) -> bool:
    return bool(source.organisation) and fold(source.organisation) in {
        fold(name[:LONG]) for name in (party.name, party.acronym, party.organisation or "")
    }


def _history(facts: AlertFacts, entry: Partnership) -> Iterator[Line]:
    for note in sorted(entry.history, key=lambda note: note.at)[-8:]:
        local = note.at.astimezone(zone(facts.timezone)).date()
        yield Line(text=f"{iso_line(local.isoformat())}: {clean(note.what)}", url=note.url)


def _footer(facts: AlertFacts) -> tuple[str, ...]:
    where = facts.alert.item if facts.alert.item is not None else facts.item_url
    ask = f"More: accordwatch explain {where}" if where and facts.alert.kind != "source_trouble" else ""
    kept = f"Archived page: {facts.archived}" if facts.archived and not facts.public_url else ""
    return (*(f"Why this mail: {why}." for why in facts.alert.because), ask, kept)


def trial_mail(to: str, *, sender: str, now: datetime) -> Message:
    """The mail of `doctor --send-test`."""
    lead = "This is a test. When you can read it, alerts reach you by the same way."
    text, html = render(Page(kicker="Test", headline="Mail from accordwatch arrives", lead=(lead,)))
    envelope = Envelope(key=f"test:{now.isoformat()}", channel="email", to=to, sender=sender,
                        subject="A test from accordwatch", date=now, thread="test", list_id="")  # fmt: skip
    return make_mail(envelope, text=text, html=html)
