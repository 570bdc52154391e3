"""What JSON-LD says of the article, as plain values; choosing is left to metadata.py."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_ARTICLES = re.compile(
    r"Article|BlogPosting|Report$|LiveBlogPosting|SocialMediaPosting|PressRelease|Review$|Recipe$|CreativeWork$"
)
_PAGES = frozenset(("WebPage", "ItemPage", "MedicalWebPage", "AboutPage", "Event", "VideoObject"))
_MAX_NODES = 500


@dataclass(slots=True)
class Linked:
    """The facts of one page's JSON-LD; strings are empty when not given."""

    title: str = ""
    description: str = ""
    published: str = ""
    updated: str = ""
    authors: tuple[str, ...] = ()
    section: str = ""
    image: str = ""
    site_name: str = ""
    language: str = ""
    walled: bool = False  # isAccessibleForFree is false
    is_article: bool = False


def read_linked(scripts: list[str], url: str = "") -> Linked:
    """Read all JSON-LD scripts of a page; the article at `url` leads, else the first one; a page node fills gaps."""
    facts, people = Linked(), {}
    nodes = [node for script in scripts for node in _nodes(_load(script))]
    path = url.partition("?")[0].rstrip("/")
    if len(nodes) > 1 and path.count("/") > 2:
        nodes.sort(key=lambda node: path not in map(_place, (node, node.get("mainEntityOfPage"))))
    for node in nodes:
        if (key := node.get("@id")) and (name := _text(node.get("name"))):
            people[str(key)] = name
    for wanted in (True, False):
        for node in nodes:
            kinds = _kinds(node)
            if wanted and any(map(_ARTICLES.search, kinds)):
                _take(facts, node, people)
                facts.is_article = True
            elif not wanted and _PAGES.intersection(kinds):
                _fill(facts, node, _OF_PAGES)
    return facts


_WRAPPING = re.compile(
    r"\A[\s;]*(?:<!--|(?://|/\*)?\s*<!\[CDATA\[(?:\*/)?)?|(?:-->|(?://|/\*)?\s*\]\]>(?:\*/)?)?[\s;]*\Z"
)
_FIELD = re.compile(
    r'"(@type|headline|datePublished|dateModified|dateCreated|description|articleSection|inLanguage)"\s*:\s*"((?:[^"\\]|\\.){1,999})"'
)


def _load(script: str) -> Any:
    """The script's value; hardly any is wrapped in marks, so those are looked for last."""
    return _parsed(script) or _parsed(_WRAPPING.sub("", script)) or _salvaged(script)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _salvaged(script: str) -> dict[str, str]:
    """The plain fields of an article in a script that is no JSON, as a comma or a quote too many makes it (1 in 50)."""
    kind = _ARTICLES.search(script)
    found = reversed(_FIELD.findall(script[kind.start() - 200 if kind and kind.start() > 200 else 0 :])) if kind else ()
    return {key: value.replace('\\"', '"').replace("\\/", "/") for key, value in found}


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    """All objects of a script that may describe something, breadth first, bounded."""
    queue, seen = [value], 0
    while queue and seen < _MAX_NODES:
        item = queue.pop(0)
        seen += 1
        if isinstance(item, list):
            queue.extend(item[:100])
        elif isinstance(item, dict):
            yield item
            queue.extend(item[key] for key in ("@graph", "mainEntity", "mainEntityOfPage", "author") if key in item)


def _place(node: Any) -> str:
    """The address of a node, or of the page that it is the main thing of."""
    place = node if isinstance(node, str) else (node.get("url") or node.get("@id")) if isinstance(node, dict) else ""
    return place.partition("#")[0].rstrip("/") if isinstance(place, str) else ""


def _kinds(node: dict[str, Any]) -> list[str]:
    kinds = node.get("@type")
    return [str(kind) for kind in kinds] if isinstance(kinds, list) else [str(kinds or "")]


_OF_PAGES = (
    ("title", "headline"), ("published", "datePublished"), ("updated", "dateModified"), ("language", "inLanguage"),
)  # fmt: skip
_OF_ARTICLES = (
    *_OF_PAGES, ("title", "name"), ("description", "description"), ("published", "dateCreated"),
    ("section", "articleSection"),
)  # fmt: skip


def _fill(facts: Linked, node: dict[str, Any], fields: tuple[tuple[str, str], ...]) -> None:
    """What is not known yet, in the order of the fields."""
    for name, key in fields:
        if not getattr(facts, name):
            setattr(facts, name, _text(node.get(key)))


def _take(facts: Linked, node: dict[str, Any], people: dict[str, str]) -> None:
    _fill(facts, node, _OF_ARTICLES)
    facts.authors = facts.authors or tuple(_names(node.get("author") or node.get("creator"), people))
    facts.image = facts.image or _address(node.get("image")) or _text(node.get("thumbnailUrl"))
    facts.site_name = facts.site_name or next(_names(node.get("publisher"), people), "")
    free = node.get("isAccessibleForFree")
    facts.walled = facts.walled or (free is not None and str(free).lower() == "false")


def _text(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = value.get("@value") or value.get("name") or ""
    text = " ".join(str(value).split()) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    return html.unescape(text) if "&" in text else text


def _address(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = value.get("url") or value.get("contentUrl") or ""
    return value if isinstance(value, str) else ""


def _names(value: Any, people: dict[str, str]) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        name = _text(item) or (people.get(str(item.get("@id")), "") if isinstance(item, dict) else "")
        if name and not name.startswith(("http://", "https://", "#")):
            yield name
