"""`crawl` and `deliver`: progress while it runs, then a table or one JSON object."""

from __future__ import annotations

import socket
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from scraper import shapes
from scraper.app import App
from scraper.cli.face import NEEDS_A_PERSON, OK, WRONG, config_of, console, label, plain, print_json, safe, table, warn
from scraper.cli.inspect import refuse_placeholders
from scraper.cli.session import at_work
from scraper.config import Config
from scraper.errors import ConfigError
from scraper.text import plural
from scraper.watch.crawl import NO_NETWORK, SourceTally, no_network
from scraper.watch.deliver import Outcome
from scraper.watch.wanted import moment
from storage.records.source import FirstCrawl, Source
from storage.records.verdict import CheckReport, Verdict
from storage.store import copy_sqlite

MOST_TOLD = 8  # lines of what was found, a source


def crawl(
    names: tuple[str, ...], path: Path | None, *, recheck: bool, since: str, dry_run: bool, deliver: bool, as_json: bool
) -> int:
    config = config_of(path)
    sources = chosen(config, names, moment(since, "--since"))
    try:
        refuse_placeholders(config, *(source.url for source in sources))
    except ConfigError:
        if not any(has_address(urlsplit(source.url).hostname or "") for source in sources):
            warn(NO_NETWORK)
        raise
    if dry_run:
        return _dry_run(config, sources, recheck=recheck, widen=bool(since), as_json=as_json)

    async def crawled(app: App) -> tuple[tuple[SourceTally, ...], Outcome]:
        tallies = await _with_progress(app, sources, recheck=recheck, widen=bool(since), quiet=as_json)
        return tallies, await app.deliver() if deliver else Outcome()

    tallies, sent = at_work(config, crawled)
    queued = sum(tally.alerts for tally in tallies)
    if as_json:
        alerts = {"queued": queued, "sent": sent.sent, "failed": sent.failed}
        print_json({"sources": [tally_json(tally) for tally in tallies], "alerts": alerts})
    else:
        _print(tallies, queued, sent)
    return _exit_code(tallies, sent, named=bool(names))


async def _with_progress(
    app: App, sources: tuple[Source, ...], *, recheck: bool, widen: bool, quiet: bool
) -> tuple[SourceTally, ...]:
    """A crawl with a bar per source on a terminal; nothing of it on a pipe."""
    out = console(stderr=True)
    if quiet or not out.is_terminal:
        return await app.crawl(sources, recheck=recheck, widen=widen)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
               TextColumn("{task.fields[last]}"))  # fmt: skip
    with Progress(*columns, console=out, transient=True) as progress:
        bars = {source.id: progress.add_task(safe(source.name), total=1, last="") for source in sources}

        def step(report: CheckReport) -> None:
            bar = bars[report.source]
            total = progress.tasks[bar].total or 0
            last = safe(plain(report.title or report.url)[:50])
            progress.update(bar, advance=1, total=total + report.new_targets, last=last)

        return await app.crawl(sources, recheck=recheck, widen=widen, report=step)


def chosen(config: Config, names: tuple[str, ...], since: datetime | None = None) -> tuple[Source, ...]:
    """The sources meant, by id or name. Raises ConfigError."""
    chosen = tuple(named(config, name) for name in names) or tuple(s for s in config.sources if s.enabled)
    if not chosen:
        raise ConfigError(config.path.name, "has no enabled source", "accordwatch add URL")
    if since is None:
        return chosen
    wide = FirstCrawl(items=None, age=datetime.now(UTC) - since)  # noqa: TID251 - a face, not thought
    return tuple(replace(source, first_crawl=wide) for source in chosen)


def named(config: Config, name: str) -> Source:
    """The source of an id, or else of a name that only one has. Raises ConfigError."""
    key = name.casefold()
    found = [source for source in config.sources if source.id == key]
    found = found or [source for source in config.sources if source.name.casefold() == key]
    if len(found) == 1:
        return found[0]
    ids = ", ".join(source.id for source in found or config.sources) or "none yet"
    cause, which = ("is the name of several", "by their ids") if found else ("is not in config.toml", "known are")
    raise ConfigError(f"source {name}", cause, f"{which}: {ids}")


def has_address(host: str) -> bool:
    """Whether a name leads anywhere: asking the resolver bothers nobody."""
    try:
        return bool(socket.getaddrinfo(host, 443))
    except OSError:
        return False


