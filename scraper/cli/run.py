"""`run`: the daemon in the foreground, as a service manager wants it; logs go to stderr."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    nullcontext,
)
from functools import partial
from pathlib import Path

from aiohttp import web

from scraper.app import App, running
from scraper.cli.face import OK, config_of
from scraper.cli.inspect import refuse_placeholders
from scraper.config import Config, load
from scraper.engine.alone import alone
from scraper.engine.daemon import serve
from scraper.engine.notify import Notifier
from scraper.engine.wheel import Wheel
from scraper.errors import ConfigError
from scraper.telemetry import logs
from scraper.telemetry.metrics import Metrics, routes
from storage.records.verdict import CheckReport
from storage.store import sqlite_file

Show = Callable[[App], AbstractAsyncContextManager[None]]


def not_shown(_: App) -> AbstractAsyncContextManager[None]:
    """There is no dashboard."""
    return nullcontext()


def run(path: Path | None, *, log_format: str, log_level: str, metrics: str, web: bool = False, bind: str = "") -> int:
    """Watch until told to stop. Raises ConfigError, or StorageError when another daemon holds the database."""
    config = config_of(path)
    refuse_placeholders(config, *(source.url for source in config.sources if source.enabled))
    logs.begin("json" if log_format == "json" else "console", level=log_level.upper(), secrets=config.secrets)
    fresh = partial(load, path, environ=os.environ)
    numbers_at = _address(metrics) if metrics else None

    @asynccontextmanager
    async def build(config: Config, show: Show = not_shown) -> AsyncIterator[Wheel]:
        async with AsyncExitStack() as stack:
            stack.enter_context(alone(sqlite_file(config.storage.url)))
            app = await stack.enter_async_context(running(config))
            numbers = Metrics(app.catalogue)

            def report(done: CheckReport) -> None:
                logs.told(done)
                numbers.count(done)

            wheel = app.wheel(report)
            if numbers_at is not None:
                await stack.enter_async_context(_listening(numbers_at, routes(numbers, lambda: wheel.trouble)))
            await app.start()
            await stack.enter_async_context(show(app))
            yield wheel

    async def life() -> None:
        async with _dashboard(config, bind) if web or bind else nullcontext(not_shown) as show:
            await serve(fresh, partial(build, show=show), Notifier(os.environ))

    asyncio.run(life())
    return OK


def _dashboard(config: Config, bind: str) -> AbstractAsyncContextManager[Show]:
    from scraper.cli.web import dashboard  # its libraries are loaded only where they serve

    return dashboard(config, bind)


@asynccontextmanager
async def _listening(bind: tuple[str, int], app: web.Application) -> AsyncIterator[None]:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, *bind).start()
        yield
    finally:
        await runner.cleanup()


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit():
        raise ConfigError(f"--metrics {text}", "is no address", "write 127.0.0.1:9464")
    return host.strip("[]"), int(port)
