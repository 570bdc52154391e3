"""One page such as "Our partners" or "Members" to its entries: names, links and what is said beside each. Pure.

Elements at like places of the tree are a group, as in listings; the group that names most things wins, and groups of
other makes (logos above, a plain list below) are taken along. What it means that one comes or goes is judged elsewhere.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice

from selectolax.lexbor import LexborNode

from scraper.discover.lead import Lead, Leads
from scraper.discover.listings import GENERIC, SNIPPET, line_of, place_of
from scraper.page import Page
from scraper.text import fold, squeeze
from scraper.url import canonical
from storage.records.source import TargetKind

MOST_ENTRIES = 5_000
MOST_ELEMENTS = 30_000
NEAR = 12  # nodes beside a heading that may belong to its card
LONGEST_NAME = 120  # characters; longer ones are sentences
# How much an element of this kind is believed to be one entry; those of the first row may stand beside others.
_WHOLE = {"li": 1.15, "tr": 1.15, "figure": 1.12, "article": 1.12, "a": 1.1, "dt": 1.1, "img": 1.0}
_PART = {
    "h2": 1.05,
    "h3": 1.12,
    "h4": 1.12,
    "h5": 1.12,
    "h6": 1.1,
    "strong": 0.9,
    "p": 0.8,
    "div": 0.8,
    "td": 0.8,
    "span": 0.7,
}
_WORTH = _WHOLE | _PART
_INLINE = frozenset({"br", "strong", "b", "em", "i", "span", "small", "sup", "font"})
_FURNITURE = re.compile(
    r"(^|[\s_-])(nav(bar|igation)?|menu|footer|breadcrumbs?|pag(er|ination|ing)|share|sharing|social|cookie\w*|consent"
    r"|lang(uage)?(-?\w+)?|skip|toolbar|login|search|legal|copyright|sidebar|widget\w*|related|popular|trending)([\s_-]|$)",
    re.IGNORECASE,
)
_DECORATION = re.compile(
    r"^(?:[\W_]|(?:\d{1,3}[.)]\s)|(?:new|neu|nouveau|nuovo|nuevo)\b\s*[:!-]|(?:the\s+)?logo(?:\s+(?:of|von|de|der|di))?\b)++"
    r"|(?:[([]\s*(?:new|neu|nouveau|nuovo|nuevo)\s*!?\s*[)\]]|\b(?:new|neu)!|[\s_-]logo|\.(?:png|jpe?g|svg|gif|webp)|[^\w()\"'»”’])++$",
    re.IGNORECASE,
)
_NO_NAME = re.compile(r"https?://|www\.|@|\b(19|20)\d\d[-/.]\d\d|^[\d\W]*$", re.IGNORECASE)
_SENTENCE = re.compile("[.!?…:;]$")
_DATED = re.compile(r"\b\d{1,2}[./ ]\s?(?:\w{3,10}|\d{1,2})[./ ]\s?20\d\d\b|\b20\d\d-\d\d-\d\d\b")

_Group = dict[str, tuple[LexborNode, str]]  # key -> element and name


def read_entries(page: Page) -> Leads:
    """The entries in the page's order, one for each name; `guid` is the key that holds one entry together in time.

    `trouble` says why none was found: no proof that the page names nobody.
    """
    groups: dict[str, _Group] = defaultdict(dict)
    order: dict[str, int] = {}
    for node, name in _named(page):
        place, key = place_of(node, _FURNITURE), entry_key(name)
        if place and key:
            order.setdefault(key, len(order))
            groups[place].setdefault(key, (node, name))
    chosen = _chosen([group for group in groups.values() if len(group) > 1])
    found = {key: _lead(node, name, key, page) for group in chosen for key, (node, name) in reversed(group.items())}
    root, title = page.tree.css_first("html"), page.tree.css_first("title")
    return Leads(
        kind=TargetKind.PAGE,
        title=squeeze(title.text())[:200] if title else "",
        language=((root.attributes.get("lang") or "") if root else "")[:2].lower(),
        items=tuple(sorted(found.values(), key=lambda lead: order[lead.guid]))[:MOST_ENTRIES],
        trouble=page.trouble or ("" if found else "no list of entries stands on this page"),
    )


def entry_key(name: str) -> str:
    """A name without case, accents, marks and decoration: the same while a reader would call it the same."""
    return " ".join(re.findall(r"[^\W_]+", fold(_DECORATION.sub("", name))))[:LONGEST_NAME]


def _named(page: Page) -> Iterator[tuple[LexborNode, str]]:
    """Elements that may be an entry, each with the name it gives."""
    body = page.tree.body
    elements = (node for node in body.traverse() if node.tag in _WORTH) if body is not None else ()
    for node in islice(elements, MOST_ELEMENTS):
        for raw in _names(node):
            said = squeeze(raw)[: 2 * LONGEST_NAME]
            name = _DECORATION.sub("", said)
            words = re.findall(r"[^\W\d_]+", fold(name))
            told = _NO_NAME.search(name) or GENERIC.issuperset(words) or (len(words) > 4 and _SENTENCE.search(said))
            if not told and 1 < len(name) <= LONGEST_NAME and len(words) <= 14:
                yield node, name


def _names(node: LexborNode) -> list[str]:
    """What an element calls its entry: a heading, bold words, a link, an image's text, else all its words."""
    if node.tag == "tr":
        cells = [cell for cell in node.iter() if cell.tag == "td" and all(c.tag != "table" for c in cell.iter())]
        return next(([name] for cell in cells if (name := _name_of(cell)) and re.search(r"[^\W\d_]{2}", name)), [])
    if node.tag in ("p", "div", "td", "span"):
        if any(child.tag not in _INLINE for child in node.iter()):
            return []
        lines = (node.html or "").replace("<br/>", "<br>").split("<br>") if node.css_first("br") is not None else []
        return [re.sub(r"<[^>]*>", " ", line) for line in lines] if len(lines) > 2 else [node.text(separator=" ")]
    if node.tag == "li" and any(child.tag in ("ul", "ol") for child in node.iter()):
        return []
    return [_name_of(node)]


