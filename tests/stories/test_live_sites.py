"""Sites of 41 articles driven as an editor and an owner drive them: what is reported is what happened, and no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from scraper.config.settings import Confirm
from storage.store import Filter
from tests.stories.cms import Cms, posts
from tests.stories.newsroom import Desk, a_desk

KINDS = ("wordpress", "drupal", "static")
ONE = ("wordpress", *(pytest.param(kind, marks=pytest.mark.long) for kind in KINDS[1:]))
AT_ONCE = {"confirm_withdrawn": Confirm(checks=1), "confirm_mass_change": Confirm(checks=1)}
BY_DEFAULT: dict[str, Any] = {}


@asynccontextmanager
async def watched(kind: str, folder: Path, count: int = 41, **watch: Any) -> AsyncIterator[tuple[Cms, Desk]]:
    """The site after its first look."""
    site = Cms(kind=kind, posts=posts(count))
    with respx.mock(assert_all_called=False) as router:
        router.route(host="cms.test").mock(side_effect=site.respond)
        transport = httpx.AsyncHTTPTransport()
        async with a_desk(folder, base="https://cms.test", transport=transport, **watch) as desk:
            tally = await desk.crawl()
            assert (tally.new, tally.trouble) == (count, [])
            yield site, desk


def told(desk: Desk) -> Counter[str]:
    """All changes but the first look's, by kind."""
    return Counter(desk.kinds()) - Counter({"new": 41})


def numbers(tally: Any) -> dict[str, int]:
    names = ("new", "changed", "unchanged", "moved", "withdrawn", "restored")
    return {name: getattr(tally, name) for name in names if getattr(tally, name)}


@pytest.mark.parametrize("kind", KINDS)
async def test_a_site_driven_through_everything(kind: str, tmp_path: Path) -> None:
    async with watched(kind, tmp_path, **AT_ONCE) as (site, desk):
        slugs = [post.slug for post in site.posts]
        fresh = replace(posts(60)[55], day="2026-03-01", slug="fresh")

        site.posts = [fresh, *site.posts]
        assert numbers(await desk.later(hours=2)) == {"new": 1, "unchanged": 41}

        site.change(slugs[3], lambda post: post.with_more("The members will come back to it in the autumn of 2027."))
        assert numbers(await desk.later(hours=26)) == {"changed": 1, "unchanged": 41}

        site.cosmetic = {slugs[4], slugs[5]}
        assert numbers(await desk.later(hours=26)) == {"unchanged": 42}

        site.change(slugs[6], lambda post: replace(post, title="A title that nobody had thought of before"))
        assert numbers(await desk.later(hours=26)) == {"changed": 1, "unchanged": 41}

        site.change(slugs[7], lambda post: replace(post, slug="another-place"))
        assert numbers(await desk.later(hours=26)) == {"moved": 1, "unchanged": 41}

        gone = site.drop(slugs[8])
        assert numbers(await desk.later(hours=26)) == {"withdrawn": 1, "unchanged": 41}
        assert numbers(await desk.later(hours=26)) == {"unchanged": 41}

        site.posts = [*site.posts, gone]
        assert numbers(await desk.later(hours=26)) == {"restored": 1, "unchanged": 41}

        for site.popular in (1, 2):
            assert numbers(await desk.later(hours=26)) == {"unchanged": 42}

        site.theme = 1
        tally = await desk.later(hours=26)
        assert (numbers(tally), tally.trouble) == ({"unchanged": 42}, [])
        site.change(slugs[9], lambda post: post.with_more("The report was read by all of the members in the end."))
        assert numbers(await desk.later(hours=26)) == {"changed": 1, "unchanged": 41}

        for site.maintenance in ("503", "200"):
            tally = await desk.later(hours=26)
            assert (tally.new, tally.changed, tally.withdrawn, tally.moved) == (0, 0, 0, 0)
        site.maintenance = ""
        for _ in range(2):
            tally = await desk.later(hours=50)
        assert numbers(tally) == {"unchanged": 42}

        assert told(desk) == {"new": 1, "edited": 2, "retitled": 1, "moved": 1, "withdrawn": 1, "restored": 1}
        assert Counter(desk.alerts()) == {"new": 1, "changed": 3, "withdrawn": 2}


@pytest.mark.parametrize("kind", ONE)
async def test_the_same_with_the_confirmations_as_they_come(kind: str, tmp_path: Path) -> None:
    async with watched(kind, tmp_path) as (site, desk):
        slugs = [post.slug for post in site.posts]

        site.change(slugs[3], lambda post: post.with_more("The members will come back to it in the autumn of 2027."))
        site.change(slugs[7], lambda post: replace(post, slug="another-place"))
        site.change(slugs[11], lambda post: replace(post, slug="a-third", title="Elsewhere and under another title"))
        gone = site.drop(slugs[8])
        first = await desk.later(hours=26)
        assert (first.new, first.changed, first.moved, first.withdrawn, first.restored) == (0, 2, 1, 0, 0)
        assert [(await desk.later(hours=26)).withdrawn for _ in range(3)] == [0, 1, 0]
        site.posts = [*site.posts, gone]
        assert numbers(await desk.later(hours=26)) == {"restored": 1, "unchanged": 40}

        site.theme, site.popular = 1, 4
        site.change(slugs[9], lambda post: post.with_more("The report was read by all of the members in the end."))
        site.change(slugs[10], lambda post: replace(post, title="A title that nobody had thought of before"))
        assert numbers(await desk.later(hours=26)) == {"changed": 2, "unchanged": 39}
        assert told(desk) == {"edited": 2, "moved": 2, "retitled": 2, "withdrawn": 1, "restored": 1}
        assert Counter(desk.alerts()) == {"changed": 4, "withdrawn": 2}


