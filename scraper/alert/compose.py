"""How one alert reads: the facts that memory holds of it become a Page, and the Page a Message. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from scraper.alert.mail import Envelope, make_mail
from scraper.alert.page import DiffBlock, Line, Op, Page, Section, render
from scraper.alert.rules import Same, same_party
from scraper.alert.when import zone
from scraper.alert.wording import (
    CHANGES,
    INSTRUMENTS,
    LONG,
    ON_PAGES,
    clean,
    date_line,
    event_line,
    iso_line,
    party_name,
    sentences_of,
    until_fact,
)
from storage.records.alert import Alert, Message
from storage.records.article import Article, DateFact
from storage.records.partnership import Partnership, RelatedEvent
from storage.records.source import Source, SourceId

_PREFIXES = ("Update", "Correction", "Also told", "New", "Trouble", "Recovered", *CHANGES.values(), *ON_PAGES.values())
_ALARMING = ("Trouble", "Withdrawn", *ON_PAGES.values())
_SEEN = {"source_trouble": "Since", "changed": "First seen", "withdrawn": "First seen"}
_ISO = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
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
    parent: str = ""  # Message-ID of the first mail of its thread
    source_name: str = ""
    item_url: str = ""
    gone: bool = False  # the page at item_url was taken away, or the name from its page of names
    named_on: str = ""  # the address of the page of names that the item is a name on
    article: Article | None = None
    partnership: Partnership | None = None
    earlier: tuple[Partnership, ...] = ()  # other events of the same bodies
    related: RelatedEvent | None = None  # a neighbour of a partnership, for the digest
    diff: tuple[DiffBlock, ...] = ()
    sources: tuple[Source, ...] = ()  # all that are watched: names of witnesses, and which party has not announced
    same: Same = same_party
    first_seen: datetime | None = None  # for source_trouble: when it began
    timezone: str = "UTC"  # the reader's
    public_url: str = ""  # of the dashboard; empty: no links to it
    archived: str = ""  # path of the archived page below public_url
    sender: str = ""


def compose(facts: AlertFacts) -> Message:
    """The mail of one alert; the same facts give the same bytes."""
    return letter(facts, page_of(facts))


def letter(facts: AlertFacts, page: Page, *, key: str = "", subject: str = "") -> Message:
    """A page as a mail to the alert's recipient; key and subject are the alert's where none is given."""
    text, html = render(page)
    alert = facts.alert
    envelope = Envelope(
        key=key or alert.key, channel=alert.channel, to=alert.to, sender=facts.sender, parent=facts.parent,
        subject=subject or alert.subject, date=facts.now,
    )  # fmt: skip
    return make_mail(envelope, text=text, html=html)


def page_of(facts: AlertFacts) -> Page:
    """The content of the mail, before it has a form."""
    prefix, _, rest = facts.alert.subject.partition(": ")
    named = prefix in _PREFIXES
    return Page(
        kicker=prefix if named else _KICKERS.get(facts.alert.kind, facts.alert.kind),
        alarming=prefix in _ALARMING,
        headline=_headline(rest if named else facts.alert.subject, facts.alert),
        url="" if facts.gone else facts.item_url,
        lead=tuple(_lead(facts)),
        sections=tuple(section for section in _sections(facts) if section),
        links=tuple(_links(facts)),
        footer=_footer(facts),
    )


def _headline(subject: str, alert: Alert) -> str:
    """The subject without what the lead and the first section say at length."""
    headline = subject.removesuffix(" (seen late)")
    return headline.partition(" (")[0] if alert.kind == "partnership" and alert.said else headline


def _links(facts: AlertFacts) -> Iterator[Line]:
    """Where to read on: the article, the page as archived, the dashboard; of a page that is gone what was kept."""
    base, alert = facts.public_url.rstrip("/"), facts.alert
    kept = Line(text="Page as archived", url=f"{base}/{quote(facts.archived.lstrip('/'))}")
    if facts.gone and facts.archived and base:
        yield kept
    if facts.named_on:
        yield Line(text="Open the page", url=facts.named_on)
    elif facts.item_url and not facts.gone:
        yield Line(text="Open the page" if alert.kind == "source_trouble" else "Read the article", url=facts.item_url)
    if facts.archived and base and not facts.gone:
        yield kept
    places = (("In the ledger", "partnerships", alert.partnership), ("All versions", "items", alert.item))
    for text, place, key in places:
        if base and key is not None:
            yield Line(text=text, url=f"{base}/{place}/{key}")
    if base and alert.kind == "source_trouble" and alert.source:
        yield Line(text="The source", url=f"{base}/sources/{quote(alert.source)}")


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
    article, alert = facts.article, facts.alert
    if alert.late and article:
        published, found = date_line(article.published), moment_line(facts.first_seen, facts.timezone)
        yield f"Seen late: published {published}, found {found}."
    if article and alert.kind in ("partnership", "new") and article.title:
        yield article.title if clean(article.title) not in alert.subject else article.deck
    if alert.kind == "source_trouble":
        yield from alert.said


def _sections(facts: AlertFacts) -> Iterator[Section]:
    article, alert, entry = facts.article, facts.alert, facts.partnership
    told = tuple(Line(text=_ISO.sub(lambda day: iso_line(day[0]), what[:1].upper() + what[1:])) for what in alert.said)
    if alert.kind == "partnership":
        yield Section(heading="New in this report", lines=told, marked=True)
    elif alert.kind in ("changed", "withdrawn"):
        yield Section(heading="What happened" if alert.kind == "withdrawn" else "What changed", lines=told)
    yield Section(heading="Before and now", diff=around_changes(facts.diff))
    evidence = entry.event.evidence if entry else facts.related.evidence if facts.related else ()
    yield Section(heading="The sentence that says so", quotes=tuple((said, "") for said in sentences_of(evidence)[:2]))
    yield Section(heading="The facts" if entry else "", table=tuple(_table(facts)))
    if entry:
        yield Section(heading="Who has announced it", lines=tuple(_announcers(facts, entry)))
    if article and alert.kind in ("new", "withdrawn"):
        first = next((block.text for block in article.blocks if block.kind == "paragraph"), "")
        words = "It began" if facts.gone else "It begins"
        yield Section(heading=words, lines=(Line(text=first),) if first else ())
    if article and alert.kind in ("partnership", "new"):
        said = ((q.text, ", ".join(w for w in (q.speaker, q.role, q.organisation) if w)) for q in article.quotes)
        yield Section(heading="Quotes", quotes=tuple(said)[:4])
    if entry:
        yield Section(heading="History of the relationship", lines=tuple(_history(facts, entry)))


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
            label, line = until_fact(event.until)
            yield label, (line,)
        status = {"confirmed": ", confirmed by a person", "rejected": ", rejected by a person"}.get(entry.status, "")
        yield "Certainty", (f"{event.certainty}{status}",)
    elif article:
        yield "Published", (_announced(article.published) or "not dated",)
        if article.authors:
            yield "By", (", ".join(article.authors[:5]),)
    if facts.source_name and facts.alert.kind != "source_trouble":
        yield "Source", (facts.source_name,)
    if facts.named_on:
        yield "Page", (facts.named_on, *(("where the name no longer stands",) if facts.gone else ()))
    elif facts.gone:
        yield "Address", (facts.item_url, "which is gone")
    if facts.first_seen:
        yield _SEEN.get(facts.alert.kind, "Found"), (moment_line(facts.first_seen, facts.timezone),)


def _announced(fact: DateFact | None) -> str:
    return f"{date_line(fact)}, from {_ORIGINS.get(fact.origin, clean(fact.origin))}" if fact else ""


def _announcers(facts: AlertFacts, entry: Partnership) -> Iterator[Line]:
    """Each party with its own announcement or its silence, then everybody else who ran the story."""
    names = {source.id: source.name for source in facts.sources}
    told = sorted(entry.witnesses, key=lambda witness: witness.first_seen)[:MOST]
    own: set[SourceId] = set()
    for party in entry.event.parties[:MOST]:
        theirs = {s.id for s in facts.sources if s.organisation and facts.same(party, s.organisation[:LONG])}
        own |= theirs
        first = next((witness for witness in told if witness.source in theirs), None)
        if first:
            when = moment_line(first.first_seen, facts.timezone)
            yield Line(text=f"{clean(party.acronym or party.name)} has announced it", url=first.url, notes=(when,))
        else:
            word = "has not announced it yet" if theirs else "is not among the watched sources"
            yield Line(text=f"{clean(party.acronym or party.name)} {word}")
    for witness in (witness for witness in told if witness.source not in own):
        when = moment_line(witness.first_seen, facts.timezone)
        name = clean(names.get(witness.source, witness.source))
        yield Line(text=f"Also told by {name}", url=witness.url, notes=(when,))


def _history(facts: AlertFacts, entry: Partnership) -> Iterator[Line]:
    """What these bodies did before, then what was learned of this event; who told it stands above already."""
    for other in sorted(facts.earlier, key=lambda other: (_day_of(other), other.id or 0))[-8:]:
        url = other.witnesses[0].url if other.witnesses else ""
        yield Line(text=f"{iso_line(_day_of(other))}: {event_line(other.event)}", url=url)
    learned = [
        note for note in entry.history if not note.what.startswith(("first told:", "also told by", "before it:"))
    ]
    for note in sorted(learned, key=lambda note: note.at)[-8:]:
        local = note.at.astimezone(zone(facts.timezone)).date()
        yield Line(text=f"{iso_line(local.isoformat())}: {clean(note.what)}", url=note.url)


def _day_of(entry: Partnership) -> str:
    fact = entry.event.date or entry.event.announced
    return fact.value if fact else entry.first_seen.date().isoformat()


def _footer(facts: AlertFacts) -> tuple[str, ...]:
    alert = facts.alert
    ask = f"More: accordwatch explain {alert.item}" if alert.item is not None else ""
    kept = f"The last version: accordwatch show {alert.item}" if facts.gone and alert.item is not None else ""
    return (*(f"Why this mail: {why}." for why in alert.because), kept, ask)


def trial_mail(to: str, *, sender: str, now: datetime) -> Message:
    """The mail of `doctor --send-test`."""
    lead = "This is a test. When you can read it, alerts reach you by the same way."
    text, html = render(Page(kicker="Test", headline="Mail from accordwatch arrives", lead=(lead,)))
    envelope = Envelope(key=f"test:{now.isoformat()}", channel="email", to=to, sender=sender,
                        subject="A test from accordwatch", date=now)  # fmt: skip
    return make_mail(envelope, text=text, html=html)
