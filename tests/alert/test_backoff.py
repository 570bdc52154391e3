"""How long a delivery is tried."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from scraper.alert.backoff import BLIND_TRIES, PATIENCE, next_try, settle
from storage.records.alert import Delivery, Receipt
from tests.alert.builders import NOW, an_alert


def test_the_second_try_comes_soon_and_the_later_ones_hours_apart():
    steps = [(next_try(attempts, NOW) or NOW) - NOW for attempts in (1, 2, 5, 9)]
    assert steps == [timedelta(minutes=2), timedelta(minutes=5), timedelta(hours=1), timedelta(hours=6)]


def test_it_is_tried_for_days_and_then_a_person_is_needed():
    moment, attempts = NOW, 0
    while (due := next_try(attempts, moment)) is not None:
        moment, attempts = due, attempts + 1
    assert timedelta(days=4) < moment - NOW <= PATIENCE
    assert 20 < attempts < 40


def test_what_was_never_tried_is_tried_now():
    assert next_try(0, NOW) == NOW


def tried(outcome: Any, attempts: int = 0) -> Delivery:
    return settle(Delivery(alert=an_alert(), attempts=attempts), Receipt(outcome=outcome, detail="451 wait"), NOW)


@pytest.mark.parametrize(
    ("outcome", "state"), [("sent", "sent"), ("later", "waiting"), ("refused", "failed"), ("unknown", "unknown")]
)
def test_each_receipt_leads_to_a_state(outcome: str, state: str):
    assert tried(outcome).state == state


def test_what_was_put_off_waits_and_says_why():
    after = tried("later", attempts=1)
    assert (after.attempts, after.alert.due - NOW, after.last_error) == (2, timedelta(minutes=5), "451 wait")


def test_what_was_sent_says_when_and_complains_no_more():
    assert (tried("sent").sent_at, tried("sent").last_error) == (NOW, "")


def test_after_five_days_it_has_failed():
    assert tried("later", attempts=40).state == "failed"


def test_a_mail_that_may_have_arrived_is_not_sent_for_days():
    assert tried("unknown", attempts=BLIND_TRIES - 1).state == "failed"
