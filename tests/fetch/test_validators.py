"""Validators are believed until they are found out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from scraper.fetch.validators import FULL_EVERY, Validators, hid, lied, to_send

KNOWN = Validators(etag='"7"', last_modified="yesterday")
NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
FULL = FULL_EVERY - 1


def test_most_looks_are_conditional_and_one_in_a_while_is_full() -> None:
    sent = [to_send(KNOWN, looks=looks) for looks in range(2 * FULL_EVERY)]
    assert sent.count(Validators()) == 2
    assert sent[0] == KNOWN


def test_who_has_lied_is_asked_in_full() -> None:
    assert to_send(KNOWN, looks=0, lies=1) == Validators()


def test_validators_that_stay_while_the_body_changes_lie() -> None:
    assert lied(KNOWN, KNOWN, same_body=False)
    assert not lied(KNOWN, KNOWN, same_body=True)
    assert not lied(KNOWN, Validators(etag='"8"'), same_body=False)
    assert not lied(Validators(), Validators(), same_body=False)


def test_news_older_than_the_last_not_modified_was_hidden() -> None:
    before, after = NOW - timedelta(hours=3), NOW + timedelta(hours=1)
    assert hid(KNOWN, [after, before], looks=FULL, last_good=NOW)
    assert not hid(KNOWN, [after], looks=FULL, last_good=NOW)
    assert not hid(KNOWN, [before], looks=0, last_good=NOW)
    assert not hid(Validators(), [before], looks=FULL, last_good=NOW)
    assert not hid(KNOWN, [before], looks=FULL, last_good=None)
