"""Whole pages and texts: what stands around the body never becomes body, and nothing upsets the reader."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.parse.article import read_article, read_plain, read_text
from scraper.parse.boilerplate import part
from scraper.parse.quotes import read_quotes
from storage.records.article import Block

CASE = Path(__file__).parents[1] / "cases" / "parse" / "trade_press_release"
EXPECTED = json.loads((CASE / "expected.json").read_text("utf-8"))
PAGE = (CASE / "page.html").read_text("utf-8")


def page_with_module(items: list[int]) -> str:
    """The case page with its teaser items in this order, possibly fewer."""
    start, end = PAGE.index('<li class="odd"><h4>'), PAGE.index("</ul></div></div></div></div>")
    lines = PAGE[start:end].strip().splitlines()
    return PAGE[:start] + "\n".join(lines[i] for i in items) + PAGE[end:]


def text_of_the_page() -> str:
    parts = [EXPECTED["title"], *(text for _, text in EXPECTED["blocks"])]
    parts += [f"About {name}\n{text}" for name, text in EXPECTED["about"]]
    parts += ["Most Popular Now"]
    for teaser in EXPECTED["teasers"]:
        parts += [teaser["title"], teaser["snippet"]]
    return "\n\n".join(parts)


@given(st.permutations(range(12)), st.integers(3, 12))
@settings(deadline=None, max_examples=25)
def test_the_body_is_the_same_byte_for_byte_however_the_sidebar_is_shuffled(order, count):
    assert read_article(page_with_module(order[:count])).text == read_article(PAGE).text


def test_no_teaser_text_is_in_the_body():
    body = read_article(PAGE).text
    assert not [teaser for teaser in EXPECTED["teasers"] if teaser["title"][:20] in body or teaser["snippet"] in body]


def test_a_plain_text_gives_the_same_body_abouts_and_teasers_as_its_page():
    article = read_text(EXPECTED["title"], text_of_the_page())
    assert [block.text for block in article.blocks] == [text for _, text in EXPECTED["blocks"]]
    assert [[about.organisation, about.text] for about in article.about] == EXPECTED["about"]
    assert [teaser.title for teaser in article.teasers] == [teaser["title"] for teaser in EXPECTED["teasers"]]


def test_a_logo_glued_to_the_first_word_is_taken_off():
    text = text_of_the_page().replace(
        "The European Council of Imaging Makers (ECIM)", "ECIMThe European Council (ECIM)", 1
    )
    assert read_text("", text.split("\n\n", 1)[1]).blocks[0].text.startswith("The European Council (ECIM)")


def test_long_lines_are_paragraphs_and_a_link_on_a_line_of_its_own_is_none():
    prose = "The society has met its members in Lyon, where four hundred of them spoke for a day "
    prose += "about the safety of the boats and of their crews"
    lines = ["News | Events | Press", f"{prose} of the", "Harbour Guild", "and of others.", f"{prose} once more."]
    found = [block.text for block in read_text("Boats", "\n".join(lines)).blocks]
    assert found[-2:] == [f"{prose} of the Harbour Guild and of others.", f"{prose} once more."]


def test_a_date_line_above_the_headline_of_a_text_is_its_date_and_no_body():
    article = read_text(
        "News of us", "January 2018\n\nNews of us\n\nThe society met in spring and spoke of many things."
    )
    assert (article.published.value, article.published.precision, len(article.blocks)) == ("2018-01", "month", 1)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("BRUSSELS – 22 June 2015 – The council has signed.", "2015-06-22"),
        ("Brussels, 10 February 2022 - The council has signed.", "2022-02-10"),
        ("CHICAGO – (November 10, 2004) – The council has signed.", "2004-11-10"),
        ("01 March 2023, Barcelona: The council has signed.", "2023-03-01"),
        ("Vienna, 12 March 2021. The council has signed.", "2021-03-12"),
        ("Paris, le 3 mars 2021 – Le conseil a signé.", "2021-03-03"),
        ("In 12 March 2021. It was so.", None),
        ("The council was founded on 22 June 2015 - and grew.", None),
        ("Reston, Va. (Nov. 4, 2015) — The council has signed.", "2015-11-04"),
    ],
)
def test_a_dateline_is_a_fact_of_its_own(line, value):
    dateline = read_text("", line).dateline
    assert (dateline.value if dateline else None) == value


@pytest.mark.parametrize(
    ("heading", "kind", "name"),
    [
        ("About ECIM", "about", "ECIM"),
        ("Über den Bundesverband Medizin:", "about", "Bundesverband Medizin"),
        ("À propos de la Fédération", "about", "Fédération"),
        ("Sobre la Sociedad Alpina", "about", "Sociedad Alpina"),
        ("Notes to editors:", "notes", ""),
        ("Hinweis an die Redaktion", "notes", ""),
        ("Media contact", "contact", ""),
        ("Contatti per la stampa", "contact", ""),
    ],
)
def test_boilerplate_is_parted_from_the_body(heading, kind, name):
    body = Block(
        kind="paragraph",
        text="A long first paragraph that says what happened, to whom and why it matters to the reader. " * 2,
    )
    parted = part([body, Block(kind="heading", text=heading), Block(kind="paragraph", text="What stands below it.")])
    assert parted.body == [body]
    if kind == "about":
        assert [(about.organisation, about.text) for about in parted.about] == [(name, "What stands below it.")]
    else:
        assert [(section.kind, section.text) for section in parted.sections] == [(kind, "What stands below it.")]


def test_a_sentence_that_begins_with_about_stays_in_the_body():
    blocks = [
        Block(
            kind="paragraph",
            text="The congress opened with a long speech on the state of imaging in all member states of the union.",
        ),
        Block(kind="paragraph", text="About 300 people came."),
        Block(kind="paragraph", text="They stayed for two days."),
    ]
    assert part(blocks).body == blocks


@pytest.mark.parametrize(
    ("text", "speaker", "role", "organisation"),
    [
        ("“We are glad to join forces with you,” said Anna Berg, President of ECIM.", "Anna Berg", "President", "ECIM"),
        ("„Wir freuen uns sehr auf die Zusammenarbeit“, betonte Karl Meier, Geschäftsführer des ZVM.", "Karl Meier", "Geschäftsführer", "ZVM"),  # noqa: E501
        ("« Cet accord est une étape majeure pour nous », explique Jean Petit, président de SFR.", "Jean Petit", "président", "SFR"),  # noqa: E501
        ("«Es un paso muy importante para todos», ha afirmado Luis Gil, presidente de SEMI.", "Luis Gil", "presidente", "SEMI"),  # noqa: E501
        ("“È un passo molto importante per tutti”, ha commentato Ada Neri, presidente di SIRM.", "Ada Neri", "presidente", "SIRM"),  # noqa: E501
        ('ECIM Director General, Nora Hall said: "We have waited long for this day."', "Nora Hall", "Director General", "ECIM"),  # noqa: E501
    ],
)  # fmt: skip
def test_who_speaks_is_read_before_and_after_the_words(text, speaker, role, organisation):
    quote = read_quotes([Block(kind="paragraph", text=text)])[0]
    assert (quote.speaker, quote.role, quote.organisation) == (speaker, role, organisation)


UNFIT = {
    "challenge": "<title>Just a moment...</title><h1>news.example.org</h1><p>Checking your browser before you continue.</p>",  # noqa: E501
    "maintenance": "<title>Maintenance</title><h1>We are down for maintenance</h1><p>Please come back in an hour or so.</p>",  # noqa: E501
    "soft 404": "<title>News - Society</title><h1>Page not found</h1><p>The page you asked for does not exist any more.</p>",  # noqa: E501
    "login": "<title>Members</title><h1>Log in</h1><form><input name=user><input type=password></form><p>Members only.</p>",  # noqa: E501
    "consent": "<title>Before you continue</title><p>We and our partners use cookies to store and read data.</p>",
    "empty": "<title>News</title><div></div>",
    "scrambled": "<h1>News</h1>" + "<p>" + "Tkhe srntgh brzwkl qwrtzp lkjhgf mnbvcx ptrkln " * 12 + "</p>",
}


@pytest.mark.parametrize(("reason", "html"), UNFIT.items())
def test_a_page_that_is_no_article_says_why(reason, html):
    assert read_article(html).unfit == reason


@pytest.mark.parametrize(
    ("title", "unfit"),
    [("404", "soft 404"), ("Error 404", "soft 404"), ("Society | 404", "soft 404"), ("404 - Not found", "soft 404"),
     ("404 hospitals join the exchange of images", None), ("Members meet in Lisbon, report 404", None)],
)  # fmt: skip
def test_a_number_in_a_title_is_no_missing_page(title, unfit):
    text = "<p>The members of the society met on Friday, and what they had to say of it was soon said by all.</p>"
    assert read_article(f"<title>{title}</title><h1>{title}</h1>{text * 2}").unfit == unfit


def test_a_masked_name_is_decoded_and_lost_data_leaves_the_token():
    html = (
        "<h1>Title of it all</h1>"
        + "<p>Our <span class='__cf_email__' data-cfemail='%s'>[email protected]</span> is out today, and it is a long read for all of our members.</p>"  # noqa: E501
        * 3
    )
    assert "Our A@B is out" in read_article(html % ("5a1b1a18", "5a1b1a18", "zz")).text
    assert "[email protected]" in read_article(html % ("5a1b1a18", "5a1b1a18", "zz")).text


@given(st.binary(max_size=600))
@settings(deadline=None, max_examples=150)
def test_any_bytes_are_read(body):
    read_article(body, "https://site.org/a")


_TAGS = st.sampled_from(
    ["<p>", "</p>", "<div class=related>", "</div>", "<table>", "<td>", "<a href=/x>", "</a>", "<b>", "<br>", "<li>", "<ul>", "<h1>", "</h1>",  # noqa: E501
     "<pre>", "<script>", "</script>", "<!--", "-->", "<span data-cfemail=5a>", "<time datetime=2020>", "<svg>", "Some words, and more. ", "“Yes”, said"]  # noqa: E501
)  # fmt: skip


@given(st.lists(_TAGS, max_size=60))
@settings(deadline=None, max_examples=150)
def test_any_soup_of_tags_is_read(tags):
    read_article("".join(tags), "https://site.org/a")


@given(st.text(max_size=400))
@settings(deadline=None, max_examples=150)
def test_any_text_is_read(text):
    read_text(text[:20], text)


def test_a_date_above_the_headline_of_a_plain_text_is_its_day_and_no_title():
    article = read_plain(
        f"January 2018\n\nSociety agrees with Union\n\n{'The members of both met in Lisbon. ' * 3}".encode()
    )
    assert (article.title, article.published.value) == ("Society agrees with Union", "2018-01")
