"""One walk over the tree: text blocks in reading order with what is known of each, and the head's facts; no judgement.

Body, teasers, about-sections and furniture are readings of the same list, made elsewhere.
"""

from __future__ import annotations

import re
from functools import lru_cache

from selectolax.lexbor import LexborNode

from scraper.page import Page
from scraper.parse.hints import (
    ARTICLE,
    ASIDE,
    CAPTION,
    DATA_TABLE,
    FIGURE,
    FOOTER,
    FORM,
    HEADER,
    HIDDEN,
    LIST,
    MAIN,
    NAV,
    QUOTE,
    hints_of,
)  # fmt: skip
from scraper.text import INVISIBLE


class Box:
    """A block-level element on the way to the text. `own` holds its own marks, `flags` its ancestors' too."""

    __slots__ = ("depth", "flags", "names", "own", "parent", "tag")

    def __init__(self, parent: Box | None, tag: str, own: int, names: str) -> None:
        self.parent, self.tag, self.own, self.names = parent, tag, own, names
        if parent is None:
            self.flags, self.depth = own, 0
        else:
            self.flags, self.depth = own | parent.flags, parent.depth + 1


class Chunk:
    """One leaf block of text: what it says, what it is made of, and where it stands."""

    __slots__ = ("bold", "box", "image", "index", "kind", "level", "link_chars", "links", "tag", "text", "when")

    def __init__(self, box: Box, text: str, index: int) -> None:
        self.box, self.tag, self.text, self.index = box, box.tag, text, index
        self.kind = kind = _kind(box)
        self.level = int(box.tag[1]) if kind == "heading" else 0
        self.links: list[tuple[str, str]] = []  # (href as written, text)
        self.link_chars = self.bold = 0
        self.image = self.when = ""  # an image that stands before this text in its box; datetime of a time element inside


class Outline:
    """All that the walk saw."""

    __slots__ = ("canonical", "chunks", "images", "itemprops", "lang", "ld", "metas", "pdfs", "times", "title")

    def __init__(self) -> None:
        self.chunks: list[Chunk] = []
        self.metas: dict[str, str] = {}
        self.ld: list[str] = []
        self.itemprops: list[tuple[str, str]] = []
        self.times: list[tuple[str, str, int]] = []  # (datetime attribute, text, index of the chunk it stands in)
        self.images: list[tuple[str, int]] = []
        self.title = self.canonical = self.lang = ""


