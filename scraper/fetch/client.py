"""The hands of fetching: performs what steps says, bounds it, and turns the world's errors into outcomes."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import replace
from datetime import datetime, timedelta
from importlib.metadata import version
from types import TracebackType
from typing import Self

import httpx

from scraper.clock import Clock
from scraper.fetch import robots
from scraper.fetch.failure import EXPECTED, failure, guarded
from scraper.fetch.guard import Guard, Resolver
from scraper.fetch.limits import ACCEPT_ENCODING, Body, FetchSettings, TooLargeError
from scraper.fetch.message import Failed, Fetched, FetchRequest, FetchResult, Refused
from scraper.fetch.pace import Answer, answered, refused, spaced, started
from scraper.fetch.politeness import Turns, Visit
from scraper.fetch.steps import (
    PATIENCE,
    REDIRECTS,
    AskRobots,
    Done,
    Journey,
    Response,
    Send,
    Wait,
    after,
    begin,
    busy,
    is_wanted,
    next_step,
)
from scraper.fetch.wire import WireTransport
from scraper.url import authority_of, sendable
from storage.records.source import Host

# The addresses asked for one fetch, robots files among them; each fetch runs in a context of its own.
_ASKED: ContextVar[list[str]] = ContextVar("asked")
LOG = logging.getLogger("accordwatch")
UNUSUAL = 3.0  # seconds
HOP_PATIENCE = timedelta(seconds=10)  # for a host that another process holds


class HttpFetcher:
    """A Fetcher over HTTP. Use as `async with`; many fetches may run at once.

    `transport` replaces the guarded one (then nothing is guarded: for tests), `resolver` the system's.
    """

    def __init__(
        self,
        settings: FetchSettings,
        turns: Turns,
        clock: Clock,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        resolver: Resolver | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._settings, self._turns, self._clock, self._jitter = settings, turns, clock, jitter
        self._transport = transport or WireTransport(settings, Guard(settings.allow_addresses, resolver))
        self._room = asyncio.Semaphore(settings.max_hosts * settings.per_host_connections)
        agent = settings.user_agent or user_agent(settings.contact)
        self._always = (("user-agent", agent), ("accept-encoding", ACCEPT_ENCODING))
        whole = settings.timeout.total_seconds()
        self._timeouts = {"connect": settings.connect_seconds, "read": whole, "write": whole, "pool": None}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.aclose()

    async def fetch(self, request: FetchRequest) -> FetchResult:
        """Bring one address, over its redirects; never raises for what the network does."""
        at = begin(request)
        asked = _ASKED.set([])
        while isinstance(at, Journey):
            async with self._turns.visit(at.authority, patience=HOP_PATIENCE) as visit:
                at = busy(at) if visit is None else await self._hop(at, visit)
        result = replace(at.result, requests=len(_ASKED.get()))
        if isinstance(result, Fetched):
            result = replace(result, sent=(*self._always, *result.sent))
        _ASKED.reset(asked)
        return result

    async def _hop(self, journey: Journey, visit: Visit) -> Journey | Done:
        """One address of the journey, its robots.txt first."""
        while True:
            async with visit.slots:
                if not await self._turns.fresh(visit):
                    return busy(journey)
                step = next_step(journey, visit.host, self._clock.now())
                while isinstance(step, Wait):
                    await self._wait(visit.host, step.until)
                    step = next_step(journey, visit.host, self._clock.now())
                if isinstance(step, Send):
                    outcome = await self._ask(visit, step, self._settings.max_body)
                    if isinstance(outcome, Response):
                        return after(journey, outcome, visit.host, self._clock.now())
                    return Done(result=_result_of(outcome, journey, visit))
            if isinstance(step, Done):
                visit.host = refused(visit.host)
                return step
            assert isinstance(step, AskRobots)
            async with visit.robots:
                if robots.must_ask(visit.host, self._clock.now()):
                    error = await self._ask_robots(step.url, visit)
                    if error is not None:
                        return Done(result=_result_of(error, journey, visit))

    async def _ask_robots(self, url: str, visit: Visit) -> Exception | None:
        """Bring robots.txt of the visited authority and let its host learn from it.

        An error says that the host itself could not be asked; then there is nothing to learn.
        """
        outcome: Response | Exception | None = None
        for _ in range(robots.MOST_HOPS + 1):
            outcome = await self._robots_hop(url, visit)
            if isinstance(outcome, Exception) and authority_of(url) == visit.host.authority:
                return outcome
            if not isinstance(outcome, Response) or outcome.status not in REDIRECTS:
                break
            try:
                url = sendable(outcome.header("location"), url)
            except ValueError:
                break
        status = outcome.status if isinstance(outcome, Response) else None
        body = outcome.body if isinstance(outcome, Response) else b""
        visit.host = robots.with_robots(visit.host, status, body, self._clock.now())
        return None

    async def _robots_hop(self, url: str, visit: Visit) -> Response | Exception | None:
        """One address on the way to robots.txt, in the turn of its own authority; None when that is held elsewhere."""
        if authority_of(url) == visit.host.authority:
            return await self._ask_in_turn(url, visit)
        async with self._turns.visit(authority_of(url), patience=HOP_PATIENCE) as other:
            return None if other is None else await self._ask_in_turn(url, other)

    async def _ask_in_turn(self, url: str, visit: Visit) -> Response | Exception:
        async with visit.slots:
            until = visit.host.next_allowed or self._clock.now()
            if until - self._clock.now() > PATIENCE:
                return TimeoutError(f"{visit.host.authority} wants to be left alone")
            await self._wait(visit.host, until)
            send = Send(url=url, headers=(("accept", "text/plain,*/*;q=0.5"),))
            return await self._ask(visit, send, robots.MOST_BYTES, keep_head=True)

    async def _wait(self, host: Host, until: datetime) -> None:
        """Let time pass; a wait that is no usual pause is said, or a person at a terminal would wonder."""
        seconds = max((until - self._clock.now()).total_seconds(), 0)
        if host.failures and seconds > UNUSUAL:
            LOG.warning("%s %s; waiting %.0f s", host.authority, host.trouble, seconds)
        await self._clock.sleep(seconds)

    async def _ask(self, visit: Visit, send: Send, cap: int, *, keep_head: bool = False) -> Response | Exception:
        """Send one request and take its answer, counted in the host's row. Exceptions come back as values."""
        async with self._room:
            visit.host = started(visit.host, self._settings, self._clock.now())
            body: Body | None = None
            try:
                async with asyncio.timeout(self._settings.whole_seconds):
                    raw = await self._transport.handle_async_request(self._request(send))
                    visit.host = spaced(visit.host, self._settings, self._clock.now())
                    response = Response(status=raw.status_code, headers=_plain_headers(raw))
                    try:
                        body = Body(response.encoding, cap, keep_head=keep_head)
                        response = await _with_body(response, raw, body, cap, keep_head)
                    finally:
                        await raw.aclose()
                outcome: Response | Exception = response
            except EXPECTED as error:
                outcome = error
            if _went_out(outcome):
                _ASKED.get().append(send.url)
            wish = outcome.header("retry-after") if isinstance(outcome, Response) else ""
            answer = Answer(status=_status_for_pace(outcome), size=body.raw if body else 0, retry_after=wish)
            visit.host = answered(visit.host, answer, jitter=self._jitter(), now=self._clock.now())
            return outcome

    def _request(self, send: Send) -> httpx.Request:
        headers = dict((*self._always, *send.headers))
        target = send.url.split("/", 3)[3] if send.url.count("/") >= 3 else ""
        extensions = {"timeout": self._timeouts, "target": f"/{target}".encode("ascii")}
        return httpx.Request("GET", send.url, headers=headers, extensions=extensions)


