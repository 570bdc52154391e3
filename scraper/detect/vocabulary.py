"""The words of one language, from lexicon/<language>.json: which tags a word has, which phrases begin with it.

A phrase is written as people write it. `renew*` matches a beginning, `*verband` an ending,
` .. ` up to six words between,
capitals (`MoU`) match as they stand; all else is compared folded. Adding a language is adding a file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from scraper.text import fold

TOKEN = re.compile(r"e\.\s?V\.|(?:[^\W\d_]\.){2,}|[^\W_]+(?:[.&/\-·+@][^\W_]+)*|\S")
_CAMEL = re.compile(r"[a-z]{1,4}[A-Z]")  # iPlant, openEHR
WORD = re.compile(r"[^\W_]+")
PHRASES = (
    "ties", "negation", "intended", "future", "background", "merger", "statement", "genre", "today", "yesterday",
    "since", "until",
    "effective", "both",
    "reader", "adjectives", "ago", "lately", "occasion", "purpose", "denial",
)  # fmt: skip
TAGS = (
    "common", "articles", "and", "with", "between", "by", "inside", "aside", "we", "heads", "legal", "organs",
    "roles", "honorifics",
    "events", "weekdays", "years", "bodies", "generic",
)  # fmt: skip
# What a glance sees in a text: which kinds of phrase may stand in it.
INSTRUMENT, TIE, VERB, MEANT, STRONG, ALONE, MEMBER, NEIGHBOUR = (1 << bit for bit in range(8))
_KINDS_SEEN = {
    "instruments": INSTRUMENT, "ties": TIE, "verbs": VERB, "intended": MEANT, "merger": NEIGHBOUR,
    "statement": NEIGHBOUR,
}  # fmt: skip
_VALUES_SEEN = {
    "cooperate": ALONE,
    "joined": ALONE | VERB,
    "left": ALONE | VERB | STRONG,
    "membership": MEMBER,
} | dict.fromkeys(("renewed", "extended", "ended", "suspended"), VERB | STRONG)
_GAP = 6  # words that " .. " may stand for
_MARKS = re.compile("[‘’“”„«»–—…·•©\xa0]+")  # all that most texts have beyond ASCII, and folding is slow
_SPACED = {code: " " for code in range(128) if not chr(code).isalnum()}
_KEY = 3  # letters by which stems and endings are looked up; none is shorter
_NONE: frozenset[str] = frozenset()
_CACHE = 20_000  # words remembered by one vocabulary; then it starts anew


class Phrase(NamedTuple):
    """One entry of a lexicon: `parts` are (how, text) with how one of = exact, ^ beginning, $ ending, ! as
    written, . gap.
    """

    kind: str
    value: str
    parts: tuple[tuple[str, str], ...]


@dataclass(slots=True, eq=False)
class Word:
    """What is known of one token wherever it stands."""

    text: str
    low: str
    cap: bool
    acro: bool
    letters: bool
    number: bool
    tags: frozenset[str]
    month: int
    count: int
    phrases: tuple[Phrase, ...]
    pairs: dict[str, list[Phrase]]  # phrases of it and one certain word behind it, by that word
    begins: bool  # whether any phrase may


class Vocabulary:
    """One language's lexicon, ready to be asked word by word."""

    def __init__(self, raw: dict[str, Any], names: dict[str, str]) -> None:
        self.language = str(raw["language"])
        self.lower_names = bool(
            raw.get("lower_names")
        )  # names go on in small letters: la Federazione italiana dei farmacisti
        self.compounds = "bodies" in raw  # a body's name may be one word: Hafenbund
        # how adjectives end before a head word of each gender, where articles change them: Deutscher Bund
        self.genders = [
            (ending, re.compile(rf"({'|'.join(heads)})(?:e?s)?$")) for ending, heads in raw.get("genders", {}).items()
        ]
        self.furniture = tuple(fold(entry) for entry in raw.get("furniture", ()))
        self.long_furniture = tuple(entry for entry in self.furniture if " " in entry)
        self._months = {fold(name): number + 1 for number, row in enumerate(raw["months"]) for name in row.split()}
        self._numbers: dict[str, int] = {fold(word): number for word, number in raw.get("numbers", {}).items()}
        self._tags: dict[str, set[str]] = {}
        self._tag_stems: dict[str, list[tuple[str, str]]] = {}  # by their first letters
        self._tag_endings: dict[str, list[tuple[str, str]]] = {}  # by their last letters
        self._phrases: dict[str, list[Phrase]] = {}
        self._stems: dict[str, list[Phrase]] = {}  # by their first letters
        self._words: dict[str, Word] = {}
        self._told: dict[str, int] = {}  # words glanced at, with what they may stand for
        self._dull: set[str] = set()  # those that stand for nothing
        self._telling: dict[str, int] = {}
        self._telling_stems: dict[str, list[tuple[str, int]]] = {}
        self._not_organisations = frozenset(names["not_organisations"].split())
        for tag in TAGS:
            self._add(tag, "", raw.get(tag, ()), tag_too=True)
        for kind in PHRASES:
            self._add(kind, "", raw.get(kind, ()))
        for kind in ("instruments", "verbs"):
            for value, entries in raw[kind].items():
                self._add(kind, value, entries)
        for tag, entries in (("first", names["first_names"]), ("places", names["places"]), ("heads", names["heads"])):
            for entry in entries.split():
                self._tags.setdefault(fold(entry), set()).add(tag)
        self._own_heads = frozenset(fold(entry) for entry in raw.get("heads", ()))

    def words(self, text: str) -> list[Word]:
        """The tokens of a text, each with what is known of it."""
        known = self._words.get
        return [known(token) or self.word(token) for token in TOKEN.findall(text)]

    def word(self, token: str) -> Word:
        """What is known of one token; remembered."""
        known = self._words.get(token)
        if known is None:
            if len(self._words) > _CACHE:
                self._words.clear()
            known = self._words[token] = self._look_up(token)
        return known

    def glance(self, text: str) -> int:
        """Which kinds of phrase may stand in a text, as bits: cheap, and sure of what it does not see."""
        plain = text if text.isascii() else _MARKS.sub(" ", text)
        words = set(plain.lower().translate(_SPACED).split() if plain.isascii() else WORD.findall(fold(plain)))
        words -= self._dull
        seen = 0
        for word in words:
            bits = self._told.get(word)
            seen |= self._tell(word) if bits is None else bits
        return seen

    def _tell(self, word: str) -> int:
        """What one word may stand for; remembered, and apart if it is nothing."""
        bits = self._telling.get(word, 0)
        for stem, more in self._telling_stems.get(word[:_KEY], ()):
            bits |= more if word.startswith(stem) else 0
        if len(self._dull) > _CACHE:
            self._dull.clear()
        if bits:
            self._told[word] = bits
        else:
            self._dull.add(word)
        return bits

    def _note(self, kind: str, value: str, entry: str) -> None:
        """Take in a phrase for the glance, by its longest word."""
        bits = _VALUES_SEEN.get(value, _KINDS_SEEN.get(kind, 0)) if kind in _KINDS_SEEN else 0
        pieces = [piece for piece in fold(entry).split() if WORD.search(piece)]
        if bits and pieces:
            piece = max(pieces, key=len)
            word = max(WORD.findall(piece), key=len)
            if piece.endswith("*"):
                self._telling_stems.setdefault(word[:_KEY], []).append((word, bits))
            else:
                self._telling[word] = self._telling.get(word, 0) | bits

    def _add(self, kind: str, value: str, entries: Iterable[str], *, tag_too: bool = False) -> None:
        for entry in entries:
            parts = tuple(part for piece in entry.split() for part in _parts(piece))
            self._note(kind, value, entry)
            how, text = parts[0]
            if tag_too and len(parts) == 1 and how != "!":
                if how == "=":
                    self._tags.setdefault(text, set()).add(kind)
                elif how == "^":
                    self._tag_stems.setdefault(text[:_KEY], []).append((text, kind))
                else:
                    self._tag_endings.setdefault(text[-_KEY:], []).append((text, kind))
                continue
            group, key = (self._stems, fold(text)[:_KEY]) if how == "^" else (self._phrases, fold(text))
            group.setdefault(key, []).append(Phrase(kind, value, parts))

    def _look_up(self, token: str) -> Word:
        low = fold(token)
        cap, letters = token[0].isupper(), token[0].isalnum()
        tags: frozenset[str] | set[str] = self._tags.get(low, _NONE)
        if "-" in low and not tags:
            tags = self._tags.get(low.rpartition("-")[2], _NONE) & {"roles", "heads"}
        if not cap and "heads" in tags and low not in self._own_heads:
            tags = tags - {"heads"}  # another language's head word counts only where it stands as a name
        if low[:_KEY] in self._tag_stems:
            tags = tags | {tag for stem, tag in self._tag_stems[low[:_KEY]] if low.startswith(stem)}
        if low[-_KEY:] in self._tag_endings:
            tags = tags | {tag for ending, tag in self._tag_endings[low[-_KEY:]] if low.endswith(ending)}
        acro = False
        if token != low:
            cap = cap or _CAMEL.match(token) is not None
            acro = len(token) <= 16 and token not in self._not_organisations and _acronymic(token)
        count = self._numbers.get(low, 0) or (int(low) if len(low) < 3 and low.isdecimal() else 0)
        phrases, pairs = self._phrases_of(token, low)
        return Word(
            token, low, cap, acro, letters, token.isdigit(), frozenset(tags), self._months.get(low, 0), count,
            phrases, pairs, bool(phrases or pairs),
        )  # fmt: skip

    def _phrases_of(self, token: str, low: str) -> tuple[tuple[Phrase, ...], dict[str, list[Phrase]]]:
        """The phrases that may begin with a token; those that go on with one certain word apart, by that word."""
        found = self._phrases.get(low, [])
        if low[:_KEY] in self._stems:
            found = found + [phrase for phrase in self._stems[low[:_KEY]] if low.startswith(phrase.parts[0][1])]
        pairs: dict[str, list[Phrase]] = {}
        if not found:
            return (), pairs
        single = []
        for phrase in found:
            if phrase.parts[0][0] == "!" and phrase.parts[0][1] != token:
                continue
            if len(phrase.parts) > 1 and phrase.parts[1][0] == "=":
                pairs.setdefault(phrase.parts[1][1], []).append(phrase)
            else:
                single.append(phrase)
        return tuple(single), pairs


