"""Which chunks are the article's body: each is scored by the trained model, in sight of its neighbours and its box."""

from __future__ import annotations

from scraper.parse.blocks import Chunk, Outline
from scraper.parse.cards import cards
from scraper.parse.features import Layout, choices_of
from scraper.parse.lexicon import KINDS, kinds_of
from scraper.parse.metadata import Metadata
from scraper.parse.model import scorer

_POINTER = KINDS["related"] | KINDS["furniture"]
_LABEL = 40  # characters of a block that may hold such a label


def choose_body(outline: Outline, meta: Metadata) -> list[Chunk]:
    """The body's chunks in reading order; empty when the page has none. No pointer to another item is among them."""
    chunks = outline.chunks
    score = scorer()
    beside = cards(chunks, meta.title_at) | {meta.title_at}
    body: list[Chunk] = []
    layout = Layout(chunks, meta.title_at)
    for indexes, rows in choices_of(chunks, layout):
        if 2 * sum(score(*row[1:]) > 0 for row in rows) > len(rows):
            body += [chunks[index] for index in indexes if index not in beside]
    if not body:  # a page of one or two paragraphs is unlike all others
        body = [
            chunks[i] for i, box in enumerate(layout.boxes) if box is layout.main and layout.good[i] and i not in beside
        ]
    return [chunk for chunk in body if not (chunk.links and points_elsewhere(chunk))]


def points_elsewhere(chunk: Chunk) -> bool:
    """ "Read more: <link>" between two paragraphs, or a paragraph that is a row of headlines."""
    share = chunk.link_chars / len(chunk.text)
    if share < 0.6 or chunk.kind == "heading":
        return False
    if kinds_of(chunk.text[:_LABEL])[0] & _POINTER:
        return True
    titles = [text for _, text in chunk.links if text.count(" ") > 2]
    return chunk.kind == "paragraph" and len(titles) > 1 and len(titles) == len(chunk.links) and share > 0.75
