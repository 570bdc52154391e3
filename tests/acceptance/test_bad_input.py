"""The world at its worst, met by the real command line: one clear line for each fault, and everything else goes on."""

from __future__ import annotations

import email
import os
import random
import re
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from scraper.clock import SystemClock
from tests.acceptance.conftest import (
    Desk,
    Done,
    Reply,
    Server,
    article,
    page,
    publish,
    refusing_port,
    release,
    rss,
    silent,
    source,
)
from tests.alert.postoffice import PostOffice, post_office

TODAY = SystemClock().now().date().isoformat()
ALERTS = "FROM outbox WHERE kind <> 'welcome'"
GOOD = 4  # articles of the good source
LOGIN = page(
    "Log in",
    '<form action="/login" method="post"><label>User</label><input name="user"><input type="password" name="pw">'
    "<button>Log in</button></form><p>Please log in to read the news for members.</p>",
)
CONSENT = page(
    "Before you continue",
    "<p>We value your privacy. We and our partners use cookies. Accept all cookies to continue to this site.</p>"
    "<button>Accept all</button><button>Reject all</button>",
)
SCRIPTED = Reply(body=b'<div id="root"></div><script src="/app.js"></script>')
BINARY = Reply(body=bytes(range(256)) * 40)
TORN = Reply(
    body=b'<?xml version="1.0"?><rss><channel><item><title>x</ti<<< &&', type="application/rss+xml; charset=utf-8"
)
NO_ROBOTS = Reply(body=b"User-agent: *\nDisallow: /\n", type="text/plain")

# What is at the source's address, and the words its one line must hold: the cause, and what to do.
BAD: dict[str, tuple[dict[str, Any], tuple[str, str]]] = {
    "missing": ({}, ("answered 404", "see whether the address is still right")),
    "failing": ({"/feed": Reply(status=500, body=b"boom")}, ("answered 500", "tried again")),
    "empty": ({"/feed": Reply()}, ("holds neither feed nor sitemap nor page", "give the address")),
    "binary": ({"/feed": BINARY}, ("holds neither feed nor sitemap nor page", "give the address")),
    "torn": ({"/feed": TORN}, ("ends in the middle", "give the address")),
    "circle": ({"/feed": Reply(status=302, headers={"Location": "/feed"})}, ("in a circle", "browser")),
    "far": (
        {f"/{n}" if n else "/feed": Reply(status=302, headers={"Location": f"/{n + 1}"}) for n in range(40)},
        ("more than 10 redirects", "browser"),
    ),
    "robots500": ({"/robots.txt": Reply(status=500)}, ("answered 500, so nothing is asked", "tried again")),
    "forbidden": ({"/robots.txt": NO_ROBOTS}, ("robots.txt", "may be read")),
    "login": ({"/feed": LOGIN}, ("asks for a login", "headers_env")),
    "consent": ({"/feed": CONSENT}, ("asks for consent", "headers_env")),
    "scripted": ({"/feed": SCRIPTED}, ("shows nothing without JavaScript", "set browser = true")),
    "slow": ({"/feed": silent}, ("no answer in time", "tried again")),
    "refused": ({}, ("the connection was refused", "check host and port")),
    "unknown": ({}, ("no such host name", "check the spelling")),
}
TALLY = ("name", "status", "new", "changed", "unchanged", "moved", "withdrawn", "restored", "partnerships", "requests",
         "not_modified", "trouble")  # fmt: skip


def good_site(stack: ExitStack) -> Server:
    server = stack.enter_context(Server({}))
    publish(server, {f"/news/{n}": article(n) for n in range(GOOD)})
    return server


# -- sources that fail beside one that works ----------------------------------------------------------


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Done, dict[str, Server]]]:
    """All bad sources and a good one in one crawl: the desk, how it ended, the servers."""
    desk = Desk(tmp_path_factory.mktemp("bad"))
    with ExitStack() as stack:
        servers = {name: stack.enter_context(Server(routes)) for name, (routes, _) in BAD.items()}
        servers["good"] = good_site(stack)
        urls = {name: f"{server.base}/feed" for name, server in servers.items()}
        urls |= {"refused": f"http://127.0.0.1:{refusing_port()}/", "unknown": "http://nowhere.invalid/news"}
        desk.configure(*(source(name, url) for name, url in urls.items()), timeout="1s")
        yield desk, desk.process("crawl", "--json"), servers


def tallies(done: Done) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in done.json["sources"]}


