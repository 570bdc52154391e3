"""What makes two texts the same, and which keys near duplicates share. Comparing texts is for duplicates.py."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from hashlib import blake2b
from heapq import nsmallest
from itertools import accumulate
from zlib import crc32

from scraper.text import INVISIBLE
from storage.records.article import Article
from storage.records.observation import Fingerprint

VERSION = "2"  # first character of each hash; a new recipe gets a new one, so that old and new never meet
SHINGLE = 4  # words; the length that text-reuse work settles on for news
KEYS = 16  # of a text; of a copy cut to a third about five are still among those of the whole
_TYPOGRAPHY = {
    **dict.fromkeys("‘’‚‛′`´", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    "…": "...",
    **dict.fromkeys(map(chr, INVISIBLE), ""),
}
_WORDS = re.compile(r"\w+")
_DASHES = re.compile("-{2,}")  # what editors' software makes a dash of


def fingerprint(article: Article) -> Fingerprint:
    """The fingerprint of an article's title and body; nothing else of the page touches it."""
    text = normalised(article.text)
    words, closed = _WORDS.findall(text.casefold()), _closed(text)
    content = _digest(closed_up(article.title), closed)
    return Fingerprint(content=content, text=_digest(closed), bands=_keys(words), words=len(words))


def normalised(text: str) -> str:
    """Text as a reader takes it in: typographic marks made plain, compatibility forms folded, single spaces."""
    plain = _plain(text)
    folded = unicodedata.normalize("NFKC", plain)
    plain = plain if folded == plain else _plain(folded)
    return " ".join((_DASHES.sub("-", plain) if "--" in plain else plain).split())


def _plain(text: str) -> str:
    """The text with plain marks: to look for each of them is thirty times faster than to look each letter up."""
    for mark, plain in _TYPOGRAPHY.items():
        if mark in text:
            text = text.replace(mark, plain)
    return text


def closed_up(text: str) -> str:
    """The normalised text without its spaces: where markup puts or leaves out a space says nothing."""
    return _closed(normalised(text))


def _closed(plain: str) -> str:
    return unicodedata.normalize("NFC", plain.replace(" ", ""))


@lru_cache(maxsize=4)  # a new text is held against several look-alikes, one after the other
def shingles(text: str) -> tuple[int, ...]:
    """Hashes of all runs of SHINGLE words, in reading order; shorter texts give one."""
    return _shingle_hashes(_WORDS.findall(normalised(text).casefold()))


def _digest(*closed: str) -> str:
    return VERSION + blake2b("\n".join(closed).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _shingle_hashes(words: list[str]) -> tuple[int, ...]:
    """The text is encoded once, and each run cut out of it."""
    if len(words) <= SHINGLE:
        return (crc32(" ".join(words).encode("utf-8", "surrogatepass")),) if words else ()
    text = " ".join(words).encode("utf-8", "surrogatepass")
    starts = [0, *accumulate(len(word) + 1 for word in text.split(b" "))]
    return tuple([crc32(text[start : end - 1]) for start, end in zip(starts, starts[SHINGLE:], strict=False)])


def _keys(words: list[str]) -> tuple[int, ...]:
    """The least of the shingles' hashes (bottom-k sketch, Broder 1997): a text and a part of it share many."""
    return tuple(nsmallest(KEYS, set(_shingle_hashes(words))))
