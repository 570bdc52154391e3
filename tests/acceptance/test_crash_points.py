"""SIGKILL at every step between a change and its mail: each alert arrives, and once.

The steps are counted, not guessed: each SQL statement, each commit, and the moments before and after the channel has
taken a message. Run as a program (`python -m tests.acceptance.test_crash_points`), this file is the process that is
killed: it forks a child for each point, kills it there, and lets a second child start again twenty minutes later.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from scraper.app import running
from scraper.clock import SystemClock
from scraper.config import load
from scraper.watch.deliver import deliver
from storage.records.alert import Message, Receipt
from tests.acceptance.conftest import Desk, Server, article, publish, release, source

ALERTS = 2
LATER = timedelta(minutes=20)  # leases and claims of the killed process have run out by then
TODAY = SystemClock().now().date().isoformat()


# -- the process that is killed ----------------------------------------------------------------------


class Steps:
    """Counts the steps of a run and ends the process at the one that is chosen; says whether doubt is open there."""

    def __init__(self, last: int, report: Path) -> None:
        self.names, self.last, self._report = list[str](), last, report
        self._doubt = self._recorded = False  # a message arrived; its record is about to be committed

    def step(self, name: str) -> None:
        if self._recorded:
            self._doubt = self._recorded = False
        self._doubt |= name == "arrived"
        self.names.append(name)
        if len(self.names) == self.last:
            self._report.write_text(json.dumps({"step": name, "doubt": self._doubt}))
            os.kill(os.getpid(), signal.SIGKILL)
        self._recorded = self._doubt and name == "commit"

    def watch(self) -> None:
        def statement(connection: Connection, cursor: Any, sql: str, *_: Any) -> None:
            self.step(sql.split("\n")[0][:60])

        event.listen(Engine, "before_cursor_execute", statement)
        event.listen(Engine, "commit", lambda connection: self.step("commit"))


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    """A channel whose other end outlives the process: one line a message that arrived."""

    file: Path
    steps: Steps

    async def send(self, message: Message) -> Receipt:
        self.steps.step("before DATA")
        with self.file.open("a") as file:
            file.write(f"{message.message_id} {blake2b(message.raw).hexdigest()}\n")
        self.steps.step("arrived")
        return Receipt(outcome="sent")

    async def aclose(self) -> None:
        """Nothing is held open."""


class Later(SystemClock):
    """The clock of a process that is started again after a while."""

    def __init__(self, by: timedelta) -> None:
        self._by = by

    def now(self) -> datetime:
        return super().now() + self._by


async def work(folder: Path, steps: Steps, by: timedelta, crawl: bool) -> None:
    """What the daemon and a manual crawl do: look, keep, deliver."""
    config = load(folder / "config.toml", environ={})
    async with running(config, clock=Later(by), inline=True) as app:
        if crawl:
            await app.crawl(config.sources)
        await deliver(replace(app.post, channel=lambda _: Mailbox(file=folder / "mailbox", steps=steps)))
    (folder / "steps").write_text(json.dumps(steps.names))


def in_a_child(call: Callable[[], None]) -> int:
    """The wait status of a forked process that does this."""
    sys.stdout.flush()
    child = os.fork()
    if not child:
        try:
            call()
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
            os._exit(70)
        os._exit(0)
    return os.waitpid(child, 0)[1]


def once(before: Path, folder: Path, last: int, crawl: bool) -> dict[str, Any]:
    """Killed at step `last`, started again; what arrived. `done` when the run ended before that step."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(before, folder)

    def run(last: int, by: timedelta) -> Callable[[], None]:
        steps = Steps(last, folder / "killed")

        def child() -> None:
            steps.watch()
            asyncio.run(work(folder, steps, by, crawl))

        return child

    first = in_a_child(run(last, timedelta()))
    killed = os.WIFSIGNALED(first)
    second = in_a_child(run(0, LATER)) if killed else 0
    arrived = (folder / "mailbox").read_text().splitlines() if (folder / "mailbox").exists() else []
    told = json.loads((folder / "killed").read_text()) if killed else {"step": "", "doubt": False}
    return {"last": last, "killed": killed, "faults": [s for s in (first, second) if os.WIFEXITED(s) and s],
            "arrived": arrived, **told}  # fmt: skip


