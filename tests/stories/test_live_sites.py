"""Sites of 41 articles driven as an editor and an owner drive them: what is reported is what happened, and no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from scraper.config.settings import Confirm
from tests.stories.cms import Cms, posts
from tests.stories.newsroom import Desk, a_desk

KINDS = ("wordpress", "drupal", "static")
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
