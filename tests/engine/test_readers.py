"""Parser processes that can be killed: the same promises of both readers, and the crimes only processes survive."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from scraper.engine.readers import InlineReader, ProcessReader
from scraper.watch.check import Reader
from scraper.watch.read import Trouble


def double(number: int) -> int:
    return 2 * number


def stumble(_: str) -> None:
    raise LookupError("a bug")


def hang() -> None:
    time.sleep(3600)


def hang_in_c() -> None:
    ctypes.CDLL(None).sleep(3600)


def crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def swell() -> int:
    return len([bytearray(1 << 26) for _ in range(64)])


def sink(depth: int = 0) -> int:
    return sink(depth + 1)


def who() -> int:
    return os.getpid()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def processes() -> AsyncIterator[ProcessReader]:
    async with ProcessReader(workers=1, seconds=1.0, memory=1 << 29) as reader:
        yield reader


@pytest.fixture(params=["inline", "processes"])
def reader(request: pytest.FixtureRequest, processes: ProcessReader) -> Reader:
    return InlineReader() if request.param == "inline" else processes


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_result_comes_back(reader: Reader) -> None:
    assert await reader.read(double, 21) == 42


async def test_a_bug_flies(reader: Reader) -> None:
    with pytest.raises(LookupError, match="a bug"):
        await reader.read(stumble, "x")


async def test_what_is_nested_too_deep_is_a_value(reader: Reader) -> None:
    assert await reader.read(sink) == Trouble(kind="depth", reason="is nested too deep to be read")


async def test_what_hangs_is_killed_and_the_next_job_works(processes: ProcessReader) -> None:
    trouble = await processes.read(hang)
    assert isinstance(trouble, Trouble)
    assert trouble.kind == "timeout"
    assert await processes.read(double, 4) == 8


async def test_a_hang_inside_a_c_library_is_killed_at_once(processes: ProcessReader) -> None:
    begun = time.monotonic()
    await processes.read(hang_in_c)
    assert time.monotonic() - begun < 2.5  # one second of patience, and no waiting for Python's own handler


async def test_a_segfault_costs_one_page(processes: ProcessReader) -> None:
    trouble = await processes.read(crash)
    assert trouble == Trouble(kind="crash", reason="the parser process ended with SIGSEGV")
    assert await processes.read(double, 5) == 10


async def test_a_memory_hog_costs_one_page() -> None:
    async with ProcessReader(workers=1, memory=1 << 29) as patient:  # a busy machine takes seconds to fill so much
        trouble = await patient.read(swell)
        assert isinstance(trouble, Trouble)
        assert trouble.kind == "memory"
        assert await patient.read(double, 6) == 12


async def test_the_work_is_done_elsewhere_and_nothing_is_left_behind() -> None:
    async with ProcessReader(workers=1) as reader:
        child = await reader.read(who)
    assert child != os.getpid()
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)  # type: ignore[arg-type]


async def test_no_process_is_started_before_the_first_job() -> None:
    async with ProcessReader() as reader:
        assert reader._pool is None
