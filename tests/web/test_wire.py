"""Connections that hold on to the dashboard, and how it lets go of them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from scraper.web.wire import Limits
from tests.web.harness import Dashboard, Loop, copied, served

HEAD = b"GET /login HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
FORM = b"POST /login HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: 9\r\n\r\nhalf"
At = Callable[..., Dashboard]


@pytest.fixture
def at(loop: Loop, demo_folder: Path, tmp_path: Path) -> Iterator[At]:
    with ExitStack() as stack:

        def start(limits: Limits) -> Dashboard:
            return stack.enter_context(served(loop, copied(demo_folder, tmp_path / "wire"), limits=limits))

        yield start


def opened(at: Dashboard, sent: bytes = b"") -> Any:
    wire = socket.create_connection(("127.0.0.1", at.port), 5)
    wire.sendall(sent % at.port if sent else b"")
    return closing(wire)


def ended(wire: socket.socket) -> bool:
    """Whether the other side closes, within five seconds."""
    try:
        return not wire.recv(1)
    except TimeoutError:
        return False
    except ConnectionError:
        return True


@pytest.mark.parametrize("sent", [b"", HEAD, FORM])
def test_what_does_not_arrive_in_time_is_left(at: At, sent: bytes) -> None:
    dashboard = at(Limits(head=0.3, body=0.3))
    with opened(dashboard, sent) as wire:
        assert ended(wire)
    assert dashboard.ask("/").status == 200


def test_a_byte_now_and_then_gains_no_time(at: At) -> None:
    dashboard = at(Limits(head=0.3))
    with opened(dashboard, HEAD) as wire:
        wire.settimeout(0.05)
        for _ in range(40):  # two seconds, were it not left before
            try:
                wire.sendall(b"X")
                if not wire.recv(1):
                    return
            except TimeoutError:
                continue
            except ConnectionError:
                return
    pytest.fail("it was waited for")


@pytest.mark.parametrize("limits", [Limits(most=3), Limits(of_one=3)])
def test_one_connection_too_many_is_closed_and_the_others_go_on(at: At, limits: Limits) -> None:
    dashboard = at(limits)
    with opened(dashboard, HEAD) as first, opened(dashboard), opened(dashboard), opened(dashboard) as late:
        assert ended(late)
        first.sendall(b"\r\n")
        assert first.recv(12) == b"HTTP/1.1 303"


def test_a_process_without_descriptors_says_so_once(
    dashboard: Dashboard, loop: Loop, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail() -> None:
        for _ in range(9):
            asyncio.get_running_loop().call_exception_handler({"message": "socket.accept() out of system resource"})

    loop.run(fail())
    assert caplog.text.count("out of system resource") == 1
