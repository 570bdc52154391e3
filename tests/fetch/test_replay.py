"""Fetchers without a network, and the client on httpx's own transport under respx."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
import respx

from scraper.fetch.message import Failed, Fetched, FetchRequest, NotModified
from scraper.fetch.replay import FakeFetcher, ReplayFetcher, pages
from tests.fetch.conftest import Bench

A = "https://a.org/1"


async def test_the_archive_answers_for_what_it_holds() -> None:
    replay = ReplayFetcher({"k": b"old page"}.get, {A: "k", "https://a.org/lost": "x"}.get)
    got = await replay.fetch(FetchRequest(url=A))
    assert isinstance(got, Fetched)
    assert (got.body, got.header("content-type")) == (b"old page", "text/html")
    for url in ("https://a.org/lost", "https://a.org/never"):
        assert await replay.fetch(FetchRequest(url=url)) == Failed(
            url=url, kind="status", reason="not in the archive", status=404, retryable=False
        )


async def test_the_fake_says_what_it_was_told_and_remembers_what_was_asked() -> None:
    fake = pages({A: "<p>one</p>"}).status("https://a.org/gone", 410)
    got = await fake.fetch(FetchRequest(url=A))
    gone = await fake.fetch(FetchRequest(url="https://a.org/gone"))
    assert isinstance(got, Fetched)
    assert got.body == b"<p>one</p>"
    assert isinstance(gone, Failed)
    assert gone.status == 410
    assert fake.urls == [A, "https://a.org/gone"]


async def test_the_fake_changes_its_mind_in_order_and_knows_its_validators() -> None:
    fake = FakeFetcher().page(A, "one").page(A, "two", etag='"2"')
    bodies = [await fake.fetch(FetchRequest(url=A)) for _ in range(3)]
    assert [got.body for got in bodies if isinstance(got, Fetched)] == [b"one", b"two", b"two"]
    assert await fake.fetch(FetchRequest(url=A, etag='"2"')) == NotModified(url=A, etag='"2"')


async def test_the_fake_raises_when_told_to() -> None:
    with pytest.raises(RuntimeError, match="a bug"):
        await FakeFetcher().raises(A, RuntimeError("a bug")).fetch(FetchRequest(url=A))


@respx.mock
async def test_the_client_works_on_another_transport(bench: Callable[..., Bench]) -> None:
    respx.get("https://a.org/robots.txt").respond(404)
    respx.get(A).respond(200, content=b"page", headers={"ETag": '"1"'})
    respx.get("https://a.org/down").mock(side_effect=httpx.ConnectError("refused"))
    fetcher = bench(transport=httpx.AsyncHTTPTransport()).fetcher
    got = await fetcher.fetch(FetchRequest(url=A))
    down = await fetcher.fetch(FetchRequest(url="https://a.org/down"))
    assert isinstance(got, Fetched)
    assert (got.body, got.etag) == (b"page", '"1"')
    assert isinstance(down, Failed)
    assert down.kind == "connect"
