"""Times of day: digests, quiet hours, both clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.alert.when import after_quiet, last_moment, local_moment, next_delivery, rhythm
from storage.records.article import DateFact

BRUSSELS = "Europe/Brussels"  # clocks go forward on 29 March 2026 at 02:00, back on 25 October 2026 at 03:00
ZONES = st.sampled_from(["UTC", BRUSSELS, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
CLOCKS = st.times().map(lambda at: f"{at:%H:%M}")


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def test_a_daily_digest_goes_at_its_local_time():
    assert next_delivery("daily 07:30", BRUSSELS, at("2026-11-20T05:00")) == at("2026-11-20T07:30", BRUSSELS)


def test_a_daily_digest_that_is_over_today_goes_tomorrow():
    assert next_delivery("daily 07:30", BRUSSELS, at("2026-11-20T07:30", BRUSSELS)) == at("2026-11-21T07:30", BRUSSELS)


def test_a_weekly_digest_goes_on_its_day():
    assert next_delivery("weekly mon 08:00", "UTC", at("2026-11-20T10:00")) == at("2026-11-23T08:00")


def test_at_once_is_now():
    assert next_delivery("at once", BRUSSELS, at("2026-11-20T10:00")) == at("2026-11-20T10:00")


def test_an_unreadable_delivery_says_what_to_write():
    with pytest.raises(ValueError, match='"daily 07:30"'):
        next_delivery("hourly", "UTC", at("2026-11-20T10:00"))


def test_a_skipped_time_is_read_with_the_offset_before_the_gap():
    assert next_delivery("daily 02:30", BRUSSELS, at("2026-03-29T00:00")) == at("2026-03-29T01:30")  # 03:30 local


def test_a_time_that_occurs_twice_comes_once():
    first = next_delivery("daily 02:30", BRUSSELS, at("2026-10-24T22:30"))
    assert first == at("2026-10-25T00:30")
    assert next_delivery("daily 02:30", BRUSSELS, first) == at("2026-10-26T01:30")


@pytest.mark.parametrize(
    ("moment", "until"),
    [
        ("2026-11-20T21:59", "2026-11-20T21:59"),
        ("2026-11-20T22:00", "2026-11-21T06:30"),
        ("2026-11-21T03:00", "2026-11-21T06:30"),
        ("2026-11-21T06:30", "2026-11-21T06:30"),
    ],
)
def test_quiet_hours_over_midnight_hold_until_the_morning(moment: str, until: str):
    assert after_quiet(at(moment, BRUSSELS), "22:00-06:30", BRUSSELS) == at(until, BRUSSELS)


def test_quiet_hours_of_one_day_hold_until_their_end():
    assert after_quiet(at("2026-11-20T12:30"), "12:00-13:00", "UTC") == at("2026-11-20T13:00")


def test_the_night_the_clock_goes_back_the_quiet_hours_last_an_hour_longer():
    assert after_quiet(at("2026-10-24T20:00"), "22:00-06:30", BRUSSELS) == at("2026-10-25T05:30")


def test_the_night_the_clock_goes_forward_they_are_an_hour_shorter():
    assert after_quiet(at("2026-03-28T21:00"), "22:00-06:30", BRUSSELS) == at("2026-03-29T04:30")


def test_unreadable_quiet_hours_say_what_to_write():
    with pytest.raises(ValueError, match="22:00-06:30"):
        after_quiet(at("2026-11-20T12:30"), "at night", "UTC")


@settings(deadline=None, max_examples=150)
@given(now=MOMENTS, clock=CLOCKS, zone=ZONES)
def test_the_next_digest_is_never_past_and_never_much_over_a_day_away(now: datetime, clock: str, zone: str):
    due = next_delivery(f"daily {clock}", zone, now)
    assert now < due <= now + timedelta(hours=26)


@settings(deadline=None, max_examples=150)
@given(now=MOMENTS, clock=CLOCKS, zone=ZONES, day=st.sampled_from(["mon", "thu", "sun"]))
def test_the_next_weekly_digest_is_within_eight_days(now: datetime, clock: str, zone: str, day: str):
    assert now < next_delivery(f"weekly {day} {clock}", zone, now) <= now + timedelta(days=7, hours=2)


@settings(deadline=None, max_examples=200)
@given(moment=MOMENTS, start=CLOCKS, end=CLOCKS, zone=ZONES)
def test_quiet_hours_only_move_forward_and_end_outside_themselves(moment: datetime, start: str, end: str, zone: str):
    due = after_quiet(moment, f"{start}-{end}", zone)
    assert moment <= due <= moment + timedelta(hours=26)
    assert after_quiet(due, f"{start}-{end}", zone) == due


@settings(deadline=None, max_examples=100)
@given(day=st.dates(date(2020, 1, 1), date(2030, 1, 1)), clock=st.times(), zone=ZONES)
def test_a_local_moment_shows_its_own_time_or_lies_in_a_gap(day: date, clock: time, zone: str):
    shown = local_moment(day, clock, ZoneInfo(zone)).astimezone(ZoneInfo(zone))
    assert shown.replace(tzinfo=None, fold=0) >= datetime.combine(day, clock)


@pytest.mark.parametrize(
    ("value", "precision", "last"),
    [
        ("2026-11-20", "day", "2026-11-20T22:59:59"),
        ("2026-11", "month", "2026-11-30T22:59:59"),
        ("2026-12", "month", "2026-12-31T22:59:59"),
    ],
)
def test_a_date_lasts_to_its_local_end(value: str, precision: str, last: str):
    fact = DateFact(value=value, precision=precision, origin="text")  # type: ignore[arg-type]
    assert last_moment(fact, BRUSSELS) == at(last)


@pytest.mark.parametrize("value", ["2026-13-01", "2026-02-31", "9999-12-31", "soon"])
def test_a_date_that_is_none_is_none(value: str):
    assert last_moment(DateFact(value=value, precision="day", origin="text"), "UTC") is None


def test_a_year_says_too_little():
    assert last_moment(DateFact(value="2026", precision="year", origin="text"), "UTC") is None


@pytest.mark.parametrize(("every", "hours"), [("2h", 2), ("7d", 168), ("adaptive", 24), ("0 7 * * mon-fri", 24)])
def test_the_rhythm_of_a_source(every: str, hours: int):
    assert rhythm(every) == timedelta(hours=hours)
