"""What is remembered between two looks at the health of all sources, and when it is asked anew."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy import insert

from scraper.watch.overview import Habits, overview
from storage.records.health import Health
from storage.sql.tables import changes, items, sources, targets
from storage.store import Store
from tests.builders import DAY, HOUR, NOW, a_source

SOURCE = a_source()


def enter(store: Store, table: object, **values: object) -> None:
    with store.begin() as work:
        work.connection.execute(insert(table).values(**values))  # type: ignore[arg-type]


def find(store: Store, seen: datetime, published: date) -> None:
    """An item that was found then and is of that day."""
    enter(store, items, source=SOURCE.id, first_seen=seen, last_seen=seen, published=published.isoformat())


@pytest.fixture
def silent(store: Store) -> Store:
    """A source that told of something each week until 60 days ago, and can be read."""
    enter(store, sources, id=SOURCE.id, name=SOURCE.name, url=SOURCE.url)
    enter(store, targets, source=SOURCE.id, kind="feed", url=SOURCE.url, identity="x", origin="given", due=NOW + HOUR,
          first_checked=NOW - 200 * DAY, last_checked=NOW, last_good=NOW, changes=9)  # fmt: skip
    for ago in range(60, 160, 7):
        find(store, NOW - ago * DAY, (NOW - ago * DAY).date())
    return store


def test_a_habit_is_read_again_when_its_source_has_a_newer_item_or_change(silent: Store) -> None:
    habits: Habits = {}

    def asked(now: datetime = NOW) -> Health:
        return overview(silent.catalogue(), (SOURCE,), now, habits=habits)[0]

    assert (asked().state, asked().since) == ("silent", (NOW - 60 * DAY).replace(hour=0))
    kept = habits[SOURCE.id]
    assert asked() == overview(silent.catalogue(), (SOURCE,), NOW)[0]
    assert habits[SOURCE.id] is kept
    find(silent, NOW - HOUR, (NOW - 40 * DAY).date())
    assert asked().since == (NOW - 40 * DAY).replace(hour=0)
    kept = habits[SOURCE.id]
    enter(silent, changes, item=1, source=SOURCE.id, kind="date_changed", at=NOW)
    asked()
    assert habits[SOURCE.id] is not kept
    kept = habits[SOURCE.id]
    asked(NOW + DAY)
    assert habits[SOURCE.id] is not kept  # the archive may have been read again


def test_entries_of_a_page_are_no_lists(silent: Store) -> None:
    enter(silent, targets, source=SOURCE.id, kind="entry", url=SOURCE.url, identity="x#1", due=NOW)
    assert [way.kind.value for way in silent.catalogue().ways()[SOURCE.id]] == ["feed"]
    assert [way.kind.value for way in silent.catalogue().targets(SOURCE.id, discovering=True)] == ["feed"]
