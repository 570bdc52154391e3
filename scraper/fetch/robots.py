"""What robots.txt lets us do: Protego behind our face, within the limits of RFC 9309. Asking is for the client."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

from protego import Protego

from storage.records.source import Host

PRODUCT = "accordwatch"  # our product token (RFC 9309 2.2.1)
MOST_BYTES = 500 * 1024  # RFC 9309 2.5
MOST_HOPS = 5  # RFC 9309 2.3.1.2
MOST_LINE = 4096  # longer lines name no path we would ask for
MOST_SITEMAPS = 200
KEPT = timedelta(hours=24)  # RFC 9309 2.4
ASK_AGAIN = timedelta(minutes=30)  # when robots.txt could not be had
LONGEST_DELAY = 60.0  # seconds; with more, a source of sixty items would take days


_AGENT = re.compile(r"\A(\s*user[ -]?agent\s*:?\s*)(\*|[a-z_-]*)", re.IGNORECASE)


class Rules:
    """One robots.txt, read for our product token. Any text is accepted."""

    def __init__(self, text: str) -> None:
        lines = [_addressed(line) for line in re.split(r"\r\n?|\n", text.lstrip("\ufeff")) if len(line) <= MOST_LINE]
        self._inner = Protego.parse("\n".join(lines))
        self.crawl_delay = self._inner.crawl_delay(PRODUCT)
        self.sitemaps = tuple(self._inner.sitemaps)[:MOST_SITEMAPS]

    def allows(self, url: str) -> bool:
        return self._inner.can_fetch(url, PRODUCT)


def _addressed(line: str) -> str:
    """A user-agent line reduced to us, all, or another: RFC 9309 2.2.1 compares whole product tokens, Protego parts."""
    agent = _AGENT.match(line)
    if agent is None:
        return line
    token = agent[2].lower()
    return f"User-agent: {token if token in ('*', PRODUCT) else 'another'}"


@lru_cache(maxsize=128)
def rules_of(text: str) -> Rules:
    """The same text is parsed once."""
    return Rules(text)


def allows(host: Host, url: str) -> bool:
    """Whether the host's robots.txt, as last read, lets us ask for this address.

    4xx: all (RFC 9309 2.3.1.3). 5xx, 429 or unreachable: nothing for now (2.3.1.4), unless an older copy
    is at hand (2.4).
    """
    return host.robots is not None and rules_of(host.robots).allows(url)


def must_ask(host: Host, now: datetime) -> bool:
    return host.robots_until is None or now >= host.robots_until


def with_robots(host: Host, status: int | None, body: bytes, now: datetime) -> Host:
    """The host after its robots.txt was asked for; `status` None says that no answer came."""
    if status is None or status >= 500 or status == 429:
        return replace(host, robots_status=status, robots_until=now + ASK_AGAIN)
    text = body[:MOST_BYTES].decode("utf-8", "replace") if 200 <= status < 300 else ""
    if len(body) >= MOST_BYTES:
        text = text.rpartition("\n")[0]  # the last line may be cut, and half a path forbids too much
    wish = rules_of(text).crawl_delay
    clamped = wish is not None and wish > LONGEST_DELAY
    delay = min(wish, LONGEST_DELAY) if wish is not None else None
    asked = [host.last_request + timedelta(seconds=delay)] if host.last_request and delay else []
    return replace(
        host,
        robots=text,
        robots_status=status,
        robots_until=now + KEPT,
        crawl_delay=delay,
        next_allowed=max([host.next_allowed or now, *asked]),  # the delay counts from the asking for robots.txt on
        trouble=f"robots.txt asks for {wish:g} s between requests; {LONGEST_DELAY:g} s are kept" if clamped else "",
    )
