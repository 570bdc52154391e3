"""Dates as machines write them in feeds and sitemaps: RFC 822 with its mistakes, ISO 8601 with its gaps. Pure."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

from scraper.text import fold
from storage.records.article import DateFact, Precision

EARLIEST_YEAR = 1990  # feeds that say 1970 mean "unknown"
AHEAD = timedelta(days=400)  # announced events are dated ahead; a century is a mistake
LATEST = date(2100, 1, 1)

# How the names of a month begin, folded, in the languages of feeds that programs of other lands wrote.
_MONTH_NAMES = (
    "jan gen ene sty ian янв ιαν", "feb fev lut фев φεβ", "mar mrt mrz мар μαρ", "apr abr avr kwi апр απρ",
    "may mai mag maj mei май мая μαι", "jun juin giu cze июн ιουν", "jul juil lug lip июл ιουλ",
    "aug aou ago sie авг αυγ", "sep set wrz sze сен σεπ", "oct okt ott out paz окт οκτ", "nov lis ноя νοε",
    "dec dez des dic gru дек δεκ",
)  # fmt: skip
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
_ZONES = {"ut": 0, "utc": 0, "gmt": 0, "z": 0, "wet": 0, "bst": 1, "cet": 1, "met": 1, "west": 1, "cest": 2, "mest": 2,
          "eet": 2, "eest": 3, "msk": 3, "jst": 9, "kst": 9, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7,
          "mdt": -6, "pst": -8, "pdt": -7}  # fmt: skip
_NAME = r"(?P<month>[^\W\d_]{3,12})"
_FORMS = tuple(
    re.compile(r"(?:[^\W\d_]{1,12}+\.?,?\s*+)?" + form)
    for form in (
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?!\d)",
        r"(?P<year>\d{4})-?(?P<nth>\d{3})(?!\d)",
        rf"(?P<year>\d{{4}})[-/.]\s?(?:(?P<number>\d{{1,2}})|{_NAME})(?:[-/.]\s?(?P<day>\d{{1,2}}))?(?!\d)",
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|\.)?[\s-]*(?:de\s+)?{_NAME}\.?,?[\s-]+(?:de\s+)?(?P<year>\d{{4}}|\d{{2}})(?!\d)",
        rf"{_NAME}\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?(?:\s+\d\d?:\d\d(?::\d\d)?)?(?:\s+[a-z]{{3,4}})?\s+(?P<year>\d{{4}})(?!\d)",
        r"(?P<one>\d{1,2})(?P<mark>[./])(?P<two>\d{1,2})[./](?P<year>\d{4}|\d{2})(?!\d)",
        r"(?P<year>\d{2})-(?P<month>\d{2})-(?P<day>\d{2})(?!\d)",
        r"(?P<year>\d{4})(?![\d/-])",
    )
)
_CLOCK = re.compile(r"(?<!\d)(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,]\d{1,9})?\s*([ap](?=\.?m))?[.m]*")
_ZONE = re.compile(r"\s{0,3}(?:(?:gmt|utc)(?=[+-]))?(?:([+-])(\d{1,2}):?(\d{2})?|([a-z]{1,5}))(?![a-z\d])")
_KOREAN = (
    (re.compile(r"\s*[\u5e74\u6708\ub144\uc6d4]\s*"), "-"), (re.compile("[\u65e5\uc77c]"), " "),
    (re.compile("\uc624\ud6c4\\s*([\\d:]{4,8})"), r"\1 pm"), (re.compile("\uc624\uc804"), " "),
)  # fmt: skip
_EPOCH = re.compile(r"\d{9,10}\Z")


def date_fact(text: str, origin: str, seen: datetime | None = None) -> DateFact | None:
    """The date a feed or sitemap writes; None for none, for 1970 and for what lies far ahead of `seen`.

    Of 3/4/2014 only the year is believed, unless the clock behind it is an American one.
    """
    text = text.strip()[:80]
    if _EPOCH.match(text):
        text = datetime.fromtimestamp(int(text), UTC).isoformat()
    elif not text.isascii():
        text = fold(_western(text))
    text = text.lower()
    for form in _FORMS:
        match = form.match(text)
        fact = _fact(match.groupdict(), text, origin) if match else None
        if fact is not None:
            return fact if _is_sane(fact, seen) else None
    return None


def _western(text: str) -> str:
    for pattern, written in _KOREAN:
        text = pattern.sub(written, text)
    return text


def _fact(found: dict[str, str | None], text: str, origin: str) -> DateFact | None:
    clock = _CLOCK.search(text)
    year, month, day = _year(found["year"] or ""), _month(found), int(found.get("day") or 0)
    if found.get("one"):
        month, day = _numbered(found, american=bool(clock and clock[4]))
    try:
        whole = date(year, month or 1, day or 1)
        if found.get("nth"):
            whole += timedelta(days=int(found["nth"] or 1) - 1)
            month, day = whole.month, whole.day
        at = _moment(whole, clock, text) if day and clock else None
    except ValueError:
        return None
    precision: Precision = "day" if day else "month" if month else "year"
    value = whole.isoformat()[: {"day": 10, "month": 7, "year": 4}[precision]]
    return DateFact(value=value, precision=precision, origin=origin, at=at)


def _year(text: str) -> int:
    # RFC 2822 4.3: two digits below 50 are of this century
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 50 else 1900)


def _month(found: dict[str, str | None]) -> int:
    """The month's number; 0 where none is given, 99 for what is none."""
    written = found.get("month") or found.get("number") or ""
    if not written or written.isdigit():
        return int(written or 0)
    return _MONTHS.get(written[:4]) or _MONTHS.get(written[:3], 99)


def _numbered(found: dict[str, str | None], *, american: bool) -> tuple[int, int]:
    one, two = int(found["one"] or 0), int(found["two"] or 0)
    if found["mark"] == "." or one > 12:
        return two, one
    return (one, two) if two > 12 or american else (0, 0)


def _moment(day: date, clock: re.Match[str], text: str) -> datetime | None:
    """The exact moment, if the zone is known. Hour 24 and second 60 are taken as the last of their kind."""
    zone = _zone(_ZONE.match(text, clock.end()))
    if zone is None:
        return None
    hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
    if clock[4]:
        hour = hour % 12 + (12 if clock[4] == "p" else 0)
    return datetime(day.year, day.month, day.day, min(hour, 23), min(minute, 59), min(second, 59), tzinfo=zone)


def _zone(found: re.Match[str] | None) -> timezone | None:
    if found is None:
        return None
    hours = float(_ZONES.get(found[4], 99)) if found[4] else int(found[2]) + int(found[3] or 0) / 60
    if hours >= 24:
        return None
    return timezone(timedelta(hours=-hours if found[1] == "-" else hours)) if hours else UTC


def _is_sane(fact: DateFact, seen: datetime | None) -> bool:
    latest = (seen + AHEAD).date() if seen else LATEST
    return f"{EARLIEST_YEAR}" <= fact.value[:4] and fact.earliest() <= latest.isoformat()
