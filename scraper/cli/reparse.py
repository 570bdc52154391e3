"""`reparse`: read the archive again with today's reader; what reads differently is printed, nobody is alerted."""

from __future__ import annotations

from pathlib import Path

from scraper.app import App
from scraper.cli.face import OK, config_of, console, print_json, safe
from scraper.cli.session import at_work
from scraper.watch.reparse import Count, Reread, reparse


def rerun(path: Path | None, *, source: str, dry_run: bool, as_json: bool) -> int:
    found: list[Reread] = []

    async def again(app: App) -> Count:
        catalogue, report = app.catalogue(), found.append
        return await reparse(hands=app.hands, catalogue=catalogue, source=source, write=not dry_run, report=report)

    count = at_work(config_of(path), again)
    if as_json:
        rows = [{"item": one.item.id, "url": one.item.url, "version": one.version, "differs": list(one.differs),
                 "unread": one.why or None} for one in found]  # fmt: skip
        print_json({"read": count.read, "differ": count.differ, "unread": count.unread, "dry_run": dry_run,
                    "items": rows})  # fmt: skip
        return OK
    out = console()
    for one in found:
        what = "; ".join(one.differs) or f"cannot be read again: {one.why}"
        out.print(f"{one.item.id} version {one.version} {safe(one.item.url)}: {safe(what)}", soft_wrap=True)
    done = "nothing was written" if dry_run else "kept"
    out.print(
        f"{count.read} versions read again, {count.differ} read differently, {count.unread} not; {done}; no alerts"
    )
    return OK
