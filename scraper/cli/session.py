"""The program for as long as a command runs: its memory to read, or all of it at work; closed afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from scraper.app import App, open_store, running
from scraper.cli.face import config_of
from scraper.config import Config
from scraper.watch.wanted import Wanted
from storage.store import Catalogue, Store

Done = TypeVar("Done")


@contextmanager
def remembering(path: Path | None) -> Iterator[tuple[Config, Store]]:
    """The configuration and its memory."""
    config = config_of(path)
    with closing(open_store(config)) as store:
        yield config, store


@contextmanager
def asking(path: Path | None, wanted: Wanted | None = None) -> Iterator[tuple[Config, Catalogue]]:
    """The same to read only. Raises ConfigError when nobody knows a wanted source."""
    with remembering(path) as (config, store):
        catalogue = store.catalogue()
        if wanted is not None:
            wanted.known(config, catalogue)
        yield config, catalogue


def at_work(config: Config, do: Callable[[App], Awaitable[Done]], **settings: Any) -> Done:
    """What comes of it when the whole program does this once; `settings` are those of `running`."""

    async def done() -> Done:
        async with running(config, **settings) as app:
            return await do(app)

    return asyncio.run(done())
