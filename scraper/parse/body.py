"""Which chunks are the article's body: each is scored by the trained model, in sight of its neighbours and its box."""

from __future__ import annotations

import re

from scraper.parse.blocks import Chunk, Outline
from scraper.parse.boilerplate import is_about
from scraper.parse.cards import cards
from scraper.parse.features import Layout, choices_of
from scraper.parse.lexicon import KINDS, kinds_of
from scraper.parse.metadata import Metadata
from scraper.parse.model import scorer

_POINTER = KINDS["related"] | KINDS["furniture"]
_LABEL = 40  # characters of a block that may hold such a label
_ABOUT = 1  # blocks below such a heading that are its text for sure
_CALL = 220  # characters of a block that calls on its reader and says nothing else
_LETTER = re.compile(
    r"news-?letters?\b|e-?news\b|\binbox\b|mailing list|e-?mail updates|rundbrief|infolettre|bolet[ií]n|nieuwsbrief|"
    r"biuletyn|nyhetsbrev|uutiskirje|рассылк",
    re.I,
)
_IN_LETTER = (  # one of these is in whatever `_LETTER` finds; to know that none is takes a tenth of the time
    "letter", "enews", "e-news", "inbox", "mailing", "updates", "brief", "lettre", "bolet", "biulet", "brev", "kirje",
    "рассыл",
)  # fmt: skip
_ORDER = re.compile(
    r"(?:^|[.!?]\s+)(?:please |click here to )?(?:sign up|subscribe|join (?:our|the)|get (?:our|the|more)|enter your|"
    r"never miss|abonnieren|melden sie|jetzt|haben sie schon|inscrivez|abonnez|recevez|suscr[ií]b|recib[ae]|inscr[ií]b|"
    r"iscriviti|abbonati|schrijf|meld|abonneer|assine|inscreva|receba|zapisz|prenumerera|tilmeld|tilaa|подпи)",
    re.I,
)
_CONSENT = re.compile(r"by (?:subscribing|signing up|clicking|submitting)\b.*(?:agree|privacy|terms)", re.I)


def choose_body(outline: Outline, meta: Metadata) -> list[Chunk]:
    """The body's chunks in reading order; empty when the page has none. No pointer to another item is among them."""
    chunks = outline.chunks
    score = scorer()
    beside = cards(chunks, meta.title_at) | {meta.title_at}
    body: list[Chunk] = []
    layout = Layout(chunks, meta.title_at)
    for indexes, rows in choices_of(chunks, layout, beside):
        if 2 * sum([score(*row) > 0 for row in rows]) > len(rows):
            body += [chunks[index] for index in indexes if index not in beside]
    if not body:  # a page of one or two paragraphs is unlike all others
        body = [
            chunks[i] for i, box in enumerate(layout.boxes) if box is layout.main and layout.good[i] and i not in beside
        ]
    body = [chunk for chunk in body if not stands_aside(chunk)]
    return body + _about_below(chunks, layout, body[-1].index) if body else []


def _about_below(chunks: list[Chunk], layout: Layout, last: int) -> list[Chunk]:
    """ "About COCIR" and its text, where they follow the body in its own box: boilerplate.py parts them."""
    below = chunks[last + 1 : last + 2 + _ABOUT]
    if not below or not is_about(below[0].text.partition("\n")[0]):
        return []
    home = layout.boxes[last]
    return [c for c in below if layout.boxes[c.index] is home and (c is below[0] or not c.level)]


def stands_aside(chunk: Chunk) -> bool:
    """Whether a block in the middle of a text is none of it: it points to another item, or calls for a subscription."""
    return (bool(chunk.links) and points_elsewhere(chunk)) or _calls(chunk.text)


def _calls(text: str) -> bool:
    """ "Sign up for our newsletter": an order to the reader, and the letter it is about."""
    if len(text) > _CALL:
        return False
    named = any(map(text.lower().__contains__, _IN_LETTER)) and _LETTER.search(text)
    return bool((named and _ORDER.search(text)) or _CONSENT.match(text))


def points_elsewhere(chunk: Chunk) -> bool:
    """ "Read more: <link>" between two paragraphs, or a paragraph that is a row of headlines."""
    share = chunk.link_chars / len(chunk.text)
    if share < 0.6 or chunk.kind == "heading":
        return False
    if kinds_of(chunk.text[:_LABEL])[0] & _POINTER:
        return True
    titles = [text for _, text in chunk.links if text.count(" ") > 2]
    return chunk.kind == "paragraph" and len(titles) > 1 and len(titles) == len(chunk.links) and share > 0.75
