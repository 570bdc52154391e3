from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from scraper.watch.rhythm import FIRST, LEAST, MOST, SPREAD, learned, next_turn

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def turn(every: str, now: datetime = NOW, *, timezone: str = "UTC", key: str = "a") -> datetime:
    return next_turn(every, timezone=timezone, now=now, rate=None, key=key)


def test_a_duration_is_kept_within_its_spread() -> None:
    assert abs(turn("2h") - NOW - timedelta(hours=2)) <= timedelta(hours=2) * SPREAD / 2


def test_what_fell_due_together_drifts_apart() -> None:
    dues = sorted(turn("2h", key=f"source {n}") for n in range(1000))
    assert dues[-1] - dues[0] > timedelta(minutes=11)
    assert max(b - a for a, b in pairwise(dues)) < timedelta(minutes=1)


def test_weekdays_are_numbered_as_in_crontab() -> None:
    assert turn("0 7 * * 1-5", datetime(2026, 3, 6, 12, tzinfo=UTC)) == datetime(2026, 3, 9, 7, tzinfo=UTC)
    assert turn("0 7 * * 0") == turn("0 7 * * 7") == turn("0 7 * * sun") == datetime(2026, 3, 8, 7, tzinfo=UTC)


def test_a_cron_line_counts_in_the_zone_of_its_source() -> None:
    assert turn("0 7 * * *", timezone="America/New_York") == datetime(2026, 3, 3, 12, tzinfo=UTC)


def test_a_local_time_that_occurs_twice_runs_once() -> None:
    first = turn("30 2 * * *", datetime(2026, 10, 24, 12, tzinfo=UTC), timezone="Europe/Brussels")
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert turn("30 2 * * *", first, timezone="Europe/Brussels") == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_a_local_time_that_is_skipped_runs_at_the_first_minute_there_is() -> None:
    due = turn("30 2 * * *", datetime(2026, 3, 28, 12, tzinfo=UTC), timezone="Europe/Brussels")
    assert due == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert turn("30 2 * * *", due, timezone="Europe/Brussels") == datetime(2026, 3, 30, 0, 30, tzinfo=UTC)


def test_without_a_history_it_looks_every_two_hours() -> None:
    assert learned(None) == FIRST


def test_a_busy_source_is_looked_at_more_often_than_a_quiet_one() -> None:
    assert learned(20.0) < timedelta(hours=2) < learned(0.6)


@given(rate=st.floats(0, 1e9))
def test_what_is_learned_stays_within_its_bounds(rate: float) -> None:
    assert LEAST <= learned(rate) <= MOST
