"""When a message may go: quiet hours, digest times, moments of dates. Local time of day and both DST changes; pure."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from scraper.text import duration
from storage.records.article import DateFact

DIGEST_TIME = "daily 07:30"  # when the digest of an "at once" rule goes
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DELIVERY = re.compile(r"(?:daily|weekly (mon|tue|wed|thu|fri|sat|sun)) (\d{1,2}:\d{2})")
_QUIET = re.compile(r"(\d{1,2}:\d{2})\s*[-–]\s*(\d{1,2}:\d{2})")


def next_delivery(delivery: str, timezone: str, now: datetime) -> datetime:
    """The first moment after `now` that "daily 07:30" or "weekly mon 08:00" names in that zone; "at once" is `now`.

    Raises ValueError for anything else.
    """
    if delivery == "at once":
        return now.astimezone(UTC)
    match = _DELIVERY.fullmatch(delivery.strip().lower())
    if not match:
        raise ValueError(f'{delivery!r} is no delivery; write "at once", "daily 07:30" or "weekly mon 08:00"')
    weekday, at, local = match[1], _time(match[2]), zone(timezone)
    today = now.astimezone(local).date()
    days = (today + timedelta(days=ahead) for ahead in range(-1, 16))
    wanted = (day for day in days if weekday is None or WEEKDAYS[day.weekday()] == weekday)
    return next(moment for day in wanted if (moment := local_moment(day, at, local)) > now)


def after_quiet(moment: datetime, quiet_hours: str, timezone: str) -> datetime:
    """`moment` itself, or the end of the quiet hours it falls into ("22:00-06:30" local, over midnight or not).

    Raises ValueError for quiet hours that cannot be read.
    """
    if not quiet_hours.strip():
        return moment.astimezone(UTC)
    start, end = parse_quiet(quiet_hours)
    local = zone(timezone)
    today = moment.astimezone(local).date()
    for day in (today - timedelta(days=1), today):
        begins = local_moment(day, start, local)
        ends = local_moment(day + timedelta(days=1 if end < start else 0), end, local)
        if begins <= moment < ends:
            return ends
    return moment.astimezone(UTC)


def local_moment(day: date, at: time, local: tzinfo) -> datetime:
    """The UTC moment of a local time of day. After RFC 5545 3.3.5 a time that occurs twice means the first one,
    and one that a clock change skips is read with the offset before the gap (02:30 becomes 03:30)."""
    return datetime.combine(day, at.replace(fold=0), tzinfo=local).astimezone(UTC)


def parse_quiet(quiet_hours: str) -> tuple[time, time]:
    """Start and end of "22:00-06:30". Raises ValueError."""
    match = _QUIET.fullmatch(quiet_hours.strip())
    if not match:
        raise ValueError(f'{quiet_hours!r} are no quiet hours; write "22:00-06:30"')
    return _time(match[1]), _time(match[2])


def last_moment(fact: DateFact | None, timezone: str) -> datetime | None:
    """The latest moment a date can mean; None where only a year, or nothing, is known: that says too little."""
    if fact is None or fact.precision == "year":
        return None
    if fact.at is not None:
        return fact.at.astimezone(UTC)
    try:
        year, month, day = (int(part) for part in (fact.value + "-01")[:10].split("-"))
        first = date(year, month, day)
        after = first + timedelta(days=1) if fact.precision == "day" else (first + timedelta(days=31)).replace(day=1)
    except (ValueError, OverflowError):
        return None
    return local_moment(after, time(), zone(timezone)) - timedelta(seconds=1)


def rhythm(every: str) -> timedelta:
    """How far apart looks are: "2h" as it stands; one day for "adaptive" and cron lines, which say no length."""
    return duration(every) or timedelta(days=1)


def zone(name: str) -> tzinfo:
    """A time zone by its name; UTC for a name nobody knows (the configuration has refused it long before)."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC


def _time(text: str) -> time:
    hour, minute = text.split(":")
    return time(int(hour), int(minute))
