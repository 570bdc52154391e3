"""Disks that are full or cannot be written, files that are locked, damaged or gone: named in one line, for crawl and
daemon; nothing committed is lost, and work goes on by itself once the cause is gone.
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.acceptance.conftest import HEAD, SQLITE, Desk, Handler, Server, article, page, publish, source, words
from tests.acceptance.test_daemon import daemon, items, log, wait_until

WAITS, GOES_ON = "all work waits and is tried again", "goes on; what stopped it is gone"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 12 MB that belongs to the test alone."""
    place = tmp_path / "disk"
    place.mkdir()
    tool = shutil.which("mount")
    made = tool and subprocess.run(
        [tool, "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if not made or made.returncode:
        pytest.skip("a disk of its own needs the right to mount")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def watched(desk: Desk, site: Server) -> Desk:
    """Five articles are held; the source is looked at every second."""
    publish(site, {f"/news/{n}": article(n, published="2024-01-10T09:00:00Z") for n in range(5)})
    return desk.configure(source("site", f"{site.base}/feed", 'every = "1s"'))


@pytest.fixture
def on_disk(watched: Desk, site: Server, disk: Path) -> Desk:
    """The same, with database and archive on the small disk."""
    head = HEAD.replace(SQLITE, f"sqlite:///{disk}/watch.db").replace('"archive"', f'"{disk}/archive"')
    watched.database = disk / "watch.db"
    watched.configure(source("site", f"{site.base}/feed", 'every = "1s"'), head=head)
    assert watched.run("crawl").code == 0
    return watched


def fill(disk: Path) -> Path:
    """Leave no byte free."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    return filler


def more(site: Server, count: int = 30) -> None:
    publish(site, {f"/news/more{n}": article(100 + n, published="2024-01-10T09:00:00Z") for n in range(count)})


def one_line(desk: Desk, *command: str) -> str:
    """The one line that a command ends with which could not do its work."""
    done = desk.process(*command)
    assert done.code == 1, done.out
    (line,) = done.err.splitlines()
    assert line.startswith(("accordwatch: database", "accordwatch: archive", "accordwatch: /"))
    assert "; " in line
    return line


def test_a_crawl_on_a_full_disk_says_so_and_the_next_makes_it_good(on_disk: Desk, site: Server, disk: Path) -> None:
    filler = fill(disk)
    more(site)
    line = one_line(on_disk, "crawl")
    assert "make room" in line or "disk is full" in line, line
    filler.unlink()
    assert items(on_disk) >= 5
    on_disk.minutes_pass()
    assert on_disk.process("crawl").code == 0
    assert items(on_disk) == 35
    assert on_disk.rows("PRAGMA integrity_check") == [("ok",)]


def test_a_daemon_on_a_full_disk_waits_and_goes_on_when_there_is_room(on_disk: Desk, site: Server, disk: Path) -> None:
    with daemon(on_disk) as running:
        wait_until(lambda: "watching 1 sources" in log(on_disk), running)
        filler = fill(disk)
        more(site)
        wait_until(lambda: WAITS in log(on_disk), running)
        assert "make room" in log(on_disk)
        filler.unlink()
        wait_until(lambda: items(on_disk) == 35, running)
        wait_until(lambda: GOES_ON in log(on_disk), running)
    assert "Traceback" not in log(on_disk)
    assert on_disk.rows("PRAGMA integrity_check") == [("ok",)]


def test_a_volume_that_cannot_be_written_is_named_and_work_goes_on_once_it_can(
    on_disk: Desk, site: Server, disk: Path
) -> None:
    more(site)
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    for command in ("crawl", "run"):
        line = one_line(on_disk, command)
        assert "writable" in line, line
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    assert on_disk.process("crawl").code == 0
    assert items(on_disk) == 35


def test_a_crawl_on_a_locked_database_says_who_must_stop(watched: Desk) -> None:
    watched.run("crawl")
    config = watched.folder / "config.toml"
    config.write_text(config.read_text().replace("watch.db", "watch.db?timeout=0.2"))
    with closing(sqlite3.connect(watched.database, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        assert "database is locked; stop the other program that holds it" in one_line(watched, "crawl")
    assert watched.process("crawl").code == 0


def test_a_database_that_breaks_under_the_daemon_is_named_and_mended_by_the_file_of_before(
    watched: Desk, site: Server
) -> None:
    with daemon(watched) as running:
        wait_until(lambda: items(watched) == 5, running)
        running.send_signal(signal.SIGSTOP)
        with closing(sqlite3.connect(watched.database)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        good = watched.database.read_bytes()
        os.truncate(watched.database, 4096 * 3)
        running.send_signal(signal.SIGCONT)
        more(site, 3)
        wait_until(lambda: WAITS in log(watched), running)
        assert "restore it from a backup" in log(watched)
        running.kill()
        running.wait()
    for beside in watched.folder.glob("watch.db-*"):
        beside.unlink()
    watched.database.write_bytes(good)
    with daemon(watched) as running:
        wait_until(lambda: items(watched) == 8, running)
    assert watched.rows("PRAGMA integrity_check") == [("ok",)]


def test_missing_and_damaged_pages_stop_neither_an_edit_nor_the_reading_of_history(watched: Desk, site: Server) -> None:
    watched.run("crawl")
    keys = {url.rpartition("/")[2]: raw for url, raw in watched.rows(
        "SELECT i.url, v.raw FROM versions v JOIN items i ON i.id = v.item")}  # fmt: skip
    files = {n: watched.folder / "archive" / key[:2] / f"{key[2:]}.zst" for n, key in keys.items()}
    files["0"].unlink()
    files["1"].write_bytes(files["2"].read_bytes())
    for n in (0, 1):  # an edit of each: what was read of it then is compared
        body = "".join(f"<p>Report {n} says: {words(n * 5 + part)}.</p>" for part in range(3))
        added = f"<p>In May the board added: {words(700 + n)}.</p>"
        site.routes[f"/news/{n}"] = page(f"Report {n} on {words(n, 3)}", body + added, published="2024-01-10T09:00:00Z")
    done = watched.process("crawl", "--recheck", "--json")
    assert done.json["sources"][0]["changed"] == 2
    assert f"archive file {files['1']}: is not what its name says" in done.err
    again = watched.run("reparse", "--dry-run")
    assert again.code == 0
    assert "version 1" in again.out
    assert "its page is not in the archive" in again.out
    assert "is not what its name says" in again.out
    assert "5 versions read again" in again.out


class Slow(Handler):
    """Takes its time, so that a crawl lasts."""

    def do_GET(self) -> None:
        time.sleep(0.3)
        super().do_GET()


def test_a_backup_beside_a_daemon_that_writes_is_one_moment_and_comes_back_whole(desk: Desk) -> None:
    with Server({}, Slow) as site:
        publish(site, {f"/news/{n}": article(n, published="2024-01-10T09:00:00Z") for n in range(40)})
        head = HEAD.replace("connections = 4", "connections = 1")
        desk.configure(source("site", f"{site.base}/feed", 'every = "1s"'), head=head)
        with daemon(desk) as running:
            wait_until(lambda: items(desk) > 2, running)
            assert desk.process("backup", "all.tar").code == 0
            wait_until(lambda: items(desk) == 40, running)
        copy = Desk(desk.folder / "copy")
        copy.folder.mkdir()
        shutil.copy(desk.folder / "config.toml", copy.folder)
        assert copy.process("restore", "../all.tar").code == 0
        assert 2 < items(copy) < 40, "it was made in the middle"
        lost = "SELECT count(*) FROM items WHERE versions <> (SELECT count(*) FROM versions WHERE item = items.id)"
        assert copy.rows(lost) == [(0,)]
        copy.minutes_pass()  # the leases of the daemon came along
        told = {each["test"]: each for each in copy.run("doctor", "--deep", "--json").json}
        assert told["database"]["status"] == told["archive"]["status"] == "ok", told
        site.RequestHandlerClass = Handler
        assert copy.run("crawl").code == 0
        assert items(copy) == 40
