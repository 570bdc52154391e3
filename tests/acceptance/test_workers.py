"""More machines: a daemon hands visits out through a real PostgreSQL, and workers, processes of their own, take them.

The sites are the witnesses: each notes who asked (a worker's contact is in its User-Agent), when, and how many at once.
A dead worker is found after 3 seconds here, and its hosts are free after 6, in place of 20 and 45.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from threading import Lock

import pytest

from tests.acceptance.conftest import HEAD, PATIENCE, Desk, Handler, Server, article, publish, release, source
from tests.storage.conftest import server
from tests.storage.databases import Postgres, PostgresMissingError, postgres

__all__ = ["server"]
pytestmark = pytest.mark.postgres
HOSTS, ARTICLES, PACE = 10, 5, 1  # of each host; seconds between two requests
TODAY = date.today().isoformat()  # noqa: DTZ011 - any day that is recent
IMPATIENT = (
    "import runpy; from datetime import timedelta; from scraper.engine import workers; from scraper.fetch import "
    "politeness; workers.BEAT, workers.DEAD = 0.5, 3.0; politeness.LEASE, politeness.BEAT = timedelta(seconds=6), 1.0; "
    "runpy.run_module('scraper', run_name='__main__')"
)
ENGINE = '[engine]\nworkers = "procrastinate"\n'


class Witness(Handler):
    """Notes who asks, when, and whether somebody else is being answered meanwhile."""

    server: Site

    def do_GET(self) -> None:
        who = re.search(r"\w+@press\.test", self.headers["User-Agent"])
        with self.server.lock:
            self.server.seen.append((time.monotonic(), who[0] if who else ""))
            self.server.inside += 1
            self.server.most = max(self.server.most, self.server.inside)
        time.sleep(0.02)  # an answer takes its time, or two could never meet
        try:
            super().do_GET()
        finally:
            with self.server.lock:
                self.server.inside -= 1


class Site(Server):
    def __init__(self) -> None:
        super().__init__({}, Witness)
        self.lock, self.inside, self.most = Lock(), 0, 0
        self.seen = list[tuple[float, str]]()

    @property
    def askers(self) -> list[str]:
        return [who for _, who in self.seen]

    @property
    def shortest_gap(self) -> float:
        times = [at for at, _ in self.seen]
        return min(later - earlier for earlier, later in itertools.pairwise(times))


@pytest.fixture
def sites() -> Iterator[list[Site]]:
    with ExitStack() as stack:
        found = [stack.enter_context(Site()) for _ in range(HOSTS)]
        for number, site in enumerate(found):
            publish(site, {"/news/0": article(1000 + number, published="2024-01-10T09:00:00Z")})
        yield found


def configured(desk: Desk, sites: list[Site], name: str = "config") -> None:
    """A configuration of that name beside the daemon's, the same but for the contact."""
    listed = (source(f"s{n}", f"{site.base}/feed", 'every = "1s"') for n, site in enumerate(sites))
    head = HEAD.replace('"0s"', f'"{PACE}s"', 1).replace("per_host_connections = 4", "per_host_connections = 1")
    desk.configure(*listed, head=head + ENGINE)
    file = desk.folder / "config.toml"
    text = file.read_text(encoding="utf-8")
    if name != "config":
        (desk.folder / f"{name}.toml").write_text(text.replace("desk@press.test", f"{name}@press.test", 1))


@contextmanager
def running(desk: Desk, command: str, name: str = "config") -> Iterator[subprocess.Popen[str]]:
    """`run` or `worker` as a process, its log in NAME.log; ended by SIGTERM, which must end it well."""
    words = (command, "--config", f"{name}.toml")
    with (desk.folder / f"{name}.log").open("a") as log:
        process = desk.start(*words, program=IMPATIENT, stdout=log, stderr=log)
        try:
            yield process
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                assert process.wait(PATIENCE) == 0
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.05)


def items(desk: Desk) -> int:
    known = desk.rows("SELECT to_regclass('items') IS NOT NULL")
    return int(desk.rows("SELECT count(*) FROM items")[0][0]) if known == [(True,)] else 0


def log(desk: Desk, name: str) -> str:
    return (desk.folder / f"{name}.log").read_text(encoding="utf-8")


