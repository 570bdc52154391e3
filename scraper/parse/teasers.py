"""Pointers to other items on the page: side lists, cards, "read also"; navigation, tags and comments are none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from scraper.page import Page
from scraper.parse.blocks import Box, Chunk, Outline
from scraper.parse.hints import COMMENT, CRUMB, FOOTER, HEADER, NAV, NEWSLETTER, RELATED, SHARE, TAGS
from scraper.parse.lexicon import CUT, KINDS, LONGEST, kinds_of
from storage.records.article import Teaser

_MIN_WORDS, _MIN_CHARS = 4, 18
_LONG_TITLE = 6  # words: enough to be an item's title wherever it stands
_NO_ITEM = KINDS["newsletter"] | KINDS["share"] | KINDS["furniture"] | KINDS["comments"] | KINDS["contact"]
_SLUG = re.compile(r"[a-z0-9%]+[-_][a-z0-9%]+[-_][a-z0-9%]+|\d{4,}", re.I)
_FAR = 60  # chunks that a heading reaches down


def read_teasers(page: Page, outline: Outline, body: Iterable[Chunk]) -> tuple[Teaser, ...]:
    """All teasers in page order, each address once, with the longest title that links to it."""
    inside = {chunk.index for chunk in body}
    own, site = _plain(page.url), _site(page.url)
    found: dict[str, Teaser] = {}
    heading, heading_at = "", -_FAR
    for chunk in outline.chunks:
        if chunk.index in inside:
            heading_at = -_FAR
            continue
        if _is_heading(chunk):
            heading, heading_at = chunk.text.replace("\n", " "), chunk.index
        if not chunk.links or not _may_hold(chunk):
            continue
        above = heading if chunk.index - heading_at < _FAR else ""
        for href, text in chunk.links:
            if not _says_something(text):
                continue
            url = page.join(href)
            if not url or (own in url and _plain(url) == own) or not _is_item(url, text, chunk, above, site):
                continue
            known = found.get(url)
            if known is None:
                found[url] = _teaser(page, outline, chunk, url, text, above, inside)
            elif known.truncated and len(text) > len(known.title) and text.startswith(CUT.sub("", known.title)[:20]):
                found[url] = replace(known, title=text, truncated=bool(CUT.search(text)))
    return tuple(found.values())


def _plain(url: str) -> str:
    return url.partition("#")[0].partition("?")[0].rstrip("/").removeprefix("https:").removeprefix("http:")


def _site(url: str) -> str:
    return ".".join([*url.split("/", 3), "", "", ""][2].lower().split(".")[-2:])


def _says_something(text: str) -> bool:
    return len(text) >= _MIN_CHARS and text.count(" ") + 1 >= _MIN_WORDS


def _is_heading(chunk: Chunk) -> bool:
    """The heading of a block: a heading without a link, or a label that the lexicon knows."""
    return len(chunk.text) <= LONGEST and bool((chunk.level and not chunk.links) or chunk.label & KINDS["related"])


def _may_hold(chunk: Chunk) -> bool:
    """Not in navigation or comments, and its nearest boxes are no share bar, tag list or breadcrumb."""
    box: Box | None = chunk.box
    if chunk.box.flags & (NAV | COMMENT | NEWSLETTER):
        return False
    for _ in range(2):
        if box is not None:
            if box.own & (SHARE | TAGS | CRUMB) and not (chunk.level and chunk.text.count(" ") + 1 >= _LONG_TITLE):
                return False
            box = box.parent
    return True


def _is_item(url: str, text: str, chunk: Chunk, heading: str, site: str) -> bool:
    """Whether a link with such words leads to an item: its address, its words, its place."""
    headed = bool(heading and kinds_of(heading)[0] & KINDS["related"])
    long_title = text.count(" ") + 1 >= _LONG_TITLE
    related = headed or bool(chunk.box.flags & RELATED) or (bool(heading and chunk.level) and long_title)
    starts, _ = kinds_of(text) if len(text) <= LONGEST else (0, 0)
    if starts & _NO_ITEM or (_site(url) != site and not related):
        return False
    path, _, query = url.partition("//")[2].partition("/")[2].partition("?")
    slug = bool(query or _SLUG.search(path.rstrip("/").rpartition("/")[2]))
    if chunk.box.flags & (HEADER | FOOTER):
        return slug and long_title
    return bool(path) and (slug or long_title or headed) and not (starts & KINDS["related"] and not slug)


def _teaser(page: Page, outline: Outline, chunk: Chunk, url: str, text: str, heading: str, inside: set[int]) -> Teaser:
    snippet = _snippet(outline, chunk, text, inside)
    return Teaser(
        title=text,
        url=url,
        heading=heading,
        snippet=snippet,
        image=page.join(chunk.image) if chunk.image else "",
        truncated=bool(CUT.search(text) or CUT.search(snippet)),
    )


def _snippet(outline: Outline, chunk: Chunk, title: str, inside: set[int]) -> str:
    """The text behind the link in its own block, or in the next block of the same card."""
    rest = chunk.text.partition(title)[2].strip()
    if len(rest) > 40:
        return rest.replace("\n", " ")
    for other in outline.chunks[chunk.index + 1 : chunk.index + 4]:
        if other.level or other.index in inside or any(_says_something(text) for _, text in other.links):
            break
        if len(other.text) > 40 and _near(chunk.box, other.box):
            return other.text.replace("\n", " ")
    return ""


def _near(one: Box, other: Box) -> bool:
    """Whether two boxes share an ancestor no more than three steps up."""
    return not set(_upward(one)).isdisjoint(_upward(other))


def _upward(box: Box | None) -> Iterator[Box]:
    for _ in range(4):
        if box is not None:
            yield box
            box = box.parent