_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_SKIP = frozenset(
    "style noscript template svg iframe object embed video audio canvas select textarea math map dialog datalist applet "
    "frameset -comment -doctype !doctype".split()
)
_PRE = 1 << 13  # a bit that hints.py leaves free: lines of this text count
_BLOCKS = dict.fromkeys(
    "html body div section center fieldset details summary address hgroup menu search p dir legend table tbody "
    "thead tfoot tr h1 h2 h3 h4 h5 h6".split(),
    0,
) | {
    "article": ARTICLE, "main": MAIN, "aside": ASIDE, "footer": FOOTER, "header": HEADER, "form": FORM, "nav": NAV,
    "figure": FIGURE, "figcaption": CAPTION, "caption": CAPTION, "blockquote": QUOTE, "pre": _PRE, "li": LIST, "dt": LIST, "dd": LIST,
    "ul": LIST, "ol": LIST, "dl": LIST, "td": DATA_TABLE, "th": DATA_TABLE,
}  # fmt: skip
_BOLD = frozenset(("b", "strong"))
_PLAIN = frozenset(
    "b strong i em u sup sub wbr mark small font code abbr cite s del ins strike big tt bdi bdo q".split()  # noqa: SIM905
)
_KINDLY = CAPTION | DATA_TABLE | LIST | QUOTE
_ITEM_TAGS = frozenset(("li", "dt", "dd"))
_ROLES = {
    "navigation": NAV, "banner": HEADER, "contentinfo": FOOTER, "complementary": ASIDE, "search": FORM, "dialog": HIDDEN,  # noqa: E501
    "alertdialog": HIDDEN, "main": MAIN, "article": ARTICLE, "menu": NAV, "menubar": NAV, "tablist": NAV,
}  # fmt: skip
_HIDING = re.compile(r"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.I)
_NO_MENU = "article, main"  # a navigation element around these is a list of items, or the page itself
_CLOSED = HIDDEN | NAV
_BREAK = "\x01"


def outline_of(page: Page) -> Outline:
    """Walk the page once."""
    walker = _Walker()
    root = page.tree.root
    if root is not None:
        walker.outline.lang = root.attributes.get("lang") or root.attributes.get("xml:lang") or ""
        walker.walk(root)
    return walker.outline


class _Walker:
    """The walk's state: where it stands, and the text gathered since the last block border."""

    def __init__(self) -> None:
        self.outline = Outline()
        self.box = Box(None, "html", 0, "")
        self.parts: list[str] = []
        self.links: list[tuple[str, str]] = []
        self.link: tuple[str, int] | None = None  # (href, parts before it)
        self.link_chars = self.bold = 0
        self.bold_from = -1
        self.image = self.when = ""
        self.closed_inline = False

    def walk(self, root: LexborNode) -> None:
        """Depth first with a stack of our own, so that no page's depth is Python's."""
        stack: list[tuple[LexborNode, str, Box | None]] = []
        parts, flag_of, opener_of, flush = self.parts, _BLOCKS.get, _OPENERS.get, self._flush
        node = root.first_child
        while True:
            if node is None:
                if not stack:
                    break
                node, tag, box = stack.pop()
                if box is None:
                    self._close_inline(tag)
                else:
                    if parts or self.links:
                        flush()
                    self.box = box
                node = node.next
                continue
            tag = node.tag
            if tag == "-text":
                text = node.text_content
                if text.isspace():
                    if parts:
                        parts.append(" ")
                else:
                    parts.append(text)
                    self.closed_inline = False
            elif tag not in _SKIP:
                box, flag = None, flag_of(tag)
                if flag is not None:
                    box = self.box
                    if parts or self.links:
                        flush()
                    enters = self._open_block(node, tag, flag)
                elif tag in _PLAIN:
                    enters = True
                    if tag in _BOLD and self.bold_from < 0:
                        self.bold_from = len(parts)
                else:
                    enters = opener_of(tag, _open_other)(self, node)
                if enters:
                    child = node.first_child
                    if child is not None:
                        stack.append((node, tag, box))
                        node = child
                        continue
                    if box is not None:
                        self.box = box
                    else:
                        self._close_inline(tag)
            node = node.next
        self._flush()

    # --- elements ---

    def _open_block(self, node: LexborNode, tag: str, flag: int) -> bool:
        """Enter a block; False when it is hidden or navigation."""
        attributes, names = node.attributes, ""
        if attributes:
            if len(attributes) == 1 and (names := attributes.get("class") or ""):
                flag |= hints_of[names]
            else:
                flag, names = self._marks(node, attributes, flag)
            if tag == "body":
                flag = 0  # "has-sidebar" says nothing of the text
        if flag & _CLOSED:
            if flag & HIDDEN or node.css_first(_NO_MENU) is None:
                return False
            flag &= ~NAV
        self.box = Box(self.box, tag, flag, names)
        return True

    def _close_inline(self, tag: str) -> None:
        if tag == "a":
            self._close_link()
        elif tag in _BOLD and self.bold_from >= 0:
            self.bold += sum(map(len, self.parts[self.bold_from :]))
            self.bold_from = -1
        self.closed_inline = tag not in _PLAIN

    def _marks(self, node: LexborNode, attributes: dict[str, str | None], flag: int) -> tuple[int, str]:
        """An element's own marks, from tag, names, role and style; and its names."""
        get = attributes.get
        known, names = 0, ""
        if classes := get("class"):
            flag |= hints_of[classes]
            known, names = 1, classes
        if identifier := get("id"):
            flag |= hints_of[identifier]
            known, names = known + 1, f"{names} {identifier}"
        if len(attributes) > known:
            flag |= _ROLES.get(get("role") or "", 0)
            if ("hidden" in attributes and get("hidden") != "until-found") or get("aria-hidden") == "true":
                flag |= HIDDEN
            if (style := get("style")) and _HIDING.search(style):
                flag |= HIDDEN
            if "itemprop" in attributes:
                self._itemprop(node, attributes)
        return flag, names

    def _itemprop(self, node: LexborNode, attributes: dict[str, str | None]) -> None:
        value = attributes.get("content") or attributes.get("datetime")
        if value is None and attributes.get("itemprop") in (
            "headline",
            "datePublished",
            "dateModified",
            "author",
            "name",
        ):
            value = " ".join(node.text(deep=True, separator=" ").split())[:300]
        self.outline.itemprops.append((attributes.get("itemprop") or "", value or ""))

    # --- text ---

    def _close_link(self) -> None:
        if self.link is None:
            return
        href, start = self.link[0], self.link[1]
        text = " ".join("".join(self.parts[start:]).replace(_BREAK, " ").split())
        if text:
            self.links.append((href, text))
            self.link_chars += len(text)
        self.link = None

    def _flush(self) -> None:
        """What was gathered becomes a chunk (several, where blank lines part it)."""
        if self.link is not None:  # an <a> around blocks: each block inside is a link
            href = self.link[0]
            self._close_link()
            self.link = (href, 0)
        if self.parts:
            raw = "".join(self.parts)
            self.parts.clear()
            if self.bold_from >= 0:
                self.bold += len(raw)
                self.bold_from = 0
            texts = _paragraphs(raw, self.box.flags & _PRE > 0)
            for text in texts:
                self._chunk(text, len(texts) == 1)
        self.links, self.link_chars, self.bold = [], 0, 0
        self.closed_inline = False

    def _chunk(self, text: str, alone: bool) -> None:
        chunks = self.outline.chunks
        chunk = Chunk(self.box, text, len(chunks))
        if self.links:
            chunk.links = self.links if alone else [link for link in self.links if link[1] in text]
            chars = self.link_chars if alone else sum(len(link[1]) for link in chunk.links)
            chunk.link_chars = min(chars, len(text))
        if self.bold:
            chunk.bold = min(self.bold, len(text))
        if self.image or self.when:
            chunk.image, chunk.when = self.image, self.when
            self.image = self.when = ""
        chunks.append(chunk)


def _kind(box: Box) -> str:
    tag, flags = box.tag, box.flags
    if tag in _HEADINGS:
        return "heading"
    if not flags & _KINDLY:
        return "paragraph"
    if flags & CAPTION:
        return "caption"
    if tag in ("td", "th"):
        return "table"
    if tag in _ITEM_TAGS or (flags & LIST and box.parent is not None and box.parent.tag in _ITEM_TAGS):
        return "list"
    return "quote" if flags & QUOTE else "paragraph"


_BLANK_LINE = re.compile(r"\n\s*\n")
_BREAKS = re.compile(rf"{_BREAK}(?:\s*{_BREAK})+")


def _paragraphs(raw: str, pre: bool) -> list[str]:
    """The texts of one leaf, parted at blank lines; single breaks stay as line ends."""
    if pre:
        raw = _BLANK_LINE.sub(_BREAK * 2, raw)
    if _BREAK not in raw:
        text = _line(raw)
        return [text] if text else []
    texts = ("\n".join(filter(None, map(_line, part.split(_BREAK)))) for part in _BREAKS.split(raw))
    return [text for text in texts if text]


def _line(raw: str) -> str:
    """One line with single spaces and no invisible characters."""
    text = " ".join(raw.split())
    return text if text.isprintable() else " ".join(text.translate(INVISIBLE).split())


# --- inline elements and those of the head, each with what it leaves behind; True reads on inside ---


def _open_other(walker: _Walker, node: LexborNode) -> bool:
    """Spans, labels and unknown elements."""
    attributes = node.attributes
    if attributes:
        if "data-cfemail" in attributes:
            walker.parts.append(decode_cfemail(attributes["data-cfemail"] or "") or MASKED)
            return False
        if walker._marks(node, attributes, 0)[0] & HIDDEN:
            return False
        if walker.closed_inline and "class" in attributes:
            _space(walker)
    return True


def _space(walker: _Walker) -> None:
    """Between an inline element's end and the next one's start, unless a lone letter (a drop cap) stands there."""
    if walker.parts and len(last := walker.parts[-1]) > 1 and last[-1].isalnum():
        walker.parts.append(" ")
    walker.closed_inline = False


def _open_link(walker: _Walker, node: LexborNode) -> bool:
    attributes = node.attributes
    if walker.closed_inline:
        _space(walker)
    if "data-cfemail" in attributes:
        walker.parts.append(decode_cfemail(attributes["data-cfemail"] or "") or MASKED)
        return False
    if walker._marks(node, attributes, 0)[0] & HIDDEN:
        return False
    href = attributes.get("href") or ""
    if "/cdn-cgi/l/email-protection#" in href:
        mail = decode_cfemail(href.partition("#")[2])
        if mail and "protected" in (node.text() or ""):
            walker.parts.append(mail)
            return False
    walker.link = (href, len(walker.parts))
    return True


def _open_image(walker: _Walker, node: LexborNode) -> bool:
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


def _open_time(walker: _Walker, node: LexborNode) -> bool:
    attributes = node.attributes
    if walker.closed_inline:
        _space(walker)
    if "itemprop" in attributes:
        walker._itemprop(node, attributes)
    when = attributes.get("datetime") or ""
    text = " ".join((node.text(deep=True) or "").split())
    walker.outline.times.append((when, text, len(walker.outline.chunks)))
    walker.when = walker.when or when or text
    return True


def _open_meta(walker: _Walker, node: LexborNode) -> bool:
    attributes = node.attributes
    name, content = attributes.get("property") or attributes.get("name"), attributes.get("content")
    if name and content:
        walker.outline.metas.setdefault(name.strip().lower(), content)
    elif content and (prop := attributes.get("itemprop")):
        walker.outline.itemprops.append((prop, content))
    elif content and (attributes.get("http-equiv") or "").lower() in ("content-language", "refresh"):
        walker.outline.metas.setdefault((attributes["http-equiv"] or "").lower(), content)
    return False


def _open_rel(walker: _Walker, node: LexborNode) -> bool:
    attributes = node.attributes
    if (attributes.get("rel") or "").lower() == "canonical" and not walker.outline.canonical:
        walker.outline.canonical = attributes.get("href") or ""
    return False


def _open_script(walker: _Walker, node: LexborNode) -> bool:
    kind = node.attributes.get("type")
    if kind and "ld+json" in kind.lower():
        walker.outline.ld.append(node.text() or "")
    return False


def _open_title(walker: _Walker, node: LexborNode) -> bool:
    if not walker.outline.title:
        walker.outline.title = " ".join((node.text() or "").split())
    return False


def _open_break(walker: _Walker, node: LexborNode) -> bool:
    walker.parts.append(_BREAK)
    return False


def _open_button(walker: _Walker, node: LexborNode) -> bool:
    if walker.parts:
        walker.parts.append(" ")
    return False


_OPENERS = {
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
