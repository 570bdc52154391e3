"""What goes into a fetch and what comes out: requests and outcomes as values. No I/O here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from storage.records.source import SourceId

RefusalKind = Literal["robots", "guard", "scheme", "type", "size", "busy", "redirects"]
FailureKind = Literal[
    "dns", "tls", "connect", "timeout", "reset", "truncated", "too_large", "decode", "status", "browser",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchRequest:
    """One address to ask for, with what we know of it from last time."""

    url: str
    source: SourceId | None = None
    etag: str = ""
    last_modified: str = ""
    accept: str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.5"
    # A source's own; secrets mostly, so they are not shown, and never sent to another origin.
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    browser: bool = False  # scripts of the page are to run


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One redirect that was followed: from this address, with this status."""

    url: str
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """We asked, and here is the decoded body."""

    url: str  # as asked
    final_url: str  # after redirects
    status: int
    headers: tuple[tuple[str, str], ...] = ()  # lower-case names, in order
    body: bytes = b""
    etag: str = ""
    last_modified: str = ""
    hops: tuple[Hop, ...] = ()
    sitemaps: tuple[str, ...] = ()  # what robots.txt of the final authority names
    retry_after: datetime | None = None  # the server's wish for the next look
    sent: tuple[tuple[str, str], ...] = field(default=(), compare=False)  # headers as they went out, without secrets
    requests: int = field(default=1, compare=False)  # that went out, robots files and redirects included

    def header(self, name: str) -> str:
        """The first header of that lower-case name, or an empty string."""
        return next((value for key, value in self.headers if key == name), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """The server says: nothing new since those validators."""

    url: str
    etag: str = ""
    last_modified: str = ""
    requests: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """We could have asked for this page, and chose not to."""

    url: str
    kind: RefusalKind
    reason: str
    requests: int = field(default=0, compare=False)
    retry_at: datetime | None = None  # for kind "busy": not before this


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """We asked and got no usable answer."""

    url: str
    kind: FailureKind
    reason: str
    status: int | None = None  # for kind "status"
    retryable: bool = True
    retry_at: datetime | None = None
    requests: int = field(default=0, compare=False)
    hops: tuple[Hop, ...] = ()


FetchResult = Fetched | NotModified | Refused | Failed


class Fetcher(Protocol):
    """The seam: one request in, one outcome out; it never raises for what the network does."""

    async def fetch(self, request: FetchRequest) -> FetchResult: ...
