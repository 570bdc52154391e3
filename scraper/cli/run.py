"""`run` and `worker`: they stay in the foreground, as a service manager wants it; logs go to stderr."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager as Within
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from aiohttp import web

from scraper.app import App, running
from scraper.cli.face import OK, config_of
from scraper.cli.inspect import refuse_placeholders
from scraper.config import Config, load
from scraper.engine.alone import alone
from scraper.engine.daemon import Turning, serve
from scraper.engine.notify import Notifier
from scraper.errors import ConfigError
from scraper.telemetry import logs
from scraper.telemetry.metrics import Metrics, routes
from scraper.watch.visit import Report
from storage.records.verdict import CheckReport
from storage.store import sqlite_file

Show = Callable[[App], Within[None]]


@dataclass(frozen=True, kw_only=True)
class Telling:
    """How a process that runs for months tells of itself."""

    log_format: str
    log_level: str
    metrics: str


def not_shown(_: App) -> Within[None]:
    """There is no dashboard."""
    return nullcontext()


def run(path: Path | None, telling: Telling, *, web: bool = False, bind: str = "") -> int:
    """Watch until told to stop. Raises ConfigError, or StorageError when another daemon holds the database."""
    dashboard = partial(_dashboard, bind=bind) if web or bind else None
    return _serve(path, telling, _watching, lambda app, report: app.wheel(report), dashboard)


def work(path: Path | None, telling: Telling, *, hosts: int | None) -> int:
    """Take visits that a daemon hands out, until told to stop. Raises ConfigError, StorageError."""
    return _serve(path, telling, _following, lambda app, report: app.worker(report, hosts=hosts))


@asynccontextmanager
async def _watching(config: Config) -> AsyncIterator[App]:
    with alone(sqlite_file(config.storage.url)):
        async with running(config) as app:
            yield app


@asynccontextmanager
async def _following(config: Config) -> AsyncIterator[App]:
    if config.engine.workers != "procrastinate":
        what = f"{config.path.name} hands no visits out"
        raise ConfigError("worker", what, 'set [engine] workers = "procrastinate", for the daemon too')
    async with running(config, follows=True) as app:
        yield app


def _serve(
    path: Path | None, telling: Telling, begun: Callable[[Config], Within[App]],
    turned: Callable[[App, Report], Within[Turning]], dashboard: Callable[[Config], Within[Show]] | None = None,
) -> int:  # fmt: skip
    config = config_of(path)
    refuse_placeholders(config, *(source.url for source in config.sources if source.enabled))
    logs.begin(
        "json" if telling.log_format == "json" else "console", level=telling.log_level.upper(),
        secrets=config.secrets,
    )  # fmt: skip
    fresh = partial(load, path, environ=os.environ)
    numbers_at = _address(telling.metrics) if telling.metrics else None

    @asynccontextmanager
    async def build(config: Config, show: Show = not_shown) -> AsyncIterator[Turning]:
        async with AsyncExitStack() as stack:
            app = await stack.enter_async_context(begun(config))
            numbers = Metrics(app.catalogue, app.health)

            def report(done: CheckReport) -> None:
                logs.told(done)
                numbers.count(done)

            turning = await stack.enter_async_context(turned(app, report))
            if numbers_at is not None:
                site = routes(numbers, lambda: turning.patience.trouble)
                await stack.enter_async_context(_listening(numbers_at, site))
            await stack.enter_async_context(show(app))
            yield turning

    async def life() -> None:
        async with dashboard(config) if dashboard else nullcontext(not_shown) as show:
            await serve(fresh, partial(build, show=show), Notifier(os.environ))

    asyncio.run(life())
    return OK


def _dashboard(config: Config, *, bind: str) -> Within[Show]:
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
