"""What is measured of each chunk for the choice of the body: its words, its box, its neighbours. Numbers, no judgement."""  # noqa: E501

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate
from operator import truediv
from typing import TypeVar

from scraper.parse.blocks import Box, Chunk
from scraper.parse.hints import ASIDE, COMMENT, FOOTER, FORM, NAV
from scraper.parse.lexicon import KINDS

NUMBERS = (
    "size", "words", "ld", "links", "level", "bold", "lines", "dup", "rel", "cum", "total", "good", "prevg", "nextg",
    "rfm", "rlm", "since", "comma", "size-2", "size-1", "size+1", "size+2", "ld-2", "ld-1", "ld+1", "ld+2", "level-1", "level+1",  # noqa: E501
    "boxn", "boxshare", "boxgoodn", "gpshare", "mainshare", "ddepth", "common", "under", "sign", "sigld", "sigsize",
)  # fmt: skip
SHARES = frozenset((  # of them; all others are whole
    "ld", "bold", "cum", "good", "comma", "ld-2", "ld-1", "ld+1", "ld+2", "boxshare", "boxgoodn", "gpshare",
    "mainshare", "sigld", "sigsize",
))  # fmt: skip
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
_RELATED = KINDS["related"]
_LEAVES = frozenset(("p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "td", "th", "figcaption", "dd", "dt", "pre"))
_WRAPS = frozenset(("ul", "ol", "dl", "blockquote", "tr", "tbody", "table", "li"))
_FAR = 99
_PROSE = 60  # characters from which a block with few links counts as prose

_SHARED = 6  # where in a box's place the depth stands that it shares with the main box
SAMPLES = 3  # so many of a longer run of like list items or table cells speak for all
_NEVER = FOOTER | FORM | ASIDE
_OUTER = COMMENT | _NEVER

T = TypeVar("T")
_Key = tuple[str, str, int]  # tag, names and depth of a chunk's box
Row = tuple[list[float], int, int, int, int]
"""(NUMBERS, flags, own bits, MISC bits, bits of its boxes up to the first that holds the main text too)"""
Choice = tuple[list[int], list[Row]]
"""Indexes of chunks that are body together or not at all, and the rows that speak for them."""


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
        self.sizes = sizes = [len(chunk.text) for chunk in chunks]
        good = [_prose(chunk, size) if size >= _PROSE else 0 for chunk, size in zip(chunks, sizes, strict=True)]
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
        self.place = {box: _place(box, self) for box in self.count}


def _prose(chunk: Chunk, size: int) -> int:
    return size if chunk.link_chars * 3 < size and not chunk.level else 0


def choices_of(
    chunks: list[Chunk], layout: Layout, beside: frozenset[int] = frozenset(), *, samples: int = SAMPLES
) -> Iterator[Choice]:
    """What is to be decided: chunks that can be body; navigation, links in other boxes, all above the headline cannot.

    Choices are left out of which every chunk is `beside` the text, whatever is said of it.
    """
    boxes, place = layout.boxes, layout.place
    never, row_of = NAV | layout.outer & _NEVER, _Rows(chunks, layout).row
    for run in _runs(chunks, max(layout.title_at, 0)):
        indexes = []
        for i in run:
            chunk = chunks[i]
            if chunk.box.flags & never:
                continue
            size = len(chunk.text)
            if chunk.link_chars > 0.95 * size and chunk.text.count(" ") < 11 and place[boxes[i]][_SHARED] < -1:
                continue
            indexes.append(i)
        if beside.issuperset(indexes):
            continue
        if len(indexes) > samples:
            yield indexes, [row_of(i) for i in sampled(indexes)]
        else:
            for i in indexes:
                yield [i], [row_of(i)]


def sampled(run: Sequence[T]) -> tuple[T, T, T]:
    """The first, the middle and the last of a run."""
    return run[0], run[len(run) // 2], run[-1]


def _runs(chunks: list[Chunk], start: int) -> list[range]:
    """Consecutive items of one list, or cells of one table; every other chunk by itself."""
    runs: list[range] = []
    for i in range(start, len(chunks)):
        if runs and i > start and chunks[i].kind in ("list", "table") and _alike(chunks[i - 1], chunks[i]):
            runs[-1] = range(runs[-1].start, i + 1)
        else:
            runs.append(range(i, i + 1))
    return runs


def _alike(one: Chunk, other: Chunk) -> bool:
    a, b = one.box.parent, other.box.parent
    return one.tag == other.tag and a is not None and b is not None and (a is b or a.parent is b.parent)


class _Rows:
    """What all rows of a page share, computed once."""

    def __init__(self, chunks: list[Chunk], layout: Layout) -> None:
        self.chunks, self.layout = chunks, layout
        sizes, linked = layout.sizes, [chunk.link_chars for chunk in chunks]
        self.sizes = [0, 0, *sizes, 0, 0]  # two more at either end, for the neighbours
        self.shares = [0.0, 0.0, *map(truediv, linked, sizes), 0.0, 0.0]
        self.levels = [0, 0, *[chunk.level for chunk in chunks], 0, 0]
        self.passed = [0, *accumulate(layout.good)]
        # counted without links, so that a side column of another length changes nothing
        self.places = [0, *accumulate([2 * link <= size for link, size in zip(linked, sizes, strict=True)])]
        self.before, self.after = _distances(layout.good, self.places)
        self.since = _since(chunks, layout)
        self.keys = [(chunk.tag, chunk.box.names, chunk.box.depth) for chunk in chunks]
        self.signs, self.repeats = _signatures(self.keys, sizes, linked), Counter([chunk.text for chunk in chunks])
        self.paths: dict[Box | None, int] = {}

    def row(self, i: int) -> Row:
        chunk, layout, sizes, shares, levels = self.chunks[i], self.layout, self.sizes, self.shares, self.levels
        text, box, own_box, total, good = chunk.text, layout.boxes[i], chunk.box, layout.total, layout.good[i]
        size, title_at, places = sizes[i + 2], layout.title_at, self.places
        words = text.count(" ") + 1
        misc = _TAG_BITS.get(chunk.tag, 0) | _form(chunk, text) | chunk.label << _LABEL
        if box in layout.above:
            misc |= _ANCESTOR
        if i and layout.boxes[i - 1] is box:
            misc |= _SIB_BEFORE
        if i + 1 < len(self.chunks) and layout.boxes[i + 1] is box:
            misc |= _SIB_AFTER
        numbers = [
            size, words, shares[i + 2], len(chunk.links), chunk.level, chunk.bold / size, text.count("\n"), self.repeats[text],  # noqa: E501
            places[i] - places[title_at] if title_at >= 0 else -9, self.passed[i] / total, total, good / total,
            self.before[i], self.after[i], places[i] - places[layout.first], places[i] - places[layout.last],
            self.since[i], text.count(",") / words,
            sizes[i], sizes[i + 1], sizes[i + 3], sizes[i + 4], shares[i], shares[i + 1], shares[i + 3], shares[i + 4],
            levels[i + 1], levels[i + 3], *layout.place[box], *self.signs[self.keys[i]],
        ]  # fmt: skip
        parent = own_box.parent
        own = own_box.own | (parent.own if parent else 0)
        return numbers, own_box.flags, own, misc, 0 if own_box in layout.above else own_box.own | self.path(parent)

    def path(self, box: Box | None) -> int:
        """Marks of a box and of those around it, up to the first that holds the main text too."""
        known = self.paths.get(box)
        if known is not None:
            return known
        bits, at, above = 0, box, self.layout.above
        while at is not None and at not in above:
            bits |= at.own
            at = at.parent
        self.paths[box] = bits
        return bits


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


def _distances(good: list[int], places: list[int]) -> tuple[list[int], list[int]]:
    """How many blocks away the nearest prose before and after each block is."""
    before, after = [_FAR] * len(good), [_FAR] * len(good)
    last = -_FAR
    for i, prose in enumerate(good):
        before[i] = min(places[i] - last, _FAR)
        last = places[i] if prose else last
    last = 2 * len(good) + _FAR
    for i in range(len(good) - 1, -1, -1):
        after[i] = min(last - places[i], _FAR)
        last = places[i] if good[i] else last
    return before, after


def _since(chunks: list[Chunk], layout: Layout) -> list[int]:
    """How many blocks ago the last label of related items stood; long prose ends its reach."""
    since, away = [], _FAR
    for chunk, size, prose in zip(chunks, layout.sizes, layout.good, strict=True):
        away = 0 if chunk.label & _RELATED and size < 60 else away + 1 if away < _FAR else _FAR
        since.append(away)
        away = _FAR if prose > 200 else away
    return since


def _signatures(keys: list[_Key], sizes: list[int], linked: list[int]) -> dict[_Key, tuple[int, float, float]]:
    """Of each (tag, names, depth): how many chunks, their share of links, mean size. Cards of a list look alike."""
    signs: dict[_Key, list[int]] = {}
    for key, size, link in zip(keys, sizes, linked, strict=True):
        sign = signs.setdefault(key, [0, 0, 0])
        sign[0] += 1
        sign[1] += size
        sign[2] += link
    return {key: (count, link / size, size / count) for key, (count, size, link) in signs.items()}


def _place(box: Box, layout: Layout) -> tuple[float, ...]:
    """Of a box: its chunks, prose in it, within its parent, and in the main box; how it stands to the main box."""
    main, at, steps, prose, count = layout.main, box, 0, layout.in_box.get(box, 0), layout.count[box]
    while at.parent is not None and at not in layout.above:
        at, steps = at.parent, steps + 1
    depth = main.depth if main else 0
    return (
        count, prose / layout.total, prose / count, layout.within.get(box.parent or box, 0) / layout.total,
        layout.in_box[main] / layout.total if main else 0.0, box.depth - depth,
        (at.depth if main else 0) - depth, steps + 1 if at is main else 0,
    )  # fmt: skip
