"""Overviews to leads: the right group of links, with its titles and dates, on pages built in different ways."""

# ruff: noqa: E501 - markup is written as it comes
from __future__ import annotations

import pytest

from scraper.discover.lead import Leads
from scraper.discover.listings import read_listing
from scraper.page import page_of
from storage.records.article import DateFact
from storage.records.source import TargetKind
from tests.discover.pages import FOOTER, HOME, NAV, SITES, SUMMARY, TITLES, WORDPRESS, WRAPPED_CARDS, around

HERE = "https://www.assoc.org/news/"


def listing(html: str, url: str = HERE) -> Leads:
    return read_listing(page_of(html, url))


@pytest.mark.parametrize("site", SITES)
def test_the_news_are_found_and_nothing_else(site: str) -> None:
    titles = [lead.title for lead in listing(SITES[site]).items]
    assert [title for title in titles if title != "The one big story of today comes first"] == list(TITLES)


def test_a_big_first_card_belongs_to_the_list_below_it() -> None:
    assert listing(WRAPPED_CARDS).items[0].url == "https://www.assoc.org/news/hero"


def test_an_item_has_its_date_and_snippet() -> None:
    first = listing(WORDPRESS).items[0]
    assert first.published is not None
    assert (first.published.value, first.published.origin) == ("2025-01-10", "listing")
    assert first.snippet == SUMMARY
    assert first.url == "https://www.assoc.org/2025/01/cocir-and-himss-renew-their-memorandum-of-understanding/"


@pytest.mark.parametrize("site", ["drupal", "read more cards", "table", "lines"])
def test_dates_in_running_text_are_left_to_the_grammar_given(site: str) -> None:
    told: list[str] = []

    def find_date(text: str) -> DateFact:
        told.append(text)
        return DateFact(value="2025-03-10", precision="day", origin="text")

    leads = read_listing(page_of(SITES[site], HERE), find_date=find_date)
    assert all(lead.published == DateFact(value="2025-03-10", precision="day", origin="text") for lead in leads.items)
    assert all("2025" in text for text in told if TITLES[0] in text)


def test_a_date_in_the_address_counts_when_there_is_no_other() -> None:
    page = around(
        "".join(f"<h3><a href='/2024/05/story-number-{n}'>The story with number {n}</a></h3>" for n in range(4))
    )
    dates = [lead.published for lead in listing(page).items]
    assert dates == [DateFact(value="2024-05", precision="month", origin="url")] * 4


def test_no_news_is_said_not_guessed() -> None:
    leads = listing(f"<html><body>{NAV}<main><p>There is no news at present.</p></main>{FOOTER}</body></html>")
    assert leads.items == ()
    assert leads.trouble == "no group of links looks like news"


def test_a_page_made_by_a_script_says_so() -> None:
    shell = "<html><head><script src='app.js'></script></head><body><div id='root'></div><script>let x = 'a b c'</script></body></html>"
    assert listing(shell).trouble == "shows nothing without JavaScript"


def test_a_home_page_leads_on_to_its_news() -> None:
    leads = listing(HOME, "https://www.assoc.org/")
    assert [lead.url for lead in leads.more if lead.kind is TargetKind.LISTING] == ["https://www.assoc.org/news"]


def test_calendars_replies_and_logins_are_no_items() -> None:
    traps = [
        "/events?tribe-bar-date=2026-04",
        "/p?replytocom=9",
        "/news?mini=meetings%2Fcalendar%2F2013-04",
        "/x?add-to-cart=1",
    ]
    links = "".join(
        f"<li><h3><a href='{trap}&n={n}'>A tempting title of many words {n}</a></h3></li>"
        for trap in traps
        for n in range(3)
    )
    assert listing(f"<html><body><ul>{links}</ul></body></html>").items == ()


def test_javascript_and_mail_addresses_are_no_items() -> None:
    links = "".join(
        f"<li><h3><a href='{scheme}'>A tempting title of many words</a></h3></li>"
        for scheme in ("javascript:alert(1)", "mailto:a@b.c", "data:text/html,x")
    )
    assert listing(f"<html><body><ul>{links}</ul></body></html>").items == ()


def test_two_links_to_one_item_are_one_lead() -> None:
    urls = [lead.url for lead in listing(SITES["read more cards"]).items]
    assert len(urls) == len(set(urls)) == len(TITLES)


