"""How a page was read, told block by block: what the reading made of it, never a second opinion."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.parse.article import read_article
from scraper.parse.tint import Passage, tinted
from storage.records.article import About, Article, Block

CASE = Path(__file__).parent.parent / "cases" / "parse" / "trade_press_release"


def parts_of(found: tuple[Passage, ...], role: str) -> str:
    return "\n".join(each.text for each in found if each.role == role)


def test_a_page_is_told_apart_as_its_article_was():
    body = (CASE / "page.html").read_bytes()
    article = read_article(body, url="https://trade.test/release")
    found = tinted(body, article)
    assert parts_of(found, "title") == article.title
    text = parts_of(found, "body")
    assert all(line in text for block in article.blocks for line in block.text.split("\n"))
    assert all(about.text.split("\n")[0] in parts_of(found, "about") for about in article.about)
    assert all(teaser.title in parts_of(found, "teaser") for teaser in article.teasers)
    assert parts_of(found, "furniture")


def test_a_menu_is_furniture_though_the_text_uses_its_words():
    body = b"<body><div><a href=/>News</a></div><p>News of the day is that two bodies signed an agreement.</p>"
    article = Article(blocks=(Block(kind="paragraph", text="News of the day is that two bodies signed an agreement."),))
    assert [each.role for each in tinted(body, article)] == ["furniture", "body"]


def test_a_heading_belongs_to_what_stands_under_it():
    body = b"<body><h3>About ABC</h3><p>ABC is a body.</p><h3>Contact</h3>"
    article = Article(about=(About(organisation="ABC", text="ABC is a body."),))
    assert [each.role for each in tinted(body, article)] == ["about", "about", "furniture"]


def test_what_is_no_page_is_shown_as_it_was_read():
    article = Article(blocks=(Block(kind="heading", text="Agreement"), Block(kind="paragraph", text="They signed.")))
    found = tinted(b"%PDF-1.4\0\0", article)
    assert [(each.role, each.kind) for each in found] == [("body", "heading"), ("body", "paragraph")]


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=2000), st.text(max_size=80))
def test_no_page_is_too_odd(body: bytes, title: str):
    assert isinstance(tinted(body, Article(title=title, blocks=(Block(kind="paragraph", text=title),))), tuple)
