"""The contract of a HostBook, and the turns that are built on it. Another book is one line in BOOKS."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from scraper.clock import FakeClock
from scraper.fetch.limits import FetchSettings
from scraper.fetch.message import Fetched, FetchRequest, Refused
from scraper.fetch.politeness import LEASE, HostBook, InMemoryHostBook, Turns
from storage.records.source import Authority, Host
from storage.store import Store
from tests.fetch.conftest import START, Bench
from tests.hostile import HostileServer, answer, redirect

Build = Callable[..., Bench]
A, B = Authority("a.org:443"), Authority("b.org:80")
LATER = START + timedelta(minutes=5)


@contextmanager
def memory(_: Path) -> Iterator[HostBook]:
    yield InMemoryHostBook()


@contextmanager
def sqlite(folder: Path) -> Iterator[HostBook]:
    store = Store(f"sqlite:///{folder / 'hosts.db'}", folder / "archive")
    yield store.hosts
    store.close()


BOOKS = {"memory": memory, "sqlite": sqlite}


@pytest.fixture(params=BOOKS)
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[HostBook]:
    with BOOKS[request.param](tmp_path) as made:
        yield made


def leased(book: HostBook, owner: str = "me", authority: Authority = A, after: timedelta = timedelta(0)) -> Host | None:
    return book.lease(authority, owner=owner, now=START + after, until=LATER + after)


def test_a_new_host_is_made_and_leased(book: HostBook) -> None:
    host = leased(book)
    assert host is not None
    assert (host.authority, host.lease_owner, host.lease_until, host.requests) == (A, "me", LATER, 0)


def test_a_leased_host_is_nobody_elses(book: HostBook) -> None:
    leased(book)
    assert leased(book, "you") is None
    assert leased(book, "you", B) is not None


def test_the_holder_may_lease_again(book: HostBook) -> None:
    leased(book)
    again = leased(book, after=timedelta(minutes=1))
    assert again is not None
    assert again.lease_until == LATER + timedelta(minutes=1)


def test_a_lease_that_ran_out_belongs_to_nobody(book: HostBook) -> None:
    leased(book)
    assert leased(book, "you", after=timedelta(minutes=4, seconds=59)) is None
    assert leased(book, "you", after=timedelta(minutes=5)) is not None


def test_what_was_learnt_is_there_for_the_next_one(book: HostBook) -> None:
    host = leased(book)
    assert host is not None
    learnt = replace(
        host,
        next_allowed=LATER,
        crawl_delay=7.5,
        robots="User-agent: *",
        robots_status=200,
        robots_until=LATER,
        failures=2,
        trouble="answers 503, 2 in a row",
        requests=9,
        bytes=10_000_000_000,
        not_modified=3,
        refused=1,
        shortest_gap=2.25,
        last_request=START,
    )
    book.keep(learnt, owner="me", until=None)
    assert leased(book, "you") == replace(learnt, lease_owner="you", lease_until=LATER)


def test_who_lost_the_lease_writes_nothing(book: HostBook) -> None:
    mine = leased(book)
    assert mine is not None
    yours = leased(book, "you", after=timedelta(minutes=6))
    book.keep(replace(mine, requests=99), owner="me", until=None)
    assert leased(book, "she", after=timedelta(minutes=7)) is None
    assert yours is not None
    book.keep(replace(yours, requests=1), owner="you", until=None)
    after = leased(book, "she", after=timedelta(minutes=7))
    assert after is not None
    assert after.requests == 1


def test_a_lease_is_renewed_by_its_holder_only(book: HostBook) -> None:
    leased(book)
    later = START + timedelta(hours=1)
    assert book.keep(Host(authority=A), owner="you", until=later) is False
    assert book.keep(Host(authority=B), owner="me", until=later) is False
    assert book.keep(Host(authority=A), owner="me", until=later) is True
    assert leased(book, "you", after=timedelta(minutes=30)) is None


# --- turns ---


class CountingBook(InMemoryHostBook):
    """Counts its calls."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []

    def lease(self, authority, *, owner, now, until):  # type: ignore[no-untyped-def]
        self.calls.append("lease")
        return super().lease(authority, owner=owner, now=now, until=until)

    def keep(self, host, *, owner, until):  # type: ignore[no-untyped-def]
        self.calls.append("renew" if until else "release")
        return super().keep(host, owner=owner, until=until)


