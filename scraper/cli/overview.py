"""Bare `accordwatch`: how things stand in a few lines, and the next sensible step."""

from __future__ import annotations

from pathlib import Path

from scraper.cli.face import OK, config_path, console, safe
from scraper.cli.session import asking
from scraper.cli.status import exit_code, in_short
from scraper.clock import SystemClock
from scraper.config import Config
from scraper.text import plural
from scraper.watch.overview import overview as health_of_all
from storage.store import Totals


def overview(path: Path | None) -> int:
    out = console()
    target = config_path(path)
    if not target.exists():
        out.print(f"no configuration at {safe(str(target))}")
        out.print(
            "next: `accordwatch demo` shows the whole program on this machine; `accordwatch init` begins for real"
        )
        return OK
    with asking(path) as (config, catalogue):
        totals, until = catalogue.totals(), catalogue.next_delivery()
        found, stuck = health_of_all(catalogue, config.sources, SystemClock().now()), catalogue.stuck()
    held = (totals.sources, "source"), (totals.items, "item"), (totals.changes, "change")
    out.print(", ".join(plural(*each) for each in (*held, (totals.partnerships, "partnership"))))
    when = f", the next until {until:%Y-%m-%d %H:%M} UTC" if until is not None else ""
    out.print(f"outbox: {totals.waiting} waiting{when}, {totals.failed} failed")
    for line in in_short(found):
        out.print(line)
    waits = until is None or until > SystemClock().now()
    out.print(f"next: {_next_step(config, totals, waits=waits)}")
    return exit_code(found, stuck)


def _next_step(config: Config, totals: Totals, *, waits: bool) -> str:
    blocked = config.why_not_crawl()
    if blocked:
        return safe(blocked)
    if not totals.sources:
        return "`accordwatch add URL` or `accordwatch add COCIR` (see `accordwatch sources --catalogue`)"
    if not totals.items:
        return "`accordwatch crawl` takes a first look; what it finds is history: one mail says what was read"
    if totals.failed:
        return "`accordwatch alerts --kind failed` shows the mails that a person must see to"
    if totals.waiting and not waits:
        return "`accordwatch deliver` sends what is due"
    return "`accordwatch crawl`, and `accordwatch partnerships` for the ledger"
