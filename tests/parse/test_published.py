"""The day of publication: what pages declare and show, and what is none."""

from __future__ import annotations

import pytest

from scraper.parse.article import read_article


@pytest.mark.parametrize("empty", ["00/00/2000", "0-0-2000", "00-00-2000 00:00", "00/05/2000"])
def test_the_empty_date_of_a_system_is_no_fault(empty: str) -> None:
    declared = f'<meta property="article:published_time" content="{empty}">'
    page = f"{declared}<article><h1>A report</h1><p>It is out.</p></article>"
    published = read_article(page, "https://a.example/n").published
    assert published is None or published.precision != "day"
