"""The dashboard as one ASGI application: the table of routers, our own files, errors in words. Also how it listens."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from functools import partial
from ipaddress import ip_address
from typing import Any

import uvicorn
from fastapi import APIRouter, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException as AnyHTTPException

from scraper.config import values
from scraper.errors import ConfigError, UserError
from scraper.watch.answers import UnknownError
from scraper.watch.wanted import UnknownSourceError
from scraper.web import api, render
from scraper.web.checks import Checks
from scraper.web.desk import Desk
from scraper.web.guard import Guard
from scraper.web.login import Logins
from scraper.web.pages import alerts, archive, feeds, item, login, organisations, partnerships, search, sources, today
from scraper.web.wire import USUAL, Limits, Seldom, Wire

_SAID = {
    403: ("Not allowed", "This is not for you to do."),
    404: ("Not here", "There is no such page, or no longer."),
    405: ("Not that way", "This address does something else."),
}
files = APIRouter(include_in_schema=False)
ROUTERS: tuple[APIRouter, ...] = (
    files,
    login.router,
    today.router,
    item.router,
    archive.router,
    partnerships.router,
    organisations.router,
    sources.router,
    alerts.router,
    search.router,
    feeds.router,
    api.router,
)  # fmt: skip


def create(desk: Desk | None) -> FastAPI:
    """The application; `app.state.desk` may be replaced while it runs, None says "one moment"."""
    app = FastAPI(
        title="accordwatch", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json", redirect_slashes=False,
        telemetry={"auto_configure": False, "tracing": False, "metrics": False, "logs": False},
    )  # fmt: skip
    app.state.desk, app.state.logins, app.state.checks = desk, Logins(), Checks()
    for router in ROUTERS:
        app.include_router(router)
    app.add_middleware(Guard, state=app.state)
    app.add_exception_handler(AnyHTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(UserError, _mendable)
    return app


@files.get("/static/{name}")
def static(name: str) -> Response:
    """Our own style, script and icon, and nothing else."""
    if name not in render.STATIC:
        raise HTTPException(404)
    kept = {"cache-control": "public, max-age=31536000, immutable"}
    return Response(render.static(name), media_type=render.STATIC[name], headers=kept)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, AnyHTTPException)
    title, words = _SAID.get(error.status_code, ("That did not work", ""))
    own = error.detail if isinstance(error, HTTPException) and error.detail not in ("Not Found", "Forbidden") else ""
    return render.trouble(request, error.status_code, title, own or words, headers=error.headers)


async def _not_understood(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = error.errors()
    named = ", ".join(sorted({str(fault["loc"][-1]) for fault in faults}))
    why = UserError(named, "; ".join(sorted({str(fault["msg"]) for fault in faults})), "see /api/openapi.json")
    return render.trouble(request, 422, "Not understood", f"This cannot be used as it stands: {named}.", error=why)


async def _mendable(request: Request, error: Exception) -> Response:
    assert isinstance(error, UserError)
    unknown = isinstance(error, UnknownError | UnknownSourceError)
    status = 404 if unknown else 422 if isinstance(error, ConfigError) and request.method == "GET" else 409
    return render.trouble(request, status, "Not here" if unknown else "That did not work", str(error), error=error)


@contextlib.asynccontextmanager
async def shown(app: FastAPI, desk: Desk) -> AsyncIterator[None]:
    """The application has this desk while the block lasts; looks that were asked for end with it."""
    app.state.desk = desk
    try:
        yield
    finally:
        app.state.desk = None
        await app.state.checks.close()


class _Server(uvicorn.Server):
    """uvicorn without signal handlers of its own: whoever runs the loop says when it ends."""

    ready: asyncio.Event

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def listening(app: FastAPI, sockets: list[socket.socket], *, limits: Limits = USUAL) -> AsyncIterator[None]:
    """Serve in this event loop while the block lasts; what is being answered is answered to its end, within 3 s."""

    def is_proxy(peer: str) -> bool:
        return app.state.desk is not None and app.state.desk.config.web.is_proxy(peer)

    wire: Any = partial(Wire, limits=limits, is_proxy=is_proxy)
    config = uvicorn.Config(
        app, http=wire, ws="none", lifespan="off", log_config=None, access_log=False, proxy_headers=False,
        server_header=False, timeout_graceful_shutdown=3, h11_max_incomplete_event_size=32_768,
    )  # fmt: skip
    server = _Server(config)
    server.ready = asyncio.Event()
    asyncio_log, seldom = logging.getLogger("asyncio"), Seldom()
    asyncio_log.addFilter(seldom)
    serving = asyncio.create_task(server.serve(sockets=sockets))
    try:
        await server.ready.wait()
        yield
    finally:
        server.should_exit = True
        await serving
        asyncio_log.removeFilter(seldom)


def bound(bind: str) -> list[socket.socket]:
    """Sockets at HOST:PORT. Raises ConfigError in one line when that cannot be had."""
    host, port = address(bind)
    made: list[socket.socket] = []
    try:
        for family, kind, _, _, where in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            each = socket.socket(family, kind)
            made.append(each)
            each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                each.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            each.bind(where)
    except OSError as error:
        for each in made:
            each.close()
        cause = "is in use by another program" if error.errno == 98 else f"cannot be used: {error.strerror or error}"
        raise ConfigError(f"web.bind {bind}", cause, "name another with --bind, such as 127.0.0.1:8766") from None
    return made


def is_loopback(sockets: list[socket.socket]) -> bool:
    """Whether only this machine can reach them."""
    return all(ip_address(each.getsockname()[0]).is_loopback for each in sockets)


def address(bind: str) -> tuple[str, int]:
    """ "127.0.0.1:8765" or "[::1]:8765" as host and port. Raises ConfigError."""
    try:
        host, _, port = values.bind(bind).rpartition(":")
    except ValueError as error:
        raise ConfigError("web.bind", str(error)) from None
    return host.strip("[]"), int(port)
