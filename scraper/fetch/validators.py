"""ETag and Last-Modified: when to trust them. Some servers answer 304 for ever, so trust is tested now and then."""

from __future__ import annotations

from dataclasses import dataclass

FULL_EVERY = 12  # of so many looks one is made without validators


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What the next conditional request carries; both empty for none."""

    etag: str = ""
    last_modified: str = ""


def to_send(known: Validators, *, looks: int) -> Validators:
    """What to ask with at this look: nothing at each FULL_EVERYth, so that a 304 that never changes is found out."""
    return Validators() if looks % FULL_EVERY == FULL_EVERY - 1 else known


def to_keep(known: Validators, got: Validators, *, same_body: bool) -> Validators:
    """What to keep of an answer with a body: nothing when the same validators came with another body."""
    lies = got == known and got != Validators() and not same_body
    return Validators() if lies else got
