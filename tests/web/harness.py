"""A dashboard that really listens on this machine, and a real Chromium that looks at it.

Both live on an event loop in a thread of its own, so that tests are plain functions and other tests' loops stay theirs.
"""

from __future__ import annotations

import asyncio
import http.client
import re
import shutil
import socket
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

from scraper.app import App, running
from scraper.clock import Clock
from scraper.config import Config, load
from scraper.web.server import bound, create, listening
from scraper.web.wire import USUAL, Limits

T = TypeVar("T")
PHONE, DESKTOP = 390, 1280
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE = 60.0  # seconds that anything may take at most


class Loop:
    """An event loop in a thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    def close(self) -> None:
        self.run(_rest())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _rest() -> None:
    """Let what was told to end come to its end."""
    for _ in range(5):
        await asyncio.sleep(0)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    text: str

    @property
    def cookie(self) -> str:
        """The cookie that was set, as a browser sends it back."""
        return (self.headers["set-cookie"] or "").partition(";")[0]


@dataclass(frozen=True, kw_only=True)
class Dashboard:
    """One that listens: its address, its folder, its App."""

    url: str
    port: int
    config: Config
    app: App
    loop: Loop
    web: Any  # the FastAPI application

    def ask(self, path: str, method: str = "GET", body: bytes = b"", **headers: str | list[str]) -> Answer:
        """One request over a socket of its own, with these headers and no others; `Host` as given, "" for none."""
        named = {"Host": f"127.0.0.1:{self.port}"} | {name.replace("_", "-"): value for name, value in headers.items()}
        if body:
            named |= {"Content-Length": str(len(body))}
        lines = [f"{method} {path} HTTP/1.1"]
        for name, value in named.items():
            lines += [f"{name}: {each}" for each in (value if isinstance(value, list) else [value]) if each]
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as wire:
            wire.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1") + body)
            answer = http.client.HTTPResponse(wire, method=method)
            answer.begin()
            return Answer(status=answer.status, headers=answer.headers, text=answer.read().decode("utf-8", "replace"))

    def post(self, path: str, cookie: str = "", headers: dict[str, str] | None = None, **fields: str) -> Answer:
        """A form as a browser sends it from a page of this dashboard: its cookie, its Origin, its word."""
        if not cookie:
            cookie = self.ask("/login" if self.config.web.users else "/").cookie
        if "csrf" not in fields:
            fields["csrf"] = self.word(cookie)
        body = urlencode(fields).encode()
        own = {"Origin": self.url, "Cookie": cookie, "Content_Type": "application/x-www-form-urlencoded"}
        return self.ask(path, "POST", body, **(own | (headers or {})))

    def word(self, cookie: str) -> str:
        """The word that a form of that browser carries."""
        page = self.ask("/login" if self.config.web.users else "/sources/add", Cookie=cookie).text
        found = re.search(r'name="csrf" value="(\w+)"', page)
        return found[1] if found else ""


@contextmanager
def served(
    loop: Loop, config: Config, *, clock: Clock | None = None, bind: str = "127.0.0.1:0", limits: Limits = USUAL
) -> Iterator[Dashboard]:
    """The dashboard of a configuration, over real HTTP, while the block lasts."""
    stack = AsyncExitStack()

    async def start() -> Dashboard:
        sockets = bound(bind)
        port = sockets[0].getsockname()[1]
        own = await stack.enter_async_context(running(config, clock=clock, inline=True))
        web = create(own.desk())
        await stack.enter_async_context(listening(web, sockets, limits=limits))
        return Dashboard(
            url=f"http://127.0.0.1:{port}", port=port, config=config, app=own, loop=loop, web=web
        )  # fmt: skip

    try:
        yield loop.run(start())
    finally:
        loop.run(stack.aclose())


def copied(folder: Path, to: Path, **web: Any) -> Config:
    """A folder's configuration, database and archive once more, for a test that changes things; [web] as given."""
    shutil.copytree(folder, to, dirs_exist_ok=True)
    config = load(to / "config.toml", environ={})
    return replace(config, web=replace(config.web, **web))


@dataclass(kw_only=True)
class Look:
    """One page as a browser saw it."""

    status: int = 0
    title: str = ""
    text: str = ""
    url: str = ""
    troubles: list[str] = field(default_factory=list)  # console errors, dialogs, requests that would leave this site
    overflow: int = 0  # pixels that the page is wider than its window
    value: Any = None  # what `then` gave


class Window:
    """A Chromium that looks at pages; nothing of them may leave the dashboard's own origin."""

    def __init__(self, browser: Any, loop: Loop) -> None:
        self._browser, self._loop = browser, loop

    def visit(
        self, address: str, width: int = DESKTOP, theme: str = "light", *, scripts: bool = True,
        then: Callable[[Any], Awaitable[Any]] | None = None, shot: Path | None = None, state: Any = None,
    ) -> Look:  # fmt: skip
        """Load a page (and do something on it: `then` gets Playwright's page); `shot` keeps a picture of it."""
        return self._loop.run(self._visit(address, width, theme, scripts, then, shot, state))

    async def _visit(
        self, address: str, width: int, theme: str, scripts: bool, then: Any, shot: Path | None, state: Any
    ) -> Look:
        context = await self._browser.new_context(
            viewport={"width": width, "height": 844 if width < 600 else 900}, color_scheme=theme,
            java_script_enabled=scripts, storage_state=state, reduced_motion="reduce",
        )  # fmt: skip
        try:
            page, look, origin = await context.new_page(), Look(), "/".join(address.split("/")[:3])

            async def kept_in(route: Any) -> None:
                if route.request.url.startswith((origin + "/", "data:", "about:", "blob:")):
                    await route.continue_()
                else:
                    look.troubles.append(f"request to {route.request.url[:200]}")
                    await route.abort()

            async def dismissed(dialog: Any) -> None:
                look.troubles.append(f"dialog: {dialog.message}")
                await dialog.dismiss()

            await context.route("**/*", kept_in)
            page.on("dialog", dismissed)
            page.on("pageerror", lambda error: look.troubles.append(f"script error: {error}"))
            page.on(
                "console",
                lambda said: (
                    look.troubles.append(f"console: {said.text}") if said.type in ("error", "warning") else None
                ),
            )
            answer = await page.goto(address)
            look.status = answer.status if answer else 0
            if look.status >= 400:  # a browser logs those by itself
                look.troubles = [each for each in look.troubles if "the server responded with a status" not in each]
            if then is not None:
                look.value = await then(page)
                await page.wait_for_load_state()
            look.title, look.url, look.text = await page.title(), page.url, await page.inner_text("body")
            if scripts:
                look.overflow = await page.evaluate(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                )
            if shot is not None:
                shot.parent.mkdir(parents=True, exist_ok=True)
                await page.screenshot(path=shot, full_page=True)
            return look
        finally:
            await context.close()


@contextmanager
def windows(loop: Loop) -> Iterator[Window]:
    """A browser for as long as the block lasts. Raises FileNotFoundError with the reason where there is none."""
    try:
        from playwright.async_api import async_playwright
    except ImportError as error:
        raise FileNotFoundError("playwright is not installed") from error
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise FileNotFoundError(f"none of {', '.join(BROWSERS)} is on the PATH")
    stack = AsyncExitStack()

    async def start() -> Any:
        playwright = await stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        stack.push_async_callback(browser.close)
        return browser

    try:
        yield Window(loop.run(start()), loop)
    finally:
        loop.run(stack.aclose())
