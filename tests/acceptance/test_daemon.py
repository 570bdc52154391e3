"""The daemon as a process of its own: it watches, is told new things, is killed, and leaves nothing half-done."""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import sqlite3
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from tests.acceptance.conftest import HEAD, PATIENCE, Desk, Server, article, publish, refusing_port, release, source

LINE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (debug|info|warning|error) ")
TODAY = date.today().isoformat()  # noqa: DTZ011 - any day that is recent


@contextmanager
def daemon(desk: Desk, *options: str) -> Iterator[subprocess.Popen[str]]:
    """A running daemon, ended by SIGTERM or, when the test ends early, by SIGKILL."""
    with (desk.folder / "log").open("a") as log, desk.start("run", *options, stdout=log, stderr=log) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                try:
                    process.wait(PATIENCE)
                finally:
                    process.kill()


def wait_until(holds: Callable[[], bool], process: subprocess.Popen[str] | None = None) -> None:
    """Look again and again until it holds; a process that ended meanwhile, or a minute, is a failure."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it never came to be"
        assert process is None or process.poll() is None, "the daemon ended"
        time.sleep(0.05)


def log(desk: Desk) -> str:
    return (desk.folder / "log").read_text(encoding="utf-8")


def items(desk: Desk) -> int:
    """How many articles are held; none before the daemon has made its tables."""
    try:
        return int(desk.rows("SELECT count(*) FROM items")[0][0])
    except sqlite3.OperationalError:
        return 0


@pytest.fixture
def watched(desk: Desk, site: Server) -> Desk:
    publish(site, {f"/news/{n}": article(n, published="2024-01-10T09:00:00Z") for n in range(1, 6)})
    return desk.configure(source("site", f"{site.base}/feed", 'every = "1s"'))


def test_it_reads_a_site_brings_what_is_new_mails_it_and_ends_cleanly(watched: Desk, site: Server) -> None:
    with daemon(watched) as running:
        wait_until(lambda: "watching 1 sources" in log(watched), running)
        wait_until(lambda: items(watched) == 5, running)
        publish(site, {"/news/77": release(3, published=f"{TODAY}T06:00:00Z")})
        wait_until(lambda: bool(list(watched.mails.glob("*.eml"))), running)
        os.kill(running.pid, signal.SIGTERM)
        assert running.wait(PATIENCE) == 0
    assert items(watched) == 6
    assert watched.rows("SELECT count(*) FROM hosts WHERE lease_owner <> ''") == [(0,)]
    assert all(map(LINE.match, log(watched).splitlines())), log(watched)


def test_a_second_daemon_on_the_same_file_is_refused_and_a_crawl_beside_it_is_not(watched: Desk) -> None:
    with daemon(watched) as running:
        wait_until(lambda: items(watched) == 5, running)
        second = watched.process("run")
        assert second.code == 1
        assert "another daemon" in second.err
        assert watched.process("crawl", "--json").json["sources"][0]["status"] == "ok"


def test_a_changed_file_is_taken_up_and_a_faulty_one_keeps_the_old_running(watched: Desk, site: Server) -> None:
    other = '\n[[sources]]\nid = "more"\nname = "more"\nurl = "{}"\n'
    config = watched.folder / "config.toml"
    with daemon(watched) as running, Server({}) as second:
        publish(second, {"/news/9": article(90, published="2024-01-10T09:00:00Z")})
        wait_until(lambda: items(watched) == 5, running)
        good = config.read_text()
        config.write_text(good + '\n[[sources]]\nid = "half')
        wait_until(lambda: "the configuration of before stays in force" in log(watched), running)
        config.write_text(good + other.format(second.base + "/feed"))
        wait_until(lambda: items(watched) == 6, running)
        publish(site, {"/news/10": article(10, published="2024-01-10T09:00:00Z")})
        wait_until(lambda: items(watched) == 7, running)


def test_health_and_numbers_are_served_for_monitoring(watched: Desk) -> None:
    port = refusing_port()
    with daemon(watched, "--metrics", f"127.0.0.1:{port}") as running:
        wait_until(lambda: items(watched) == 5, running)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            assert b'"ok"' in answer.read()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            numbers = answer.read().decode()
    assert 'accordwatch_changes_total{kind="new",source="site"} 5.0' in numbers
    assert "accordwatch_items 5.0" in numbers


def test_the_service_manager_is_told_when_it_is_ready_and_when_it_stops(watched: Desk, tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address)
        manager.settimeout(PATIENCE)
        os.environ["NOTIFY_SOCKET"] = address
        try:
            with daemon(watched) as running:
                assert manager.recv(1000).startswith(b"READY=1")
                os.kill(running.pid, signal.SIGTERM)
                assert manager.recv(1000) == b"STOPPING=1"
        finally:
            del os.environ["NOTIFY_SOCKET"]


def test_a_locked_database_makes_it_wait_and_go_on_by_itself(watched: Desk) -> None:
    """Disk full, a lock, a server that restarts: named, nothing lost, and work goes on when the cause is gone."""
    config = watched.folder / "config.toml"
    config.write_text(config.read_text().replace("watch.db", "watch.db?timeout=0.2"))
    with daemon(watched) as running:
        wait_until(lambda: items(watched) == 5, running)
        with sqlite3.connect(watched.database, isolation_level=None) as holder:
            holder.execute("BEGIN IMMEDIATE")
            wait_until(lambda: "all work waits and is tried again" in log(watched), running)
            holder.execute("ROLLBACK")
        holder.close()
        wait_until(lambda: "goes on; what stopped it is gone" in log(watched), running)


@pytest.mark.parametrize("killed", [3, pytest.param(200, marks=pytest.mark.long)])
def test_killed_at_random_moments_it_ends_with_exactly_the_sites_items_and_no_mail_twice(
    desk: Desk, site: Server, killed: int
) -> None:
    moments = random.Random(killed)
    publish(site, {f"/news/{n}": article(n, published="2024-01-10T09:00:00Z") for n in range(40)})
    desk.configure(source("site", f"{site.base}/feed", 'every = "1s"'), head=HEAD)
    with daemon(desk) as running:
        wait_until(lambda: items(desk) == 40, running)
    for n in range(killed):
        publish(site, {f"/news/a{n}": release(n % 20, published=f"{TODAY}T06:00:00Z")} if n < 20 else {
            f"/news/a{n}": article(100 + n, published="2024-01-10T09:00:00Z")})  # fmt: skip
        with daemon(desk) as running:
            time.sleep(moments.uniform(0.8, 4.0))
            os.killpg(running.pid, signal.SIGKILL)
        desk.minutes_pass()
    with daemon(desk) as running:
        wait_until(lambda: items(desk) == 40 + killed, running)
        wait_until(lambda: desk.rows("SELECT count(*) FROM outbox WHERE state <> 'sent'") == [(0,)], running)
    assert len(list(desk.mails.glob("*.eml"))) == desk.rows("SELECT count(*) FROM outbox")[0][0]


def test_a_metrics_address_that_is_none_is_refused_in_one_line(watched: Desk) -> None:
    refused = watched.process("run", "--metrics", "here")
    assert (refused.code, "write 127.0.0.1:9464" in refused.err) == (2, True)
