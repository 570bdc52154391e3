"""Pages that show nothing without scripts: Chromium draws them, and every byte it gets is brought by our own fetcher.

The browser has no way out: no name resolves in it, its proxy is a closed port, and each request it makes is answered
here, so guard, robots.txt and pace hold for all of them. What the drawn page means is for others.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections import OrderedDict
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Self

from scraper.fetch.message import Failed, FailureKind, Fetched, Fetcher, FetchRequest, FetchResult, Hop
from scraper.fetch.steps import origin

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Page, Playwright, Route

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MOST_REQUESTS = 60  # of one page; news pages measured ask for 5 to 30 scripts and answers
MOST_KEPT = 30_000_000  # bytes of scripts, so that the second page of a site asks only for what is new in it
MOST_PAGES = 2  # drawn at once; each takes some 150 MB
DRAWN = 0.25  # seconds for a page that has all it asked for
_WANTED = frozenset({"document", "script", "xhr", "fetch"})
_GIVEN = ("content-type", "access-control-allow-origin", "access-control-allow-credentials")
_OWN = ("host", "cookie", "user-agent", "accept-encoding", "referer", "upgrade-insecure-requests")
_ARGUMENTS = (
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-quic",
    "--js-flags=--max-old-space-size=512",
)


class BrowserFetcher:
    """A Fetcher that hands requests with `browser` to Chromium and all others to `inner`. Use as `async with`.

    `seconds` bounds the drawing of one page, waits for its hosts' pace included.
    """

    def __init__(self, inner: Fetcher, *, chromium: str = "", most: int = 10_000_000, seconds: float = 120) -> None:
        self._inner, self._chromium, self._most, self._seconds = inner, chromium, most, seconds
        self._room, self._door = asyncio.Semaphore(MOST_PAGES), asyncio.Lock()
        self._driver: Playwright | None = None
        self._browser: Browser | None = None
        self._scripts: OrderedDict[str, Fetched] = OrderedDict()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()
        if self._driver is not None:
            await self._driver.stop()

    async def fetch(self, request: FetchRequest) -> FetchResult:
        """The page as it stands once its scripts have run. No validators: what a script brings has none."""
        if not request.browser:
            return await self._inner.fetch(request)
        first = await self._inner.fetch(replace(request, etag="", last_modified=""))
        if not isinstance(first, Fetched) or "html" not in first.header("content-type").lower():
            return first
        async with self._room:
            return await self._drawn(request, first)

    async def _drawn(self, request: FetchRequest, first: Fetched) -> FetchResult:
        visit = _Visit(self._inner, request, first, self._scripts)
        try:
            async with asyncio.timeout(self._seconds):
                body = (await self._content(visit)).encode("utf-8", "replace")
        except TimeoutError:
            return _failed(first, visit, "timeout", "its scripts did not come to an end in time")
        except ImportError:
            return _failed(first, visit, "browser", "the extra `browser` is not installed")
        except Exception as error:  # Playwright's own, and there is no telling which
            await self._close()
            return _failed(first, visit, "browser", f"Chromium failed: {str(error).splitlines()[0][:200]}")
        if len(body) > self._most:
            return _failed(first, visit, "too_large", "the page its scripts made is larger than max_body")
        while sum(len(kept.body) for kept in self._scripts.values()) > MOST_KEPT:
            self._scripts.popitem(last=False)
        headers = [pair for pair in first.headers if pair[0] not in ("content-type", "content-encoding", "etag")]
        return replace(
            visit.landed, url=request.url, headers=(("content-type", "text/html; charset=utf-8"), *headers), body=body,
            etag="", last_modified="", requests=visit.requests,
        )  # fmt: skip

    async def _content(self, visit: _Visit) -> str:
        """The drawn page. A new context each time: nothing of one visit is left for the next."""
        browser = await self._launched()
        context = await browser.new_context(service_workers="block", accept_downloads=False)
        try:
            page = await visit.begun(context)
            # A page that polls is never idle: what it has drawn by half time is taken.
            with suppress(asyncio.TimeoutError):
                async with asyncio.timeout(self._seconds / 2):
                    await page.goto(visit.first.final_url, wait_until="networkidle", timeout=0)
                    await page.wait_for_timeout(1000 * DRAWN)
            return await page.content()
        finally:
            await visit.ended()
            try:
                await asyncio.wait_for(context.close(), 5)
            except Exception:  # a page that hangs may hold its whole process
                await self._close()

    async def _launched(self) -> Browser:
        from playwright.async_api import async_playwright

        async with self._door:
            if self._driver is None:
                self._driver = await async_playwright().start()
            if self._browser is None or not self._browser.is_connected():
                self._browser = await self._driver.chromium.launch(
                    executable_path=found(self._chromium), args=list(_ARGUMENTS), chromium_sandbox=os.geteuid() != 0,
                    proxy={"server": "http://127.0.0.1:9", "bypass": "<-loopback>"}, handle_sigint=False,
                )  # fmt: skip
            return self._browser

    async def _close(self) -> None:
        browser, self._browser = self._browser, None
        if browser is not None:
            with suppress(Exception):
                await asyncio.wait_for(browser.close(), 5)


def found(chromium: str = "") -> str | None:
    """The Chromium to run: as set, as the environment says, or the first on the path; None: Playwright's own."""
    named = chromium or os.environ.get("ACCORDWATCH_CHROMIUM", "")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


