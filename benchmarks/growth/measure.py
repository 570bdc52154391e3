"""Measures how cost grows and draws it: `python -m benchmarks.growth.measure [pages] [sources] [versions] [workers]`.

Each series is milliseconds over a size, both in powers of ten; the exponent between the two largest sizes is printed
beside it (1 is linear, 0 is flat). Pictures go beside this file. `--most N` bounds versions and sources (1,000,000
versions take about 15 GB of disk and minutes to make).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import log
from pathlib import Path

from sqlalchemy import insert

from benchmarks.crawl.ours import crawl
from benchmarks.crawl.site import _article
from benchmarks.growth.plot import plot
from scraper import read_article
from scraper.engine import readers
from scraper.watch.read import understand
from storage.records.source import Source, SourceId, Target, TargetKind
from storage.records.verdict import Question, Verdict
from storage.sql import rows
from storage.sql.tables import bands, items, targets, versions
from storage.store import Store

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SEED = random.Random(7)
Series = list[tuple[float, float]]  # size, milliseconds


def page_sizes(most: int) -> Series:
    """Reading a page of 1 kB to 10 MB, the quickest of three."""
    found = []
    for size in (1_000, 10_000, 100_000, 1_000_000, 10_000_000):
        page = _page_of(size)
        found.append((size, min(_milliseconds(lambda page=page: read_article(page)) for _ in range(3))))  # type: ignore[misc]
    return found


def _page_of(size: int) -> bytes:
    titles = [f"A title of some words {number}" for number in range(6)]
    page = _article(random.Random(size), 1, 1, titles)
    start = page.index(b"<p>", page.index(b"</time>"))
    paragraphs = page[start : page.index(b"</article>")]
    head, tail = page[:start], page[page.index(b"</article>") :]
    again = max(0, size - len(head) - len(tail)) // len(paragraphs) + 1
    return head + (paragraphs * again)[: max(400, size - len(head) - len(tail))] + tail


def tick(most: int) -> Series:
    """What a tick asks, 1 % of the targets due: which hosts may be asked, and the first of them for its targets."""
    found = []
    for count in (size for size in (10, 100, 1_000, 10_000, 100_000) if size <= most):
        with tempfile.TemporaryDirectory() as folder:
            store = _store(folder, sources=max(1, count // 100))
            with store.begin() as work:
                work.connection.execute(insert(targets), [_target_row(number) for number in range(count)])
            store.tidy()

            def ask(store: Store = store) -> None:
                with store.begin() as work:
                    due = work.due_authorities(now=NOW)
                    work.due_targets(due[0], now=NOW)

            ask()
            found.append((count, min(_milliseconds(ask) for _ in range(5))))
            store.close()
    return found


def _target_row(number: int) -> dict[str, object]:
    due = NOW - timedelta(minutes=1) if number % 100 == 0 else NOW + timedelta(hours=1 + number % 48)
    target = Target(
        source=SourceId(f"s{number // 100}"), kind=TargetKind.ARTICLE, due=due,
        url=f"http://site{number // 100}.test/news/{number}", identity=f"site{number // 100}.test/news/{number}",
    )  # fmt: skip
    return rows.target_row(target, f"site{number // 100}.test:80")


def recall(most: int) -> Series:
    """Recall, judge's questions and keep for one new article beside so many versions, mean of 200."""
    found = []
    article = understand(read_article(_page_of(6_000), url="http://s.test/a"))
    for count in (size for size in (1_000, 10_000, 100_000, 1_000_000) if size <= most):
        with tempfile.TemporaryDirectory() as folder:
            store = _store(folder, sources=1)
            _fill(store, count, rows.article_row(article.article))
            number = iter(range(10_000_000))

            def one(store: Store = store, number=number) -> None:  # type: ignore[no-untyped-def]
                with store.begin() as work:
                    for _ in range(40):
                        _look(work, next(number))

            one()
            found.append((count, min(_milliseconds(one) for _ in range(5)) / 40))
            store.close()
    return found


def _look(work, number: int) -> None:  # type: ignore[no-untyped-def]
    url = f"http://s.test/new/{number}"
    target = work.the_target(Target(source=SourceId("s0"), kind=TargetKind.ARTICLE, due=NOW, url=url, identity=url[7:]))
    keys = tuple(SEED.randrange(1 << 40) for _ in range(16))
    work.recall(target, Question(content=f"v1:{number:x}", bands=keys, identities=(url[7:],)))
    work.keep(Verdict(target=target, at=NOW, outcome="read", because=("measured",)))


def _fill(store: Store, count: int, article: bytes) -> None:
    """Items of one version each, their keys drawn by lot as those of unlike texts are."""
    for start in range(0, count, 10_000):
        ids = range(start + 1, min(count, start + 10_000) + 1)
        with store.begin() as work:
            put = work.connection.execute
            put(insert(items), [
                {"id": each, "source": "s0", "url": f"http://s.test/{each}", "title": "T", "state": "present",
                 "first_seen": NOW, "last_seen": NOW, "versions": 1, "content": f"v0:{each:x}"} for each in ids
            ])  # fmt: skip
            put(insert(versions), [
                {"item": each, "version": 1, "seen": NOW, "content": f"v0:{each:x}", "text_hash": "", "words": 100,
                 "raw": "", "extractor": 1, "article": article[:600]} for each in ids
            ])  # fmt: skip
            put(insert(bands), [{"band": SEED.randrange(1 << 40), "item": each} for each in ids for _ in range(16)])
    store.tidy()


def parser_processes(most: int) -> Series:
    """A first crawl of the benchmark's site with 1 to 4 parser processes: milliseconds a page."""
    from benchmarks.__main__ import served

    found = []
    for workers in (1, 2, 4):
        readers.os.cpu_count = lambda workers=workers: workers  # type: ignore[attr-defined]
        with served() as (port, _), tempfile.TemporaryDirectory() as folder:
            begun = time.perf_counter()
            told = asyncio.run(crawl(port, Path(folder)))
            found.append((workers, 1000 * (time.perf_counter() - begun) / told["pages"]))
    return found


def _store(folder: str, *, sources: int) -> Store:
    store = Store(f"sqlite:///{folder}/a.db", Path(folder) / "archive")
    with store.begin() as work:
        work.sync_sources(Source(id=SourceId(f"s{n}"), name=f"S{n}", url=f"http://s{n}.test/") for n in range(sources))
    return store


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
    measures = {"pages": page_sizes, "sources": tick, "versions": recall}
    parser = argparse.ArgumentParser()
    parser.add_argument("what", nargs="*", choices=[*measures, []])
    parser.add_argument("--most", type=int, default=100_000)
    asked = parser.parse_args()
    for name, measure in measures.items():
        if name in asked.what or not asked.what:
            series = measure(asked.most)
            (HERE / f"{name}.svg").write_text(plot(series, title=(measure.__doc__ or name).split(",")[0].rstrip(".")))
            print(json.dumps({"what": name, "series": series, "exponent": round(exponent(series), 2)}))


if __name__ == "__main__":
    main()