def test_three_workers_share_a_crawl_and_one_that_is_killed_loses_and_doubles_nothing(
    shared_desk: Desk, sites: list[Site]
) -> None:
    desk, names = shared_desk, ("one", "two", "three")
    for name in ("config", *names):
        configured(desk, sites, name)
    with ExitStack() as stack:
        stack.enter_context(running(desk, "run"))
        workers = {name: stack.enter_context(running(desk, "worker", name)) for name in names}
        wait_until(lambda: items(desk) == HOSTS)
        for number, site in enumerate(sites):
            more = {f"/news/{n}": article(number * 50 + n, published=f"{TODAY}T05:00:00Z") for n in range(1, ARTICLES)}
            publish(site, more | {"/news/99": release(number, published=f"{TODAY}T06:00:00Z")})
        begun = time.monotonic()
        wait_until(lambda: items(desk) >= HOSTS + 2 * ARTICLES)
        busiest = max(names, key=lambda name: sum(site.askers[-1].startswith(name) for site in sites))
        left = [site for site in sites if site.askers[-1].startswith(busiest)]
        os.killpg(workers[busiest].pid, signal.SIGKILL)
        killed = time.monotonic()
        wait_until(lambda: items(desk) == HOSTS * (1 + ARTICLES))
    assert left, "the worker was killed in the middle of nothing"
    for site in left:
        assert any(at > killed + 0.5 and not who.startswith(busiest) for at, who in site.seen), "nobody took it over"
    assert max(site.most for site in sites) == 1, "a host was asked by two at once"
    assert min(site.shortest_gap for site in sites) > PACE * 0.95, "a host was asked too soon"
    shares = {name: sum(who.startswith(name) for site in sites for who in site.askers) for name in names}
    assert all(shares.values()), shares
    assert not any("desk" in who for site in sites for who in site.askers), "the daemon asked, too"
    assert desk.process("deliver").code == 0
    assert desk.rows("SELECT count(*), count(DISTINCT key) FROM outbox WHERE kind <> 'welcome' AND state = 'sent'") == [
        (HOSTS, HOSTS)
    ]
    assert len({mail["Message-ID"] for mail in desk.letters}) == len(desk.letters) == HOSTS
    assert "the visit goes to another" in log(desk, "config")
    for name in ("config", *names):
        assert "Traceback" not in log(desk, name)
        assert not re.search(r"(?m)^\S+ error ", log(desk, name)), log(desk, name)
    print(f"{HOSTS} hosts, {shares} requests; killed {killed - begun:.1f} s in, {busiest} at {len(left)} hosts")


@pytest.fixture(scope="module")
def fragile() -> Iterator[Postgres]:
    """A server that tests may stop."""
    try:
        with postgres() as running:
            yield running
    except PostgresMissingError as why:
        pytest.skip(f"no PostgreSQL: {why}")


@pytest.mark.parametrize("commands", [("run",), ("run", "worker")], ids=["daemon", "worker"])
def test_a_server_that_restarts_in_mid_work_is_named_once_and_work_goes_on_by_itself(
    tmp_path: Path, site: Server, fragile: Postgres, commands: tuple[str, ...]
) -> None:
    desk = Desk(tmp_path, fragile.empty())
    publish(site, {f"/news/{n}": article(n, published="2024-01-10T09:00:00Z") for n in range(5)})
    head = HEAD.replace('"0s"', '"1s"', 1) + (ENGINE if "worker" in commands else "")
    desk.configure(source("site", f"{site.base}/feed", 'every = "1s"'), head=head)
    shutil.copy(tmp_path / "config.toml", tmp_path / "worker.toml")
    names = ["config", *commands[1:]]
    with ExitStack() as stack:
        for command, name in zip(commands, names, strict=True):
            stack.enter_context(running(desk, command, name))
        wait_until(lambda: items(desk) > 1)
        kept = items(desk)
        fragile.stop()
        try:
            for name in names:
                wait_until(lambda name=name: "all work waits and is tried again" in log(desk, name))  # type: ignore[misc]
        finally:
            fragile.start()
        assert items(desk) >= kept, "something committed was lost"
        wait_until(lambda: items(desk) == 5)
        publish(site, {"/news/5": release(5, published=f"{TODAY}T06:00:00Z")})
        wait_until(lambda: items(desk) == 6)
    for name in names:
        troubles = re.findall(r"(?m)^\S+ error .*", log(desk, name))
        print(log(desk, name))
        assert "Traceback" not in log(desk, name)
        assert len(troubles) <= 2, troubles  # the server that ends, and the server that is away
        assert all("see that the PostgreSQL server" in line for line in troubles)


def test_a_crawl_whose_server_is_lost_ends_in_one_line_and_the_next_makes_it_good(
    tmp_path: Path, site: Server, fragile: Postgres
) -> None:
    desk = Desk(tmp_path, fragile.empty())
    publish(site, {f"/news/{n}": article(n) for n in range(6)})
    desk.configure(source("site", f"{site.base}/feed"), head=HEAD.replace('"0s"', '"1s"', 1))
    crawl = desk.start("crawl")
    wait_until(lambda: items(desk) > 1)
    fragile.stop()
    try:
        _, err = crawl.communicate(timeout=PATIENCE)
    finally:
        fragile.start()
    assert crawl.returncode == 1
    (line,) = err.splitlines()
    assert line.startswith("accordwatch: database postgresql")
    assert line.endswith("see that the PostgreSQL server runs and can be reached")
    desk.minutes_pass()
    assert desk.process("crawl").code == 0
    assert items(desk) == 6
