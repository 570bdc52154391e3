"""A newsletter issue that stands on one page becomes several articles; any other page stays one."""

from __future__ import annotations

import re
from dataclasses import replace

from scraper.parse.quotes import read_quotes
from storage.records.article import Article, Block

_ISSUE = re.compile(r"newsletter|bulletin|e-?news|\bissue\b|\bedition\b|digest|rundbrief|infobrief|boletín|lettre d|nieuwsbrief|notiziario", re.I)  # fmt: skip  # noqa: E501
_LEAST_ITEMS, _LEAST_TEXT = 3, 80


def split_items(article: Article) -> tuple[Article, ...]:
    """The items of an issue, each with its own title, text and quotes; (article,) when the page holds one item.

    An issue is named one in title, section or address, and has three or more headings with prose below each. Items share the
    page's address and date.
    """  # noqa: E501
    if article.unfit or not _ISSUE.search(f"{article.title} {article.section} {article.url.rpartition('/')[2]}"):
        return (article,)
    items = [
        (head, rest) for head, rest in _by_heading(article.blocks) if sum(len(b.text) for b in rest) >= _LEAST_TEXT
    ]
    if len(items) < _LEAST_ITEMS:
        return (article,)
    return tuple(_item(article, head, rest) for head, rest in items)


def _by_heading(blocks: tuple[Block, ...]) -> list[tuple[Block, list[Block]]]:
    parts: list[tuple[Block, list[Block]]] = []
    for block in blocks:
        if block.kind == "heading":
            parts.append((block, []))
        elif parts:
            parts[-1][1].append(block)
    return parts


def _item(article: Article, head: Block, rest: list[Block]) -> Article:
    text = "\n".join(block.text for block in rest)
    return replace(
        article,
        title=head.text,
        deck="",
        blocks=tuple(rest),
        quotes=read_quotes(rest),
        links=tuple(link for link in article.links if link.text in text),
        teasers=(),
        about=(),
        sections=(),
    )