PAGING = {
    "rel": ("<link rel='next' href='/news/page/6/'>", HERE + "page/5/", "/news/page/6/"),
    "word": ("<a href='/news/page/2/'>Older posts</a>", HERE, "/news/page/2/"),
    "arrow": ("<div class='pager'><a href='?start=20'>»</a></div>", HERE, "/news/?start=20"),
    "numbers": ("<div class='pager'><a href='?page=1'>1</a> <b>2</b> <a href='?page=3'>3</a></div>", HERE + "?page=2", "/news/?page=3"),
    "from nought": ("<ul class='pager'><li>1</li><li><a href='?page=1'>2</a></li><li><a href='?page=2'>3</a></li></ul>", HERE, "/news/?page=1"),
    "path": ("<a href='/presse/_p4/x.html'>4</a><a href='/presse/_p3/x.html'>3</a>", "https://www.assoc.org/presse/_p3/x.html", "/presse/_p4/x.html"),
    "comma": ("<a href='/tagi/news,6'>6</a>", "https://www.assoc.org/tagi/news,5", "/tagi/news,6"),
    "german": ("<a href='/news/seite-2' title='nächste Seite'>›</a>", HERE, "/news/seite-2"),
}  # fmt: skip


@pytest.mark.parametrize("style", PAGING)
def test_the_next_page_is_found(style: str) -> None:
    html, here, there = PAGING[style]
    following = [
        lead.url for lead in listing(f"<html><body>{html}</body></html>", here).more if lead.origin == "pagination"
    ]
    assert following == ["https://www.assoc.org" + there]


@pytest.mark.parametrize(
    "html",
    [
        "<div class='pager'><a href='?page=1'>1</a><b>2</b></div>",
        "<a rel='next' href='https://elsewhere.net/page/2/'>Next</a>",
        "<a href='/next-generation'>Next</a>",
        "<a rel='next' href='#'>Next</a>",
    ],
)
def test_the_last_page_has_no_next_one(html: str) -> None:
    assert not [
        lead
        for lead in listing(f"<html><body>{html}</body></html>", HERE + "?page=2").more
        if lead.origin == "pagination"
    ]


RELEASES = "".join(
    f"<li>1{n}.03.2026: {title} (<a href='/media/pr{n}.pdf'>PDF, 120 kB</a>)</li>" for n, title in enumerate(TITLES)
)
PICTURES = "".join(
    f"<div><a href='/n/{n}'><img alt='{title}'></a><p>1{n} March 2026</p></div>" for n, title in enumerate(TITLES)
)


@pytest.mark.parametrize("items", [f"<ul>{RELEASES}</ul>", PICTURES])
def test_a_link_that_says_nothing_is_called_by_its_picture_or_its_line(items: str) -> None:
    assert [lead.title for lead in listing(around(items)).items] == list(TITLES)


def test_a_heading_that_is_a_month_dates_what_stands_below_it() -> None:
    months = "".join(
        f"<h3>{month} 2026</h3><ul>"
        + "".join(f"<li><a href='/n/{month}{n}'>{TITLES[n]}</a></li>" for n in range(2))
        + "</ul>"
        for month in ("March", "February")
    )
    with_dates = read_listing(
        page_of(around(months), HERE),
        find_date=lambda text: DateFact(value="2026", precision="year", origin="text") if "2026" in text else None,
    )
    assert [lead.published is not None for lead in with_dates.items] == [True] * 4


@pytest.mark.parametrize(
    ("pager", "page"),
    [
        ("<div class='pager'><a href='?mini=2013-05'>»</a></div>", None),
        ("<div class='calendar'><a rel='next' href='/events/2026-12'>Next</a></div>", None),
        (
            "<ul class='pager'><li><a href='/news/'>1</a></li><li>2</li><li><a href='/news/?from=20'>3</a></li></ul>",
            "?from=20",
        ),
        ("<nav class='pagination'><a href='?b_start:int=10'>Next 10 items</a></nav>", "?b_start:int=10"),
        ("<a class='btn' href='/news/?page=2'>Load more</a>", "?page=2"),
    ],
)
def test_the_next_page_is_a_page_of_this_list_and_no_month_of_a_calendar(pager: str, page: str | None) -> None:
    here = HERE + "?from=10" if page == "?from=20" else HERE
    found = [lead.url for lead in listing(around(RELEASES + pager), here).more if lead.origin == "pagination"]
    assert found == ([HERE + page] if page else [])


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("<title>Sign in</title><form><input name='u'><input type='password'></form>", "asks for a login"),
        ("<title>Before you continue</title><p>We value your privacy.</p><button>Accept</button>", "asks for consent"),
        (
            "<title>Just a moment...</title><script src='/cdn-cgi/challenge-platform/x'></script>",
            "asks whether we are a robot",
        ),
        ("<title>Wartungsarbeiten</title><p>Wir sind bald wieder da.</p>", "is down for maintenance"),
        ("<title>App</title><div id='root'></div><script src='a.js'></script>", "shows nothing without JavaScript"),
        (
            "<title>About</title><p>We are an association, and this is what we do for our members.</p>",
            "no group of links looks like news",
        ),
    ],
)
def test_a_page_without_news_says_what_it_is(body: str, why: str) -> None:
    assert (listing(body).items, listing(body).trouble) == ((), why)
