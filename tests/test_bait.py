"""Regular expressions of addresses, discovery and fetching under bait: none may take more than its length."""

from __future__ import annotations

import re
import time
from importlib import import_module

import pytest

MODULES = [
    "scraper.url", "scraper.discover.autodiscover", "scraper.discover.dates", "scraper.discover.entries",
    "scraper.discover.feeds", "scraper.discover.walls", "scraper.page",
    "scraper.discover.listings", "scraper.discover.markup", "scraper.discover.methods", "scraper.discover.paging",
    "scraper.discover.sitemaps", "scraper.fetch.robots",
]  # fmt: skip
PATTERNS = {
    f"{module}.{name}": value
    for module in MODULES
    for name, value in vars(import_module(module)).items()
    if isinstance(value, re.Pattern) and isinstance(value.pattern, str)
}
PIECES = [
    "a", " ", "-", "_", "/", "0", ".", "?", "<", "&", "&#", "<!--", "<a ", "<a b='", "a ", "a-", "1 ", "1 a ", "12.",
    "/amp", "&cal", "&date", "=2", "feed-", "/feed", "_events_", "-veranstaltung", "cookie", "_cookie", "&page", "&_",
    "[", "page-", ",1", "utm_", "%2e", "xn--", "user-agent", "]>", "<!DOCTYPE [", "next ", "\n", "http://",
]  # fmt: skip


@pytest.mark.parametrize("name", PATTERNS)
def test_bait_costs_no_more_than_its_length(name: str) -> None:
    for piece in PIECES:
        bait = piece * (30_000 // len(piece)) + "\x00"
        begun = time.process_time()
        for match in PATTERNS[name].finditer(bait):
            if match.end() > 15_000:
                break
        PATTERNS[name].fullmatch(bait)
        assert time.process_time() - begun < 0.3, piece
