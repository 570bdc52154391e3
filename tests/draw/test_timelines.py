from datetime import date, timedelta
from xml.etree.ElementTree import Element

import pytest

from scraper.draw import Mark, Row, Stop, timeline, versions
from tests.builders import NOW
from tests.draw.pictures import BAIT, SVG, texts, whole

TODAY = date(2026, 11, 23)


def bar_of(root: Element) -> tuple[float, float]:
    (bar,) = (rect for rect in root.iter(f"{SVG}rect") if rect.get("class") == "d-pale")
    return float(bar.get("x", 0)), float(bar.get("x", 0)) + float(bar.get("width", 0))


def test_a_tie_runs_from_its_beginning_to_its_end():
    long = whole(timeline([Row(name="A + B", start="2008", end="2024")], today=TODAY, title="Ties"))
    short = whole(timeline([Row(name="A + B", start="2008", end="2016-06-22")], today=TODAY, title="Ties"))
    assert bar_of(long)[0] == bar_of(short)[0]
    assert bar_of(long)[1] > bar_of(short)[1]


def test_what_stands_goes_on_beyond_today():
    drawn = timeline([Row(name="A + B", start="2020", note="stands")], today=TODAY, title="Ties")
    assert 'class="d-pale" d="M' in drawn
    assert "stands" in texts(whole(drawn))


def test_each_happening_has_a_shape_and_a_word():
    kinds = ("since", "signed", "renewed", "ended", "until")
    row = Row(name="A + B", start="2008", marks=tuple(Mark(kind=kind, day="2015-06-22") for kind in kinds))
    read = texts(whole(timeline([row], today=TODAY, title="Ties")))
    assert read[-5:] == ["since when, as told", "signed or announced", "renewed", "ended", "runs out"]


def test_a_year_is_drawn_as_wide_as_what_is_not_known():
    def lines(day: str) -> int:
        row = Row(name="A", start="2024", marks=(Mark(kind="signed", day=day),))
        return timeline([row], today=TODAY, title="x").count('class="d-line"')

    assert (lines("2024"), lines("2024-05-03")) == (1, 0)


@pytest.mark.parametrize("day", ["", "soon", "99999", "2026-13", "2026-01-99", "-5", "9999-12-31", "0001", "3 years"])
def test_no_day_is_too_odd(day: str):
    root = whole(timeline([Row(name="A", start=day, end=day, marks=(Mark(kind="until", day=day),))], today=TODAY,
                          title="x"))  # fmt: skip
    for element in root.iter():
        for name in ("x", "cx", "x1", "x2"):
            assert -20 <= float(element.get(name, 0)) <= 1000


def test_versions_stand_in_their_order_the_chosen_one_filled():
    stops = [Stop(name="1", at=NOW, what="new"), Stop(name="", at=NOW + timedelta(days=1), what="withdrawn"),
             Stop(name="2", at=NOW + timedelta(days=400), what="edited", chosen=True)]  # fmt: skip
    root = whole(versions(stops, title="Versions"))
    assert [text for text in texts(root) if text in ("1", "2", "new", "withdrawn", "edited")] == [
        "1", "new", "withdrawn", "2", "edited"]  # fmt: skip
    assert "version 2 edited 2027-04-06" in (root.findtext(f"{SVG}desc") or "")
    assert [rect.get("class") for rect in root.iter(f"{SVG}rect")] == ["d-box d-rim", "d-mark"]


def test_hostile_text_stays_text():
    mark = Mark(kind="signed", day="2020", text=BAIT)
    whole(timeline([Row(name=BAIT, start="2020", note=BAIT, text=BAIT, marks=(mark,), href="//evil.test")],
                   today=TODAY, title=BAIT))  # fmt: skip
    whole(versions([Stop(name=BAIT, at=NOW, what=BAIT, href="javascript:1")], title=BAIT))