class _Visit:
    """One drawing: answers what the page asks for, counts it, and ends all of it when the page is done."""

    def __init__(self, inner: Fetcher, request: FetchRequest, first: Fetched, scripts: dict[str, Fetched]) -> None:
        self.first = self.landed = first
        self.requests = first.requests
        self._inner, self._request, self._scripts = inner, request, scripts
        self._asked = 0
        self._tasks: set[asyncio.Task[None] | None] = set()

    async def begun(self, context: BrowserContext) -> Page:
        await context.route("**/*", self._answer)
        page = await context.new_page()
        context.on("page", lambda popup: popup.close())
        return page

    async def ended(self) -> None:
        tasks, self._asked = [task for task in self._tasks if task], MOST_REQUESTS
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _answer(self, route: Route) -> None:
        task = asyncio.current_task()
        self._tasks.add(task)
        try:
            got = await self._got(route)
            if got is None:
                await route.abort()
            else:
                headers = {name: value for name, value in got.headers if name in _GIVEN}
                await route.fulfill(status=got.status, headers=headers, body=got.body)
        except Exception:  # the page is gone, or went elsewhere meanwhile
            with suppress(Exception):
                await route.abort()
        finally:
            self._tasks.discard(task)

    async def _got(self, route: Route) -> Fetched | None:
        """What a request of the page brings; None for what is not asked for."""
        asked = route.request
        kind, page = asked.resource_type, asked.is_navigation_request()
        framed = page and asked.frame.parent_frame is not None
        if kind not in _WANTED or asked.method != "GET" or framed:
            return None
        if page and not self._asked:
            self._asked = 1
            return self.first
        if asked.url in self._scripts and kind == "script":
            return self._scripts[asked.url]
        if self._asked >= MOST_REQUESTS:
            return None
        self._asked += 1
        own = [(k, v) for k, v in asked.headers.items() if k not in _OWN and not k.startswith("sec-")]
        own += self._request.headers if origin(asked.url) == origin(self._request.url) else ()
        got = await self._inner.fetch(FetchRequest(url=asked.url, source=self._request.source, headers=tuple(own)))
        self.requests += got.requests
        if not isinstance(got, Fetched):
            return None
        if page:
            self.landed = replace(got, hops=(*self.first.hops, Hop(url=self.first.final_url, status=302), *got.hops))
        if kind == "script":
            self._scripts[asked.url] = got
        return got


def _failed(first: Fetched, visit: _Visit, kind: FailureKind, reason: str) -> Failed:
    return Failed(url=first.url, kind=kind, reason=reason, requests=visit.requests, hops=first.hops)
