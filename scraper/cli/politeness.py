"""`politeness`: what each host was asked, counted as it happened, against what was allowed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scraper.cli.face import OK, console, print_json, table
from scraper.cli.session import asking
from scraper.watch import answers

COLUMNS = ("host", "requests", "bytes", "not_modified", "shortest_gap", "crawl_delay", "refused")


def politeness(path: Path | None, *, as_json: bool) -> int:
    with asking(path) as (config, catalogue):
        found: list[Mapping[str, Any]] = [*answers.hosts(catalogue)]
    if as_json:
        print_json(found)
        return OK
    out = console()
    if not found:
        out.print("no host was asked yet")
        return OK
    names = [name.replace("_", " ") for name in COLUMNS]
    out.print(table("", [*names, "trouble"], ([_cell(row[name]) for name in (*COLUMNS, "trouble")] for row in found)))
    delay = config.fetch.per_host_delay.total_seconds()
    out.print(f"gaps and delays in seconds; at least {delay:g} s lie between two requests, or the host's crawl delay")
    return OK


def _cell(value: object) -> object:
    return "-" if value is None else value
