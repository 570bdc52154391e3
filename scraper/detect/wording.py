"""One sentence taken apart: its words, the phrases that mean something, and the names in it. Draws no conclusion."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from scraper.detect.vocabulary import Vocabulary, Word, match

MOST_WORDS = 260  # of one sentence; what stands after them is not looked at


class Hit(NamedTuple):
    """A phrase found: words i to j (one past)."""

    kind: str
    value: str
    i: int
    j: int


@dataclass(slots=True)
class Wording:
    """A sentence as words, with hits by kind; the words' places in the text are worked out when they are asked for."""

    text: str
    words: list[Word]
    hits: dict[str, list[Hit]] = field(default_factory=dict)
    title: bool = False
    titled: bool = False  # written With Capitals Everywhere
    dates: list[Any] | None = None  # filled by when.py, once
    _spans: list[tuple[int, int]] = field(default_factory=list)

    def span(self, i: int) -> tuple[int, int]:
        """Where a word begins and ends in the text."""
        spans = self._spans
        at = spans[-1][1] if spans else 0
        for word in self.words[len(spans) : i + 1]:
            start = self.text.index(word.text, at)
            at = start + len(word.text)
            spans.append((start, at))
        return spans[i]

    def slice(self, i: int, j: int) -> str:
        """The text of words i to j."""
        return self.text[self.span(i)[0] : self.span(j - 1)[1]] if j > i else ""


def worded(text: str, vocabulary: Vocabulary, *, title: bool = False) -> Wording:
    """Take one sentence apart. Typographic apostrophes are made plain; positions stay."""
    plain = text if text.isascii() else text.replace("’", "'").replace("\u00a0", " ")
    wording = Wording(plain, vocabulary.words(plain)[:MOST_WORDS], title=title)
    wording.titled = title and _is_titled(wording.words)
    _find_phrases(wording)
    return wording


def _is_titled(words: list[Word]) -> bool:
    content = [w for w in words if w.letters and len(w.text) > 3]
    return len(content) > 2 and sum(w.cap for w in content) >= 0.75 * len(content)


def _find_phrases(wording: Wording) -> None:
    words, hits = wording.words, wording.hits
    last = len(words) - 1
    for i, word in enumerate(words):
        if not word.begins:
            continue
        pairs = word.pairs.get(words[i + 1].low, ()) if word.pairs and i < last else ()
        for phrase in (*word.phrases, *pairs) if pairs else word.phrases:
            j = i + 1 if len(phrase.parts) == 1 else match(phrase, words, i)
            if j:
                hits.setdefault(phrase.kind, []).append(Hit(phrase.kind, phrase.value, i, j))
    for kind in ("instruments", "ties", "verbs", "and", "with", "between", "by"):
        if len(hits.get(kind, ())) > 1:
            wording.hits[kind] = _longest(wording.hits[kind])


def _longest(hits: list[Hit]) -> list[Hit]:
    """Of hits that overlap the longest stands; verbs of several kinds on the same words all stand."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda h: (h.i - h.j, h.i)):
        if all(hit.j <= k.i or hit.i >= k.j or (hit.i, hit.j) == (k.i, k.j) for k in kept):
            kept.append(hit)
    return sorted(kept, key=lambda h: (h.i, h.j))
