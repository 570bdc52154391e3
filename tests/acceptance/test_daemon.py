"""The daemon as a process of its own: it watches, is told new things, is killed, and leaves nothing half-done."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path

import pytest
from psycopg.errors import UndefinedTable

from tests.acceptance.conftest import (
    PATIENCE,
    Desk,
    Server,
    article,
    publish,
    refusing_port,
    release,
    silent,
    source,
)

LINE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (debug|info|warning|error) ")
TODAY = date.today().isoformat()  # noqa: DTZ011 - any day that is recent


@contextmanager
def daemon(desk: Desk, *options: str, program: str = "") -> Iterator[subprocess.Popen[str]]:
    """A running daemon, ended by SIGTERM or, when the test ends early, by SIGKILL."""
    with (
        (desk.folder / "log").open("a") as log,
        desk.start("run", *options, program=program, stdout=log, stderr=log) as process,
    ):
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
    with suppress(sqlite3.OperationalError, UndefinedTable):
        return int(desk.rows("SELECT count(*) FROM items")[0][0])
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


def test_a_second_daemon_on_the_same_file_is_refused_by_name(watched: Desk) -> None:
    with daemon(watched) as running:
        wait_until(lambda: items(watched) == 5, running)
        second = watched.process("run")
        assert second.code == 1
        (line,) = second.err.splitlines()
        assert f"is watched by another daemon (process {running.pid}); stop that one first" in line
    with daemon(watched) as running:  # its lock ended with it
        wait_until(lambda: log(watched).count("watching 1 sources") == 2, running)


def test_crawls_by_hand_beside_the_daemon_double_and_lose_nothing(watched: Desk, site: Server) -> None:
    with daemon(watched) as running:
        wait_until(lambda: items(watched) == 5, running)
        for n in range(3):
            publish(site, {f"/news/a{n}": release(n, published=f"{TODAY}T06:00:00Z")})
            assert watched.process("crawl", "--recheck", "--json").json["sources"][0]["status"] == "ok"
        wait_until(lambda: items(watched) == 8, running)
        wait_until(lambda: len(watched.letters) == 3, running)
    assert watched.rows("SELECT count(*), count(DISTINCT url) FROM items") == [(8, 8)]
    assert watched.rows("SELECT count(*) FROM outbox WHERE kind <> 'welcome'") == [(3,)]


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


def test_the_service_manager_is_told_how_it_goes(
    watched: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real datagram socket in the place of systemd's: ready, signs of life, a reload, stopping."""
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address)
        manager.settimeout(PATIENCE)
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        monkeypatch.setenv("WATCHDOG_USEC", "400000")

        def told(word: bytes) -> bytes:
            """The next message but signs of life, which must begin so; a sign of life where that is wanted."""
            while (message := manager.recv(1000)) == b"WATCHDOG=1" != word:
                continue
            assert message.startswith(word), message
            return message

        with daemon(watched) as running:
            assert b"STATUS=watching 1 sources" in told(b"READY=1")
            for _ in range(3):
                told(b"WATCHDOG=1")
            running.send_signal(signal.SIGHUP)
            assert b"MONOTONIC_USEC=" in told(b"RELOADING=1")
            told(b"READY=1")
            running.send_signal(signal.SIGTERM)
            told(b"STOPPING=1")
            assert running.wait(PATIENCE) == 0


