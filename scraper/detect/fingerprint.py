"""What makes two texts the same, and which keys near duplicates share. Comparing texts is for duplicates.py."""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b
from heapq import nsmallest
from zlib import crc32

from scraper.text import INVISIBLE
from storage.records.article import Article
from storage.records.observation import Fingerprint

VERSION = "2"  # first character of each hash; a new recipe gets a new one, so that old and new never meet
SHINGLE = 4  # words; the length that text-reuse work settles on for news
KEYS = 16  # of a text; of a copy cut to a third about five are still among those of the whole
_TYPOGRAPHY = {
    **dict.fromkeys(map(ord, "‘’‚‛′`´"), "'"),
    **dict.fromkeys(map(ord, "“”„‟″«»"), '"'),
    **dict.fromkeys(map(ord, "‐‑‒–—―−"), "-"),
    ord("…"): "...",
    **INVISIBLE,
}
_WORDS = re.compile(r"\w+")
_SPACES = re.compile(r"\s+")
_DASHES = re.compile("-{2,}")  # what editors' software makes a dash of


def fingerprint(article: Article) -> Fingerprint:
    """The fingerprint of an article's title and body; nothing else of the page touches it."""
    text = normalised(article.text)
    words, closed = _WORDS.findall(text.casefold()), _closed(text)
    content = _digest(closed_up(article.title), closed)
    return Fingerprint(content=content, text=_digest(closed), bands=_keys(words), words=len(words))


def normalised(text: str) -> str:
    """Text as a reader takes it in: typographic marks made plain, compatibility forms folded, single spaces."""
    plain = unicodedata.normalize("NFKC", text.translate(_TYPOGRAPHY)).translate(_TYPOGRAPHY)
    return _SPACES.sub(" ", _DASHES.sub("-", plain)).strip()


def closed_up(text: str) -> str:
    """The normalised text without its spaces: where markup puts or leaves out a space says nothing."""
    return _closed(normalised(text))


def _closed(plain: str) -> str:
    return unicodedata.normalize("NFC", plain.replace(" ", ""))


def shingles(text: str) -> tuple[int, ...]:
    """Hashes of all runs of SHINGLE words, in reading order; shorter texts give one."""
    return _shingle_hashes(_WORDS.findall(normalised(text).casefold()))


def _digest(*closed: str) -> str:
    return VERSION + blake2b("\n".join(closed).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _shingle_hashes(words: list[str]) -> tuple[int, ...]:
    runs = range(max(1, len(words) - SHINGLE + 1)) if words else ()
    return tuple(crc32(" ".join(words[i : i + SHINGLE]).encode("utf-8", "surrogatepass")) for i in runs)


def _keys(words: list[str]) -> tuple[int, ...]:
    """The least of the shingles' hashes (bottom-k sketch, Broder 1997): a text and a part of it share many."""
    return tuple(nsmallest(KEYS, set(_shingle_hashes(words))))
