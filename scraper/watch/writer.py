"""The one writer: many small writes of the flow become few transactions, each write whole or undone by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from scraper.errors import DamagedError, StorageError
from storage.store import Store, Work

T = TypeVar("T")
Outcome = tuple[Any, Exception | None]
MOST = 200  # writes in one transaction: long enough to share a flush to disk, short enough to let others write


class Writer:
    """Takes functions of an open Work, performs them in order in one thread, and gives back what they return.

    What one function raises is its own: its writes are undone, the others of its transaction stand.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._waiting: list[tuple[Callable[[Work], Any], asyncio.Future[Any]]] = []
        self._draining: asyncio.Task[None] | None = None

    async def write(self, function: Callable[[Work], T]) -> T:
        """Perform this in a transaction and return once it is committed. Raises what it or the commit raises."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((function, future))
        if self._draining is None or self._draining.done():
            self._draining = asyncio.create_task(self._drain())
        return await future

    async def run(self, function: Callable[[], T]) -> T:
        """Perform a short blocking call in the same thread, between transactions."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, function)

    def close(self) -> None:
        self._thread.shutdown(wait=True)

    async def _drain(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            outcomes = await self._performed([function for function, _ in batch])
            for (_, future), (value, error) in zip(batch, outcomes, strict=True):
                if future.done():  # its asker was cancelled meanwhile
                    continue
                if error is None:
                    future.set_result(value)
                else:
                    future.set_exception(error)

    async def _performed(self, functions: list[Callable[[Work], Any]]) -> list[Outcome]:
        try:
            return await self.run(lambda: self._perform(functions))
        except Exception as error:  # the commit itself: none of them stands
            return [(None, error)] * len(functions)

    def _perform(self, functions: list[Callable[[Work], Any]]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        with self._store.begin() as work:
            for function in functions:
                try:
                    with work.apart():
                        outcomes.append((function(work), None))
                except DamagedError as error:
                    outcomes.append((None, error))
                except StorageError:  # it may have undone the whole transaction: none of them is told that it stands
                    raise
                except StopIteration:  # no future takes it (PEP 479), and its asker would wait for ever
                    outcomes.append((None, RuntimeError(f"StopIteration in {function}")))
                except Exception as error:
                    outcomes.append((None, error))
        return outcomes
