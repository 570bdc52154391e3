"""Inline elements and those of the head: what each leaves behind when the walk meets it; True reads on inside."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Protocol

from selectolax.lexbor import LexborNode

from scraper.parse.hints import HIDDEN

BREAK = "\x01"  # stands for a line break until a block's lines are parted


class Walker(Protocol):
    """What an opener needs of the walk (blocks.Walker)."""

    outline: Any
    parts: list[str]
    link: tuple[str, int] | None
    image: str
    when: str
    closed_inline: bool

    def marks(self, node: LexborNode, attributes: dict[str, str | None], flag: int) -> tuple[int, str]: ...

    def itemprop(self, node: LexborNode, attributes: dict[str, str | None]) -> None: ...


def open_other(walker: Walker, node: LexborNode) -> bool:
    """Spans, labels and unknown elements."""
    attributes = node.attributes
    if attributes:
        if "data-cfemail" in attributes:
            walker.parts.append(decode_cfemail(attributes["data-cfemail"] or "") or MASKED)
            return False
        if walker.marks(node, attributes, 0)[0] & HIDDEN:
            return False
        if walker.closed_inline and "class" in attributes:
            _space(walker)
    return True


def _space(walker: Walker) -> None:
    """Between an inline element's end and the next one's start, unless a lone letter (a drop cap) stands there."""
    if walker.parts and len(last := walker.parts[-1]) > 1 and last[-1].isalnum():
        walker.parts.append(" ")
    walker.closed_inline = False


def _open_link(walker: Walker, node: LexborNode) -> bool:
    attributes = node.attributes
    href = attributes.get("href") or ""
    if walker.closed_inline:
        _space(walker)
    if len(attributes) > 1 or not href:
        if "data-cfemail" in attributes:
            walker.parts.append(decode_cfemail(attributes["data-cfemail"] or "") or MASKED)
            return False
        if walker.marks(node, attributes, 0)[0] & HIDDEN:
            return False
    if "/cdn-cgi/l/email-protection#" in href:
        mail = decode_cfemail(href.partition("#")[2])
        if mail and "protected" in (node.text() or ""):
            walker.parts.append(mail)
            return False
    walker.link = (href, len(walker.parts))
    return True


def _open_image(walker: Walker, node: LexborNode) -> bool:
    attributes = node.attributes
    source = attributes.get("src") or ""
    if not source or source.startswith("data:"):
        source = attributes.get("data-src") or attributes.get("data-lazy-src") or ""
    if walker.parts:
        walker.parts.append(" ")
    if source:
        walker.image = walker.image or source
        walker.outline.images.append((source, len(walker.outline.chunks)))
    return False


def _open_time(walker: Walker, node: LexborNode) -> bool:
    attributes = node.attributes
    if walker.closed_inline:
        _space(walker)
    if "itemprop" in attributes:
        walker.itemprop(node, attributes)
    when = attributes.get("datetime") or ""
    text = " ".join((node.text(deep=True) or "").split())
    walker.outline.times.append((when, text, len(walker.outline.chunks)))
    walker.when = walker.when or when or text
    return True


def _open_meta(walker: Walker, node: LexborNode) -> bool:
    attributes = node.attributes
    name, content = attributes.get("property") or attributes.get("name"), attributes.get("content")
    if name and content:
        walker.outline.metas.setdefault(name.strip().lower(), content)
    elif content and (prop := attributes.get("itemprop")):
        walker.outline.itemprops.append((prop, content))
    elif content and (attributes.get("http-equiv") or "").lower() in ("content-language", "refresh"):
        walker.outline.metas.setdefault((attributes["http-equiv"] or "").lower(), content)
    return False


def _open_rel(walker: Walker, node: LexborNode) -> bool:
    attributes = node.attributes
    rel, href = (attributes.get("rel") or "").lower(), attributes.get("href") or ""
    if rel == "canonical" and not walker.outline.canonical:
        walker.outline.canonical = href
    elif rel == "alternate" and href and "hreflang" in attributes:
        walker.outline.translations.append(href)
    return False


def _open_script(walker: Walker, node: LexborNode) -> bool:
    kind = node.attributes.get("type")
    if kind and "ld+json" in kind.lower():
        walker.outline.ld.append(node.text() or "")
    return False


def _open_title(walker: Walker, node: LexborNode) -> bool:
    if not walker.outline.title:
        walker.outline.title = " ".join((node.text() or "").split())
    return False


def _open_break(walker: Walker, node: LexborNode) -> bool:
    walker.parts.append(BREAK)
    return False


def _open_button(walker: Walker, node: LexborNode) -> bool:
    if walker.parts:
        walker.parts.append(" ")
    return False


OPENERS = {
    "a": _open_link, "img": _open_image, "time": _open_time, "meta": _open_meta, "link": _open_rel,
    "br": _open_break, "script": _open_script, "title": _open_title, "button": _open_button, "input": _open_button,
}  # fmt: skip

# --- Cloudflare's mail masking ---

MASKED = "[email protected]"  # what a masked word looks like when its data is lost; a token, never a contact


@lru_cache(256)
def decode_cfemail(data: str) -> str:
    """The masked word: hex bytes, each XORed with the first one. Empty when the data is none."""
    try:
        key, *rest = bytes.fromhex(data)
        return bytes(byte ^ key for byte in rest).decode("utf-8")
    except ValueError:
        return ""
