"""Sections below the body: "About X" and its kin."""

from __future__ import annotations

from scraper.parse.article import read_article


def test_about_in_bold_run_in_with_its_text_is_a_heading() -> None:
    prose = "<p>" + "The two bodies have worked together on the exchange of images for many years now. " * 3 + "</p>"
    about = "<p><strong>About ABC</strong> ABC was founded in 1961.</p>"
    page = f"<article><h1>Two bodies</h1>{prose}{prose}{about}</article>"
    article = read_article(page, "https://a.example/n")
    assert [(each.organisation, each.text) for each in article.about] == [("ABC", "ABC was founded in 1961.")]
    assert "1961" not in article.text
