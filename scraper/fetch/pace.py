"""The pace of a host as arithmetic: gaps, backing off, what a server wishes. Whose turn it is: politeness."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from scraper.fetch.limits import FetchSettings
from storage.records.source import Host

PUSHED_BACK = (429, 503)
FIRST_BACKOFF = timedelta(seconds=15)
LONGEST_BACKOFF = timedelta(hours=6)
LONGEST_SILENT_BACKOFF = timedelta(minutes=5)  # no answer may be our own network
LONGEST_WISH = timedelta(hours=24)  # a Retry-After of ten years is a mistake


def gap_of(host: Host, settings: FetchSettings) -> timedelta:
    """The least time between the starts of two requests to this host."""
    return max(settings.per_host_delay, timedelta(seconds=host.crawl_delay or 0))


def backoff(failures: int, jitter: float, longest: timedelta = LONGEST_BACKOFF) -> timedelta:
    """How long to leave a host alone after so many failures in a row; `jitter` in 0..1 adds up to a half."""
    return min(FIRST_BACKOFF * float(2 ** min(failures - 1, 20)), longest) * (1 + jitter / 2)


def wish_of(retry_after: str, now: datetime) -> datetime | None:
    """Retry-After in both forms (RFC 9110 10.2.3), at most LONGEST_WISH from now; None for garbage and the past."""
    text = retry_after.strip()
    try:
        seconds = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None
        wish = None if seconds is not None else parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if seconds is not None:
        return now + min(timedelta(seconds=min(seconds, 10**9)), LONGEST_WISH) if seconds else None
    assert wish is not None  # one of the two is there
    wish = wish if wish.tzinfo else wish.replace(tzinfo=UTC)
    return min(wish, now + LONGEST_WISH) if wish > now else None


def started(host: Host, settings: FetchSettings, now: datetime) -> Host:
    """The host at the moment a request goes out."""
    gap = (now - host.last_request).total_seconds() if host.last_request else None
    return replace(
        host,
        next_allowed=_spaced(host, settings, now),
        requests=host.requests + 1,
        last_request=now,
        shortest_gap=gap if host.shortest_gap is None else min(host.shortest_gap, gap or 0.0),
    )


def spaced(host: Host, settings: FetchSettings, now: datetime) -> Host:
    """The host with its gap counted from now: again when an answer begins, for by then it has got the request."""
    return replace(host, next_allowed=_spaced(host, settings, now))


def _spaced(host: Host, settings: FetchSettings, now: datetime) -> datetime:
    until = now + gap_of(host, settings)
    return max(until, host.next_allowed or until)


def refused(host: Host) -> Host:
    """The host after we chose not to ask it for something."""
    return replace(host, refused=host.refused + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the pace needs to know of one request: its status (None: no answer at all), its cost, the server's wish."""

    status: int | None
    size: int = 0
    retry_after: str = ""


def answered(host: Host, answer: Answer, *, jitter: float, now: datetime) -> Host:
    """The host after an answer, or after waiting for one in vain."""
    size, unchanged = host.bytes + answer.size, host.not_modified + (answer.status == 304)
    if answer.status is not None and answer.status not in PUSHED_BACK:
        trouble = host.trouble if host.trouble.startswith("robots") else ""
        return replace(host, bytes=size, not_modified=unchanged, failures=0, trouble=trouble)
    failures = host.failures + 1
    pause = backoff(failures, jitter, LONGEST_BACKOFF if answer.status else LONGEST_SILENT_BACKOFF)
    until = wish_of(answer.retry_after, now) or now + pause
    said = f"answers {answer.status}" if answer.status else "does not answer"
    return replace(
        host,
        bytes=size,
        not_modified=unchanged,
        failures=failures,
        next_allowed=max(until, host.next_allowed or until),
        trouble=f"{said}, {failures} in a row",
    )
