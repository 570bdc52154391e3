"""The daemon's life: signals, the configuration as it changes, one wheel after the other. What it turns is in wheel."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Protocol

from scraper.config import Config
from scraper.engine.notify import Notifier
from scraper.engine.wheel import TICK, Patience
from scraper.errors import ConfigError
from scraper.watch.check import Hands

LOG = logging.getLogger("accordwatch")
LOOK_AT_FILE = 2.0  # seconds between two looks at config.toml; it counts as written when two looks see the same
STUCK = 12 * TICK  # a tick this late means that the loop hangs: the watchdog is not fed


class Turning(Protocol):
    """What a process does until its event is set: the daemon's wheel, or a worker."""

    does: str  # in a word or two, before "60 sources"
    hands: Hands
    stopping: asyncio.Event
    ticked: datetime | None  # when its last tick began, where it has any: what a watchdog wants to know
    patience: Patience

    async def turn(self) -> None: ...


Build = Callable[[Config], AbstractAsyncContextManager[Turning]]
Stamp = tuple[tuple[str, int, int], ...]


async def serve(load: Callable[[], Config], build: Build, notifier: Notifier) -> None:
    """Run until SIGTERM or SIGINT. SIGHUP, or a change of the files, begins anew with what they say then.

    A configuration with faults is told and the one that runs goes on. Raises ConfigError only when the first is faulty.
    """
    stop, hup = asyncio.Event(), asyncio.Event()
    with _signals({signal.SIGTERM: stop, signal.SIGINT: stop, signal.SIGHUP: hup}):
        config: Config | None = load()
        while config is not None:
            async with build(config) as wheel:
                config = await _one(wheel, config, load, stop, hup, notifier)
    notifier.stopping()


async def _one(
    wheel: Turning, config: Config, load: Callable[[], Config], stop: asyncio.Event, hup: asyncio.Event,
    notifier: Notifier,
) -> Config | None:  # fmt: skip
    """Turn one wheel to its end; the configuration for the next, or None when that was the last."""
    turning = asyncio.create_task(wheel.turn())
    status = f"{wheel.does} {len(config.sources)} sources"
    notifier.ready(status)
    LOG.info("%s; stop with Ctrl-C", status)
    async with _background(_feed(wheel, notifier)):
        changed = asyncio.create_task(_changed(config, load, hup))
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({turning, changed, stopped}, return_when=asyncio.FIRST_COMPLETED)
        fresh = changed.result() if changed.done() and not stop.is_set() else None
        (notifier.reloading if fresh is not None else notifier.stopping)()
        LOG.info("begins anew with the changed configuration" if fresh else "stopping: what runs comes to its end")
        wheel.stopping.set()
        for task in (changed, stopped):
            task.cancel()
        await turning
    return fresh


async def _changed(config: Config, load: Callable[[], Config], hup: asyncio.Event) -> Config:
    """Wait for a configuration that is new and has no faults."""
    files = sorted({config.path, *dict(config.homes).values()})
    known = before = _stamp(files)
    while True:
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_AT_FILE):
                await hup.wait()
        now = _stamp(files)
        settled, before = now == before, now
        if not hup.is_set() and (now == known or not settled):
            continue
        hup.clear()
        known = now
        try:
            return load()
        except ConfigError as error:
            for fault in error.faults or (str(error),):
                LOG.error("%s; the configuration of before stays in force", fault)


def _stamp(files: list[Path]) -> Stamp:
    """What tells that a file was written anew: its size, its time; a missing one has none."""
    found = []
    for file in files:
        with suppress(OSError):
            status = file.stat()
            found.append((str(file), status.st_size, status.st_mtime_ns))
    return tuple(found)


async def _feed(wheel: Turning, notifier: Notifier) -> None:
    """Signs of life to the watchdog, as long as the wheel ticks."""
    while notifier.watchdog:
        clock = wheel.hands.clock
        if wheel.ticked is None or clock.now() - wheel.ticked < STUCK:
            notifier.alive()
        await asyncio.sleep(notifier.watchdog)


@asynccontextmanager
async def _background(work: object) -> AsyncIterator[None]:
    task = asyncio.ensure_future(work)  # type: ignore[call-overload]
    try:
        yield
    finally:
        task.cancel()


@contextmanager
def _signals(events: dict[signal.Signals, asyncio.Event]) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number, event in events.items():
        loop.add_signal_handler(number, event.set)
    try:
        yield
    finally:
        for number in events:
            loop.remove_signal_handler(number)
