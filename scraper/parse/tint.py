"""How a page was read: its blocks in the page's own order, each with the part that the reading gave it. Pure.

The reading is asked, not repeated: a block is body because the article holds its words, whatever reader wrote them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, get_args

from scraper.page import page_of
from scraper.parse.blocks import Chunk, outline_of
from scraper.text import fold, squeeze
from storage.records.article import Article

Role = Literal["title", "body", "about", "section", "teaser", "furniture"]
MOST = 3_000  # blocks of one page
_TELLING = 25  # characters from which on a text is not in two parts by chance
_HEADED = ("about", "section", "teaser")


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One block of the page as it stands there."""

    role: Role
    kind: str  # of its block: heading, paragraph, list, quote, table, caption
    text: str


def tinted(body: bytes, article: Article, url: str = "", content_type: str = "") -> tuple[Passage, ...]:
    """The page's blocks; of what is no page (a PDF, a mail) the article's own. Never raises on bad input."""
    page = page_of(body, url or article.url, content_type)
    chunks = outline_of(page).chunks if page.trouble != "binary" else []
    parts = _Parts(article)
    links = {teaser.url for teaser in article.teasers}
    found = [
        Passage(role=_role(chunk, parts, any(page.join(href) in links for href, _ in chunk.links)), kind=chunk.kind,
                text=chunk.text)
        for chunk in chunks[:MOST]
    ]  # fmt: skip
    for at in range(len(found) - 2, -1, -1):  # a heading belongs to what stands under it: "About X", "Related news"
        if found[at].kind == "heading" and found[at].role == "furniture" and found[at + 1].role in _HEADED:
            found[at] = replace(found[at], role=found[at + 1].role)
    return tuple(found) or tuple(Passage(role="body", kind=block.kind, text=block.text) for block in article.blocks)


def _role(chunk: Chunk, parts: _Parts, leads: bool) -> Role:
    return parts.of(chunk.text) or ("teaser" if leads else "furniture")


class _Parts:
    """The words of an article by the part they stand in."""

    def __init__(self, article: Article) -> None:
        texts: dict[Role, Iterable[str]] = {
            "title": (article.title,),
            "body": (block.text for block in article.blocks),
            "about": (about.text for about in article.about),
            "section": (text for section in article.sections for text in (section.heading, section.text)),
            "teaser": (text for each in article.teasers for text in (each.title, each.snippet, each.heading)),
        }
        self._lines: dict[str, Role] = {}
        for role in get_args(Role)[:-1]:
            for line in (_key(line) for text in texts[role] for line in text.replace(" | ", "\n").split("\n")):
                self._lines.setdefault(line, role)

    def of(self, text: str) -> Role | None:
        """The part that holds this text: as one of its lines, or as the most of one where it is long enough to tell."""
        key = _key(text)
        first = self._lines.get(key) or self._lines.get(_key(text.partition("\n")[0]))
        if first or len(key) < _TELLING:
            return first
        return next(
            (r for line, r in self._lines.items() if len(key) <= len(line) <= 2 * len(key) and key in line), None
        )


def _key(text: str) -> str:
    return fold(squeeze(text))
