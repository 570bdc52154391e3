"""The one mail after the first baseline: what was read, what the ledger holds, which sources need a person. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scraper.alert.compose import moment_line
from scraper.alert.mail import Envelope, make_mail
from scraper.alert.page import Line, Page, Section, render
from scraper.alert.wording import clean, date_line, event_line, iso_line
from storage.records.alert import Message
from storage.records.partnership import Partnership

MOST = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRead:
    """One source after its first look."""

    name: str
    url: str
    found: str = ""  # how it is read: "feed", "sitemap", "listing"
    articles: int = 0
    oldest: str = ""  # ISO date of the oldest article read
    trouble: str = ""  # one line; empty: all well
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WelcomeFacts:
    """What the first crawl came to; `key` is the same for the same baseline, e.g. "welcome:2026-11-20"."""

    key: str
    to: str
    now: datetime
    channel: str = "email"
    sources: tuple[SourceRead, ...] = ()
    ledger: tuple[Partnership, ...] = ()  # newest first
    partnerships: int = 0  # how many the ledger holds in all
    rules: tuple[str, ...] = ()
    timezone: str = "UTC"
    public_url: str = ""
    sender: str = ""
    list_id: str = ""


def compose_welcome(facts: WelcomeFacts) -> Message:
    """The welcome mail; its history makes no alert, and it says so."""
    trouble = [source for source in facts.sources if source.trouble]
    well = [source for source in facts.sources if not source.trouble]
    articles = sum(source.articles for source in facts.sources)
    needs = f", {_many(len(trouble), 'source needs', 'sources need')} you" if trouble else ""
    subject = f"accordwatch is watching {_many(len(facts.sources), 'source', 'sources')}{needs}"
    held = _many(facts.partnerships or len(facts.ledger), "partnership", "partnerships")
    ledger = Section(
        heading=f"The ledger begins with {held}",
        lines=tuple(_entry(entry) for entry in facts.ledger[:MOST]),
    )
    page = Page(
        kicker="Welcome",
        headline=subject,
        lead=(
            f"The first look is done: {_many(articles, 'article', 'articles')} read. They are the history that later "
            "news is compared with, and make no alert. From now on you hear of what is new.",
        ),
        sections=(
            Section(heading="These sources need a person", lines=tuple(_needy(source) for source in trouble)),
            ledger if ledger.lines else Section(),
            Section(heading="What was read", lines=tuple(_read(source) for source in well)),
        ),
        links=(Line(text="Open the dashboard", url=facts.public_url),) if facts.public_url else (),
        footer=(
            f"Written {moment_line(facts.now, facts.timezone)}.",
            f"You are named by: {', '.join(clean(rule) for rule in facts.rules)}." if facts.rules else "",
        ),
    )
    text, html = render(page)
    envelope = Envelope(
        key=facts.key,
        channel=facts.channel,
        to=facts.to,
        sender=facts.sender,
        subject=subject,
        date=facts.now,
        list_id=facts.list_id,
    )
    return make_mail(envelope, text=text, html=html)


def _needy(source: SourceRead) -> Line:
    return Line(text=source.name, url=source.url, notes=(source.trouble, source.remedy))


def _read(source: SourceRead) -> Line:
    how = f" from its {source.found}" if source.found else ""
    back = f", back to {iso_line(source.oldest)}" if source.oldest else ""
    return Line(
        text=source.name, url=source.url, notes=(f"{_many(source.articles, 'article', 'articles')}{how}{back}",)
    )


def _entry(entry: Partnership) -> Line:
    event, url = entry.event, entry.witnesses[0].url if entry.witnesses else ""
    when = date_line(event.date or event.announced) or "undated"
    sentence = f"“{clean(event.evidence[0].sentence, 300)}”" if event.evidence else ""
    return Line(text=event_line(event), url=url, notes=(when, sentence))


def _many(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
