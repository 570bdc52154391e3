"""Sitemaps to leads: sets, indexes, news, text, gzip, and the traps in them."""

# ruff: noqa: E501 - markup is written as it comes
from __future__ import annotations

import gzip

import pytest

from scraper.discover.lead import Lead, Leads
from scraper.discover.methods import leads_of
from scraper.discover.sitemaps import news_of
from storage.records.source import TargetKind

HERE = "https://www.assoc.org/sitemap.xml"
NS = "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'"


def sitemap(body: str | bytes) -> Leads:
    leads = leads_of(body.encode() if isinstance(body, str) else body, url=HERE, kind=TargetKind.SITEMAP)
    assert leads is not None
    return leads


def test_addresses_come_with_the_day_they_changed() -> None:
    leads = sitemap(
        f"<urlset {NS}><url><loc> https://www.assoc.org/a?x=1&amp;y=2 </loc><lastmod>2025-03-04T05:06:07+01:00</lastmod></url></urlset>"
    )
    (lead,) = leads.items
    assert (lead.url, lead.kind) == ("https://www.assoc.org/a?x=1&y=2", TargetKind.ARTICLE)
    assert lead.updated is not None
    assert (lead.updated.value, lead.updated.origin) == ("2025-03-04", "sitemap")


def test_a_news_sitemap_gives_title_and_publication() -> None:
    leads = sitemap(
        f"<urlset {NS} xmlns:n='http://www.google.com/schemas/sitemap-news/0.9' xmlns:image='http://www.google.com/schemas/sitemap-image/1.1'>"
        "<url><loc>/a</loc><n:news><n:publication><n:name>A</n:name><n:language>fr</n:language></n:publication>"
        "<n:publication_date>2025-03-04</n:publication_date><n:title>One &amp; two</n:title></n:news>"
        "<image:image><image:loc>https://www.assoc.org/a.jpg</image:loc></image:image></url></urlset>"
    )
    (lead,) = leads.items
    assert (lead.url, lead.title, lead.published and lead.published.value) == (
        "https://www.assoc.org/a",
        "One & two",
        "2025-03-04",
    )


def test_an_index_names_its_children_likely_news_first_and_never_itself_or_those_of_no_news() -> None:
    names = ["category-sitemap.xml", "page-sitemap.xml", "post-sitemap.xml", "misc-sitemap.xml", "sitemap.xml"]
    children = "".join(f"<sitemap><loc>https://www.assoc.org/{name}</loc></sitemap>" for name in names)
    more = [lead.url.rpartition("/")[2] for lead in sitemap(f"<sitemapindex {NS}>{children}</sitemapindex>").more]
    assert more == ["post-sitemap.xml", "misc-sitemap.xml"]


def test_plain_text_is_a_sitemap_too() -> None:
    leads = sitemap("https://www.assoc.org/a\nhttps://www.assoc.org/b\njavascript:alert(1)\n\n")
    assert [lead.url for lead in leads.items] == ["https://www.assoc.org/a", "https://www.assoc.org/b"]


def test_a_gzip_file_is_unpacked() -> None:
    leads = sitemap(gzip.compress(f"<urlset {NS}><url><loc>https://www.assoc.org/a</loc></url></urlset>".encode()))
    assert [lead.url for lead in leads.items] == ["https://www.assoc.org/a"]


def test_a_gzip_bomb_is_read_to_the_limit_and_told() -> None:
    bomb = gzip.compress(b"<urlset><url><loc>https://www.assoc.org/a</loc></url>" + b" " * 60_000_000)
    leads = sitemap(bomb)
    assert leads.trouble == "is larger than a sitemap may be"
    assert len(leads.items) == 1


def test_a_million_addresses_are_capped_and_told() -> None:
    leads = sitemap("<urlset>" + "".join(f"<url><loc>https://a.org/{n}</loc></url>" for n in range(120_000)))
    assert len(leads.items) == 50_000
    assert "only the first 50000" in leads.trouble


def test_a_million_lines_are_capped_and_told() -> None:
    leads = sitemap("\n".join(f"https://a.org/{n}" for n in range(120_000)))
    assert len(leads.items) == 50_000
    assert "only the first 50000" in leads.trouble


def test_a_broken_gzip_file_is_trouble_and_no_crash() -> None:
    leads = leads_of(b"\x1f\x8b\x08nonsense", url=HERE, kind=TargetKind.SITEMAP)
    assert leads is None or leads.trouble


@pytest.mark.parametrize(
    ("file", "path", "kept"),
    [
        ("sitemap-posts.xml", "/any-slug/", True),
        ("wp-sitemap-posts-post-1.xml", "/any-slug/", True),
        ("wp-sitemap-posts-page-1.xml", "/about-us/", False),
        ("sitemap.xml", "/about-us", False),
        ("sitemap.xml", "/news/members-renew", True),
        ("sitemap.xml", "/en/press-releases/2026/members-renew.html", True),
        ("sitemap.xml", "/aktuelles/detail/mitglieder-erneuern", True),
        ("sitemap.xml", "/2026/05/members-renew/", True),
        ("sitemap.xml", "/news/", False),
        ("sitemap.xml", "/news/category/eu-policy", False),
        ("sitemap.xml", "/newsletter-signup", False),
        ("sitemap.xml", "/2026/05/", False),
    ],
)
def test_of_a_map_of_the_whole_site_only_news_are_taken(file: str, path: str, kept: bool) -> None:
    lead = Lead(url=f"https://www.assoc.org{path}", origin="sitemap")
    assert news_of((lead,), f"https://www.assoc.org/{file}") == ((lead,) if kept else ())
