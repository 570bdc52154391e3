"""`doctor` against real servers and real damage: each line says what is wrong and what to do, and the rest goes on."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import (
    FOLDER,
    HEAD,
    Desk,
    Handler,
    Reply,
    Server,
    article,
    desk,
    publish,
    refusing_port,
    server,
    shared_desk,
    site,
    source,
)
from tests.alert.postoffice import post_office

__all__ = ["desk", "server", "shared_desk", "site"]
SMTP = '[mail]\ntransport = "smtp"\nhost = "127.0.0.1"\nport = {}\nsecurity = "none"\nsender = "watch@press.test"\n'


@pytest.fixture
def crawled(desk: Desk, site: Server) -> Desk:
    """A desk that holds three articles."""
    publish(site, {f"/news/{n}": article(n) for n in range(3)})
    desk.configure(source("good", f"{site.base}/feed"))
    assert desk.run("crawl").code == 0
    return desk


def found(desk: Desk, *words: str, code: int = 1) -> dict[str, dict[str, Any]]:
    done = desk.run("doctor", "--json", *words)
    assert done.code == code, done.out + done.err
    return {each["test"]: each for each in done.json}


def trouble(desk: Desk, test: str, *words: str) -> str:
    """The one thing that is wrong, and what to do about it."""
    told = found(desk, *words)
    assert [name for name, each in told.items() if each["status"] == "trouble"] == [test]
    assert told[test]["remedy"]
    return f"{told[test]['said']}; {told[test]['remedy']}"


def test_all_is_well_where_all_is_well(crawled: Desk) -> None:
    told = found(crawled, code=0)
    assert {each["status"] for each in told.values()} == {"ok", "skipped"}
    assert [name for name, each in told.items() if each["status"] == "skipped"] == ["workers", "proxy", "chromium"]
    assert "3 articles" in told["database"]["said"]
    assert "4 bodies read, all whole" in told["archive"]["said"]
    assert "s off that of http://127.0.0.1" in told["clock"]["said"]
    lines = crawled.run("doctor").out.splitlines()
    assert len(lines) == len(told)
    assert all(line.startswith(("ok ", "skipped ")) for line in lines)


def test_without_a_contact_nothing_is_asked_and_the_setting_is_named(desk: Desk) -> None:
    far = HEAD.replace("desk@press.test", "", 1)
    desk.configure(source("far", "https://far.invalid/"), head=far)
    told = found(desk)
    assert "set it to your own address" in told["contact"]["remedy"]
    assert told["network"]["status"] == told["clock"]["status"] == "skipped"


def test_a_row_that_speaks_of_none_and_a_damaged_file_are_named(crawled: Desk) -> None:
    with closing(sqlite3.connect(crawled.database)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("DELETE FROM items WHERE id = 1")
    assert "speaks of a row of items that is not there; restore it from a backup" in trouble(crawled, "database")


def test_a_database_that_is_none_is_named_and_the_other_tests_go_on(crawled: Desk) -> None:
    crawled.database.write_bytes(b"garbage" * 1000)
    told = found(crawled)
    assert "file is not a database" in told["database"]["said"]
    assert told["mail"]["status"] == told["network"]["status"] == "ok"


def test_missing_and_damaged_bodies_are_counted_and_strays_too_when_asked(crawled: Desk) -> None:
    one, two, *_ = sorted((crawled.folder / "archive").glob("??/*.zst"))
    one.unlink()
    two.write_bytes(b"not what it was")
    said = trouble(crawled, "archive")
    assert "of 4 bodies 1 are missing and 1 damaged" in said
    assert str(two) in said
    crawled.run("crawl", "--recheck")
    assert found(crawled, code=0)["archive"]["status"] == "ok", "both came again, and were written anew"
    stray = crawled.folder / "archive" / "ab" / f"{'c' * 30}.zst"
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"")
    assert "1 that no row names" in found(crawled, "--deep", code=0)["archive"]["said"]


class Wrong(Handler):
    """Its clock is an hour behind ours."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        import time

        return formatdate(time.time() - 3600, usegmt=True)


