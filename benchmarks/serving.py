"""Servers of prepared answers as processes of their own, on a free port, so that their cost is not that of who asks."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
SITE, NEWSROOMS = "benchmarks.crawl.site", "benchmarks.growth.newsrooms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Where it answers, and as which process."""

    port: str
    pid: int

    def cost(self) -> float:
        """Milliseconds of its CPU an answer, so far."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/cost") as answer:
            told = json.load(answer)
        return float(1000 * told["cpu"] / max(1, told["answers"]))


@contextmanager
def served(module: str = SITE) -> Iterator[Served]:
    """This module's server for as long as the block lasts."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [sys.executable, "-m", module, port]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        server.stdout.readline()
        try:
            yield Served(port=port, pid=server.pid)
        finally:
            server.terminate()
