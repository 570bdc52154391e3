"""Copies of a story are found; a sender's boilerplate, a bulletin's form and another language are told apart."""

from __future__ import annotations

from dataclasses import replace

from scraper.detect.duplicates import same_in_another_language, same_story
from storage.records.article import Article
from tests.builders import a_date, an_article
from tests.stories.cms import posts

ABOUT = ("The association speaks for those who build imaging systems in Europe. It was founded long ago and has its "
         "office in Brussels, where nine people work for its members and answer whoever writes to them.")  # fmt: skip


def text(number: int, *more: str, title: str = "") -> Article:
    post = posts(12)[number]
    return an_article(*post.paragraphs, *more, title=title or post.title)


def test_a_shortened_and_a_wrapped_copy_are_the_same_story() -> None:
    whole = text(1)
    assert same_story(whole, an_article(*(b.text for b in whole.blocks[:2]), title=whole.title))
    assert same_story(whole, text(1, "Follow us on all networks.", "Subscribe to our letter.", title="In brief"))


def test_what_one_sender_says_below_each_release_does_not_join_two() -> None:
    assert not same_story(text(2, ABOUT), text(3, ABOUT))


def test_a_form_filled_with_other_facts_is_another_bulletin() -> None:
    form = "In {0} the association counted {1} members in {2} countries and met them {3} times in {4}. " * 6
    march, april = (an_article(form.format(*facts), title="Bulletin")
                    for facts in (("March", 212, 27, 4, "Lisbon"), ("April", 215, 29, 6, "Vienna")))  # fmt: skip
    assert not same_story(march, april)


EN = an_article(
    "COCIR and HIMSS met 120 members in Brussels on 3 May, and Anna Weber spoke of 45 hospitals in Tallinn."
)
DE = replace(EN, language="de", title="Treffen", blocks=an_article(
    "COCIR und HIMSS trafen 120 Mitglieder am 3. Mai in Brussels, und Anna Weber sprach von 45 Kliniken in Tallinn.").blocks)  # fmt: skip  # noqa: E501


def test_a_page_and_its_translation_are_one_story_when_one_names_the_other_or_facts_agree() -> None:
    assert same_in_another_language(EN, replace(DE, blocks=()), linked=True)
    assert same_in_another_language(EN, DE, linked=False)


def test_two_items_of_one_day_in_two_languages_are_two_stories() -> None:
    other = replace(DE, blocks=an_article("Der Vorstand wählte 7 neue Mitglieder in Prag und Wien.").blocks)
    assert not same_in_another_language(EN, other, linked=False)
    assert not same_in_another_language(EN, replace(DE, published=a_date("2025-01-01")), linked=True)
    assert not same_in_another_language(EN, replace(DE, language="en"), linked=True)
