"""When to look again: never in the past, sooner for what is young or changes, and as the server wishes, in reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.watch.due import LONGEST, PATIENCE, duration, next_look, next_try, rhythm
from scraper.watch.rhythm import SPREAD
from storage.records.article import DateFact
from storage.records.source import Target
from tests.builders import DAY, HOUR, NOW, SITE, a_date, a_known_target, a_source

FEED = a_known_target(f"{SITE}/feed", "feed")
TARGETS = st.builds(
    a_known_target, kind=st.sampled_from(["article", "feed", "listing"]), checks=st.integers(0, 10**6),
    changes=st.integers(0, 10**6), failures=st.integers(0, 10**6),
    published=st.sampled_from([None, a_date("1970"), a_date("2026-02"), a_date("2126-01-01")]),
    looked=st.none() | st.just(NOW - DAY),
)  # fmt: skip
EVERY = st.sampled_from(["2h", "30s", "adaptive", "0 7 * * mon-fri", "90d"])
WISHES = st.none() | st.timedeltas(timedelta(days=-20_000), timedelta(days=2_000_000)).map(NOW.__add__)


@settings(deadline=None, max_examples=200)
@given(target=TARGETS, every=EVERY, recheck=st.sampled_from(["adaptive", "1d", "6h"]), wish=WISHES)
def test_due_is_never_in_the_past_and_never_beyond_patience(
    target: Target, every: str, recheck: str, wish: datetime | None
) -> None:
    source = a_source(every=every)
    for due in (
        next_look(target, source, recheck=recheck, now=NOW, wish=wish),
        next_try(target, source, now=NOW, wish=wish),
    ):
        assert NOW < due <= NOW + max(LONGEST, PATIENCE, 1.05 * rhythm(every), DAY)


@pytest.mark.parametrize("due", [next_try, lambda *a, **k: next_look(*a, recheck="adaptive", **k)])
def test_a_servers_wish_is_heard_up_to_a_week(due) -> None:
    source = a_source(every="2h")
    later = NOW + 3 * DAY
    assert due(FEED, source, now=NOW, wish=later) == later
    assert due(FEED, source, now=NOW, wish=NOW + timedelta(days=3650)) == NOW + PATIENCE
    assert due(FEED, source, now=NOW, wish=NOW - DAY) == due(FEED, source, now=NOW)


def test_a_list_is_looked_at_as_its_source_says() -> None:
    due = next_look(FEED, a_source(every="30m"), recheck="1d", now=NOW)
    assert abs(due - NOW - timedelta(minutes=30)) <= timedelta(minutes=30) * SPREAD / 2


def test_an_article_is_looked_at_as_recheck_says() -> None:
    assert next_look(a_known_target(), a_source(every="30m"), recheck="1d", now=NOW) == NOW + DAY


def test_young_articles_are_looked_at_sooner_than_old_ones() -> None:
    ages = ("2026-03-02", "2026-02-01", "2025-06-01")
    waits = [next_look(a_known_target(published=a_date(day)), a_source(), recheck="adaptive", now=NOW) for day in ages]
    assert waits == sorted(waits)
    assert waits[0] < waits[-1]


def test_an_article_that_changes_is_looked_at_sooner_than_a_calm_one() -> None:
    calm, lively = (
        next_look(a_known_target(checks=40, changes=n), a_source(), recheck="adaptive", now=NOW) for n in (0, 8)
    )
    assert lively < calm


def test_after_the_third_failure_each_waits_twice_as_long_up_to_six_hours() -> None:
    waits = [next_try(a_known_target(failures=n), a_source(), now=NOW) - NOW for n in range(1, 9)]
    assert waits[0] <= 2 * HOUR
    assert waits[0] == waits[1]
    assert all(later in (2 * sooner, 6 * HOUR) for sooner, later in pairwise(waits[1:]))
    assert waits[-1] == 6 * HOUR


def test_what_never_reached_a_host_is_tried_in_the_usual_rhythm() -> None:
    looks = [next_try(replace(FEED, failures=n), a_source(every="2h"), now=NOW, unreached=True) for n in (1, 5, 9)]
    assert set(looks) == {NOW + 2 * HOUR}


def test_a_source_watched_once_a_week_is_not_tried_daily() -> None:
    assert next_try(FEED, a_source(every="7d"), now=NOW) == NOW + timedelta(days=7)


@pytest.mark.parametrize(
    ("text", "value"),
    [("30s", timedelta(seconds=30)), ("15m", timedelta(minutes=15)), (" 2h ", 2 * HOUR), ("1d", DAY), ("2 h", None),
     ("adaptive", None), ("5 parsecs", None), ("", None)],
)  # fmt: skip
def test_durations(text: str, value: timedelta | None) -> None:
    assert duration(text) == value


def test_a_day_that_no_calendar_has_is_no_reason_to_stop() -> None:
    odd = DateFact(value="2026-02-31", precision="day", origin="text")
    assert next_look(a_known_target(published=odd), a_source(), recheck="adaptive", now=NOW) > NOW
