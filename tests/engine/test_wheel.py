"""The wheel against time: a clock that is set, a host that slept, trouble that passes; and visits handed out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import apscheduler.schedulers.base
import pytest

from scraper.clock import FakeClock
from scraper.engine import wheel as engine
from scraper.engine.readers import InlineReader
from scraper.engine.wheel import LONGEST_PAUSE, SHORTEST_PAUSE, Wheel
from scraper.errors import StorageError
from scraper.fetch.message import FetchRequest, FetchResult
from scraper.fetch.politeness import Turns
from scraper.watch.check import Hands
from scraper.watch.crawl import seed
from scraper.watch.writer import Writer
from storage.records.source import Authority, Source
from storage.store import Store
from tests.builders import DAY, HOUR, NOW, SITE, a_page, a_policy, a_source
from tests.fetch.conftest import Bench

FEED = (
    f"<rss version='2.0'><channel><title>News</title><item><title>One</title><link>{SITE}/one</link>"
    "<pubDate>Sun, 01 Feb 2026 09:00:00 GMT</pubDate></item></channel></rss>"
).encode()
TALK = "A word of the secretariat. " * 20
PAGE = f"<html lang=en><title>One</title><article><h1>One</h1><p>{TALK}</p></article>".encode()


@dataclass
class Answers:
    """The source's feed and its one article; how often the feed was asked for."""

    clock: FakeClock
    asked: int = 0

    async def fetch(self, request: FetchRequest) -> FetchResult:
        if request.url == a_source().url:
            self.asked += 1
            return a_page(request.url, body=FEED, headers=(("content-type", "application/rss+xml"),))
        return a_page(request.url, body=PAGE)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(f"sqlite:///{tmp_path}/a.db", tmp_path / "archive")) as opened:
        yield opened


@asynccontextmanager
async def a_wheel(store: Store, source: Source, now: datetime = NOW) -> AsyncIterator[Wheel]:
    """One source, its feed and its article; its wheel is ticked by the test."""
    bench, writer = Bench(book=store.hosts), Writer(store)
    bench.clock.advance(now - bench.clock.now())
    hands = Hands(
        fetcher=Answers(bench.clock), reader=InlineReader(), writer=writer, archive=store.archive, clock=bench.clock,
        policy=lambda _: a_policy(source=source),
    )  # fmt: skip
    turns = Turns(store.hosts, bench.settings, bench.clock, owner="me")
    with store.begin() as work:
        work.sync_sources((source,))
        seed(work, (source,), now)

    async def nothing() -> None:
        return

    yield Wheel(
        hands=hands, turns=turns, deliver=nothing, tidy=nothing, max_hosts=4, connections=1, report=lambda _: None
    )
    writer.close()


@pytest.fixture
async def wheel(store: Store) -> AsyncIterator[Wheel]:
    async with a_wheel(store, a_source(every="2h")) as made:
        yield made


async def ticked(wheel: Wheel, after: timedelta = timedelta(0)) -> int:
    """How often the feed is asked for by a tick, that long after the last."""
    answers: Any = wheel.hands.fetcher
    answers.clock.advance(after)
    before = answers.asked
    await wheel.tick()
    await wheel.settled()
    return int(answers.asked - before)


async def test_a_host_that_slept_at_the_due_time_looks_once_when_it_wakes(wheel: Wheel) -> None:
    assert await ticked(wheel) == 1
    assert await ticked(wheel, timedelta(seconds=5)) == 0
    assert await ticked(wheel, 3 * DAY) == 1
    assert await ticked(wheel, timedelta(seconds=5)) == 0
    assert await ticked(wheel, 3 * HOUR) == 1


async def test_a_clock_that_was_ahead_and_goes_back_holds_nothing_up(wheel: Wheel) -> None:
    """It was a year ahead for one look; that look must not put the next one off for a year."""
    await ticked(wheel)
    assert await ticked(wheel, 365 * DAY) == 1
    assert await ticked(wheel, -365 * DAY) + await ticked(wheel, timedelta(seconds=5)) == 1
    assert await ticked(wheel, timedelta(seconds=5)) == 0
    assert await ticked(wheel, 3 * HOUR) == 1


