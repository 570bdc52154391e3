"""One connection to the dashboard: how many there may be, and how long a request may take to arrive. What it asks for,
guard judges."""

from __future__ import annotations

import asyncio
import logging
import resource
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from scraper.web.login import customer


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What strangers may hold of this process before they have said who they are."""

    most: int = 200  # connections; of the descriptors that the process may have, a quarter at most
    of_one: int = 50  # of one address; a browser opens six, and a proxy of ours stands for many people
    head: float = 10.0  # seconds until the whole head of a request is there
    body: float = 60.0  # likewise its body: 5 MB over a slow line

    @property
    def room(self) -> int:
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        return self.most if soft == resource.RLIM_INFINITY else min(self.most, soft // 4)


USUAL = Limits()


class Wire(H11Protocol):
    """uvicorn's connection with a bound on each: its own `limit_concurrency` counts, but closes nothing, and its only
    clock runs between two requests."""

    def __init__(self, *, limits: Limits, is_proxy: Callable[[str], bool], **rest: Any) -> None:
        super().__init__(**rest)
        self._limits, self._is_proxy = limits, is_proxy
        self._clock: asyncio.TimerHandle | None = None
        self._timed: object = None  # the state of the request that the clock runs for

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self._too_many():
            transport.abort()
        else:
            self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        super().connection_lost(exc)

    def _too_many(self) -> bool:
        if len(self.connections) > self._limits.room:
            return True
        near = self._peer()
        same = sum(isinstance(each, Wire) and each._peer() == near for each in self.connections)
        return same > self._limits.of_one and not self._is_proxy(self.client[0] if self.client else "")

    def _peer(self) -> str:
        return customer(self.client[0]) if self.client else ""

    def _watch(self) -> None:
        """One clock for a head and one for a body: a byte now and then does not wind it up again."""
        state: object = None if self.transport.is_closing() else self.conn.their_state
        if state is not self._timed:
            self._stop()
            self._timed = state
            seconds = {h11.IDLE: self._limits.head, h11.SEND_BODY: self._limits.body}.get(state)  # type: ignore[call-overload]
            if seconds is not None:
                self._clock = self.loop.call_later(seconds, self.transport.abort)

    def _stop(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None


class Seldom(logging.Filter):
    """Where no descriptor is left, asyncio says so thousands of times a second: once a minute is enough."""

    def __init__(self) -> None:
        super().__init__()
        self._again = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        if "socket.accept()" not in record.getMessage():
            return True
        if record.created < self._again:
            return False
        self._again = record.created + 60
        return True