async def test_edits_of_most_articles_are_believed_when_they_are_confirmed(tmp_path: Path) -> None:
    async with watched("wordpress", tmp_path) as (site, desk):
        desk.rules("source_trouble", "changed")
        site.posts = [post.with_more(f"Corrected by the office on request, number {n}.")
                      for n, post in enumerate(site.posts)]  # fmt: skip
        first = await desk.later(hours=26)
        assert (first.changed, first.trouble, first.well) == (
            0, ["41 of 41 items changed at once: not believed before it is confirmed"], False)  # fmt: skip
        assert (told(desk), desk.alerts()) == (Counter(), ["source_trouble"])
        assert numbers(await desk.later(minutes=20)) == {"unchanged": 41}
        confirmed = await desk.later(minutes=45, recheck=False)
        assert (numbers(confirmed), confirmed.trouble, confirmed.well) == ({"changed": 41}, [], True)
        assert Counter(desk.alerts()) == {"source_trouble": 2, "changed": 41}
        assert numbers(await desk.later(hours=26)) == {"unchanged": 41}


async def test_what_most_articles_show_for_an_hour_only_never_happened(tmp_path: Path) -> None:
    async with watched("drupal", tmp_path) as (site, desk):
        desk.rules("source_trouble", "changed", "withdrawn")
        before = site.posts
        site.posts = [post.with_more(f"Shown by mistake {n} times.") for n, post in enumerate(site.posts)]
        assert numbers(await desk.later(hours=26)) == {"unchanged": 41}
        site.posts = before
        assert numbers(await desk.later(hours=2)) == {"unchanged": 41}
        assert (told(desk), desk.alerts()) == (Counter(), ["source_trouble", "source_trouble"])  # begun, and over


@pytest.mark.parametrize("watch", [AT_ONCE, BY_DEFAULT], ids=["1 check", "default"])
async def test_one_text_in_the_place_of_all_articles_is_never_believed(watch: Any, tmp_path: Path) -> None:
    wall = (
        "The pages of the association have moved behind a door that asks each reader who he is and why he comes. "
        "Whoever wants to read them writes to the secretariat and receives an answer within two working days.",
    ) * 3
    async with watched("static", tmp_path, **watch) as (site, desk):
        before = site.posts
        site.posts = [replace(post, paragraphs=wall, bullets=(), quote="", caption="") for post in before]
        for _ in range(3):
            assert (await desk.later(hours=26)).changed == 0
        site.posts = before
        assert numbers(await desk.later(hours=26)) == {"unchanged": 41}
        assert told(desk) == Counter()


async def test_a_site_that_loses_its_pages_at_once_is_in_trouble_and_nothing_is_withdrawn(tmp_path: Path) -> None:
    async with watched("drupal", tmp_path, confirm_withdrawn=Confirm(checks=1)) as (site, desk):
        before, site.posts = site.posts, site.posts[:1]
        assert (await desk.later(hours=26)).withdrawn == 0
        site.posts = before
        await desk.later(hours=2)
        assert told(desk) == Counter()


async def test_a_known_fraction_of_many_pages_changes_and_just_these_are_told(tmp_path: Path) -> None:
    async with watched("wordpress", tmp_path, 48, **AT_ONCE) as (site, desk):
        changed = {post.slug for n, post in enumerate(site.posts) if n % 6 == 0}
        site.posts = [post.with_more(f"Figure {n} was added later.") if post.slug in changed else post
                      for n, post in enumerate(site.posts)]  # fmt: skip
        assert numbers(await desk.later(hours=26)) == {"changed": 8, "unchanged": 40}
        urls = {change.url for change in desk.store.catalogue().changes(Filter(kind="edited"))}
        assert urls == {f"https://cms.test{site.path(post)}" for post in site.posts if post.slug in changed}


@pytest.mark.parametrize("kind", ONE)
async def test_a_line_that_the_new_theme_puts_into_each_body_is_no_edit(kind: str, tmp_path: Path) -> None:
    async with watched(kind, tmp_path, **AT_ONCE) as (site, desk):
        site.theme, site.leaks = 1, True
        site.change(site.posts[9].slug, lambda post: replace(post, title="A title that nobody had thought of before"))
        assert numbers(await desk.later(hours=26)) == {"changed": 1, "unchanged": 40}
        assert numbers(await desk.later(hours=26)) == {"unchanged": 41}
        assert (told(desk), desk.alerts()) == ({"retitled": 1}, ["changed"])


async def test_one_article_that_is_due_after_a_theme_switch_waits_for_the_others(tmp_path: Path) -> None:
    async with watched("wordpress", tmp_path) as (site, desk):
        with desk.store.begin() as work:
            for n, target in enumerate(work.targets_of(desk.source.id, discovering=False)):
                work.keep_target(replace(target, due=desk.clock.now() + timedelta(days=1 if n == 5 else 90)))
        site.theme, site.leaks = 1, True
        assert numbers(await desk.later(days=2, recheck=False)) == {"unchanged": 9}
        assert (told(desk), desk.alerts()) == (Counter(), [])
