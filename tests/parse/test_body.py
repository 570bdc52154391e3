"""Which blocks are the body, and what the rest of the page may not do to it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.page import page_of
from scraper.parse.article import read_article
from scraper.parse.blocks import outline_of

PROSE = [
    "The members of the Society met in Lisbon this week and agreed on a plan for the training of young doctors.",
    "“We have waited for this day since the first talks of 2012,” said Maria Keller, president of the Society.",
    "The plan sets out four steps, of which the first is a register of all courses open to residents in Europe.",
    "Each step is led by one of the member groups, and a first report is due before the end of the coming year.",
]
COMMENT = (
    "I have worked in such a ward for twenty years and can only say that nothing in this plan will change our days. "
)


def page(body: str = "", *, above: str = "", below: str = "", side: str = "") -> str:
    text = body or "".join(f"<p>{line}</p>" for line in PROSE)
    return (
        f"<html><body><header><a href=/>Home</a></header>{above}<div class=wrap><main>"
        f"<h1>Society agrees on training</h1>"
        f"<div class=text>{text}</div>{below}</main><div class=right>{side}</div></div>"
        "<footer><p>© 2026 The Society</p></footer></body></html>"
    )


def body_of(html: str) -> list[str]:
    return [block.text for block in read_article(html, "https://society.example/news/training").blocks]


def cards(titles: list[str], heading: str = "Related articles") -> str:
    items = "".join(
        f"<li><a href=/news/{n}-a-b>{title}</a><p>{title} in short ...</p></li>" for n, title in enumerate(titles)
    )
    return f"<h3>{heading}</h3><ul>{items}</ul>"


def test_the_prose_is_the_body():
    assert body_of(page()) == PROSE


@pytest.mark.parametrize("line", ["22 June 2015", "June 22, 2015, 10:30 am", "22.06.2015", "2015-06-22"])
def test_a_date_line_above_the_text_is_no_paragraph_of_it(line):
    assert body_of(page(f"<p>{line}</p>" + "".join(f"<p>{text}</p>" for text in PROSE))) == PROSE


def test_long_comments_below_the_text_are_no_body():
    thread = "".join(f"<li class=comment><div class=comment-body><p>{COMMENT * 3}</p></div></li>" for _ in range(6))
    assert body_of(page(below=f"<ol class=comment-list>{thread}</ol>")) == PROSE


CALLS = [
    "<div class=box-1><p>Subscribe to our weekly newsletter for the latest news.</p><p>By subscribing you agree to our <a href=/p>terms</a>.</p></div>",  # noqa: E501
    "<p><strong>Sign up to get our free newsletters delivered right to your inbox.</strong></p>",
    "<p>Want more? Sign up for our newsletter, The Round.</p>",
    "<h4>Haben Sie schon unseren Newsletter abonniert?</h4>",
    "<p>Inscrivez-vous à notre newsletter pour recevoir nos actualités.</p>",
]


@pytest.mark.parametrize("call", CALLS)
def test_a_call_for_subscribers_in_the_middle_of_a_text_is_none_of_it(call):
    lines = [f"<p>{line}</p>" for line in PROSE]
    assert body_of(page("".join([*lines[:2], call, *lines[2:]]))) == PROSE


@pytest.mark.parametrize("line", ["The newsletter of the Society has 4,000 readers who subscribe by mail each spring."])
def test_a_text_about_a_newsletter_keeps_its_sentences(line):
    assert line in body_of(page("".join(f"<p>{text}</p>" for text in [*PROSE, line, PROSE[0]])))


WORD = st.sampled_from(["society", "board", "names", "new", "head", "of", "training", "after", "long", "talks"])
TITLES = st.lists(
    st.lists(WORD, min_size=4, max_size=9, unique=True).map(" ".join), min_size=3, max_size=9, unique=True
)


@given(TITLES)
@settings(deadline=None, max_examples=30)
def test_no_card_reaches_the_body_wherever_its_run_stands(titles):
    run = cards(titles)
    assert body_of(page(side=run)) == body_of(page(below=run)) == body_of(page(above=run)) == PROSE


def test_a_navigation_element_around_articles_is_read_and_a_menu_is_not():
    inside = "".join(f"<article><p>{text}</p></article>" for text in PROSE)
    assert [c.text for c in outline_of(page_of(f"<nav>{inside}</nav>")).chunks] == PROSE
    assert not outline_of(page_of("<nav><ul><li><a href=/a>About</a></li></ul></nav>")).chunks


def test_a_long_list_is_in_the_body_wholly_or_not_at_all():
    items = [f"Step {n} of the plan is led by the group of that region and ends in its own report." for n in range(12)]
    listed = "".join(f"<li>{item}</li>" for item in items)
    body = body_of(page("".join(f"<p>{text}</p>" for text in PROSE) + f"<ul>{listed}</ul><p>{PROSE[0]}</p>"))
    assert "\n".join(items) in body


@pytest.mark.parametrize("name", ["p-x", "li-item", "td-x"])
def test_elements_named_almost_like_flat_ones_still_nest(name):
    assert page_of(f"<{name}>" * 5000).trouble == "too deep"


@pytest.mark.parametrize("tag", ["article", "div", "li"])
def test_a_list_of_items_is_a_listing_with_teasers_and_no_article(tag):
    items = "".join(
        f"<{tag}><h2><a href=/news/{n}-society-agrees>Society agrees on step {n}</a></h2><p>{PROSE[0]}</p></{tag}>"
        for n in range(8)
    )
    article = read_article(f"<main><h1>News</h1>{items}</main>", "https://society.example/news")
    assert (article.unfit, article.blocks, len(article.teasers)) == ("listing", (), 8)
