"""An upgrade is not an edit: what another reader left in memory is read again before it is compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import respx

from scraper.detect.fingerprint import fingerprint
from scraper.parse import EXTRACTOR_VERSION
from scraper.watch.reparse import Reread, reparse
from storage.records.article import Block
from storage.records.source import ItemId
from storage.store import Filter
from tests.stories.newsroom import Desk, Site, a_desk, a_piece

SIGNED = "COCIR and HIMSS today signed a cooperation agreement in Brussels."
JUNK = Block(kind="paragraph", text="Share this page with your colleagues on the networks that they use.")


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site(pieces={f"/news/{n}": a_piece(n, "2026-02-20", *([SIGNED] if n == 0 else [])) for n in range(6)})
    with respx.mock(assert_all_called=False) as router:
        router.route(host="cocir.test").mock(side_effect=made.respond)
        yield made


def age(desk: Desk) -> None:
    """What memory would hold if an older reader had taken the share line for body and another date for the day."""
    for row in desk.store.catalogue().items(Filter()):
        seen = desk.store.catalogue().versions(row.item.id)[-1]
        article = replace(seen.article, blocks=(*seen.article.blocks, JUNK), title=f"{seen.article.title} | COCIR")
        old = replace(seen, article=article, fingerprint=fingerprint(article), extractor=0)
        with desk.store.begin() as work:
            work.keep_reading(old, row.item.id)


def newest(desk: Desk, item: int):  # type: ignore[no-untyped-def]
    return desk.store.catalogue().versions(ItemId(item))[-1]


async def test_a_better_reader_makes_no_change_and_no_alert(site: Site, tmp_path: Path) -> None:
    async with a_desk(tmp_path, transport=httpx.AsyncHTTPTransport()) as desk:
        await desk.crawl()
        age(desk)
        site.noise = "Twelve visitors"  # other bytes, so that each page is read
        tally = await desk.later(hours=26)
        assert (tally.unchanged, tally.changed, tally.trouble) == (6, 0, [])
        assert (set(desk.kinds()), desk.alerts()) == ({"new"}, [])
        assert (newest(desk, 1).extractor, newest(desk, 1).version) == (EXTRACTOR_VERSION, 1)
        assert JUNK not in newest(desk, 1).article.blocks


async def test_an_edit_is_told_beside_a_better_reader_as_just_that_edit(site: Site, tmp_path: Path) -> None:
    async with a_desk(tmp_path, transport=httpx.AsyncHTTPTransport()) as desk:
        await desk.crawl()
        age(desk)
        site.pieces["/news/3"] = site.pieces["/news/3"].with_more("It was read by nine hospitals.")
        assert (await desk.later(hours=26)).changed == 1
        (change,) = desk.store.catalogue().changes(Filter(kind="edited"))
        assert change.because == ("1 sentence added",)


async def test_history_is_read_again_without_an_alert(site: Site, tmp_path: Path) -> None:
    async with a_desk(tmp_path, transport=httpx.AsyncHTTPTransport()) as desk:
        await desk.crawl()
        age(desk)
        told: list[Reread] = []
        tried = await reparse(hands=desk.hands, catalogue=desk.store.catalogue(), write=False, report=told.append)
        assert (tried.read, tried.differ, tried.unread, len(told)) == (6, 6, 0, 6)
        assert newest(desk, 1).extractor == 0
        kept = await reparse(hands=desk.hands, catalogue=desk.store.catalogue(), write=True, report=told.append)
        assert (kept.read, kept.differ) == (6, 6)
        again = await reparse(hands=desk.hands, catalogue=desk.store.catalogue(), write=True, report=told.append)
        assert (again.read, again.differ, newest(desk, 1).extractor) == (6, 0, EXTRACTOR_VERSION)
        assert (set(desk.kinds()), desk.alerts()) == ({"new"}, [])


async def test_the_ledger_follows_the_finder_of_today(site: Site, tmp_path: Path) -> None:
    async with a_desk(tmp_path, transport=httpx.AsyncHTTPTransport()) as desk:
        await desk.crawl()
        (entry,) = desk.store.catalogue().partnerships(Filter())
        with desk.store.begin() as work:  # as if the finder of then had not known it, and had found another one
            work.forget_witness(entry, ItemId(entry.witnesses[0].item or 0))
        told: list[Reread] = []
        await reparse(hands=desk.hands, catalogue=desk.store.catalogue(), write=True, report=told.append)
        (found,) = desk.store.catalogue().partnerships(Filter())
        assert found.event.parties == entry.event.parties
        assert [line for one in told for line in one.differs] == ["partnership found: COCIR and HIMSS signed"]
        assert desk.alerts() == []
