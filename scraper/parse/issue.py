"""A newsletter issue that stands on one page becomes several articles; any other page stays one."""

from __future__ import annotations

import re
from dataclasses import replace

from scraper.parse.lexicon import plain_words
from scraper.parse.quotes import read_quotes
from storage.records.article import Article, Block

_ISSUE = re.compile(
    r"newsletter|bulletin|e-?news\b|digest|rundbrief|infobrief|newsflash|bolet[ií]n|lettre d|infolettre|nieuwsbrief|"
    r"notiziario|biuletyn|nyhetsbrev",
    re.I,
)
_ONE_OF_MANY = re.compile(r"\d|\b(?:issue|edition|ausgabe|num[ée]ro|n[uú]mero|nummer|uitgave|edizione|wydanie)\b", re.I)
_LEAST_ITEMS, _LEAST_TEXT = 3, 80


def split_items(article: Article) -> tuple[Article, ...]:
    """The items of an issue, each with its own title, text and quotes; (article,) when the page holds one item.

    An issue is called one by its title or section, with its number, month or year in title or address, and has three or more
    headings with prose below each. Items share the page's date; their addresses are the page's with a fragment of their title.
    """  # noqa: E501
    place = article.url.rstrip("/").rpartition("/")[2]
    named = _ISSUE.search(f"{article.title} {article.section}")
    if article.unfit or not named or not _ONE_OF_MANY.search(f"{article.title} {place}"):
        return (article,)
    items = [
        (head, rest) for head, rest in _by_heading(article.blocks) if sum(len(b.text) for b in rest) >= _LEAST_TEXT
    ]
    if len(items) < _LEAST_ITEMS:
        return (article,)
    found: dict[str, Article] = {}
    for head, rest in items:
        slug = "-".join(plain_words(head.text).split())[:80] or "item"
        while slug in found:
            slug += "-2"
        found[slug] = _item(article, head, rest, slug)
    return tuple(found.values())


def _by_heading(blocks: tuple[Block, ...]) -> list[tuple[Block, list[Block]]]:
    parts: list[tuple[Block, list[Block]]] = []
    for block in blocks:
        if block.kind == "heading":
            parts.append((block, []))
        elif parts:
            parts[-1][1].append(block)
    return parts


def _item(article: Article, head: Block, rest: list[Block], slug: str) -> Article:
    address = f"{article.url}#{slug}" if article.url else ""
    text = "\n".join(block.text for block in rest)
    return replace(
        article,
        url=address,
        canonical=address,
        title=head.text,
        deck="",
        blocks=tuple(rest),
        quotes=read_quotes(rest),
        links=tuple(link for link in article.links if link.text in text),
        teasers=(),
        about=(),
        sections=(),
    )
