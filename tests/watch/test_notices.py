"""Notices: the first report, a source in trouble, its recovery, this machine's own outage; each once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from scraper.clock import FakeClock
from scraper.watch.health import LOOKS
from scraper.watch.notices import Rest, notice
from scraper.watch.post import Post
from scraper.watch.remedy import NO_NAME
from scraper.watch.writer import Writer
from storage.records.health import Span
from storage.records.source import Source, SourceId, Target
from storage.store import Filter, Store
from tests.builders import DAY, HOUR, NOW, a_finding, a_person, a_rule, a_source, a_target, a_verdict

SITE = "https://www.cocir.org"
SOURCES = (a_source(), a_source("himss"), a_source("esr"))
BAD = "answered 403; see whether a browser may read it"


@pytest.fixture
def post(store: Store) -> Iterator[Post]:
    """Three sources, each read well through its feed an hour ago."""
    with store.begin() as work:
        work.sync_sources(SOURCES)
        work.add_targets(a_way(source) for source in SOURCES)
    writer = Writer(store)
    yield Post(
        writer=writer, catalogue=store.catalogue(), clock=FakeClock(NOW), channel=lambda _: None, owner="me",  # type: ignore[arg-type,return-value]
        sender="watch@press.eu", sources=SOURCES, rules=(a_rule("source_trouble"),), timezones={},
    )  # fmt: skip
    writer.close()


def a_way(source: Source) -> Target:
    return a_target(f"{SITE}/{source.id}/feed", "feed", source=source.id, last_checked=NOW - HOUR, last_good=NOW - HOUR)


def keep(store: Store, source: Source, **facts: Any) -> None:
    with store.begin() as work:
        (way,) = work.targets_of(source.id, discovering=True)
        work.keep_target(replace(way, **facts))


def told(store: Store, kind: str = "source_trouble") -> list[str]:
    return [row.alert.subject for row in reversed(store.catalogue().deliveries(Filter(kind=kind)))]


async def test_a_source_that_fails_is_told_after_its_threshold_and_once(store: Store, post: Post) -> None:
    for failures in range(1, LOOKS + 3):
        keep(store, SOURCES[1], failures=failures, trouble=BAD)
        sick = (await notice(post)).sick
        assert bool(sick) == (failures >= LOOKS)
    assert told(store) == ["Trouble: HIMSS refuses us"]


async def test_a_failure_that_lasts_a_day_is_told_whatever_the_looks(store: Store, post: Post) -> None:
    keep(store, SOURCES[1], failures=1, trouble=BAD, last_good=NOW - 2 * DAY)
    await notice(post)
    assert told(store) == ["Trouble: HIMSS refuses us"]


async def test_its_recovery_is_told_once_and_the_next_trouble_again(store: Store, post: Post) -> None:
    for good in (NOW - HOUR, NOW, NOW + HOUR):
        keep(store, SOURCES[1], failures=LOOKS, trouble=BAD, last_good=good)
        await notice(post)
        keep(store, SOURCES[1], failures=0, trouble="", last_good=good + HOUR)
        await notice(post)
        await notice(post)
    assert told(store) == ["Trouble: HIMSS refuses us", "Recovered: HIMSS is well again"] * 3
    threads = {row.alert.thread for row in store.catalogue().deliveries(Filter(kind="source_trouble"))}
    assert len(threads) == 1


async def test_one_way_that_still_works_is_no_trouble(store: Store, post: Post) -> None:
    keep(store, SOURCES[1], failures=9, trouble=BAD)
    with store.begin() as work:
        work.add_targets([replace(a_way(SOURCES[1]), url=f"{SITE}/other", identity="other")])
    assert (await notice(post)).sick == {}
    assert told(store) == []


async def test_the_outage_of_this_machine_is_one_notice_and_no_sources_fault(store: Store, post: Post) -> None:
    for failures in range(1, LOOKS + 4):
        for source in SOURCES[:2]:
            keep(store, source, failures=failures, trouble=f"no address for the host; {NO_NAME}")
        assert (await notice(post)).sick == {}
    assert told(store) == ["Trouble: the network of this machine was down"]
    for source in SOURCES[:2]:  # one after the other, as their next looks come
        with store.begin() as work:
            (way,) = work.targets_of(source.id, discovering=True)
            span = Span(since=NOW - HOUR, until=NOW, whole=True, run=NOW - DAY, why=way.trouble)
            well = replace(way, failures=0, trouble="", last_good=NOW, last_checked=NOW)
            work.keep(a_verdict(well, span=span))
        await notice(post)
    assert len(told(store)) == 1


async def test_a_source_that_stays_away_when_the_network_is_back_is_its_own_trouble(store: Store, post: Post) -> None:
    for source in SOURCES[:2]:
        keep(store, source, failures=LOOKS, trouble=f"no address for the host; {NO_NAME}")
    await notice(post)
    keep(store, SOURCES[0], failures=0, trouble="", last_good=NOW)
    keep(store, SOURCES[1], failures=LOOKS + 1, trouble=f"no address for the host; {NO_NAME}", last_checked=NOW + HOUR)
    await notice(post)
    assert told(store)[1:] == ["Trouble: HIMSS cannot be read"]


async def test_a_source_unreached_among_many_is_its_own_trouble(store: Store, post: Post) -> None:
    keep(store, SOURCES[1], failures=LOOKS, trouble=f"no address for the host; {NO_NAME}")
    await notice(post)
    assert told(store) == ["Trouble: HIMSS cannot be read"]


async def test_rules_for_other_sources_hear_nothing(store: Store, post: Post) -> None:
    keep(store, SOURCES[1], failures=LOOKS, trouble=BAD)
    await notice(replace(post, rules=(a_rule("source_trouble", sources=("esr",)), a_rule("partnership"))))
    assert told(store) == []


# --- the first report ------------------------------------------------------------------------------------------------


async def test_the_welcome_waits_until_every_source_was_looked_at_and_comes_once(store: Store, post: Post) -> None:
    people = (
        a_rule(to=(a_person(), a_person("bob@press.eu"))),
        a_rule("new", to=(a_person(quiet_hours="08:00-10:00"),)),
    )
    post = replace(post, rules=people)
    keep(store, SOURCES[2], last_checked=None, last_good=None)
    await notice(post)
    assert told(store, "welcome") == []
    keep(store, SOURCES[2], last_checked=NOW, trouble=BAD)
    for _ in range(3):
        await notice(post)
    assert told(store, "welcome") == ["accordwatch is watching 3 sources, 3 of them need you"] * 2
    recipients = {row.alert.to for row in store.catalogue().deliveries(Filter(kind="welcome"))}
    assert recipients == {"ana@press.eu", "bob@press.eu"}


async def test_the_welcome_waits_for_articles_that_are_not_read_yet(store: Store, post: Post) -> None:
    with store.begin() as work:
        work.add_targets([a_target()])
    await notice(post)
    assert told(store, "welcome") == []
    with store.begin() as work:
        (target,) = work.targets_of(SourceId("cocir"), discovering=False)
        finding = a_finding(target)
        work.keep(replace(finding, target=replace(target, last_checked=NOW, due=NOW + DAY)))
    await notice(post)
    assert told(store, "welcome") == ["accordwatch is watching 3 sources, 2 of them need you"]


async def test_there_is_no_welcome_where_no_mail_may_go_out(store: Store, post: Post) -> None:
    await notice(replace(post, refused="set [mail] sender"))
    await notice(replace(post, rules=()))
    assert told(store, "welcome") == []


async def test_the_welcome_keeps_quiet_hours(store: Store, post: Post) -> None:
    await notice(replace(post, rules=(a_rule(to=(a_person(quiet_hours="08:00-10:00"),)),)))
    (row,) = store.catalogue().deliveries(Filter(kind="welcome"))
    assert row.alert.due == NOW + timedelta(hours=1)


def test_a_round_of_notices_rests_for_a_multiple_of_the_time_it_took() -> None:
    rest = Rest()
    assert rest.is_over(NOW)
    rest.begin(NOW, NOW + timedelta(seconds=18))
    assert not rest.is_over(NOW + timedelta(minutes=15))
    assert rest.is_over(NOW + timedelta(minutes=16))


def test_a_clock_set_back_ends_the_rest_of_notices() -> None:
    rest = Rest()
    rest.begin(NOW, NOW + timedelta(seconds=18))
    assert rest.is_over(NOW - timedelta(hours=1))


def test_a_machine_that_slept_in_a_round_of_notices_tells_them_within_the_hour() -> None:
    rest = Rest()
    rest.begin(NOW, NOW + timedelta(hours=9))
    assert rest.is_over(NOW + timedelta(hours=10))
