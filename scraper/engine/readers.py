"""Runs a pure function on hostile input where it can be killed: a page that hangs, crashes or swells costs one page.

What is run and what it means is the caller's; functions must be importable by name, arguments and results picklable.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import resource
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import resource_tracker
from types import TracebackType
from typing import Any, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from scraper.watch.read import Trouble

T = TypeVar("T")

MEMORY = 1 << 30  # bytes of address space a worker may have; Python with all parsers in it takes about 0.2 GB
SECONDS = 20.0
TASKS = 5_000  # then a worker is made anew, so that no leak grows old (a new one loads for .3 s)
LONGEST_QUEUE = 2  # jobs handed to the pool for each worker; the rest wait here, where they can be cancelled


class InlineReader:
    """Runs in this very process: for tests and single pages. Nothing is killed here."""

    async def read(self, function: Callable[..., T], *args: Any) -> T | Trouble:
        try:
            return function(*args)
        except (MemoryError, RecursionError) as error:
            return _own_limits(error)


class ProcessReader:
    """A small pool of worker processes, started with the first job. Use as `async with`."""

    def __init__(self, *, workers: int = 2, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._workers, self._seconds, self._memory = workers, seconds, memory
        self._pool: ProcessPool | None = None
        self._room = asyncio.Semaphore(workers * LONGEST_QUEUE)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def read(self, function: Callable[..., T], *args: Any) -> T | Trouble:
        async with self._room:
            pool = self._pool = self._pool or self._started()
            try:
                with _deaf_to_ctrl_c():
                    job = pool.schedule(function, args=args, timeout=self._seconds)
                result: T = await asyncio.wrap_future(job)
                return result
            except TimeoutError:
                return Trouble(kind="timeout", reason=f"stopped after {self._seconds:g} s")
            except ProcessExpired as expired:
                return Trouble(kind="crash", reason=f"the parser process ended with {_named(expired.exitcode)}")
            except (BrokenProcessPool, CancelledError, OSError, EOFError) as error:
                return await self._renewed(pool, error)
            except (MemoryError, RecursionError) as error:
                return _own_limits(error)

    def _started(self) -> ProcessPool:
        # spawn: a forked child would share locks and sockets of a process that runs threads and an event loop.
        context = multiprocessing.get_context("spawn")
        resource_tracker.ensure_running()  # its own start would lift the mask of `_deaf_to_ctrl_c`
        return ProcessPool(
            max_workers=self._workers,
            max_tasks=TASKS,
            initializer=_make_killable,
            initargs=(self._memory,),
            context=context,
        )

    async def _renewed(self, pool: ProcessPool, error: BaseException) -> Trouble:
        """The pool itself broke: the next job gets a new one."""
        if self._pool is pool:
            await self._close()
        return Trouble(kind="crash", reason=f"the parser pool broke: {type(error).__name__} {error}".strip())

    async def _close(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()  # type: ignore[no-untyped-call]
            await asyncio.to_thread(pool.join)


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Workers and the threads that start them inherit this mask (sigmask(2), "across fork and execve").

    A terminal sends Ctrl-C to all processes in it; a worker that is just starting would answer with a traceback.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _make_killable(most: int) -> None:
    # Pebble's handler for SIGTERM is Python code, which waits for a C parser to come back before it runs.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash is expected; its dump would fill the disk


def _own_limits(error: BaseException) -> Trouble:
    if isinstance(error, MemoryError):
        return Trouble(kind="memory", reason="needs more memory than a page may take")
    return Trouble(kind="depth", reason="is nested too deep to be read")


def _named(code: int | None) -> str:
    try:
        return signal.Signals(-(code or 0)).name if code and code < 0 else f"code {code}"
    except ValueError:
        return f"code {code}"
