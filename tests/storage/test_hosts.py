"""The hosts' book as rows: the contract that fetching relies on, held by the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from storage.records.source import Authority, Host
from storage.store import Store
from tests.builders import HOUR, NOW, SITE, a_source, a_target

A, B = Authority("a.org:443"), Authority("b.org:80")
LEASE = timedelta(minutes=5)


def leased(store: Store, owner: str = "me", authority: Authority = A, after: timedelta = timedelta(0)) -> Host | None:
    return store.hosts.lease(authority, owner=owner, now=NOW + after, until=NOW + after + LEASE)


def test_a_new_host_is_made_and_leased(store: Store) -> None:
    assert leased(store) == Host(authority=A, lease_owner="me", lease_until=NOW + LEASE)


def test_a_leased_host_is_nobody_elses_until_the_lease_ran_out(store: Store) -> None:
    leased(store)
    assert leased(store, "you") is None
    assert leased(store, "you", B) is not None
    assert leased(store, "you", after=LEASE - timedelta(seconds=1)) is None
    assert leased(store, "you", after=LEASE) is not None


def test_what_was_learnt_is_there_for_the_next_one(store: Store) -> None:
    host = leased(store)
    assert host is not None
    learnt = replace(
        host, next_allowed=NOW + HOUR, crawl_delay=7.5, robots="User-agent: *\0", robots_status=200, robots_until=NOW,
        failures=2, trouble="answers 503", requests=9, bytes=10_000_000_000, not_modified=3, refused=1,
        shortest_gap=2.25, last_request=NOW,
    )  # fmt: skip
    store.hosts.keep(learnt, owner="me", until=None)
    again = leased(store, "you")
    assert again == replace(learnt, robots="User-agent: *?", lease_owner="you", lease_until=NOW + LEASE)


def test_who_lost_the_lease_can_neither_renew_nor_write(store: Store) -> None:
    mine = leased(store)
    assert mine is not None
    leased(store, "you", after=LEASE)
    assert not store.hosts.keep(Host(authority=A), owner="me", until=NOW + HOUR)
    store.hosts.keep(replace(mine, requests=99), owner="me", until=None)
    assert leased(store, "third", after=LEASE) is None
    (host,) = store.catalogue().hosts()
    assert (host.lease_owner, host.requests) == ("you", 0)


def test_the_holder_may_renew_and_lease_again(store: Store) -> None:
    leased(store)
    assert store.hosts.keep(Host(authority=A), owner="me", until=NOW + HOUR)
    assert leased(store, "you", after=LEASE) is None
    assert leased(store, "me", after=LEASE) is not None


def test_a_host_never_leased_cannot_be_renewed(store: Store) -> None:
    assert not store.hosts.keep(Host(authority=A), owner="me", until=NOW)


@pytest.mark.parametrize("owner", ["me", "you"])
def test_a_released_host_is_free_for_all(store: Store, owner: str) -> None:
    host = leased(store)
    assert host is not None
    store.hosts.keep(host, owner="me", until=None)
    assert leased(store, owner) is not None


def test_leases_of_the_dead_are_free_at_once(store: Store) -> None:
    leased(store, "dead")
    leased(store, "alive", authority=Authority("b.org:443"))
    store.hosts.reclaim(lambda owner: owner == "dead")
    assert leased(store, "you") is not None
    assert leased(store, "you", authority=Authority("b.org:443")) is None


def test_the_nightly_upkeep_of_many_rows_gets_new_statistics_without_a_lock(store: Store) -> None:
    with store.begin() as work:
        work.sync_sources([a_source()])
        work.add_targets(a_target(f"{SITE}/news/{number}") for number in range(600))
    store.tidy()
    with store.begin() as work:
        assert work.due_authorities(now=NOW)
