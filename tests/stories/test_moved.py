"""A source that moves: its address leads elsewhere for good, or is gone while its site announces another feed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from scraper.watch.crawl import seed
from storage.records.source import Source, Target
from storage.store import Filter
from tests.builders import DAY
from tests.stories.test_gaps import Desk, a_desk


def lists(desk: Desk) -> list[Target]:
    return list(desk.watcher.store.catalogue().targets(desk.sources[0].id, discovering=True))


def restart(desk: Desk, source: Source) -> None:
    """As the daemon begins with what the configuration says now."""
    with desk.watcher.store.begin() as work:
        work.sync_sources([source])
        seed(work, [source], desk.clock.now())


def subjects(desk: Desk) -> list[str]:
    told = reversed(desk.watcher.store.catalogue().deliveries(Filter(kind="source_trouble")))
    return [row.alert.subject.partition(":")[0] for row in told]


async def test_an_address_that_leads_elsewhere_for_good_is_adopted_after_several_looks(tmp_path: Path) -> None:
    async with a_desk(tmp_path, "listing") as desk:
        outlet, old = desk.outlets[0], desk.sources[0].url
        outlet.moved = {"/news": "/latest"}
        await desk.hours(2)
        assert [each.url for each in lists(desk)] == [old]
        await desk.hours(3)
        (way,) = lists(desk)
        assert way.url == f"https://{outlet.host}/latest"
        desk.publish(2)
        await desk.hours(2)
        found = desk.health()
        assert (found.state, found.moved, found.url, found.gaps) == ("healthy", True, way.url, ())
        assert {each.slug for each in outlet.releases[:2]} <= desk.known()
        assert subjects(desk) == ["Moved"]


async def test_what_was_adopted_holds_until_the_address_in_the_file_changes(tmp_path: Path) -> None:
    async with a_desk(tmp_path, "listing") as desk:
        desk.outlets[0].moved = {"/news": "/latest"}
        await desk.hours(5)
        (way,) = lists(desk)
        restart(desk, desk.sources[0])
        assert [each.id for each in lists(desk)] == [way.id]
        restart(desk, replace(desk.sources[0], url=way.url))
        assert [each.id for each in lists(desk)] == [way.id]
        other = f"https://{desk.outlets[0].host}/other"
        restart(desk, replace(desk.sources[0], url=other))
        assert [(each.url, each.last_good) for each in lists(desk)] == [(other, None)]


async def test_a_feed_that_is_gone_gives_way_to_the_one_its_site_announces_and_nothing_floods(tmp_path: Path) -> None:
    async with a_desk(tmp_path, "feed") as desk:
        outlet = desk.outlets[0]
        hidden = [desk.story.release(outlet, desk.clock.now() - n * DAY) for n in (30, 40)]
        outlet.new_feed = "/press/feed.xml"
        await desk.hours(2)
        desk.publish(1)
        outlet.releases += hidden  # history that the new feed shows and the old one did not
        outlet.size = 20
        await desk.hours(16)
        assert [each.url for each in lists(desk)] == [f"https://{outlet.host}/press/feed.xml"]
        found = desk.health()
        assert (found.state, found.moved, found.gaps) == ("healthy", True, ())
        assert subjects(desk) == ["Trouble", "Moved", "Recovered"]
        told = desk.watcher.store.catalogue().deliveries(Filter(kind="new"))
        slugs = {str(desk.watcher.store.catalogue().find_item(str(row.alert.item))).count(outlet.releases[0].slug) > 0
                 for row in told}  # fmt: skip
        assert (len(told), slugs) == (1, {True})


async def test_a_feed_of_other_items_is_not_taken_for_the_broken_one(tmp_path: Path) -> None:
    async with a_desk(tmp_path, "feed") as desk:
        outlet = desk.outlets[0]
        outlet.new_feed = "/jobs/feed.xml"
        outlet.releases = [desk.story.release(outlet, desk.clock.now() - n * DAY) for n in range(8)]
        await desk.hours(16)
        assert [each.url for each in lists(desk)] == [desk.sources[0].url]
        assert desk.health().state == "gone"
