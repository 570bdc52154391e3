"""What would be read from one page, from the network or from a file; nothing is stored."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console
from rich.text import Text

from scraper import shapes
from scraper.app import fetching
from scraper.cli.face import NEEDS_A_PERSON, OK, config_of, config_path, console, plain, print_json, safe, warn
from scraper.clock import SystemClock
from scraper.config import Config
from scraper.errors import ConfigError, UserError
from scraper.fetch.message import Fetched, FetchRequest, NotModified
from scraper.watch.read import ArticleReading, LeadsReading, ReadJob, Trouble, read
from storage.records.article import Article, DateFact
from storage.records.partnership import Findings, PartnershipEvent
from storage.records.source import TargetKind


def inspect(what: str, path: Path | None, *, url: str, as_json: bool) -> int:
    """Print the article; exit code 1 when there is none to be read."""
    config = config_of(path) if path or config_path(path).exists() else None
    body, address, content_type = _brought(what, config, url)
    job = ReadJob(
        kind=TargetKind.ARTICLE, url=address, body=body, content_type=content_type, seen=SystemClock().now(),
        organisations=config.organisations if config else (),
    )  # fmt: skip
    reading = read(job)
    match reading:
        case Trouble() | LeadsReading():
            warn(f"{what}: {reading.reason if isinstance(reading, Trouble) else 'is a list'}")
            return NEEDS_A_PERSON
        case ArticleReading():
            if as_json:
                print_json(shapes.article_json(reading.article, reading.findings))
            else:
                print_article(console(), reading.article, reading.findings)
            return OK


def _brought(what: str, config: Config | None, url: str) -> tuple[bytes, str, str]:
    """Body, address and content type. Raises UserError."""
    if urlsplit(what).scheme not in ("http", "https"):
        try:
            return Path(what).read_bytes(), url, ""
        except OSError as error:
            raise UserError(what, error.strerror or str(error), "name a file, or an address with http(s)://") from error
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
    why = config.why_not_crawl()
    if why and not all(_is_loopback(address) for address in addresses):
        subject, _, rest = why.partition(": ")
        cause, _, remedy = rest.partition("; ")
        raise ConfigError(subject, cause, remedy)


def _is_loopback(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")


def print_article(out: Console, article: Article, findings: Findings) -> None:
    """All that was read, the body first, each part in its colour."""
    out.print(Text(plain(article.title), style="bold"))
    for label, value in _facts(article):
        out.print(f"[dim]{label:<11}[/]{safe(value)}")
    if article.unfit:
        out.print(f"[red]no version of an article: {safe(article.unfit)}[/]")
    marks = _sentences(findings)
    for block in article.blocks:
        style = {"heading": "bold", "quote": "italic", "caption": "dim"}.get(block.kind, "")
        text = Text("\n".join(map(plain, block.text.split("\n"))), style=style)
        for sentence in marks:
            text.highlight_words([plain(sentence)], style="underline")
        out.print()
        out.print(text)
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
        out.print(f"[yellow]teaser[/] {safe(teaser.title)}[dim]{heading}{cut}[/]")
    for event in findings.events:
        _print_event(out, event)
    for related in findings.related:
        out.print(f"\n[dim]related ({related.kind})[/] {safe(' / '.join(e.sentence for e in related.evidence))}")


def _print_event(out: Console, event: PartnershipEvent) -> None:
    who = " + ".join(f"{p.name} ({p.acronym})" if p.acronym and p.name else p.name or p.acronym for p in event.parties)
    out.print(f"\n[green bold]partnership[/] {safe(who)}")
    facts = {"instrument": event.instrument, "action": event.action, "date": _date(event.date), "since": event.since,
             "announced": _date(event.announced), "until": event.until,
             "certainty": f"{event.certainty}, score {event.score:.2f}"}  # fmt: skip
    for label, value in facts.items():
        out.print(f"  [dim]{label:<11}[/]{safe(str(value or '-'))}")
    for evidence in event.evidence:
        out.print(f"  “{safe(evidence.sentence)}”")


def _sentences(findings: Findings) -> list[str]:
    return [evidence.sentence for event in findings.events for evidence in event.evidence]


def _facts(article: Article) -> list[tuple[str, str]]:
    rows = {
        "address": article.url, "deck": article.deck, "language": article.language,
        "authors": ", ".join(article.authors), "published": _date(article.published), "updated": _date(article.updated),
        "dateline": _date(article.dateline),
        "seen dates": ", ".join(f"{d.value} ({d.origin})" for d in article.date_candidates),
    }  # fmt: skip
    return [(label, value) for label, value in rows.items() if value]


def _date(date: DateFact | None) -> str:
    return f"{date.value} ({date.precision}, from {date.origin})" if date else ""
