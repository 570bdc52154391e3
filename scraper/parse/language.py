"""Which language a text is in, by its commonest words and its letters; what a page says of itself goes before."""

from __future__ import annotations

import re
from collections import Counter

from scraper.parse.data import load

_WORDS = {word: tuple(tongues) for word, tongues in load("vocabulary")["tongues"].items()}
_LETTERS = (("ja", "[\u3040-\u30ff]"), ("ko", "[\uac00-\ud7af]"), ("zh", "[\u4e00-\u9fff]"), ("el", "[\u0370-\u03ff]"))
_WORD = re.compile(r"[^\W\d_]+")
_LEAST = 3  # known words; below that nothing is said
_LONGEST = 1_500  # characters that are looked at


def language_of(text: str) -> str:
    """Two letters, or empty when the text is too short or of a language that is not known here."""
    text = text[:_LONGEST].lower()
    if not text.isascii():
        for tongue, letters in _LETTERS:
            if len(re.findall(letters, text)) * 5 > len(text):
                return tongue
    counts: dict[str, int] = {}
    for word, times in Counter(_WORD.findall(text)).items():
        for tongue in _WORDS.get(word, ()):
            counts[tongue] = counts.get(tongue, 0) + times
    best = sorted(counts.items(), key=lambda item: -item[1])[:2]
    clear = best and best[0][1] >= _LEAST and (len(best) == 1 or best[0][1] > best[1][1])
    return best[0][0] if clear else ""