def main(before: Path, folder: Path, crawl: str, points: str) -> None:
    for last in json.loads(points) or every():
        result = once(before, folder, last, crawl == "crawl")
        result |= state(Desk(folder))
        print(json.dumps(result), flush=True)
        if not result["killed"]:
            return


def state(desk: Desk) -> dict[str, Any]:
    """What the memory holds at the end."""
    counted = desk.folder / "steps"
    return {
        "items": desk.rows("SELECT count(*) FROM items")[0][0],
        "states": dict(desk.rows("SELECT state, count(*) FROM outbox GROUP BY state")),
        "steps": json.loads(counted.read_text()) if counted.exists() else [],
    }


def every() -> Iterator[int]:
    last = 0
    while True:
        last += 1
        yield last


# -- the tests ---------------------------------------------------------------------------------------


@pytest.fixture
def announced(desk: Desk, site: Server) -> Desk:
    """A first look is done; then agreements are announced."""
    (desk.folder / "before").mkdir()
    inner = Desk(desk.folder / "before")
    publish(site, {"/news/0": article(0)})
    inner.configure(source("good", f"{site.base}/feed")).run("crawl")
    publish(site, {f"/news/{n}": release(n, published=TODAY) for n in range(1, 1 + ALERTS)})
    return inner


def runs(desk: Desk, what: str, points: list[int]) -> list[dict[str, Any]]:
    program = f"import runpy; runpy.run_module({__name__!r}, run_name='__main__')"
    here = desk.folder.parent
    done = desk.process(str(here / "before"), str(here / "run"), what, json.dumps(points), program=program, seconds=600)
    assert done.code == 0, done.err
    return [json.loads(line) for line in done.out.splitlines()]


def nothing_is_lost_or_doubled(told: list[dict[str, Any]]) -> None:
    for run in told:
        assert not run["faults"], run
        assert run["items"] == 1 + ALERTS, run
        assert run["states"] == {"sent": ALERTS}, run
        assert len(set(run["arrived"])) == ALERTS, run  # none lost, and each time the same bytes and Message-ID
        assert len(run["arrived"]) == ALERTS + (1 if run["doubt"] else 0), run  # doubled only in the one window


SEAMS = ("commit", "before DATA", "arrived")


def sampled(desk: Desk, what: str, more: int) -> list[dict[str, Any]]:
    """The whole run, killed nowhere; then killed at every seam of a delivery, or at some statements of a crawl."""
    (whole,) = runs(desk, what, [10**6])
    seams = {n for n, name in enumerate(whole["steps"], 1) if name in SEAMS and what == "deliver"}
    others = sorted(set(range(1, len(whole["steps"]) + 1)) - seams)
    points = seams | set(random.Random(20).sample(others, more))
    return [*runs(desk, what, sorted(points)), whole]


def test_killed_between_the_steps_of_a_delivery_each_alert_arrives_and_once(announced: Desk) -> None:
    announced.run("crawl", "--no-deliver")
    told = sampled(announced, "deliver", more=4)
    nothing_is_lost_or_doubled(told)
    assert sum(run["step"] == "before DATA" for run in told) == ALERTS
    assert sum(run["doubt"] for run in told) >= 2 * ALERTS  # the window was hit, at both its ends


def test_killed_between_the_change_and_its_mail_each_alert_arrives_and_once(announced: Desk) -> None:
    nothing_is_lost_or_doubled(sampled(announced, "crawl", more=8))


@pytest.mark.long
@pytest.mark.parametrize("what", ["deliver", "crawl"])
def test_killed_at_every_step_there_is_each_alert_arrives_and_once(announced: Desk, what: str) -> None:
    announced.run("crawl", "--no-deliver") if what == "deliver" else None
    told = runs(announced, what, [])
    nothing_is_lost_or_doubled(told)
    assert not told[-1]["killed"], "the last run must have come to its end"
    doubled = sum(len(run["arrived"]) - ALERTS for run in told)
    print(f"{what}: {len(told) - 1} kills, 0 lost, {doubled} doubled, each of these in the window after DATA")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4])