def _name_of(node: LexborNode) -> str:
    if node.tag == "img":
        return node.attributes.get("alt") or ""
    for inner in node.css("h2, h3, h4, h5, h6, strong, b") + node.css("a") if node.tag not in _PART else []:
        said = squeeze(inner.text(separator=" "))
        if re.search(r"\w", said) and not GENERIC.issuperset(re.findall(r"[^\W\d_]+", fold(said))):
            return said
    said = squeeze(node.text(separator=" "))
    image = node.css_first("img[alt]")
    return said or ((image.attributes.get("alt") or "") if image is not None else node.attributes.get("title") or "")


def _chosen(groups: list[_Group]) -> list[_Group]:
    """The group that names most, and those of other sections: neither inside nor around it, its headings, nor news."""
    taken: list[_Group] = []
    keys: set[str] = set()
    inside: set[int] = set()  # the entries taken
    around: set[int] = set()  # they, and all that they stand in
    for group in sorted(groups, key=lambda group: -len(group) * _WORTH[_tag(group)]):
        nodes = [node for node, _ in group.values()]
        lines = {each.mem_id for node in nodes for each in line_of(node)}
        apart = not (lines & inside) and around.isdisjoint(node.mem_id for node in nodes)
        new = {key: each for key, each in group.items() if key not in keys}
        if len(new) > 1 and (not taken or (apart and _is_alike(nodes, _tag(taken[0])))):
            taken.append(new)
            keys |= set(new)
            inside |= {node.mem_id for node in nodes}
            around |= lines
    return taken


def _is_alike(nodes: list[LexborNode], best: str) -> bool:
    tag = nodes[0].tag or ""
    if tag != best and not (tag in _WHOLE and best in _WHOLE):
        return False
    dated = sum(bool(_DATED.search(line_of(node)[:2][-1].text(separator=" ")[:300])) for node in nodes)
    return 2 * dated < len(nodes) and (
        tag == best or not any(re.fullmatch("h[2-6]", up.tag or "") for up in line_of(nodes[0])[:3])
    )


def _tag(group: _Group) -> str:
    return next(iter(group.values()))[0].tag or ""


def _lead(node: LexborNode, name: str, key: str, page: Page) -> Lead:
    alone = node.tag in ("h2", "h3", "h4", "h5", "h6") and node.parent is not None and _is_alone(node)
    box = node.parent if alone and node.parent is not None else node
    anchors = [box] if box.tag == "a" else box.css("a[href]") or [up for up in line_of(node)[:3] if up.tag == "a"]
    url = next((url for each in anchors if (url := canonical(each.attributes.get("href") or "", page.base))), "")
    said = squeeze(squeeze(box.text(separator=" ")).replace(name, " ", 1))
    return Lead(url=url or page.url, kind=TargetKind.ENTRY, origin="page", title=name, snippet=said[:SNIPPET], guid=key)


def _is_alone(heading: LexborNode) -> bool:
    """Whether what it stands in is its card: no like heading beside it, nor so much else that it is the whole list."""
    beside = [heading.prev, heading.next]
    for _ in range(NEAR):
        if any(node is not None and node.tag == heading.tag for node in beside):
            return False
        beside = [beside[0].prev if beside[0] else None, beside[1].next if beside[1] else None]
    return beside == [None, None]
