"""What memory makes of a new article beside 1,000 to 1,000,000 known ones: it is recalled, judged and kept whole.

The flow itself keeps a thousand articles of ten sources; SQLite then copies their rows, in SQL: first into ever more
sources, up to a thousand, then into the past. In every second source all articles share two of their sixteen keys, as
they do where the same words stand below each release; one copy in fifty keeps all, being a near duplicate. The full
text of a copy is cut to 40 words, so that a million fit on a small disk (4 GB).
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from benchmarks.growth.plot import Series
from benchmarks.looks import a_store, articles, copied, looks, settling
from scraper.watch.judge import Look
from storage.store import Store

KNOWN, SOURCES = 1_000, 1_000  # kept by the flow; and the most sources that copies are spread over
BATCH, BATCHES = 40, 4  # articles; before the night and after it
STRIDE = 3_000  # between the numbers of one copy and the next: what is measured in between takes some
SOURCE = "'s' || (k % 100 * 10 + substr({}, 2))"  # a hundred copies stand beside each other, each in ten sources
DAYS = "(k / 100 * 100)"  # and each hundred of them further back in the past
ID, ITEM, ENTRY = (f"{column} + k * {STRIDE}" for column in ("id", "item", "partnership"))
URL = "url || '?' || k"
COPIED = {  # table -> the columns in which a copy differs
    "items": {
        "id": ID, "source": SOURCE.format("source"), "url": URL, "title": "title || ' ' || k",
        "content": "content || k", "first_seen": f"first_seen - {DAYS} * 86400000000",
        "published": f"date(published, '-' || {DAYS} || ' days')",
    },
    "versions": {"item": ITEM, "content": "content || k", "text_hash": "text_hash || k"},
    "texts": {"id": ID, "item": ITEM},
    "fulltext": {"rowid": f"rowid + k * {STRIDE}", "title": "title || ' ' || k"},
    "targets": {
        "id": ID, "source": SOURCE.format("source"), "item": ITEM, "url": URL, "identity": "identity || '?' || k",
        "authority": SOURCE.format("source"),
    },
    "captures": {"id": ID, "source": SOURCE.format("source"), "url": URL},
    "changes": {"id": ID, "item": ITEM, "source": SOURCE.format("source"), "url": URL},
    "partnerships": {"id": ID},
    "parties": {"partnership": ENTRY, "key": "key || CASE WHEN k % 100 THEN k % 100 ELSE '' END"},  # or the same again
    "witnesses": {"id": ID, "partnership": ENTRY, "item": ITEM, "url": URL},
    "bands": {
        "item": ITEM,
        "band": f"CASE WHEN band < {2 * SOURCES} THEN band + k % 100 * 10 WHEN k % 50 THEN random() & 0x7ffffff "
        "ELSE band END",
    },
}  # fmt: skip


def recall_and_keep(folder: Path, most: int) -> dict[str, Series]:
    """Milliseconds of CPU an article beside so many known ones, before SQLite has statistics and with them."""
    file, copies = folder / "accordwatch.db", 1
    found: dict[str, list[tuple[float, float]]] = {"before the first night": [], "with statistics": []}
    store = a_store(folder, sources=SOURCES)
    known = _shared(looks(store, articles(sites=10, each=KNOWN // 10)))
    with settling(store) as settled:
        settled(known)
    store.close()
    _ready(file, folder / "known.db", known)
    for count in (size for size in (1_000, 10_000, 100_000, 1_000_000) if size <= most):
        begun = time.process_time()
        _copy(folder / "known.db", file, range(copies, count // KNOWN))
        copies, built = count // KNOWN, time.process_time() - begun
        costs = _costs(file, known, count)
        for series, cost in zip(found.values(), costs, strict=True):
            series.append((count, cost))
        told = {"versions": count, "ms of CPU": costs, "built in s of CPU": built, "MB": file.stat().st_size / 1e6}
        print(json.dumps(told), flush=True)
    return dict(found)


def _costs(file: Path, known: list[Look], count: int) -> tuple[float, float]:
    """Milliseconds an article, before a nightly tidy and after it, each the quickest of four batches. A tenth of the
    articles tells of a memorandum, another tenth is what another source has told before; teasers lead to known ones."""
    store = Store(f"sqlite:///{file}", file.parent / "archive")
    fresh = _shared(looks(store, articles(sites=10, each=2 * BATCHES * BATCH // 10, seed=count)))
    for number in (number for number in range(len(fresh)) if number % 80 in range(20, 28)):
        elsewhere = (int(fresh[number].target.source[1:]) + 1) % 10 * 100 + 10 * len(str(count))  # others at each size
        fresh[number] = copied(known[elsewhere + number % 80 - 20], fresh[number].target)
    costs = []
    with settling(store) as settled:
        for batch in range(2 * BATCHES):
            if batch == BATCHES:
                store.tidy()  # on a connection that knows what is asked, or it would make no statistics
            begun = time.process_time()
            reports = settled(fresh[batch :: 2 * BATCHES])
            costs.append(1000 * (time.process_time() - begun) / BATCH)
            assert all("new" in report.changes for report in reports)
    store.close()
    return min(costs[:BATCHES]), min(costs[BATCHES:])


def _shared(these: list[Look]) -> list[Look]:
    """In every second source each article has two keys that all of that source share."""
    found = []
    for look in these:
        number = int(look.target.source[1:])
        mark = look.reading.fingerprint  # type: ignore[union-attr]
        if number % 2:
            mark = replace(mark, bands=(*mark.bands[2:], number, SOURCES + number))
        found.append(replace(look, reading=replace(look.reading, fingerprint=mark)))  # type: ignore[type-var]
    return found


def _ready(file: Path, known: Path, these: list[Look]) -> None:
    """Give the articles the days they name, and keep a copy of the file with what their full text is made of."""
    with closing(sqlite3.connect(file)) as db, db:
        db.execute("UPDATE items SET first_seen = unixepoch(published) * 1000000")
    shutil.copy(file, known)
    with closing(sqlite3.connect(known)) as db, db:
        db.execute("DROP TABLE fulltext")
        db.execute("CREATE TABLE fulltext (rowid INTEGER PRIMARY KEY, title, body, about)")
        db.executemany(
            "INSERT INTO fulltext (title, body, about) VALUES (?, ?, '')",
            (
                (article.title, " ".join(article.text.split()[:40]))
                for article in (look.reading.article for look in these)  # type: ignore[union-attr]
            ),
        )


def _copy(known: Path, file: Path, copies: range) -> None:
    """So many copies of what the flow has kept, in one transaction, with the indexes as they are."""
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-1500000", "foreign_keys=OFF"):
            db.execute(f"PRAGMA {pragma}")
        db.execute(f"ATTACH '{known}' AS known")
        db.execute("CREATE TEMP TABLE copies (k INTEGER PRIMARY KEY)")
        db.execute("DROP TABLE IF EXISTS sqlite_stat1")
        db.execute("BEGIN")
        db.executemany("INSERT INTO copies VALUES (?)", ((k,) for k in copies))
        for table, differs in COPIED.items():
            own = [row[1] for row in db.execute(f"PRAGMA known.table_info({table})")]
            values = {**dict(zip(own, own, strict=True)), **differs}
            db.execute(
                f"INSERT OR IGNORE INTO {table} ({', '.join(values)}) SELECT {', '.join(values.values())} "
                f"FROM copies CROSS JOIN known.{table}"
            )
        db.execute("COMMIT")
