from scraper.draw import bars
from tests.draw.pictures import BAIT, SVG, whole


def test_each_value_is_a_bar_and_nought_is_a_dot():
    root = whole(bars([3, 0, 6], title="Items a week"))
    heights = [float(rect.get("height", 0)) for rect in root.iter(f"{SVG}rect")]
    assert len(heights) == 2
    assert abs(heights[1] / heights[0] - 2) < 0.2
    assert len(list(root.iter(f"{SVG}circle"))) == 1


def test_parts_stand_before_their_wholes_and_are_told_in_words():
    root = whole(bars([3, 4], of=[6, 4], labels=["Monday", "Tuesday"], unit="unchanged", title="Checks"))
    assert root.findtext(f"{SVG}desc") == "Monday: 3 of 6 unchanged; Tuesday: 4 of 4 unchanged"
    assert len(list(root.iter(f"{SVG}rect"))) == 4


def test_nothing_yet_is_said_so():
    assert whole(bars([], title="Items a week")).findtext(f"{SVG}desc") == "nothing yet"


def test_hostile_labels_are_text():
    root = whole(bars([1], labels=[BAIT], title=BAIT, unit=BAIT))
    assert "<script>" in (root.findtext(f"{SVG}title") or "")


def test_a_picture_of_its_own_carries_both_themes_and_one_in_a_page_none():
    assert "prefers-color-scheme:dark" in bars([1], title="x", alone=True)
    assert "<style" not in bars([1], title="x")
