"""The library face: read an article, read a text, find partnerships. Importing a part loads no other."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scraper.detect.partnerships import find_partnerships
    from scraper.parse.article import read_article, read_text

__all__ = ["find_partnerships", "read_article", "read_text"]

_HOMES = {
    "read_article": "scraper.parse.article",
    "read_text": "scraper.parse.article",
    "find_partnerships": "scraper.detect.partnerships",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'scraper' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
