"""Pages that send their readers on are followed like redirects: at discovery, for articles, and never in circles."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from scraper.fetch.message import Fetched, FetchRequest, FetchResult, Hop
from scraper.page import sent_on_to
from scraper.watch.follow import follow
from tests.acceptance.conftest import Desk, Reply, Server, article, desk, page, site, source

__all__ = ["desk", "site"]

HERE = "https://x.org/old/page"


@dataclass
class Shelf:
    """Answers from a table, and remembers what it was asked."""

    pages: dict[str, str]
    asked: list[FetchRequest] = field(default_factory=list)

    async def fetch(self, request: FetchRequest) -> FetchResult:
        self.asked.append(request)
        return Fetched(
            url=request.url, final_url=request.url, status=200, body=self.pages[request.url].encode(), etag="e"
        )


def to(url: str) -> str:
    return f'<html><head><meta http-equiv="refresh" content="0; url={url}"></head></html>'


@pytest.mark.parametrize(
    ("html", "onward"),
    [
        (to("/new"), "https://x.org/new"),
        (to("new?a=1&amp;b=2"), "https://x.org/old/new?a=1&b=2"),
        ("<META content='3;URL=\"https://y.org/\"' HTTP-EQUIV=Refresh>", "https://y.org/"),
        ("<meta http-equiv=refresh content=0;/new>", "https://x.org/new"),
        ("<base href='/b/'><meta http-equiv='refresh' content='1; new'>", "https://x.org/b/new"),
        ("<html><script>window.location.href = '/new';</script></html>", "https://x.org/new"),
        ("<title>Moved</title><script>location.replace('/new')</script><noscript>No scripts?</noscript>", "https://x.org/new"),
        ("<meta http-equiv='refresh' content='300'>", ""),
        ("<meta http-equiv='refresh' content='600; url=/new'>", ""),
        ("<noscript><meta http-equiv='refresh' content='0; url=/nojs'></noscript><p>Text</p>", ""),
        ("<!-- " + to("/new") + " --><p>Text</p>", ""),
        (to("javascript:alert(1)"), ""),
        (to("/old/page#top"), ""),
        ("<p>A page with words of its own</p><script>if (old) location.href = '/new';</script>", ""),
    ],
)  # fmt: skip
def test_where_a_page_sends_its_readers(html: str, onward: str) -> None:
    assert sent_on_to(html.encode(), HERE, "text/html") == onward


async def test_a_page_that_sends_on_is_a_hop_and_lends_no_validators_and_no_secrets() -> None:
    shelf = Shelf({HERE: to("https://y.org/"), "https://y.org/": "<p>Here</p>"})
    result = await follow(FetchRequest(url=HERE, etag="old", headers=(("Cookie", "secret"),)), shelf)
    assert isinstance(result, Fetched)
    assert (result.final_url, result.url, result.hops) == ("https://y.org/", HERE, (Hop(url=HERE, status=302),))
    assert (result.etag, result.requests, shelf.asked[1].headers, shelf.asked[1].etag) == ("", 2, (), "")


async def test_pages_that_send_on_in_a_circle_end() -> None:
    shelf = Shelf({HERE: to("/b"), "https://x.org/b": to("/old/page")})
    assert isinstance(await follow(FetchRequest(url=HERE), shelf), Fetched)
    assert len(shelf.asked) == 2


def test_an_article_behind_such_a_page_is_read_where_it_stands(desk: Desk, site: Server) -> None:
    site.routes |= {"/a": Reply(body=to("/news/real").encode()), "/news/real": article(3)}
    titles = [replace(article(n)) for n in (1, 2)]
    links = "".join(
        f"<li><a href='{path}'>Report number {n} on it</a> 0{n}.03.2026</li>"
        for n, path in ((1, "/a"), (2, "/b"), (3, "/c"))
    )
    site.routes |= {"/b": titles[0], "/c": titles[1], "/": page("News", f"<ul>{links}</ul>")}
    desk.configure(source("s", site.base))
    assert desk.run("crawl", "--json").json["sources"][0]["new"] == 3
    assert f"{site.base}/news/real" in [item["url"] for item in desk.run("items", "--json").json]
