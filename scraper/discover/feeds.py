"""Feeds to leads: RSS 0.9x, 1.0 and 2.0, Atom, RDF, JSON Feed, also ill-formed ones as far as they go."""

from __future__ import annotations

import html
import json
import re
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from scraper.discover.dates import date_fact
from scraper.discover.lead import Lead, Leads
from scraper.discover.markup import Element, Opened, walk
from scraper.page import join
from scraper.text import squeeze
from storage.records.source import TargetKind

MOST_ITEMS = 5_000
SNIPPET = 300  # characters
_ITEMS = frozenset({"item", "entry"})
_ROOTS = frozenset({"channel", "feed", "rdf", "rss"})
# field of ours -> elements that may hold it, best first
_FIELDS = {
    "title": ("title", "dc:title", "media:title", "itunes:title"),
    "link": ("feedburner:origlink", "link", "guid", "id"),
    "published": (
        "pubdate",
        "published",
        "issued",
        "dc:date",
        "dc:issued",
        "dc:created",
        "created",
        "date",
        "news:publication_date",
    ),
    "updated": ("updated", "modified", "dc:modified", "lastbuilddate"),
    "snippet": ("description", "summary", "dc:description", "content:encoded", "content", "itunes:summary", "body"),
    "guid": ("guid", "id"),
}
_COLLECT = frozenset(name for names in _FIELDS.values() for name in names) | {
    "enclosure", "language", "dc:language", "ttl", "sy:updateperiod", "sy:updatefrequency", "url",
}  # fmt: skip
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,2000}>|<!--(?:.*?-->|.*)", re.DOTALL)
_JSON_ITEMS = re.compile(r'"items"\s*+:\s*+\[\s*+')
_BETWEEN = re.compile(r"[\s,]*+")
_DOCUMENT = re.compile(r"application/pdf", re.IGNORECASE)
_PERIODS = {"hourly": 60, "daily": 1440, "weekly": 10080, "monthly": 43200, "yearly": 525600}


@dataclass(slots=True)
class _Entry:
    """Fields of the item or the channel that is being read: the first telling of each counts."""

    base: str = ""
    about: str = ""
    texts: dict[str, str] = field(default_factory=dict)
    links: list[Element] = field(default_factory=list)
    permalink: bool = True
    last_resort: str = ""  # the document of an item that has no page
    plain: frozenset[str] = frozenset()  # elements said to hold plain text, not HTML

    def take(self, element: Element) -> None:
        attributes = element.attributes
        if element.name == "enclosure" or (element.name == "content" and attributes.get("src")):
            self.last_resort = self.last_resort or _document(attributes)
        if attributes.get("mode") == "base64":  # Atom 0.3
            with suppress(ValueError):
                element.text = b64decode(element.text, validate=False).decode("utf-8", "replace")
        if element.name == "link" and (element.attributes.get("href") or not element.text.strip()):
            self.links.append(element)
            return
        if element.name == "guid":
            self.permalink = element.attributes.get("ispermalink", "true").lower() != "false"
        if element.text.strip():
            self.texts.setdefault(element.name, element.text.strip())
        if element.attributes.get("type", "") in ("text", "text/plain", "xhtml", "application/xhtml+xml"):
            self.plain |= {element.name}

    def first(self, what: str) -> str:
        return next((self.texts[name] for name in _FIELDS[what] if name in self.texts), "")

    def words(self, what: str) -> str:
        name = next((name for name in _FIELDS[what] if name in self.texts), "")
        text = self.texts.get(name, "")
        return squeeze(text if name in self.plain else without_tags(text))