@pytest.mark.parametrize("name", BAD)
def test_a_source_that_fails_says_what_why_and_what_to_do(crawled: tuple[Desk, Done, Any], name: str) -> None:
    told = tallies(crawled[1])[name]
    assert told["status"] == "trouble"
    (line,) = told["trouble"]
    assert line.startswith("http")
    cause, remedy = BAD[name][1]
    assert cause in line
    assert remedy in line.split("; ", 1)[1]
    assert line.isprintable()


def test_the_good_source_goes_on_beside_all_bad_ones(crawled: tuple[Desk, Done, dict[str, Server]]) -> None:
    told = tallies(crawled[1])["good"]
    assert (told["status"], told["new"], told["trouble"]) == ("ok", GOOD, [])
    assert crawled[1].code == 0  # some flaky sources of many need no person


def test_requests_are_counted_as_the_servers_count_them(crawled: tuple[Desk, Done, dict[str, Server]]) -> None:
    for name, told in tallies(crawled[1]).items():
        assert told["requests"] == len(crawled[2][name].asked), name


def test_the_json_of_a_crawl_has_the_promised_shape(crawled: tuple[Desk, Done, Any]) -> None:
    told = crawled[1].json
    assert set(told) == {"sources", "alerts"}
    assert told["alerts"] == {"queued": 0, "sent": 0, "failed": 0}
    assert all(set(TALLY) <= set(each) for each in told["sources"])


def test_a_named_source_that_fails_needs_a_person(crawled: tuple[Desk, Done, Any]) -> None:
    desk = crawled[0]
    assert desk.run("crawl", "missing", "good").code == 1
    assert desk.run("crawl", "good").code == 0


def test_a_host_that_is_left_alone_is_said_to_be(crawled: tuple[Desk, Done, Any]) -> None:
    desk = crawled[0]
    with sqlite3.connect(desk.database) as connection:
        connection.execute("UPDATE hosts SET next_allowed = next_allowed + 600000000 WHERE failures > 0")
    done = desk.run("crawl", "slow")
    assert done.code == 1
    assert "slow: http" in done.out
    assert "left alone until" in done.out


@pytest.mark.parametrize(
    "wall", [LOGIN, CONSENT, BINARY, Reply(), Reply(status=500)], ids=["login", "consent", "binary", "empty", "500"]
)
def test_a_wall_before_known_news_loses_nothing(desk: Desk, site: Server, wall: Reply) -> None:
    publish(site, {f"/news/{n}": article(n) for n in range(GOOD)})
    desk.configure(source("good", f"{site.base}/feed"), timeout="1s").run("crawl")
    before = desk.run("items", "--json").json
    site.routes = dict.fromkeys(site.routes, wall)
    told = tallies(desk.run("crawl", "--recheck", "--json"))["good"]
    assert told["status"] == "trouble"
    assert (told["new"], told["changed"], told["withdrawn"]) == (0, 0, 0)
    assert [(i["id"], i["state"], i["versions"]) for i in desk.run("items", "--json").json] == [
        (i["id"], "present", 1) for i in before
    ]


def test_a_feed_of_thousands_is_bounded_by_first_crawl(desk: Desk, site: Server) -> None:
    site.routes = {f"/news/{n}": article(n) for n in range(20)}
    site.routes["/feed"] = rss(site.base, [f"/news/{n}" for n in range(5000)])
    told = tallies(desk.configure(source("good", f"{site.base}/feed"), first_crawl="20 items").run("crawl", "--json"))
    assert told["good"]["new"] == 20
    assert told["good"]["requests"] == len(site.asked) == 22
    again = tallies(desk.run("crawl", "--json"))["good"]
    assert (again["new"], again["requests"]) == (0, 1)


HOSTILE = (
    "\x1b[31mRed\x1b]0;owned\x07 alert Line one\r\nBcc: everyone@press.test", "\u202egnp.exe\u2066 hidden",
    "{{7*7}} {% raw %}", "<script>alert(1)</script>", "=HYPERLINK(\"http://bad.test\",\"x\")", "+SUM(1)", "@cmd",
    "[red]markup[/red] [link=x]", "a\x0bb\x0cc\x85d\u2028e", "x" * 10_000,
)  # fmt: skip


