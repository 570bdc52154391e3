"""`check-sources`: every source tried now without storing anything; `--fix` writes an address that works."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from scraper import catalogue
from scraper.app import looking
from scraper.cli.add import found_json
from scraper.cli.crawl import chosen
from scraper.cli.face import NEEDS_A_PERSON, OK, config_of, console, print_json, safe, table
from scraper.cli.inspect import refuse_placeholders
from scraper.clock import Clock, SystemClock
from scraper.config import Config
from scraper.config.edit import rewrite, set_url
from scraper.fetch.message import Fetcher
from scraper.watch.check import Reader
from scraper.watch.scout import Found, differences, first_that, scout
from storage.records.source import Source, TargetKind

METHODS = ("feed", "sitemap", "listing", "page")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One source, looked at now."""

    source: Source
    found: tuple[Found, ...]
    fixed: str = ""  # the address that works, now written

    @property
    def works(self) -> bool:
        return any(each.leads for each in self.found)

    @property
    def newest(self) -> str:
        return max((lead.published.value for each in self.found for lead in each.leads if lead.published), default="")

    @property
    def trouble(self) -> str:
        """Why it brings nothing, and what to do; empty when it works."""
        return "" if self.works else next((each.trouble for each in self.found if each.trouble), "names no news")

    def items(self, method: str) -> int | None:
        """How many items that method brings; None where the source has no such way."""
        return max((len(each.leads) for each in self.found if each.kind == method), default=None)


def check_sources(names: tuple[str, ...], path: Path | None, *, fix: bool, as_json: bool) -> int:
    """Try the named sources, or all; print what each method brings, and what to do about those that bring nothing."""
    config = config_of(path)
    sources = chosen(config, names)
    refuse_placeholders(config, *(source.url for source in sources))
    checked = asyncio.run(_checked(config, sources, fix=fix))
    for each in checked:
        if each.fixed:
            edit = partial(set_url, id=each.source.id, url=each.fixed)
            rewrite(config.path, edit, part=config.home_of(each.source.id))
    if as_json:
        print_json([_json(each) for each in checked])
    else:
        _print(checked)
    broken = [each for each in checked if not each.works]
    return NEEDS_A_PERSON if broken and (names or len(broken) == len(checked)) else OK


async def _checked(config: Config, sources: tuple[Source, ...], *, fix: bool) -> tuple[Checked, ...]:
    clock = SystemClock()
    room = asyncio.Semaphore(config.fetch.max_hosts)

    async def one(source: Source, fetcher: Fetcher, reader: Reader) -> Checked:
        async with room:
            first = Checked(source=source, found=await scout(source, fetcher=fetcher, reader=reader, clock=clock))
            return first if first.works or not fix else await _fixed(first, config, fetcher, reader, clock)

    async with looking(config, clock) as (fetcher, reader):
        return tuple(await asyncio.gather(*(one(source, fetcher, reader) for source in sources)))


async def _fixed(failing: Checked, config: Config, fetcher: Fetcher, reader: Reader, clock: Clock) -> Checked:
    """The same source at the first other address of the catalogue that brings items; else as it was."""
    taken = {source.url for source in config.sources}
    others = catalogue.others(failing.source.url, failing.source.organisation, failing.source.name)
    at = await first_that(
        failing.source, (other.url for other in others if other.url not in taken),
        lambda found: any(each.leads for each in found), fetcher=fetcher, reader=reader, clock=clock,
    )  # fmt: skip
    return failing if at is None else Checked(source=replace(failing.source, url=at[0]), found=at[1], fixed=at[0])


def _json(checked: Checked) -> dict[str, Any]:
    return {
        "id": checked.source.id, "name": checked.source.name, "url": checked.source.url,
        "status": "ok" if checked.works else "trouble", "newest": checked.newest or None,
        "methods": {method: items for method in METHODS if (items := checked.items(method)) is not None},
        "found": [found_json(each) for each in checked.found], "differences": list(differences(checked.found)),
        "trouble": checked.trouble, "fixed": checked.fixed or None,
    }  # fmt: skip


def _print(checked: tuple[Checked, ...]) -> None:
    out = console()
    shown = [method for method in METHODS if any(each.items(method) is not None for each in checked)]
    rows = [
        (each.source.name, "ok" if each.works else "trouble", *(_count(each.items(method)) for method in shown),
         each.newest or "no date" if each.works else "", each.trouble)
        for each in checked
    ]  # fmt: skip
    out.print(table("", ("source", "state", *shown, "newest", "trouble"), rows))
    for each in checked:
        if each.fixed:
            out.print(f"[green]{safe(each.source.name)}[/]: wrote {safe(each.fixed)}, which works")
        for line in differences(each.found) if each.source.kind != TargetKind.PAGE else ():
            out.print(f"[dim]{safe(each.source.name)}: {safe(line)}[/]")


def _count(items: int | None) -> str:
    return "-" if items is None else str(items)