def read_feed(text: str, *, url: str, seen: datetime | None = None) -> Leads:
    """All items of an XML feed; an item without a usable address is left out, one address is one lead."""
    channel, entry = _Entry(), None
    entries: list[_Entry] = []
    inside, trouble, language = 0, "", ""
    for event in walk(text, _COLLECT, frozenset(_FIELDS["snippet"])):
        if isinstance(event, Opened):
            element = event.element
            language = language or element.attributes.get("xml:lang", "") if element.depth <= 2 else language
            if element.name in _ITEMS and element.parent not in _FIELDS["snippet"]:
                if len(entries) == MOST_ITEMS:
                    trouble = f"more than {MOST_ITEMS} items"
                    break
                entry, inside = _Entry(base=element.base, about=element.attributes.get("rdf:about", "")), element.depth
                entries.append(entry)
        elif entry is not None and event.depth == inside + 1 and event.parent in _ITEMS:
            entry.take(event)
        elif entry is not None and event.depth == inside and event.name in _ITEMS:
            entry = None if event.closed else entry
        elif event.parent in _ROOTS and event.name not in _ROOTS:
            channel.take(event)
        elif event.depth == 1 and not event.closed:
            trouble = "ends in the middle"
        if not isinstance(event, Opened) and event.parent in _ROOTS and event.base:
            channel.base = event.base
    home = _address(channel, url, url)
    leads = (_lead(entry, _base(entry.base or channel.base, home or url, url), seen) for entry in entries)
    return Leads(
        kind=TargetKind.FEED,
        title=channel.words("title"),
        language=(channel.texts.get("language") or channel.texts.get("dc:language") or language)[:2].lower(),
        items=_once(leads),
        more=_next_pages(channel, url),
        wish_minutes=_wish(channel.texts),
        trouble=trouble,
    )


def read_json_feed(text: str, *, url: str, seen: datetime | None = None) -> Leads | None:
    """JSON Feed 1.0 and 1.1 (jsonfeed.org); None when it is some other JSON."""
    feed = _json_of(text.lstrip("\ufeff"))
    if feed is None:
        return None
    items = [item for item in feed["items"] if isinstance(item, dict)]
    following = join(url, _text(feed.get("next_url")))
    return Leads(
        kind=TargetKind.FEED,
        title=squeeze(_text(feed.get("title"))),
        language=_text(feed.get("language"))[:2].lower(),
        items=_once(_json_lead(item, url, seen) for item in items[:MOST_ITEMS]),
        more=(Lead(url=following, kind=TargetKind.FEED, origin="pagination"),) if following else (),
        trouble=f"more than {MOST_ITEMS} items" if len(items) > MOST_ITEMS else _text(feed.get("trouble")),
    )


def _json_of(text: str) -> dict[str, Any] | None:
    """The feed's object; of broken JSON the items before the break. None for what is no feed."""
    reader = json.JSONDecoder(strict=False, parse_int=str)  # a number of 5,000 digits is text to us
    try:
        feed = reader.decode(text)
    except (ValueError, RecursionError):
        feed = {"items": list(_whole_items(reader, text)), "trouble": "ends in the middle"}
        return feed if feed["items"] else None
    if not isinstance(feed, dict) or "items" not in feed or isinstance(feed["items"], dict):
        return None
    empty = "jsonfeed.org" in _text(feed.get("version")) and not feed["items"]
    return feed | {"items": []} if empty else feed if isinstance(feed["items"], list) else None


def _whole_items(reader: json.JSONDecoder, text: str) -> Iterator[Any]:
    start = _JSON_ITEMS.search(text)
    at = start.end() if start else len(text)
    while at < len(text):
        try:
            item, at = reader.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        yield item
        at = _BETWEEN.match(text, at).end()  # type: ignore[union-attr]


def without_tags(text: str) -> str:
    """Escaped HTML as a reader sees it; a bare "<" that begins no tag stays."""
    return html.unescape(_TAG.sub(" ", text))


def _lead(entry: _Entry, base: str, seen: datetime | None) -> Lead | None:
    url = _address(entry, base, base)
    if not url:
        return None
    published, updated = (date_fact(entry.first(what), "feed", seen) for what in ("published", "updated"))
    return Lead(
        url=url,
        origin="feed",
        title=entry.words("title")[:500],
        published=published or updated,
        updated=updated,
        snippet=entry.words("snippet")[:SNIPPET],
        guid=entry.first("guid")[:500],
    )