def test_hostile_titles_harm_neither_terminal_nor_table_nor_mail(desk: Desk, site: Server) -> None:
    publish(site, {"/news/0": article(0)})
    desk.configure(source("good", f"{site.base}/feed")).run("crawl")
    releases = {}
    for number, title in enumerate(HOSTILE, 40):
        plain = release(number, published=TODAY).body.decode()
        safe = title.replace("&", "&amp;").replace("<", "&lt;")
        releases[f"/news/{number}"] = Reply(
            body=re.sub(r"(<title>|<h1>)", lambda m, t=safe: m[0] + t + " ", plain).encode()
        )
    publish(site, releases)
    done = desk.run("crawl", "--json")
    assert tallies(done)["good"]["new"] == len(HOSTILE)
    assert done.json["alerts"] == {"queued": len(HOSTILE), "sent": len(HOSTILE), "failed": 0}
    shown = [
        ("items",),
        ("changes",),
        ("alerts",),
        ("partnerships",),
        *(("show", str(n)) for n in range(1, 12)),
        ("explain", "3"),
    ]
    for words in shown:
        word = desk.run(*words).out
        assert all(c.isprintable() or c == "\n" for c in word), (words, [c for c in word if not c.isprintable()])
        assert word.count("[red]") == word.count("[/red]"), words
    table = desk.run("items", "--csv", "--limit", "99").out
    assert not re.search(r"(?m)(^|,)\"?[=+@]", table)
    assert len(desk.letters) == len(HOSTILE)
    for mail in desk.letters:
        assert mail["To"] == "desk@press.test"
        assert "Bcc" not in mail
        assert not mail.defects
        assert all(c.isprintable() for c in mail["Subject"])
        assert "<script>" not in mail.get_body(("html",)).get_content()
        assert "49" not in mail["Subject"]


# -- configuration, database, folders ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("[fetch\n", "config.toml"),
        ("\x00\x01", "config.toml"),
        ('[[sources]]\nurl = "ftp://a.test/"\n', "sources[0].url"),
        ('[[sources]]\nurl = "http://127.0.0.1/"\nevery = "5 parsecs"\n', "sources[0].every"),
        ("[fecth]\n", "did you mean"),
        ('[mail]\ntransport = "pigeon"\n', "mail.transport"),
        ('[storage]\nurl = "nothing"\n[[sources]]\nurl = "http://127.0.0.1:9/"\n', "storage"),
    ],
)
def test_a_broken_configuration_is_named_by_its_path(desk: Desk, text: str, word: str) -> None:
    (desk.folder / "config.toml").write_text(text)
    done = desk.run("crawl")
    assert done.code == 2 or "storage" in word
    assert done.code in (1, 2)
    assert word in done.err
    assert all(line.startswith("accordwatch: ") for line in done.err.splitlines())


def test_no_configuration_at_all_is_said(desk: Desk) -> None:
    done = desk.run("crawl")
    assert done.code == 2
    assert "accordwatch init" in done.err


def spoil_database(desk: Desk) -> None:
    desk.database.write_bytes(b"garbage" * 1000)


def spoil_middle(desk: Desk) -> None:
    raw = desk.database.read_bytes()
    desk.database.write_bytes(raw[: 4096 * 3] + b"\xff" * 4096 * 12 + raw[4096 * 15 :])


def database_is_a_folder(desk: Desk) -> None:
    desk.database.unlink()
    desk.database.mkdir()


def archive_is_a_file(desk: Desk) -> None:
    (desk.folder / "archive").rename(desk.folder / "kept")
    (desk.folder / "archive").write_text("")


@pytest.mark.parametrize("spoil", [spoil_database, spoil_middle, database_is_a_folder, archive_is_a_file])
def test_storage_that_cannot_be_used_is_one_line(desk: Desk, site: Server, spoil: Any) -> None:
    publish(site, {f"/news/{n}": article(n) for n in range(2)})
    desk.configure(source("good", f"{site.base}/feed")).run("crawl")
    spoil(desk)
    publish(site, {"/news/8": article(8)})
    for words in (("crawl",), ("crawl", "--dry-run")) if spoil is not archive_is_a_file else (("crawl",),):
        done = desk.run(*words)
        assert done.code == 1
        assert done.out == ""
        (line,) = done.err.splitlines()
        assert line.startswith(("accordwatch: database", "accordwatch: archive"))
        assert len(line.split("; ")) == 2  # what and why; what to do


def test_a_crawl_that_could_not_store_is_made_good_by_the_next(desk: Desk, site: Server) -> None:
    publish(site, {f"/news/{n}": article(n) for n in range(3)})
    (desk.folder / "archive").write_text("")
    desk.configure(source("good", f"{site.base}/feed"))
    assert desk.run("crawl").code == 1
    (desk.folder / "archive").unlink()
    assert tallies(desk.run("crawl", "--json"))["good"]["new"] == 3


