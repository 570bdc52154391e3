"""Which way of reading a body for leads fits: one table from what the body is to its method.

A body is believed more than its address: a "listing" that turns out to be a feed is read as one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from scraper.discover.entries import read_entries
from scraper.discover.feeds import read_feed, read_json_feed
from scraper.discover.lead import Leads
from scraper.discover.listings import FindDate, read_listing
from scraper.discover.markup import root_of
from scraper.discover.sitemaps import read_address_list, read_sitemap, unpacked
from scraper.page import decode, page_of
from storage.records.source import TargetKind

Nature = Literal["feed", "json", "sitemap", "addresses", "html", "page", "unknown"]
_ROOTS: dict[str, Nature] = {
    "rss": "feed", "feed": "feed", "rdf": "feed", "channel": "feed", "urlset": "sitemap", "sitemapindex": "sitemap",
    "html": "html", "head": "html", "body": "html",
}  # fmt: skip
_ADDRESS_LINE = re.compile(r"\A\s*https?://\S+\s*(\n|\Z)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A fetched body with what is needed to read it."""

    raw: bytes
    text: str
    url: str
    content_type: str
    seen: datetime | None
    find_date: FindDate | None


def leads_of(
    body: bytes,
    *,
    url: str,
    kind: TargetKind,
    content_type: str = "",
    seen: datetime | None = None,
    find_date: FindDate | None = None,
) -> Leads | None:
    """All that a body says about where news is; None when it is nothing we can read leads from.

    `Leads.kind` is what the body is, whatever `kind` expected. An empty answer with `trouble` is no proof that
    nothing is there. `find_date` reads a date out of running text, for listings.
    """
    raw, trouble = unpacked(body)
    text = decode(raw, content_type)[0]
    nature = _nature(text, kind)
    read = METHODS.get("page" if kind is TargetKind.PAGE and nature == "html" else nature)
    leads = (
        read(Body(raw=raw, text=text, url=url, content_type=content_type, seen=seen, find_date=find_date))
        if read
        else None
    )
    return replace(leads, trouble=trouble) if leads is not None and trouble else leads


METHODS: dict[Nature, Callable[[Body], Leads | None]] = {
    "feed": lambda body: read_feed(body.text, url=body.url, seen=body.seen),
    "json": lambda body: read_json_feed(body.text, url=body.url, seen=body.seen),
    "sitemap": lambda body: read_sitemap(body.text, url=body.url, seen=body.seen),
    "addresses": lambda body: read_address_list(body.text, url=body.url),
    "html": lambda body: read_listing(
        page_of(body.raw, body.url, body.content_type), seen=body.seen, find_date=body.find_date
    ),
    "page": lambda body: read_entries(page_of(body.raw, body.url, body.content_type)),
}


def _nature(text: str, kind: TargetKind) -> Nature:
    """What the body is; for markup without a telling root, what a page of that kind would be."""
    start = text[:200].lstrip("\ufeff \t\r\n")
    if start.startswith("{"):
        return "json"
    if _ADDRESS_LINE.match(start):
        return "addresses"
    root = root_of(text)
    if root in _ROOTS:
        return _ROOTS[root]
    if not root or kind in (TargetKind.FEED, TargetKind.SITEMAP):
        return "unknown"
    return "html"
