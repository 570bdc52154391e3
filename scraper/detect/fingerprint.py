"""What makes two texts the same, and which keys near duplicates share. Comparing texts is for duplicates.py."""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b
from zlib import crc32

from scraper.text import INVISIBLE
from storage.records.article import Article
from storage.records.observation import Fingerprint

VERSION = "1"  # first character of each hash; a new recipe gets a new one, so that old and new never meet
SHINGLE = 4  # words; the length that text-reuse work settles on for news
BINS = 32  # one-permutation MinHash (Li, Owen, Zhang 2012), two bins a band
_TYPOGRAPHY = {
    **dict.fromkeys(map(ord, "‘’‚‛′`´"), "'"),
    **dict.fromkeys(map(ord, "“”„‟″«»"), '"'),
    **dict.fromkeys(map(ord, "‐‑‒–—―−"), "-"),
    ord("…"): "...",
    **INVISIBLE,
}
_WORDS = re.compile(r"\w+")
_SPACES = re.compile(r"\s+")


def fingerprint(article: Article) -> Fingerprint:
    """The fingerprint of an article's title and body; nothing else of the page touches it."""
    title, body = normalised(article.title), normalised(article.text)
    words = _WORDS.findall(body.casefold())
    return Fingerprint(content=_digest(f"{title}\n{body}"), text=_digest(body), bands=_bands(words), words=len(words))


def normalised(text: str) -> str:
    """Text as a reader takes it in: typographic marks made plain, compatibility forms folded, single spaces."""
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", text.translate(_TYPOGRAPHY))).strip()


def shingles(text: str) -> frozenset[int]:
    """Hashes of all runs of SHINGLE words; shorter texts give one."""
    return frozenset(_shingle_hashes(_WORDS.findall(normalised(text).casefold())))


def _digest(text: str) -> str:
    return VERSION + blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _shingle_hashes(words: list[str]) -> list[int]:
    runs = range(max(1, len(words) - SHINGLE + 1)) if words else ()
    return [crc32(" ".join(words[i : i + SHINGLE]).encode("utf-8", "surrogatepass")) for i in runs]


def _bands(words: list[str]) -> tuple[int, ...]:
    """Sixteen keys; texts that share three or more are worth comparing."""
    least = [-1] * BINS
    for value in _shingle_hashes(words):
        place, rest = value & (BINS - 1), value >> 5
        if least[place] < 0 or rest < least[place]:
            least[place] = rest
    pairs = ((i, least[i], least[i + 1]) for i in range(0, BINS, 2))
    return tuple((i << 54) | (one << 27) | other for i, one, other in pairs if one >= 0 and other >= 0)
