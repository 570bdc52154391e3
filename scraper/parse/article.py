"""The door of the trade: a page or a plain text in, an Article out. Never raises on bad input."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from scraper.page import Page, decode, page_of
from scraper.parse.blocks import Chunk, Outline, outline_of
from scraper.parse.body import choose_body
from scraper.parse.boilerplate import as_block, part
from scraper.parse.cards import is_listing
from scraper.parse.dates import dates_with_places, parse_date
from scraper.parse.fitness import STUB, document_of, why_unfit
from scraper.parse.language import language_of
from scraper.parse.metadata import read_metadata
from scraper.parse.quotes import read_quotes
from scraper.parse.recipe import pick
from scraper.parse.teasers import read_teasers
from scraper.parse.text import dateline_of, paragraphs_of, unglued
from scraper.text import squeeze
from storage.records.article import Article, Block, BlockKind, Link
from storage.records.source import NO_HINTS, Hints

Seen = datetime | date | str | None
_MARKUP = re.compile(rb"<[a-zA-Z!/?]")
_DATELINE = "the dateline of the text"
MOST_TRANSLATIONS = 40
_DATE_LINE = 60  # characters
_HEAD = 5  # lines of a plain text among which its title stands
_CLOCK = re.compile(r"\b\d{1,2}[:.h]\d{2}(?::\d{2})?\s*(?:[ap]\.?m\.?)?(?:\s*[A-Z]{2,4}\b)?", re.I)


def read_article(
    html: bytes | str, url: str = "", *, seen: Seen = None, content_type: str = "", hints: Hints = NO_HINTS
) -> Article:
    """All that one page says. `seen` is the day of its fetch: relative dates count from it, later ones are out.

    A page that only points to its release as a PDF is unfit as "stub", and its first link is that document.
    """
    return article_of(page_of(html, url, content_type), seen=seen, hints=hints)


def article_of(page: Page, *, seen: Seen = None, hints: Hints = NO_HINTS) -> Article:
    """As `read_article`, of a page that is parsed already."""
    day = _day(seen)
    picked = pick(page, hints.recipe_on(day) if hints.recipes else None)
    page = picked.page
    outline = outline_of(page)
    meta = read_metadata(picked, outline, hints=hints, seen=day)
    body = picked.body(outline) or choose_body(outline, meta)
    listing = is_listing(page, outline, meta, body)
    body = [] if listing else body
    teasers = picked.teasers() or read_teasers(page, outline, body)
    parted = part(_blocks(body))
    blocks = [as_block(block.kind, block.text) for block in parted.body]
    if blocks:  # a logo's text before the first word: "COCIRThe European ..."
        blocks[0] = replace(blocks[0], text=unglued(blocks[0].text, "\n".join(block.text for block in blocks)))
    dateline = dateline_of(blocks)
    while blocks and _is_date_line(blocks[0].text):
        del blocks[0]
    unfit = "listing" if listing else why_unfit(page, outline, meta, blocks)
    document = document_of(page, outline) if sum(len(block.text) for block in blocks) < STUB else None
    return Article(
        url=page.url,
        canonical=meta.canonical,
        title=meta.title,
        deck=meta.deck,
        language=meta.language or language_of(" ".join(block.text for block in blocks[:20])),
        authors=meta.authors,
        published=meta.published or dateline,
        updated=meta.updated,
        dateline=dateline,
        date_candidates=tuple(dict.fromkeys(filter(None, (*meta.candidates, dateline)))),
        published_because=meta.because if meta.published else _DATELINE if dateline else "",
        section=meta.section,
        image=meta.image,
        site_name=meta.site_name,
        blocks=tuple(blocks),
        teasers=teasers,
        about=tuple(parted.about),
        sections=tuple(parted.sections),
        quotes=read_quotes(blocks),
        links=(document,) if document else _links(page, body),
        translations=_translations(page, outline),
        unfit="stub" if document and unfit in (None, "empty") else unfit,
    )


def read_text(title: str, text: str, *, url: str = "", published: str | date | None = None) -> Article:
    """A release as plain text, a mail or a PDF's text: parts what is not its body as `read_article` does for a page."""
    plain = paragraphs_of(title, text)
    parted = part(plain.blocks)
    blocks = tuple(as_block(block.kind, block.text) for block in parted.body)
    dateline = dateline_of(blocks)
    body = "\n".join(block.text for block in blocks)
    given = parse_date(str(published), origin="given") if published else None
    told = (given, "as given"), (plain.date, "a line by the headline"), (dateline, _DATELINE)
    return Article(
        url=url,
        canonical=url,
        title=title,
        language=language_of(f"{title}\n{body}"),
        published=given or plain.date or dateline,
        dateline=dateline,
        date_candidates=tuple(fact for fact, _ in told if fact),
        published_because=next((because for fact, because in told if fact), ""),
        blocks=blocks,
        teasers=plain.teasers,
        about=tuple(parted.about),
        sections=(*parted.sections, *plain.related),
        quotes=read_quotes(blocks),
        unfit=None if blocks else "empty",
    )


