"""The acronym and the legal form behind a name, and whether letters are those of a name."""

from __future__ import annotations

from scraper.detect.vocabulary import Word
from scraper.text import fold

_DASHES = frozenset("-–—")


def behind_name(words: list[Word], j: int) -> tuple[str, bool, int]:
    """The acronym of the name that ends before word j, whether a legal form follows it, and where both end."""
    acronym, legal, after = "", False, j
    if j < len(words) and "legal" in words[j].tags:
        legal, after = True, j + 1
    elif j + 1 < len(words) and words[j].text == "," and "legal" in words[j + 1].tags:
        legal, after = True, j + 2
    dashed = after + 2 < len(words) and words[after].text in _DASHES and may_be_acronym(words[after + 1])
    if dashed and "legal" in words[after + 2].tags:  # Bundesverband Gesundheits-IT - bvitg e. V.
        acronym, after, legal = words[after + 1].text, after + 3, True
    if after + 2 < len(words) and words[after].text in "([":
        close = next((k for k in range(after + 1, min(after + 5, len(words))) if words[k].text in ")]"), 0)
        inner = [w for w in words[after + 1 : close] if w.text not in "\"'“”„«»"] if close else []
        if inner and len(inner) <= 3 and all(w.letters for w in inner) and any(may_be_acronym(w) for w in inner):
            acronym, after = " ".join(w.text for w in inner), close + 1
    return acronym, legal, after


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
