"""One walk over the tree: text blocks in reading order with what is known of each, and the head's facts; no judgement.

Body, teasers, about-sections and furniture are readings of the same list, made elsewhere.
"""

from __future__ import annotations

import re
from typing import Any

from selectolax.lexbor import LexborNode

from scraper.page import Page
from scraper.parse.hints import BLOCKS, CAPTION, DATA_TABLE, HIDDEN, LIST, NAV, PRE, QUOTE, ROLES, hints_of
from scraper.parse.inline import BREAK, OPENERS, open_other
from scraper.parse.lexicon import LONGEST, begins, kinds_of
from scraper.text import INVISIBLE


class Box:
    """A block-level element on the way to the text. `own` holds its own marks, `flags` its ancestors' too."""

    __slots__ = ("depth", "flags", "names", "own", "parent", "tag")

    def __init__(self, parent: Box | None, tag: str, own: int, names: str) -> None:
        self.parent = parent
        self.tag = tag
        self.own = self.flags = own
        self.names = names
        self.depth = 0
        if parent is not None:
            self.flags = own | parent.flags
            self.depth = parent.depth + 1


class Chunk:
    """One leaf block of text: what it says, what it is made of, and where it stands."""

    __slots__ = ("bold", "box", "image", "index", "kind", "label", "level", "link_chars", "links", "tag", "text",
                 "when")  # fmt: skip

    def __init__(self, box: Box, text: str, index: int) -> None:
        self.box, self.tag, self.text, self.index = box, box.tag, text, index
        self.level = _HEADINGS.get(box.tag, 0)
        self.label = kinds_of(text)[0] if len(text) <= LONGEST else 0  # bits of the lexicon's kinds
        self.kind = "heading" if self.level else _kind(box) if box.flags & _KINDLY else "paragraph"
        self.links: list[tuple[str, str]] = []  # (href as written, text)
        self.link_chars = self.bold = 0
        self.image = self.when = ""  # an image before this text in its box; datetime of a time element inside


class Outline:
    """All that the walk saw."""

    __slots__ = ("canonical", "chunks", "images", "itemprops", "lang", "ld", "metas", "times", "title",
                 "translations")  # fmt: skip

    def __init__(self) -> None:
        self.chunks: list[Chunk] = []
        self.metas: dict[str, str] = {}
        self.ld: list[str] = []
        self.itemprops: list[tuple[str, str]] = []
        self.times: list[tuple[str, str, int]] = []  # (datetime attribute, text, index of the chunk it stands in)
        self.images: list[tuple[str, int]] = []
        self.translations: list[str] = []  # as they stand in link elements
        self.title = self.canonical = self.lang = ""


