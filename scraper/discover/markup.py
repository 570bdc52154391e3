"""Reads XML that need not be well-formed, as one flat walk over elements. No DTD, no entity of a document's own.

Nothing is ever looked up or expanded, so neither external entities nor billion laughs exist here; each byte is
passed a bounded number of times. What an element means is left to feeds and sitemaps.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

MOST_BASE = 2_000  # characters of nested xml:base
MOST_TEXT = 20_000  # characters kept of one element: enough for any title, date or snippet

# "<" cannot stand in an attribute's value, so no alternative below runs past the next one: linear time.
_TOKEN = re.compile(
    r"""<!\[CDATA\[(?P<cdata>.*?)(?:\]\]>|\Z)
    |<!--.*?(?:-->|\Z)
    |<\?.*?(?:\?>|\Z)
    |<!DOCTYPE(?:[^\[>]*+\[.*?\]\s*>|[^>]*+>|.*)
    |<(?P<close>/?)(?P<name>[A-Za-z_][\w.:-]*)(?P<attributes>(?:[^<>"']|"[^"<]*"|'[^'<]*')*+)>
    |<(?P<close2>/?)(?P<name2>[A-Za-z_][\w.:-]*)(?P<attributes2>[^<>]*)>?""",
    re.DOTALL | re.VERBOSE,
)
_ATTRIBUTE = re.compile(r"""(?<![\w.:-])([\w.:-]++)\s*+=\s*+(?:"([^"<]*)"|'([^'<]*)'|([^\s"'<>]+))""")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
# Names whose prefix matters, by what their namespace address holds; all other prefixes are dropped as they stand.
_FAMILIES = (
    ("purl.org/dc/", "dc"),
    ("search.yahoo.com/mrss", "media"),
    ("itunes.com", "itunes"),
    ("feedburner", "feedburner"),
    ("purl.org/rss/1.0/modules/syndication", "sy"),
    ("purl.org/rss/1.0/modules/content", "content"),
    ("schemas/sitemap-image", "image"),
    ("schemas/sitemap-video", "video"),
    ("schemas/sitemap-news", "news"),
    ("w3.org/2005/atom", ""),
    ("purl.org/atom/", ""),
    ("purl.org/rss/1.0/", ""),
    ("netscape.com/rdf/simple/0.9", ""),
    ("22-rdf-syntax-ns", ""),
    ("sitemaps.org/schemas", ""),
    ("w3.org/1999/xhtml", "xhtml"),
)


@dataclass(slots=True)
class Element:
    """One element, handed out when it ends; `text` is its own and its children's, tags taken out."""

    name: str  # lower case; with "dc:" and the like where the prefix matters
    attributes: Mapping[str, str]
    depth: int  # 1 for the root
    parent: str
    base: str  # nearest xml:base around it, as written, outermost first, parted by spaces
    text: str = ""
    closed: bool = True
    _pieces: list[str] = field(default_factory=list)
    _size: int = 0

    def add(self, piece: str) -> None:
        if self._size < MOST_TEXT:
            self._pieces.append(piece[: MOST_TEXT - self._size])
            self._size += len(piece)

    def ended(self, closed: bool) -> Element:
        self.text, self.closed = "".join(self._pieces), closed
        return self


@dataclass(frozen=True, slots=True)
class Opened:
    """An element begins."""

    element: Element


def walk(text: str, collect: frozenset[str], rich: frozenset[str] = frozenset()) -> Iterator[Opened | Element]:
    """Opened at each start tag, the Element itself at its end; text is kept for elements named in `collect`,
    the outermost one having that of all markup inside it.

    Only `rich` ones may hold other collected ones; elsewhere an end tag was forgotten.
    Elements left open are ended when something around them ends, or the text does; then `closed` is False.
    """
    stack: list[Element] = []
    names: Counter[str] = Counter()
    families: dict[str, str] = {}
    keeping: Element | None = None  # the outermost collected element that is open
    at = 0
    for token in _TOKEN.finditer(text):
        if keeping is not None and token.start() > at:
            keeping.add(_plain(text[at : token.start()]))
        at = token.end()
        if token["cdata"] is not None:
            if keeping is not None:
                keeping.add(_CONTROLS.sub("", token["cdata"]))
            continue
        raw_name = token["name"] or token["name2"]
        if raw_name is None:
            continue
        attributes = token["attributes"] or token["attributes2"] or ""
        if not (token["close"] or token["close2"]):
            if "xmlns" in attributes:
                families.update(_families(attributes))
            forgotten = keeping is not None and keeping is stack[-1] and keeping.name not in rich
            if forgotten and _name(raw_name, families) in collect:
                names[stack[-1].name] -= 1
                yield stack.pop().ended(False)
                keeping = None
            element = _opened(raw_name, attributes, stack, families)
            yield Opened(element)
            if attributes.rstrip().endswith("/"):
                yield element.ended(True)
                continue
            stack.append(element)
            names[element.name] += 1
            if keeping is None and element.name in collect:
                keeping = element
            continue
        name = _name(raw_name, families)
        if keeping is not None and name in _BREAKING:
            keeping.add(" ")
        while names[name]:
            top = stack.pop()
            names[top.name] -= 1
            keeping = None if top is keeping else keeping
            yield top.ended(top.name == name)
            if top.name == name:
                break
    while stack:
        yield stack.pop().ended(False)


def root_of(text: str) -> str:
    """The name of the first element, in lower case and without prefix; empty when there is none.

    A warning of the publishing program before it ("<br /><b>Warning</b>: ...") is passed over.
    """
    first = ""
    for token in _TOKEN.finditer(text[:20_000]):
        raw = token["name"] or token["name2"]
        if raw and not (token["close"] or token["close2"]):
            name = str(raw).lower().rpartition(":")[2]
            first = first or name
            if name not in _WARNINGS:
                return name if first in _WARNINGS and name in _XML_ROOTS else first
    return first


_WARNINGS = frozenset({"b", "br", "p", "pre", "font", "strong", "i", "em", "span"})
_XML_ROOTS = frozenset({"rss", "feed", "rdf", "urlset", "sitemapindex"})


def _opened(raw_name: str, attributes: str, stack: list[Element], families: dict[str, str]) -> Element:
    parent = stack[-1] if stack else None
    found = {m[1].lower(): _plain(m[2] or m[3] or m[4] or "") for m in _ATTRIBUTE.finditer(attributes)}
    base = parent.base if parent else ""
    if "xml:base" in found and len(base) < MOST_BASE:
        base = f"{base} {found['xml:base']}".strip()
    return Element(_name(raw_name, families), found, len(stack) + 1, parent.name if parent else "", base)


_BREAKING = frozenset({"p", "div", "br", "li", "td", "h1", "h2", "h3", "h4", "xhtml:p", "xhtml:div", "xhtml:li"})


def _name(raw: str, families: dict[str, str]) -> str:
    prefix, _, local = raw.lower().rpartition(":")
    family = families.get(prefix, prefix if prefix in _KNOWN else "")
    return f"{family}:{local}" if family else local


_KNOWN = frozenset(family for _, family in _FAMILIES if family)


def _families(attributes: str) -> dict[str, str]:
    found = {}
    for match in _ATTRIBUTE.finditer(attributes):
        name, address = match[1].lower(), (match[2] or match[3] or match[4] or "").lower()
        if name == "xmlns" or name.startswith("xmlns:"):
            prefix = name[6:]
            family = next((family for mark, family in _FAMILIES if mark in address), None)
            if family is not None:
                found[prefix] = family if prefix else ""
    return found


def _plain(text: str) -> str:
    """Character data without control characters; entities of HTML count as well, unknown ones stay as they are."""
    return _CONTROLS.sub("", _ENTITY.sub(lambda match: html.unescape(match[0]), text) if "&" in text else text)
