"""Words: of a text as the index knows them, of a question as a person types it, and where the one answers the other.

Pure. What a database makes of them is in `search`. Whoever changes what `tokens` gives writes a migration that fills
the index anew: SQLite's index forgets a text by being told its old words again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, islice

from storage.records.article import Article
from storage.records.hit import Run

FILTERS = ("source", "party", "since", "until", "kind")
MOST_TYPED = 1_000  # characters of a question; what stands behind them is not read
MOST_TERMS = 40  # of a question; SQLite takes trees of 256
MOST_TOKENS = 30  # of one phrase
LONGEST = 60  # characters of a word; what is longer is known by its beginning
MOST_WORDS = 200_000  # of one text, a book's worth
WIDTH = 240  # characters of a snippet
MOST_SPANS = 100  # places of one passage that are weighed against each other

_IDEOGRAPH = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # written without spaces: each is a word
_WORD = re.compile(rf"[{_IDEOGRAPH}]|(?:(?![{_IDEOGRAPH}])[^\W_])(?:(?![{_IDEOGRAPH}])[^\W_]|[\u0300-\u036f])*")
_PLAIN = re.compile("[A-Za-z0-9]+")  # the same of a text without other letters, six times as fast
_QUOTES = dict.fromkeys(map(ord, "“”„‟«»"), '"')
_TYPED = re.compile(
    rf"""(?P<minus>(?<!\S)-(?=\S))?(?:(?P<filter>{"|".join(FILTERS)}):(?=[^\s"]|"[^"]))?"""
    r"""(?:"(?P<phrase>[^"]*)(?:"(?P<open>\*)?|$)|(?P<word>[^\s"]+))""",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """Words that stand side by side; `prefix`: the last one goes on as it likes."""

    tokens: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One term of each group is asked for, none of `without`; filters as they were typed."""

    groups: tuple[tuple[Term, ...], ...] = ()
    without: tuple[Term, ...] = ()
    filters: Mapping[str, str] = field(default_factory=dict)


def tokens(text: str) -> Iterator[str]:
    """The words of a text: case, accents and width folded away, signs left out."""
    if text.isascii():  # as most texts are: all at once takes a third of the time
        words: list[str] = _PLAIN.findall(text.lower())
        return iter(words) if max(map(len, words), default=0) <= LONGEST else (word[:LONGEST] for word in words)
    return (token for word in _WORD.findall(text) for token in _tokens_of(word))


def question(typed: str) -> Question:
    """What a person asks: words, "phrases", -without, one OR other, begin*, source: party: since: until: kind:.

    Whatever is typed is a question; signs that say nothing are left out, as are words past MOST_TERMS.
    """
    groups: list[tuple[Term, ...]] = []
    without: list[Term] = []
    filters: dict[str, str] = {}
    joins, denies = False, False
    for found in islice(_TYPED.finditer(typed[:MOST_TYPED].translate(_QUOTES)), MOST_TERMS):
        text = found["word"] or found["phrase"] or ""
        if found["word"] in ("OR", "|") and not found["minus"]:
            joins = bool(groups)
        elif found["word"] in ("AND", "NOT") and not found["minus"]:
            denies = denies or text == "NOT"
        elif found["filter"] and not found["minus"]:
            filters[found["filter"].lower()] = text.strip()
        elif term := _term(f"{found['filter'] or ''} {text}", prefix=bool(found["open"]) or text.endswith("*")):
            if found["minus"] or denies:
                without.append(term)
            elif joins:
                groups[-1] = (*groups[-1], term)
            else:
                groups.append((term,))
            joins = denies = False
    return Question(groups=tuple(groups), without=tuple(without), filters=filters)


def parts(article: Article) -> tuple[str, str, str]:
    """What is searched of a version: its title; deck and body; what organisations say of themselves below it."""
    body = "\n".join((article.deck, *(block.text for block in article.blocks)))
    return article.title, body, "\n".join(f"{each.organisation}\n{each.text}" for each in article.about)


def marked(text: str, asked: Question) -> tuple[Run, ...]:
    """The whole text, what was asked for marked in it."""
    return tuple(_runs(text, [(start, end) for start, end, _ in _spans(text, asked)], 0, len(text)))


def snippet(article: Article, asked: Question) -> tuple[Run, ...]:
    """The passage outside the title that answers best, cut to WIDTH; the beginning of the body where none does."""
    blocks = [article.deck, *(block.text for block in article.blocks), *(about.text for about in article.about)]
    found = ((text, _spans(text, asked)) for text in blocks if text)
    best = max(found, key=lambda pair: len({term for _, _, term in pair[1]}), default=("", []))
    return tuple(_passage(*best))


def _term(text: str, *, prefix: bool) -> Term | None:
    words = tuple(islice(tokens(text), MOST_TOKENS))
    return Term(tokens=words, prefix=prefix) if words else None


def _placed(text: str) -> Iterator[tuple[str, int, int]]:
    """(word as the index knows it, where it begins, where it ends)."""
    for found in (_PLAIN if text.isascii() else _WORD).finditer(text):
        for token in _tokens_of(found[0]):
            yield token, found.start(), found.end()


def _tokens_of(word: str) -> list[str]:
    """One, mostly; a ligature, a fraction or a circled number is several words, all at the same place."""
    if word.isascii():
        return [word[:LONGEST].lower()]
    return [part[:LONGEST] for part in _WORD.findall(_plain(word))]


def _plain(word: str) -> str:
    parted = unicodedata.normalize("NFKD", word).casefold()
    return "".join(c for c in unicodedata.normalize("NFKD", parted) if not unicodedata.combining(c))


def _spans(text: str, asked: Question) -> list[tuple[int, int, Term]]:
    """Where terms stand in a text, in its order."""
    placed = list(_placed(text))
    words = [word for word, _, _ in placed]
    terms = [term for group in asked.groups for term in group]
    return [
        (start, placed[at + len(term.tokens) - 1][2], term)
        for at, (word, start, _) in enumerate(placed)
        for term in terms
        if word.startswith(term.tokens[0]) and _stands(term, words, at)  # the first half spares most of the second
    ]


def _stands(term: Term, words: Sequence[str], at: int) -> bool:
    *whole, last = term.tokens
    end = at + len(whole)
    if end >= len(words) or words[at:end] != whole:
        return False
    return words[end].startswith(last) if term.prefix else words[end] == last


def _passage(text: str, spans: Sequence[tuple[int, int, Term]]) -> Iterator[Run]:
    """The stretch of WIDTH with most terms in it, cut between words, and an ellipsis where the text goes on."""

    def within(place: tuple[int, int]) -> int:
        return len({term for begin, end, term in spans if place[0] <= begin and end <= place[0] + WIDTH})

    first, reach = max(((begin, end) for begin, end, _ in spans[:MOST_SPANS]), key=within, default=(0, 0))
    start = max(0, min(first - WIDTH // 4, len(text) - WIDTH))
    end = max(reach, start + WIDTH)
    if start:
        gap = text.find(" ", start, first)
        start = gap + 1 if gap >= 0 else first
        yield Run(text="… ")
    if end < len(text):
        gap = text.rfind(" ", reach, end + 1)
        end = gap if gap >= 0 else end
    yield from _runs(text, [(begin, stop) for begin, stop, _ in spans], start, end)
    if end < len(text):
        yield Run(text=" …")


def _runs(text: str, spans: Sequence[tuple[int, int]], start: int, end: int) -> Iterator[Run]:
    """The text between two places; spans that overlap are one hit."""
    inside = [(begin, stop) for begin, stop in spans if start <= begin and stop <= end]
    at = start
    for (begin, _), reach in zip(inside, accumulate((stop for _, stop in inside), max), strict=True):
        begin = max(begin, at)
        if begin > at:
            yield Run(text=text[at:begin])
        if reach > begin:
            yield Run(text=text[begin:reach], hit=True)
        at = max(at, reach)
    if at < end:
        yield Run(text=text[at:end])
