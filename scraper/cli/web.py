"""`web`: the dashboard by itself; and what `run --web` needs to serve it beside the wheel."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from scraper.app import App, running
from scraper.cli.face import OK, config_of, console, safe, warn
from scraper.config import Config, load
from scraper.engine.daemon import serve
from scraper.engine.notify import Notifier
from scraper.engine.wheel import Patience
from scraper.errors import ConfigError
from scraper.telemetry import logs
from scraper.watch.check import Hands
from scraper.web.server import bound, create, is_loopback, listening, shown


@dataclass(kw_only=True)
class Still:
    """In the wheel's place: nothing is watched, and the life of a daemon is lived all the same."""

    hands: Hands
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    ticked: datetime | None = None
    does: str = "showing"
    patience: Patience = field(default_factory=Patience)

    async def turn(self) -> None:
        await self.stopping.wait()


def web(path: Path | None, *, bind: str) -> int:
    """Serve the dashboard until told to stop; a changed configuration is taken up. Raises ConfigError."""
    config = config_of(path)
    logs.begin("console", level="WARNING", secrets=config.secrets)

    async def life() -> None:
        async with dashboard(config, bind) as show:

            @asynccontextmanager
            async def build(config: Config) -> AsyncIterator[Still]:
                async with running(config) as own, show(own):
                    yield Still(hands=own.hands)

            await serve(lambda: load(path, environ=os.environ), build, Notifier(os.environ))

    asyncio.run(life())
    return OK


@asynccontextmanager
async def dashboard(
    config: Config, bind: str = ""
) -> AsyncIterator[Callable[[App], AbstractAsyncContextManager[None]]]:
    """A server that listens as long as the block lasts, changes of the configuration and all; and how to give it an App
    to show. Raises ConfigError when it cannot listen there, or others could come in unasked."""
    bind = bind or config.web.bind
    sockets = bound(bind)
    if config.web.open and not is_loopback(sockets):
        for each in sockets:
            each.close()
        raise ConfigError(
            f"web.bind {bind}", "is open to other machines, and nobody could log in",
            "`accordwatch web --add-user NAME` first, or bind 127.0.0.1",
        )  # fmt: skip
    app = create(None)
    async with listening(app, sockets):
        port = sockets[0].getsockname()[1]
        host = bind.rpartition(":")[0]
        console().print(f"the dashboard is at [bold]http://{safe(host)}:{port}/[/]; stop with Ctrl-C")
        if not config.web.open and not config.web.public_url.startswith("https://") and not is_loopback(sockets):
            warn("passwords cross the network as they are: put https before it and set [web] public_url")
        yield lambda own: shown(app, own.desk())
