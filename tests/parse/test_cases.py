"""Each case directory is a page written after a real structure; one test for each field that it settles."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from scraper.parse.article import read_article
from storage.records.article import Article

CASES = Path(__file__).parents[1] / "cases" / "parse"


def plain(article: Article) -> dict[str, Any]:
    """An article as the values that expected.json holds."""
    published = article.published
    return {
        "title": article.title,
        "language": article.language,
        "site_name": article.site_name,
        "deck": article.deck,
        "authors": list(article.authors),
        "published": [published.value, published.precision, published.origin] if published else None,
        "updated": article.updated.value if article.updated else None,
        "unfit": article.unfit,
        "blocks": [[block.kind, block.text] for block in article.blocks],
        "about": [[about.organisation, about.text] for about in article.about],
        "sections": [[section.kind, section.heading, section.text] for section in article.sections],
        "quotes": [[quote.speaker, quote.role, quote.organisation, quote.text] for quote in article.quotes],
        "teasers": [
            {name: getattr(teaser, name) for name in ("title", "url", "heading", "snippet", "truncated")}
            for teaser in article.teasers
        ],
    }


@cache
def read(case: str) -> tuple[dict[str, Any], dict[str, Any]]:
    expected = json.loads((CASES / case / "expected.json").read_text("utf-8"))
    return expected, plain(read_article((CASES / case / "page.html").read_bytes(), url=expected.pop("url")))


def fields() -> list[tuple[str, str]]:
    return [
        (file.parent.name, field)
        for file in sorted(CASES.glob("*/expected.json"))
        for field in json.loads(file.read_text("utf-8"))
        if field != "url"
    ]


@pytest.mark.parametrize(("case", "field"), fields())
def test_the_page_says(case, field):
    expected, got = read(case)
    assert got[field] == expected[field]