_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_SKIP = frozenset(
    "style noscript template svg iframe object embed video audio canvas select textarea math map dialog datalist "  # noqa: SIM905
    "applet frameset -text -comment -doctype !doctype".split()
)
_BOLD = frozenset(("b", "strong"))
_PLAIN = frozenset(
    "b strong i em u sup sub wbr mark small font code abbr cite s del ins strike big tt bdi bdo q".split()  # noqa: SIM905
)
_KINDLY = CAPTION | DATA_TABLE | LIST | QUOTE
_ITEM_TAGS = frozenset(("li", "dt", "dd"))
_HIDING = re.compile(r"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.I)
_NO_MENU = "article, main"  # a navigation element around these is a list of items, or the page itself
_CLOSED = HIDDEN | NAV


def outline_of(page: Page) -> Outline:
    """Walk the page once."""
    walker = Walker()
    root = page.tree.root
    if root is not None:
        walker.outline.lang = root.attributes.get("lang") or root.attributes.get("xml:lang") or ""
        walker.walk(root)
    return walker.outline


class Walker:
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
        stack: list[tuple[LexborNode, str, Box | None]] = []  # elements that are open; of a block the box around it
        parts, flag_of, opener_of, flush = self.parts, BLOCKS.get, OPENERS.get, self._flush
        node: Any = root.first_child
        while True:
            if node is None:
                if not stack:
                    break
                node, tag, around = stack.pop()
                if around is None:
                    self._close_inline(tag)
                else:
                    if parts or self.links:
                        flush()
                    self.box = around
                node = node.next
                continue
            text = node.text_content
            if text is not None:  # which costs a third of asking for the tag
                if not text.isspace():
                    parts.append(text)
                    self.closed_inline = False
                elif parts:
                    parts.append(" ")
                node = node.next
                continue
            tag, around = node.tag, None
            if (flag := flag_of(tag)) is not None:
                if parts or self.links:
                    flush()
                around = self.box
                if not self._open_block(node, tag, flag):
                    node = node.next
                    continue
            elif tag in _PLAIN:
                if tag in _BOLD and self.bold_from < 0:
                    self.bold_from = len(parts)
            elif tag in _SKIP or not opener_of(tag, open_other)(self, node):
                node = node.next
                continue
            child = node.first_child
            if child is not None:
                stack.append((node, tag, around))
                node = child
                continue
            if around is None:
                self._close_inline(tag)
            else:
                self.box = around
            node = node.next
        flush()

    # --- elements ---

    def _open_block(self, node: LexborNode, tag: str, flag: int) -> bool:
        """Enter a block; False when it is hidden or navigation."""
        names = ""
        if attributes := node.attributes:
            if len(attributes) == 1 and (names := attributes.get("class") or ""):
                flag |= hints_of[names]
            else:
                flag, names = self.marks(node, attributes, flag)
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
            run = "".join(self.parts[self.bold_from :])
            self.bold += len(run)
            if len(run) <= LONGEST and begins("about", run) and not "".join(self.parts[: self.bold_from]).strip():
                self.parts.append(BREAK)  # "About COCIR" in bold, run in with its text: a heading of its own
            self.bold_from = -1
        self.closed_inline = tag not in _PLAIN

    def marks(self, node: LexborNode, attributes: dict[str, str | None], flag: int) -> tuple[int, str]:
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
            flag |= ROLES.get(get("role") or "", 0)
            if ("hidden" in attributes and get("hidden") != "until-found") or get("aria-hidden") == "true":
                flag |= HIDDEN
            if (style := get("style")) and _HIDING.search(style):
                flag |= HIDDEN
            if "itemprop" in attributes:
                self.itemprop(node, attributes)
        return flag, names

    def itemprop(self, node: LexborNode, attributes: dict[str, str | None]) -> None:
        name = attributes.get("itemprop") or ""
        value = attributes.get("content") or attributes.get("datetime")
        if value is None and name in ("headline", "datePublished", "dateModified", "author", "name"):
            value = " ".join(node.text(deep=True, separator=" ").split())[:300]
        self.outline.itemprops.append((name, value or ""))

    # --- text ---

    def _close_link(self) -> None:
        if self.link is None:
            return
        href, start = self.link
        text = "".join(self.parts[start:]).strip()
        if not _is_plain(text):
            text = " ".join(text.replace(BREAK, " ").split())
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
            if BREAK in raw or self.box.flags & PRE:
                texts = _paragraphs(raw, self.box.flags & PRE > 0)
                for text in texts:
                    self._chunk(text, len(texts) == 1)
            elif text := _line(raw):
                self._chunk(text, True)
        if self.links:
            self.links, self.link_chars = [], 0
        self.bold, self.closed_inline = 0, False

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
    """What a block is that stands in a caption, a table, a list or a quotation."""
    tag, flags = box.tag, box.flags
    if flags & CAPTION:
        return "caption"
    if tag in ("td", "th"):
        return "table"
    if tag in _ITEM_TAGS or (flags & LIST and box.parent is not None and box.parent.tag in _ITEM_TAGS):
        return "list"
    return "quote" if flags & QUOTE else "paragraph"


_BLANK_LINE = re.compile(r"\n\s*\n")
_BREAKS = re.compile(rf"{BREAK}(?:\s*{BREAK})+")


def _paragraphs(raw: str, pre: bool) -> list[str]:
    """The texts of one leaf, parted at blank lines; single breaks stay as line ends."""
    if pre:
        raw = _BLANK_LINE.sub(BREAK * 2, raw)
    texts = ("\n".join(filter(None, map(_line, part.split(BREAK)))) for part in _BREAKS.split(raw))
    return [text for text in texts if text]


def _line(raw: str) -> str:
    """One line with single spaces and no invisible characters."""
    text = raw.strip()
    if _is_plain(text):
        return text
    text = " ".join(text.split())
    if text.isprintable():
        return text
    return " ".join(_TWICE_ENCODED.sub(_decoded, text).translate(INVISIBLE).split())


def _is_plain(text: str) -> bool:
    """Whether it is one line already; to know takes a third of the time of making it one."""
    return text.isprintable() and "  " not in text


_TWICE_ENCODED = re.compile("[\xc2-\xf4][\x80-\xbf]{1,3}")  # with a control character in it, so tried on few lines


def _decoded(found: re.Match[str]) -> str:
    """The letter whose UTF-8 was taken for Latin-1 before the page was written: "â\x80\x99" for an apostrophe."""
    try:
        return found[0].encode("latin-1").decode()
    except UnicodeDecodeError:
        return found[0]
