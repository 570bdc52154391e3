"""Sites of many makes over real sockets: `add` names what is worth watching, `crawl` brings each item, nothing else."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlsplit

import pytest

from tests.acceptance.conftest import Desk, Reply, Server, desk, site, source
from tests.discover.newsrooms import NEWSROOMS, Post, html, hugo, moved, prose, rss, typo3, urlset, wordpress

__all__ = ["desk", "site"]


def path_of(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


@pytest.mark.parametrize("make", NEWSROOMS)
def test_a_site_is_found_out_and_each_item_is_brought_once(make: str, desk: Desk, site: Server) -> None:
    room = NEWSROOMS[make](site.base)
    site.routes |= room.routes
    desk.configure()
    added = desk.run("add", site.base + room.start, "--json").json
    useful = {path_of(found["url"]) for found in added["found"] if found["items"]}
    assert room.ways <= useful
    desk.configure(source("room", site.base + room.start))
    tally = desk.run("crawl", "--json").json["sources"][0]
    brought = sorted(path_of(item["url"]) for item in desk.run("items", "--json", "--limit", "500").json)
    assert brought == sorted(room.news)
    assert (tally["status"], tally["new"]) == ("ok", len(room.news))


def brought(desk: Desk) -> set[str]:
    return {path_of(item["url"]) for item in desk.run("items", "--json", "--limit", "500").json}


def test_a_first_look_is_bounded_whatever_a_sitemap_of_thousands_suggests(desk: Desk, site: Server) -> None:
    room = wordpress(site.base)
    many = [f"/2026/03/{n % 28 + 1:02}/item-{n}/" for n in range(2000)]
    site.routes |= room.routes | {"/wp-sitemap-posts-post-1.xml": urlset(site.base, many)}
    desk.configure(source("room", f"{site.base}/"), first_crawl="12 items")
    assert desk.run("crawl", "--json").json["sources"][0]["new"] == 12
    assert desk.run("crawl", "--json").json["sources"][0]["new"] == 0
    assert len(site.asked) < 60


def test_since_brings_what_the_first_look_left_alone(desk: Desk, site: Server) -> None:
    room = hugo(site.base)
    site.routes |= room.routes
    desk.configure(source("room", site.base + room.start), first_crawl="3 items")
    desk.run("crawl")
    assert len(brought(desk)) == 3
    desk.run("crawl", "--since", "2026-01-01")
    assert brought(desk) == room.news


def test_what_one_way_lacks_another_brings(desk: Desk, site: Server) -> None:
    """The list shows five items, the feed three others, and the sitemap, which lags, two old ones."""
    room = moved(site.base)
    site.routes |= room.routes
    shown, fed, mapped = sorted(room.news)[:5], sorted(room.news)[5:8], sorted(room.news)[8:10]
    cards = "".join(f"<div><h3><a href='{path}'>Item at {path[10:]}</a></h3><p>3 May 2026</p></div>" for path in shown)
    fed_posts = [Post(number=n, title=f"Item {n}", day=date(2026, 5, 3), path=path) for n, path in enumerate(fed)]
    site.routes |= {
        "/en/press": html("Press", cards, head='<link rel="alternate" type="application/rss+xml" href="/feed">'),
        "/feed": rss(site.base, fed_posts),
        "/robots.txt": Reply(body=f"Sitemap: {site.base}/sitemap.xml".encode(), type="text/plain"),
        "/sitemap.xml": urlset(site.base, ["/en/about", "/en/press", *mapped]),
    }  # fmt: skip
    desk.configure(source("room", f"{site.base}/en/press"))
    desk.run("crawl")
    assert brought(desk) == {*shown, *fed, *mapped}


def test_include_exclude_discover_and_language_of_a_source_are_heeded(desk: Desk, site: Server) -> None:
    room = typo3(site.base)
    site.routes |= room.routes
    feed = Post(number=1, title="Only in the feed", day=date(2026, 5, 3), path="/aktuelles/detail/extra")
    site.routes |= {
        "/mehr.xml": rss(site.base, [feed]),
        feed.path: html(feed.title, f"<main>{prose(feed.title, 7)}</main>"),
    }
    more = f'discover = ["{site.base}/mehr.xml"]\nexclude = ["round-2"]\ninclude = ["/detail/"]\nlanguage = "fr"\n'
    desk.configure(source("room", f"{site.base}/aktuelles", more))
    desk.run("crawl")
    assert brought(desk) == {path for path in room.news if "round-2" not in path} | {feed.path}
    item = desk.run("items", "--json", "--limit", "1").json[0]["id"]
    assert desk.run("show", str(item), "--json").json["article"]["language"] == "fr"
