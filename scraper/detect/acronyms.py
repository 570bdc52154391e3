"""Whether a word may be an acronym, and whether it is that of a name."""

from __future__ import annotations

from scraper.detect.vocabulary import Word
from scraper.text import fold


def initials_fit(acronym: str, words: list[Word]) -> bool:
    """Whether the letters of an acronym are found in order, the first at the first word, most of them at word
    beginnings.

    The idea is Schwartz and Hearst's (2003); word beginnings are asked for, as long names of bodies are title-cased.
    """
    letters = [c for c in fold(acronym) if c.isalnum()]
    starts = [w.low for w in words if w.letters]
    if not letters or not starts or starts[0][0] != letters[0]:
        return False
    at, inner, used = 0, 0, 0
    for low in starts:
        if at < len(letters) and low[0] == letters[at]:
            at, inner, used = at + 1, 1, used + 1
            while at < len(letters) and inner < len(low) and low.startswith("".join(letters[at - inner : at + 1])):
                at, inner = at + 1, inner + 1
    significant = sum(
        "inside" not in w.tags and "and" not in w.tags and "articles" not in w.tags for w in words if w.letters
    )
    return at == len(letters) and used >= min(significant, len(letters)) - 1


def may_be_acronym(word: Word) -> bool:
    """A word of capitals, or a short one with a capital that is no small word."""
    return word.acro or (
        word.letters and len(word.text) <= 12 and any(c.isupper() for c in word.text) and "common" not in word.tags
    )
