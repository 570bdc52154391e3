"""Bare `accordwatch`: how things stand in a few lines, and the next sensible step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from scraper.app import open_store
from scraper.cli.face import OK, config_of, config_path, console, safe
from scraper.clock import SystemClock
from scraper.config import Config
from storage.store import Catalogue, Totals


def overview(path: Path | None) -> int:
    out = console()
    target = config_path(path)
    if not target.exists():
        out.print(f"no configuration at {safe(str(target))}")
        out.print(
            "next: `accordwatch demo` shows the whole program on this machine; `accordwatch init` begins for real"
        )
        return OK
    config = config_of(path)
    store = open_store(config)
    try:
        totals, until = store.catalogue().totals(), store.catalogue().next_delivery()
        troubles = tuple(_troubles(config, store.catalogue()))
    finally:
        store.close()
    out.print(f"{totals.sources} sources, {totals.items} items, {totals.changes} changes, "
              f"{totals.partnerships} partnerships")  # fmt: skip
    when = f", the next until {until:%Y-%m-%d %H:%M} UTC" if until is not None else ""
    out.print(f"outbox: {totals.waiting} waiting{when}, {totals.failed} failed")
    for line in troubles:
        out.print(f"[yellow]trouble[/] {safe(line)}")
    waits = until is None or until > SystemClock().now()
    out.print(f"next: {_next_step(config, totals, waits=waits)}")
    return OK


def _troubles(config: Config, catalogue: Catalogue) -> Iterator[str]:
    """One line for each source none of whose addresses could be read at the last look."""
    for source in config.sources:
        looks = catalogue.targets(source.id, discovering=True) if source.enabled else ()
        if looks and all(look.trouble for look in looks):
            good = max((look.last_good for look in looks if look.last_good), default=None)
            since = f"last good look {good:%Y-%m-%d %H:%M} UTC" if good else "never read yet"
            yield f"{source.name}: {looks[0].trouble} ({since})"


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
