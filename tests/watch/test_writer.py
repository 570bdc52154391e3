"""The one writer: few transactions for many writes, in order; each write whole or undone by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from scraper.watch.writer import MOST, Writer
from storage.errors import StorageError
from storage.store import Store, Work
from tests.builders import SITE, a_source, a_target


class CountingStore(Store):
    """A Store that counts its transactions; `broken` makes the next commits fail."""

    transactions = 0
    broken = 0

    @contextmanager
    def begin(self) -> Iterator[Work]:
        self.transactions += 1
        with super().begin() as work:
            yield work
            if self.broken:
                self.broken -= 1
                raise StorageError("database", "disk is full", "make room")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CountingStore]:
    opened = CountingStore(f"sqlite:///{tmp_path}/a.db", tmp_path)
    with opened.begin() as work:
        work.sync_sources((a_source(),))
    opened.transactions = 0
    yield opened
    opened.close()


@pytest.fixture
async def writer(store: CountingStore) -> AsyncIterator[Writer]:
    made = Writer(store)
    yield made
    made.close()


def adding(name: str) -> Any:
    return lambda work: work.add_targets((a_target(f"{SITE}/{name}"),))


def failing(name: str) -> Any:
    def write(work: Work) -> None:
        work.add_targets((a_target(f"{SITE}/{name}"),))
        raise LookupError(name)

    return write


def names(store: Store) -> list[str]:
    with store.begin() as work:
        return [target.url.removeprefix(f"{SITE}/") for target in work.targets_of(a_source().id)]


async def test_a_write_gives_back_what_its_function_returns(writer: Writer, store: CountingStore) -> None:
    assert await writer.write(adding("a")) == 1
    assert await writer.write(adding("a")) == 0
    assert names(store) == ["a"]


async def test_many_writes_share_few_transactions_and_keep_their_order(writer: Writer, store: CountingStore) -> None:
    wanted = [f"{n:03}" for n in range(MOST + 50)]
    assert await asyncio.gather(*(writer.write(adding(name)) for name in wanted)) == [1] * len(wanted)
    assert store.transactions <= 3
    assert names(store) == wanted


async def test_a_function_that_raises_undoes_only_its_own_writes(writer: Writer, store: CountingStore) -> None:
    wishes = (adding("a"), failing("b"), adding("c"))
    first, second, third = await asyncio.gather(*map(writer.write, wishes), return_exceptions=True)
    assert (first, third) == (1, 1)
    assert isinstance(second, LookupError)
    assert (names(store), store.transactions) == (["a", "c"], 2)


async def test_a_failed_commit_fails_all_of_its_transaction(writer: Writer, store: CountingStore) -> None:
    store.broken = 1
    outcomes = await asyncio.gather(*map(writer.write, (adding("a"), adding("b"))), return_exceptions=True)
    assert [str(outcome) for outcome in outcomes] == ["database: disk is full; make room"] * 2
    assert names(store) == []


async def test_the_writer_goes_on_after_a_failed_commit(writer: Writer, store: CountingStore) -> None:
    store.broken = 1
    with pytest.raises(StorageError):
        await writer.write(adding("a"))
    assert await writer.write(adding("b")) == 1
    assert names(store) == ["b"]


async def test_an_asker_who_was_cancelled_holds_up_nobody(writer: Writer, store: CountingStore) -> None:
    cancelled = asyncio.create_task(writer.write(adding("a")))
    kept = asyncio.create_task(writer.write(adding("b")))
    await asyncio.sleep(0)
    cancelled.cancel()
    assert await kept == 1
    assert "b" in names(store)


async def test_a_function_may_raise_whatever_it_likes(writer: Writer, store: CountingStore) -> None:
    """A `next()` without default inside a function must not leave its asker waiting for ever."""

    def stop(work: Work) -> None:
        next(iter(()))

    with pytest.raises(Exception, match="StopIteration"):
        await asyncio.wait_for(writer.write(stop), 5)
    assert await writer.write(adding("a")) == 1


async def test_a_call_runs_between_transactions(writer: Writer, store: CountingStore) -> None:
    writing = asyncio.create_task(writer.write(adding("a")))
    assert await writer.run(lambda: 7) == 7
    assert await writing == 1


async def test_a_database_in_trouble_fails_all_of_its_transaction(writer: Writer, store: CountingStore) -> None:
    def full(work: Work) -> None:
        raise StorageError("database", "is full", "make room")  # which may have undone it all

    given = await asyncio.gather(writer.write(adding("a")), writer.write(full), return_exceptions=True)
    assert [type(each) for each in given] == [StorageError, StorageError]
    assert names(store) == []
