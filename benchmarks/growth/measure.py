"""Measures how cost grows and draws it: `python -m benchmarks.growth.measure [pages] [sources] [versions] [workers]`.

Each line is what something costs over its size; the exponent between its two largest sizes is printed beside it (1 is
linear, 0 is flat, -1 is halved by twice as many). Pictures go beside this file. `--most N` bounds versions and sources
(1,000,000 versions take 4 GB of disk and two minutes to make).
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from math import log
from pathlib import Path

from sqlalchemy import insert

from benchmarks.crawl.site import article
from benchmarks.growth.plot import Series, plot
from benchmarks.growth.versions import recall_and_keep
from benchmarks.growth.workers import processes
from benchmarks.looks import NOW, a_store
from scraper import read_article
from storage.records.source import SourceId, Target, TargetKind
from storage.sql import rows
from storage.sql.tables import sources, targets
from storage.store import Store

HERE = Path(__file__).parent


def page_sizes(most: int) -> dict[str, Series]:
    """Reading a page of so many bytes, the quickest of three."""
    found = []
    for size in (1_000, 10_000, 100_000, 1_000_000, 10_000_000):
        page = _page_of(size)
        found.append((len(page), min(_milliseconds(lambda page=page: read_article(page)) for _ in range(3))))  # type: ignore[misc]
    return {"read": found}


def _page_of(size: int) -> bytes:
    titles = [f"A title of some words {number}" for number in range(6)]
    page = article(random.Random(size), 1, 1, titles)
    start = page.index(b"<p>", page.index(b"</time>"))
    paragraphs = page[start : page.index(b"</article>")]
    head, tail = page[:start], page[page.index(b"</article>") :]
    again = max(0, size - len(head) - len(tail)) // len(paragraphs) + 1
    return head + (paragraphs * again)[: max(400, size - len(head) - len(tail))] + tail


def tick(most: int) -> dict[str, Series]:
    """A tick beside so many sources of a list each, 1 % due: which hosts may be asked, and what is due at the first."""
    found = []
    for count in (size for size in (10, 100, 1_000, 10_000, 100_000) if size <= most):
        with tempfile.TemporaryDirectory() as folder:
            store = a_store(Path(folder), sources=0)
            with store.begin() as work:
                work.connection.execute(insert(sources), [{"id": f"s{number}"} for number in range(count)])
                work.connection.execute(insert(targets), [_target_row(number) for number in range(count)])
            store.tidy()

            def ask(store: Store = store) -> None:
                with store.begin() as work:
                    due = work.due_authorities(now=NOW)
                    work.due_targets(due[0], now=NOW)

            ask()
            found.append((count, min(_milliseconds(ask) for _ in range(5))))
            store.close()
    return {"tick": found}


def versions(most: int) -> dict[str, Series]:
    """A whole new article beside so many versions, recalled, judged and kept."""
    with tempfile.TemporaryDirectory() as folder:
        return recall_and_keep(Path(folder), most)


def _target_row(number: int) -> dict[str, object]:
    due = NOW - timedelta(minutes=1) if number % 100 == 0 else NOW + timedelta(hours=1 + number % 48)
    where = f"site{number}.test"
    target = Target(
        source=SourceId(f"s{number}"), kind=TargetKind.LISTING, due=due, url=f"http://{where}/", identity=f"{where}/"
    )
    return rows.target_row(target, f"{where}:80")


def _milliseconds(call: Callable[[], object]) -> float:
    begun = time.process_time()
    call()
    return 1000 * (time.process_time() - begun)


def exponent(series: Series) -> float:
    """How the cost grows between the two largest sizes: size to the power of this."""
    (a, x), (b, y) = series[-2:]
    return log(max(y, 1e-9) / max(x, 1e-9)) / log(b / a)


def main() -> None:
    """Measure, print, draw."""
    measures = {"pages": page_sizes, "sources": tick, "versions": versions, "workers": processes}
    parser = argparse.ArgumentParser()
    parser.add_argument("what", nargs="*", choices=[*measures, []])
    parser.add_argument("--most", type=int, default=1_000_000)
    asked = parser.parse_args()
    for name, measure in measures.items():
        if name in asked.what or not asked.what:
            lines = measure(asked.most)
            title = (measure.__doc__ or name).split(",")[0].rstrip(".")
            (HERE / f"{name}.svg").write_text(plot(lines, title=title))
            grows = {line: round(exponent(series), 2) for line, series in lines.items()}
            print(json.dumps({"what": name, "lines": lines, "exponents": grows}))


if __name__ == "__main__":
    main()
