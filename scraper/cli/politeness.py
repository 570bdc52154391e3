"""`politeness`: what each host was asked, counted as it happened, against what was allowed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scraper.cli.face import OK, console, print_json, table
from scraper.cli.lists import asking
from storage.records.source import Host

COLUMNS = ("host", "requests", "bytes", "not_modified", "shortest_gap", "crawl_delay", "refused")


def politeness(path: Path | None, *, as_json: bool) -> int:
    with asking(path) as (config, catalogue):
        found = [host_json(host) for host in catalogue.hosts() if host.requests or host.refused]
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


def host_json(host: Host) -> dict[str, Any]:
    """One host, as `politeness --json` prints it; gaps in seconds, the port left out where it is the usual one."""
    gap = host.shortest_gap
    return {
        "host": host.authority.removesuffix(":443"), "requests": host.requests, "bytes": host.bytes,
        "not_modified": host.not_modified, "shortest_gap": None if gap is None else round(gap, 3),
        "crawl_delay": host.crawl_delay, "refused": host.refused, "trouble": host.trouble,
    }  # fmt: skip


def _cell(value: object) -> object:
    return "-" if value is None else value
