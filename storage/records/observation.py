"""What we saw: this article, at that moment, with the fingerprint that tells versions apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from storage.records.article import Article
from storage.records.source import ItemId, SourceId


class ItemState(StrEnum):
    """Where an item stands."""

    PRESENT = "present"
    WITHDRAWN = "withdrawn"
    MOVED = "moved"  # lives on under another item's address


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What makes two versions the same, and what makes two items look alike."""

    content: str  # hex hash over normalised title and body, versioned first byte
    text: str  # hex hash over normalised body alone
    bands: tuple[int, ...] = ()  # candidate keys for near duplicates, signed 64 bit each
    words: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One version of one item: the article as read, when first seen so, from which raw body, by which extractor."""

    item: ItemId | None = None
    version: int = 1
    seen: datetime
    article: Article
    fingerprint: Fingerprint
    raw: str = ""  # archive key of the raw body
    extractor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One answer as it came. Secrets are in neither list of headers; the body lies decoded in the archive."""

    source: SourceId
    url: str
    at: datetime
    status: int
    raw: str  # archive key of the body
    sent: tuple[tuple[str, str], ...] = ()  # what was asked with
    headers: tuple[tuple[str, str], ...] = ()  # what was answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One article through time."""

    id: ItemId
    source: SourceId
    url: str
    title: str
    state: ItemState
    first_seen: datetime
    last_seen: datetime
    versions: int
    published: str | None = None
    story: ItemId | None = None  # the first item of the same story, or None when it stands alone or is first
