"""httpx over aiohttp with the request line kept as it is: one request goes out, its raw answer comes back.

Redirects, cookies, decoding and environment variables are all off here: they are decided elsewhere.
"""

from __future__ import annotations

import ssl
from functools import lru_cache
from typing import Any

import aiohttp
import certifi
import httpx
from httpx_aiohttp import AiohttpTransport
from httpx_aiohttp.transport import AiohttpResponseStream
from yarl import URL

from scraper.fetch.guard import Guard
from scraper.fetch.limits import FetchSettings

MOST_HEADER = 16_384  # bytes of one header line; 128 lines at most (aiohttp's own bound)
KEEP_ALIVE = 30.0  # seconds; long enough for a crawl delay between two requests


class WireTransport(AiohttpTransport):
    """The aiohttp transport, given sessions of ours.

    httpx-aiohttp hands addresses over as text, which aiohttp quotes anew ("%3A" goes out as ":"), and lets
    the causes of a failed connect fall together; so sending is done here. `extensions["target"]` of a request
    is its exact path and query, as in httpx's own transport.
    """

    def __init__(self, settings: FetchSettings, guard: Guard) -> None:
        self._settings, self._guard = settings, guard
        self._proxied: aiohttp.ClientSession | None = None
        super().__init__(verify=tls_context(settings.ca_file), trust_env=False, client=self._direct)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        timeout = request.extensions.get("timeout", {})
        scheme, host, port = request.url.scheme, request.url.raw_host.decode("ascii"), request.url.port
        authority = (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")
        target = request.extensions.get("target", request.url.raw_path).decode("ascii")
        session, proxy = await self._way_to(host)
        response = await session.request(
            request.method,
            URL(f"{scheme}://{authority}{target}", encoded=True),
            headers=[(name.decode("ascii").title(), value.decode("latin-1")) for name, value in request.headers.raw],
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(sock_connect=timeout.get("connect"), sock_read=timeout.get("read")),
            proxy=proxy,
        )
        return httpx.Response(response.status, headers=response.raw_headers, stream=_Stream(response), request=request)

    async def aclose(self) -> None:
        await super().aclose()
        if self._proxied is not None:
            await self._proxied.close()

    async def _way_to(self, host: str) -> tuple[aiohttp.ClientSession, str | None]:
        """Behind a proxy the guard judges the name before we hand it over; loopback (if opened at all) bypasses it."""
        if not isinstance(self.client, aiohttp.ClientSession):
            self.client = self.get_client()
        if not self._settings.proxy:
            return self.client, None
        answers = await self._guard.resolve(host)
        if any(answer["host"].startswith("127.") or answer["host"] == "::1" for answer in answers):
            return self.client, None
        if self._proxied is None:
            self._proxied = self._session(_Connector(**self._limits()))
        return self._proxied, self._settings.proxy

    def _direct(self) -> aiohttp.ClientSession:
        connector = _Connector(
            resolver=self._guard,  # type: ignore[arg-type]  # has its two methods
            socket_factory=self._guard.socket,
            **self._limits(),
        )
        return self._session(connector)

    def _limits(self) -> dict[str, Any]:
        return {
            "ssl": self.ssl_context,
            "limit": 0,  # Turns bound us
            "keepalive_timeout": KEEP_ALIVE,
        }

    def _session(self, connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            max_line_size=MOST_HEADER,
            max_field_size=MOST_HEADER,
        )


class _Connector(aiohttp.TCPConnector):
    """Takes no connection from its store on which more came than was asked for: it would answer the next question."""

    async def connect(self, *given: Any, **named: Any) -> Any:
        while (connection := await super().connect(*given, **named)).protocol.should_close:  # type: ignore[union-attr]
            connection.close()
        return connection


class _Stream(AiohttpResponseStream):
    """Pieces as they come, and errors as they are, so that the client can name their cause."""

    async def __aiter__(self) -> Any:
        response = self._aiohttp_response
        connection = response.connection
        protocol = connection.protocol if connection and "content-length" not in response.headers else None
        async for piece in response.content.iter_any():
            yield piece
        lost = protocol.exception() if protocol is not None else None
        if isinstance(lost, aiohttp.ClientOSError):  # aiohttp takes a reset for the end of a body without length
            raise lost

    async def aclose(self) -> None:
        self._aiohttp_response.release()  # a connection whose body was not read to its end is closed, not kept


@lru_cache(maxsize=4)  # reading two stores of authorities takes 30 ms
def tls_context(ca_file: str) -> ssl.SSLContext:
    """Verifying context: this machine's authorities, Mozilla's (certifi), and the office's own."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    if ca_file:
        context.load_verify_locations(ca_file)
    return context
