"""How a source stands: its state and why, and over which time nothing of it can be missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from storage.records.source import SourceId, TargetId

State = Literal["healthy", "late", "silent", "failing", "blocked", "empty", "gone", "paused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What a finished look at a list says of the time since the one before.

    `whole`: it goes back to what was known then, so that nothing in between can be missing. `shared`: it names what
    another way to its source brought meanwhile, so that it speaks for that way, too.
    """

    since: datetime  # the finished look before this one; of a further page, its first page's
    until: datetime
    whole: bool
    run: datetime  # since when each look went back to the one before
    why: str = ""  # what kept us from looking in time; empty: nothing did
    shared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A time in which a source may have told what nobody here saw."""

    source: SourceId
    since: datetime
    until: datetime | None = None  # None: it goes on
    why: str = ""
    closed: datetime | None = None  # when a look showed everything in it; None: nobody can say what is missing
    target: TargetId | None = None  # the list that could not be looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """One source now: its state, the reason in one line and what to do, and how complete it is."""

    source: SourceId
    name: str
    url: str  # where it is looked at now; another than the configuration's when it moved
    state: State
    reason: str = ""
    remedy: str = ""
    headline: str = ""  # what became of it, to follow its name in a notice: "cannot be read"
    since: datetime | None = None  # when that began; None: it was never read
    last_good: datetime | None = None
    next: datetime | None = None
    muted: bool = False
    moved: bool = False
    needs_person: bool = False
    complete_since: datetime | None = None  # nothing since then is missing; None while a gap goes on
    complete_until: datetime | None = None  # where a gap goes on: everything up to here was seen
    gaps: tuple[Gap, ...] = ()  # what may be missing, oldest first
    closed: tuple[Gap, ...] = ()  # what was caught up with
