"""What would be read from one page, from the network or from a file; nothing is stored."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console
from rich.text import Text

from scraper import shapes
from scraper.app import fetching
from scraper.cli.face import (
    NEEDS_A_PERSON,
    OK,
    config_of,
    config_path,
    console,
    insist,
    on_disk,
    plain,
    print_json,
    readable,
    safe,
    warn,
)
from scraper.clock import SystemClock
from scraper.config import Config
from scraper.discover.lead import Lead
from scraper.errors import ConfigError, UserError
from scraper.fetch.message import Fetched, FetchRequest, NotModified
from scraper.url import site_of
from scraper.watch.read import ArticleReading, LeadsReading, ReadJob, Trouble, read
from storage.records.article import Article, DateFact
from storage.records.partnership import Findings, PartnershipEvent
from storage.records.source import NO_HINTS, Source, TargetKind

LIST = 5  # leads; a page with so many, and no text but theirs, is a list
_STYLES = {"heading": "bold", "quote": "italic", "caption": "dim"}
_UNFIT = {
    "login": "it asks for a login",
    "consent": "it is a consent wall",
    "challenge": "it asks whether you are a human; try `browser = true` for this source, or ask the site",
    "maintenance": "the site is being mended",
    "soft 404": "it says that the page does not exist, though the server says it does",
    "cut": "its text is cut off, as behind a paywall; or the page was too large",
    "too deep": "its elements are nested too deep to be read",
    "scrambled": "its letters are shuffled, as archives do for readers without a subscription",
    "binary": "it is no text at all",
    "empty": "it has no text, at least none without its scripts; a recipe may help",
    "stub": "its text is in a document; a crawl reads it there",
}


def inspect(what: str, path: Path | None, *, url: str, as_json: bool) -> int:
    """Print the article; exit code 1 when there is none to be read."""
    config = config_of(path) if path or config_path(path).exists() else None
    body, address, content_type = _brought(what, config, url)
    source = _source_of(address, config)
    job = ReadJob(
        kind=TargetKind.ARTICLE, url=address, body=body, content_type=content_type, seen=SystemClock().now(),
        organisations=config.organisations if config else (), publisher=source.organisation if source else "",
        hints=source.hints if source else NO_HINTS,
    )  # fmt: skip
    reading = read(job)
    if not isinstance(reading, ArticleReading):
        warn(f"{what}: {reading.reason if isinstance(reading, Trouble) else 'is a list'}")
        return NEEDS_A_PERSON
    if as_json:
        print_json(shapes.article_json(reading.article, reading.findings))
        return OK
    out = console()
    if leads := _listed(job, reading.article):
        out.print(f"[yellow]This is a list of {len(leads)} items, and no article.[/]")
        out.print(f"`accordwatch add {safe(address or what)}` watches it.")
        for lead in leads[:10]:
            out.print(f"  {safe(lead.title)} [dim]{safe(lead.url)}[/]")
        return OK
    print_article(out, reading.article, reading.findings)
    _print_recipe(out, source, job.seen.date())
    for item in reading.items:
        out.rule("an item of this issue")
        print_article(out, item.article, item.findings)
    return OK


def _source_of(address: str, config: Config | None) -> Source | None:
    """The source of the configuration at whose site this page is: its hints hold here too."""
    site = site_of(address) if address else ""
    return next((each for each in config.sources if site and site_of(each.url) == site), None) if config else None


def _listed(job: ReadJob, article: Article) -> tuple[Lead, ...]:
    """The items of a feed, sitemap or listing; empty for an article, whatever it links to."""
    reading = read(replace(job, kind=TargetKind.LISTING))
    if not isinstance(reading, LeadsReading):
        return ()
    leads, text = reading.leads.items, article.text
    told = sum(lead.title in text for lead in leads if lead.title)
    bare = article.unfit in ("empty", "listing") or told * 2 > len(leads)
    return leads if reading.leads.kind is not TargetKind.LISTING or (len(leads) >= LIST and bare) else ()


def _print_recipe(out: Console, source: Source | None, today: date) -> None:
    if source is None:
        return
    recipe = source.hints.recipe_on(today)
    since = f" since {recipe.since}" if recipe and recipe.since else ""
    out.print(f"\n[dim]read as a page of the source {safe(source.id)}{f', by its recipe{since}' if recipe else ''}[/]")


def _brought(what: str, config: Config | None, url: str) -> tuple[bytes, str, str]:
    """Body, address and content type. Raises UserError."""
    if urlsplit(what).scheme not in ("http", "https"):
        with on_disk(what, "name a file, or an address with http(s)://"):
            return Path(what).read_bytes(), url, ""
    if config is None:
        raise ConfigError(
            "config.toml", "is missing, and a page is asked for only with your contact", "accordwatch init"
        )
    result = asyncio.run(fetch_once(what, config))
    return result.body, result.final_url, result.header("content-type")


async def fetch_once(address: str, config: Config) -> Fetched:
    """One address, once, with the manners of a crawl. Raises UserError with what went wrong."""
    refuse_placeholders(config, address)
    async with fetching(config, SystemClock()) as (fetcher, _):
        result = await fetcher.fetch(FetchRequest(url=address))
    if isinstance(result, Fetched):
        return result
    reason = "not modified" if isinstance(result, NotModified) else result.reason
    raise UserError(address, reason, "try it in a browser; see `accordwatch doctor`")


def refuse_placeholders(config: Config, *addresses: str) -> None:
    """No host but this machine is asked before the contact is set. Raises ConfigError."""
    if addresses:
        insist(config.why_not_crawl(*addresses))


def print_article(out: Console, article: Article, findings: Findings) -> None:
    """All that was read, the body first, each part in its colour."""
    out.print(Text(plain(article.title), style="bold"))
    for label, value in _facts(article):
        out.print(f"[dim]{label:<11}[/]{safe(value)}")
    for candidate in article.date_candidates:
        chosen = article.published == candidate
        mark = f" [green]published: {safe(article.published_because)}[/]" if chosen else ""
        origin = f"{candidate.precision}, from {safe(candidate.origin)}"
        out.print(f"[dim]  seen     [/][cyan]{candidate.value}[/] [dim]({origin})[/]{mark}")
    if article.unfit:
        meaning = _UNFIT.get(article.unfit.partition(":")[0], "")
        out.print(f"[red]no version of an article: {safe(article.unfit)}[/]{f'; {meaning}' if meaning else ''}")
        for link in article.links if article.unfit == "stub" else ():
            out.print(f"  {safe(link.text)} [dim]{safe(link.url)}[/]")
    told = [plain(evidence.sentence) for event in findings.events for evidence in event.evidence]
    for block in article.blocks:
        text = Text("\n".join(map(plain, block.text.split("\n"))), style=_STYLES.get(block.kind, ""))
        for sentence in told:
            text.highlight_words([sentence], style="underline")
        out.print()
        out.print(text)
    _print_asides(out, article)
    for event in findings.events:
        _print_event(out, event)
    for related in findings.related:
        out.print(f"\n[dim]related ({related.kind})[/] {safe(' / '.join(e.sentence for e in related.evidence))}")


def _print_asides(out: Console, article: Article) -> None:
    """What stands on the page besides its text."""
    for quote in article.quotes:
        who = ", ".join(part for part in (quote.speaker, quote.role, quote.organisation) if part)
        out.print(f"\n[magenta]quote[/] {safe(who)}: “{safe(quote.text)}”")
    for about in article.about:
        out.print(f"\n[blue]about {safe(about.organisation)}[/] {safe(about.text)}")
    for section in article.sections:
        out.print(f"\n[blue]{section.kind}[/] {safe(section.text)}")
    if article.teasers:
        out.print()
    for teaser in article.teasers:
        heading = f" under “{safe(teaser.heading)}”" if teaser.heading else ""
        cut = ", cut" if teaser.truncated else ""
        out.print(f"[yellow]teaser[/] {safe(teaser.title)}[dim]{heading}{cut} {safe(teaser.url)}[/]")


def _print_event(out: Console, event: PartnershipEvent) -> None:
    who = " + ".join(readable(shapes.party_json(party)) for party in event.parties)
    out.print(f"\n[green bold]partnership[/] {safe(who)}")
    facts = {"instrument": event.instrument, "action": event.action, "date": _date(event.date), "since": event.since,
             "announced": _date(event.announced), "until": event.until,
             "certainty": f"{event.certainty}, score {event.score:.2f}"}  # fmt: skip
    for label, value in facts.items():
        out.print(f"  [dim]{label:<11}[/]{safe(str(value or '-'))}")
    for evidence in event.evidence:
        out.print(f"  “{safe(evidence.sentence)}”")


def _facts(article: Article) -> list[tuple[str, str]]:
    rows = {
        "address": article.url, "canonical": article.canonical if article.canonical != article.url else "",
        "site": article.site_name, "section": article.section, "deck": article.deck, "language": article.language,
        "authors": ", ".join(article.authors), "image": article.image, "published": _date(article.published),
        "updated": _date(article.updated), "dateline": _date(article.dateline),
    }  # fmt: skip
    return [(label, value) for label, value in rows.items() if value]


def _date(fact: DateFact | None) -> str:
    return f"{fact.value} ({fact.precision}, from {fact.origin})" if fact else ""
