"""Whose turn it is to ask a host. How long to wait is in pace, what to ask is for the client.

The pace lives in the Host row, whose lease is the right to ask; one process holds it, and inside that process
`Turns` lets as many through at once as the settings say. No call to the book is made while the lease is fresh.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar

from scraper.clock import Clock
from scraper.fetch.limits import FetchSettings
from storage.records.source import Authority, Host

T = TypeVar("T")

LEASE = timedelta(seconds=45)  # a killed process blocks its hosts no longer; who lives renews it in time
BEAT = 10.0  # seconds between two looks at the leases held here
BUSY_POLL = 0.25  # seconds between two tries for a lease that somebody else holds


class HostBook(Protocol):
    """Where hosts and their leases are kept. Short synchronous calls; a lease that ran out belongs to nobody."""

    def lease(self, authority: Authority, *, owner: str, now: datetime, until: datetime) -> Host | None:
        """The host with its lease now ours, made if it is new; None when somebody else holds it."""
        ...

    def keep(self, host: Host, *, owner: str, until: datetime | None) -> bool:
        """Write pace, robots and counters and hold on, or let go with None; False, and nothing, when it is not ours."""
        ...


class InMemoryHostBook:
    """A HostBook for one process and for tests."""

    def __init__(self) -> None:
        self._hosts: dict[Authority, Host] = {}

    def lease(self, authority: Authority, *, owner: str, now: datetime, until: datetime) -> Host | None:
        host = self._hosts.get(authority, Host(authority=authority))
        if host.lease_owner not in ("", owner) and host.lease_until is not None and host.lease_until > now:
            return None
        self._hosts[authority] = replace(host, lease_owner=owner, lease_until=until)
        return self._hosts[authority]

    def keep(self, host: Host, *, owner: str, until: datetime | None) -> bool:
        known = self._hosts.get(host.authority)
        if known is None or known.lease_owner != owner:
            return False
        self._hosts[host.authority] = replace(host, lease_owner=owner if until else "", lease_until=until)
        return True

    def host(self, authority: Authority) -> Host | None:
        return self._hosts.get(authority)


class Runner(Protocol):
    """How a short blocking call is made from async code."""

    def __call__(self, call: Callable[[], T], /) -> Awaitable[T]: ...


class Visit:
    """The right to ask one host, held by this process. `host` is the row as it stands now."""

    def __init__(self, host: Host, connections: int) -> None:
        self.host = host
        self.slots = asyncio.Semaphore(connections)
        self.robots = asyncio.Lock()  # one asks for robots.txt, the others wait for what it learns
        self.holders = 0


class Turns:
    """Hands out visits. One object a process; `owner` must be its own."""

    def __init__(
        self, book: HostBook, settings: FetchSettings, clock: Clock, *, owner: str, run: Runner = asyncio.to_thread
    ) -> None:
        self._book, self._settings, self._clock, self._owner, self._run = book, settings, clock, owner, run
        self._visits: dict[Authority, Visit] = {}
        self._doors: dict[Authority, tuple[asyncio.Lock, int]] = {}
        self._heart: asyncio.Task[None] | None = None  # beats while a lease is held

    @asynccontextmanager
    async def visit(self, authority: Authority, *, patience: timedelta = timedelta(0)) -> AsyncIterator[Visit | None]:
        """Hold this host's lease for a while; who comes while it is held here joins in.

        None when another process holds it and does not let go within `patience`.
        """
        visit = self._visits.get(authority)
        if visit is None:
            visit = await self._enter(authority, patience)
        else:  # it is in the book as long as somebody holds it: who joins needs no door
            visit.holders += 1
        try:
            yield visit
        finally:
            if visit is not None and visit.holders > 1:
                visit.holders -= 1
            elif visit is not None:
                await asyncio.shield(self._leave(authority, visit))

    async def fresh(self, visit: Visit) -> bool:
        """Whether the lease is still ours; renewed when half of it is over."""
        now = self._clock.now()
        if visit.host.lease_until is not None and visit.host.lease_until - now > LEASE / 2:
            return True
        held = await self._keep(visit.host, now + LEASE)
        if held:
            visit.host = replace(visit.host, lease_until=now + LEASE)
        return held

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT)  # by the machine's own time, whatever the visits wait for
            for visit in tuple(self._visits.values()):
                with suppress(Exception):  # whoever asks next meets the same trouble, and tells it
                    await self.fresh(visit)

    async def _keep(self, host: Host, until: datetime | None) -> bool:
        return await self._run(lambda: self._book.keep(host, owner=self._owner, until=until))

    async def _enter(self, authority: Authority, patience: timedelta) -> Visit | None:
        async with self._door(authority):
            visit = self._visits.get(authority)
            if visit is None:
                host = await self._leased(authority, self._clock.now() + patience)
                if host is None:
                    return None
                visit = self._visits[authority] = Visit(host, self._settings.per_host_connections)
            visit.holders += 1
            self._heart = self._heart or asyncio.create_task(self._beat())
            return visit

    async def _leave(self, authority: Authority, visit: Visit) -> None:
        async with self._door(authority):
            visit.holders -= 1
            if not visit.holders:
                del self._visits[authority]
                if self._heart is not None and not self._visits:
                    self._heart.cancel()
                    self._heart = None
                await self._keep(visit.host, None)

    async def _leased(self, authority: Authority, give_up: datetime) -> Host | None:
        while True:
            now = self._clock.now()
            lease = partial(self._book.lease, authority, owner=self._owner, now=now, until=now + LEASE)
            call = asyncio.ensure_future(self._run(lease))
            try:
                host = await asyncio.shield(call)
            except asyncio.CancelledError:
                host = await call  # the book was asked already: what it gave must go back
                if host is not None:
                    await self._keep(host, None)
                raise
            if host is not None or now >= give_up:
                return host
            await self._clock.sleep(BUSY_POLL)

    @asynccontextmanager
    async def _door(self, authority: Authority) -> AsyncIterator[None]:
        """One at a time goes in or out; the door is gone when nobody stands before it."""
        lock, waiting = self._doors.get(authority, (asyncio.Lock(), 0))
        self._doors[authority] = (lock, waiting + 1)
        try:
            async with lock:
                yield
        finally:
            waiting = self._doors[authority][1] - 1
            if waiting:
                self._doors[authority] = (lock, waiting)
            else:
                del self._doors[authority]
