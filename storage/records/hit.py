"""What a search over the full text finds: items, the passages that answer, and what in them was asked for."""

from __future__ import annotations

from dataclasses import dataclass

from storage.records.observation import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A piece of text as it stands on the page; `hit`: it is what was asked for."""

    text: str
    hit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An item that answers: its newest version that does, and the passage. `current`: this is what it says today."""

    item: Item
    version: int
    current: bool
    title: tuple[Run, ...]
    snippet: tuple[Run, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """A stretch of the answers, best first; `count` of all, or of the newest when there are `more`."""

    hits: tuple[Hit, ...] = ()
    count: int = 0
    more: bool = False
