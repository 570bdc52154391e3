"""`run`: the daemon in the foreground, as a service manager wants it; logs go to stderr."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from aiohttp import web

from scraper.app import running
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


def run(path: Path | None, *, log_format: str, log_level: str, metrics: str) -> int:
    """Watch until told to stop. Raises ConfigError, or StorageError when another daemon holds the database."""
    config = config_of(path)
    refuse_placeholders(config, *(source.url for source in config.sources if source.enabled))
    logs.begin("json" if log_format == "json" else "console", level=log_level.upper(), secrets=_secrets(config))
    bind = _address(metrics) if metrics else None

    @asynccontextmanager
    async def build(config: Config) -> AsyncIterator[Wheel]:
        async with AsyncExitStack() as stack:
            stack.enter_context(alone(sqlite_file(config.storage.url)))
            app = await stack.enter_async_context(running(config))
            numbers = Metrics(app.catalogue, app.health)

            def report(done: CheckReport) -> None:
                logs.told(done)
                numbers.count(done)

            wheel = app.wheel(report)
            if bind is not None:
                await stack.enter_async_context(_listening(bind, routes(numbers, lambda: wheel.trouble)))
            await app.start()
            yield wheel

    asyncio.run(serve(lambda: load(path, environ=os.environ), build, Notifier(os.environ)))
    return OK


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


def _secrets(config: Config) -> tuple[str, ...]:
    return (config.mail.password, *(value for source in config.sources for _, value in source.headers))
