"""Runs of cards: linked titles, each perhaps with a short text below. They are never body, whatever else speaks for it.

This is a rule and no weight, since a side column that changes between two looks must not change the body.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from scraper.page import Page
from scraper.parse.blocks import Chunk, Outline
from scraper.parse.hints import ASIDE, FOOTER, NAV
from scraper.parse.lexicon import KINDS
from scraper.parse.metadata import Metadata

SNIPPET = 420  # characters of the text below a card's title, at most
LINES_BELOW = 3  # blocks between two titles of a run: a date, a snippet, "read more"
FEWEST = 3  # cards without a heading above make a run from here on; under a known heading two do
MANY, LONG = 5, 600  # linked headings that make a page a list, and characters that no item of a list has
_TAIL = 100  # characters in which a text's cut is looked for: the mark, and the few words of a link behind it
_CUT = re.compile(r"(?:…|\.\.\.|\[…\]|\[\.\.\.\])\s*(?:\S+ ?){0,3}$")


def cards(chunks: list[Chunk], title_at: int) -> frozenset[int]:
    """Indexes of the chunks that stand in runs of cards, their headings among them."""
    found: set[int] = set()
    done = whole = 0  # up to where chunks are cards, and up to where a run has none that is cut short
    for at, chunk in enumerate(chunks):
        if at < done or at == title_at or not _is_title(chunk):
            continue
        headed = at > done and at - 1 != title_at and _is_teaser_heading(chunks[at - 1])
        if at < whole and not headed:
            continue
        end, titles, cut = _run(chunks, at, title_at)
        whole = whole if cut else end
        if titles >= (2 if headed else FEWEST) and (headed or 3 * cut >= 2 * titles):
            found.update(range(at - headed, end))
            done = end
    return frozenset(found)


def _run(chunks: list[Chunk], start: int, title_at: int) -> tuple[int, int, int]:
    """Where a run of cards that begins here ends; how many titles it has, and how many of its cards are cut short."""
    titles: list[int] = []
    cut: set[int] = set()
    end = start
    for at in range(start, len(chunks)):
        chunk = chunks[at]
        if at == title_at or (chunk.level and not chunk.links):
            break
        if _is_title(chunk):
            titles.append(at)
        elif not titles or at - titles[-1] > LINES_BELOW or len(chunk.text) > SNIPPET:
            break
        if ("…" in (tail := chunk.text[-_TAIL:]) or "..." in tail) and _CUT.search(tail):
            cut.add(len(titles))
            end = at + 1
        elif titles[-1] == at:
            end = at + 1
    return _with_last_text(chunks, titles, end), len(titles), len(cut)


def _with_last_text(chunks: list[Chunk], titles: list[int], end: int) -> int:
    """The last card is as long as the one before it: what stood below that title stands below this one."""
    if len(titles) < 2:
        return end
    length = titles[-1] - titles[-2]
    last = titles[-1] + 1
    for chunk in chunks[last : titles[-1] + length]:
        if len(chunk.text) > SNIPPET or chunk.level:
            break
        last += 1
    return max(end, last)


def _is_title(chunk: Chunk) -> bool:
    """A block that is little more than one link of a few words."""
    text = chunk.text
    return len(chunk.links) == 1 and len(text) <= 200 and chunk.link_chars * 10 >= len(text) * 9 and text.count(" ") > 1


def _is_teaser_heading(chunk: Chunk) -> bool:
    return not chunk.links and bool(chunk.label & KINDS["related"])


def is_listing(page: Page, outline: Outline, meta: Metadata, body: Sequence[Chunk]) -> bool:
    """Whether the page is a list of items of its own site: its body is cards, and nothing declares an article."""
    metas = outline.metas
    if metas.get("og:type") == "article" or meta.linked.published or "article:published_time" in metas:
        return False
    site, chunks = page.url.split("/")[:3], outline.chunks
    titles = (c for c in chunks if c.level and c.index != meta.title_at and not c.box.flags & (NAV | ASIDE | FOOTER))
    heads = [c.index for c in titles if _is_title(c) and page.join(c.links[0][0]).split("/")[:3] == site]
    if len(heads) < MANY:
        return False
    near = {at for head in heads for at in range(head, head + LINES_BELOW + 1)}
    apart = sum(len(chunk.text) for chunk in body if chunk.index not in near)
    return apart * 4 <= sum(len(chunk.text) for chunk in body) and all(len(chunk.text) <= LONG for chunk in body)
