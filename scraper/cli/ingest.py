"""`ingest`: mails, PDFs, page files and addresses are taken in as items, and what they announce is delivered."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scraper.app import App
from scraper.cli.crawl import named
from scraper.cli.face import NEEDS_A_PERSON, OK, config_of, console, on_disk, plain, print_json, table
from scraper.cli.inspect import refuse_placeholders
from scraper.cli.session import at_work
from scraper.errors import ConfigError, UserError
from scraper.watch.ingest import File, ingest_address, ingest_file
from storage.records.source import Source
from storage.records.verdict import CheckReport

MOST_BYTES = 100_000_000  # of one file; mails are rarely allowed a third of it


def ingest(given: tuple[str, ...], path: Path | None, *, source: str, url: str, deliver: bool, as_json: bool) -> int:
    """Take all of them in; 1 when one could not be read."""
    config = config_of(path)
    chosen = named(config, source) if source else None
    if url and len(given) > 1:
        raise ConfigError("--url", "is the address of one file", "name one file")
    refuse_placeholders(config, *filter(_is_address, given))
    files = {name: _file(name, url) for name in given if not _is_address(name)}

    async def ingested(app: App) -> list[tuple[str, CheckReport]]:
        reports = [(name, report) for name in given for report in await _one(app, name, files.get(name), chosen)]
        if deliver:
            await app.deliver()
        return reports

    reports = at_work(config, ingested)
    if as_json:
        print_json([_report_json(name, report) for name, report in reports])
    else:
        rows = [
            (name, _happened(report), report.item or "-", report.title or report.trouble) for name, report in reports
        ]
        console().print(table("", ("given", "what", "item", "title"), rows))
    return NEEDS_A_PERSON if any(_is_trouble(report) for _, report in reports) else OK


async def _one(app: App, name: str, file: File | None, source: Source | None) -> tuple[CheckReport, ...]:
    sources = app.config.sources
    if file is not None:
        return await ingest_file(file, hands=app.hands, sources=sources, source=source)
    return (await ingest_address(name, hands=app.hands, sources=sources, source=source),)


def _is_address(name: str) -> bool:
    return urlsplit(name).scheme in ("http", "https")


def _file(name: str, url: str) -> File:
    with (
        on_disk(name, "name a file, or an address with http(s)://"),
        sys.stdin.buffer if name == "-" else Path(name).open("rb") as stream,
    ):
        body = stream.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise UserError(name, f"is larger than {MOST_BYTES // 10**6} MB", "take out the part that matters")
    return File(name=name, body=body, url=url)


def _is_trouble(report: CheckReport) -> bool:
    return report.item is None


def _happened(report: CheckReport) -> str:
    return "trouble" if _is_trouble(report) else ", ".join(report.changes) or "unchanged"


def _report_json(name: str, report: CheckReport) -> dict[str, Any]:
    return {
        "input": name, "outcome": "trouble" if _is_trouble(report) else "taken", "item": report.item,
        "source": report.source, "url": report.url, "title": plain(report.title), "changes": list(report.changes),
        "partnerships": report.partnerships, "alerts": report.alerts, "trouble": report.trouble,
    }  # fmt: skip
