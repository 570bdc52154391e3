"""Are two articles the same story? Candidates come from memory by their bands; here the texts decide."""

from __future__ import annotations

from scraper.detect.fingerprint import shingles
from storage.records.article import Article

FEWEST_WORDS = 30  # below that, two texts are alike by chance: "find here the full press release"
SAME_SHARE = 0.6  # of the shorter text's shingles that stand in the longer one, too


def same_story(one: Article, other: Article) -> bool:
    """Whether most of the shorter text stands word for word in the longer one."""
    a, b = shingles(one.text), shingles(other.text)
    shorter = min(len(a), len(b))
    return shorter >= FEWEST_WORDS and len(a & b) >= SAME_SHARE * shorter
