"""ETag and Last-Modified: when to trust them. Some servers answer 304 for ever, so trust is tested now and then."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

FULL_EVERY = 12  # of so many looks one is made without validators
SLACK = timedelta(hours=1)  # between a date of a feed and the moment the item is there: clocks, caches, editors


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What the next conditional request carries; both empty for none."""

    etag: str = ""
    last_modified: str = ""


def to_send(known: Validators, *, looks: int, lies: int = 0) -> Validators:
    """What to ask with at this look: nothing at each FULL_EVERYth, and never what was found out as a lie."""
    return Validators() if lies or _is_full(looks) else known


def lied(known: Validators, got: Validators, *, same_body: bool) -> bool:
    """Whether the same validators came with another body."""
    return got == known != Validators() and not same_body


def hid(known: Validators, news: Iterable[datetime], *, looks: int, last_good: datetime | None) -> bool:
    """Whether the server has said "not modified" while news was there: a full look brings what is older than that."""
    if known == Validators() or last_good is None or not _is_full(looks):
        return False
    return any(at < last_good - SLACK for at in news)


def _is_full(looks: int) -> bool:
    return looks % FULL_EVERY == FULL_EVERY - 1
