"""A hostile server on loopback: each path misbehaves in its own way, and every request is remembered.

127.0.0.1 plays the public internet (tests open it to the fetcher); 127.0.0.2 plays what must never be dialled.
"""

from __future__ import annotations

import asyncio
import gzip
import ssl
import time
import zlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import brotli
from backports import zstd

PUBLIC, PRIVATE = "127.0.0.1", "127.0.0.2"


@dataclass(frozen=True)
class Asked:
    """One request as it came over the wire."""

    method: str
    target: str
    headers: Mapping[str, str]  # lower-case names
    at: float  # monotonic seconds


Behaviour = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]
Route = bytes | Behaviour


class HostileServer:
    """Serves routes by exact target; without a route for it, robots.txt is 404 and all else a small page."""

    def __init__(
        self, routes: Mapping[str, Route] | None = None, *, host: str = PUBLIC, tls: ssl.SSLContext | None = None
    ):
        self.routes: dict[str, Route] = dict(routes or {})
        self.asked: list[Asked] = []
        self.connections = 0
        self.most_at_once = 0
        self._now = 0
        self._host, self._tls = host, tls
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self._host, 0, ssl=self._tls)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def url(self, path: str = "/", host: str = "") -> str:
        return f"{'https' if self._tls else 'http'}://{host or self._host}:{self.port}{path}"

    @property
    def targets(self) -> list[str]:
        """What was asked for, robots.txt left out."""
        return [asked.target for asked in self.asked if asked.target != "/robots.txt"]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while await self._answer_one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, ssl.SSLError):
            pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _answer_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = head[0].split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        asked = Asked(method, target, headers, time.monotonic())
        self.asked.append(asked)
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        try:
            route = self.routes.get(target, answer(status=404) if target == "/robots.txt" else answer(b"<p>a page</p>"))
            if isinstance(route, bytes):
                writer.write(route)
            else:
                await route(asked, writer)
            await writer.drain()
        finally:
            self._now -= 1
        return b"\r\nConnection: close" not in (route if isinstance(route, bytes) else b"\r\nConnection: close")


def answer(body: bytes = b"", *, status: int = 200, length: int | None = None, **headers: str) -> bytes:
    """A whole HTTP answer; header names with underscores for dashes; `length` may lie."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body) if length is None else length}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def redirect(to: str, status: int = 302, **headers: str) -> bytes:
    return answer(status=status, Location=to, **headers)


def endless(piece: bytes = b"x" * 65536, head: bytes = b"HTTP/1.1 200 OK\r\n\r\n") -> Behaviour:
    """A body that never ends, as fast as it is taken."""

    async def behave(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(piece)
            await writer.drain()

    return behave


def drip(seconds: float, head: bytes = b"HTTP/1.1 200 OK\r\n\r\n") -> Behaviour:
    """One byte, a pause, one byte ..."""

    async def behave(_: Asked, writer: asyncio.StreamWriter) -> None:
        for byte in head + b"x" * 10_000:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(seconds)

    return behave


def silence() -> Behaviour:
    """Takes the request and says nothing."""

    async def behave(_: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(3600)

    return behave


def hang_up(after: bytes = b"") -> Behaviour:
    """Says so much and drops the connection."""

    async def behave(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(after)
        await writer.drain()
        writer.close()

    return behave


def squeezed(encoding: str, data: bytes) -> bytes:
    """`data` in that Content-Encoding; several, parted by commas, are applied in order."""
    for name in encoding.split(","):
        data = _SQUEEZERS[name.strip()](data)
    return data


def _raw_deflate(data: bytes) -> bytes:
    squeezer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return squeezer.compress(data) + squeezer.flush()


_SQUEEZERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "raw deflate": _raw_deflate,
    "br": lambda data: brotli.compress(data, quality=5),
    "zstd": zstd.compress,
}


class FakeResolver:
    """Names to addresses; a list of answers is given one after the other, the last one for ever."""

    def __init__(self, **names: list[list[str]]) -> None:
        self._answers = {name.replace("_", "."): list(answers) for name, answers in names.items()}
        self.asked: list[str] = []

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[dict[str, object]]:
        import socket

        self.asked.append(host)
        answers = self._answers.get(host)
        if answers is None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        kinds = [socket.AF_INET6 if ":" in address else socket.AF_INET for address in found]
        return [
            {"hostname": host, "host": address, "port": port, "family": kind, "proto": 6, "flags": 0}
            for address, kind in zip(found, kinds, strict=True)
        ]

    async def close(self) -> None:
        return
