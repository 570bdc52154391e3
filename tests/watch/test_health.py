"""The health of a source: each state from its facts, each way from one state to another; what it says."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from scraper.fetch.message import Refused
from scraper.watch.complete import LATE, NETWORK, OVERFLOW, with_network
from scraper.watch.health import LOOKS, UNREACHED, Facts, habit_of, health_of, healths
from scraper.watch.remedy import NO_NAME, with_remedy
from storage.records.health import Gap, Health
from storage.records.source import Target
from storage.records.verdict import Brake
from tests.builders import DAY, HOUR, NOW, a_source, a_target

SITE = "https://www.cocir.org"
BAD = "answered 403; see whether a browser may read it"
GONE = "answered 404; see whether the address is still right"
CUT_OFF = f"no address for the host; {NO_NAME}"


def a_way(path: str = "/feed", **facts: Any) -> Target:
    """A feed that was read an hour ago, and is to be read again in an hour."""
    known = {"first_checked": NOW - 40 * DAY, "last_checked": NOW - HOUR, "last_good": NOW - HOUR, "due": NOW + HOUR}
    return a_target(f"{SITE}{path}", "feed", **{**known, "changes": 9, **facts})


def health(*ways: Target, **facts: Any) -> Health:
    source = facts.pop("source", a_source())
    return health_of(Facts(source=source, ways=ways or (a_way(),), **facts), NOW)


def finds(*days_ago: int) -> list[tuple[str | None, datetime]]:
    """What a source had so long ago, as memory tells it."""
    return [((NOW - ago * DAY).date().isoformat(), NOW - ago * DAY) for ago in days_ago]


WEEKLY = finds(*range(50, 150, 7))
FAILED = {"failures": LOOKS, "trouble": "answered 503; it is tried again by itself"}
STATES = {
    "healthy": ({}, {}),
    "late after one failure": ({"failures": 1, "trouble": BAD}, {}),
    "late when nobody looked": ({"due": NOW - HOUR}, {}),
    "late before the first look": ({"last_checked": None, "last_good": None, "due": NOW}, {}),
    "failing": (FAILED, {}),
    "failing after a day": ({"failures": 1, "trouble": "answered 503; x", "last_good": NOW - 2 * DAY}, {}),
    "blocked": ({"failures": LOOKS, "trouble": BAD}, {}),
    "blocked by robots": ({"failures": LOOKS, "trouble": "robots.txt forbids it; name another address"}, {}),
    "blocked by our guard": (
        {
            "failures": LOOKS,
            "trouble": with_remedy(Refused(url="", kind="guard", reason="a.test is at 10.0.0.1: private")),
        },
        {},
    ),
    "blocked by our rule for schemes": (
        {"failures": LOOKS, "trouble": with_remedy(Refused(url="", kind="scheme", reason="leads to file:///etc"))},
        {},
    ),
    "empty": ({"failures": LOOKS, "trouble": "names no item any more; open it in a browser"}, {}),
    "gone": ({"failures": LOOKS, "gone_checks": LOOKS, "trouble": GONE}, {}),
    "silent": ({}, {"habit": habit_of(WEEKLY)}),
    "failing rather than silent": (FAILED, {"habit": habit_of(WEEKLY)}),
    "failing while most of it changed": ({}, {"brake": Brake(since=NOW, why="9 of 9 items changed at once")}),
    "paused": ({}, {"source": a_source(enabled=False)}),
}


@pytest.mark.parametrize("name", STATES)
def test_a_state_follows_from_facts(name: str):
    way, facts = STATES[name]
    found = health(a_way(**way), **facts)
    assert found.state == name.split()[0]
    assert bool(found.reason) == (found.state != "healthy")


PEOPLE = ["failing", "blocked", "empty", "gone", "silent"]


@pytest.mark.parametrize("name", STATES)
def test_a_person_is_needed_beyond_the_threshold_only(name: str):
    way, facts = STATES[name]
    wanted = name.split()[0] in PEOPLE and "while" not in name
    assert health(a_way(**way), **facts).needs_person == wanted
    muted = facts | {"source": replace(facts.get("source", a_source()), muted=True)}
    assert not health(a_way(**way), **muted).needs_person


def test_a_daemon_that_does_not_run_for_days_needs_a_person():
    found = health(a_way(due=NOW - 2 * DAY))
    assert (found.state, found.needs_person, found.remedy) == ("late", True, "see whether the daemon runs")


def test_each_failure_and_each_success_leads_to_the_next_state():
    way, states = a_way(), []
    for failures in (0, 1, 2, 3, 9, 0):
        way = replace(way, failures=failures, trouble=BAD if failures else "")
        states.append(health(way).state)
    assert states == ["healthy", "late", "late", "blocked", "blocked", "healthy"]


def test_one_way_that_still_brings_items_is_no_trouble():
    assert health(a_way(**FAILED), a_way("/other")).state == "healthy"


def test_a_way_that_never_brought_anything_does_not_hide_that_the_others_fail():
    assert health(a_way(**FAILED), a_way("/sitemap.xml", changes=0)).state == "failing"


def test_the_reason_names_cause_and_remedy():
    found = health(a_way(failures=LOOKS, trouble=BAD))
    assert "answered 403" in found.reason
    assert (found.headline, found.remedy) == ("refuses us", "see whether a browser may read it")


def test_while_this_machine_is_cut_off_no_source_changes_its_health():
    sources = [a_source(name) for name in ("a", "b", "c")]
    ways = [a_way(failures=9, trouble=CUT_OFF)] * 2 + [a_way(failures=LOOKS, trouble=BAD)]
    known = [Facts(source=source, ways=(way,)) for source, way in zip(sources, ways, strict=True)]
    assert [each.state for each in healths(known, NOW)] == ["healthy", "healthy", "blocked"]
    alone = [known[0], *(Facts(source=source, ways=(a_way(),)) for source in sources[1:])]
    assert [each.state for each in healths(alone, NOW)] == ["failing", "healthy", "healthy"]


def test_a_host_that_is_left_alone_since_it_was_not_reached_was_not_reached():
    left = a_way("/news", failures=LOOKS, trouble="www.cocir.org:443 wants to be left alone until noon; x")
    known = [Facts(source=a_source(name), ways=(a_way(failures=9, trouble=CUT_OFF), left)) for name in ("a", "b")]
    assert [each.state for each in healths(known, NOW)] == ["healthy", "healthy"]
    alone = [replace(facts, ways=(left,)) for facts in known]
    assert [each.state for each in healths(alone, NOW)] == ["failing", "failing"]


# --- silence ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("came", "expected", "state"),
    [
        (WEEKLY, None, "silent"),
        (finds(*range(9, 109, 7)), None, "healthy"),
        (finds(*range(60, 2000, 180)), None, "healthy"),
        (finds(4), 3 * DAY, "silent"),
        (WEEKLY, 90 * DAY, "healthy"),
        (finds(200, 207, 214), None, "healthy"),
        ([("2031-01-01", NOW - 60 * DAY), *finds(*range(60, 160, 7))], None, "silent"),
    ],
    ids=["against its rhythm", "within it", "twice a year", "expect_every", "a patient expect_every", "few items",
         "a date in the future hides nothing"],
)  # fmt: skip
def test_silence_is_told_by_the_sources_own_rhythm(came: list[Any], expected: timedelta | None, state: str):
    assert health(habit=habit_of(came), source=a_source(expect_every=expected)).state == state


# --- completeness ----------------------------------------------------------------------------------------------------


def a_gap(since: datetime, until: datetime | None, **facts: Any) -> Gap:
    return Gap(**{"source": a_source().id, "since": since, "until": until, "why": OVERFLOW, **facts})


def test_without_a_gap_it_is_complete_since_its_first_look():
    found = health()
    assert (found.complete_since, found.gaps) == (NOW - 40 * DAY, ())


def test_it_is_complete_since_the_end_of_the_last_gap_that_is_open():
    gaps = (a_gap(NOW - 9 * DAY, NOW - 8 * DAY), a_gap(NOW - 5 * DAY, NOW - 4 * DAY, closed=NOW - 3 * DAY))
    found = health(gaps=gaps)
    assert found.complete_since == NOW - 8 * DAY
    assert (len(found.gaps), len(found.closed)) == (1, 1)


@pytest.mark.parametrize(
    ("way", "why"), [({"failures": 1, "trouble": BAD}, BAD), ({"due": NOW - HOUR}, LATE)], ids=["failing", "stopped"]
)
def test_a_gap_that_goes_on_ends_the_claim_at_the_last_good_look(way: dict[str, Any], why: str):
    found = health(a_way(**way))
    assert (found.complete_since, found.complete_until) == (None, NOW - HOUR)
    assert [(gap.since, gap.until, gap.why) for gap in found.gaps] == [(NOW - HOUR, None, why)]


def test_a_paused_source_claims_nothing():
    assert health(source=a_source(enabled=False)).complete_since is None


def test_an_address_of_the_configuration_must_be_seen_though_others_work():
    other = a_way("/reports", failures=2, trouble=BAD)
    assert health(a_way(), other).complete_since is None
    assert health(a_way(), replace(other, covered=True)).complete_since is not None
    assert health(a_way(), replace(other, origin="autodiscovery")).complete_since is not None


def test_an_article_that_is_refused_is_a_gap_of_its_time():
    article = a_target(looked=NOW - 5 * HOUR, last_checked=NOW - HOUR, failures=LOOKS, trouble="robots.txt forbids it")
    found = health(refused=(article,))
    assert found.complete_since == NOW - HOUR
    assert "robots.txt forbids it" in found.gaps[0].why


def test_a_source_that_was_never_read_claims_nothing():
    assert health(a_way(last_good=None, last_checked=None)).complete_since is None


def test_a_gap_of_most_sources_for_want_of_a_network_is_this_machines():
    gap = a_gap(NOW - 9 * HOUR, NOW - HOUR, why=CUT_OFF, closed=NOW)
    found = [health(gaps=(gap,)), health(gaps=(gap,)), health()]
    whys = [each.why for one in with_network(found, lambda gap: bool(UNREACHED.search(gap.why))) for each in one.closed]
    assert whys == [NETWORK, NETWORK]
