"""Are two articles the same story? Candidates come from memory by their keys; here the texts decide."""

from __future__ import annotations

import re

from scraper.detect.fingerprint import normalised, shingles
from storage.records.article import Article

FEWEST_WORDS = 30  # below that, two texts are alike by chance: "find here the full press release"
# How much of the shorter text must stand in the longer one. What one sender says of itself below each release, and a
# bulletin's form, make lumps and frames of shared words; the values are measured in benchmarks/change/pairs.py.
TITLED = 0.4  # under the same headline, whole or cut
ALONG = 0.6  # and QUARTER of each of its quarters
ANYWHERE = 0.75
QUARTER = 0.25
SAME_FACTS = 0.75  # of the numbers and names in the sentences they share: a form is filled with others each month
VERBATIM = 0.5
TRANSLATED = 0.5  # of the numbers and names of the shorter text: German writes all nouns large, so not more
FEW_FACTS, MANY_FACTS = 3, 6
_SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+")
_FACTS = re.compile(r"(?<=[\w,;] )[^\W\d_a-z]\w+|\d+")
_WORDS = re.compile(r"\w+")


def same_story(one: Article, other: Article, *, own: bool = False) -> bool:
    """Whether most of the shorter text stands word for word in the longer one, all along and with its facts.

    Of one source's `own` two texts half of the sentences must be the same, too: it writes in forms.
    """
    shorter, longer = sorted((one, other), key=lambda article: len(article.text))
    known = set(shingles(longer.text))
    shared = [key in known for key in shingles(shorter.text)]
    if len(shared) < FEWEST_WORDS - 3:
        return False
    share, step = sum(shared) / len(shared), len(shared) / 4
    quarters = (shared[round(n * step) : round((n + 1) * step)] for n in range(4))
    along = all(sum(quarter) >= QUARTER * len(quarter) for quarter in quarters)
    enough = share >= ANYWHERE or (along and share >= ALONG) or (share >= TITLED and _titled(one.title, other.title))
    return (
        enough and _same_facts(shorter.text, longer.text, known) and (not own or _verbatim(shorter.text, longer.text))
    )


def same_in_another_language(one: Article, other: Article, *, linked: bool) -> bool:
    """Whether the two of one site are translations: one names the other's address, or day, picture, numbers and names
    agree.
    """
    if not one.language or not other.language or one.language == other.language:
        return False
    days = {article.published.value for article in (one, other) if article.published}
    if linked:
        return len(days) < 2
    a, b = (
        set(_FACTS.findall(f", {normalised(article.title)} {normalised(article.text)}")) for article in (one, other)
    )
    agreed = len(a & b) >= (FEW_FACTS if one.image and one.image == other.image else MANY_FACTS)
    return len(days) == 1 and agreed and len(a & b) >= TRANSLATED * min(len(a), len(b))


def _verbatim(text: str, whole: str) -> bool:
    sentences, known = _SENTENCES.split(normalised_lines(text)), set(_SENTENCES.split(normalised_lines(whole)))
    return sum(sentence in known for sentence in sentences) >= VERBATIM * len(sentences)


def _titled(one: str, other: str) -> bool:
    a, b = (set(_WORDS.findall(normalised(title).casefold())) for title in (one, other))
    return min(len(a), len(b)) > 2 and len(a & b) >= 0.75 * min(len(a), len(b))


def _same_facts(text: str, whole: str, known: set[int]) -> bool:
    """Whether the sentences that the two share in part give the same numbers and names."""
    facts: set[str] = set()
    for sentence in _SENTENCES.split(normalised_lines(text)):
        if not known.isdisjoint(shingles(sentence)):
            facts.update(_FACTS.findall(sentence))
    return len(facts & set(_FACTS.findall(normalised(whole)))) >= SAME_FACTS * len(facts)


def normalised_lines(text: str) -> str:
    return "\n".join(map(normalised, text.splitlines()))
