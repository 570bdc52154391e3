"""What is measured of each chunk for the choice of the body: its words, its box, its neighbours. Numbers, no judgement."""  # noqa: E501

from __future__ import annotations

from scraper.parse.blocks import Box, Chunk
from scraper.parse.hints import ASIDE, COMMENT, FOOTER, FORM, NAV
from scraper.parse.lexicon import KINDS, LONGEST, kinds_of

NUMBERS = (
    "size", "words", "ld", "links", "level", "bold", "lines", "dup", "rel", "frac", "cum", "total", "good", "prevg", "nextg",  # noqa: E501
    "boxshare", "boxn", "boxgoodn", "gpshare", "mainshare", "ddepth", "common", "under", "rfm", "rlm", "sign", "sigld", "sigsize",  # noqa: E501
    "size-1", "ld-1", "size+1", "ld+1", "level+1", "ld-2", "ld+2", "since", "comma", "size-2", "size+2", "level-1",
)  # fmt: skip
_TAG_BITS = {
    tag: 1 << bit
    for bit, tag in enumerate(
        ("p", "div", "li", "td", "th", "pre", "section", "article", "blockquote", "dd", "figcaption")
    )
}
_LABEL = 16  # bits of `misc` from here: what the lexicon says of a short text
MISC = (
    {name: 1 << bit for bit, name in enumerate((*_TAG_BITS, "end", "lower", "colon", "copyright", "when"))}
    | {name: bit << _LABEL for name, bit in KINDS.items()}
    | {
        name: 1 << (_LABEL + len(KINDS) + i)
        for i, name in enumerate(
            ("anc", "sib-1", "sib+1", "quote", "list", "image", "upper", "at", "asks", "bar", "quoted")
        )
    }
)
_ANCESTOR, _SIB_BEFORE, _SIB_AFTER = MISC["anc"], MISC["sib-1"], MISC["sib+1"]
_LEAVES = frozenset(("p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "td", "th", "figcaption", "dd", "dt", "pre"))
_WRAPS = frozenset(("ul", "ol", "dl", "blockquote", "tr", "tbody", "table", "li"))
_FAR = 99
_PROSE = 60  # characters from which a block with few links counts as prose

_OUTER = COMMENT | FOOTER | FORM | ASIDE
_NEVER = FOOTER | FORM | ASIDE

Row = tuple[int, list[float], int, int, int, int]
"""(index of the chunk, NUMBERS, flags, own bits, MISC bits, bits of the boxes up to those that hold the main text too)"""


def container_of(box: Box) -> Box:
    """The box a block stands in: of a paragraph its parent, of a list's item the list's parent."""
    if box.tag in _LEAVES and box.parent is not None:
        box = box.parent
        if box.tag in _WRAPS and box.parent is not None:
            box = box.parent
    return box


class Layout:
    """The page as a whole: where its prose stands, and the box that holds most of it."""

    def __init__(self, chunks: list[Chunk], title_at: int) -> None:
        self.boxes = boxes = [container_of(chunk.box) for chunk in chunks]
        good = [_prose(chunk) for chunk in chunks]
        inner = [0 if chunk.box.flags & _OUTER else size for chunk, size in zip(chunks, good, strict=True)]
        self.outer = _OUTER if sum(inner) * 4 >= sum(good) else 0  # a page may be all comment, or stand in one form
        self.good = good = inner if self.outer else good
        self.total = sum(good) or 1
        self.in_box: dict[Box, int] = {}  # prose that stands directly in a box
        self.count: dict[Box, int] = {}  # chunks that do
        self.within: dict[Box, int] = {}  # prose anywhere inside
        for box, prose in zip(boxes, good, strict=True):
            self.count[box] = self.count.get(box, 0) + 1
            if prose:
                self.in_box[box] = self.in_box.get(box, 0) + prose
        for box, prose in self.in_box.items():
            at: Box | None = box
            while at is not None:
                self.within[at] = self.within.get(at, 0) + prose
                at = at.parent
        self.main = max(self.in_box, key=self.in_box.__getitem__) if self.in_box else None
        self.above: set[Box] = set()
        at = self.main
        while at is not None:
            self.above.add(at)
            at = at.parent
        mine = [i for i, box in enumerate(boxes) if box is self.main and good[i]]
        self.first, self.last = (mine[0], mine[-1]) if mine else (0, len(chunks))
        # a "headline" with a good part of the prose above it is none
        self.title_at = title_at if title_at < 0 or sum(good[:title_at]) * 4 < self.total else -1


def _prose(chunk: Chunk) -> int:
    size = len(chunk.text)
    return size if size >= _PROSE and chunk.link_chars * 3 < size and not chunk.level else 0


def rows_of(chunks: list[Chunk], layout: Layout) -> list[Row]:
    """One row for each chunk that can be body; links in other boxes, navigation and all above the headline cannot."""
    boxes, good, main, title_at = layout.boxes, layout.good, layout.main, layout.title_at
    count, total, above = len(chunks), layout.total, layout.above
    sizes = [len(chunk.text) for chunk in chunks]
    shares = [chunk.link_chars / size for chunk, size in zip(chunks, sizes, strict=True)]
    before, after = _distances(good)
    signs, repeats = _signatures(chunks, sizes), _repeats(chunks)
    place = {box: _place(box, layout) for box in layout.count}
    main_depth = main.depth if main else 0
    main_share = layout.in_box[main] / total if main else 0.0
    rows: list[Row] = []
    passed, since = sum(good[: max(title_at, 0)]), _FAR
    for i in range(max(title_at, 0), count):
        chunk, box, size, share = chunks[i], boxes[i], sizes[i], shares[i]
        flags = chunk.box.flags
        text = chunk.text
        words = text.count(" ") + 1
        labels = kinds_of(text)[0] if size <= LONGEST else 0
        since = 0 if labels & 1 and size < 60 else min(since + 1, _FAR)
        if flags & (NAV | layout.outer & _NEVER) or (share > 0.95 and words < 12 and place[box][3] < main_depth - 1):
            passed += good[i]
            continue
        parent = chunk.box.parent
        misc = _TAG_BITS.get(chunk.tag, 0) | labels << _LABEL | _form(chunk, text)
        if box in above:
            misc |= _ANCESTOR
        if i and boxes[i - 1] is box:
            misc |= _SIB_BEFORE
        if i + 1 < count and boxes[i + 1] is box:
            misc |= _SIB_AFTER
        sign = signs[chunk.tag, chunk.box.names, chunk.box.depth]
        box_share, within_share, under, common = place[box]
        one, two = i + 1 < count, i + 2 < count
        rows.append((i, [
            size, words, share, len(chunk.links), chunk.level, chunk.bold / size, text.count("\n"), repeats[i],
            i - title_at if title_at >= 0 else -9, i / count, passed / total, total, good[i] / total, before[i], after[i],  # noqa: E501
            box_share, layout.count[box], layout.in_box.get(box, 0) / layout.count[box], within_share, main_share,
            box.depth - main_depth, common - main_depth, under, i - layout.first, i - layout.last,
            sign[0], sign[2] / sign[1], sign[1] / sign[0],
            sizes[i - 1] if i else 0, shares[i - 1] if i else 0, sizes[i + 1] if one else 0, shares[i + 1] if one else 0,  # noqa: E501
            chunks[i + 1].level if one else 0, shares[i - 2] if i > 1 else 0, shares[i + 2] if two else 0, since,
            text.count(",") / words, sizes[i - 2] if i > 1 else 0, sizes[i + 2] if two else 0, chunks[i - 1].level if i else 0,  # noqa: E501
        ], flags, chunk.box.own | (parent.own if parent else 0), misc, _path(chunk.box, above)))  # fmt: skip
        passed += good[i]
        if good[i] > 200:
            since = _FAR
    return rows


def _form(chunk: Chunk, text: str) -> int:
    last = text[-1]
    misc = MISC["end"] if last in '.!?。”"»’)' else MISC["colon"] if last == ":" else 0
    if text[0].islower():
        misc |= MISC["lower"]
    if "©" in text or "opyright" in text:
        misc |= MISC["copyright"]
    if chunk.when:
        misc |= MISC["when"]
    if chunk.image:
        misc |= MISC["image"]
    if len(text) < 200:
        misc |= (
            (text.isupper() and MISC["upper"]) | ("@" in text and MISC["at"]) | ("?" in text and MISC["asks"])
            | ("|" in text and MISC["bar"])
        )  # fmt: skip
    if text[0] in "“\"„«‘'":
        misc |= MISC["quoted"]
    if chunk.kind in ("quote", "list"):
        misc |= MISC[chunk.kind]
    return misc


def _distances(good: list[int]) -> tuple[list[int], list[int]]:
    """How many blocks away the nearest prose before and after each block is."""
    before, after = [_FAR] * len(good), [_FAR] * len(good)
    away = _FAR
    for i, prose in enumerate(good):
        before[i] = away
        away = 1 if prose else away + 1
    away = _FAR
    for i in range(len(good) - 1, -1, -1):
        after[i] = away
        away = 1 if good[i] else away + 1
    return before, after


def _signatures(chunks: list[Chunk], sizes: list[int]) -> dict[tuple[str, str, int], list[int]]:
    """Of each (tag, names, depth): how many chunks, their characters, those in links. Cards of a list look alike."""
    signs: dict[tuple[str, str, int], list[int]] = {}
    for chunk, size in zip(chunks, sizes, strict=True):
        sign = signs.setdefault((chunk.tag, chunk.box.names, chunk.box.depth), [0, 0, 0])
        sign[0] += 1
        sign[1] += size
        sign[2] += chunk.link_chars
    return signs


def _repeats(chunks: list[Chunk]) -> list[int]:
    """How often each chunk's text stands on the page."""
    seen: dict[str, int] = {}
    for chunk in chunks:
        seen[chunk.text] = seen.get(chunk.text, 0) + 1
    return [seen[chunk.text] for chunk in chunks]


def _place(box: Box, layout: Layout) -> tuple[float, float, int, int]:
    """(prose in the box, prose within its parent, steps down from the main box, depth of the box shared with it)."""
    parent = box.parent or box
    under, common, at = 0, 0, box
    steps = 0
    while at.parent is not None and at not in layout.above:
        at, steps = at.parent, steps + 1
    common = at.depth if at in layout.above else 0
    if at is layout.main:
        under = steps + 1
    return layout.in_box.get(box, 0) / layout.total, layout.within.get(parent, 0) / layout.total, under, common


def _path(box: Box | None, above: set[Box]) -> int:
    bits = 0
    while box is not None and box not in above:
        bits |= box.own
        box = box.parent
    return bits
