"""Completeness over a real flow: what an outage, a short list, further pages and another way do to what is claimed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from scraper.alert.channel import Inbox
from scraper.clock import FakeClock
from scraper.watch.complete import LATE, NETWORK
from scraper.watch.overview import overview
from storage.records.health import Health
from storage.records.source import Source
from storage.store import Filter
from tests.builders import DAY, HOUR, NOW, a_rule
from tests.stories.week import Outlet, Story, Watcher, World, a_watched, watching

RULES = (a_rule("new", "source_trouble"),)


class Desk:
    """One or more outlets, watched by a wheel that a test turns hour by hour."""

    def __init__(self, story: Story, watcher: Watcher, sources: tuple[Source, ...]) -> None:
        self.story, self.watcher, self.sources, self.outlets = story, watcher, sources, story.world.outlets

    @property
    def clock(self) -> FakeClock:
        return self.story.world.clock

    async def hours(self, many: int) -> None:
        for _ in range(many):
            await self.watcher.turn(post=True)
            self.clock.advance(HOUR)

    def publish(self, many: int, outlet: int = 0) -> None:
        for _ in range(many):
            self.outlets[outlet].publish(self.story.release(self.outlets[outlet], self.clock.now()))

    def health(self) -> Health:
        return self.all()[0]

    def all(self) -> tuple[Health, ...]:
        return overview(self.watcher.store.catalogue(), self.sources, self.clock.now())

    def known(self) -> set[str]:
        return {row.item.url.rpartition("/")[2] for row in self.watcher.store.catalogue().items(Filter())}


@asynccontextmanager
async def a_desk(folder: Path, *ways: str, size: int = 5, **facts: Any) -> AsyncIterator[Desk]:
    """Outlets of eight releases each, their first look done."""
    folder.mkdir(exist_ok=True)
    world = World(clock=FakeClock(NOW), outlets=[Outlet(number=n, way=way, size=size) for n, way in enumerate(ways)])
    story = Story(world=world, start=NOW, chance=None)  # type: ignore[arg-type]
    for outlet in world.outlets:
        outlet.releases = [story.release(outlet, NOW - (n + 1) * DAY) for n in range(8)]
    sources = tuple(a_watched(outlet, every="45m", **facts) for outlet in world.outlets)
    async with watching(world, folder, sources, RULES, Inbox(), "me") as watcher:
        desk = Desk(story, watcher, sources)
        await desk.hours(2)
        yield desk


async def test_a_source_that_was_always_seen_is_complete_since_its_first_look(tmp_path: Path) -> None:
    async with a_desk(tmp_path, "feed") as desk:
        for _ in range(3):
            desk.publish(2)
            await desk.hours(3)
        found = desk.health()
        assert (found.state, found.complete_since, found.gaps, found.closed) == ("healthy", NOW, (), ())


@pytest.mark.parametrize("trouble", ["503", "403", "dns"])
async def test_an_outage_that_a_later_look_reaches_over_is_a_gap_that_is_closed(tmp_path: Path, trouble: str) -> None:
    async with a_desk(tmp_path, "feed") as desk:
        desk.outlets[0].trouble = trouble
        await desk.hours(8)
        away = desk.health()
        assert (away.complete_since, [gap.until for gap in away.gaps]) == (None, [None])
        desk.publish(3)
        desk.outlets[0].trouble = ""
        await desk.hours(8)
        found = desk.health()
        assert (found.complete_since, found.gaps, len(found.closed)) == (NOW, (), 1)
        assert found.closed[0].since == away.complete_until


async def test_what_a_feed_lost_while_it_was_away_stays_a_gap(tmp_path: Path) -> None:
    async with a_desk(tmp_path, "feed") as desk:
        desk.outlets[0].trouble = "503"
        desk.publish(9)
        await desk.hours(3)
        desk.outlets[0].trouble = ""
        await desk.hours(8)
        (gap,) = desk.health().gaps
        assert gap.since < desk.outlets[0].releases[8].at <= (gap.until or NOW)
        assert desk.health().complete_since == gap.until


async def test_further_pages_close_it(tmp_path: Path) -> None:
    async with a_desk(tmp_path, "paged") as desk:
        desk.outlets[0].trouble = "503"
        desk.publish(17)
        await desk.hours(3)
        desk.outlets[0].trouble = ""
        await desk.hours(8)
        assert {each.slug for each in desk.outlets[0].releases[:17]} <= desk.known()
        assert (desk.health().gaps, len(desk.health().closed)) == ((), 1)


async def test_a_feed_that_overflows_between_two_looks_is_a_gap_without_any_outage(tmp_path: Path) -> None:
    async with a_desk(tmp_path, "feed") as desk:
        desk.publish(9)
        await desk.hours(2)
        assert len(desk.health().gaps) == 1
        assert "no longer goes back" in desk.health().gaps[0].why


async def test_another_way_that_shows_all_of_it_closes_it(tmp_path: Path) -> None:
    """The listing with its twenty entries reaches back where the feed with its five does not."""
    async with a_desk(tmp_path, "both") as desk:
        desk.outlets[0].list_size = 20
        desk.publish(9)
        await desk.hours(3)
        assert {each.slug for each in desk.outlets[0].releases[:9]} <= desk.known()
        assert desk.health().gaps == ()


async def test_a_machine_that_was_off_leaves_a_gap_that_says_so(tmp_path: Path) -> None:
    async with a_desk(tmp_path, "feed") as desk:
        desk.clock.advance(9 * HOUR)
        assert (desk.health().state, desk.health().gaps[0].why) == ("late", LATE)
        await desk.hours(2)
        assert [gap.why for gap in desk.health().closed] == [LATE]


async def test_a_lost_network_is_one_gap_of_this_machine_and_no_sources_fault(tmp_path: Path) -> None:
    async with a_desk(tmp_path, "feed", "listing", "paged") as desk:
        desk.story.world.network = False
        await desk.hours(9)
        assert {each.state for each in desk.all()} == {"healthy"}
        desk.story.world.network = True
        await desk.hours(3)
        assert {gap.why for each in desk.all() for gap in each.closed} == {NETWORK}
        told = desk.watcher.store.catalogue().deliveries(Filter(kind="source_trouble"))
        assert [row.alert.source for row in told] == ["this-machine"]


@settings(max_examples=8, deadline=None, phases=[Phase.generate])
@given(
    way=st.sampled_from(["feed", "paged", "both"]), size=st.integers(2, 6),
    steps=st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["", "", "503", "404", "dns", "off"])), max_size=6),
)  # fmt: skip
async def test_nothing_is_ever_claimed_over_what_was_lost(
    tmp_path_factory: pytest.TempPathFactory, way: str, size: int, steps: list[tuple[int, str]]
) -> None:
    async with a_desk(tmp_path_factory.mktemp("law"), way, size=size) as desk:
        for many, what in steps:
            desk.outlets[0].trouble = what if what != "off" else ""
            desk.publish(many)
            if what == "off":
                desk.clock.advance(timedelta(hours=5))
            else:
                await desk.hours(2)
        found, known = desk.health(), desk.known()
        until = found.complete_until or found.last_good or NOW
        for release in desk.outlets[0].releases:
            if release.slug not in known and NOW < release.at <= until:
                assert found.complete_since is None or release.at <= found.complete_since
                assert any(gap.since <= release.at <= (gap.until or release.at) for gap in found.gaps)
