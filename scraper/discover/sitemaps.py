"""Sitemaps to leads: url sets, indexes, news sitemaps, plain lists of addresses, gzipped or not (sitemaps.org)."""

from __future__ import annotations

import re
import zlib
from datetime import datetime
from urllib.parse import urlsplit

from scraper.discover.dates import date_fact
from scraper.discover.lead import Lead, Leads
from scraper.discover.markup import Element, Opened, walk
from scraper.page import join
from scraper.text import squeeze
from scraper.url import identity
from storage.records.source import TargetKind

MOST_ADDRESSES = 50_000  # the protocol's own limit for one file
MOST_CHILDREN = 1_000
MOST_BYTES = 50_000_000  # uncompressed, also the protocol's
_COLLECT = frozenset({"loc", "lastmod", "news:publication_date", "news:title", "news:language"})
_NEWS = re.compile(r"news|press|post|article|presse|aktuell|noticia|actualit|release|blog", re.IGNORECASE)
_NO_NEWS = re.compile(
    r"image|video|categor|tag|author|user|product|attachment|taxonom|page[-_]?sitemap|posts-page|-pages?\b|event|course|member",
    re.IGNORECASE,
)
_NEWS_PATH = re.compile(
    r"/[a-z_-]{0,20}(?:news|press|presse|release|blog|posts?|aktuell|nachricht|meldung|mitteilung|actualit|communique|noticia|notizi"
    r"|comunicat|nieuws|nyhet|uutis|aktualnosc|aktualit|hirek|article|stories)[a-z_-]{0,20}/(?!(?:page|category|categories|tag|tags|author|archive)\b)"
    r"(?:[^/]+/){0,4}[^/]*[-_\d][^/]*/?$|/(?:19|20)\d\d/(?:0?[1-9]|1[0-2])/(?:[^/]+/)?[^/]*[a-z][^/]*/?$",
    re.IGNORECASE,
)


def read_sitemap(text: str, *, url: str, seen: datetime | None = None) -> Leads:
    """Addresses of a url set as items, child sitemaps of an index in `more`, likely news first, never itself."""
    items: dict[str, Lead] = {}
    children: dict[str, Lead] = {}
    facts: dict[str, str] = {}
    trouble, language = "", ""
    for event in walk(text, _COLLECT):
        if isinstance(event, Opened):
            continue
        if event.name in _COLLECT and event.parent in ("url", "sitemap", "news:news"):
            facts.setdefault(event.name, event.text.strip())
        elif event.name in ("url", "sitemap"):
            lead, kept = _lead(event, facts, url, seen), items if event.name == "url" else children
            if lead is not None:
                kept.setdefault(lead.url, lead)
            language, facts = language or facts.get("news:language", ""), {}
            if len(items) >= MOST_ADDRESSES or len(children) >= MOST_CHILDREN:
                trouble = f"only the first {len(items) or len(children)} addresses were read"
                break
        elif event.depth == 1 and not event.closed:
            trouble = "ends in the middle"
    more = sorted((child for child in children.values() if identity(child.url) != identity(url)), key=_rank)
    more = [child for child in more if not _NO_NEWS.search(_name_of(child.url))] or more
    return Leads(
        kind=TargetKind.SITEMAP, language=language[:2], items=tuple(items.values()), more=tuple(more), trouble=trouble
    )


def news_of(leads: tuple[Lead, ...], url: str) -> tuple[Lead, ...]:
    """Of all the addresses that the sitemap at `url` names, those of news: a map of the whole site names much else.

    A map of posts by its name is believed whole; elsewhere a lead counts that has a date of publication, a folder of
    news above it, or a day in its path.
    """
    name = _name_of(url)
    if _NEWS.search(name) and not _NO_NEWS.search(name):
        return leads
    return tuple(lead for lead in leads if lead.published or is_news(lead.url))


def is_news(url: str) -> bool:
    """Whether an address says that news is there: a folder of news above it, or a day in its path."""
    return _NEWS_PATH.search(urlsplit(url).path) is not None


def read_address_list(text: str, *, url: str) -> Leads:
    """A sitemap as plain text: one address a line."""
    lines = text.split("\n", MOST_ADDRESSES)
    addresses = dict.fromkeys(address for line in lines[:MOST_ADDRESSES] if (address := _absolute(line.strip())))
    return Leads(
        kind=TargetKind.SITEMAP,
        items=tuple(Lead(url=address, origin="sitemap") for address in addresses),
        trouble=f"only the first {MOST_ADDRESSES} lines were read" if len(lines) > MOST_ADDRESSES else "",
    )


def unpacked(body: bytes) -> tuple[bytes, str]:
    """A body that is a gzip file, unpacked up to the limit, with what went wrong; any other body as it is."""
    if not body.startswith(b"\x1f\x8b"):
        return body, ""
    inner = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        data = inner.decompress(body, MOST_BYTES)
    except zlib.error as error:
        return b"", f"is no gzip file: {error}"
    if inner.eof:
        return data, ""
    return data, "is larger than a sitemap may be" if inner.unconsumed_tail else "ends in the middle"


def _lead(element: Element, facts: dict[str, str], base: str, seen: datetime | None) -> Lead | None:
    url = _absolute(squeeze(facts.get("loc", "")), base)
    if not url:
        return None
    return Lead(
        url=url,
        kind=TargetKind.ARTICLE if element.name == "url" else TargetKind.SITEMAP,
        origin="sitemap",
        title=squeeze(facts.get("news:title", ""))[:500],
        published=date_fact(facts.get("news:publication_date", ""), "sitemap", seen),
        updated=date_fact(facts.get("lastmod", ""), "sitemap", seen),
    )


def _absolute(address: str, base: str = "") -> str:
    return join(base, address) if address else ""


def _name_of(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[2]


def _rank(child: Lead) -> tuple[bool, bool, str]:
    """Likely news first, then the most recently changed."""
    name = _name_of(child.url)
    changed = child.updated.value if child.updated else ""
    return bool(_NO_NEWS.search(name)), not _NEWS.search(name), "".join(chr(255 - ord(c)) for c in changed[:10])
