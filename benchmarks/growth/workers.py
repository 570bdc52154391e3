"""How a crawl grows with processes: parsers of one process on SQLite, and `accordwatch worker` on one PostgreSQL.

Milliseconds by the clock for each page, first when all is new, then when nothing has changed. Workers are measured
between a tenth and nine tenths of what there is to do, so that starting and waiting for the last tick is left out.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy import text

from benchmarks.crawl.ours import CONFIG
from benchmarks.growth.plot import Series
from benchmarks.serving import NEWSROOMS, ROOT, served
from storage.store import Store
from tests.storage.databases import PostgresMissingError, postgres

COUNTS = (1, 2, 4)
HOSTS, EACH = 300, 6  # newsrooms, and pages of each: its list and five articles
SHARED = '[engine]\nworkers = "procrastinate"\n'
SOURCE = '[[sources]]\nid = "s{n}"\nname = "S{n}"\nurl = "http://127.1.{x}.{y}:{port}/0/"\nevery = "10h"\n'
CRAWL = """
import asyncio, os, sys, time
from pathlib import Path
from benchmarks.crawl.ours import crawl
os.cpu_count = lambda: int(sys.argv[3])  # what the number of parser processes follows
if __name__ == "__main__":
    for _ in range(2):
        begun = time.perf_counter()
        told = asyncio.run(crawl(sys.argv[1], Path(sys.argv[2])))
        print(1000 * (time.perf_counter() - begun) / told["pages"], flush=True)
"""


def processes(most: int) -> dict[str, Series]:
    """A page of a crawl with so many processes, on two cores."""
    lines: dict[str, list[tuple[float, float]]] = {}
    for count in COUNTS:
        for name, cost in zip(("parsers, all new", "parsers, unchanged"), _parsers(count), strict=True):
            lines.setdefault(name, []).append((count, cost))
        with suppress(PostgresMissingError):
            for name, cost in zip(("workers, all new", "workers, unchanged"), _workers(count), strict=True):
                lines.setdefault(name, []).append((count, cost))
        print(json.dumps({"processes": count, **{name: series[-1][1] for name, series in lines.items()}}), flush=True)
    return dict(lines)


def _parsers(count: int) -> list[float]:
    """The benchmark's site, crawled twice by one process with so many parsers."""
    with served() as site, tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", CRAWL, site.port, folder, str(count)]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return [float(line) for line in done.stdout.split()]


def _workers(count: int) -> list[float]:
    """Newsrooms, visited by so many workers, that a daemon hands out; then all are due again."""
    with ExitStack() as stack:
        site, server = stack.enter_context(served(NEWSROOMS)), stack.enter_context(postgres())
        folder, url = Path(stack.enter_context(tempfile.TemporaryDirectory())), server.empty()
        config = CONFIG.format(folder=folder).replace(f"sqlite:///{folder}/accordwatch.db", url) + SHARED
        config += "".join(SOURCE.format(n=n, x=n // 250, y=n % 250 + 1, port=site.port) for n in range(HOSTS))
        (folder / "config.toml").write_text(config)
        store = stack.enter_context(closing(Store(url, folder)))

        def looked(since: float = 0.0) -> int:
            asked = text("SELECT count(*) FROM targets WHERE last_good > :since")
            with store.begin() as work:
                return int(work.connection.execute(asked, {"since": int(since * 1e6)}).scalar_one())

        for command in ("run", *["worker"] * count):
            stack.enter_context(_running(command, folder))
        found = [_pace(looked)]
        now = time.time()
        with store.begin() as work:
            work.connection.execute(text("UPDATE targets SET due = 0"))
        return [*found, _pace(lambda: looked(now))]


def _pace(looked: Callable[[], int]) -> float:
    """Milliseconds a page, from a tenth to nine tenths of them."""
    times: list[float] = []
    for share in (0.1, 0.9):
        end = time.monotonic() + 300
        while (done := looked()) < share * HOSTS * EACH:
            assert time.monotonic() < end, f"{done} pages in five minutes"
            time.sleep(0.2)
        times.append(time.perf_counter())
    return 1000 * (times[1] - times[0]) / (0.8 * HOSTS * EACH)


@contextmanager
def _running(command: str, folder: Path) -> Iterator[None]:
    words = [sys.executable, "-m", "scraper", command, "--config", str(folder / "config.toml")]
    with (folder / "log").open("a") as log, subprocess.Popen(words, cwd=ROOT, stdout=log, stderr=log) as process:
        try:
            yield
        finally:
            process.terminate()
