"""What a heading or label stands for: related items, sharing, contact, About ...; in some twenty languages."""

from __future__ import annotations

import re
from functools import lru_cache

from scraper.parse.data import load
from scraper.text import fold

CUT = re.compile(r"(?:…|\.\.\.|\[…\]|\[\.\.\.\])\W{0,3}$")  # how a teaser or a walled text ends
LONGEST = 90  # a heading with more characters is a sentence
_NO_WORD = re.compile(r"[\W_]+")
_MARKS = re.compile("[‘’“”„«»–—…·•©\xa0]+")
_FIRST = re.compile(r"[^\W_]+")
_WIDE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


@lru_cache(maxsize=256)  # title, site name and headings of one page are compared with each other
def plain_words(text: str) -> str:
    """Folded words with single spaces, for comparing headings."""
    if not text.isascii():
        text = _MARKS.sub(" ", text)  # folding is slow, and most texts have no more than these
    return _NO_WORD.sub(" ", text.lower() if text.isascii() else fold(text)).strip()


KINDS: dict[str, int] = {kind: 1 << bit for bit, kind in enumerate(load("headings"))}


def _by_first_word() -> dict[str, list[tuple[str, int]]]:
    """Phrases under their first word; Chinese and Japanese, which part no words, under their first character."""
    table: dict[str, list[tuple[str, int]]] = {}
    for kind, phrases in load("headings").items():
        for phrase in map(plain_words, phrases):
            key = phrase[:1] if _WIDE.match(phrase) else phrase.partition(" ")[0]
            table.setdefault(key, []).append((phrase, KINDS[kind]))
    return table


_PHRASES = _by_first_word()


@lru_cache(maxsize=20_000)
def kinds_of(text: str) -> tuple[int, int]:
    """(bits of the kinds a phrase of which begins `text`, bits of those it is wholly); `text` as it stands on the page."""  # noqa: E501
    first = _FIRST.search(text)
    if first is None or (
        first[0].isascii() and text[first.end() :][:1] < "\u0300" and first[0].lower() not in _PHRASES
    ):
        return 0, 0  # nearly all texts, without the work below
    plain = plain_words(text)
    starts = whole = 0
    wide = _WIDE.match(plain) is not None
    for phrase, bit in _PHRASES.get(plain[:1] if wide else plain.partition(" ")[0], ()):
        if plain.startswith(phrase):
            if len(plain) == len(phrase):
                starts, whole = starts | bit, whole | bit
            elif wide or plain[len(phrase)] == " ":
                starts |= bit
    return starts, whole


def begins(kind: str, text: str) -> bool:
    """Whether `text` begins with a phrase of that kind."""
    return bool(kinds_of(text)[0] & KINDS[kind])


def equals(kind: str, text: str) -> bool:
    """Whether `text` is such a phrase and nothing more."""
    return bool(kinds_of(text)[1] & KINDS[kind])
