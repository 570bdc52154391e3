from itertools import combinations
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.draw import Line, Node, network
from scraper.draw.layout import places
from scraper.draw.network import BENDS, point_on, way_between
from tests.draw.pictures import BAIT, texts, whole

A, B, C = (Node(name=name) for name in ("COCIR", "HIMSS", "ESR"))
BOXES = st.lists(st.tuples(st.floats(20, 220), st.just(28.0)), min_size=1, max_size=24)


@settings(deadline=None, max_examples=40)
@given(boxes=BOXES, data=st.data())
def test_no_two_boxes_lie_upon_each_other(boxes, data):
    ends = st.integers(0, len(boxes) - 1)
    edges = data.draw(st.lists(st.tuples(ends, ends, st.floats(0, 200)), max_size=60))
    spots, (wide, high) = places(tuple(boxes), tuple(edges))
    for (n, (x, y)), (m, (u, v)) in combinations(enumerate(spots), 2):
        apart = abs(x - u) >= (boxes[n][0] + boxes[m][0]) / 2 - 0.01 or abs(y - v) >= 28 - 0.01
        assert apart, (n, m)
    for (x, y), (w, h) in zip(spots, boxes, strict=True):
        assert -0.01 <= x - w / 2 <= x + w / 2 <= wide + 0.01
        assert -0.01 <= y - h / 2 <= y + h / 2 <= high + 0.01


def test_the_same_ledger_makes_the_same_picture():
    lines = [Line(ends=(0, 1), tag="MoU"), Line(ends=(1, 2), tag="alliance")]
    pictures = set()
    for _ in range(2):
        places.cache_clear()
        pictures.add(network([A, B, C], lines, title="Ties"))
    assert len(pictures) == 1


def test_two_hundred_organisations_are_laid_out_at_once():
    edges = tuple((n // 7, n, 0.0) for n in range(1, 200)) + tuple((n, n * 37 % 200, 90.0) for n in range(0, 200, 5))
    places.cache_clear()
    started = perf_counter()
    spots, (wide, high) = places(tuple((90.0, 28.0) for _ in range(200)), edges)
    assert len(set(spots)) == 200
    assert wide * high < 12_000_000
    assert perf_counter() - started < 5  # about a fifth of a second on a free machine


def test_names_kinds_and_their_meaning_are_words_in_the_picture():
    read = texts(whole(network([A, B], [Line(ends=(0, 1), style="letter or memorandum", tag="MoU")], title="Ties")))
    assert read == ["MoU", "COCIR", "HIMSS", "letter or memorandum"]


def test_what_has_ended_is_crossed_out_and_says_so():
    drawn = network([A, B], [Line(ends=(0, 1), tag="MoU, ended 2019", over=True)], title="Ties")
    assert "MoU, ended 2019" in texts(whole(drawn))
    assert drawn.count("l8 8m0 -8l-8 8") == 2  # beside the line and in the legend


def test_kinds_differ_without_their_colour():
    both = [network([A, B], [Line(ends=(0, 1), style=style)], title="x") for style in ("agreement", "declaration")]
    assert [("stroke-dasharray" in drawn) for drawn in both] == [False, True]


def test_a_tie_of_many_is_one_knot():
    nodes = [Node(name=f"N{n}") for n in range(9)]
    drawn = network(nodes, [Line(ends=tuple(range(9)), tag="alliance")], title="Ties")
    assert texts(whole(drawn)).count("alliance") == 1
    assert drawn.count("<path") == 9


@pytest.mark.parametrize("nodes", [0, 1])
def test_a_ledger_without_ties_is_drawn_too(nodes: int):
    assert "0 ties" in network([A][:nodes], [], title="Ties")


def test_hostile_names_are_text_and_links_stay_at_home():
    bad = Node(name=BAIT, full=BAIT, href="javascript:alert(1)")
    worse = Node(name="x", href="//evil.test/")
    whole(network([bad, worse], [Line(ends=(0, 1), tag=BAIT, text=BAIT, href="https://evil.test")], title=BAIT))


def test_a_way_within_the_site_is_a_link_that_keyboards_pass_by():
    drawn = network([Node(name="A", href="/organisations/a.org")], [], title="x")
    assert '<a href="/organisations/a.org" tabindex="-1">' in drawn


def test_a_line_goes_round_a_box_that_is_none_of_its_ends():
    way = way_between(0, 2, BENDS, [(0.0, 0.0, 60.0, 28.0), (150.0, 0.0, 60.0, 28.0), (300.0, 0.0, 60.0, 28.0)])
    assert abs(point_on(way, 0.5)[1]) > 28 / 2
    assert way_between(0, 1, BENDS, [(0.0, 0.0, 60.0, 28.0), (150.0, 0.0, 60.0, 28.0)])[1] == (75.0, 0.0)
