"""Pages that hold several items, or none but a document; and documents themselves."""

from __future__ import annotations

import io

from scraper.parse.article import read_article
from scraper.parse.issue import split_items
from scraper.parse.pdf import read_pdf

ITEM = "<h2>{}</h2><p>This is what happened in {} this month, told at some length so that it counts as an item of its own.</p>"  # noqa: E501


def test_each_item_of_an_issue_becomes_an_article():
    names = ("Vienna", "Bern", "Oslo", "Porto")
    page = "<h1>Newsletter of the society, March issue</h1>" + "".join(ITEM.format(f"News from {n}", n) for n in names)
    assert [item.title for item in split_items(read_article(page))] == [f"News from {n}" for n in names]


def test_an_article_with_subheadings_stays_one():
    page = "<h1>How four cities work together</h1>" + "".join(ITEM.format(n, n) for n in ("Vienna", "Bern", "Oslo"))
    assert len(split_items(read_article(page))) == 1


def test_a_page_that_points_to_its_release_is_a_stub_with_the_document():
    page = "<h1>Joint statement on imaging</h1><p>Please find here the <a href='/media/statement.pdf'>full press release</a>.</p>"  # noqa: E501
    article = read_article(page, "https://society.example/news/1")
    assert (article.unfit, article.links[0].url) == ("stub", "https://society.example/media/statement.pdf")


def pdf_of(lines: list[str]) -> bytes:
    """A one-page PDF with these lines, written by hand."""
    text = "BT /F1 10 Tf 50 780 Td 12 TL " + " ".join(f"({line}) Tj T*" for line in lines) + " ET"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(text)}>>stream\n{text}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.4\n")
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(f"{number} 0 obj{body}endobj\n".encode())
    start = out.tell()
    out.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    out.write("".join(f"{place:010d} 00000 n \n" for place in places).encode())
    out.write(f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF".encode())
    return out.getvalue()


def test_a_pdf_release_is_read_as_its_text():
    lines = [
        "ECIM and SHI renew their agreement",
        "Brussels, 22 June 2015 - The European Council of Imaging Makers and the Society",
        "for Hospital Informatics have renewed their agreement on digital wards.",
        "About ECIM",
        "ECIM is the association of those who make imaging equipment in Europe since 1964.",
    ]
    article = read_pdf(pdf_of(lines), "https://society.example/release.pdf")
    assert article.title == lines[0]
    assert article.published.value == "2015-06-22"
    assert article.text == f"{lines[1]} {lines[2]}"
    assert [about.organisation for about in article.about] == ["ECIM"]


def test_a_broken_pdf_is_unfit_and_says_so():
    assert read_pdf(b"%PDF-1.4 nothing").unfit.startswith("pdf: ")
