"""Title, people, dates and language of a page: which of several candidates is believed, and why."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.parse.article import read_article, read_text
from scraper.parse.language import language_of
from storage.records.source import Hints, Recipe

PROSE = (
    "<p>The association of imaging makers and the society of hospital engineers have agreed on a common way to "
    "exchange images between the hospitals of all member states, without a cost for those who send or receive them.</p>"
    * 3
)
META = '<meta property="article:published_time" content="{}">'
LINKED = '<script type="application/ld+json">{}</script>'


def page(*, head: str = "", line: str = "", title: str = "Makers and engineers agree on images", foot: str = "") -> str:
    return (
        f"<html lang=en><head><title>{title} | ECIM</title>{head}</head><body><main><article><h1>{title}</h1>{line}"
        f"{PROSE}{foot}</article></main></body></html>"
    )


def published(url: str = "https://ecim.test/news/1", hints: Hints = Hints(), **parts: str) -> tuple[str | None, str]:  # noqa: B008
    article = read_article(page(**parts), url, hints=hints)
    return article.published.value if article.published else None, article.published_because


DECLARED = {
    "JSON-LD": LINKED.format('{"@type":"NewsArticle","datePublished":"2024-05-06T09:00:00+02:00"}'),
    "JSON-LD in a graph": LINKED.format('{"@graph":[{"@type":["Article"],"datePublished":"2024-05-06"}]}'),
    "JSON-LD with a comma too many": LINKED.format('{"@type":"NewsArticle","datePublished":"2024-05-06",}'),
    "JSON-LD of two items": LINKED.format(
        '[{"@type":"NewsArticle","url":"https://ecim.test/news/2","datePublished":"2024-01-01"},'
        '{"@type":"NewsArticle","url":"https://ecim.test/news/1","datePublished":"2024-05-06"}]'
    ),
    "seconds since 1970": LINKED.format('{"@type":"Article","datePublished":1714986000}'),
    "meta": META.format("2024-05-06T07:00:00Z"),
    "a meta name of its own": '<meta name="published-date" content="6 May 2024">',
    "Dublin Core": '<meta name="DC.date.issued" content="2024-05-06">',
}


@pytest.mark.parametrize("head", DECLARED.values(), ids=DECLARED)
def test_a_declared_day_is_read_wherever_it_is_declared(head: str) -> None:
    assert published(head=head)[0] == "2024-05-06"


SHOWN = {
    "a time element": "<time datetime=2024-05-06>yesterday</time>",
    "a line": "<p class=date>6 May 2024</p>",
    "a line with a word": "<p>Published on Monday, 6 May 2024</p>",
    "a label before it": "<h4>Published</h4><div>6 May 2024</div>",
    "a line with its update": "<p>6 May 2024. Updated: 9 May 2024</p>",
    "two time elements": "<div><time>May 6, 2024</time><time>Updated on: May 9, 2024</time></div>",
    "script data": "<script>window.state={\"publishedAt\":\"2024-05-06T08:00:00Z\"}</script>",
    "an attribute's data": "<div data-page=\"{&quot;datePublished&quot;:&quot;2024-05-06&quot;}\"></div>",
}  # fmt: skip


@pytest.mark.parametrize("line", SHOWN.values(), ids=SHOWN)
def test_a_day_that_is_only_shown_is_read_too(line: str) -> None:
    assert published(line=line)[0] == "2024-05-06"


def test_the_address_tells_the_day_when_nothing_else_does() -> None:
    assert published("https://ecim.test/2024/05/06/agree") == ("2024-05-06", "from its url")


def test_a_moment_in_utc_is_of_the_day_that_the_page_shows() -> None:
    value, why = published(head=META.format("2024-05-07T03:30:00+00:00"), line="<p>6 May 2024</p>")
    assert (value, "UTC" in why) == ("2024-05-06", True)


def test_day_and_month_are_exchanged_when_only_so_they_agree() -> None:
    assert published(head=META.format("05-06-2024"), line="<p>Published May 6, 2024</p>")[0] == "2024-05-06"


def test_a_day_written_year_first_is_never_turned() -> None:
    assert published(head=META.format("2024-05-06"), line="<p>June 5, 2024</p>")[0] == "2024-05-06"


def test_a_day_shown_before_the_declared_one_is_that_of_first_publication() -> None:
    value, why = published(head=META.format("2024-09-01T08:00:00+02:00"), line="<p>6 May 2024</p>")
    assert (value, "earlier than declared" in why) == ("2024-05-06", True)


@pytest.mark.parametrize(
    "line", ["<p>Updated 9 May 2024</p>", "<p>Received 1 May 2024</p>", "<p>Registration deadline: 2 May 2024</p>"]
)
def test_days_of_something_else_are_not_taken_for_it(line: str) -> None:
    assert published(head=META.format("2024-05-06"), line=line)[0] == "2024-05-06"


def test_the_dates_of_a_list_below_the_text_are_nobodys_guess() -> None:
    cards = "".join(
        f"<div><h3>Other news {n}</h3><p>{n} March 2024</p><p>{'Words. ' * 9}</p></div>" for n in range(1, 9)
    )
    assert published(foot="<p>Words of a line.</p>" * 60 + cards) == (None, "")


def test_what_is_later_than_the_fetch_is_no_day_of_publication() -> None:
    article = read_article(page(head=META.format("2031-01-01"), line="<p>6 May 2024</p>"), seen="2024-06-01")
    assert article.published.value == "2024-05-06"


def test_a_page_that_tells_only_its_update_says_so() -> None:
    article = read_article(page(line="<p>Last updated: 6 May 2024</p>"))
    assert (article.published, "update" in article.published_because) == (article.updated, True)


def test_the_order_of_numbers_is_the_configurations_then_the_countrys() -> None:
    line = "<p>03/04/2024</p>"
    assert published("https://ecim.com/1", line=line)[0] == "2024-03-04"
    assert published("https://ecim.eu/1", line=line)[0] == "2024-04-03"
    assert published("https://ecim.eu/1", hints=Hints(date_order="MDY"), line=line)[0] == "2024-03-04"


def test_a_moment_without_a_zone_is_in_that_of_the_source() -> None:
    article = read_article(page(head=META.format("2024-05-06T09:00:00")), hints=Hints(timezone="Europe/Vienna"))
    assert article.published.at.isoformat() == "2024-05-06T09:00:00+02:00"


def test_the_chosen_date_is_among_the_candidates_each_with_its_origin() -> None:
    article = read_article(page(head=META.format("2024-05-06"), line="<p>6 May 2024</p>"))
    assert [fact.origin for fact in article.date_candidates] == ["meta", "dateline"]
    assert article.published in article.date_candidates


TITLES = {
    "the site's name behind a bar": "<title>Makers agree on images | ECIM</title><h1>Makers agree on images</h1>",
    "a site's name as h1": "<title>Makers agree on images | ECIM News</title><h1>ECIM News</h1>",
    "a host as h1": "<title>Makers agree on images</title><h1>ecim.test</h1>",
    "a section as h1": "<title>Makers agree on images - ECIM</title><h1>Press</h1><h2>Makers agree on images</h2>",
    "no heading": "<meta property=og:site_name content=ECIM><title>ECIM – Makers agree on images</title>",
    "a share count": "<title>Makers agree on images</title><h1>Makers agree on images (ecim.test) 87</h1>",
    "a date glued to it": "<meta property=og:title content='Makers agree on images'><title>x</title>"
    "<h1>13.03.2020 Makers agree on images</h1>",
}


@pytest.mark.parametrize("head", TITLES.values(), ids=TITLES)
def test_the_title_is_the_headline_and_nothing_else(head: str) -> None:
    assert read_article(head + PROSE, "https://www.ecim.test/news/1").title == "Makers agree on images"


@pytest.mark.parametrize(
    ("line", "people"),
    [
        ("<p class=byline>By Anna Berg and Karl Meier</p>", ("Anna Berg", "Karl Meier")),
        ("<p>Von Petra Müller</p>", ("Petra Müller",)),
        ("<div class=author>María del Carmen Ruiz</div>", ("María del Carmen Ruiz",)),
        ("<p>By the end of the year all will be well.</p>", ()),
        ("<p class=author>admin</p>", ()),
    ],
)
def test_people_are_read_from_a_byline_that_names_them(line: str, people: tuple[str, ...]) -> None:
    assert read_article(page(line=line)).authors == people


def test_a_standfirst_is_the_deck_where_the_head_has_none() -> None:
    deck = "What hospitals have asked for in ten years of meetings is now agreed."
    assert read_article(page(line=f"<p class=standfirst>{deck}</p>")).deck == deck


def test_a_page_without_an_image_has_none() -> None:
    assert read_article(page(), "https://ecim.test/news/1").image == ""


SPOKEN = {
    "en": "The society and the council have signed an agreement on the use of data for the benefit of all.",
    "de": "Der Verband und die Gesellschaft haben eine Vereinbarung über die Nutzung von Daten unterzeichnet.",
    "fr": "La société et l’association ont signé un accord sur les données de santé dans l’Union.",
    "pl": "Izba i towarzystwo podpisały umowę o współpracy w zakresie danych, które są dla nas ważne.",
    "ja": "協会は本日、学会と協力協定を締結したと発表しました。",
    "": "ECIM SHI",
}


@pytest.mark.parametrize(("tongue", "text"), SPOKEN.items())
def test_the_language_of_a_text_is_told_by_its_small_words(tongue: str, text: str) -> None:
    assert (language_of(text), read_text("", text).language) == (tongue, tongue)


def test_the_configurations_language_wins_over_the_pages_own() -> None:
    assert read_article(page(), hints=Hints(language="de")).language == "de"
    assert read_article(page()).language == "en"


ODD = (
    "<h1>Press room</h1><div class=x><b class=t>Makers agree on images</b><i class=d>on 6.5.2024 at noon</i>"
    f"<div class=y>{PROSE}<div class=ad>Buy our book on images in hospitals today.</div></div>"
    f"<ul class=z><li><a href=/news/2>Elections</a></li></ul>{PROSE}</div>"
)


@pytest.mark.parametrize(
    "head",
    [
        "<title>FHF : un accord avec les patients | Le Site</title><h1>FHF : un accord avec les patients</h1>",
        "<title>FHF : un accord avec les patients</title><h1>FHF : un accord avec les patients</h1>",
        "<title>FHF : un accord avec les patients</title>",
        "<title>FHF : un accord avec les patients | Le Site</title>",
        "<meta property=og:site_name content=ECIM><title>ECIM : FHF : un accord avec les patients</title>",
    ],
)
def test_what_stands_before_a_spaced_colon_is_cut_only_where_it_is_the_site(head: str) -> None:
    assert read_article(head + PROSE, "https://www.ecim.test/news/1").title == "FHF : un accord avec les patients"


NEW = Recipe(since=date(2024, 5, 1), title=".t", body=".y", published=".d", teasers=".z", remove=(".ad",))


def test_a_recipe_says_where_things_stand() -> None:
    article = read_article(ODD, "https://ecim.test/news/1", hints=Hints(recipes=(NEW,)), seen="2024-06-01")
    assert (article.title, article.published.value, article.published.origin) == (
        "Makers agree on images", "2024-05-06", "recipe",
    )  # fmt: skip
    assert len(article.blocks) == 3
    assert "Buy our book" not in article.text
    assert [(teaser.title, teaser.url) for teaser in article.teasers] == [("Elections", "https://ecim.test/news/2")]


def test_an_archived_page_keeps_the_recipe_of_its_day() -> None:
    hints = Hints(recipes=(Recipe(title="h1"), NEW))
    assert read_article(ODD, hints=hints, seen="2024-04-30").title == "Press room"
    assert read_article(ODD, hints=hints, seen="2024-05-01").title == "Makers agree on images"
    assert hints.recipe_on(None) == NEW


def test_a_recipe_that_finds_nothing_changes_nothing() -> None:
    lost = Recipe(title=".no", body="#none", published=":::", teasers="aside", remove=("script",))
    assert read_article(page(), hints=Hints(recipes=(lost,))) == read_article(page())


_SELECTORS = st.sampled_from(["", "p", "div", "h1", "*", "[", "html", "body > *", "a[href]"])


@given(st.text(max_size=200), _SELECTORS, _SELECTORS, _SELECTORS)
@settings(deadline=None, max_examples=100)
def test_no_recipe_upsets_the_reader(text: str, one: str, two: str, three: str) -> None:
    recipe = Recipe(title=one, body=two, published=three, teasers=one, remove=(two,))
    read_article(f"<h1>{text}</h1>{PROSE}<p>{text}</p>", hints=Hints(recipes=(recipe,)))


@given(st.dictionaries(st.sampled_from(["date", "published", "og:title", "author", "pubdate"]), st.text(max_size=60)))
@settings(deadline=None, max_examples=150)
def test_no_head_upsets_the_reader(metas: dict[str, str]) -> None:
    head = "".join(f'<meta name="{name}" content="{value}">' for name, value in metas.items())
    article = read_article(page(head=head, line="<p>6 May 2024</p>"))
    assert article.published is not None