@pytest.mark.parametrize("night", [datetime(2026, 3, 27, 23, tzinfo=UTC), datetime(2026, 10, 23, 22, tzinfo=UTC)])
async def test_half_past_two_comes_once_a_night_also_when_the_clocks_change(store: Store, night: datetime) -> None:
    """In Brussels it does not exist on 29 March 2026, and comes twice on 25 October."""
    source = a_source(every="30 2 * * *", timezone="Europe/Brussels")
    async with a_wheel(store, source, night) as wheel:
        assert await ticked(wheel) == 1, "the first look"
        nights = [[await ticked(wheel, timedelta(minutes=15)) for _ in range(96)] for _ in range(3)]
    assert [sum(asked) for asked in nights] == [1, 1, 1]


async def test_a_pause_ends_when_the_clock_goes_back(wheel: Wheel) -> None:
    await ticked(wheel)
    await ticked(wheel, DAY)
    wheel._hold(StorageError("database", "is away"))
    assert await ticked(wheel, timedelta(seconds=1)) == 0
    await ticked(wheel, -DAY)
    assert not wheel._paused


async def test_the_ticks_go_on_when_the_clock_on_the_wall_is_set_back(
    wheel: Wheel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The scheduler reads the wall: set back by an hour, it would wait for an hour."""
    off = timedelta(0)

    class Wall(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.now(tz) + off  # noqa: TID251 - the clock that is set

    class WallClock(FakeClock):
        def now(self) -> datetime:
            return Wall.now(UTC)  # type: ignore[no-any-return]

    monkeypatch.setattr(apscheduler.schedulers.base, "datetime", Wall)
    monkeypatch.setattr(engine, "TICK", timedelta(seconds=0.1))
    wheel.hands = replace(wheel.hands, clock=WallClock(NOW))
    async with turning(wheel):
        await until(lambda: wheel.ticked is not None)
        off = -HOUR
        set_back = Wall.now(UTC)
        await until(lambda: wheel.ticked is not None and wheel.ticked < set_back + timedelta(minutes=1))
        again = wheel.ticked
        await until(lambda: wheel.ticked != again)


async def test_trouble_is_told_once_tried_ever_more_rarely_and_its_end_is_told(
    wheel: Wheel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "accordwatch")
    look, away = wheel.hands.writer.write, True

    async def write(function: Any) -> Any:
        if away:
            raise StorageError("database", "is away", "bring it back")
        return await look(function)

    wheel.hands.writer.write = write  # type: ignore[method-assign]
    pause, waited = SHORTEST_PAUSE, timedelta(0)
    for _ in range(10):
        assert await ticked(wheel, timedelta(seconds=1)) == 0
        assert wheel._paused
        waited += pause
        assert await ticked(wheel, pause - timedelta(seconds=2)) == 0
        pause = min(2 * pause, LONGEST_PAUSE)
        wheel.hands.clock.advance(timedelta(seconds=2))  # type: ignore[attr-defined]
    away = False
    assert await ticked(wheel, timedelta(seconds=1)) > 0
    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO"]
    assert "database: is away; bring it back" in caplog.messages[0]
    assert wheel.patience.trouble == ""


class Waiting:
    """A queue that nobody takes from."""

    def __init__(self) -> None:
        self.hosts = list[str]()

    async def waiting(self) -> frozenset[str]:
        return frozenset(self.hosts)

    async def put(self, hosts: Sequence[Authority]) -> None:
        self.hosts += hosts


async def test_with_a_queue_visits_are_handed_out_once_and_none_is_made_here(wheel: Wheel) -> None:
    wheel.queue = queue = Waiting()
    assert [await ticked(wheel, timedelta(seconds=5)) for _ in range(3)] == [0, 0, 0]
    assert queue.hosts == [f"{SITE.removeprefix('https://')}:443"]


@asynccontextmanager
async def turning(wheel: Wheel) -> AsyncIterator[None]:
    task = asyncio.create_task(wheel.turn())
    try:
        yield
    finally:
        wheel.stopping.set()
        await task


async def until(holds: Any) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.01)
