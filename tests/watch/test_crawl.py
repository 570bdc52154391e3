"""One manual crawl: what it seeds, and how it counts each article once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from scraper.watch.crawl import SourceTally, no_network, prepare, seed
from storage.records.source import SourceId, Target
from storage.records.verdict import CheckReport
from storage.store import Store
from tests.builders import DAY, HOUR, NOW, PAGE, SITE, a_source, a_target, a_verdict

COCIR = SourceId("cocir")


def tallied(*reports: CheckReport) -> SourceTally:
    tally = SourceTally(id=COCIR, name="COCIR")
    for report in reports:
        tally.add(report)
    return tally


def a_report(outcome: str = "read", *changes: str, **facts: Any) -> CheckReport:
    known = {"source": COCIR, "url": PAGE, "kind": "article", "outcome": outcome, "item": 7, "changes": changes}
    return CheckReport(**{**known, **facts})


def counted(tally: SourceTally) -> dict[str, int]:
    names = ("new", "changed", "unchanged", "moved", "withdrawn", "restored")
    return {name: getattr(tally, name) for name in names if getattr(tally, name)}


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ([], "unchanged"),
        (["new"], "new"),
        (["corrected", "retitled"], "changed"),
        (["edited"], "changed"),
        (["republished"], "changed"),
        (["date_changed"], "changed"),
        (["moved"], "moved"),
        (["moved", "edited"], "changed"),
        (["restored", "edited"], "restored"),
        (["withdrawn"], "withdrawn"),
        (["reverted"], "unchanged"),
    ],
)
def test_an_article_is_counted_in_one_place(changes: list[str], place: str) -> None:
    assert counted(tallied(a_report("read", *changes))) == {place: 1}


def test_an_article_looked_at_twice_is_counted_once_and_for_what_matters() -> None:
    first, second = a_report("same", url=f"{SITE}/2026/renewed"), a_report("moved", "moved")
    assert counted(tallied(first, second)) == {"moved": 1}
    assert counted(tallied(a_report("read", "new"), a_report("same"))) == {"new": 1}
    assert counted(tallied(a_report("read", "edited"), a_report("read", "moved"))) == {"changed": 1}
    assert counted(tallied(a_report(), a_report(item=8))) == {"unchanged": 2}


@pytest.mark.parametrize("outcome", ["failed", "refused", "trouble", "unfit", "unreached"])
def test_a_look_that_failed_is_trouble_and_counts_no_article(outcome: str) -> None:
    tally = tallied(a_report(outcome, trouble="answered 503"))
    assert (counted(tally), tally.trouble) == ({}, [f"{PAGE}: answered 503"])


def test_an_article_that_is_gone_and_not_believed_is_no_trouble() -> None:
    tally = tallied(a_report("gone", trouble="answered 404"))
    assert (counted(tally), tally.trouble) == ({}, [])


def test_a_source_is_well_when_one_of_its_lists_could_be_read() -> None:
    assert tallied(a_report("failed", kind="feed"), a_report(kind="listing")).ok
    assert tallied(a_report("not_modified", kind="listing")).ok
    assert not tallied(a_report("gone", kind="feed"), a_report()).ok


def test_no_network_is_when_no_host_answered_anybody() -> None:
    dead, alive = tallied(a_report("unreached", kind="listing")), tallied(a_report("failed", kind="listing"))
    assert no_network((dead, dead))
    assert not no_network((dead, alive))
    assert not no_network((tallied(),))


def test_hardly_any_host_of_many_is_no_network_either() -> None:
    dead, alive = tallied(a_report("unreached", kind="listing")), tallied(a_report("failed", kind="listing"))
    assert no_network((*[dead] * 5, alive))
    assert not no_network((*[dead] * 4, alive))
    assert not no_network((*[dead] * 8, alive, alive))


# --- what a crawl begins with ----------------------------------------------------------------------------------------


def prepared(store: Store, **facts: Any) -> dict[str, Target]:
    """The live lists of the source after a crawl began with this configuration."""
    source = a_source(**facts)
    with store.begin() as work:
        work.sync_sources((source,))
        prepare(work, (source,), now=NOW, recheck=False)
        return {target.url: target for target in work.targets_of(COCIR, discovering=True)}


def test_the_addresses_of_a_source_are_its_first_lists(store: Store) -> None:
    lists = prepared(store, discover=(f"{SITE}/feed",))
    assert {target.due for target in lists.values()} == {NOW}
    assert sorted(lists) == [f"{SITE}/feed", f"{SITE}/news"]
    assert prepared(store, discover=(f"{SITE}/feed",)) == lists


def test_an_address_that_left_the_configuration_is_no_longer_looked_at(store: Store) -> None:
    prepared(store)
    assert list(prepared(store, url=f"{SITE}/press")) == [f"{SITE}/press"]


def test_an_address_that_came_back_is_looked_at_again_with_a_baseline_of_its_own(store: Store) -> None:
    (first,) = prepared(store).values()
    with store.begin() as work:
        work.keep(a_verdict(Target(**{n: getattr(first, n) for n in Target.__dataclass_fields__} | {
            "last_good": NOW - DAY, "last_checked": NOW - DAY, "etag": '"1"', "body_hash": "ab"})))  # fmt: skip
    prepared(store, url=f"{SITE}/press")
    (again,) = prepared(store).values()
    assert (again.id, again.url, again.last_good, again.etag, again.body_hash) == (first.id, first.url, None, "", "")


def test_a_list_found_by_itself_stays_when_the_address_changes(store: Store) -> None:
    prepared(store)
    with store.begin() as work:
        work.add_targets((a_target(f"{SITE}/feed", "feed", origin="autodiscovery"),))
    assert sorted(prepared(store, url=f"{SITE}/press")) == [f"{SITE}/feed", f"{SITE}/press"]


def test_an_address_once_taken_for_an_article_is_a_list_when_it_is_given(store: Store) -> None:
    with store.begin() as work:
        work.sync_sources((a_source(),))
        work.add_targets((a_target(f"{SITE}/press", last_checked=NOW - DAY),))
    assert f"{SITE}/press" in prepared(store, discover=(f"{SITE}/press",))


def test_another_every_holds_from_now_on_and_the_same_changes_nothing(store: Store) -> None:
    source = a_source(every="12h")
    way = a_target(source.url, "listing", last_good=NOW - 5 * HOUR, last_checked=NOW - 5 * HOUR, due=NOW + 7 * HOUR)

    def due(every: str) -> timedelta:
        with store.begin() as work:
            seed(work, (replace(source, every=every),), NOW)
            (found,) = work.targets_of(source.id, discovering=True)
            return found.due - NOW

    with store.begin() as work:
        work.sync_sources((source,))
        work.add_targets([way])
        work.swap_every(source)
    assert due("12h") == 7 * HOUR
    assert due("1h") == timedelta()
    assert 18 * HOUR < due("1d") < 20.5 * HOUR
