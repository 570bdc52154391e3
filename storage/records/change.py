"""A Change: what happened to an item, how much it matters, and why we say so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from storage.records.source import ItemId, SourceId

Significance = Literal["major", "minor"]


class ChangeKind(StrEnum):
    NEW = "new"
    CORRECTED = "corrected"  # a few words or facts of a published text
    EDITED = "edited"  # passages added, removed or rewritten
    RETITLED = "retitled"
    DATE_CHANGED = "date_changed"
    MOVED = "moved"
    WITHDRAWN = "withdrawn"
    RESTORED = "restored"
    REPUBLISHED = "republished"  # the same text under a new date
    REVERTED = "reverted"  # back to an earlier version within the flip window


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of one item between two versions; `because` is meant for people."""

    id: int | None = None
    item: ItemId | None = None  # None inside a Verdict that creates its item
    source: SourceId
    url: str
    kind: ChangeKind
    significance: Significance = "major"
    because: tuple[str, ...] = ()
    at: datetime
    old_version: int | None = None
    new_version: int | None = None


DiffOp = Literal["equal", "added", "removed", "reworded", "moved"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WordRun:
    """Some words that stayed, came or went."""

    op: Literal["equal", "added", "removed"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockDiff:
    """What became of one block: `words` only where it was reworded."""

    op: DiffOp
    old: str = ""
    new: str = ""
    words: tuple[WordRun, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """The way from one version to another; the title is the first block where it changed.

    `facts` says in words which numbers and dates went or came.
    """

    blocks: tuple[BlockDiff, ...] = ()
    facts: tuple[str, ...] = ()

    @property
    def added_text(self) -> str:
        """Only what is new: what alerts on words look at."""
        runs = (run.text for block in self.blocks for run in block.words if run.op == "added")
        whole = (block.new for block in self.blocks if block.op == "added")
        return "\n".join((*whole, *runs))
