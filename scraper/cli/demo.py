"""`demo`: the whole program over real HTTP on a small web of this machine, with the settings it prints."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from scraper import shapes
from scraper.app import App, running
from scraper.cli.crawl import tally_json
from scraper.cli.face import NEEDS_A_PERSON, OK, console, on_disk, print_json, safe
from scraper.clock import Clock, SystemClock
from scraper.config import Config, load
from scraper.demo.happenings import STORY, Happening
from scraper.demo.server import Web
from scraper.errors import ConfigError
from scraper.text import plural
from scraper.watch.crawl import SourceTally
from storage.records.alert import Delivery, DeliveryState
from storage.records.verdict import CheckReport, Verdict
from storage.store import Filter

CONFIG = files("scraper.demo").joinpath("config.toml").read_text(encoding="utf-8")

NOUNS = {
    "partnerships": ("partnership", "partnerships"), "witnesses": ("witness", "witnesses"), "mails": ("mail", "mails"),
}  # fmt: skip


def demo(folder: Path, *, as_json: bool) -> int:
    """Run the story; exit code 0 when each happening was found as it happened."""
    out = Console(quiet=True) if as_json else console()
    folder = _fresh(folder)
    clock = SystemClock()
    with Web(clock.now().date()) as web:
        config = _configured(folder, web)
        out.print(f"[bold]A small web on this machine[/]: {', '.join(s.news for s in web.sites.values())}")
        out.print(f"watched with [bold]{safe(str(config.path))}[/]; nothing is staged, every page goes over HTTP\n")
        steps = asyncio.run(_told(web, config, clock, out))
    if as_json:
        print_json({"steps": steps})
    else:
        _farewell(out, folder)
    return OK if all(step["as_expected"] for step in steps) else NEEDS_A_PERSON


def _fresh(folder: Path) -> Path:
    """An empty folder; one that an earlier demonstration filled is emptied. Raises ConfigError for any other."""
    folder = folder.expanduser().absolute()
    if folder.exists() and any(folder.iterdir()):
        if not (folder / "config.toml").exists() or (folder / "config.toml").read_text("utf-8")[:100] != CONFIG[:100]:
            raise ConfigError(f"--dir {folder}", "is not empty and no demonstration's", "name another folder")
        shutil.rmtree(folder)
    with on_disk(f"--dir {folder}", "name another folder", ConfigError):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def _configured(folder: Path, web: Web) -> Config:
    """The configuration, written as a person would, and read back by the ordinary way."""
    names = {"eiic": "EIIC", "eshi": "ESHI", "wire": "Imaging Wire"}
    sources = "".join(
        f'\n[[sources]]\nid = "{key}"\nname = "{names[key]}"\nurl = "{served.news}"\n'
        + (f'organisation = "{names[key]}"\n' if key != "wire" else "")
        for key, served in web.sites.items()
    )
    path = folder / "config.toml"
    path.write_text(CONFIG + sources, encoding="utf-8")
    return load(path, environ=os.environ)


async def _told(web: Web, config: Config, clock: Clock, out: Console) -> list[dict[str, Any]]:
    """One happening after another, each with a crawl and a delivery after it."""
    steps = []
    for number, happening in enumerate(STORY, 1):
        happening.apply(web, clock.now().date())
        out.print(f"[bold]{number}. {safe(happening.say)}[/]")
        async with running(config, clock=clock) as app:
            steps.append(await _step(happening, app, out))
    return steps


async def _step(happening: Happening, app: App, out: Console) -> dict[str, Any]:
    verdicts: list[Verdict] = []

    def keep(report: CheckReport) -> None:
        if report.verdict is not None and (report.verdict.changes or report.verdict.ledger):
            verdicts.append(report.verdict)

    before, files_before = {mail.alert.id for mail in _mails(app)}, _files(app.config)
    told = _witnesses(app)
    for _ in range(happening.looks):
        tallies = await app.crawl(app.config.sources, recheck=True, report=keep)
    await app.deliver(early=happening.early)
    mails = [mail for mail in _mails(app) if mail.alert.id not in before]
    found = _found(tallies, mails, app)
    expected = all(found[key] == happening.expect.get(key, 0) for key in found if key != "witnesses")
    expected &= found["witnesses"] == happening.expect.get("witnesses", 0)
    _print_step(out, verdicts, found, mails, news=found["witnesses"] > told, expected=expected)
    return {
        "happening": happening.name,
        "say": happening.say,
        "found": found,
        "as_expected": expected,
        "sources": [tally_json(tally) for tally in tallies],
        "verdicts": [shapes.verdict_json(verdict) for verdict in verdicts],
        "mails": [_mail_json(mail, sorted(_files(app.config) - files_before)) for mail in mails],
    }


def _mails(app: App) -> list[Delivery]:
    """The mails that went out, one row each: a digest stands with the first of its alerts."""
    rows = app.catalogue().deliveries(Filter(kind=DeliveryState.SENT.value))
    return [row for row in rows if row.message is not None]


def _found(tallies: Iterable[SourceTally], mails: list[Delivery], app: App) -> dict[str, int]:
    tallies = tuple(tallies)
    found = {key: sum(getattr(t, key) for t in tallies) for key in ("new", "changed", "moved", "withdrawn", "restored")}
    return {
        **found,
        "partnerships": sum(tally.partnerships for tally in tallies),
        "witnesses": _witnesses(app),
        "mails": sum(mail.alert.mode == "at once" and mail.alert.kind != "welcome" for mail in mails),
    }


def _witnesses(app: App) -> int:
    """How many pages tell of the partnership that was mailed."""
    mailed = any(mail.alert.kind == "partnership" for mail in _mails(app))
    return len(app.catalogue().partnerships(Filter())[0].witnesses) if mailed else 0


def in_words(found: Mapping[str, int]) -> str:
    """ "1 new, 1 partnership, 3 witnesses"; of what there is none nothing is said."""
    return ", ".join(plural(count, *NOUNS.get(key, (key, key))) for key, count in found.items() if count)


def _print_step(
    out: Console, verdicts: list[Verdict], found: dict[str, int], mails: list[Delivery], *, news: bool, expected: bool
) -> None:
    """`news`: whether more pages tell of the partnership than before this step."""
    counts = in_words({key: count for key, count in found.items() if key != "witnesses" or news}) or "nothing new"
    out.print(f"   [{'green' if expected else 'red'}]found[/] {counts}{'' if expected else '  (not as expected)'}")
    for verdict in verdicts if len(verdicts) < 6 else ():
        article = verdict.observation.article if verdict.observation else None
        what = ", ".join(change.kind.value for change in verdict.changes) or "ledger"
        why = "; ".join(verdict.because)
        out.print(f"   [dim]{what}[/] {safe(article.title if article else verdict.target.title or verdict.target.url)}")
        out.print(f"   [dim]because[/] {safe(why)}")
    for mail in mails:
        if mail.message is not None:
            out.print("\n   [bold]the mail[/]")
            head = (f"Subject: {mail.message.subject}", f"To: {mail.message.to}", "")
            for line in (*head, *mail.message.text.splitlines()):
                out.print(f"   [cyan]|[/] {escape(line)}")
    out.print()


def _files(config: Config) -> set[Path]:
    return set(config.mail.folder.glob("*"))


def _mail_json(mail: Delivery, files: list[Path]) -> dict[str, Any]:
    message = mail.message
    return {
        **shapes.delivery_json(mail),
        "text": message.text if message else "",
        "files": [str(path) for path in files],
    }


def _farewell(out: Console, folder: Path) -> None:
    shown = safe(os.path.relpath(folder))
    mails = sorted(folder.glob("mails/*"))
    out.print(f"The mails lie in [bold]{shown}/mails[/]: {', '.join(safe(path.name) for path in mails)}")
    out.print("The small web is closed again; what was read is kept. Try next, and what the mails name,")
    out.print("always with the --config of this demonstration:")
    for command in ("partnerships", "changes", "items", "show 1"):
        out.print(f"  accordwatch {command} --config {shown}/config.toml")
    out.print("  accordwatch init")