def read_plain(body: bytes, url: str = "") -> Article | None:
    """A plain text file whose first line that is no date is its title; None for what holds markup or is no text."""
    if not is_plain(body):
        return None
    lines = decode(body, "text/plain")[0].strip().splitlines()
    at = next((i for i, line in enumerate(lines[:_HEAD]) if line.strip() and not _is_date_line(squeeze(line))), 0)
    text = "\n".join((*lines[:at], *lines[at + 1 :]))
    return read_text(squeeze(lines[at]), text, url=url) if text.strip() else None


def is_plain(body: bytes) -> bool:
    """Whether these bytes are text without markup."""
    head = body[:100_000]
    return b"\0" not in head and not _MARKUP.search(head)


def _day(seen: Seen) -> date | None:
    if isinstance(seen, datetime):
        return seen.date()
    if isinstance(seen, str):
        fact = parse_date(seen)
        return date.fromisoformat(fact.value) if fact and fact.precision == "day" else None
    return seen


def _blocks(body: Iterable[Chunk]) -> list[Block]:
    """Chunks become blocks; items of one list are one block, so are cells and rows of one table."""
    blocks: list[tuple[BlockKind, list[str]]] = []
    before: Chunk | None = None
    for chunk in body:
        if before is not None and (mark := _joint(before, chunk)):
            blocks[-1][1].extend((mark, chunk.text))
        else:
            blocks.append((chunk.kind, [chunk.text]))  # type: ignore[arg-type]
        before = chunk
    return [Block(kind=kind, text="".join(texts)) for kind, texts in blocks]


def _joint(one: Chunk, other: Chunk) -> str:
    """What parts two neighbours that are one block; empty where each is its own."""
    kind = one.kind if one.kind == other.kind else ""
    if kind == "table" and one.box.parent is other.box.parent:
        return " | "
    around = {"list": ("ul", "ol", "dl"), "table": ("table",)}.get(kind, ())
    return "\n" if around and _inside(one, around) is _inside(other, around) else ""


def _is_date_line(text: str) -> bool:
    """A line above the text that says when it was published, and nothing more."""
    if len(text) > _DATE_LINE or not any(map(str.isdigit, text)):
        return False
    for (start, end), _ in dates_with_places(text)[:1]:
        return not _CLOCK.sub(" ", f"{text[:start]} {text[end:]}").strip(" ,.:;|-–—()")
    return False


def _inside(chunk: Chunk, tags: tuple[str, ...]) -> object:
    """The nearest box of one of these tags around a chunk, or the outermost box."""
    box = chunk.box
    while box.parent is not None and box.tag not in tags:
        box = box.parent
    return box


def _translations(page: Page, outline: Outline) -> tuple[str, ...]:
    addresses = map(page.join, outline.translations[:MOST_TRANSLATIONS])
    return tuple(dict.fromkeys(address for address in addresses if address and address != page.url))


def _links(page: Page, body: Iterable[Chunk]) -> tuple[Link, ...]:
    links = (Link(url=page.join(href), text=text) for chunk in body for href, text in chunk.links)
    return tuple(dict.fromkeys(link for link in links if link.url))
