"""SIGKILL at every step between a change and its mail: each alert arrives, and once.

The steps are counted, not guessed: each SQL statement, each commit, and in the talk with a real SMTP server the moments
before and after each line that is sent and each answer that is read. Run as a program
(`python -m tests.acceptance.test_crash_points`), this file is the process that is killed: it forks a child for each
point, kills it there, and lets a second child start again at once.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtplib.protocol import SMTPProtocol
from sqlalchemy import Connection, Engine, event

from scraper.app import running
from scraper.clock import SystemClock
from scraper.config import load
from tests.acceptance.conftest import (
    SQLITE,
    Desk,
    Server,
    article,
    publish,
    refusing_port,
    release,
    source,
)
from tests.storage.conftest import BACKENDS

ALERTS = 2
TODAY = SystemClock().now().date().isoformat()


# -- the process that is killed ----------------------------------------------------------------------


class Steps:
    """Counts the steps of a run and ends the process at the one that is chosen; says whether doubt is open there.

    Doubt opens when the closing dot is out and ends when the answer to it is committed.
    """

    def __init__(self, last: int, report: Path) -> None:
        self.names, self.last, self._report = list[str](), last, report
        self._doubt = self._answered = self._recorded = False

    def step(self, name: str) -> None:
        if self._recorded:
            self._doubt = self._answered = self._recorded = False
        self._doubt |= name == "sent dot"
        self._answered |= self._doubt and name == "read answer"
        self.names.append(name)
        if len(self.names) == self.last:
            self._report.write_text(json.dumps({"step": name, "doubt": self._doubt}))
            os.kill(os.getpid(), signal.SIGKILL)
        self._recorded = self._answered and name == "commit"

    def watch(self) -> None:
        def statement(connection: Connection, cursor: Any, sql: str, *_: Any) -> None:
            self.step(sql.split("\n")[0][:60])

        event.listen(Engine, "before_cursor_execute", statement)
        event.listen(Engine, "commit", lambda connection: self.step("commit"))
        self._watch_the_talk()

    def _watch_the_talk(self) -> None:
        write, read_response = SMTPProtocol.write, SMTPProtocol.read_response

        def written(protocol: SMTPProtocol, data: bytes) -> None:
            word = "dot" if data.endswith(b"\r\n.\r\n") else data[:4].decode("ascii", "replace").strip()
            self.step(f"send {word}")
            write(protocol, data)
            self.step(f"sent {word}")

        async def read(protocol: SMTPProtocol, timeout: float | None = None) -> Any:
            answer = await read_response(protocol, timeout)
            self.step("read answer")
            return answer

        SMTPProtocol.write, SMTPProtocol.read_response = written, read  # type: ignore[method-assign]


async def work(folder: Path, steps: Steps, crawl: bool) -> None:
    """What the daemon and a manual crawl do: look, keep, deliver."""
    config = load(folder / "config.toml", environ={})
    async with running(config, inline=True) as app:
        if crawl:
            await app.crawl(config.sources)
        await app.deliver()
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
    Desk.at(before).copy(folder)

    def run(last: int) -> Callable[[], None]:
        steps = Steps(last, folder / "killed")

        def child() -> None:
            steps.watch()
            asyncio.run(work(folder, steps, crawl))

        return child

    first = in_a_child(run(last))
    killed = os.WIFSIGNALED(first)
    second = in_a_child(run(0)) if killed else 0
    arrived = (folder / "mailbox").read_text().splitlines() if (folder / "mailbox").exists() else []
    told = json.loads((folder / "killed").read_text()) if killed else {"step": "", "doubt": False}
    return {"last": last, "killed": killed, "faults": [s for s in (first, second) if os.WIFEXITED(s) and s],
            "arrived": arrived, **told}  # fmt: skip


def main(before: Path, folder: Path, crawl: str, points: str) -> None:
    for last in json.loads(points) or every():
        result = once(before, folder, last, crawl == "crawl")
        result |= state(Desk.at(folder))
        print(json.dumps(result), flush=True)
        if not result["killed"]:
            return


def state(desk: Desk) -> dict[str, Any]:
    """What the memory holds at the end."""
    counted = desk.folder / "steps"
    return {
        "items": desk.rows("SELECT count(*) FROM items")[0][0],
        "states": dict(desk.rows("SELECT state, count(*) FROM outbox GROUP BY state")),
        "keys": desk.rows("SELECT count(DISTINCT key) FROM outbox")[0][0],
        "steps": json.loads(counted.read_text()) if counted.exists() else [],
    }


def every() -> Iterator[int]:
    last = 0
    while True:
        last += 1
        yield last


# -- the tests ---------------------------------------------------------------------------------------


class Postman:
    """Keeps what it accepts: one line a message that arrived, in the file that the run reads."""

    def __init__(self, mailbox: Path) -> None:
        self.mailbox = mailbox

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        told = re.search(rb"(?im)^Message-ID: (<\S+>)", envelope.content)
        assert told
        if self.mailbox.parent.exists():
            with self.mailbox.open("a") as file:
                file.write(f"{told[1].decode()} {blake2b(envelope.content).hexdigest()}\n")
        return "250 kept"


SMTP = """
[mail]
transport = "smtp"
host = "127.0.0.1"
port = {port}
security = "none"
sender = "watch@press.test"
"""


@pytest.fixture
def port(desk: Desk) -> Iterator[int]:
    """A mail server, its mailbox in the folder of the run."""
    controller = Controller(Postman(desk.folder / "run" / "mailbox"), hostname="127.0.0.1", port=refusing_port())
    controller.start()
    yield controller.port
    controller.stop()


@pytest.fixture(params=BACKENDS)
def url(request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue("server").empty() if request.param == "postgresql" else SQLITE


@pytest.fixture
def watched(desk: Desk, url: str, site: Server, port: int) -> Desk:
    """Configured; nothing was looked at yet."""
    (desk.folder / "before").mkdir()
    publish(site, {"/news/0": article(0)})
    inner = Desk(desk.folder / "before", url)
    return inner.configure(source("good", f"{site.base}/feed"), mail=SMTP.format(port=port))


@pytest.fixture
def announced(watched: Desk, site: Server) -> Desk:
    """A first look is done and was told; then agreements are announced."""
    watched.run("crawl")
    publish(site, {f"/news/{n}": release(n, published=TODAY) for n in range(1, 1 + ALERTS)})
    return watched


def runs(desk: Desk, what: str, points: list[int]) -> list[dict[str, Any]]:
    program = f"import runpy; runpy.run_module({__name__!r}, run_name='__main__')"
    here = desk.folder.parent
    words = (str(here / "before"), str(here / "run"), what, json.dumps(points))
    done = desk.process(*words, program=program, seconds=3600)
    assert done.code == 0, done.err
    return [json.loads(line) for line in done.out.splitlines()]


def nothing_is_lost_or_doubled(told: list[dict[str, Any]], *, mails: int = ALERTS, before: int = 1) -> None:
    """`mails` are due in this run; `before` were sent in an earlier one."""
    for run in told:
        assert not run["faults"], run
        assert run["items"] == before + mails, run
        assert run["states"] == {"sent": before + mails}, run
        assert run["keys"] == before + mails, run
        assert len(set(run["arrived"])) == mails, run  # none lost, and each time the same bytes and Message-ID
        assert len(run["arrived"]) == mails + (1 if run["doubt"] else 0), run  # doubled only in the one window


def sampled(desk: Desk, what: str, more: int) -> list[dict[str, Any]]:
    """The whole run, killed nowhere; then killed at steps of the talk with the mail server, and at some others."""
    (whole,) = runs(desk, what, [10**6])
    talk = {n for n, name in enumerate(whole["steps"], 1) if name in SEAMS and what == "deliver"}
    others = sorted(set(range(1, len(whole["steps"]) + 1)) - talk)
    more = more if desk.url == SQLITE else more // 3
    points = talk | set(random.Random(20).sample(others, more))
    return [*runs(desk, what, sorted(points)), whole]


SEAMS = ("send RCPT", "send dot", "sent dot")


def test_killed_between_the_steps_of_a_delivery_each_alert_arrives_and_once(announced: Desk) -> None:
    announced.run("crawl", "--no-deliver")
    told = sampled(announced, "deliver", more=6)
    nothing_is_lost_or_doubled(told)
    assert sum(run["step"] == "send dot" for run in told) == ALERTS
    assert sum(run["doubt"] for run in told) >= ALERTS  # the window was hit


def test_killed_between_the_change_and_its_mail_each_alert_arrives_and_once(announced: Desk) -> None:
    nothing_is_lost_or_doubled(sampled(announced, "crawl", more=6))


def test_killed_in_the_first_crawl_the_welcome_still_comes_and_once(watched: Desk) -> None:
    nothing_is_lost_or_doubled(sampled(watched, "crawl", more=5), mails=1, before=0)


@pytest.mark.long
@pytest.mark.parametrize("what", ["deliver", "crawl", "first"])
def test_killed_at_every_step_there_is_each_alert_arrives_and_once(request: pytest.FixtureRequest, what: str) -> None:
    desk: Desk = request.getfixturevalue("watched" if what == "first" else "announced")
    desk.run("crawl", "--no-deliver") if what == "deliver" else None
    told = runs(desk, "deliver" if what == "deliver" else "crawl", [])
    mails, before = (1, 0) if what == "first" else (ALERTS, 1)
    nothing_is_lost_or_doubled(told, mails=mails, before=before)
    assert not told[-1]["killed"], "the last run must have come to its end"
    doubled = sum(len(run["arrived"]) - mails for run in told)
    print(f"{what}: {len(told) - 1} kills, 0 lost, {doubled} doubled, each of these in the window after DATA")


def test_two_processes_that_deliver_at_once_send_each_mail_once(announced: Desk, site: Server) -> None:
    publish(site, {f"/news/{n}": release(n, published=TODAY) for n in range(3, 9)})
    announced.run("crawl", "--no-deliver")
    run = announced.folder.parent / "run"
    copy = announced.copy(run)
    both = [copy.start("deliver", "--json") for _ in range(2)]
    sent = [json.loads(process.communicate(timeout=60)[0])["sent"] for process in both]
    assert sum(sent) == 8
    arrived = (run / "mailbox").read_text().splitlines()
    assert len(arrived) == len(set(arrived)) == 8


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4])