@pytest.mark.skipif(os.getuid() == 0 and sys.platform != "linux", reason="needs a limit on file sizes")
def test_a_full_disk_is_one_line_and_loses_nothing(desk: Desk, site: Server) -> None:
    """RLIMIT_FSIZE plays the full disk: no file may grow beyond what the database already has."""
    publish(site, {f"/news/{n}": article(n) for n in range(3)})
    desk.configure(source("good", f"{site.base}/feed")).run("crawl")
    publish(site, {f"/news/{n}": article(n) for n in range(3, 40)})
    full = (
        "import resource, runpy, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (120_000, 120_000)); sys.argv[0] = 'accordwatch';"
        "runpy.run_module('scraper', run_name='__main__')"
    )
    done = desk.process("crawl", program=full)
    assert done.code == 1, done.out
    assert len(done.err.splitlines()) == 1
    desk.minutes_pass()
    desk.run("crawl")
    assert len(desk.run("items", "--json").json) == 40


# -- mail --------------------------------------------------------------------------------------------


def smtp(port: int) -> str:
    return (
        f'[mail]\ntransport = "smtp"\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\n'
        'sender = "watch@press.test"\n'
    )


@pytest.fixture
def announced(desk: Desk, site: Server) -> Desk:
    """A desk whose first look is done, and three agreements announced since."""
    publish(site, {"/news/0": article(0)})
    desk.configure(source("good", f"{site.base}/feed")).run("crawl")
    publish(site, {f"/news/{n}": release(n, published=TODAY) for n in range(1, 4)})
    return desk


def with_mail(desk: Desk, mail: str) -> Desk:
    text = (desk.folder / "config.toml").read_text()
    (desk.folder / "config.toml").write_text(re.sub(r"\[mail\].*?(?=\[\[sources)", mail, text, flags=re.S))
    return desk


async def command(desk: Desk, *words: str) -> Done:
    """A command beside the servers of this very event loop."""
    import asyncio

    return await asyncio.to_thread(desk.run, *words)


async def test_mail_that_finds_no_server_stays_and_goes_out_once_later(announced: Desk) -> None:
    done = await command(with_mail(announced, smtp(refusing_port())), "crawl", "--json")
    assert done.code == 1
    assert done.json["alerts"] == {"queued": 3, "sent": 0, "failed": 0}
    again = await command(announced, "crawl")
    assert again.code == 1, "mail is still stuck"
    assert "3 wait for another try" in again.out
    async with post_office() as office:
        sent = await command(with_mail(announced, smtp(office.port)), "deliver")
        assert (sent.code, len(office.mails)) == (0, 3)
        await command(announced, "deliver")
        await command(announced, "crawl")
        assert len(office.mails) == 3


@pytest.mark.parametrize(("answer", "code", "state"), [("451 later", 1, "waiting"), ("550 no such box", 1, "failed")])
async def test_one_refused_mail_neither_stops_nor_repeats_the_others(
    announced: Desk, answer: str, code: int, state: str
) -> None:
    async with post_office() as office:
        office.does["RCPT"] = [answer]
        done = await command(with_mail(announced, smtp(office.port)), "crawl", "--json")
        assert done.code == code
        assert done.json["alerts"]["sent"] == 2
        assert sorted(a["state"] for a in (await command(announced, "alerts", "--json")).json) == sorted(
            ["sent", "sent", state]
        )
        await command(announced, "deliver")
        assert len(subjects(office)) == len(set(subjects(office))) == (3 if state == "waiting" else 2)


def subjects(office: PostOffice) -> list[str]:
    return [email.message_from_bytes(bytes(mail.content or b""), policy=default)["Subject"] for mail in office.mails]


def test_a_mail_folder_that_cannot_be_written_keeps_the_mail(announced: Desk) -> None:
    shutil.rmtree(announced.mails)
    announced.mails.write_text("in the way")
    done = announced.run("crawl", "--json")
    assert done.code == 1
    assert done.json["alerts"] == {"queued": 3, "sent": 0, "failed": 0}
    announced.mails.unlink()
    assert announced.run("deliver").code == 0
    assert len(announced.letters) == 3


# -- two at once, killed, interrupted, silent ---------------------------------------------------------


def test_two_crawls_at_once_double_nothing_and_both_end(announced: Desk) -> None:
    both = [announced.start("crawl", "--json") for _ in range(2)]
    ends = [(process.communicate(timeout=60), process.returncode) for process in both]
    assert all("Traceback" not in err and code in (0, 1) for (_, err), code in ends), ends
    assert len(announced.run("items", "--json").json) == 4
    assert announced.rows(f"SELECT count(*), count(DISTINCT key) {ALERTS}") == [(3, 3)]
    announced.run("deliver")
    assert len(announced.letters) == 3


