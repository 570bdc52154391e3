"""What the daemon's processes hold in memory while it watches many sources: `python -m benchmarks.growth.memory`.

Turns the daemon's own wheel over sites that answer over HTTP, each with an address of its own, by a clock that goes
on twenty seconds with each tick; a round of notices, which asks for every source, comes with each sample. Prints
megabytes by number of checks and draws them (memory.svg).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.crawl.ours import CONFIG
from benchmarks.growth.plot import Series, plot, steps
from benchmarks.serving import NEWSROOMS, served

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
STEP = timedelta(seconds=20)
SAMPLES = 50
FIRST = 'first_crawl = "1 items"'
SOURCE = '[[sources]]\nid = "s{n}"\nname = "Site {n}"\nurl = "http://{host}:{port}/0/"\nevery = "2h"\n'


async def watch(folder: Path, port: str, *, sources: int, checks: int, besides: int) -> dict[str, Series]:
    """Megabytes of the parent and of its largest parser process, after so many checks."""
    from scraper.app import (
        running,
    )  # here: a parser process loads its parent's main module, which the command keeps light
    from scraper.clock import FakeClock
    from scraper.config import load
    from storage.records.verdict import CheckReport

    config = CONFIG.format(folder=folder).replace('first_crawl = "all"', FIRST)
    config += "".join(SOURCE.format(n=n, host=_host(n), port=port) for n in range(sources))
    (folder / "config.toml").write_text(config)
    seen: Counter[str] = Counter()
    found: dict[str, list[tuple[float, float]]] = {"parent": [], "largest parser process": []}

    def count(done: CheckReport) -> None:
        seen["checks"] += 1
        seen[done.outcome] += 1
        seen["new"] += "new" in done.changes

    clock = FakeClock(NOW)
    async with running(load(folder / "config.toml", environ={}), clock=clock) as app, app.wheel(count) as wheel:
        for sample in range(SAMPLES + 1):
            while seen["checks"] < sample * checks / SAMPLES:
                await wheel.tick()
                await wheel.settled()
                clock.advance(STEP)
            await wheel.post()
            await wheel.settled()
            parsers = [_megabytes(pid) for pid in _children() if pid != besides]
            found["parent"].append((seen["checks"], _megabytes(os.getpid())))
            found["largest parser process"].append((seen["checks"], max(parsers, default=0)))
            told = {**seen, "parsers": parsers, "blocks": sys.getallocatedblocks(), "clock": str(clock.now())}
            print(json.dumps({**told, "parent": found["parent"][-1][1], "cpu": time.process_time()}), flush=True)
    return dict(found)


def _host(number: int) -> str:
    return f"127.{1 + number // 62_500}.{number // 250 % 250}.{1 + number % 250}"


def _children() -> list[int]:
    threads = Path("/proc/self/task").glob("*/children")
    return sorted(int(pid) for file in threads for pid in file.read_text().split())


def _megabytes(pid: int) -> float:
    """Resident memory as it stands; 0 for a process that has just ended."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)


def slope(series: Series) -> float:
    """Megabytes that 100,000 checks add, by least squares over the second half."""
    late = series[len(series) // 2 :]
    xs, ys = zip(*late, strict=True)
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    return 100_000 * sum((a - x) * (b - y) for a, b in late) / sum((a - x) ** 2 for a in xs)


def main() -> None:
    """Watch, print, draw."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sources", type=int, default=10_000)
    parser.add_argument("--checks", type=int, default=100_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, served(NEWSROOMS) as site:
        found = asyncio.run(
            watch(Path(folder), site.port, sources=asked.sources, checks=asked.checks, besides=site.pid)
        )
    title = f"Memory over the number of checks, {asked.sources:,} sources"
    (HERE / "memory.svg").write_text(plot(found, title=title, unit="MB", axis=steps))
    print(json.dumps({name: {"most": max(y for _, y in series), "MB for 100,000 checks": round(slope(series), 1)}
                      for name, series in found.items()}))  # fmt: skip


if __name__ == "__main__":
    main()