def _dry_run(config: Config, sources: tuple[Source, ...], *, recheck: bool, widen: bool, as_json: bool) -> int:
    """The same crawl over a copy of the memory that is thrown away."""
    if not config.storage.url.startswith("sqlite"):
        warn("crawl --dry-run works on a copy of the database, which is made of SQLite files only")
        return WRONG
    verdicts: list[Verdict] = []

    def keep(report: CheckReport) -> None:
        if report.verdict is not None:
            verdicts.append(report.verdict)

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.db"
        copy_sqlite(config.storage.url, copy)
        storage = replace(config.storage, url=f"sqlite:///{copy}", archive=Path(folder) / "archive")
        crawl = partial(App.crawl, sources=sources, recheck=recheck, widen=widen, report=keep)
        at_work(replace(config, storage=storage), crawl)
    if as_json:
        print_json([shapes.verdict_json(verdict) for verdict in verdicts])
    else:
        rows = ((v.outcome, v.target.kind.value, v.target.url, "; ".join(v.because)) for v in verdicts)
        console().print(
            table("nothing was written; this is what would be", ("outcome", "kind", "address", "why"), rows)
        )
    return OK


def tally_json(tally: SourceTally) -> dict[str, Any]:
    return {
        "name": tally.name, "id": tally.id, "status": "ok" if tally.well else "trouble", "new": tally.new,
        "changed": tally.changed, "unchanged": tally.unchanged, "moved": tally.moved, "withdrawn": tally.withdrawn,
        "restored": tally.restored, "partnerships": tally.partnerships, "requests": tally.requests,
        "not_modified": tally.not_modified, "trouble": tally.trouble,
    }  # fmt: skip


def _print(tallies: tuple[SourceTally, ...], queued: int, sent: Outcome) -> None:
    out = console()
    if no_network(tallies):
        out.print(NO_NETWORK)
        if not any(tally.answered for tally in tallies):
            return
    columns = ("source", "new", "changed", "same", "moved", "withdrawn", "restored", "partnerships", "requests", "304")
    rows = [(label(t.name, t.id), t.new, t.changed, t.unchanged, t.moved, t.withdrawn, t.restored, t.partnerships,
             t.requests, t.not_modified) for t in tallies]  # fmt: skip
    out.print(table("", columns, rows))
    for tally in tallies:
        for line in tally.trouble[:3]:
            out.print(f"[yellow]{safe(tally.name)}[/]: {safe(line)}")
        if len(tally.trouble) > 3:
            out.print(f"[yellow]{safe(tally.name)}[/]: and {len(tally.trouble) - 3} more like these")
    for tally in tallies:
        for kind, title in tally.told[:MOST_TOLD]:
            out.print(f"  {kind:<10} {safe(tally.name)}: {safe(title)}")
        if len(tally.told) > MOST_TOLD:
            out.print(f"  and {len(tally.told) - MOST_TOLD} more of {safe(tally.name)}: `accordwatch changes`")
    out.print(f"alerts: {queued} queued, {sent.sent} sent, {sent.failed} failed, {waiting_line(sent)}")
    for line in sent.trouble:
        out.print(f"[yellow]mail[/]: {safe(line)}")


def waiting_line(sent: Outcome) -> str:
    """How many wait, and until when: quiet hours, digests and retries have their time."""
    if not sent.waiting or sent.until is None:
        return f"{sent.waiting} waiting"
    return f"{sent.waiting} waiting, the next until {sent.until:%Y-%m-%d %H:%M} UTC"


def _exit_code(tallies: tuple[SourceTally, ...], sent: Outcome, *, named: bool) -> int:
    """1 when a person is needed: a named source failed, all failed, or mail is stuck."""
    broken = [tally for tally in tallies if not tally.ok]
    if broken and (named or len(broken) == len(tallies)):
        return NEEDS_A_PERSON
    return NEEDS_A_PERSON if sent.failed or sent.trouble or any(tally.sick for tally in tallies) else OK


def deliver(path: Path | None, *, to_dir: Path | None, as_json: bool) -> int:
    """Send what is due, and try again what failed before."""
    send = partial(App.deliver, again=True, early=to_dir is not None)
    sent = at_work(config_of(path), send, to_dir=to_dir)
    if as_json:
        print_json({"sent": sent.sent, "mails": sent.mails, "failed": sent.failed, "waiting": sent.waiting,
                    "trouble": list(sent.trouble)})  # fmt: skip
    else:
        where = f"written into {to_dir}" if to_dir else "sent"
        console().print(f"{plural(sent.mails, 'mail')} {safe(where)}, {sent.failed} failed, {waiting_line(sent)}")
        for line in sent.trouble:
            warn(line)
    return NEEDS_A_PERSON if sent.failed or sent.trouble else OK
