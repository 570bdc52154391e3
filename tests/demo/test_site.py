"""The demonstration's sites over real HTTP: what they serve, and what each happening does to them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from xml.etree import ElementTree as ET

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser

from scraper.demo.happenings import STORY
from scraper.demo.server import Web

TODAY = date(2026, 3, 9)
RELEASE = "/news/eiic-eshi-memorandum"


@pytest.fixture
def web() -> Iterator[Web]:
    with Web(TODAY) as web:
        yield web


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as client:
        yield client


def after(web: Web, name: str) -> None:
    """The story up to and with that happening."""
    for happening in STORY:
        happening.apply(web, TODAY)
        if happening.name == name:
            return
    raise LookupError(name)


def teasers(client: httpx.Client, url: str) -> list[str]:
    tree = LexborHTMLParser(client.get(url).text)
    return [node.text() for node in tree.css("#aside h4 a")]


def test_all_addresses_of_pages_feeds_and_sitemaps_answer(web, client):
    for served in web.sites.values():
        paths = ["/", served.site.news, "/robots.txt", "/sitemap.xml", *served.site.feeds, *served.site.notes]
        for path in [*paths, *(piece.path for piece in served.site.pieces)]:
            assert client.get(served.base + path).status_code == 200, path


def test_every_link_of_every_page_leads_somewhere(web, client):
    for served in web.sites.values():
        for piece in served.site.pieces:
            tree = LexborHTMLParser(client.get(served.base + piece.path).text)
            links = {
                node.attributes["href"] for node in tree.css("a") if "email-protection" not in node.attributes["href"]
            }
            paths = {link.split("#")[0].split("?")[0] for link in links if link.startswith("/")}
            assert all(served.site.answer(path, served.base).status == 200 for path in paths)


def test_listing_feed_and_sitemap_name_all_pieces(web, client):
    for served in web.sites.values():
        listing = client.get(served.news).text
        sitemap = client.get(served.base + "/sitemap.xml").text
        for piece in served.site.pieces:
            assert f'href="{piece.path}"' in listing
            assert f"<loc>{served.base}{piece.path}</loc>" in sitemap


def test_the_feeds_are_well_formed_and_date_what_they_name(web, client):
    rss = ET.fromstring(client.get(web.association.base + "/news/rss.xml").content)
    atom = ET.fromstring(client.get(web.partner.base + "/feed.atom").content)
    assert next(item.findtext("pubDate") for item in rss.iter("item")) == "Wed, 25 Feb 2026 00:00:00 +0000"
    assert len(list(atom.iter("{http://www.w3.org/2005/Atom}entry"))) == len(web.partner.site.pieces)


def test_each_site_is_an_authority_of_its_own(web):
    assert len({served.base for served in web.sites.values()}) == 3


def test_a_page_that_has_not_changed_is_not_sent_again(web, client):
    first = client.get(web.association.news)
    again = client.get(web.association.news, headers={"If-None-Match": first.headers["etag"]})
    dated = client.get(web.association.news, headers={"If-Modified-Since": first.headers["last-modified"]})
    assert [(reply.status_code, reply.content) for reply in (again, dated)] == [(304, b""), (304, b"")]


def test_a_page_that_has_changed_is_sent_again(web, client):
    first = client.get(web.association.news)
    after(web, "release")
    for header in ({"If-None-Match": first.headers["etag"]}, {"If-Modified-Since": first.headers["last-modified"]}):
        assert client.get(web.association.news, headers=header).status_code == 200


@pytest.mark.parametrize("wish", ["garbage", "Mon, 99 Foo 2026", ""])
def test_a_broken_condition_is_no_condition(web, client, wish):
    assert client.get(web.association.news, headers={"If-Modified-Since": wish}).status_code == 200


def test_an_unknown_address_is_404_without_validators(web, client):
    reply = client.get(web.association.base + "/no/such/page")
    assert (reply.status_code, "etag" in reply.headers) == (404, False)


def test_head_has_the_headers_and_no_body(web, client):
    reply = client.head(web.association.news)
    assert (reply.status_code, reply.content, int(reply.headers["content-length"]) > 0) == (200, b"", True)


def test_requests_are_counted(web, client):
    client.get(web.association.news, headers={"User-Agent": "somebody"})
    assert [tuple(each) for each in web.association.requests] == [("GET", "/news/", 200, "somebody")]


def test_the_newsletter_says_a_month_alone_and_its_name_is_masked(web, client):
    page = client.get(web.association.base + "/newsletter/eiic-at-work-radiographers").text
    code = bytes.fromhex(re.search(r'data-cfemail="([0-9a-f]+)"', page)[1])
    assert bytes(byte ^ code[0] for byte in code[1:]).decode() == "EIIC@Work"
    assert "EIIC@Work" not in page
    assert '<p class="issue">January 2026</p>' in page
    assert "article:published_time" not in page


def test_the_side_column_holds_twelve_shortened_teasers(web, client):
    titles = teasers(client, web.press.base + web.press.site.pieces[0].path)
    assert len(titles) == 12
    assert all(title.endswith("…") and len(title) <= 40 for title in titles)


def test_the_trade_press_gives_no_dates(web, client):
    after(web, "twins")
    for path in (web.press.site.news, web.press.site.pieces[0].path):
        assert not re.search(r"\b20\d\d-\d\d|(January|February|March) 20\d\d", client.get(web.press.base + path).text)


def test_the_release_has_full_names_quotes_about_sections_and_todays_date(web, client):
    after(web, "release")
    page = client.get(web.association.base + RELEASE).text
    names = ("European Imaging Industry Council (EIIC)", "European Society of Hospital Informatics (ESHI)")
    for words in (*names, "BRUSSELS – 9 March 2026 –", "About EIIC", "About ESHI", "EIIC President, said", "in 2019"):
        assert words in page


def test_the_twins_say_the_same_in_their_own_furniture(web, client):
    after(web, "twins")
    partner = client.get(web.partner.base + "/news/eiic-eshi-memorandum.html").text
    press = client.get(web.press.base + "/industry/4113-eiic-and-eshi-strengthen-their-cooperation").text
    for page in (partner, press):
        assert "have renewed their Memorandum of Understanding" in page
    assert "Most Popular Now" in press
    assert 'alt="EIIC"' in press
    assert "BRUSSELS" not in press


def test_the_correction_changes_one_figure(web, client):
    url = web.association.base + "/news/survey-waiting-times"
    after(web, "twins")
    before = client.get(url).text
    STORY[3].apply(web, TODAY)
    assert client.get(url).text == before.replace("120 hospitals", "210 hospitals")


def test_the_shuffle_changes_the_order_and_nothing_else(web, client):
    url = web.press.base + web.press.site.pieces[0].path
    before, page = teasers(client, url), client.get(url).text
    web.press.site.shuffle()
    assert teasers(client, url) != before
    assert sorted(teasers(client, url)) == sorted(before)
    assert client.get(url).text.split('id="aside"')[0] == page.split('id="aside"')[0]


def test_a_moved_page_redirects_and_feed_and_listing_name_the_new_address(web, client):
    old, new = "/news/open-software-prize.html", "/prizes/open-software.html"
    before = client.get(web.partner.base + old).text
    after(web, "move")
    reply = client.get(web.partner.base + old)
    assert (reply.status_code, reply.headers["location"]) == (301, web.partner.base + new)
    assert client.get(web.partner.base + new).text == before.replace(old, new)
    for path in ("/feed.atom", web.partner.site.news, "/sitemap.xml"):
        text = client.get(web.partner.base + path).text
        assert (old in text, new in text) == (False, True)


def test_a_withdrawn_page_is_gone_from_feed_and_listing_too(web, client):
    path = "/news/forum-dose-management"
    after(web, "withdrawal")
    assert client.get(web.association.base + path).status_code == 410
    for other in ("/news/rss.xml", web.association.site.news, "/sitemap.xml", "/"):
        assert path not in client.get(web.association.base + other).text


def test_the_whole_story_leaves_every_remaining_piece_readable(web, client):
    after(web, STORY[-1].name)
    pieces = [(served, piece) for served in web.sites.values() for piece in served.site.pieces]
    assert len(pieces) == STORY[0].expect["new"] + 3 - 1
    assert all(client.get(served.base + piece.path).status_code == 200 for served, piece in pieces)


def test_the_baseline_counts_every_piece(web):
    assert STORY[0].expect["new"] == sum(len(served.site.pieces) for served in web.sites.values())


def test_every_day_of_the_year_makes_a_story():
    for today in (date(2026, 1, 1), date(2028, 2, 29), date(2026, 12, 31)):
        web = Web(today)
        for happening in STORY:
            happening.apply(web, today)
        for served in web.sites.values():
            served.close()


def test_the_word_for_a_happening_stands_once():
    assert len({happening.name for happening in STORY}) == len(STORY)
