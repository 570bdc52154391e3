"""A text changed in each way, and the verdict on it: noise is nothing, each true change is told as what it is."""

# ruff: noqa: E501 - tables

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from scraper.detect.change import Pages, differences
from scraper.detect.fingerprint import closed_up
from storage.records.article import Article, Block
from tests.builders import NOW, a_date, an_article, an_observation
from tests.stories.cms import posts

Change = Callable[[Article, random.Random], Article]


def article(number: int) -> Article:
    post = posts(30)[number % 30]
    return an_article(*post.paragraphs, title=post.title, published=a_date(post.day))


def each(article: Article, how: Callable[[str], str]) -> Article:
    blocks = tuple(replace(block, text=how(block.text)) for block in article.blocks)
    return replace(article, title=how(article.title), blocks=blocks)


def one(article: Article, chance: random.Random, how: Callable[[str], str]) -> Article:
    at = chance.randrange(len(article.blocks))
    blocks = list(article.blocks)
    blocks[at] = replace(blocks[at], text=how(blocks[at].text))
    return replace(article, blocks=tuple(blocks))


def spelled(text: str, chance: random.Random, count: int) -> str:
    words = text.split(" ")
    for at in chance.sample(range(len(words)), count):
        words[at] = f"{words[at]}x"
    return " ".join(words)


NEW = "A sentence that nobody had written before came in here."
NOISE: dict[str, Change] = {
    "no-break spaces": lambda a, c: each(a, lambda t: t.replace(" ", "\u00a0")),
    "zero-width marks": lambda a, c: each(a, lambda t: t.replace("e", "e\u200b", 3)),
    "soft hyphens": lambda a, c: each(a, lambda t: t.replace("mem", "mem\u00ad")),
    "more spaces": lambda a, c: each(a, lambda t: t.replace(" ", "  \n ")),
    "no space at an inner tag": lambda a, c: each(a, lambda t: t.replace(", ", " , ")),
    "typographic quotes": lambda a, c: each(a, lambda t: t.replace("'", "’")),
    "a dash in place of two hyphens": lambda a, c: each(a, lambda t: t.replace("--", "–")),
    "one paragraph as two": lambda a, c: replace(
        a, blocks=tuple(Block(kind="paragraph", text=s + ".") for b in a.blocks for s in b.text[:-1].split(". "))
    ),
    "other kinds of blocks": lambda a, c: replace(a, blocks=tuple(replace(b, kind="quote") for b in a.blocks)),
    "other teasers, authors, picture": lambda a, c: replace(a, authors=("Ann",), image="/x.jpg", deck="More"),
    "a title cut at an ellipsis": lambda a, c: replace(a, title=f"{a.title[:20]}…"),
    "a vaguer date": lambda a, c: replace(a, published=a_date("2026-02")),
}
TRUE: dict[str, tuple[Change, set[str]]] = {
    "one word": (lambda a, c: one(a, c, lambda t: spelled(t, c, 1)), {"corrected"}),
    "one number": (lambda a, c: one(a, c, lambda t: t.replace("20", "21", 1)), {"corrected"}),
    "a sentence more": (lambda a, c: one(a, c, lambda t: f"{t} {NEW}"), {"edited"}),
    "a short line more": (lambda a, c: replace(a, blocks=(*a.blocks, Block(kind="paragraph", text="Not so."))), {"edited"}),
    "a paragraph less": (lambda a, c: replace(a, blocks=a.blocks[1:]), {"edited"}),
    "paragraphs in another order": (lambda a, c: replace(a, blocks=a.blocks[::-1]), {"edited"}),
    "many words": (lambda a, c: each_body(a, lambda t: spelled(t, c, len(t.split()) // 2)), {"edited"}),
    "another title": (lambda a, c: replace(a, title="Quite another title"), {"retitled"}),
    "title and text": (lambda a, c: replace(one(a, c, lambda t: f"{t} {NEW}"), title="Another"), {"retitled", "edited"}),
    "an earlier date": (lambda a, c: replace(a, published=a_date("2025-11-02")), {"date_changed"}),
    "a new date": (lambda a, c: replace(a, published=a_date("2026-03-05")), {"republished"}),
}  # fmt: skip


def each_body(article: Article, how: Callable[[str], str]) -> Article:
    return replace(each(article, how), title=article.title)


def kinds(before: Article, after: Article, pages: Pages | None = None) -> set[str]:
    return {found.kind.value for found in differences(an_observation(before, seen=NOW), after, pages)}


NUMBERS = [*range(5), *(pytest.param(n, marks=pytest.mark.long) for n in range(5, 30))]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("noise", NOISE)
def test_what_no_reader_would_notice_is_no_change(noise: str, number: int) -> None:
    before = article(number)
    assert kinds(before, NOISE[noise](before, random.Random(number))) == set()


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("what", TRUE)
def test_a_true_change_is_told_as_what_it_is(what: str, number: int) -> None:
    before, (how, told) = article(number), TRUE[what]
    after = how(before, random.Random(number))
    if after != before:
        assert kinds(before, after) == told


def test_what_only_the_reading_took_in_or_left_out_is_no_change() -> None:
    junk = "Read more about our work on the page of the secretariat."
    before, after = an_article(), an_article(*(b.text for b in an_article().blocks), junk)
    whole = closed_up(f"{before.title} {after.text}")
    assert kinds(before, after, Pages(old=whole, new=whole)) == set()
    assert kinds(after, before, Pages(old=whole, new=whole)) == set()
    assert kinds(before, after, Pages(old=closed_up(before.text), new=whole)) == {"edited"}


def test_another_of_the_dates_that_a_page_has_always_shown_is_no_new_date() -> None:
    both = (a_date("2026-02-01"), a_date("2026-03-02"))
    old, new = (an_article(published=date, date_candidates=both) for date in both)
    assert kinds(old, new) == set()


def test_what_an_edit_did_to_the_facts_is_pointed_out() -> None:
    before = an_article(
        "COCIR and HIMSS signed a cooperation agreement on 22 June 2015 in Brussels, in 3 parts.", title="New"
    )
    after = an_article(
        "COCIR intends to sign a cooperation agreement on 22 July 2015 in Brussels, in 4 parts.", title="New"
    )
    (found,) = differences(an_observation(before), after)
    assert set(found.because[1:]) == {
        "3 became 4", "June became July", "HIMSS is no longer named", "“signed” became “intends”"}  # fmt: skip
    assert found.significance == "major"
