"""What the world may cost us: endless, slow, lying, swelling answers; and TLS that does not hold."""

from __future__ import annotations

import asyncio
import gzip
import ssl
import subprocess
import sys
import textwrap
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from scraper.fetch.limits import Body, TooLargeError, TruncatedError, UndecodableError
from scraper.fetch.message import Failed, Fetched, FetchRequest, Refused
from tests.fetch.conftest import Bench
from tests.hostile import Asked, Behaviour, FakeResolver, HostileServer, answer, drip, endless, silence, squeezed

Build = Callable[..., Bench]
CAP = 300_000
BIG = b"\0" * 20_000_000


async def failed(bench: Build, route: bytes | Behaviour, **wishes: object) -> Failed:
    async with HostileServer({"/n": route}) as site:
        got = await bench(**({"max_body": CAP} | wishes)).fetcher.fetch(FetchRequest(url=site.url("/n")))
    assert isinstance(got, Failed), got
    return got


# --- bombs ---

BOMBS = {
    "gzip": "gzip", "deflate": "deflate", "br": "br", "zstd": "zstd", "gzip in gzip": "gzip, gzip",
    "br in gzip": "br, gzip", "gzip in zstd": "gzip, zstd",
}  # fmt: skip


@pytest.mark.parametrize("bomb", BOMBS)
async def test_a_bomb_is_stopped_at_the_cap(bench: Build, bomb: str) -> None:
    small = squeezed(BOMBS[bomb], BIG)
    assert len(small) < CAP
    tracemalloc.start()
    got = await failed(bench, answer(small, Content_Encoding=BOMBS[bomb]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert got.kind == "too_large"
    assert not got.retryable
    assert peak < 12 * CAP


async def test_more_layers_than_anybody_needs_are_not_peeled(bench: Build) -> None:
    layers = ", ".join(["gzip"] * 3)
    assert (await failed(bench, answer(squeezed(layers, b"x"), Content_Encoding=layers))).kind == "decode"


async def test_an_encoding_we_never_asked_for_is_no_text(bench: Build) -> None:
    assert (await failed(bench, answer(b"x", Content_Encoding="compress"))).kind == "decode"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_a_stream_that_stops_early_is_no_version(encoding: str) -> None:
    whole = squeezed(encoding, bytes(range(256)) * 400)
    body = Body(encoding, 10**6)
    body.feed(whole[: len(whole) // 2])
    with pytest.raises(TruncatedError):
        body.finish()


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
@pytest.mark.parametrize("size", [1, 7, 4096])
def test_pieces_of_any_size_give_the_same_text(encoding: str, size: int) -> None:
    text = b"".join(b"line %d of a page\n" % n for n in range(9000))
    whole = squeezed(encoding, text)
    body = Body(encoding, 10**6)
    for at in range(0, len(whole), size):
        body.feed(whole[at : at + size])
    assert body.finish() == text


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_the_cap_is_exact(encoding: str) -> None:
    Body(encoding, 1000).feed(squeezed(encoding, b"x" * 1000))
    with pytest.raises(TooLargeError):
        Body(encoding, 999).feed(squeezed(encoding, b"x" * 1000))


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_a_stream_of_empty_members_is_no_page(encoding: str) -> None:
    begun = time.process_time()
    with pytest.raises(UndecodableError):
        Body(encoding, 10**7).feed(squeezed(encoding, b"") * 200_000)
    assert time.process_time() - begun < 1.0


def test_an_encoding_that_takes_and_gives_nothing_ends_where_only_the_head_is_wanted() -> None:
    body = Body("gzip", 1000, keep_head=True)
    body.feed(b"\x1f\x8b\x08\x08" + b"\0" * 6 + b"a file name without an end" * 200)
    assert body.full
    assert body.finish() == b""


def test_members_of_gzip_follow_one_another_and_padding_is_ignored() -> None:
    body = Body("gzip", 1000)
    body.feed(gzip.compress(b"one ") + gzip.compress(b"two") + b"\0" * 100)
    assert body.finish() == b"one two"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
@pytest.mark.parametrize("junk", [b"<html>", b"\xff" * 50, b"\x1f\x8b\x08\xff\xff\xff" * 9, b"x"])
def test_junk_is_named_junk(encoding: str, junk: bytes) -> None:
    with pytest.raises((UndecodableError, TruncatedError)):
        read(encoding, junk)


def read(encoding: str, raw: bytes) -> bytes:
    body = Body(encoding, 10**6)
    body.feed(raw)
    return body.finish()


def test_a_zstd_window_of_gigabytes_is_refused() -> None:
    # RFC 8878 3.1.1.1.2: exponent 31 asks for 2 TB of memory before the first byte comes out.
    with pytest.raises(UndecodableError):
        Body("zstd", 10**6).feed(b"\x28\xb5\x2f\xfd\x00\xf8" + b"\0" * 20)


# --- endless, slow, lying ---


async def test_a_body_that_never_ends_is_left(bench: Build) -> None:
    assert (await failed(bench, endless())).kind == "too_large"


async def test_chunks_that_never_end_are_left(bench: Build) -> None:
    got = await failed(
        bench, endless(b"1000\r\n" + b"x" * 4096 + b"\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    )
    assert got.kind == "too_large"


async def test_an_announced_giant_is_not_even_begun(bench: Build) -> None:
    got = await failed(bench, answer(b"x", length=10**12), timeout=timedelta(seconds=60))
    assert got.kind == "too_large"


SLOW = {
    "says nothing": silence(),
    "a byte now and then": drip(0.05, b"HTTP/1.1 200 OK\r\n\r\n"),
    "header by header": drip(0.05, b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000),
    "interim answers for ever": endless(b"HTTP/1.1 103 Early Hints\r\n\r\n", b""),
}


@pytest.mark.parametrize("way", SLOW)
async def test_no_slowness_holds_us_longer_than_the_limit(bench: Build, way: str) -> None:
    begun = time.monotonic()
    got = await failed(bench, SLOW[way], timeout=timedelta(seconds=0.2))
    assert got.kind in ("timeout", "decode", "reset")
    assert time.monotonic() - begun < 5


HEADERS = {
    "one of a megabyte": answer(b"x", X_Big="y" * 1_000_000),
    "a hundred thousand": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000 + b"\r\n",
    "a status line of a megabyte": b"HTTP/1.1 200 " + b"y" * 1_000_000 + b"\r\n\r\n",
    "that never end": endless(b"X-Header: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n" * 1000, b"HTTP/1.1 200 OK\r\n"),
    "no HTTP at all": b"SSH-2.0-OpenSSH_9.6\r\n" * 3,
    "control characters": b"HTTP/1.1 200 OK\r\nX\x00Y: \x01\r\nContent-Length: 0\r\n\r\n",
    "a garbled chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nhello",
    "a negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
}


@pytest.mark.parametrize("headers", HEADERS)
async def test_headers_are_bounded_and_must_be_headers(bench: Build, headers: str) -> None:
    tracemalloc.start()
    got = await failed(bench, HEADERS[headers])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert got.kind in ("decode", "truncated", "reset")
    assert peak < 8_000_000


async def test_a_body_shorter_than_announced_is_no_version(bench: Build) -> None:
    assert (await failed(bench, answer(b"half a page", length=5000, Connection="close"))).kind == "truncated"


async def test_a_chunked_body_without_its_end_is_no_version(bench: Build) -> None:
    raw = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhello\r\n"

    async def behave(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        await writer.drain()
        writer.close()

    assert (await failed(bench, behave)).kind == "truncated"


async def test_what_comes_behind_the_announced_length_is_not_read(bench: Build) -> None:
    async with HostileServer({"/n": answer(b"hello, and a smuggled answer", length=5)}) as site:
        fetcher = bench().fetcher
        got = await fetcher.fetch(FetchRequest(url=site.url("/n")))
        after = await fetcher.fetch(FetchRequest(url=site.url("/m")))
    # aiohttp takes what comes in the same breath for an answer nobody asked for, and gives both up.
    assert isinstance(got, Failed) or (isinstance(got, Fetched) and got.body == b"hello")
    assert isinstance(after, Fetched | Failed)
    assert getattr(after, "body", b"<p>a page</p>") == b"<p>a page</p>"


async def test_a_redirect_with_an_endless_body_is_followed_without_reading_it(bench: Build) -> None:
    async with HostileServer({"/a": endless(head=b"HTTP/1.1 302 Found\r\nLocation: /b\r\n\r\n")}) as site:
        got = await bench().fetcher.fetch(FetchRequest(url=site.url("/a")))
    assert isinstance(got, Fetched)
    assert got.final_url == site.url("/b")


async def test_an_error_page_of_any_size_is_not_read(bench: Build) -> None:
    got = await failed(bench, endless(head=b"HTTP/1.1 404 Not Found\r\n\r\n"))
    assert got.status == 404


@pytest.mark.parametrize(
    "location",
    [
        "http://[",
        "http://a b/",
        "//",
        "http://" + "a" * 300 + ".org/",
        "http://1.2.3.4.5/",
        "\x01\x02",
        "/" + "a" * 9000,
    ],
)
async def test_a_senseless_location_is_a_value(bench: Build, location: str) -> None:
    async with HostileServer({"/a": answer(status=302, Location=location)}) as site:
        got = await bench(resolver=FakeResolver()).fetcher.fetch(FetchRequest(url=site.url("/a")))
    assert not isinstance(got, Fetched) or got.final_url.startswith(site.url("/"))


TWENTY = """
    import asyncio, sys
    from datetime import timedelta
    from ipaddress import ip_network
    from scraper.clock import SystemClock
    from scraper.fetch.client import HttpFetcher
    from scraper.fetch.limits import FetchSettings
    from scraper.fetch.message import FetchRequest
    from scraper.fetch.politeness import InMemoryHostBook, Turns

    def peak():  # of this process alone; ru_maxrss begins with that of the parent
        return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))

    async def main():
        settings = FetchSettings(allow_addresses=(ip_network("127.0.0.1/32"),), per_host_delay=timedelta(0),
                                 per_host_connections=20)
        clock = SystemClock()
        async with HttpFetcher(settings, Turns(InMemoryHostBook(), settings, clock, owner="me"), clock) as fetcher:
            await fetcher.fetch(FetchRequest(url=sys.argv[1] + "/plain"))
            before = peak()
            got = await asyncio.gather(*(fetcher.fetch(FetchRequest(url=sys.argv[1] + f"/{n}")) for n in range(20)))
            print(",".join(sorted({result.kind for result in got})), (peak() - before) // 1024)

    asyncio.run(main())
"""


async def test_twenty_endless_bodies_and_bombs_at_once_stay_bounded(capsys: pytest.CaptureFixture[str]) -> None:
    bombs = [answer(squeezed(name, BIG), Content_Encoding=name) for name in ("gzip", "deflate", "br", "zstd")]
    routes = {f"/{n}": endless() if n % 2 else bombs[n // 2 % 4] for n in range(20)}
    async with HostileServer(routes) as site:
        run = asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-c", textwrap.dedent(TWENTY), site.url("")],
            capture_output=True,
            text=True,
        )
        done = await asyncio.wait_for(run, 60)
    kinds, megabytes = done.stdout.split() if done.stdout else (done.stderr, "0")
    with capsys.disabled():
        print(f" [20 endless bodies and bombs of max_body 10 MB at once: peak +{megabytes} MB]", end="")
    assert kinds == "too_large"
    assert int(megabytes) < 20 * 10 * 1.5


# --- TLS ---

AUTHORITY = trustme.CA()


def serving(cert: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    cert.configure_cert(context)
    return context


CERTIFICATES: dict[str, Callable[[], trustme.LeafCert]] = {
    "expired": lambda: AUTHORITY.issue_cert("127.0.0.1", not_after=datetime(2020, 1, 1, tzinfo=UTC)),
    "for another host": lambda: AUTHORITY.issue_cert("other.test"),
    "of an unknown authority": lambda: trustme.CA().issue_cert("127.0.0.1"),
}


@pytest.fixture
def ca_file(tmp_path: Path) -> str:
    AUTHORITY.cert_pem.write_to_path(str(tmp_path / "office.pem"))
    return str(tmp_path / "office.pem")


@pytest.mark.parametrize("fault", CERTIFICATES)
async def test_tls_that_does_not_hold_is_refused(bench: Build, ca_file: str, fault: str) -> None:
    async with HostileServer(tls=serving(CERTIFICATES[fault]())) as site:
        got = await bench(ca_file=ca_file).fetcher.fetch(FetchRequest(url=site.url("/n")))
    assert isinstance(got, Failed)
    assert got.kind == "tls"
    assert site.asked == []


async def test_tls_goes_through_a_proxy_and_is_verified_there(bench: Build, ca_file: str) -> None:
    async with HostileServer(tls=serving(AUTHORITY.issue_cert("outer.test"))) as site, HostileServer() as proxy:

        async def tunnel(_: Asked, writer: asyncio.StreamWriter) -> None:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", site.port)
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            near_reader: asyncio.StreamReader = writer.transport.get_protocol()._stream_reader  # type: ignore[union-attr]
            try:
                await asyncio.gather(pipe(near_reader, far_writer), pipe(far_reader, writer))
            finally:
                far_writer.transport.abort()

        async def pipe(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()
            sink.close()

        proxy.routes |= {"outer.test:443": tunnel, "other.test:443": tunnel}
        names = FakeResolver(outer_test=[["93.184.216.34"]], other_test=[["93.184.216.34"]], inner_test=[["10.0.0.1"]])
        fetcher = bench(ca_file=ca_file, proxy=proxy.url(""), resolver=names).fetcher
        got = await fetcher.fetch(FetchRequest(url="https://outer.test/n"))
        wrong = await fetcher.fetch(FetchRequest(url="https://other.test/n"))
        inner = await fetcher.fetch(FetchRequest(url="https://inner.test/n"))
    assert isinstance(got, Fetched), got
    assert site.targets == ["/n"]
    assert isinstance(wrong, Failed)
    assert wrong.kind == "tls"
    assert isinstance(inner, Refused)
    assert [asked.target for asked in proxy.asked] == ["outer.test:443", "other.test:443"]


async def test_the_offices_own_authority_is_believed_when_it_is_named(bench: Build, ca_file: str) -> None:
    async with HostileServer(tls=serving(AUTHORITY.issue_cert("127.0.0.1"))) as site:
        named = await bench(ca_file=ca_file).fetcher.fetch(FetchRequest(url=site.url("/n")))
        unnamed = await bench().fetcher.fetch(FetchRequest(url=site.url("/n")))
    assert isinstance(named, Fetched)
    assert isinstance(unnamed, Failed)
    assert unnamed.kind == "tls"
