"""Dates as machines write them in feeds and sitemaps: RFC 822 with its mistakes, ISO 8601 with its gaps. Pure."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

from storage.records.article import DateFact, Precision

EARLIEST_YEAR = 1990  # feeds that say 1970 mean "unknown"
AHEAD = timedelta(days=400)  # announced events are dated ahead; a century is a mistake
LATEST = date(2100, 1, 1)

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ZONES = {"ut": 0, "utc": 0, "gmt": 0, "z": 0, "wet": 0, "bst": 1, "cet": 1, "met": 1, "west": 1, "cest": 2, "mest": 2,
          "eet": 2, "eest": 3, "msk": 3, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7}  # fmt: skip  # noqa: E501
_TIME = r"(?:[T\s,]+(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d+)?)?)?"
_ZONE = r"\s*(?P<zone>[+-]\d{1,2}:?\d{2}|[A-Za-z]{1,4})?"
_ISO = re.compile(r"(?P<year>\d{4})(?:-?(?P<month>\d{2})(?:-?(?P<day>\d{2})" + _TIME + _ZONE + r")?)?(?!\d)")
_RFC = re.compile(
    r"\A(?:[^\W\d]+\.?,?\s+)?(?P<day>\d{1,2})[\s-]+(?P<name>[A-Za-z]{3})[a-z]*\.?,?[\s-]+(?P<year>\d{4}|\d{2})(?!\d)"
    + _TIME
    + _ZONE
)
_ASCTIME = re.compile(
    r"\A(?:[A-Za-z]+,?\s+)?(?P<name>[A-Za-z]{3})[a-z]*\.?\s+(?P<day>\d{1,2}),?(?P<clock>\s+\d{1,2}:\d{2}(?::\d{2})?)?\s+(?:[A-Z]{3,4}\s+)?(?P<year>\d{4})(?!\d)"
)


def date_fact(text: str, origin: str, seen: datetime | None = None) -> DateFact | None:
    """The date a feed or sitemap writes; None for none, for 1970 and for what lies far ahead of `seen`."""
    text = text.strip()[:80]
    for pattern in (_ISO, _RFC, _ASCTIME):
        match = pattern.match(text)
        fact = _fact(match.groupdict(), origin) if match else None
        if fact is not None:
            return fact if _is_sane(fact, seen) else None
    return None


def _fact(found: dict[str, str | None], origin: str) -> DateFact | None:
    year, month, day = _year(found["year"] or ""), _month(found), int(found.get("day") or 0)
    try:
        date(year, month or 1, day or 1)
        moment = _moment(found, year, month, day) if day and found.get("hour") else None
    except ValueError:
        return None
    precision: Precision = "day" if day else "month" if month else "year"
    value = f"{year:04d}-{month:02d}-{day:02d}"[: {"day": 10, "month": 7, "year": 4}[precision]]
    return DateFact(value=value, precision=precision, origin=origin, at=moment)


def _year(text: str) -> int:
    # RFC 2822 4.3: two digits below 50 are of this century
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 50 else 1900)


def _month(found: dict[str, str | None]) -> int:
    name = (found.get("name") or "").lower()
    if name:
        return _MONTHS.index(name) + 1 if name in _MONTHS else 99
    return int(found.get("month") or 0)


def _moment(found: dict[str, str | None], year: int, month: int, day: int) -> datetime | None:
    """The exact moment, if the zone is known. Hour 24 and second 60 are taken as the last of their kind."""
    zone = _zone(found.get("zone") or "")
    if zone is None:
        return None
    hour, minute, second = (int(found.get(part) or 0) for part in ("hour", "minute", "second"))
    return datetime(year, month, day, min(hour, 23), min(minute, 59), min(second, 59), tzinfo=zone)


def _zone(text: str) -> timezone | None:
    if text[:1] in ("+", "-") and text:
        digits = text[1:].replace(":", "").zfill(4)
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        return timezone(offset if text[0] == "+" else -offset) if offset < timedelta(hours=24) else None
    hours = _ZONES.get(text.lower())
    return (UTC if hours == 0 else timezone(timedelta(hours=hours))) if hours is not None else None


def _is_sane(fact: DateFact, seen: datetime | None) -> bool:
    latest = (seen + AHEAD).date() if seen else LATEST
    return f"{EARLIEST_YEAR}" <= fact.value[:4] and fact.earliest() <= latest.isoformat()
