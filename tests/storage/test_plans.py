"""How SQLite would answer what pages ask most: by an index, never by reading a whole table. A stop watch would lie."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from storage.records.source import ItemId, SourceId
from storage.store import Catalogue, Filter, Place, Store, question
from tests.builders import NOW

AFTER = Place(at=NOW, id=7)
HOT: dict[str, Callable[[Catalogue], object]] = {
    "items": lambda c: c.items(Filter(limit=50)),
    "items, a later page": lambda c: c.items(Filter(limit=50, after=AFTER)),
    "items of a source": lambda c: c.items(Filter(source="s1", limit=50, after=AFTER)),
    "items in a state": lambda c: c.items(Filter(kind="withdrawn", limit=50)),
    "items of a time": lambda c: c.items(Filter(since=NOW, until=NOW, limit=50)),
    "items of a party": lambda c: c.items(Filter(party=("x",), limit=50)),
    "changes": lambda c: c.changes(Filter(limit=50, after=AFTER)),
    "changes of a source": lambda c: c.changes(Filter(source="s1", limit=50)),
    "changes of a kind": lambda c: c.changes(Filter(kind="withdrawn", limit=50)),
    "changes of an item": lambda c: c.changes(Filter(), item=ItemId(1)),
    "what happened since": lambda c: c.happened(Filter(since=NOW, limit=50)),
    "partnerships": lambda c: c.partnerships(Filter(limit=50, after=AFTER)),
    "partnerships of a party": lambda c: c.partnerships(Filter(party=("x",), limit=50)),
    "partnerships of an item": lambda c: c.partnerships(Filter(), item=ItemId(1)),
    "alerts": lambda c: c.deliveries(Filter(limit=50, after=AFTER)),
    "how sources stand": lambda c: c.standing([SourceId("s1")]),
    "one item": lambda c: c.find_item("1"),
    "an item by address": lambda c: c.find_item("https://s1.test/1"),
    "whether an item is missing": lambda c: c.missing(ItemId(1)),
    "some versions": lambda c: c.articles([(ItemId(1), 1), (ItemId(2), 2)]),
    "versions": lambda c: c.versions(ItemId(1)),
    "reasons": lambda c: c.reasons(ItemId(1)),
    "lists of all sources": lambda c: c.ways(),
    "articles that nobody could read": lambda c: c.refused(3),
    "the newest of each source": lambda c: c.newest(),
    "who was heard of": lambda c: c.heard_since(NOW),
    "search": lambda c: c.search(question("a b"), Filter(limit=20)),
    "search in a source": lambda c: c.search(question("a b"), Filter(source="s1", limit=20)),
}
LARGE = {"items": 100_000, "versions": 300_000, "changes": 300_000, "targets": 100_000, "outbox": 20_000,
         "partnerships": 5_000, "parties": 10_000, "witnesses": 5_000}  # fmt: skip
ROW_BY_ROW = ("what happened since", "the newest of each source", "whether an item is missing")  # of few rows each
WHOLE = re.compile(r"SCAN (?!\()\w+$")  # with nothing behind it: neither an index nor a virtual table


@pytest.fixture(scope="module")
def store(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A database that believes itself large: its statistics say so, which is all that the planner looks at."""
    folder = tmp_path_factory.mktemp("large")
    shutil.copy(template, folder / "a.db")
    made = Store(f"sqlite:///{folder}/a.db", folder / "archive")
    with made.begin() as work:
        work.connection.execute(text("ANALYZE"))
        for table, rows in LARGE.items():
            names = work.connection.execute(text("SELECT name FROM pragma_index_list(:t)"), {"t": table}).scalars()
            for name in names:
                row = {"t": table, "i": name, "s": f"{rows} 20 2"}
                work.connection.execute(text("INSERT INTO sqlite_stat1 VALUES (:t, :i, :s)"), row)
    made.close()
    return Store(f"sqlite:///{folder}/a.db", folder / "archive")


@pytest.mark.parametrize("asked", HOT)
def test_no_page_reads_a_whole_table(store: Store, asked: str) -> None:
    told: list[tuple[str, Any]] = []

    def listen(*call: Any) -> None:
        told.append((call[2], call[3]))

    event.listen(store._engine, "before_cursor_execute", listen)
    HOT[asked](store.catalogue())
    event.remove(store._engine, "before_cursor_execute", listen)
    assert told
    with store._engine.connect() as connection:
        for statement, values in told:
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
            assert not [step for step in plan if WHOLE.search(step)], (statement, plan)
            assert not [step for step in plan if "CORRELATED" in step and asked not in ROW_BY_ROW]
