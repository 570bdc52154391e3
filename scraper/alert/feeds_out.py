"""Feeds out: news, changes and partnerships as Atom (RFC 4287), RSS 2.0 and JSON Feed 1.1. Pure; who writes them is not
here."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

from scraper.alert.address import NOBODY
from scraper.alert.page import safe_url
from scraper.alert.wording import CHANGES, INSTRUMENTS, clean, date_line, event_line, iso_line, party_name, until_fact
from storage.records.article import Article
from storage.records.change import Change
from storage.records.observation import Item
from storage.records.partnership import Partnership

ATOM = "http://www.w3.org/2005/Atom"
register_namespace("", ATOM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a feed; `id` is unique in the feed and stays, e.g. "partnership/3"."""

    id: str
    title: str
    url: str = ""
    text: str = ""
    published: datetime
    updated: datetime
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed with its newest entries first. `url` is its own address, if it is served anywhere."""

    name: str  # "news", "changes", "partnerships"
    title: str
    entries: tuple[Entry, ...]
    now: datetime  # stands in for `updated` while the feed is empty
    url: str = ""
    home: str = ""


def partnership_entries(partnerships: Iterable[Partnership]) -> tuple[Entry, ...]:
    """One entry for each event of the ledger, newest first; rejected ones are left out."""
    kept = sorted((p for p in partnerships if p.status != "rejected"), key=lambda p: p.first_seen, reverse=True)
    return tuple(_partnership(entry) for entry in kept)


def change_entries(changes: Iterable[tuple[Change, str]]) -> tuple[Entry, ...]:
    """One entry for each (change, title of its item), newest first."""
    return tuple(_change(change, title) for change, title in sorted(changes, key=lambda c: c[0].at, reverse=True))


def news_entries(items: Iterable[tuple[Item, Article]]) -> tuple[Entry, ...]:
    """One entry for each (item, its latest version), the newest found first."""
    found = sorted(items, key=lambda pair: pair[0].first_seen, reverse=True)
    return tuple(_news(item, article) for item, article in found)


def atom(feed: Feed) -> str:
    """The feed as an Atom document."""
    root = Element(f"{{{ATOM}}}feed")
    _add(root, "id", _tag(feed, feed.name))
    _add(root, "title", feed.title)
    _add(root, "updated", _when(max((entry.updated for entry in feed.entries), default=feed.now)))
    _add(_add(root, "author"), "name", "accordwatch")
    for rel, url in (("self", feed.url), ("alternate", feed.home)):
        if safe_url(url):
            _add(root, "link", rel=rel, href=safe_url(url))
    for entry in feed.entries:
        node = _add(root, "entry")
        _add(node, "id", _tag(feed, entry.id))
        _add(node, "title", clean(entry.title) or "untitled")
        _add(node, "updated", _when(entry.updated))
        _add(node, "published", _when(entry.published))
        if safe_url(entry.url):
            _add(node, "link", rel="alternate", href=safe_url(entry.url))
        for tag in entry.tags:
            _add(node, "category", term=clean(tag))
        _add(node, "content", entry.text or entry.title, type="text")
    indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def rss(feed: Feed) -> str:
    """The feed as an RSS 2.0 document (https://www.rssboard.org/rss-specification); its descriptions are HTML."""
    root = Element("rss", {"version": "2.0", "xmlns:atom": ATOM})  # its own elements are of no namespace
    channel = _plain(root, "channel")
    _plain(channel, "title", clean(feed.title) or "accordwatch")
    _plain(channel, "link", safe_url(feed.home) or f"https://{NOBODY}/")
    _plain(channel, "description", f"{clean(feed.title)}, as accordwatch has seen it")
    if safe_url(feed.url):
        SubElement(channel, "atom:link", rel="self", type="application/rss+xml", href=safe_url(feed.url))
    for entry in feed.entries:
        node = _plain(channel, "item")
        _plain(node, "title", clean(entry.title) or "untitled")
        if safe_url(entry.url):
            _plain(node, "link", safe_url(entry.url))
        _plain(node, "description", escape(clean_text(entry.text or entry.title)).replace("\n", "<br>"))
        for tag in entry.tags:
            _plain(node, "category", clean(tag))
        _plain(node, "guid", _tag(feed, entry.id)).set("isPermaLink", "false")
        _plain(node, "pubDate", format_datetime(entry.published.astimezone(UTC)))
    indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def json_feed(feed: Feed) -> str:
    """The feed as a JSON Feed document (https://www.jsonfeed.org/version/1.1/)."""
    items = [
        {
            "id": _tag(feed, entry.id),
            "title": clean(entry.title) or "untitled",
            "content_text": clean_text(entry.text or entry.title) or "untitled",
            "date_published": _when(entry.published),
            "date_modified": _when(entry.updated),
            **({"url": safe_url(entry.url)} if safe_url(entry.url) else {}),
            **({"tags": [clean(tag) for tag in entry.tags]} if entry.tags else {}),
        }
        for entry in feed.entries
    ]
    places = {"home_page_url": safe_url(feed.home), "feed_url": safe_url(feed.url)}
    head = {"version": "https://jsonfeed.org/version/1.1", "title": clean(feed.title)}
    return json.dumps({**head, **{k: v for k, v in places.items() if v}, "items": items}, ensure_ascii=False, indent=1)


def clean_text(text: str) -> str:
    """Lines without characters that XML 1.0 forbids or a terminal obeys."""
    return "\n".join(clean(line) for line in text.split("\n")).strip()


def _partnership(entry: Partnership) -> Entry:
    event = entry.event
    facts = (
        ("Parties", "; ".join(party_name(party) for party in event.parties)),
        ("Instrument", INSTRUMENTS[event.instrument]),
        ("Action", event.action),
        ("Date of the act", date_line(event.date)),
        ("Announced", date_line(event.announced)),
        ("Since", iso_line(event.since or "")),
        until_fact(event.until or ""),
        ("Certainty", event.certainty),
    )
    lines = [f"{label}: {value}" for label, value in facts if value]
    lines += [f"“{clean(evidence.sentence)}”" for evidence in event.evidence[:2]]
    witnesses = sorted(entry.witnesses, key=lambda witness: witness.first_seen)
    return Entry(
        id=f"partnership/{entry.id}",
        title=event_line(event),
        url=witnesses[0].url if witnesses else "",
        text="\n".join(lines),
        published=entry.first_seen,
        updated=max([entry.first_seen, *(note.at for note in entry.history)]),
        tags=(event.instrument, event.action, event.certainty),
    )


def _news(item: Item, article: Article) -> Entry:
    first = next((block.text for block in article.blocks if block.kind == "paragraph"), "")
    when = f"Published: {date_line(article.published)}" if article.published else ""
    return Entry(
        id=f"item/{item.id}",
        title=item.title or item.url,
        url=item.url,
        text="\n".join(line for line in (clean(first), when) if line),
        published=item.first_seen,
        updated=item.first_seen,
        tags=(item.source,),
    )


def _change(change: Change, title: str) -> Entry:
    word = CHANGES.get(change.kind, str(change.kind).capitalize())
    return Entry(
        id=f"change/{change.id}",
        title=f"{word}: {clean(title) or change.url}",
        url=change.url,
        text="\n".join(clean(why) for why in change.because),
        published=change.at,
        updated=change.at,
        tags=(str(change.kind), change.significance, change.source),
    )


def _tag(feed: Feed, name: str) -> str:
    """An id that outlives addresses (RFC 4151)."""
    return f"tag:{urlsplit(feed.url or feed.home).hostname or NOBODY},2026:{name}"


def _when(moment: datetime) -> str:
    """RFC 3339, in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _add(parent: Element, name: str, text: str = "", **attributes: str) -> Element:
    node = SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    node.text = clean_text(text) or None
    return node


def _plain(parent: Element, name: str, text: str = "") -> Element:
    """An element of RSS, which has no namespace."""
    node = SubElement(parent, name)
    node.text = text or None
    return node