def beckons(seen: int, *, far: bool = False) -> bool:
    """Whether what a glance saw may be an act: a verb and a noun of the matter, or working together, or joining.

    `far` asks for more, as prose far down in an article is weighed low: an instrument with a verb, or a tie that is
    renewed or ended.
    """
    if far:
        return bool((seen & INSTRUMENT and seen & VERB) or (seen & TIE and seen & STRONG))
    return bool(seen & ALONE or (seen & (INSTRUMENT | TIE | MEMBER) and seen & (MEANT | VERB)))


def _acronymic(token: str) -> bool:
    """Two capitals in one part: COCIR, EuSoMII, WHO/Europe; not Vice-President."""
    return not token[1:].islower() and any(sum(c.isupper() for c in part) >= 2 for part in re.split("[-/]", token))


def _parts(piece: str) -> Iterable[tuple[str, str]]:
    if piece == "..":
        yield (".", "")
    elif piece.endswith("*"):
        yield ("^", fold(piece[:-1]))
    elif piece.startswith("*"):
        yield ("$", fold(piece[1:]))
    elif piece.startswith("="):
        yield ("!", piece[1:])
    else:
        for token in TOKEN.findall(piece):
            yield ("!", token) if sum(c.isupper() for c in token) >= 2 else ("=", fold(token))


