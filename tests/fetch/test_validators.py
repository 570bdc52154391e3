"""Validators are believed until they are found out."""

from __future__ import annotations

from scraper.fetch.validators import FULL_EVERY, Validators, to_keep, to_send

KNOWN = Validators(etag='"7"', last_modified="yesterday")


def test_most_looks_are_conditional_and_one_in_a_while_is_full() -> None:
    sent = [to_send(KNOWN, looks=looks) for looks in range(2 * FULL_EVERY)]
    assert sent.count(Validators()) == 2
    assert sent[0] == KNOWN


def test_validators_that_stay_while_the_body_changes_are_dropped() -> None:
    assert to_keep(KNOWN, KNOWN, same_body=False) == Validators()
    assert to_keep(KNOWN, KNOWN, same_body=True) == KNOWN


def test_new_validators_replace_the_old_ones() -> None:
    new = Validators(etag='"8"')
    assert to_keep(KNOWN, new, same_body=False) == new
    assert to_keep(Validators(), Validators(), same_body=False) == Validators()
