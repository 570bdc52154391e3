"""Our own regular expressions under 100 kB of bait: nothing that is read costs more than its text is long.

Bait is a long run of what patterns begin with, or nearly match. It is given to the doors of the trades, where the world
gives it, so that what they cut and bound counts as it does in earnest.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from scraper.alert.address import read_address
from scraper.discover.methods import leads_of
from scraper.fetch.robots import Rules
from scraper.parse.article import read_article, read_text
from scraper.url import canonical, identity
from scraper.watch.read import find_date, understand
from storage.records.source import TargetKind

SIZE = 100_000
MOST = 2.0  # seconds of processor time; measured: 0.01 to 0.5
NOW = datetime(2026, 3, 1, tzinfo=UTC)
RUNS = (
    "a", "A", "Ab ", "é", "1", "12 ", "1.", " ", "\n", "\t \n", "-", "- ", ".", ". ", ",", "(", "()", "<", "<a", "<a ",
    "</", "<a b=", '<a b="', "<!--", "&", "&#", "&a", "%", "%2", "/", "/a", "../", "://", "http://a", "a@", "@a.",
    "a=b&", "a:", "A.", "A. B. ", "A-B ", "the ", "and ", "of the ", "x, y and ", '"', "'", "“", "“a” ", "=", "==", "[",
    "]", "{", "|", "\\", "_", "1 Jan ", "01/02/", "2015-06-", "a\u0301", "Mr. ", "!", "?! ", "…", ";",
)  # fmt: skip


def article(bait: str) -> None:
    page = f"<title>News</title><article><h1>News</h1><p>The society has signed an agreement. {bait}</p></article>"
    understand(read_article(page, url="https://a.example/n"))


def text(bait: str) -> None:
    understand(read_text("News", bait))


def feed(bait: str) -> None:
    held = bait.replace("<", "&lt;")
    body = f"<rss><channel><item><title>{held}</title><link>https://a.example/1</link><pubDate>{held}</pubDate></item>"
    leads_of(body.encode(), url="https://a.example/", kind=TargetKind.FEED, seen=NOW)


def listing(bait: str) -> None:
    cards = f'<li><a href="/n/{bait[:1500]}">News {bait[:300]}</a> <span>{bait[:300]}</span></li>' * 8
    body = f"<html><body><ul>{cards}</ul></body></html>".encode()
    leads_of(body, url="https://a.example/", kind=TargetKind.LISTING, seen=NOW, find_date=find_date)


def small(bait: str) -> None:
    """What is given whole texts of the world, however long they are."""
    canonical(f"https://a.example/{bait}")
    identity(f"https://a.example/?{bait}")
    Rules(f"User-agent: *\nDisallow: {bait}\nUser-agent: {bait}").allows("https://a.example/" + "a" * 50)
    read_address(bait)


DOORS: dict[str, Callable[[str], None]] = {
    "article": article, "text": text, "feed": feed, "listing": listing, "small": small,
}  # fmt: skip


@pytest.mark.parametrize("door", DOORS)
def test_bait_costs_no_more_than_its_length(door: str) -> None:
    for run in RUNS:
        bait = (run * (SIZE // len(run) + 1))[:SIZE]
        begun = time.process_time()
        DOORS[door](bait)
        spent = time.process_time() - begun
        assert spent < MOST, f"{spent:.1f} s for {SIZE} times {run!r}"
