"""Questions people ask: each filter, each way to name an item, and how many pages tell a story."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event

from storage.records.alert import Reason
from storage.records.change import ChangeKind
from storage.records.observation import ItemState
from storage.records.source import ItemId, SourceId
from storage.store import Catalogue, Filter, Store
from tests.builders import (
    DAY,
    NOW,
    PAGE,
    SITE,
    a_change,
    a_finding,
    a_known_target,
    a_move,
    a_source,
    a_target,
    a_verdict,
    an_alert,
)

ESR = "https://www.myesr.org/renewed"
FIRST, TWIN, LAST = ItemId(1), ItemId(2), ItemId(3)


@pytest.fixture
def asked(store: Store) -> Catalogue:
    """Three items: the first on day 0, its twin in another source a day later, the withdrawn one on day 2."""
    with store.begin() as work:
        work.sync_sources((a_source(), a_source("esr")))
        first = {"reasons": (a_reason("r1"), a_reason("r2")), "alerts": (an_alert("1", source="cocir"),)}
        keep(work, PAGE, ledger=(a_move("COCIR", "HIMSS"),), **first)
        keep(work, ESR, "esr", at=NOW + DAY, story=FIRST, ledger=(a_move("ESR", "DICOM", first_seen=NOW + DAY),))
        more = {"state": ItemState.WITHDRAWN, "alerts": (an_alert("2", kind="withdrawn", created=NOW + 2 * DAY),)}
        keep(
            work, f"{SITE}/last", at=NOW + 2 * DAY, changes=(a_change(ChangeKind.WITHDRAWN, at=NOW + 2 * DAY),), **more
        )
    return store.catalogue()


def keep(work: Any, url: str, source: str = "cocir", **facts: Any) -> None:
    work.add_targets((a_target(url, source=SourceId(source)),))
    (target,) = (t for t in work.targets_of(SourceId(source)) if t.url == url)
    told = {"changes": (a_change(url=url, source=SourceId(source), at=facts.get("at", NOW), new_version=1),), **facts}
    work.keep(a_finding(target, **told))


def a_reason(rule: str) -> Reason:
    return Reason(rule=rule, version="a1", matched=False, reason="no party is ESR", sentence="")


@pytest.mark.parametrize(
    ("wanted", "items"),
    [
        ({}, [LAST, TWIN, FIRST]),
        ({"source": "cocir"}, [LAST, FIRST]),
        ({"source": "nobody"}, []),
        ({"since": NOW + DAY}, [LAST, TWIN]),
        ({"until": NOW + DAY}, [FIRST]),
        ({"since": NOW + DAY, "until": NOW + 2 * DAY}, [TWIN]),
        ({"limit": 2}, [LAST, TWIN]),
        ({"limit": 1, "source": "esr"}, [TWIN]),
        ({"kind": "withdrawn"}, [LAST]),
    ],
)
def test_items_are_filtered_and_the_newest_come_first(
    asked: Catalogue, wanted: dict[str, Any], items: list[int]
) -> None:
    assert [row.item.id for row in asked.items(Filter(**wanted))] == items


@pytest.mark.parametrize(
    ("wanted", "kinds"),
    [
        ({}, ["withdrawn", "new", "new"]),
        ({"source": "esr"}, ["new"]),
        ({"kind": "withdrawn"}, ["withdrawn"]),
        ({"since": NOW + DAY, "limit": 1}, ["withdrawn"]),
        ({"until": NOW + DAY}, ["new"]),
    ],
)
def test_changes_are_filtered(asked: Catalogue, wanted: dict[str, Any], kinds: list[str]) -> None:
    assert [change.kind for change in asked.changes(Filter(**wanted))] == kinds


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, [2, 1]),
        ({"party": ("himss.org",)}, [1]),
        ({"party": ("himss.org", "esr.org")}, [2, 1]),
        ({"party": ("nobody",)}, []),
        ({"since": NOW + DAY}, [2]),
        ({"limit": 1}, [2]),
    ],
)
def test_partnerships_are_filtered(asked: Catalogue, wanted: dict[str, Any], found: list[int]) -> None:
    assert [entry.id for entry in asked.partnerships(Filter(**wanted))] == found


def test_the_partnerships_of_a_source_are_those_it_is_a_witness_of(asked: Catalogue) -> None:
    assert [entry.id for entry in asked.partnerships(Filter(source="cocir"))] == [2, 1]  # both moves name its page
    assert asked.partnerships(Filter(source="esr")) == ()


def test_the_partnerships_of_an_item(asked: Catalogue) -> None:
    assert [entry.id for entry in asked.partnerships(Filter(), item=FIRST)] == [1]
    assert asked.partnerships(Filter(), item=LAST) == ()


def test_an_unknown_partnership_is_none(asked: Catalogue) -> None:
    assert asked.partnership(99) is None


@pytest.mark.parametrize(
    ("wanted", "keys"),
    [
        ({}, ["2", "1"]),
        ({"source": "cocir"}, ["1"]),
        ({"kind": "withdrawn"}, ["2"]),
        ({"kind": "waiting"}, ["2", "1"]),
        ({"since": NOW + DAY}, ["2"]),
        ({"limit": 1}, ["2"]),
    ],
)
def test_alerts_are_filtered_by_what_they_tell_or_where_they_stand(
    asked: Catalogue, wanted: dict[str, Any], keys: list[str]
) -> None:
    assert [row.alert.key for row in asked.deliveries(Filter(**wanted))] == keys


@pytest.mark.parametrize("name", ["1", PAGE])
def test_an_item_is_found_by_its_id_and_by_its_address(asked: Catalogue, name: str) -> None:
    item = asked.find_item(name)
    assert item is not None
    assert item.id == FIRST


def test_an_item_is_found_by_a_twin_of_its_address(asked: Catalogue) -> None:
    other = PAGE.replace("https", "http") + "/"
    assert asked.find_item(other) is None
    item = asked.find_item(other, identity=a_target().identity)
    assert item is not None
    assert item.id == FIRST


@pytest.mark.parametrize("name", ["99", "", "99999999999999999999999", "²", "١", "-1", f"{SITE}/unknown", "nul\0"])
def test_what_names_no_item_finds_none(asked: Catalogue, name: str) -> None:
    assert asked.find_item(name) is None


def test_a_story_is_its_first_page_and_all_that_tell_it_again(asked: Catalogue) -> None:
    for key in (FIRST, TWIN):
        item = asked.find_item(str(key))
        assert item is not None
        assert [each.id for each in asked.story(item)] == [FIRST, TWIN]
    last = asked.find_item(str(LAST))
    assert last is not None
    assert [each.id for each in asked.story(last)] == [LAST]


def test_every_item_says_how_many_pages_tell_its_story(asked: Catalogue) -> None:
    assert {row.item.id: row.witnesses for row in asked.items(Filter())} == {FIRST: 2, TWIN: 2, LAST: 1}


def test_the_reasons_of_an_item_come_newest_first(asked: Catalogue) -> None:
    assert [reason.rule for reason in asked.reasons(FIRST)] == ["r2", "r1"]
    assert asked.reasons(TWIN) == ()


def test_totals_count_what_there_is(asked: Catalogue) -> None:
    totals = asked.totals()
    assert (totals.sources, totals.items, totals.changes, totals.partnerships, totals.waiting, totals.failed) == (
        2, 3, 3, 2, 2, 0,
    )  # fmt: skip


def test_lists_and_articles_are_told_apart(asked: Catalogue, store: Store) -> None:
    with store.begin() as work:
        work.add_targets((a_target(f"{SITE}/feed", "feed"), a_target(f"{SITE}/old", "feed", retired=True)))
    assert [t.url for t in asked.targets(SourceId("cocir"), discovering=True)] == [f"{SITE}/feed"]
    assert len(asked.targets(SourceId("cocir"), discovering=False)) == 2


def test_a_healthy_database_says_ok(asked: Catalogue) -> None:
    assert asked.integrity() == "ok"


def test_counting_the_pages_of_each_story_does_not_read_all_items_for_each(asked: Catalogue, store: Store) -> None:
    """Ten thousand items took 13 s so, in place of 0.25; the plan is looked at, as a stop watch would lie."""
    if not store.url.startswith("sqlite"):
        pytest.skip("SQLite tells its plan in words")
    asked_for: list[tuple[str, Any]] = []
    event.listen(store._engine, "before_cursor_execute", lambda *call: asked_for.append((call[2], call[3])))
    asked.items(Filter())
    statement, values = asked_for[-1]
    with store._engine.connect() as connection:
        plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all())
    assert "CORRELATED" not in plan


def test_a_quiet_verdict_leaves_no_trace_in_the_lists(asked: Catalogue, store: Store) -> None:
    before = asked.totals()
    with store.begin() as work:
        work.keep(a_verdict(a_known_target(id=1, item=FIRST), seen=True))
    assert asked.totals() == before


def test_history_that_has_moved_to_an_address_found_since_is_no_news(store: Store) -> None:
    with store.begin() as work:
        work.sync_sources((a_source(),))
        work.add_targets((a_target(PAGE), a_target(f"{SITE}/moved", looked=NOW)))
        before, moved = sorted(work.targets_of(SourceId("cocir")), key=lambda each: each.url != PAGE)
        found = a_finding(before, changes=(a_change(url=PAGE, at=NOW, new_version=1),))
        item = work.keep(replace(found, target=replace(found.target, first_checked=NOW))).item
        work.keep_target(replace(moved, item=item))
    assert [each.history for each in store.catalogue().happened(Filter())] == [True]
