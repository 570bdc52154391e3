"""Pages that hold no article but a document, or several articles: what the flow makes of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import respx

from storage.archive import key_of
from storage.store import Filter
from tests.parse.test_issue_and_pdf import ITEM, pdf_of
from tests.stories.newsroom import Desk, Piece, Site, a_desk, a_piece

STUB = Piece(
    title="COCIR and HIMSS join forces",
    day="2026-03-01",
    paragraphs=('Please find here the <a href="/media/release.pdf">full press release</a>.',),
)
RELEASE = [
    "COCIR and HIMSS join forces",
    "Brussels, 1 March 2026 - COCIR and HIMSS today signed a cooperation agreement on digital",
    "health, which their presidents had prepared for more than a year with their members.",
    "About COCIR",
    "COCIR is the association of the makers of imaging and hospital systems since 1959.",
]
CITIES = ("Vienna", "Bern", "Oslo", "Porto")


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site(pieces={f"/news/{n}": a_piece(n) for n in range(3)})
    pdf = httpx.Response(200, content=pdf_of(RELEASE), headers={"Content-Type": "application/pdf"})
    with respx.mock(assert_all_called=False) as router:
        router.get("https://cocir.test/media/release.pdf").mock(return_value=pdf)
        router.route(host="cocir.test").mock(side_effect=made.respond)
        yield made


def titles(desk: Desk) -> list[str]:
    return sorted(row.item.title for row in desk.store.catalogue().items(Filter()))


async def test_a_page_that_points_to_its_release_is_read_with_the_document(site: Site, tmp_path: Path) -> None:
    async with a_desk(tmp_path, transport=httpx.AsyncHTTPTransport()) as desk:
        await desk.crawl()
        site.pieces = {"/news/release": STUB, **site.pieces}
        tally = await desk.later(hours=2)
        assert (tally.new, tally.partnerships, tally.trouble, desk.alerts()) == (1, 1, [], ["partnership"])
        (item,) = (row.item for row in desk.store.catalogue().items(Filter()) if row.item.title == STUB.title)
        assert item.url == "https://cocir.test/news/release"
        version = desk.store.catalogue().versions(item.id)[0]
        assert version.article.text.startswith("Brussels, 1 March 2026 - COCIR and HIMSS today signed")
        assert (version.article.about[0].organisation, version.article.unfit) == ("COCIR", None)
        assert key_of(pdf_of(RELEASE)) in desk.store.catalogue().bodies(let_go=False)  # it is no leftover


async def test_a_stub_whose_document_is_missing_is_trouble_and_no_article(site: Site, tmp_path: Path) -> None:
    async with a_desk(tmp_path, transport=httpx.AsyncHTTPTransport()) as desk:
        site.pieces["/news/stub"] = Piece(
            title="A statement", day="2026-03-01", paragraphs=('<a href="/media/gone.pdf">The statement</a>',)
        )
        tally = await desk.crawl()
        assert (tally.new, len(tally.trouble), "stub" in tally.trouble[0]) == (3, 1, True)


async def test_an_issue_gives_one_item_for_each_of_its_articles_once(site: Site, tmp_path: Path) -> None:
    issue = "".join(ITEM.format(f"News from {city}", city) for city in CITIES)
    async with a_desk(tmp_path, transport=httpx.AsyncHTTPTransport()) as desk:
        site.pieces["/news/letter-3"] = Piece(title="Newsletter 3/2026", day="2026-03-01", paragraphs=(issue,))
        tally = await desk.crawl()
        assert (tally.new, tally.trouble) == (3 + len(CITIES), [])
        assert titles(desk)[:4] == [f"News from {city}" for city in sorted(CITIES)]

        site.pieces["/news/letter-3"] = Piece(
            title="Newsletter 3/2026",
            day="2026-03-01",
            paragraphs=(issue.replace("in Bern this month", "in Bern in March"),),
        )
        again = await desk.later(hours=30)
        assert (again.new, again.changed, again.unchanged) == (0, 1, 6)
