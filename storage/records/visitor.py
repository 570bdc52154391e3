"""Who looks at the dashboard: a Session that somebody logged in to, and when each was there before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A login that holds. `key` is the hash of what the browser shows, which is kept nowhere."""

    key: str
    user: str
    proof: str  # of the password it was opened with: another password ends it
    began: datetime
    seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Somebody's present visit: the end of the one before it, and its last sign of life."""

    user: str
    since: datetime | None  # None: this is the first one
    seen: datetime
