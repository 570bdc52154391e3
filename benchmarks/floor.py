"""What the flow's storing costs beside SQLite's own bulk insert of the same rows: `python -m benchmarks.floor`.

2,000 articles of 5 kB, read already, are settled (recalled, judged, kept), in transactions of 6, as a crawl makes them,
and of 50. Then all rows that came of it go into an empty database with the same tables, indexes and full text by one
`executemany` a table, in one transaction. In turn; milliseconds an article, and what the parts of the flow take.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from benchmarks.looks import a_store, articles, looks, settling
from scraper.watch import check
from scraper.watch.judge import Look
from storage.records.article import Article
from storage.sql import rows, search
from storage.sql.tables import metadata
from storage.sql.terms import parts, tokens
from storage.sql.work import Work
from storage.store import Store

SITES = 20
PARTS = {
    "recall": (Work, "recall"), "judge": (check, "judge"), "keep": (Work, "keep"), "capture": (Work, "keep_capture"),
    "of keep: pack the article": (rows, "article_row"), "of keep: full text": (search, "enter"),
}  # fmt: skip
Rows = dict[str, list[tuple[Any, ...]]]


def flow(file: Path, these: Sequence[Look], *, together: int) -> dict[str, float]:
    """Settle them, so many in a transaction."""
    spent: Counter[str] = Counter()
    with closing(Store(f"sqlite:///{file}", file.parent)) as store, settling(store) as settled, ExitStack() as stack:
        for part, (owner, name) in PARTS.items():
            stack.enter_context(mock.patch.object(owner, name, counted(getattr(owner, name), spent, part)))
        with measured(spent):
            for start in range(0, len(these), together):
                settled(these[start : start + together])
    return {part: 1000 * seconds / len(these) for part, seconds in spent.items()}


def bulk(file: Path, kept: Rows, count: int) -> dict[str, float]:
    """Put all rows in."""
    spent: Counter[str] = Counter()
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.execute("PRAGMA synchronous=FULL")
        db.execute("PRAGMA foreign_keys=ON")
        with measured(spent):
            db.execute("BEGIN IMMEDIATE")
            for table, values in kept.items():
                names = "(rowid, title, body, about)" if table == "fulltext" else ""
                db.executemany(f"INSERT INTO {table} {names} VALUES ({', '.join('?' * len(values[0]))})", values)
            db.execute("COMMIT")
    return {part: 1000 * seconds / count for part, seconds in spent.items()}


def rows_of(file: Path, articles_of: Sequence[Article]) -> Rows:
    """All that a database holds, sources aside, in an order that its references allow."""
    with closing(sqlite3.connect(file)) as db:
        kept = {
            table.name: db.execute(f"SELECT * FROM {table.name}").fetchall()
            for table in metadata.sorted_tables
            if table.name != "sources"
        }
    words = ([" ".join(tokens(part)) for part in parts(article)] for article in articles_of)
    kept["fulltext"] = [(key, *told) for key, told in enumerate(words, 1)]
    return {table: values for table, values in kept.items() if values}


def counted(real: Callable[..., Any], spent: Counter[str], part: str) -> Callable[..., Any]:
    """The same function, its CPU added up."""

    def run(*args: Any, **options: Any) -> Any:
        began = time.thread_time()
        try:
            return real(*args, **options)
        finally:
            spent[part] += time.thread_time() - began

    return run


@contextmanager
def measured(spent: Counter[str]) -> Iterator[None]:
    cpu, wall = time.process_time(), time.perf_counter()
    yield
    spent["cpu"], spent["wall"] = time.process_time() - cpu, time.perf_counter() - wall


def main() -> None:
    """Measure in turn and print medians."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    found: dict[str, list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        empty, known, full = folder / "accordwatch.db", folder / "known.db", folder / "full.db"
        a_store(folder, sources=SITES).close()
        shutil.copy(empty, known)
        with closing(Store(f"sqlite:///{known}", folder)) as store:
            these = looks(store, articles(sites=SITES, each=100))
        for _ in range(parser.parse_args().rounds):
            for together in (6, 50):
                told = flow(Path(shutil.copy(known, full)), these, together=together)
                found.setdefault(f"flow, {together} in a transaction", []).append(told)
            kept = rows_of(full, [look.reading.article for look in these])  # type: ignore[union-attr]
            found.setdefault("bulk", []).append(bulk(Path(shutil.copy(empty, folder / "bulk.db")), kept, len(these)))
    for way, runs in found.items():
        middle = {part: round(statistics.median(run[part] for run in runs), 3) for part in runs[0]}
        print(json.dumps({"way": way, **middle}))


if __name__ == "__main__":
    main()
