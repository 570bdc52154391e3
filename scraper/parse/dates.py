"""Dates as pages write them, in many languages, each with its precision; which one counts is decided in metadata.py."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from scraper.parse.data import load
from scraper.text import fold
from storage.records.article import DateFact

_MONTH_NAMES: list[list[str]] = load("vocabulary")["months"]
MONTHS = {name: number for number, names in reversed(list(enumerate(_MONTH_NAMES, 1))) for name in names}
# "listopada" is November in Polish and October in Croatian; the larger readership decides.
MONTHS["listopada"] = 11
_SHORT_LOCAL = {
    "out": 10,
    "set": 9,
    "des": 12,
    "kas": 11,
    "ara": 12,
    "sub": 2,
    "nis": 4,
}  # words of other languages too
for _short in _SHORT_LOCAL:
    del MONTHS[_short]

_WORD = r"([^\W\d_]{3,14})"
_YEAR = r"((?:19|20)\d{2})(?!\d)"
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.I))
    for name, pattern in (
        ("iso", rf"(?<!\d){_YEAR}-(\d{{1,2}})-(\d{{1,2}})(?!\d)"),
        ("ymd", rf"(?<![\d/.]){_YEAR}\s?[/.]\s?(\d{{1,2}})\s?[/.]\s?(\d{{1,2}})(?!\d)"),
        ("cjk", r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(?:(\d{1,2})\s?[日일])?"),
        ("dmy", rf"(?<!\d)(\d{{1,2}})(?:\s?(?:st|nd|rd|th|er|[.ºª°]))?\.?[\s,/-]*(?:de |di |of |d['’]|den )?{_WORD}\.?,?[\s/-]*(?:de |del |do )?{_YEAR}"),  # noqa: E501
        ("mdy", rf"(?<![^\W\d_]){_WORD}\.?\s*(\d{{1,2}})(?:st|nd|rd|th)?,?(?:\s\d\d:\d\d:\d\d(?:\s[A-Z+-][\w:]{{2,5}})?)?\s+{_YEAR}"),  # noqa: E501
        ("ymw", rf"(?<!\d){_YEAR}[.,]?\s(?:m\. )?{_WORD}\s(\d{{1,2}})(?!\d)"),
        ("ydm", rf"(?<!\d){_YEAR}\.\sgada\s(\d{{1,2}})\.\s{_WORD}"),
        ("num", r"(?<![\d./-])(\d{1,2})\s?([./-])\s?(\d{1,2})\s?\2\s?((?:19|20)?\d{2})(?![\d/-]|\.\d)"),
        ("my", rf"(?<![^\W\d_]){_WORD}\.?,?\s+(?:de |del )?{_YEAR}"),
    )
)  # fmt: skip
_NUMBERS, _ANY_YEAR = re.compile(r"\d\s?[./-]\s?\d"), re.compile("19|20")
_OF_NUMBERS, _OF_YEARS = {"iso", "ymd", "num"}, {name for name, _ in _PATTERNS} - {"cjk", "num"}  # none without those
_RELATIVE = re.compile(
    r"(?:vor|hace|il y a|há|ha)?\s*(\d{1,3}|an?|une?|uno|eine[mrn]?)\s*"
    r"(min|hour|hr|h\b|day|week|month|stunde|tag|woche|monat|heure|jour|semaine|mois|hora|d[ií]a|semana|mes|or[ae]\b|giorn|settiman|uur|uren|dag|dagen|dni|godzin)",
    re.I,
)
_UNITS = {"day": 1, "tag": 1, "jour": 1, "dia": 1, "día": 1, "giorn": 1, "dag": 1, "dagen": 1, "dni": 1, "week": 7, "woche": 7, "semaine": 7, "semana": 7, "settiman": 7}  # fmt: skip  # noqa: E501
_AGO = re.compile(r"\bago\b|\bvor\b|\bhace\b|il y a|\bfa\b|geleden|temu|atrás|sedan|siden", re.I)
_NEAR = {"today": 0, "heute": 0, "aujourd hui": 0, "hoy": 0, "oggi": 0, "vandaag": 0, "hoje": 0, "dzisiaj": 0, "dzis": 0, "idag": 0,  # noqa: E501
         "yesterday": 1, "gestern": 1, "hier": 1, "ayer": 1, "ieri": 1, "gisteren": 1, "ontem": 1, "wczoraj": 1, "igar": 1}  # fmt: skip  # noqa: E501


def parse_date(
    text: str,
    *,
    order: str = "",
    language: str = "",
    origin: str = "text",
    reference: date | None = None,
    zone: str = "",
) -> DateFact | None:
    """The first date of a short text, or None. `order` ("DMY", "MDY") settles 9.11.2018, `reference` "yesterday".

    A moment that names no zone is in `zone`, that of the site.
    """
    text = text.strip()
    if not text:
        return None
    exact = _moment(text, origin, zone)
    if exact is not None:
        return exact
    found = next(find_dates(text, order=order, language=language, origin=origin), None)
    if found is None and reference is not None and len(text) < 60:
        return _relative(text, origin, reference)
    return found


def find_dates(text: str, *, order: str = "", language: str = "", origin: str = "text") -> Iterator[DateFact]:
    """All dates of a text in reading order; a month with its year counts when no day belongs to it."""
    for _, fact in dates_with_places(text, order=order, language=language, origin=origin):
        yield fact


def dates_with_places(
    text: str, *, order: str = "", language: str = "", origin: str = "text"
) -> list[tuple[tuple[int, int], DateFact]]:
    """As `find_dates`, each with where it stands."""
    skipped = {"cjk"} if text.isascii() else set()
    skipped |= set() if _NUMBERS.search(text) else _OF_NUMBERS
    skipped |= set() if _ANY_YEAR.search(text) else _OF_YEARS
    taken: list[tuple[tuple[int, int], DateFact | None]] = []  # None: "31 February", which is not February either
    for name, pattern in _PATTERNS:
        if name in skipped:
            continue
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(start < b and a < end for (a, b), _ in taken):
                continue
            parts = _parts(name, match, order, language)
            fact = _fact(*parts, origin) if parts else None
            if fact or (parts and name in ("dmy", "mdy")):
                taken.append(((start, end), fact))
    return sorted(((place, fact) for place, fact in taken if fact), key=lambda item: item[0])


def _moment(text: str, origin: str, zone: str) -> DateFact | None:
    """An ISO 8601 moment or day, as attributes and JSON-LD carry it."""
    if not text[:4].isdigit():
        return None
    if text.isdigit() and len(text) in (10, 13) and text.isascii():  # seconds or milliseconds since 1970
        text = datetime.fromtimestamp(int(text[:10]), UTC).isoformat()
    if len(text) == 8 and text.isdigit():
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    if len(text) <= 7:
        year_month = re.fullmatch(r"(\d{4})(?:-(\d{1,2}))?", text)
        return _fact(int(year_month[1]), int(year_month[2] or 0), 0, origin) if year_month else None
    try:
        moment = datetime.fromisoformat(text.replace(" UTC", "+00:00").replace(" GMT", "+00:00").replace(" +", "+"))
    except ValueError:
        return None
    if zone and moment.tzinfo is None and len(text) > 10:
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    day = _fact(moment.year, moment.month, moment.day, origin)
    if day is None or moment.tzinfo is None:
        return day
    return DateFact(value=day.value, precision="day", origin=origin, at=moment)


def _parts(name: str, match: re.Match[str], order: str, language: str) -> tuple[int, int, int] | None:
    """(year, month, day) of one match; 0 stands for what is not given."""
    g = match.groups()
    if name in ("iso", "ymd", "cjk"):
        return int(g[0]), int(g[1]), int(g[2] or 0)
    if name == "num":
        return _numeric(int(g[0]), int(g[2]), g[3], g[1], order, language)
    year, word, day = _PLACES[name]
    month = _month(g[word], language)
    return (int(g[year]), month, int(g[day]) if day is not None else 0) if month else None


_PLACES: dict[str, tuple[int, int, int | None]] = {  # groups of year, word and day
    "dmy": (2, 1, 0), "mdy": (2, 0, 1), "ymw": (0, 1, 2), "ydm": (0, 2, 1), "my": (1, 0, None),
}  # fmt: skip


def _month(word: str, language: str) -> int:
    plain = word.lower()
    number = MONTHS.get(plain) or (0 if plain.isascii() else MONTHS.get(fold(plain), 0))
    return number or (_SHORT_LOCAL.get(plain, 0) if language[:2] not in ("", "en", "de") else 0)


def _numeric(first: int, second: int, year: str, mark: str, order: str, language: str) -> tuple[int, int, int] | None:
    whole = int(year) if len(year) == 4 else 2000 + int(year) if int(year) < 70 else 1900 + int(year)
    american = order == "MDY" or (not order and mark == "/" and language[:5].lower() in ("", "en", "en-us", "en_us"))
    if (american or second > 12) and first <= 12:
        return whole, first, second
    return whole, second, first


def _fact(year: int, month: int, day: int, origin: str) -> DateFact | None:
    if not 1900 <= year <= 2100 or not 0 <= month <= 12:
        return None
    if not month:
        return DateFact(value=f"{year:04d}", precision="year", origin=origin)
    if not day:
        return DateFact(value=f"{year:04d}-{month:02d}", precision="month", origin=origin)
    try:
        return DateFact(value=date(year, month, day).isoformat(), precision="day", origin=origin)
    except ValueError:
        return None


def _relative(text: str, origin: str, reference: date) -> DateFact | None:
    """ "Yesterday" and "3 days ago", against a known day only; hours and minutes stay on that day."""
    plain = " ".join(re.findall(r"\w+", fold(text)))
    for word, days in _NEAR.items():
        if re.search(rf"\b{word}\b", plain):
            return _on(reference - timedelta(days=days), origin)
    count = _RELATIVE.search(text)
    if count is None or not _AGO.search(text):
        return None
    number, unit = int(count[1]) if count[1].isdigit() else 1, fold(count[2])
    if unit in ("month", "monat", "mois", "mes"):
        return None  # too vague for a day
    return _on(reference - timedelta(days=_UNITS.get(unit, 0) * number), origin)


def _on(day: date, origin: str) -> DateFact:
    return DateFact(value=day.isoformat()[:10], precision="day", origin=origin)


def in_utc(fact: DateFact) -> str:
    """The day of an exact moment in UTC; the given day where there is no moment."""
    return fact.at.astimezone(UTC).date().isoformat() if fact.at else fact.value
