"""What a body is decides how it is read; and where a site keeps its feeds."""

from __future__ import annotations

import pytest

from scraper.discover.autodiscover import linked_feeds, named_sitemaps, news_pages, usual_places
from scraper.discover.methods import leads_of
from scraper.discover.teasers import leads_of_teasers
from scraper.page import page_of
from storage.records.article import Article, Teaser
from storage.records.source import TargetKind
from tests.discover.pages import WORDPRESS

RSS = b"<?xml version='1.0'?><rss><channel><item><title>1</title><link>https://a.org/1</link></item></channel></rss>"


def feeds(head: str, url: str = "https://www.assoc.org/news/") -> list[str]:
    return [lead.url for lead in linked_feeds(page_of(f"<html><head>{head}</head><body></body></html>", url))]


def rel(href: str, title: str = "News", kind: str = "application/rss+xml") -> str:
    return f"<link rel='alternate' type='{kind}' title='{title}' href='{href}'>"


@pytest.mark.parametrize("kind", list(TargetKind))
def test_a_feed_is_read_as_a_feed_whatever_was_expected(kind: TargetKind) -> None:
    leads = leads_of(RSS, url="https://a.org/", kind=kind, content_type="text/html")
    assert leads is not None
    assert (leads.kind, len(leads.items)) == (TargetKind.FEED, 1)


def test_a_page_under_the_address_of_a_feed_is_read_as_a_page() -> None:
    leads = leads_of(WORDPRESS.encode(), url="https://www.assoc.org/feed/", kind=TargetKind.FEED)
    assert leads is not None
    assert leads.kind is TargetKind.LISTING


@pytest.mark.parametrize("body", [b"", b"not found", b"%PDF-1.7 ...", b"\x00\x01\x02" * 50, b"<svg xmlns='x'/>"])
def test_what_is_nothing_gives_nothing(body: bytes) -> None:
    assert leads_of(body, url="https://a.org/", kind=TargetKind.FEED) is None


def test_a_feed_may_be_relative_or_http_on_an_https_page() -> None:
    assert feeds(rel("/rss.xml") + rel("http://www.assoc.org/atom.xml")) == [
        "https://www.assoc.org/rss.xml",
        "https://www.assoc.org/atom.xml",
    ]


def test_feeds_of_comments_and_events_are_left_out() -> None:
    asides = (
        rel("/comments/feed/")
        + rel("/rss-events.xml")
        + rel("/f?x=1", "Veranstaltungen")
        + rel("/news/hello/feed/", "Hello Comments Feed")
    )
    assert feeds(rel("/rss.xml") + asides) == ["https://www.assoc.org/rss.xml"]


def test_the_feed_of_events_stays_on_a_page_of_events() -> None:
    assert feeds(rel("/events/feed/"), "https://www.assoc.org/events/") == ["https://www.assoc.org/events/feed/"]


def test_the_feed_of_this_very_page_comes_first_then_news() -> None:
    assert feeds(rel("/members.rss", "Members") + rel("/press.rss", "Press releases") + rel("/news/feed/", "x")) == [
        "https://www.assoc.org/news/feed/", "https://www.assoc.org/press.rss", "https://www.assoc.org/members.rss",
    ]  # fmt: skip


def test_apis_and_embedding_cards_are_no_feeds() -> None:
    assert (
        feeds(
            rel("/wp-json/wp/v2/pages/2", kind="application/json")
            + rel("/wp-json/oembed/1.0", kind="application/json+oembed")
        )
        == []
    )


def test_links_to_feeds_count_when_none_is_declared() -> None:
    html = "<a href='/index.php?format=feed&amp;type=rss'>RSS</a><a href='/rss-policy'>About RSS</a><a href='https://feeds.feedburner.com/assoc'>F</a>"
    found = [lead.url for lead in linked_feeds(page_of(html, "https://www.assoc.org/"))]
    assert found == ["https://www.assoc.org/index.php?format=feed&type=rss", "https://feeds.feedburner.com/assoc"]


def test_usual_places_are_near_the_page_first_and_on_its_own_host() -> None:
    places = usual_places("https://www.assoc.org/en/news/")
    assert places[0].url == "https://www.assoc.org/en/news/feed/"
    assert {lead.kind for lead in places} == {TargetKind.FEED, TargetKind.SITEMAP}
    assert all(lead.url.startswith("https://www.assoc.org/") for lead in places)


MENU = "<nav><a href='/about'>About</a><a href='/presse/'>Presse</a><a href='/aktuelles'> Aktuelles </a><a href='https://x.net/'>News</a></nav>"


@pytest.mark.parametrize("home", ["https://www.assoc.org/", "https://www.assoc.org/de/"])
def test_a_home_page_leads_to_its_news_pages_the_surest_first(home: str) -> None:
    pages = news_pages(page_of(MENU, home))
    assert [(lead.url, lead.kind) for lead in pages] == [
        ("https://www.assoc.org/aktuelles", TargetKind.LISTING),
        ("https://www.assoc.org/presse/", TargetKind.LISTING),
    ]


def test_a_page_below_leads_nowhere() -> None:
    assert news_pages(page_of(MENU, "https://www.assoc.org/news/page/2")) == ()


def test_sitemaps_of_robots_are_leads_unless_they_are_no_web_addresses() -> None:
    page = page_of("", "https://www.assoc.org/")
    found = named_sitemaps(["https://www.assoc.org/s.xml", "/t.xml", "file:///etc/passwd"], page.url)
    assert [(lead.url, lead.origin) for lead in found] == [
        ("https://www.assoc.org/s.xml", "robots"),
        ("https://www.assoc.org/t.xml", "robots"),
    ]


def test_teasers_are_followed_only_inside_their_own_site() -> None:
    addresses = [
        "/a",
        "https://news.assoc.org/b",
        "https://elsewhere.org/c",
        "javascript:x",
        "http://assoc.org/a/",
        "/me?utm_source=x",
    ]
    article = Article(url="https://www.assoc.org/me", teasers=tuple(Teaser(title="T", url=url) for url in addresses))
    assert [lead.url for lead in leads_of_teasers(article)] == ["https://www.assoc.org/a", "https://news.assoc.org/b"]
