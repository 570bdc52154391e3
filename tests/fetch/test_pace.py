"""The arithmetic of politeness: gaps, backing off, Retry-After in both forms and all its mistakes."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.fetch.limits import FetchSettings
from scraper.fetch.pace import LONGEST_BACKOFF, LONGEST_WISH, Answer, answered, backoff, gap_of, started, wish_of
from storage.records.source import Authority, Host
from tests.fetch.conftest import START

SETTINGS = FetchSettings()


def a_host(**more: object) -> Host:
    return Host(authority=Authority("a.org:443"), **more)  # type: ignore[arg-type]


def test_the_gap_is_the_longer_of_ours_and_theirs() -> None:
    assert gap_of(a_host(), SETTINGS) == timedelta(seconds=2)
    assert gap_of(a_host(crawl_delay=7.5), SETTINGS) == timedelta(seconds=7.5)
    assert gap_of(a_host(crawl_delay=1.0), SETTINGS) == timedelta(seconds=2)


def test_a_request_is_counted_and_holds_back_the_next_one() -> None:
    once = started(a_host(), SETTINGS, START)
    assert (once.requests, once.next_allowed, once.shortest_gap) == (1, START + timedelta(seconds=2), None)
    twice = started(once, SETTINGS, START + timedelta(seconds=3))
    thrice = started(twice, SETTINGS, START + timedelta(seconds=8))
    assert (thrice.requests, thrice.shortest_gap) == (3, 3.0)


def test_backing_off_doubles_up_to_a_bound_and_jitter_adds_at_most_half() -> None:
    assert [backoff(n, 0.0).total_seconds() for n in (1, 2, 3)] == [15, 30, 60]
    assert backoff(1, 1.0).total_seconds() == 22.5
    assert backoff(10_000, 0.0) == LONGEST_BACKOFF


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 120 ", 120),
        ("Sun, 01 Mar 2026 08:10:00 GMT", 600),
        ("Sun, 01 Mar 2026 09:10:00 +0100", 600),
        ("315360000", LONGEST_WISH.total_seconds()),
        ("9" * 19, LONGEST_WISH.total_seconds()),
        ("Sun, 01 Mar 2036 08:10:00 GMT", LONGEST_WISH.total_seconds()),
    ],
)
def test_a_wish_is_granted_within_a_day(header: str, seconds: float) -> None:
    assert wish_of(header, START) == START + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "header",
    ["-5", "0", "", "soon", "1e9", "١٢٠", "9" * 400, "Sun, 01 Mar 2016 08:10:00 GMT", "Sun, 99 Xyz 2026", "12; 13"],
)
def test_a_wish_that_is_past_or_garbage_is_none(header: str) -> None:
    assert wish_of(header, START) is None


@given(st.text(max_size=40))
@settings(deadline=None, max_examples=200)
def test_no_header_breaks_the_pace(header: str) -> None:
    host = answered(a_host(), Answer(status=429, retry_after=header), jitter=0.5, now=START)
    assert host.next_allowed is not None
    assert START < host.next_allowed <= START + LONGEST_WISH


def test_a_good_answer_forgives() -> None:
    pushed = answered(a_host(), Answer(status=503), jitter=0.0, now=START)
    again = answered(pushed, Answer(status=503), jitter=0.0, now=START)
    assert (again.failures, again.trouble) == (2, "answers 503, 2 in a row")
    good = answered(again, Answer(status=200, size=10), jitter=0.0, now=START)
    assert (good.failures, good.trouble, good.bytes) == (0, "", 10)


def test_silence_is_not_held_against_a_host_for_long() -> None:
    host = a_host(failures=40)
    silent = answered(host, Answer(status=None), jitter=0.0, now=START)
    assert silent.next_allowed == START + timedelta(minutes=5)
    assert silent.trouble == "does not answer, 41 in a row"


def test_304_is_counted() -> None:
    assert answered(a_host(), Answer(status=304), jitter=0.0, now=START).not_modified == 1


def test_backing_off_never_shortens_a_pause() -> None:
    later: datetime = START + timedelta(hours=3)
    assert answered(a_host(next_allowed=later), Answer(status=429), jitter=0.0, now=START).next_allowed == later