def _address(entry: _Entry, base: str, url: str) -> str:
    """Where an item (or the channel) lives: its own address, an alternate link, a permanent GUID, rdf:about."""
    original = entry.texts.get("feedburner:origlink", "")
    alternates = [link for link in entry.links if _relation(link) == "alternate"]
    alternates.sort(key=lambda link: "html" not in link.attributes.get("type", "html"))
    hrefs = [link.attributes.get("href") or link.attributes.get("rdf:resource", "") for link in alternates]
    guids = [entry.texts.get("id", ""), entry.texts.get("guid", "") if entry.permalink else "", entry.about]
    ours = (guid for guid in guids if guid.startswith("http"))
    candidates = [original, entry.texts.get("link", ""), *hrefs, *ours, entry.last_resort]
    bases = {link.attributes["href"]: link.base for link in alternates if link.base and link.attributes.get("href")}
    joined = (join(_base(bases.get(c, ""), base, url), squeeze(c)) for c in candidates if c)
    return next((address for address in joined if address), "")


def _relation(link: Element) -> str:
    """What a link leads to; Atom allows the whole address of a registered relation (RFC 4287 4.2.7.2)."""
    return link.attributes.get("rel", "alternate").strip().lower().rpartition("/")[2]


def _document(attributes: Mapping[str, str]) -> str:
    """Where the text of an item stands that has no page of its own: a PDF, or content kept elsewhere."""
    readable = _DOCUMENT.match(attributes.get("type", "")) or attributes.get("src")
    return (attributes.get("src") or attributes.get("url", "")) if readable else ""


def _base(written: str, base: str, url: str) -> str:
    """xml:base attributes around an element, each joined to the one outside it."""
    whole = url if written else base
    for step in written.split():
        whole = join(whole, step) or whole
    return whole


def _once(leads: Iterable[Lead | None]) -> tuple[Lead, ...]:
    """One lead an address. GUIDs are reused and repeated out there, so they decide nothing."""
    first: dict[str, Lead] = {}
    for lead in leads:
        if lead is not None:
            first.setdefault(lead.url, lead)
    return tuple(first.values())


def _next_pages(channel: _Entry, url: str) -> tuple[Lead, ...]:
    """RFC 5005: the next page of a paged feed, or the archive before this one."""
    for link in channel.links:
        if _relation(link) in ("next", "prev-archive"):
            address = join(_base(link.base, url, url), link.attributes.get("href", ""))
            if address and address != url:
                return (Lead(url=address, kind=TargetKind.FEED, origin="pagination"),)
    return ()


def _wish(texts: dict[str, str]) -> int | None:
    """Minutes the feed asks to be left alone: ttl, or the syndication module."""
    if texts.get("ttl", "").isdigit():
        return min(int(texts["ttl"][:9]), 525600) or None
    period = _PERIODS.get(texts.get("sy:updateperiod", "").lower())
    frequency = texts.get("sy:updatefrequency", "1")
    return period // max(int(frequency[:4]) if frequency.isdigit() else 1, 1) if period else None


def _json_lead(item: dict[str, Any], base: str, seen: datetime | None) -> Lead | None:
    guid = _text(item.get("id"))
    addresses = (_text(item.get("url")), _text(item.get("external_url")), guid if guid.startswith("http") else "")
    url = next((address for a in addresses if a and (address := join(base, a))), "")
    if not url:
        return None
    snippet = (
        _text(item.get("summary"))
        or _text(item.get("content_text"))
        or without_tags(_text(item.get("content_html"))[:MOST_HTML])
    )
    updated = date_fact(_text(item.get("date_modified")), "feed", seen)
    return Lead(
        url=url,
        origin="feed",
        title=squeeze(_text(item.get("title")))[:500],
        published=date_fact(_text(item.get("date_published")), "feed", seen) or updated,
        updated=updated,
        snippet=squeeze(snippet)[:SNIPPET],
        guid=guid[:500],
    )


MOST_HTML = 20_000


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""  # numbers come as text too, see _json_of