@pytest.mark.parametrize(("age", "well"), [("", False), ("3600", True)])
def test_a_clock_that_is_an_hour_off_is_told_unless_a_cache_held_the_answer(desk: Desk, age: str, well: bool) -> None:
    with Server({"/": Reply(body=b"<p>news</p>", headers={"Age": age} if age else {})}, Wrong) as server:
        desk.configure(source("good", f"{server.base}/"))
        if well:
            found(desk, code=0)
        else:
            said = trouble(desk, "clock")
            assert f"is 60 min ahead of that of {server.base}/; set it right" in said
            assert "60 min ahead" in trouble(desk, "clock", "--ask", f"{server.base}/")


def test_names_network_and_proxy_are_told_apart(desk: Desk) -> None:
    desk.configure(source("a", "http://nowhere.invalid/"))
    assert "no host of any source has an address" in found(desk)["names"]["said"]
    desk.configure(source("a", f"http://127.0.0.1:{refusing_port()}/"))
    assert "the connection was refused" in trouble(desk, "network")
    desk.configure(
        source("a", "http://127.0.0.1/"),
        head=HEAD.replace("[watch]", f'proxy = "http://127.0.0.1:{refusing_port()}"\n[watch]'),
    )
    assert "Connection refused; check [fetch] proxy" in "{said}; {remedy}".format(**found(desk)["proxy"])


def test_a_mail_folder_that_cannot_be_written_and_a_program_that_is_not_there_are_named(crawled: Desk) -> None:
    feed = str(json.loads(crawled.run("sources", "--json").out)[0]["url"])
    (crawled.folder / "mails").exists() or (crawled.folder / "mails").mkdir()
    (crawled.folder / "file").write_text("")
    crawled.configure(source("good", feed), mail=FOLDER + 'folder = "file/mails"\n')
    assert "make it writable" in trouble(crawled, "mail")
    crawled.configure(
        source("good", feed), mail=FOLDER.replace("folder", "command") + 'command = "no-such-program -t"\n'
    )
    assert "there is no program 'no-such-program'" in trouble(crawled, "mail")
    crawled.configure(source("good", feed), mail=SMTP.format(refusing_port()))
    assert "check mail.host and mail.port, and that the server runs" in trouble(crawled, "mail")


async def test_the_mail_server_is_asked_with_the_login_and_gets_no_mail(crawled: Desk) -> None:
    feed = str(json.loads(crawled.run("sources", "--json").out)[0]["url"])
    async with post_office() as office:
        crawled.configure(source("good", feed), mail=SMTP.format(office.port))
        told = await asyncio.to_thread(found, crawled, code=0)
        assert f"127.0.0.1:{office.port} answers" in told["mail"]["said"]
        assert not office.mails
        told = await asyncio.to_thread(found, crawled, "--send-test", "desk@press.test", code=0)
        assert told["test mail"]["status"] == "ok"
        assert len(office.mails) == 1


def test_a_chromium_that_is_not_there_is_named_where_one_is_needed(crawled: Desk, site: Server) -> None:
    head = HEAD.replace("[watch]", 'chromium = "/no/such/chromium"\n[watch]')
    crawled.configure(source("good", f"{site.base}/feed", "browser = true"), head=head)
    assert "/no/such/chromium cannot be run; install Chromium" in trouble(crawled, "chromium")


@pytest.mark.postgres
def test_a_queue_that_nobody_takes_from_is_named(shared_desk: Desk, site: Server) -> None:
    publish(site, {"/news/1": article(1)})
    shared_desk.configure(source("good", f"{site.base}/feed"), head=HEAD + '[engine]\nworkers = "procrastinate"\n')
    assert "no worker is there to take them; start `accordwatch worker`" in trouble(shared_desk, "workers")
    assert "off that of the database" in found(shared_desk)["clock"]["said"]


def test_a_configuration_with_faults_ends_with_two_and_all_of_them(desk: Desk) -> None:
    Path(desk.folder / "config.toml").write_text('[fetch]\ntimeout = "soon"\n[mail]\nport = 0\n', encoding="utf-8")
    done = desk.run("doctor")
    assert done.code == 2
    assert len(done.err.splitlines()) == 2
