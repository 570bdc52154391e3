"""What makes two texts the same: golden values, and laws that hold for any text."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.detect.fingerprint import KEYS, VERSION, closed_up, fingerprint, normalised
from tests.builders import an_article

TEXTS = st.text(max_size=200)


def test_golden_values_hold_until_the_recipe_gets_a_new_number() -> None:
    mark = fingerprint(an_article())
    assert (VERSION, mark.words) == ("2", 67)
    assert mark.content == "23bb983507186dbd9dea05c5459443a59"
    assert mark.text == "290111f40017f1d97472f2336c185ba56"
    assert mark.bands[:3] == (254884347, 282267804, 307714763)


@settings(deadline=None, max_examples=60)
@given(TEXTS)
def test_normalising_twice_is_normalising_once(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)
    assert closed_up(closed_up(text)) == closed_up(text)


@settings(deadline=None, max_examples=60)
@given(TEXTS, TEXTS)
def test_nothing_but_title_and_body_touches_it(author: str, teaser: str) -> None:
    assert fingerprint(an_article(authors=(author,), deck=teaser, site_name=teaser)) == fingerprint(an_article())


def test_a_part_of_a_text_shares_keys_with_the_whole() -> None:
    whole = an_article(*(f"In {n} the members met {n * 7} times and spoke about plan {n * 13}." for n in range(60)))
    part = an_article(*(block.text for block in whole.blocks[:25]))
    assert len(fingerprint(whole).bands) == KEYS
    assert len(set(fingerprint(whole).bands) & set(fingerprint(part).bands)) >= 2