def user_agent(contact: str) -> str:
    """Our name, and where the one who runs us can be reached."""
    name = f"accordwatch/{version('accordwatch')}"
    return f"{name} (+{contact})" if contact else name


async def _with_body(response: Response, raw: httpx.Response, body: Body, cap: int, keep_head: bool) -> Response:
    """The response with its decoded body; bodies of redirects, 304, errors and films are left unread."""
    if not 200 <= response.status < 300 or not is_wanted(response):
        return response
    length = response.header("content-length")
    if length.isdigit() and int(length[:20]) > cap and not keep_head:
        raise TooLargeError
    assert isinstance(raw.stream, httpx.AsyncByteStream)
    async for piece in raw.stream:
        body.feed(piece)
        if body.full:
            break
    return Response(status=response.status, headers=response.headers, body=body.finish())


def _plain_headers(raw: httpx.Response) -> tuple[tuple[str, str], ...]:
    return tuple((name.decode("latin-1").lower(), value.decode("latin-1").strip()) for name, value in raw.headers.raw)


def _went_out(outcome: Response | Exception) -> bool:
    """Whether a host has got this request: neither guarded nor stopped before a connection stood."""
    if isinstance(outcome, Response):
        return True
    return not guarded(outcome) and failure(outcome)[0] not in ("dns", "connect", "tls")


def _status_for_pace(outcome: Response | Exception) -> int | None:
    """A host that answered nonsense has answered; one that is not there, or is not for us, has no pace to learn."""
    if isinstance(outcome, Response):
        return outcome.status
    kind = failure(outcome)[0] if not guarded(outcome) else "guard"
    return None if kind in ("connect", "timeout", "reset") else 0


def _result_of(error: Exception, journey: Journey, visit: Visit) -> FetchResult:
    refusal = guarded(error)
    if refusal is not None:
        return Refused(url=journey.request.url, kind="guard", reason=str(refusal))
    kind, reason, retryable = failure(error)
    again = visit.host.next_allowed if visit.host.failures else None
    return Failed(
        url=journey.request.url, kind=kind, reason=reason, retryable=retryable, retry_at=again, hops=journey.hops
    )
