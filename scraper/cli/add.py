"""`add` and `remove`: a source into config.toml and out of it, comments kept."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from scraper.alert.rules import hears
from scraper.app import looking
from scraper.cli.face import NEEDS_A_PERSON, OK, config_of, console, print_json, safe, table, warn
from scraper.cli.inspect import refuse_placeholders
from scraper.cli.session import asking
from scraper.clock import SystemClock
from scraper.config import Config
from scraper.config.edit import add_source, remove_source, rewrite, switch_source
from scraper.watch.newcomer import newcomer, source_of
from scraper.watch.scout import Found, differences, scout
from storage.records.alert import AlertKind
from storage.records.source import Source, SourceId, TargetKind

SHOWN = 3  # newest items of each method


def add(what: str, path: Path | None, *, name: str, untried: bool, as_json: bool, page: bool = False) -> int:
    """Look behind the address, show what would be watched, write the source."""
    with asking(path) as (config, catalogue):
        fields, comments = newcomer(what, name, config, catalogue.ways())
    fields |= {"kind": "page"} if page else {}
    found: tuple[Found, ...] = ()
    if not untried:
        refuse_placeholders(config, fields["url"])
        found = asyncio.run(_scouted(source_of(fields), config))
    works = any(each.leads for each in found)
    if as_json:
        print_json(
            {
                "source": fields,
                "written": works or untried,
                "found": [found_json(each) for each in found],
                "differences": list(differences(found)),
            }
        )
    else:
        _print(found)
    if not works and not untried:
        warn(f"{fields['url']}: no news found there, see above; nothing was written (--untried writes it all the same)")
        for comment in comments:
            warn(comment)
        return NEEDS_A_PERSON
    rewrite(config.path, lambda text: add_source(text, fields, comments))
    if not as_json:
        console().print(f"wrote source {safe(fields['id'])} into {safe(str(config.path))}; "
                        f"next: `accordwatch crawl {safe(fields['id'])}`")  # fmt: skip
    if page and (missing := _missing_rule(source_of(fields), config)):
        warn(missing)
    return OK


def _missing_rule(page: Source, config: Config) -> str:
    """The rule that would tell who comes to a page of names and who goes; empty where rules do."""
    asked: tuple[AlertKind, ...] = ("new", "withdrawn")
    untold = [kind for kind in asked if not any(hears(rule, page, kind) for rule in config.rules)]
    if not untold:
        return ""
    to = next((person.id for rule in config.rules for person in rule.to), "you@your-office.eu")
    what = " or ".join({"new": "comes", "withdrawn": "goes"}[kind] for kind in untold)
    return (f"no rule tells anybody who {what} there; add [[alerts]] to {config.path} with the lines "
            f'name = "{page.id}", when = {json.dumps(untold)}, sources = ["{page.id}"], to = ["{to}"]')  # fmt: skip


def remove(source: str, path: Path | None) -> int:
    """Take a source out of the file that holds it; its items stay."""
    config = config_of(path)
    home = config.home_of(SourceId(source))
    rewrite(config.path, lambda text: remove_source(text, source), part=home)
    console().print(f"took {safe(source)} out of {safe(str(home))}; its items are kept")
    return OK


SWITCHED = {
    ("enabled", True): "goes on", ("enabled", False): "is paused; its items are kept",
    ("muted", True): "is muted: watched as before, and nobody is told", ("muted", False): "is told of again",
}  # fmt: skip


def switch(source: str, path: Path | None, key: str, on: bool) -> int:
    """Pause or mute a source in the file that holds it, or let it go on; comments and items stay."""
    switch_source(config_of(path), source, key, on)
    console().print(f"{safe(source)} {SWITCHED[key, on]}")
    return OK


async def _scouted(source: Source, config: Config) -> tuple[Found, ...]:
    clock = SystemClock()
    async with looking(config, clock) as (fetcher, reader):
        return await scout(source, fetcher=fetcher, reader=reader, clock=clock)


def found_json(found: Found) -> dict[str, Any]:
    """One way to a source for machines, with its newest items."""
    newest = [{"title": lead.title, "url": lead.url, "published": lead.published.value if lead.published else None}
              for lead in found.leads[:SHOWN]]  # fmt: skip
    return {"url": found.url, "kind": found.kind.value, "origin": found.origin, "items": len(found.leads),
            "since": found.since or None, "trouble": found.trouble, "newest": newest}  # fmt: skip


def _print(found: tuple[Found, ...]) -> None:
    out = console()
    rows = [(each.kind.value, len(each.leads), each.since, each.origin, each.url, each.trouble) for each in found]
    if rows:
        out.print(table("", ("kind", "items", "back to", "found by", "address", "trouble"), rows))
    for each in found:
        for lead in each.leads[:SHOWN]:
            day = (lead.published.value if lead.published else "no date") if each.kind is not TargetKind.PAGE else ""
            out.print(f"  [dim]{each.kind.value:8}[/] {day:10}  {safe(lead.title or lead.url)}")
    for line in differences(found):
        out.print(f"  [dim]{safe(line)}[/]")