async def test_a_visit_of_many_requests_is_one_lease(bench: Build) -> None:
    book = CountingBook()
    async with HostileServer() as site:
        made = bench(book=book)
        async with made.turns.visit(Authority(f"127.0.0.1:{site.port}")) as visit:
            assert visit is not None
            for number in range(10):
                await made.fetcher.fetch(FetchRequest(url=site.url(f"/{number}")))
    assert book.calls == ["lease", "release"]
    host = book.host(Authority(f"127.0.0.1:{site.port}"))
    assert host is not None
    assert host.requests == 11
    assert host.lease_owner == ""


async def test_a_long_visit_renews_its_lease_in_time(bench: Build) -> None:
    book = CountingBook()
    async with HostileServer() as site:
        made = bench(book=book)
        async with made.turns.visit(Authority(f"127.0.0.1:{site.port}")):
            for number in range(4):
                await made.fetcher.fetch(FetchRequest(url=site.url(f"/{number}")))
                made.clock.advance(LEASE * 0.4)
    assert book.calls == ["lease", "renew", "release"]


async def test_a_visit_whose_lease_was_taken_asks_no_more(bench: Build) -> None:
    book = CountingBook()
    async with HostileServer() as site:
        made, authority = bench(book=book), Authority(f"127.0.0.1:{site.port}")
        async with made.turns.visit(authority):
            made.clock.advance(2 * LEASE)
            now = made.clock.now()
            assert book.lease(authority, owner="you", now=now, until=now + LEASE) is not None
            got = await made.fetcher.fetch(FetchRequest(url=site.url("/a")))
    assert isinstance(got, Refused)
    assert (got.kind, site.asked) == ("busy", [])


async def test_a_host_that_another_process_holds_is_busy_after_a_bounded_wait(bench: Build) -> None:
    book = InMemoryHostBook()
    async with HostileServer() as site:
        made, authority = bench(book=book), Authority(f"127.0.0.1:{site.port}")
        book.lease(authority, owner="you", now=START, until=START + timedelta(hours=1))
        got = await made.fetcher.fetch(FetchRequest(url=site.url("/a")))
        async with made.turns.visit(authority) as visit:
            assert visit is None
    assert isinstance(got, Refused)
    assert (got.kind, site.asked) == ("busy", [])
    assert made.clock.now() - START < timedelta(minutes=1)


async def test_a_hop_to_another_host_takes_that_hosts_lease(bench: Build) -> None:
    book = InMemoryHostBook()
    async with (
        HostileServer({"/b": answer(b"there")}) as other,
        HostileServer({"/a": redirect(other.url("/b"))}) as site,
    ):
        made = bench(book=book)
        got = await made.fetcher.fetch(FetchRequest(url=site.url("/a")))
        assert isinstance(got, Fetched)
        hosts = [book.host(Authority(f"127.0.0.1:{port}")) for port in (site.port, other.port)]
        assert [host and (host.requests, host.lease_owner) for host in hosts] == [(2, ""), (2, "")]
        now = made.clock.now()
        book.lease(Authority(f"127.0.0.1:{other.port}"), owner="you", now=now, until=now + timedelta(hours=1))
        busy = await made.fetcher.fetch(FetchRequest(url=site.url("/a")))
    assert isinstance(busy, Refused)
    assert busy.kind == "busy"


@pytest.mark.parametrize("connections", [1, 3])
async def test_no_more_than_so_many_requests_at_once(bench: Build, connections: int) -> None:
    async def slow(_, writer):  # type: ignore[no-untyped-def]
        await asyncio.sleep(0.03)
        writer.write(answer(b"x", Connection="close"))

    async with HostileServer({f"/{n}": slow for n in range(8)}) as site:
        fetcher = bench(per_host_connections=connections).fetcher
        await asyncio.gather(*(fetcher.fetch(FetchRequest(url=site.url(f"/{n}"))) for n in range(8)))
    assert site.most_at_once == connections


