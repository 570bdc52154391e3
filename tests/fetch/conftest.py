"""A fetcher for tests: waiting for a host's pace costs no time, 127.0.0.1 is the internet."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest

from scraper.clock import FakeClock
from scraper.fetch.client import HttpFetcher
from scraper.fetch.limits import FetchSettings
from scraper.fetch.politeness import HostBook, InMemoryHostBook, Turns

START = datetime(2026, 3, 1, 8, tzinfo=UTC)


class Bench:
    """A fetcher with all its parts at hand."""

    def __init__(
        self, book: HostBook | None = None, resolver: Any = None, transport: Any = None, **settings: Any
    ) -> None:
        known = {
            "allow_addresses": (ip_network("127.0.0.1/32"),),
            "per_host_delay": timedelta(0),
            "contact": "desk@press.test",
            "timeout": timedelta(seconds=5),
        }
        self.settings = FetchSettings(**(known | settings))
        self.clock = FakeClock(START)
        self.book = book or InMemoryHostBook()
        self.turns = Turns(self.book, self.settings, self.clock, owner="me")
        self.fetcher = HttpFetcher(
            self.settings, self.turns, self.clock, transport=transport, resolver=resolver, jitter=lambda: 0.0
        )


@pytest.fixture
async def bench() -> AsyncIterator[Callable[..., Bench]]:
    """Builds benches and closes their connections."""
    async with AsyncExitStack() as stack:

        def build(**wishes: Any) -> Bench:
            made = Bench(**wishes)
            stack.push_async_exit(made.fetcher)
            return made

        yield build
