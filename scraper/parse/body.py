"""Which chunks are the article's body: each is scored by the trained model, in sight of its neighbours and its box."""

from __future__ import annotations

from scraper.parse.blocks import Chunk, Outline
from scraper.parse.cards import cards
from scraper.parse.features import Layout, rows_of
from scraper.parse.lexicon import KINDS, kinds_of
from scraper.parse.metadata import Metadata
from scraper.parse.model import scores_of

_POINTER = KINDS["related"] | KINDS["furniture"]
_LABEL = 40  # characters of a block that may hold such a label


def choose_body(outline: Outline, meta: Metadata) -> list[Chunk]:
    """The body's chunks in reading order; empty when the page has none. No pointer to another item is among them."""
    chunks = outline.chunks
    rows = rows_of(chunks, Layout(chunks, meta.title_at))
    beside = cards(chunks, meta.title_at) | {meta.title_at}
    chosen = (row[0] for row, score in zip(rows, scores_of(rows), strict=True) if score > 0)
    body = [chunks[index] for index in chosen if index not in beside]
    return [chunk for chunk in body if not (chunk.links and _points_elsewhere(chunk))]


def _points_elsewhere(chunk: Chunk) -> bool:
    """ "Read more: <link>" between two paragraphs, or a paragraph that is a row of headlines."""
    share = chunk.link_chars / len(chunk.text)
    if share < 0.6 or chunk.kind == "heading":
        return False
    if kinds_of(chunk.text[:_LABEL])[0] & _POINTER:
        return True
    titles = [text for _, text in chunk.links if text.count(" ") > 2]
    return chunk.kind == "paragraph" and len(titles) > 1 and len(titles) == len(chunk.links) and share > 0.75