async def test_between_two_starts_lies_the_delay_robots_included(bench: Build) -> None:
    async with HostileServer({"/robots.txt": answer(b"User-agent: *\nCrawl-delay: 7")}) as site:
        made = bench(per_host_delay=timedelta(seconds=2))
        await asyncio.gather(*(made.fetcher.fetch(FetchRequest(url=site.url(f"/{n}"))) for n in range(3)))
        host = made.book.host(Authority(f"127.0.0.1:{site.port}"))  # type: ignore[attr-defined]
    assert made.clock.now() - START == timedelta(seconds=7 + 7 + 7)
    assert host.shortest_gap == 7.0


async def test_two_hosts_redirecting_to_each_other_do_not_lock_up(bench: Build) -> None:
    async with HostileServer() as one, HostileServer() as two:
        one.routes["/a"], two.routes["/a"] = redirect(two.url("/z")), redirect(one.url("/z"))
        fetcher = bench().fetcher
        both = asyncio.gather(*(fetcher.fetch(FetchRequest(url=site.url("/a"))) for site in (one, two, one, two)))
        assert all(isinstance(got, Fetched) for got in await asyncio.wait_for(both, 5))


async def test_leaving_in_a_hurry_gives_the_lease_back() -> None:
    book = InMemoryHostBook()
    turns = Turns(book, FetchSettings(), FakeClock(START), owner="me")

    async def stay() -> None:
        async with turns.visit(A):
            await asyncio.sleep(3600)

    task = asyncio.create_task(stay())
    while (host := book.host(A)) is None or not host.lease_owner:
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    host = book.host(A)
    assert host is not None
    assert host.lease_owner == ""


async def test_a_lease_held_without_a_request_lives_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scraper.fetch.politeness.BEAT", 0.01)
    book, clock = CountingBook(), FakeClock(START)
    async with Turns(book, FetchSettings(), clock, owner="me").visit(A):
        clock.advance(LEASE * 0.6)
        while "renew" not in book.calls:
            await asyncio.sleep(0.01)
        assert leased(book, "you", after=LEASE * 1.1) is None
    assert book.calls[-1] == "release"


async def test_what_was_asked_is_written_before_the_visit_ends(bench: Build) -> None:
    book = InMemoryHostBook()
    async with HostileServer() as site:
        made, authority = bench(book=book), Authority(f"127.0.0.1:{site.port}")
        async with made.turns.visit(authority) as visit:
            await made.fetcher.fetch(FetchRequest(url=site.url("/a")))
            made.clock.advance(LEASE * 0.6)
            assert visit is not None
            await made.turns.fresh(visit)
            assert getattr(book.host(authority), "requests", 0) == 2


async def test_the_pause_is_counted_from_when_the_host_had_the_request(bench: Build) -> None:
    async with HostileServer() as site:
        made = bench(per_host_delay=timedelta(seconds=2))
        begun: list[float] = []

        async def slow(_, writer):  # type: ignore[no-untyped-def]
            begun.append((made.clock.now() - START).total_seconds())
            made.clock.advance(timedelta(seconds=5))
            writer.write(answer(b"x", Connection="close"))

        site.routes |= {"/1": slow, "/2": slow}
        for path in ("/1", "/2"):
            await made.fetcher.fetch(FetchRequest(url=site.url(path)))
    assert begun == [2.0, 9.0]


async def test_a_wait_for_a_host_that_pushed_back_is_said(bench: Build, caplog: pytest.LogCaptureFixture) -> None:
    async with HostileServer({"/n": answer(status=429)}) as site:
        made = bench()
        await made.fetcher.fetch(FetchRequest(url=site.url("/n")))
        await made.fetcher.fetch(FetchRequest(url=site.url("/m")))
    assert "answers 429, 1 in a row; waiting 15 s" in caplog.text
