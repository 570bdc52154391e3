"""Many alerts in one mail, and the cap that makes a digest of a flood."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.alert.compose import AlertFacts
from scraper.alert.digest import MOST, Batch, batches, compose_digest
from storage.records.alert import Delivery, DeliveryState
from tests.alert.builders import NOW, PAGE, an_alert, an_article, an_entry
from tests.alert.test_compose import HOSTILE, opened


def waiting(number: int = 1, **facts: Any) -> Delivery:
    return Delivery(alert=an_alert(**{"key": f"new:{number}", **facts}))


def planned(*rows: Delivery, lately: int = 0, **others: Any) -> tuple[Batch, ...]:
    return batches(rows, now=NOW, lately={("email", "ana@press.eu"): lately}, **others)


def the_facts(row: Delivery, **facts: Any) -> AlertFacts:
    known = {"alert": row.alert, "now": NOW, "item_url": PAGE, "source_name": "COCIR", "sender": "watch@press.eu"}
    return AlertFacts(**{**known, **facts})


# --- what goes together ----------------------------------------------------------------------------------------------


def test_alerts_at_once_go_one_by_one():
    assert [batch.digest for batch in planned(waiting(1), waiting(2))] == [False, False]


def test_all_that_waits_for_the_digest_is_one_mail():
    (batch,) = planned(*(waiting(number, mode="digest") for number in range(5)))
    assert batch.digest
    assert len(batch.deliveries) == 5


def test_what_is_not_due_yet_waits():
    assert planned(waiting(due=NOW + timedelta(seconds=1))) == ()


def test_what_was_sent_or_has_failed_stays_where_it_is():
    assert planned(*(replace(waiting(), state=state) for state in (DeliveryState.SENT, DeliveryState.FAILED))) == ()


def test_each_recipient_and_channel_has_a_mail_of_its_own():
    rows = (waiting(1, mode="digest"), waiting(2, mode="digest", to="bob@press.eu"), waiting(3, channel="slack://x"))
    assert {(batch.channel, batch.to) for batch in planned(*rows)} == {
        ("email", "ana@press.eu"),
        ("email", "bob@press.eu"),
        ("slack://x", "ana@press.eu"),
    }


def test_a_flood_becomes_one_digest():
    (batch,) = planned(*(waiting(number) for number in range(40)), waiting(99, mode="digest"))
    assert batch.digest
    assert len(batch.deliveries) == 41


def test_the_mails_of_the_last_hour_count():
    (batch,) = planned(waiting(1), waiting(2), lately=19)
    assert batch.digest


def test_with_the_cap_used_up_alerts_wait():
    assert planned(waiting(1), lately=20) == ()


def test_rows_rendered_into_one_message_go_again_as_that_message():
    rows = tuple(waiting(number, mode="digest") for number in (1, 2))
    message = compose_digest(tuple(the_facts(row) for row in rows))
    again = tuple(replace(row, message=message, message_id=message.message_id) for row in rows)
    first, second = planned(*again, waiting(3, mode="digest"))
    assert first.message == message
    assert len(first.deliveries) == 2
    assert [row.alert.key for row in second.deliveries] == ["new:3"]


@settings(deadline=None, max_examples=80)
@given(
    rows=st.lists(st.tuples(st.booleans(), st.booleans(), st.sampled_from("ab")), max_size=40),
    lately=st.integers(0, 12),
)
def test_no_delivery_is_in_two_batches_and_no_hour_brings_more_than_the_cap(rows: Any, lately: int):
    deliveries = [
        waiting(number, mode="digest" if digest else "at once", to=to, due=NOW + timedelta(hours=later))
        for number, (digest, later, to) in enumerate(rows)
    ]
    plan = batches(deliveries, now=NOW, lately={("email", "a"): lately}, cap=10)
    keys = [row.alert.key for batch in plan for row in batch.deliveries]
    assert len(keys) == len(set(keys))
    assert sum(1 for batch in plan if batch.to == "a") <= max(0, 10 - lately) + 1
    due = {row.alert.key for row in deliveries if row.alert.due <= NOW and row.alert.to == "b"}
    assert {row.alert.key for batch in plan if batch.to == "b" for row in batch.deliveries} == due


# --- how it reads ----------------------------------------------------------------------------------------------------


def test_a_digest_has_a_section_for_each_kind_and_partnerships_come_first():
    rows = (
        waiting(1, kind="new", subject="New: A release"),
        waiting(2, kind="partnership"),
        waiting(3, kind="new", subject="New: Another release"),
    )
    entries = tuple(the_facts(row, article=an_article()) for row in rows)
    message = compose_digest((entries[0], replace(entries[1], partnership=an_entry()), entries[2]))
    assert message.subject == "Digest: 1 partnership, 2 new articles"
    assert message.text.index("Partnerships (1)") < message.text.index("New articles (2)")
    assert "* A release\n  COCIR, 20 November 2026\n  https://www.cocir.org/" in message.text
    assert opened(message)["Auto-Submitted"] == "auto-generated"


def test_a_change_in_the_digest_says_why():
    row = waiting(1, kind="changed", subject="Corrected: A release", said=("one number changed",))
    message = compose_digest((the_facts(row),))
    assert "one number changed" in message.text


def test_the_digest_of_the_same_alerts_has_the_same_id_in_any_order():
    entries = tuple(the_facts(waiting(number)) for number in range(3))
    assert compose_digest(entries).message_id == compose_digest(entries[::-1]).message_id
    assert compose_digest(entries).message_id != compose_digest(entries[:2]).message_id


def test_a_section_too_long_to_read_is_cut_and_counted():
    entries = tuple(the_facts(waiting(number, kind="new", subject=f"New: {number}")) for number in range(MOST + 5))
    assert "* and 5 more: accordwatch alerts --kind new" in compose_digest(entries).text


def test_one_hostile_title_costs_the_others_nothing():
    entries = tuple(
        the_facts(waiting(number, kind="new", subject=f"New: {words}")) for number, words in enumerate(HOSTILE.values())
    )
    message = compose_digest((*entries, the_facts(waiting(99, kind="new", subject="New: A good one"))))
    opened(message)
    assert "* A good one" in message.text


# --- what may be missing ---------------------------------------------------------------------------------------------


def test_a_digest_says_of_which_times_something_may_be_missing():
    lines = ["COCIR: 2026-03-01 10:00 to 2026-03-01 22:00 UTC: answered 503", *HOSTILE.values()]
    said = " ".join(compose_digest((the_facts(waiting()),), missing=lines).text.split())
    assert "may be missing" in said.lower()
    assert lines[0] in said
    assert "may be missing" not in compose_digest((the_facts(waiting()),)).text.lower()


# --- what was mailed at once -----------------------------------------------------------------------------------------


def test_further_pages_of_one_partnership_are_one_line_and_no_partnership_more():
    subject = "Also told: COCIR and HIMSS renew their memorandum"
    twins = [waiting(n, kind="partnership", subject=subject, partnership=7, mode="digest") for n in (1, 2)]
    message = compose_digest(tuple(the_facts(row, source_name=f"Press {row.alert.key[-1]}") for row in twins))
    assert message.subject == "Digest: 1 partnership told again"
    said = " ".join(message.text.split())
    assert said.count("COCIR and HIMSS renew their memorandum: also told by Press 1, Press 2") == 1
