"""robots.txt after RFC 9309: what it allows us, how long it is kept, and what it costs at most."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from scraper.fetch.message import Failed, Fetched, FetchRequest, Refused
from scraper.fetch.robots import LONGEST_DELAY, MOST_BYTES, Rules, allows, must_ask, rules_of, with_robots
from storage.records.source import Authority, Host
from tests.fetch.conftest import START, Bench
from tests.hostile import HostileServer, answer, endless, hang_up, redirect

Build = Callable[..., Bench]
NEW = Host(authority=Authority("a.org:443"))
A = "https://a.org"


def after(status: int | None, body: bytes = b"", host: Host = NEW) -> Host:
    return with_robots(host, status, body, START)


RULES = {
    "our group counts, not the one for all": (
        "User-agent: *\nDisallow: /\n\nUser-agent: AccordWatch\nDisallow: /x",
        "/a",
        True,
    ),
    "our name with a version is ours": ("User-agent: AccordWatch/2.1\nDisallow: /a", "/a", False),
    "a part of our name is not ours": (
        "User-agent: accord\nDisallow: /a\n\nUser-agent: watch\nDisallow: /a",
        "/a",
        True,
    ),
    "our name as part of another is not ours": ("User-agent: accordwatch-images\nDisallow: /a", "/a", True),
    "several names share a group": ("User-agent: x\nUser-agent: accordwatch\nUser-agent: y\nDisallow: /a", "/a", False),
    "all are meant": ("User-agent: *\nDisallow: /a", "/a/b", False),
    "another robot is meant": ("User-agent: otherbot\nDisallow: /", "/a", True),
    "the longest rule wins": ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),
    "allow wins a tie": ("User-agent: *\nDisallow: /a\nAllow: /a", "/a", True),
    "wildcards": ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf", False),
    "the dollar ends": ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf?z", True),
    "escapes are compared decoded": ("User-agent: *\nDisallow: /%61b", "/ab", False),
    "non-ASCII paths": ("User-agent: *\nDisallow: /ä", "/%C3%A4", False),
    "groups of the same name are one": ("User-agent: *\nDisallow: /a\n\nUser-agent: *\nDisallow: /b", "/b", False),
    "empty disallow allows": ("User-agent: *\nDisallow:", "/a", True),
    "a byte order mark": ("\ufeffUser-agent: *\nDisallow: /a", "/a", False),
    "comments": ("User-agent: * # all\nDisallow: /a # this", "/a", False),
    "old line ends": ("User-agent: *\rDisallow: /a\r", "/a", False),
    "robots.txt itself": ("User-agent: *\nDisallow: /", "/robots.txt", True),
    "garbage": ("<html><body>Not found</body></html>", "/a", True),
}


@pytest.mark.parametrize("rule", RULES)
def test_rules_are_kept(rule: str) -> None:
    text, path, allowed = RULES[rule]
    assert Rules(text).allows(A + path) is allowed


@pytest.mark.parametrize(
    ("status", "allowed"),
    [
        (404, True),
        (403, True),
        (401, True),
        (410, True),
        (200, True),
        (500, False),
        (503, False),
        (429, False),
        (None, False),
    ],
)
def test_the_status_decides_when_there_is_no_file(status: int | None, allowed: bool) -> None:
    assert allows(after(status), A + "/a") is allowed


def test_a_file_is_kept_for_a_day_and_its_absence_for_less() -> None:
    read, unread = after(200, b"User-agent: *"), after(503)
    assert not must_ask(read, START + timedelta(hours=23))
    assert must_ask(read, START + timedelta(hours=24))
    assert must_ask(unread, START + timedelta(hours=1))


def test_while_it_cannot_be_had_an_older_copy_counts() -> None:
    old = after(200, b"User-agent: *\nDisallow: /x")
    assert allows(after(503, host=old), A + "/a")
    assert not allows(after(None, host=old), A + "/x")


@pytest.mark.parametrize(
    ("wish", "kept"),
    [("7", 7.0), ("0.5", 0.5), ("999999", LONGEST_DELAY), ("-3", None), ("nan", None), ("inf", None), ("soon", None)],
)
def test_a_crawl_delay_is_kept_within_reason(wish: str, kept: float | None) -> None:
    host = after(200, f"User-agent: *\nCrawl-delay: {wish}".encode())
    assert host.crawl_delay == kept
    assert ("999999" in host.trouble) is (wish == "999999")


def test_sitemaps_are_listed() -> None:
    assert rules_of("Sitemap: https://a.org/s.xml\nsitemap:/t.xml").sitemaps == ("https://a.org/s.xml", "/t.xml")


def test_only_the_first_500_kib_count_and_no_half_line_forbids() -> None:
    head = b"User-agent: *\nDisallow: /x\n"
    body = head + b"# " + b"y" * (MOST_BYTES - len(head) - 20) + b"\nDisallow: /aaaaaaaaaaaaaaaaaaaa"
    host = after(200, body[:MOST_BYTES])
    assert not allows(host, A + "/x")
    assert allows(host, A + "/aaaaa")


@pytest.mark.parametrize(
    "bait", ["Disallow: /" + "*a" * 1000, "Disallow: /" + "*" * 4000 + "b", "Allow: /" + "a*" * 2000 + "$"]
)
def test_bait_in_rules_costs_little(bait: str) -> None:
    text = "User-agent: *\n" + (bait + "\n") * (MOST_BYTES // (len(bait) + 1))
    begun = time.process_time()
    Rules(text).allows(A + "/" + "a" * 2000)
    assert time.process_time() - begun < 2.0


async def test_robots_is_asked_once_and_its_sitemaps_come_along(bench: Build) -> None:
    async with HostileServer({"/robots.txt": answer(b"User-agent: *\nSitemap: https://a.org/s.xml")}) as site:
        made = bench()
        got = [await made.fetcher.fetch(FetchRequest(url=site.url(f"/{n}"))) for n in range(3)]
    assert isinstance(got[-1], Fetched)
    assert got[-1].sitemaps == ("https://a.org/s.xml",)
    assert [asked.target for asked in site.asked] == ["/robots.txt", "/0", "/1", "/2"]


async def test_what_robots_forbids_is_not_asked_for(bench: Build) -> None:
    async with HostileServer({"/robots.txt": answer(b"User-agent: *\nDisallow: /x"), "/a": redirect("/x")}) as site:
        made = bench()
        given, redirected = [await made.fetcher.fetch(FetchRequest(url=site.url(path))) for path in ("/x", "/a")]
    assert isinstance(given, Refused)
    assert isinstance(redirected, Refused)
    assert given.kind == redirected.kind == "robots"
    assert made.book.host(Authority(f"127.0.0.1:{site.port}")).refused == 2  # type: ignore[attr-defined]
    assert site.targets == ["/a"]


async def test_fifty_megabytes_of_robots_are_not_swallowed(bench: Build) -> None:
    body = endless(b"Disallow: /never\n" * 1000, b"HTTP/1.1 200 OK\r\n\r\nUser-agent: *\nDisallow: /x\n")
    async with HostileServer({"/robots.txt": body}) as site:
        made = bench()
        got = await made.fetcher.fetch(FetchRequest(url=site.url("/a")))
        other = await made.fetcher.fetch(FetchRequest(url=site.url("/x")))
    assert isinstance(got, Fetched)
    assert isinstance(other, Refused)
    host = made.book.host(Authority(f"127.0.0.1:{site.port}"))  # type: ignore[attr-defined]
    assert len(host.robots) <= MOST_BYTES
    assert host.bytes < 3 * MOST_BYTES


async def test_robots_may_redirect_five_times_and_no_more(bench: Build) -> None:
    def hops(number: int) -> dict[str, bytes]:
        routes = {"/robots.txt": redirect("/r0"), f"/r{number - 1}": answer(b"User-agent: *\nDisallow: /x")}
        return routes | {f"/r{n}": redirect(f"/r{n + 1}") for n in range(number - 1)}

    async with HostileServer(hops(5)) as five, HostileServer(hops(9)) as nine:
        fetcher = bench().fetcher
        kept = await fetcher.fetch(FetchRequest(url=five.url("/x")))
        lost = await fetcher.fetch(FetchRequest(url=nine.url("/x")))
    assert isinstance(kept, Refused)
    assert isinstance(lost, Fetched)  # RFC 9309 2.3.1.2: after five hops as good as not there
    assert len([a for a in nine.asked if a.target != "/x"]) == 6


async def test_robots_on_another_host_is_asked_in_that_hosts_turn(bench: Build) -> None:
    async with HostileServer({"/robots.txt": answer(b"User-agent: *\nDisallow: /x")}) as other, HostileServer() as site:
        site.routes["/robots.txt"] = redirect(other.url("/robots.txt"))
        made = bench()
        got = await made.fetcher.fetch(FetchRequest(url=site.url("/x")))
    assert isinstance(got, Refused)
    assert made.book.host(Authority(f"127.0.0.1:{other.port}")).requests == 1  # type: ignore[attr-defined]


async def test_a_site_whose_robots_fails_is_not_asked_now(bench: Build) -> None:
    async with HostileServer({"/robots.txt": answer(status=500)}) as site:
        got = await bench().fetcher.fetch(FetchRequest(url=site.url("/a")))
    assert isinstance(got, Refused)
    assert (got.kind, site.targets) == ("robots", [])


async def test_a_site_that_is_down_is_called_down_not_forbidden(bench: Build) -> None:
    async with HostileServer({"/robots.txt": hang_up()}) as site:
        got = await bench().fetcher.fetch(FetchRequest(url=site.url("/a")))
    assert isinstance(got, Failed)
    assert (got.kind, site.targets) == ("reset", [])


async def test_robots_of_a_port_is_asked_on_that_port(bench: Build) -> None:
    async with HostileServer({"/robots.txt": answer(b"User-agent: *\nDisallow: /")}) as closed, HostileServer() as free:
        fetcher = bench().fetcher
        assert isinstance(await fetcher.fetch(FetchRequest(url=closed.url("/a"))), Refused)
        assert isinstance(await fetcher.fetch(FetchRequest(url=free.url("/a"))), Fetched)