def match(phrase: Phrase, words: list[Word], i: int) -> int:
    """Where a phrase that may begin at word i ends (one past), or 0."""
    j = i
    for at, (how, text) in enumerate(phrase.parts):
        if how == ".":
            return _after_gap(phrase, at + 1, words, j)
        if j >= len(words) or not _fits(how, text, words[j]):
            return 0
        j += 1
    return j


def _after_gap(phrase: Phrase, at: int, words: list[Word], j: int) -> int:
    how, text = phrase.parts[at]
    for k in range(j, min(j + _GAP + 1, len(words))):
        if _fits(how, text, words[k]):
            rest = Phrase(phrase.kind, phrase.value, phrase.parts[at:])
            return match(rest, words, k)
    return 0


def _fits(how: str, text: str, word: Word) -> bool:
    if how == "=":
        return word.low == text
    if how == "^":
        return word.low.startswith(text)
    if how == "$":
        return word.low.endswith(text)
    return word.text == text


@cache
def vocabulary(language: str) -> Vocabulary:
    """The vocabulary of a language that has a file. Raises FileNotFoundError for others."""
    raw, english = _raw(language), _raw("en")
    # English boxes stand on pages of all languages
    return Vocabulary({**raw, "furniture": {*raw.get("furniture", ()), *english["furniture"]}}, _raw("names"))


@cache
def languages() -> tuple[str, ...]:
    """The languages that have a lexicon."""
    home = files("scraper.detect") / "lexicon"
    return tuple(sorted(f.name[:2] for f in home.iterdir() if f.name.endswith(".json") and len(f.name) == 7))


@cache
def _raw(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((files("scraper.detect") / "lexicon" / f"{name}.json").read_text("utf-8"))
    return loaded


@cache
def _common() -> dict[str, tuple[str, ...]]:
    """Small words, each with the languages that have it."""
    found: dict[str, tuple[str, ...]] = {}
    for language in languages():
        vocabulary(language)  # all are made ready at once, so that no later text waits for one
        for word in _raw(language)["common"]:
            found[word] = (*found.get(word, ()), language)
    return found


@cache
def _signs(kind: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """`letters` that only some languages have, `endings` of words that are frequent in one."""
    return tuple((lang, re.compile(_raw(lang)[kind])) for lang in languages() if kind in _raw(lang))


def language_of(text: str, hint: str = "") -> str:
    """The language a text is written in, by its small words; the hint decides where they do not, English where
    there is none.
    """
    votes: dict[str, float] = {}
    common = _common()
    for word in text[:1200].lower().split():
        if word in common:
            spoken = common[word]
            for language in spoken:
                votes[language] = votes.get(language, 0.0) + 1.0 / len(spoken)
    if not text.isascii():
        for language, letters in _signs("letters"):
            votes[language] = votes.get(language, 0.0) + 0.8 * min(len(letters.findall(text, 0, 600)), 5)
    best = max(votes.values(), default=0.0)
    if sum(best - 1.5 <= vote for vote in votes.values()) != 1:  # a close race, as in a line or two
        for language, endings in _signs("endings"):
            if best - 1.5 <= votes.get(language, 0.0):
                votes[language] = votes.get(language, 0.0) + 0.2 * len(endings.findall(text.lower(), 0, 300))
    if hint in languages():
        votes[hint] = votes.get(hint, 0.0) + 1.5
    return max(sorted(votes), key=votes.__getitem__) if votes else "en"