def crawl_under_fire(desk: Desk, site: Server, kills: int, seed: int) -> None:
    """Killed shortly after a random request, then crawled to the end: each item once, each alert once."""
    chance = random.Random(seed)
    publish(site, {"/news/0": article(0)})
    desk.configure(source("good", f"{site.base}/feed")).run("crawl")
    for kill in range(kills):
        fresh = {f"/news/k{kill}-{n}": article(1000 + kill * 10 + n) for n in range(2)}
        publish(site, fresh | {f"/news/r{kill}": release(kill, published=TODAY)})
        so_far, requests, delay = len(site.asked), chance.randint(1, 4), chance.uniform(0, 0.25)
        process = desk.start("crawl")
        until = time.monotonic() + 20
        while len(site.asked) < so_far + requests and process.poll() is None and time.monotonic() < until:
            time.sleep(0.005)
        time.sleep(delay)
        process.kill()
        process.communicate(timeout=20)  # returns when no worker holds the pipes any more
        desk.minutes_pass()
    done = desk.run("crawl")
    assert done.code == 0, done.out + done.err
    wanted = {f"{site.base}{path}" for path in site.routes if path.startswith("/news/")}
    assert sorted(url for (url,) in desk.rows("SELECT url FROM items")) == sorted(wanted)
    assert desk.rows("SELECT count(*) FROM outbox WHERE state <> 'sent'") == [(0,)]
    assert desk.rows(f"SELECT count(*), count(DISTINCT key) {ALERTS}") == [(kills, kills)]
    told = [mail["Message-ID"] for mail in desk.letters]
    assert len(told) == len(set(told))
    assert set(told) == {key for (key,) in desk.rows(f"SELECT DISTINCT message_id {ALERTS}")}
    assert desk.rows("PRAGMA integrity_check") == [("ok",)]


def test_a_crawl_killed_again_and_again_loses_and_doubles_nothing(desk: Desk, site: Server) -> None:
    crawl_under_fire(desk, site, kills=3, seed=7)


@pytest.mark.long
def test_a_crawl_killed_a_hundred_times_loses_and_doubles_nothing(desk: Desk, site: Server) -> None:
    crawl_under_fire(desk, site, kills=100, seed=11)


def children(pid: int) -> set[int]:
    """All living processes of that session."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == pid and fields[0] != "Z":
                found.add(int(entry.name))
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "kill"])
def test_an_interrupted_crawl_ends_at_once_and_leaves_nothing_behind(
    desk: Desk, site: Server, number: signal.Signals
) -> None:
    publish(site, {f"/news/{n}": article(n) for n in range(3)})
    site.routes["/news/hang"] = silent
    publish(site, {})
    desk.configure(source("good", f"{site.base}/feed"), timeout="30s")
    process = desk.start("crawl")
    until = time.monotonic() + 20
    while "/news/hang" not in site.asked and time.monotonic() < until:
        time.sleep(0.02)
    os.kill(process.pid, number)
    _, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert err == ""
    until = time.monotonic() + 5
    while children(process.pid) and time.monotonic() < until:  # a worker that has closed its pipes is still ending
        time.sleep(0.02)
    assert not children(process.pid)
    assert desk.rows("SELECT count(*) FROM hosts WHERE lease_owner <> ''") == [(0,)]


def test_a_crawl_in_the_background_of_a_script_ends_when_it_is_killed(desk: Desk, site: Server) -> None:
    publish(site, {})
    site.routes["/news/hang"] = silent
    publish(site, {})
    desk.configure(source("good", f"{site.base}/feed"), timeout="30s")
    process = desk.start("crawl", interrupts=signal.SIG_IGN)  # as a shell without job control starts it
    until = time.monotonic() + 20
    while "/news/hang" not in site.asked and time.monotonic() < until:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGTERM)
    process.communicate(timeout=10)
    assert process.returncode == 130


def test_commands_end_in_time_when_every_host_is_silent(desk: Desk) -> None:
    with ExitStack() as stack:
        silents = [stack.enter_context(Server({"/robots.txt": silent, "/": silent})) for _ in range(8)]
        desk.configure(*(source(f"s{n}", f"{server.base}/") for n, server in enumerate(silents)), timeout="1s")
        done = desk.process("crawl")
        assert done.code == 1
        assert desk.run("inspect", f"{silents[0].base}/").code == 1
        assert desk.run("doctor").code in (0, 1)
