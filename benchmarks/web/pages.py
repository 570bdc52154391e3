"""Pages and API at 100,000 items with 300,000 versions: a database built from a seed, each address asked in turn.

    python benchmarks/web/pages.py [--items 100000] [--keep FOLDER]

Rows are written in bulk by SQL, and the texts are 2,000 different ones told again and again, so that building takes
well under two minutes; what is measured goes through the dashboard as it is served.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from scraper.config import load
from scraper.detect.ledger import party_keys
from storage.records.article import Article, Block
from storage.records.partnership import PartnershipEvent, Party
from storage.sql import rows, search
from storage.sql.engine import open_engine
from storage.sql.tables import metadata
from storage.sql.terms import parts
from tests.web.harness import Loop, served

SOURCES, TEXTS, VERSIONS, WORDS = 100, 2_000, 3, 150
VOCABULARY, OFTEN = [f"w{n}" for n in range(20_000)], [1 / (n + 2) for n in range(20_000)]
BEGAN, STEP = 1_700_000_000_000_000, 300_000_000  # the first item's moment and the time between two, in microseconds
PATHS = (
    "/", "/items", "/items?kind=withdrawn", "/items?source=s7", "/items?party=Body+5", "/items/99990",
    "/items/50000/diff", "/partnerships", "/partnerships?view=network", "/partnerships?view=timeline",
    "/organisations", "/organisations/Body+5", "/sources", "/sources/s7", "/alerts", "/search?q=w12+w40",
    "/search?q=w0", "/search?q=%22w0+w1%22", "/search?q=w0+source:s7", "/search?q=w3000*",
    "/api/items", "/api/items?limit=500", "/api/items?source=s7&kind=withdrawn", "/api/items?party=Body+5",
    "/api/items?since=2024-01-01&until=2024-01-02", "/api/changes", "/api/changes?kind=withdrawn",
    "/api/changes?source=s7", "/api/changes?party=Body+5", "/api/partnerships", "/api/partnerships?party=Body+5",
    "/api/partnerships?kind=mou", "/api/alerts", "/api/alerts?kind=failed", "/api/sources", "/api/status",
    "/api/search?q=w12+w40", "/feeds/news.atom", "/feeds/changes.atom?source=s7", "/feeds/partnerships.json",
)  # fmt: skip


def build(folder: Path, items: int) -> None:
    """The database and its configuration."""
    sources = "".join(f'[[sources]]\nid = "s{n}"\nurl = "https://s{n}.test/news"\n' for n in range(SOURCES))
    (folder / "config.toml").write_text(sources)
    file, chance = folder / "accordwatch.db", random.Random(1)
    open_engine(f"sqlite:///{file}").dispose()
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA synchronous=OFF")
    articles = [_article(chance) for _ in range(TEXTS)]
    packed = [rows.article_row(each) for each in articles]
    told = [tuple(search._joined(part) for part in parts(each)) for each in articles]
    many(connection, "sources", ((f"s{n}", f"Source {n}", "", "", True, "") for n in range(SOURCES)),
         "id name url organisation active every")  # fmt: skip
    many(connection, "items", (_item(n) for n in range(1, items + 1)),
         "id source url title state first_seen last_seen versions published content story")  # fmt: skip
    versions = [(n, v) for v in range(1, VERSIONS + 1) for n in range(1, items + 1)]
    many(connection, "versions", ((n, v, BEGAN + STEP * n + v, "c", "t", WORDS, "", 1, packed[(n + v) % TEXTS])
         for n, v in versions), "item version seen content text_hash words raw extractor article")  # fmt: skip
    many(connection, "texts", ((key, n, v) for key, (n, v) in enumerate(versions, 1)), "id item version")
    many(connection, "fulltext", ((key, *told[(n + v) % TEXTS]) for key, (n, v) in enumerate(versions, 1)),
         "rowid title body about")  # fmt: skip
    many(connection, "changes", ((n, f"s{n % SOURCES}", f"https://s.test/{n}", _kind(n, v), "major", '["words"]',
         BEGAN + STEP * n + v, v) for n, v in versions),
         "item source url kind significance because at new_version")  # fmt: skip
    many(connection, "targets", (_target(n, f"s{n % SOURCES}", "article") for n in range(1, items + 1)), _TARGET)
    many(connection, "targets", (_target(items + 1 + n, f"s{n}", "feed") for n in range(SOURCES)), _TARGET)
    _ledger(connection, items // 20)
    many(connection, "outbox", (_alert(n) for n in range(1, items // 5)),
         "key channel recipient rule kind mode subject item source created due state message_id because")  # fmt: skip
    connection.execute("ANALYZE")
    connection.commit()
    connection.close()


def many(connection: sqlite3.Connection, table: str, values: Any, columns: str) -> None:
    """Rows in bulk; columns that are not named get the default of the table."""
    names, known = columns.split(), metadata.tables.get(table)
    rest = [column for column in (known.c if known is not None else ()) if column.default and column.name not in names]
    fixed = tuple(column.default.arg for column in rest)
    into = ", ".join([*names, *(column.name for column in rest)])
    marks = ", ".join("?" * (len(names) + len(rest)))
    with connection:
        connection.executemany(f"INSERT INTO {table} ({into}) VALUES ({marks})", (row + fixed for row in values))


def _article(chance: random.Random) -> Article:
    """Words as often as in English: the commonest is every twentieth (Zipf's law)."""
    words = chance.choices(VOCABULARY, OFTEN, k=WORDS)
    return Article(title=" ".join(words[:8]), blocks=(Block(kind="paragraph", text=" ".join(words)),))


def _item(n: int) -> tuple[Any, ...]:
    state = "withdrawn" if n % 997 == 0 else "present"
    at = BEGAN + STEP * n
    return (n, f"s{n % SOURCES}", f"https://s.test/{n}", f"Item {n}", state, at, at, VERSIONS, "2024-01-01", f"{n:x}",
            n - 1 if n % 10 == 0 else None)  # fmt: skip


def _kind(n: int, version: int) -> str:
    return "new" if version == 1 else "edited" if n % 997 else "withdrawn"


_TARGET = "source kind url identity authority origin due item last_good looked"


def _target(n: int, source: str, kind: str) -> tuple[Any, ...]:
    at = BEGAN + STEP * n
    own = n if kind == "article" else None
    return (source, kind, f"https://{source}.test/{n}", f"{n}", f"{source}.test:443", "given", at, own, at, at)


def _ledger(connection: sqlite3.Connection, entries: int) -> None:
    def event(n: int) -> PartnershipEvent:
        both = (Party(name=f"Body {n % 400}"), Party(name=f"Body {n % 401 + 1}"))
        return PartnershipEvent(parties=both, instrument="mou" if n % 3 else "alliance", action="signed", score=0.9)

    many(connection, "partnerships", ((n, "open", BEGAN + STEP * 20 * n, rows.event_row(event(n)), "[]")
         for n in range(1, entries)), "id status first_seen event history")  # fmt: skip
    keys = ((key, n) for n in range(1, entries) for key in dict.fromkeys(party_keys(event(n))))
    many(connection, "parties", keys, "key partnership")
    many(connection, "witnesses", ((n, 20 * n, f"s{n % SOURCES}", f"https://s.test/{n}", BEGAN, "")
         for n in range(1, entries)), "partnership item source url first_seen told")  # fmt: skip


def _alert(n: int) -> tuple[Any, ...]:
    state, at = ("failed" if n % 500 == 0 else "sent"), BEGAN + STEP * n
    return (f"k{n}", "email", "a@b.eu", "all", "new", "at once", f"Alert {n}", n, "s1", at, at, state, f"<{n}@b>", "[]")


def measure(folder: Path, tries: int) -> None:
    """CPU of this process, server and asker together, says what a page costs however busy the machine is."""
    loop = Loop()
    with served(loop, load(folder / "config.toml", environ={})) as dashboard:
        print("| address | CPU ms | ms | kB |\n|---|---|---|---|")
        for path in PATHS:
            answer = dashboard.ask(path)  # the first fills caches
            walls, works = [time.perf_counter()], [time.process_time()]
            for _ in range(tries):
                answer = dashboard.ask(path)
                walls.append(time.perf_counter())
                works.append(time.process_time())
            wall, work = (1000 * median(b - a for a, b in pairwise(each)) for each in (walls, works))
            status = "" if answer.status == 200 else f" ({answer.status})"
            print(f"| `{path}`{status} | {work:.1f} | {wall:.1f} | {len(answer.text) / 1000:.0f} |", flush=True)
    loop.close()


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--items", type=int, default=100_000)
    given.add_argument("--tries", type=int, default=9)
    given.add_argument("--keep", type=Path, help="a folder to build in, or to measure again")
    asked = given.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "accordwatch.db").exists():
            began = time.perf_counter()
            build(folder, asked.items)
            size = (folder / "accordwatch.db").stat().st_size / 1e6
            print(f"{asked.items} items built in {time.perf_counter() - began:.0f} s, {size:.0f} MB\n")
        measure(folder, asked.tries)


if __name__ == "__main__":
    main()