def test_a_faulty_configuration_at_sighup_is_named_and_the_old_one_stays(watched: Desk, site: Server) -> None:
    config = watched.folder / "config.toml"
    with daemon(watched) as running:
        wait_until(lambda: items(watched) == 5, running)
        good = config.read_text()
        for bad, word in ((good.replace('"1s"', '"5 parsecs"'), "is no duration"), (good[: len(good) // 2], "")):
            config.write_text(bad)
            before = log(watched).count("the configuration of before stays in force")
            running.send_signal(signal.SIGHUP)
            wait_until(
                lambda before=before: log(watched).count("configuration of before stays in force") > before,
                running,  # type: ignore[misc]
            )
            assert word in log(watched)
        publish(site, {"/news/10": article(10, published="2024-01-10T09:00:00Z")})
        wait_until(lambda: items(watched) == 6, running)
        assert log(watched).count("begins anew") == 0


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


def killed_at_random(desk: Desk, site: Server, kills: int) -> None:
    """A daemon that is killed shortly after a random request and started again, so many times; then left to end."""
    chance = random.Random(kills)
    publish(site, {f"/news/{n}": article(n, published="2024-01-10T09:00:00Z") for n in range(10)})
    desk.configure(source("site", f"{site.base}/feed", 'every = "1s"'))
    with daemon(desk) as running:
        wait_until(lambda: items(desk) == 10, running)
    for kill in range(kills):
        alert = kill % max(kills // 10, 1) == 0  # ten of them, or more than 20 an hour would share one mail
        name, number = f"/news/k{kill}", kill // max(kills // 10, 1)
        publish(site, {name: release(number, published=f"{TODAY}T06:00:00Z") if alert else article(
            100 + kill, published="2024-01-10T09:00:00Z")})  # fmt: skip
        asked, more, delay = len(site.asked), chance.randint(1, 3), chance.uniform(0, 0.3)
        with daemon(desk) as running:
            wait_until(lambda asked=asked, more=more: len(site.asked) >= asked + more, running)  # type: ignore[misc]
            time.sleep(delay)
            os.killpg(running.pid, signal.SIGKILL)
    desk.minutes_pass()
    with daemon(desk) as running:
        wait_until(lambda: items(desk) == 10 + kills, running)
        wait_until(lambda: desk.rows("SELECT count(*) FROM outbox WHERE state <> 'sent'") == [(0,)], running)
    wanted = {f"{site.base}{path}" for path in site.routes if path.startswith("/news/")}
    assert sorted(url for (url,) in desk.rows("SELECT url FROM items")) == sorted(wanted)
    alerts = "FROM outbox WHERE kind <> 'welcome'"
    told = [mail["Message-ID"] for mail in desk.letters]
    assert desk.rows(f"SELECT count(*), count(DISTINCT key), count(DISTINCT message_id) {alerts}") == [(len(told),) * 3]
    assert set(told) == {key for (key,) in desk.rows(f"SELECT message_id {alerts}")}
    assert len(told) == sum(
        "k" in path and "cooperation agreement" in str(reply) for path, reply in site.routes.items()
    )
    print(f"{kills} kills: {10 + kills} items of {10 + kills}, {len(told)} alerts, 0 lost, 0 doubled")


@pytest.mark.parametrize("kills", [20, pytest.param(200, marks=pytest.mark.long)])
def test_killed_at_random_moments_it_ends_with_exactly_the_sites_items_and_no_mail_twice(
    desk: Desk, site: Server, kills: int
) -> None:
    killed_at_random(desk, site, kills)
    assert desk.rows("PRAGMA integrity_check") == [("ok",)]


@pytest.mark.postgres
@pytest.mark.parametrize("kills", [3, pytest.param(50, marks=pytest.mark.long)])
def test_killed_at_random_moments_on_postgresql_it_loses_and_doubles_as_little(
    shared_desk: Desk, site: Server, kills: int
) -> None:
    killed_at_random(shared_desk, site, kills)


def test_told_to_stop_in_mid_fetch_it_ends_in_time_and_what_it_cut_short_comes_next_time(
    watched: Desk, site: Server
) -> None:
    """The 20 seconds that it gives what runs are one second here."""
    site.routes["/news/slow"] = silent
    publish(site, {})
    hasty = "from scraper.engine import wheel; wheel.GRACE = 1"
    program = f"import runpy; {hasty}; runpy.run_module('scraper', run_name='__main__')"
    with daemon(watched, program=program) as running:
        wait_until(lambda: "/news/slow" in site.asked, running)
        begun = time.monotonic()
        running.send_signal(signal.SIGTERM)
        assert running.wait(PATIENCE) == 0
        assert time.monotonic() - begun < 5
    assert "cut short; what it had not stored is done again next time" in log(watched)
    assert watched.rows("SELECT count(*) FROM hosts WHERE lease_owner <> ''") == [(0,)]
    site.closing.set()
    publish(site, {"/news/slow": article(50, published="2024-01-10T09:00:00Z")})
    with daemon(watched) as running:
        wait_until(lambda: items(watched) == 6, running)


def test_the_unit_for_systemd_is_accepted() -> None:
    if not (tool := shutil.which("systemd-analyze")):
        pytest.skip("systemd-analyze is not installed")
    unit = Path(__file__).parents[2] / "docs" / "deploy" / "accordwatch.service"
    done = subprocess.run([tool, "verify", str(unit)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_container_is_made_of_what_there_is() -> None:
    """Not built here: that needs a container engine. Its extras, options and paths are those of the project."""
    root = Path(__file__).parents[2]
    text = (root / "docs" / "deploy" / "Containerfile").read_text(encoding="utf-8")
    extras = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    named = re.search(r"pip install .*\[([\w,]+)\]", text)
    assert named
    assert set(named[1].split(",")) <= set(extras)
    words = json.loads(text.rpartition("CMD ")[2])
    shown = subprocess.run(
        [sys.executable, "-m", "scraper", words[0], "--help"], capture_output=True, text=True, check=True, cwd=root
    )
    assert all(word in shown.stdout for word in words if word.startswith("--"))


def test_a_worker_without_a_queue_says_what_to_set(watched: Desk) -> None:
    refused = watched.process("worker")
    assert refused.code == 2
    (line,) = refused.err.splitlines()
    assert 'config.toml hands no visits out; set [engine] workers = "procrastinate", for the daemon too' in line
    config = watched.folder / "config.toml"
    config.write_text(config.read_text() + '\n[engine]\nworkers = "procrastinate"\n')
    refused = watched.process("worker")
    assert refused.code == 2
    assert "engine.workers: needs a database that machines share; set [storage] url" in refused.err


def test_a_metrics_address_that_is_none_is_refused_in_one_line(watched: Desk) -> None:
    refused = watched.process("run", "--metrics", "here")
    assert (refused.code, "write 127.0.0.1:9464" in refused.err) == (2, True)
