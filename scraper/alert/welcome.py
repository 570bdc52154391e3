"""The one mail after the first baseline: what was read, what the ledger holds, which sources need a person. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scraper.alert.compose import AlertFacts, letter, moment_line
from scraper.alert.page import Line, Page, Section
from scraper.alert.wording import clean, date_line, event_line, iso_line, sentences_of
from scraper.text import plural
from storage.records.alert import Message
from storage.records.partnership import Partnership

KEY = "welcome"
MOST = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRead:
    """One source after its first look."""

    name: str
    url: str
    found: str = ""  # how it is read: "feed", "sitemap", "listing", "page" (of names)
    articles: int = 0  # or names
    oldest: str = ""  # ISO date of the oldest article read
    trouble: str = ""  # one line; empty: all well
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WelcomeFacts:
    """What the first crawl came to."""

    sources: tuple[SourceRead, ...] = ()
    ledger: tuple[Partnership, ...] = ()  # newest first
    partnerships: int = 0  # how many the ledger holds in all
    rules: tuple[str, ...] = ()  # that name this reader


def welcome_subject(sources: Sequence[SourceRead]) -> str:
    """ "accordwatch is watching 12 sources, 1 of them needs you"."""
    trouble = sum(1 for source in sources if source.trouble)
    needs = f", {trouble} of them {'needs' if trouble == 1 else 'need'} you" if trouble else ""
    return f"accordwatch is watching {plural(len(sources), 'source')}{needs}"


def compose_welcome(facts: AlertFacts, read: WelcomeFacts) -> Message:
    """The welcome mail; its history makes no alert, and it says so."""
    counts = [(source.articles, _noun(source)) for source in read.sources]
    totals = ((sum(count for count, noun in counts if noun == each), each) for each in ("article", "name"))
    found = " and ".join(plural(total, noun) for total, noun in totals if total or noun == "article")
    held = plural(read.partnerships, "partnership")
    subject = welcome_subject(read.sources)
    page = Page(
        kicker="Welcome",
        headline=subject,
        lead=(
            f"The first look is done: {found} read. They are the history that later "
            "news is compared with, and make no alert. From now on you hear of what is new.",
        ),
        sections=(
            Section(heading="These sources need a person", lines=tuple(_needy(s) for s in read.sources if s.trouble)),
            Section(heading=f"The ledger begins with {held}", lines=tuple(map(_entry, read.ledger[:MOST]))),
            Section(heading="What was read", lines=tuple(_read(s) for s in read.sources if not s.trouble)),
        ),
        links=(Line(text="Open the dashboard", url=facts.public_url),) if facts.public_url else (),
        footer=(
            f"Written {moment_line(facts.now, facts.timezone)}.",
            f"Rules that write to you: {', '.join(clean(rule) for rule in read.rules)}." if read.rules else "",
        ),
    )
    return letter(facts, page, subject=subject)


def _needy(source: SourceRead) -> Line:
    return Line(text=source.name, url=source.url, notes=(source.trouble, source.remedy))


def _noun(source: SourceRead) -> str:
    return "name" if source.found == "page" else "article"


def _read(source: SourceRead) -> Line:
    how = f" from its {source.found}" if source.found else ""
    back = f", back to {iso_line(source.oldest)}" if source.oldest else ""
    said = f"{plural(source.articles, _noun(source))}{how}{back}"
    return Line(text=source.name, url=source.url, notes=(said,))


def _entry(entry: Partnership) -> Line:
    event, url = entry.event, entry.witnesses[0].url if entry.witnesses else ""
    when = date_line(event.date or event.announced) or "undated"
    said = sentences_of(event.evidence)[:1]
    return Line(text=event_line(event), url=url, notes=(when, *(f"“{clean(words, 300)}”" for words in said)))
