"""Fetching over real sockets: what comes back, what goes out, and what each kind of failure is called."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from scraper.fetch.message import Failed, Fetched, FetchRequest, Hop, NotModified, Refused
from tests.fetch.conftest import START, Bench
from tests.hostile import FakeResolver, HostileServer, answer, drip, endless, hang_up, redirect, silence, squeezed

Build = Callable[..., Bench]
SHORT = timedelta(seconds=0.15)


def asking(url: str, **more: object) -> FetchRequest:
    return FetchRequest(url=url, **more)  # type: ignore[arg-type]


async def test_a_page_comes_with_its_headers_and_validators(bench: Build) -> None:
    async with HostileServer(
        {"/n": answer(b"hello", ETag='"7"', Last_Modified="yesterday", Content_Type="text/html")}
    ) as site:
        got = await bench().fetcher.fetch(asking(site.url("/n")))
    assert isinstance(got, Fetched)
    assert (got.body, got.etag, got.last_modified, got.header("content-type")) == (
        b"hello",
        '"7"',
        "yesterday",
        "text/html",
    )


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, br", "gzip, gzip"])
async def test_every_encoding_is_undone(bench: Build, encoding: str) -> None:
    text = b"the very same text " * 9000
    async with HostileServer({"/n": answer(squeezed(encoding, text), Content_Encoding=encoding)}) as site:
        got = await bench().fetcher.fetch(asking(site.url("/n")))
    assert isinstance(got, Fetched)
    assert got.body == text


ODD = {
    "bare line feeds": b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
    "no reason": b"HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello",
    "a folded header": b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 5\r\n\r\nhello",
    "bytes in a header": b"HTTP/1.1 200 OK\r\nX: \xff\xfe\r\nContent-Length: 5\r\n\r\nhello",
    "an early hint first": b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "a blank before the colon": b"HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\nhello",
    "two encodings in two headers": answer(
        squeezed("gzip, br", b"hello"), **{"Content-Encoding": "gzip", "content-encoding": "br"}
    ),
    "an encoding of the transfer": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n"
    % (len(squeezed("gzip", b"hello")), squeezed("gzip", b"hello")),
}


@pytest.mark.parametrize("way", ODD)
async def test_odd_answers_are_read_all_the_same(bench: Build, way: str) -> None:
    async with HostileServer({"/n": ODD[way]}) as site:
        got = await bench().fetcher.fetch(asking(site.url("/n")))
    assert isinstance(got, Fetched), got
    assert got.body == b"hello"


async def test_deflate_without_its_header_is_read_too(bench: Build) -> None:
    async with HostileServer({"/n": answer(squeezed("raw deflate", b"abc" * 99), Content_Encoding="deflate")}) as site:
        got = await bench().fetcher.fetch(asking(site.url("/n")))
    assert isinstance(got, Fetched)
    assert got.body == b"abc" * 99


async def test_our_name_and_contact_go_out(bench: Build) -> None:
    async with HostileServer() as site:
        await bench().fetcher.fetch(asking(site.url("/n")))
        sent = site.asked[-1].headers
    assert sent["user-agent"].startswith("accordwatch/")
    assert sent["user-agent"].endswith("(+desk@press.test)")
    assert sent["accept-encoding"] == "gzip, deflate, br, zstd"
    assert "cookie" not in sent


@pytest.mark.parametrize(
    "target",
    [
        "/a%2Fb/%3a/%41",
        "/Congresses-&-Events/?x=a+b&c=%zz"[:-3] + "d",
        "/x?url=http%3A%2F%2Fy.org%2F&r=1;2",
        "/a//b/",
        "/tagi/news,5",
        "/n?tx_news_pi1[news]=4&cHash=ab",
        "/%E2%82%AC?q='x'",
        "/n?",
    ],
)
async def test_the_request_line_is_kept_as_it_is(bench: Build, target: str) -> None:
    async with HostileServer() as site:
        await bench().fetcher.fetch(asking(site.url(target)))
    assert site.targets == [target.removesuffix("?")]


@pytest.mark.parametrize(
    ("given", "sent"), [("/ä b", "/%C3%A4%20b"), ("/x\\", "/x/"), ("/p#part", "/p"), ("/%zz", "/%25zz")]
)
async def test_what_no_request_line_can_hold_is_escaped(bench: Build, given: str, sent: str) -> None:
    async with HostileServer() as site:
        await bench().fetcher.fetch(asking(site.url(given)))
    assert site.targets == [sent]


async def test_both_validators_are_sent_and_304_is_no_page(bench: Build) -> None:
    async with HostileServer({"/n": answer(status=304, ETag='"8"')}) as site:
        got = await bench().fetcher.fetch(
            asking(site.url("/n"), etag='W/"7"', last_modified="Mon, 02 Mar 2026 08:00:00 GMT")
        )
    assert got == NotModified(url=site.url("/n"), etag='"8"', last_modified="Mon, 02 Mar 2026 08:00:00 GMT")
    assert site.asked[-1].headers["if-none-match"] == 'W/"7"'
    assert site.asked[-1].headers["if-modified-since"] == "Mon, 02 Mar 2026 08:00:00 GMT"


async def test_304_to_a_question_without_condition_is_a_failure(bench: Build) -> None:
    async with HostileServer({"/n": answer(status=304)}) as site:
        got = await bench().fetcher.fetch(asking(site.url("/n")))
    assert isinstance(got, Failed)
    assert got.status == 304


async def test_a_validator_with_a_line_end_is_not_sent(bench: Build) -> None:
    async with HostileServer() as site:
        await bench().fetcher.fetch(asking(site.url("/n"), etag='"a"\r\nX-Evil: 1'))
    assert not {"if-none-match", "x-evil"} & site.asked[-1].headers.keys()


async def test_redirects_are_followed_and_told(bench: Build) -> None:
    routes = {"/a": redirect("/b", 301), "/b": redirect("c?x=%3A"), "/c?x=%3A": answer(b"here")}
    async with HostileServer(routes) as site:
        got = await bench().fetcher.fetch(asking(site.url("/a")))
    assert isinstance(got, Fetched)
    assert got.final_url == site.url("/c?x=%3A")
    assert got.hops == (Hop(url=site.url("/a"), status=301), Hop(url=site.url("/b"), status=302))


async def test_a_circle_of_redirects_ends(bench: Build) -> None:
    async with HostileServer({"/a": redirect("/b"), "/b": redirect("/a")}) as site:
        got = await bench().fetcher.fetch(asking(site.url("/a")))
    assert isinstance(got, Refused)
    assert got.kind == "redirects"
    assert len(site.targets) == 2


async def test_a_site_that_waits_for_its_cookie_gets_it_back_for_this_fetch_only(bench: Build) -> None:
    async def wall(asked, writer):  # type: ignore[no-untyped-def]
        writer.write(
            answer(b"in", Connection="close")
            if "cookie" in asked.headers
            else redirect("/n", Set_Cookie="seen=1; Path=/")
        )

    async with HostileServer({"/n": wall}) as site:
        fetcher = bench().fetcher
        got = await fetcher.fetch(asking(site.url("/n")))
        await fetcher.fetch(asking(site.url("/other")))
    assert isinstance(got, Fetched)
    assert [asked.headers.get("cookie") for asked in site.asked if asked.target != "/robots.txt"] == [
        None,
        "seen=1",
        None,
    ]


async def test_credentials_and_cookies_never_cross_origins(bench: Build) -> None:
    async with HostileServer() as other:
        async with HostileServer({"/a": redirect(other.url("/b"), Set_Cookie="k=v")}) as site:
            await bench().fetcher.fetch(
                asking(site.url("/a"), headers=(("Authorization", "Bearer secret"), ("Cookie", "m=1")))
            )
        assert next(a for a in site.asked if a.target == "/a").headers["authorization"] == "Bearer secret"
        assert not [
            a
            for a in site.asked + other.asked
            if a.target != "/a" and ("authorization" in a.headers or "cookie" in a.headers)
        ]


@pytest.mark.parametrize("status", [404, 410, 403])
async def test_an_error_status_is_a_value(bench: Build, status: int) -> None:
    async with HostileServer({"/n": answer(b"gone", status=status)}) as site:
        got = await bench().fetcher.fetch(asking(site.url("/n")))
    assert isinstance(got, Failed)
    assert (got.kind, got.status, got.retryable) == ("status", status, False)


@pytest.mark.parametrize("kind", ["image/png", "video/mp4", "Audio/mpeg; x=y"])
async def test_films_and_pictures_are_refused_unread(bench: Build, kind: str) -> None:
    async with HostileServer({"/n": endless(head=f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n".encode())}) as site:
        got = await bench().fetcher.fetch(asking(site.url("/n")))
    assert isinstance(got, Refused)
    assert got.kind == "type"


async def test_a_part_that_nobody_asked_for_is_no_version(bench: Build) -> None:
    async with HostileServer({"/n": answer(b"half", status=206)}) as site:
        got = await bench().fetcher.fetch(asking(site.url("/n")))
    assert isinstance(got, Failed)
    assert got.kind == "truncated"


@pytest.mark.parametrize("encoding", ["none", "utf-8", "identity", "", "8bit"])
async def test_what_is_no_encoding_is_none(bench: Build, encoding: str) -> None:
    async with HostileServer({"/n": answer(b"plain", Content_Encoding=encoding)}) as site:
        got = await bench().fetcher.fetch(asking(site.url("/n")))
    assert isinstance(got, Fetched)
    assert got.body == b"plain"


async def test_a_host_that_pushes_back_is_left_alone_as_long_as_it_wishes(bench: Build) -> None:
    async with HostileServer({"/n": answer(status=503, Retry_After="3600")}) as site:
        made = bench()
        first = await made.fetcher.fetch(asking(site.url("/n")))
        second = await made.fetcher.fetch(asking(site.url("/other")))
    assert isinstance(first, Failed)
    assert first.retry_at == START + timedelta(hours=1)
    assert isinstance(second, Refused)
    assert (second.kind, second.retry_at) == ("busy", START + timedelta(hours=1))
    assert site.targets == ["/n"]


FAILURES = {
    "timeout": silence(),
    "reset": hang_up(),
    "truncated": answer(b"short", length=5000, Connection="close"),
    "too_large": endless(),
    "decode": answer(b"this is no gzip", Content_Encoding="gzip"),
}


@pytest.mark.parametrize("kind", FAILURES)
async def test_each_failure_has_its_name(bench: Build, kind: str) -> None:
    async with HostileServer({"/n": FAILURES[kind]}) as site:
        got = await bench(timeout=SHORT * 2, max_body=200_000).fetcher.fetch(asking(site.url("/n")))
    assert isinstance(got, Failed)
    assert got.kind == kind


async def test_a_closed_port_is_a_failed_connect(bench: Build) -> None:
    async with HostileServer() as site:
        url = site.url("/")
    got = await bench().fetcher.fetch(asking(url))
    assert isinstance(got, Failed)
    assert got.kind == "connect"


async def test_an_unknown_name_is_a_dns_failure(bench: Build) -> None:
    got = await bench(resolver=FakeResolver()).fetcher.fetch(asking("http://nowhere.test/"))
    assert isinstance(got, Failed)
    assert got.kind == "dns"


async def test_one_byte_now_and_then_does_not_hold_us(bench: Build) -> None:
    async with HostileServer({"/n": drip(0.05)}) as site:
        got = await bench(timeout=SHORT).fetcher.fetch(asking(site.url("/n")))
    assert isinstance(got, Failed)
    assert got.kind == "timeout"


async def test_connections_are_kept_alive(bench: Build) -> None:
    async with HostileServer() as site:
        fetcher = bench().fetcher
        for number in range(5):
            await fetcher.fetch(asking(site.url(f"/{number}")))
    assert site.connections == 1
