"""Small bars: which week a day belongs to, and what they say to those who do not see them."""

from __future__ import annotations

from datetime import date, timedelta
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.draw.bars import bars, weekly

TODAY = date(2026, 11, 23)


def test_a_week_ends_today_and_what_is_older_or_to_come_is_left_out() -> None:
    days = [TODAY, TODAY - timedelta(days=6), TODAY - timedelta(days=7), TODAY - timedelta(days=21), date(2027, 1, 1)]
    assert weekly(days, today=TODAY, weeks=3) == (0, 1, 2)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 10**6), max_size=60), st.text(max_size=50))
def test_any_counts_make_a_picture_that_can_be_read(counts: list[int], said: str) -> None:
    clean = "".join(letter for letter in said if letter.isprintable())
    drawn = ElementTree.fromstring(bars(counts, said=clean))
    heights = [float(each.attrib["height"]) for each in drawn if each.tag.endswith("rect")]
    assert drawn.attrib["aria-label"] == clean
    assert len(heights) == len(counts)
    assert all(0 < height <= 28 for height in heights)
