"""What a look costs, part by part, on SQLite and on PostgreSQL: the figures that docs/scale.md reckons with.

`python -m benchmarks.scale.measure` crawls 8 sites of 100 articles of about 6 kB (the server of benchmarks/crawl, a
process of its own) twice on each database: first all is new, then all is asked again and nothing has changed. Seconds
of CPU, by thread and process; `locked` is by the clock on the wall, for only one transaction writes at a time.
"""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import text

from benchmarks.crawl.ours import CONFIG, SOURCE
from scraper.app import running
from scraper.config import load
from scraper.watch import check
from scraper.watch.writer import Writer
from storage.sql.engine import open_engine
from storage.sql.tables import metadata
from storage.store import postgres_address
from tests.storage.databases import PostgresMissingError, postgres

SITES, PORT = 8, 18765
spent: Counter[str] = Counter()


def timed(owner: Any, name: str, *clocks: tuple[str, Callable[[], float]]) -> None:
    """Count what every call of that function takes."""
    real = getattr(owner, name)

    def counted(*args: Any, **options: Any) -> Any:
        before = [clock() for _, clock in clocks]
        try:
            return real(*args, **options)
        finally:
            for (part, clock), began in zip(clocks, before, strict=True):
                spent[part] += clock() - began

    setattr(owner, name, counted)


def children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def crawl(folder: Path, url: str) -> int:
    """Look at all of it once; how many articles."""
    text_of = CONFIG.format(folder=folder).replace(f"sqlite:///{folder}/accordwatch.db", url)
    (folder / "config.toml").write_text(text_of + "".join(SOURCE.format(n=n, port=PORT) for n in range(SITES)))
    async with running(load(folder / "config.toml", environ={})) as app:
        began = time.thread_time()
        tallies = await app.crawl(app.config.sources, recheck=True)
        spent["fetch and flow"] += time.thread_time() - began
    return sum(tally.new + tally.unchanged for tally in tallies)


def look(folder: Path, url: str) -> dict[str, float]:
    """Milliseconds an article of one crawl, by part."""
    spent.clear()
    own, others, began = time.process_time(), children(), time.perf_counter()
    articles = asyncio.run(crawl(folder, url))
    spent["archive and other threads"] = time.process_time() - own - spent["fetch and flow"] - spent["writer"]
    spent["read, in parser processes"] = children() - others
    spent["keep"] = spent.pop("writer") - spent["judge"]
    spent["wall"] = time.perf_counter() - began
    told = {part: round(1000 * seconds / articles, 2) for part, seconds in sorted(spent.items())}
    return {"articles": articles, **told}


def size(folder: Path, url: str, articles: int) -> dict[str, Any]:
    """Rows and bytes an article."""
    engine = open_engine(url)
    with engine.connect() as connection:
        rows = {
            t.name: connection.execute(text(f"SELECT count(*) FROM {t.name}")).scalar_one()
            for t in metadata.sorted_tables
        }
        shared = engine.dialect.name == "postgresql"
        held = connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one() if shared else 0
    engine.dispose()  # the last to leave brings SQLite's log home
    held = held or (folder / "accordwatch.db").stat().st_size
    bodies = sum(path.stat().st_size for path in (folder / "archive").glob("??/*"))
    per = {name: round(count / articles, 2) for name, count in rows.items() if count / articles >= 0.1}
    return {
        "rows": per,
        "database kB": round(held / articles / 1000, 1),
        "archive kB": round(bodies / articles / 1000, 1),
    }


async def rounds(folder: Path, url: str) -> dict[str, float]:
    """What the daemon does beside its looks: a round of notices, by source, and one of nothing due."""
    async with running(load(folder / "config.toml", environ={})) as app:
        began = time.process_time()
        for _ in range(10):
            await app.tell()
        told = (time.process_time() - began) / 10 / SITES
        began = time.process_time()
        for _ in range(100):
            await app.hands.writer.write(lambda work: work.due_authorities(now=app.hands.clock.now()))
        return {"notices ms a source": 1000 * told, "tick ms": 10 * (time.process_time() - began)}


async def handed_out(address: str, visits: int = 300) -> dict[str, float]:
    """What it takes to hand a visit out and to take it, when the visit itself does nothing."""
    from scraper.engine.workers import open_queue
    from storage.records.source import Authority

    done, left = asyncio.Event(), set(range(visits))

    async def visit(authority: Authority) -> None:
        left.discard(int(authority))
        if not left:
            done.set()

    async with open_queue(address) as queue:
        cpu, began = time.process_time(), time.perf_counter()
        await queue.put([Authority(str(number)) for number in range(visits)])
        await queue.take(visit, hosts=8, stop=done)
        used, took = time.process_time() - cpu, time.perf_counter() - began
    return {"own ms a visit": 1000 * used / visits, "visits a second": visits / took}


def rounded(told: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 2) for name, value in told.items()}


@contextmanager
def measured(name: str, url: str) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        url = url or f"sqlite:///{folder}/accordwatch.db"
        (Path(folder) / "archive").mkdir()
        empty = size(Path(folder), url, 1)["database kB"]
        first = look(Path(folder), url)
        print(json.dumps({"database": name, "new": first, "again": look(Path(folder), url),
                          "rounds": rounded(asyncio.run(rounds(Path(folder), url))), "empty database kB": empty,
                          "size": size(Path(folder), url, int(first["articles"]))}, indent=1), flush=True)  # fmt: skip
        yield int(first["articles"])


def main() -> None:
    timed(Writer, "_perform", ("writer", time.thread_time), ("locked", time.perf_counter))
    timed(check, "judged", ("judge", time.thread_time))
    site = subprocess.Popen([sys.executable, "-m", "benchmarks.crawl.site", str(PORT)], stdout=subprocess.PIPE)
    assert site.stdout
    site.stdout.readline()
    try:
        with measured("SQLite", ""):
            pass
        with suppress(PostgresMissingError), postgres() as server, measured("PostgreSQL", server.empty()) as articles:
            before = children()
            server.stop()
            cost = 1000 * (children() - before) / articles
            print(f"PostgreSQL's own processes: {cost:.2f} ms an article, both looks together")
            server.start()
            before = children()
            told = rounded(asyncio.run(handed_out(postgres_address(server.empty()))))
            server.stop()
            print(f"handing out: {told}, {1000 * (children() - before) / 300:.2f} ms a visit in PostgreSQL")
            server.start()
    finally:
        site.terminate()
        site.wait()


if __name__ == "__main__":
    main()
