"""Rows of the outbox: claimed by one, rendered once, told apart after a crash, recorded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from storage.records.alert import Alert, AlertId, Delivery, DeliveryState
from storage.store import Filter, Store, outbox
from tests.builders import HOUR, NOW, a_message, a_source, a_target, a_verdict, an_alert

CLAIM = timedelta(minutes=10)


@pytest.fixture
def waiting(store: Store) -> Callable[..., None]:
    """Puts alerts into the outbox."""
    with store.begin() as work:
        work.sync_sources((a_source(),))
        work.add_targets((a_target(),))
        (target,) = work.targets_of(a_source().id)

    def put(*alerts: Alert) -> None:
        with store.begin() as work:
            work.keep(a_verdict(target, alerts=alerts))

    return put


def claimed(store: Store, owner: str = "me", now: datetime = NOW, limit: int = 500) -> tuple[Delivery, ...]:
    with store.begin() as work:
        return outbox.claim(work.connection, owner=owner, now=now, until=now + CLAIM, limit=limit)


def sending(store: Store, *keys: AlertId, owner: str = "me", now: datetime = NOW) -> bool:
    with store.begin() as work:
        return outbox.mark_sending(work.connection, keys, owner=owner, now=now, until=now + CLAIM)


def recorded(store: Store, state: DeliveryState, *keys: AlertId, **facts: Any) -> None:
    with store.begin() as work:
        outbox.record(work.connection, keys, state, **{"now": NOW, **facts})


def keys_of(found: tuple[Delivery, ...]) -> list[str]:
    return [row.alert.key for row in found]


def ids_of(found: tuple[Delivery, ...]) -> tuple[AlertId, ...]:
    return tuple(row.alert.id for row in found if row.alert.id is not None)


def test_an_alert_comes_back_as_it_was_decided(store, waiting) -> None:
    alert = an_alert(because=("rule all: new", "ünd"), thread="item:1", mode="digest", late=True, source="cocir")
    waiting(alert)
    (row,) = claimed(store)
    assert (row.alert.because, row.alert.thread, row.alert.mode, row.alert.late, row.alert.to) == (
        ("rule all: new", "ünd"), "item:1", "digest", True, "ana@press.eu",
    )  # fmt: skip
    assert (row.state, row.attempts, row.message_id, row.message) == (DeliveryState.WAITING, 0, "", None)


def test_only_what_is_due_is_claimed_and_the_longest_due_first(store, waiting) -> None:
    waiting(an_alert("b", due=NOW), an_alert("a", due=NOW - HOUR), an_alert("quiet hours", due=NOW + HOUR))
    assert keys_of(claimed(store, limit=1)) == ["a"]
    assert keys_of(claimed(store)) == ["a", "b"]


def test_what_one_process_claimed_is_nobody_elses_until_the_claim_runs_out(store, waiting) -> None:
    waiting(an_alert())
    assert keys_of(claimed(store, "me")) == ["new:1"]
    assert claimed(store, "you") == ()
    assert claimed(store, "you", NOW + CLAIM - timedelta(seconds=1)) == ()
    assert keys_of(claimed(store, "you", NOW + CLAIM)) == ["new:1"]


def test_two_processes_share_the_rows_out(store, waiting) -> None:
    waiting(*(an_alert(str(n)) for n in range(6)))
    one, other = claimed(store, "me", limit=3), claimed(store, "you", limit=3)
    assert (keys_of(one), keys_of(other)) == (["0", "1", "2"], ["3", "4", "5"])


def test_what_was_given_back_may_be_claimed_by_another(store, waiting) -> None:
    waiting(an_alert("1"), an_alert("2"))
    _, second = ids_of(claimed(store))
    with store.begin() as work:
        outbox.release(work.connection, [second])
    assert ids_of(claimed(store, "you")) == (second,)


def test_a_try_begins_only_under_a_claim_that_still_holds(store, waiting) -> None:
    waiting(an_alert())
    keys = ids_of(claimed(store))
    late = NOW + CLAIM
    assert ids_of(claimed(store, "you", late)) == keys
    assert not sending(store, *keys, now=late)
    assert sending(store, *keys, owner="you", now=late)
    assert store.catalogue().deliveries(Filter())[0].attempts == 1


def test_a_try_begins_for_all_of_a_digest_or_for_none(store, waiting) -> None:
    waiting(an_alert("1"), an_alert("2"))
    keys = ids_of(claimed(store))
    with store.begin() as work:
        outbox.release(work.connection, keys[:1])
    claimed(store, "you")
    assert not sending(store, *keys)
    assert {row.state for row in store.catalogue().deliveries(Filter())} == {DeliveryState.WAITING}


def test_the_rows_of_a_digest_share_one_message_byte_for_byte(store, waiting) -> None:
    waiting(an_alert("1"), an_alert("2"), an_alert("3"))
    one, two, three = ids_of(claimed(store))
    with store.begin() as work:
        outbox.keep_message(work.connection, (three, one), a_message())
    rows = {row.alert.id: row for row in claimed(store)}
    assert rows[one].message == rows[three].message == a_message()
    assert rows[two].message is None


def test_a_digest_is_claimed_whole_whatever_the_limit(store, waiting) -> None:
    waiting(an_alert("1"), an_alert("2"), an_alert("3"))
    keys = ids_of(claimed(store))
    with store.begin() as work:
        outbox.keep_message(work.connection, keys[1:][::-1], a_message())  # the bytes stand with the last
        outbox.release(work.connection, keys)
    rows = claimed(store, limit=2)
    assert keys_of(rows) == ["1", "2", "3"]
    assert [row.message is not None for row in rows] == [False, True, True]


def test_a_try_that_was_cut_off_is_found_after_its_claim_with_its_message(store, waiting) -> None:
    waiting(an_alert())
    keys = ids_of(claimed(store))
    with store.begin() as work:
        outbox.keep_message(work.connection, keys, a_message())
    sending(store, *keys)
    assert claimed(store, "you", NOW + CLAIM / 2) == ()
    (row,) = claimed(store, "you", NOW + CLAIM)
    assert (row.state, row.attempts, row.message) == (DeliveryState.SENDING, 1, a_message())


@pytest.mark.parametrize(("state", "again"), [("sent", False), ("failed", False), ("waiting", True), ("unknown", True)])
def test_what_ended_well_or_for_good_is_not_claimed_again(store, waiting, state, again) -> None:
    waiting(an_alert())
    keys = ids_of(claimed(store))
    recorded(store, DeliveryState(state), *keys, error="452 later", due=NOW + HOUR if again else None)
    assert claimed(store, "you") == ()
    assert bool(claimed(store, "you", NOW + HOUR)) is again
    (row,) = store.catalogue().deliveries(Filter())
    assert (row.state, row.last_error, row.sent_at) == (state, "452 later", NOW if state == "sent" else None)


def test_messages_not_rows_are_counted_for_the_hours_cap(store, waiting) -> None:
    waiting(*(an_alert(str(n)) for n in range(4)), an_alert("bob", to="bob@press.eu"))
    a, b, c, d, bob = ids_of(claimed(store))
    with store.begin() as work:
        outbox.keep_message(work.connection, (a, b), a_message("<digest>"))
        for key in (c, d, bob):
            outbox.keep_message(work.connection, (key,), a_message(f"<{key}>"))
    recorded(store, DeliveryState.SENT, a, b, c, bob)
    recorded(store, DeliveryState.SENT, d, now=NOW - HOUR)
    with store.begin() as work:
        since = outbox.sent_since(work.connection, NOW - HOUR + timedelta(seconds=1))
    assert since == {("email", "ana@press.eu"): 2, ("email", "bob@press.eu"): 1}


def test_a_thread_begins_with_its_first_message(store, waiting) -> None:
    waiting(an_alert("1", thread="t"), an_alert("2", thread="t"), an_alert("3"), an_alert("4", thread="t", to="b@b.eu"))
    one, two, three, bobs = (row.alert for row in claimed(store))
    with store.begin() as work:
        assert outbox.thread_root(work.connection, two) == ""
        outbox.keep_message(work.connection, (one.id,), a_message("<root>"))
        assert outbox.thread_root(work.connection, two) == "<root>"
        assert [outbox.thread_root(work.connection, other) for other in (one, three, bobs)] == ["", "", ""]


def test_what_waits_for_its_hour_may_be_wanted_now(store: Store, waiting: Callable[..., None]) -> None:
    waiting(an_alert(due=NOW + 8 * HOUR))
    assert claimed(store) == ()
    with store.begin() as work:
        outbox.hurry(work.connection, now=NOW, untried=True)
    assert len(claimed(store)) == 1


def test_hurrying_takes_nothing_from_another_process(store: Store, waiting: Callable[..., None]) -> None:
    waiting(an_alert())
    claimed(store, owner="the daemon")
    with store.begin() as work:
        outbox.hurry(work.connection, now=NOW, untried=True)
    assert claimed(store) == ()
