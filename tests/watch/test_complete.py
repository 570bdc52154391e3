"""What one look at a list says of the time since the one before: whole or not, by what it goes back to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scraper.discover.lead import Lead
from scraper.watch.complete import LATE, OVERFLOW
from storage.records.health import Span
from storage.records.source import Target, TargetKind
from storage.records.verdict import Recall
from tests.builders import DAY, HOUR, NOW, SITE, a_date, a_known_target, a_lead
from tests.watch.test_harvest import harvested, key_of

BEFORE = NOW - 2 * HOUR
FEED = a_known_target(f"{SITE}/feed", "feed", looked=None, changes=4, last_good=BEFORE, due=NOW)


def leads(*names: str) -> list[Lead]:
    """Leads by their names; a day may follow a name: "a:2026-03-01"."""
    parts = (name.partition(":") for name in names)
    return [a_lead(f"/news/{name}", published=a_date(day) if day else None) for name, _, day in parts]


def span(*shown: Lead, known: str = "", recent: str = "", before: Target = FEED, **recall: Any) -> Span | None:
    """What a look at a list of these says, of which those names are known, and some of them since the last look."""
    by_name = {lead.url.rpartition("/")[2]: key_of(lead) for lead in shown}
    keys = [frozenset(by_name[name] for name in names.split()) for names in (known, recent)]
    facts = {"last_good": BEFORE, "articles": 9, "known": keys[0] | keys[1], "recent": keys[1], **recall}
    return harvested(*shown, target=before, recall=Recall(**facts)).span


def whole(*shown: Lead, **facts: Any) -> bool:
    found = span(*shown, **facts)
    assert found is not None
    return found.whole


@pytest.mark.parametrize(
    ("shown", "known", "expected"),
    [
        ("n1 n2 o1", "o1", True),
        ("n1 n2 n3", "", False),
        ("pinned n1 n2 n3", "pinned", False),
        ("n1 o1 o2 odd", "o1 o2", True),
        ("o1:2026-02-01 n1:2026-02-27 n2:2026-02-28 n3:2026-03-02", "o1", True),
        ("pinned:2024-01-01 n1:2026-03-02 n2:2026-03-01 n3:2026-02-28", "pinned", True),
        ("pinned:2024-01-01 top:2025-01-01 n1:2026-03-02 n2:2026-03-02 n3:2026-03-02", "pinned top", False),
        ("n1:2026-03-02 n2:2026-01-05", "", True),
    ],
    ids=["it ends in what was known", "all of it is new", "an old one is pinned", "one is out of its order",
         "the oldest comes first", "its last is older than the look before", "pinned, with days", "new, but old"],
)  # fmt: skip
def test_a_list_is_whole_when_it_goes_back_to_what_was_known(shown: str, known: str, expected: bool):
    assert whole(*leads(*shown.split()), known=known) == expected


def test_what_another_way_brought_since_is_not_what_was_known():
    assert not whole(*leads("n1", "n2"), recent="n1 n2")


def test_it_speaks_for_another_way_whose_news_it_names():
    assert span(*leads("n1", "o1"), known="o1", recent="n1").shared  # type: ignore[union-attr]
    assert not span(*leads("n1", "o1"), known="o1").shared  # type: ignore[union-attr]


def test_a_map_of_a_site_has_no_order():
    site = replace(FEED, kind=TargetKind.SITEMAP, origin="given")
    assert whole(*leads("o1", "n1", "n2", "n3"), known="o1", before=site)
    assert not whole(*leads("n1", "n2"), before=site)


def test_a_first_look_and_a_list_that_never_named_anything_say_nothing():
    assert span(*leads("n1"), last_good=None) is None
    assert span(before=replace(FEED, changes=0)) is None


def test_before_anything_was_known_there_is_nothing_to_miss_in_a_look_in_its_time():
    assert whole(*leads("n1"), articles=0)
    assert not whole(*leads("n1"), articles=0, before=replace(FEED, due=NOW - DAY))


@pytest.mark.parametrize(
    ("before", "shown", "why"),
    [
        ({}, "n1 o1", ""),
        ({"due": NOW - DAY}, "n1 o1", LATE),
        ({"failures": 2, "trouble": "answered 503"}, "n1 o1", "answered 503"),
        ({}, "n1 n2", OVERFLOW),
        ({"failures": 2, "trouble": "answered 503"}, "n1 n2", f"answered 503; {OVERFLOW}"),
    ],
)
def test_it_says_what_kept_us_from_seeing(before: dict[str, Any], shown: str, why: str):
    known = "o1" if "o1" in shown else ""
    found = span(*leads(*shown.split()), known=known, before=replace(FEED, **before))
    assert found is not None
    assert found.why == why


def test_a_run_goes_on_while_looks_are_whole_and_begins_anew_when_one_is_not():
    since = NOW - 9 * DAY
    old = Recall(last_good=BEFORE, articles=9, known=frozenset(map(key_of, leads("o1"))))
    assert harvested(*leads("n1", "o1"), target=replace(FEED, run=since), recall=old).target.run == since
    assert harvested(*leads("n1", "n2"), target=replace(FEED, run=since), recall=old).target.run == NOW
