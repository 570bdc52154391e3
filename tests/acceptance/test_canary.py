"""Addresses that the world hands us, by every way there is: none of them brings us to where nobody may go."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.acceptance.conftest import HEAD, Desk, Reply, Server, article, source

ONLY_THE_SITE = HEAD.replace('"127.0.0.0/8"', '"127.0.0.1/32"')


class Canary:
    """127.0.0.2, where nothing may knock."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.2", 0))
        self.port, self.met = self._socket.getsockname()[1], 0
        self.base = f"http://127.0.0.2:{self.port}"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                self._socket.accept()[0].close()
            except OSError:
                return
            self.met += 1

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.fixture
def canary() -> Iterator[Canary]:
    with closing(Canary()) as made:
        yield made


def xml(body: str) -> Reply:
    return Reply(body=f'<?xml version="1.0"?>{body}'.encode(), type="application/xml")


ATOM, MAPS = 'xmlns="http://www.w3.org/2005/Atom"', 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def feed(items: str, before: str = "", within: str = "") -> dict[str, Reply]:
    return {"/feed": xml(f"{before}<rss><channel>{within}{items}</channel></rss>")}


def ways(site: str, canary: str) -> dict[str, dict[str, Reply]]:
    """Each way that an address can come, as the pages of a site; /feed is the source's own address."""
    good = f"<item><title>Two</title><link>{site}/news/1</link></item>"
    evil = f"<item><title>One</title><link>{canary}/1</link></item>"
    outside = f'<!DOCTYPE rss SYSTEM "{canary}/dtd" [<!ENTITY e SYSTEM "{canary}/e">]>'
    based = f'<feed {ATOM} xml:base="{canary}/"><entry><title>x</title><link href="a"/></entry></feed>'
    entries = (
        f'{{"version":"https://jsonfeed.org/version/1.1","next_url":"{canary}/n","items":[{{"url":"{canary}/1"}}]}}'
    )
    links = f'<link rel="canonical" href="{canary}/c"><base href="{canary}/"></head>'
    cards = "".join(
        f'<li><a href="{canary}/n/{n}">News of day {n}</a> <time>2026-01-0{n}</time></li>' for n in range(1, 7)
    )
    head = f'<link rel="alternate" type="application/rss+xml" href="{canary}/f"><link rel="next" href="{canary}/2">'
    nothing = {"/feed": Reply(body=b"<p>nothing</p>")}
    return {
        "an item of a feed": feed(evil + good),
        "the base of a feed": {"/feed": xml(based)},
        "a document outside": feed(good.replace("Two", "&e;"), outside),
        "a style sheet of a feed": feed(good, f'<?xml-stylesheet href="{canary}/x"?>'),
        "the next page of a feed": feed(good, within=f'<link {ATOM} rel="next" href="{canary}/2"/>'),
        "a feed of JSON": {"/feed": Reply(body=entries.encode(), type="application/feed+json")},
        "a sitemap": {"/feed": xml(f"<urlset {MAPS}><url><loc>{canary}/1</loc></url></urlset>")},
        "maps": {"/feed": xml(f"<sitemapindex {MAPS}><sitemap><loc>{canary}/s.xml</loc></sitemap></sitemapindex>")},
        "robots.txt": nothing | {"/robots.txt": Reply(body=f"Sitemap: {canary}/s.xml\n".encode(), type="text/plain")},
        "a listing": {"/feed": Reply(body=f"<html><head>{head}</head><body><ul>{cards}</ul></body></html>".encode())},
        "links of a page": feed(good) | {"/news/1": Reply(body=article(1).body.replace(b"</head>", links.encode()))},
        "a redirect": {"/feed": Reply(status=301, headers={"Location": f"{canary}/feed"})},
        "a refresh": {"/feed": Reply(body=f'<meta http-equiv="refresh" content="0;url={canary}/">'.encode())},
    }


@pytest.mark.parametrize("way", ways("", ""))
def test_no_address_of_the_world_leads_to_the_canary(desk: Desk, site: Server, canary: Canary, way: str) -> None:
    site.routes |= {"/news/1": article(1), **ways(site.base, canary.base)[way]}
    desk.configure(source("site", f"{site.base}/feed"), head=ONLY_THE_SITE)
    for words in (("crawl", "--json"), ("crawl", "--recheck", "--json"), ("ingest", f"{site.base}/news/1")):
        desk.run(*words)
    assert "/feed" in site.asked
    assert canary.met == 0


def test_the_canary_can_be_met_when_its_network_is_opened(desk: Desk, site: Server, canary: Canary) -> None:
    """What would happen without the guard: the other tests of this file can fail."""
    site.routes |= ways(site.base, canary.base)["an item of a feed"]
    desk.configure(source("site", f"{site.base}/feed"))
    desk.run("crawl")
    assert canary.met > 0
