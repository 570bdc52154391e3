"""Dates that a sentence says of an act: the day it was done, since when, until when or for how long."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import NamedTuple

from scraper.detect.vocabulary import Word
from scraper.detect.wording import Wording
from storage.records.article import DateFact, Precision

_YEAR = re.compile(r"(?:19|20)\d\d$")
_NUMERIC = re.compile(
    r"(?<![\d.])(\d{1,2})[./](\d{1,2})[./]((?:19|20)\d\d)(?!\d)|(?<!\d)((?:19|20)\d\d)-(\d\d)-(\d\d)(?!\d)"
)
_FORWARD = frozenset([
    "another", "for", "further", "next", "of", "is", "fur", "weitere", "pour", "por", "per", "voor", "na", "kolejne",
    "um", "lasts", "term", "o", "met", "con", "mais", "mas", "altri",
])  # fmt: skip
_DIGIT = re.compile(r"\d")
_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|º|°|ème)?$", re.IGNORECASE)
_CLOSING = frozenset("-–—:.),")
_IN = frozenset({"in", "en", "im", "nel", "em", "w", "we", "jahr", "roku"})
_LED = frozenset({"aside", "inside", "articles", "common"})  # On 18 April, Am 15. März: no dateline
_SMALL = frozenset((".", ",", "de", "del", "of", "the", "do", "º", "°", "dia", "a", "o"))


class Found:
    """A date in a sentence: words i to j, as long as it says (year 0 where it names none)."""

    __slots__ = ("day", "i", "j", "month", "year")

    def __init__(self, i: int, j: int, year: int, month: int, day: int) -> None:
        self.i, self.j, self.year, self.month, self.day = i, j, year, month, day

    def fact(self, origin: str, reference: str = "") -> DateFact | None:
        """As a value; a date without a year takes the one that brings it next to the reference day, or is none."""
        year = self.year or _nearest_year(self.month, self.day, reference)
        if not year:
            return None
        if self.month and self.day:
            return _fact(f"{year:04}-{self.month:02}-{self.day:02}", "day", origin)
        if self.month:
            return _fact(f"{year:04}-{self.month:02}", "month", origin)
        return _fact(f"{year:04}", "year", origin)


def dates(wording: Wording) -> list[Found]:
    """All dates of a sentence, left to right: with month names, in figures, or a bare year."""
    if wording.dates is None:
        wording.dates = _dates(wording) if _DIGIT.search(wording.text) or any(w.month for w in wording.words) else []
    return wording.dates


def _dates(wording: Wording) -> list[Found]:
    words = wording.words
    found: list[Found] = _numeric(wording)
    taken = {at for f in found for at in range(f.i, f.j)}
    for i, word in enumerate(words):
        if word.month and i not in taken and (word.cap or word.low != "may"):
            hit = _around_month(words, i)
            if hit is not None:
                found.append(hit)
                taken.update(range(hit.i, hit.j))
    found.extend(
        Found(i, i + 1, int(w.text), 0, 0) for i, w in enumerate(words) if i not in taken and _YEAR.match(w.text)
    )
    return sorted(found, key=lambda f: f.i)


def dates_of(wording: Wording, verb_at: int) -> list[Found]:
    """The dates that a sentence says of the act at this verb: another verb between them takes a date for itself
    (`extended the agreement signed in 2016`), and so do since, until and what a dateline says.
    """
    found = dates(wording)
    if not found:
        return []
    told = dateline_of([wording])
    others = [h.i for h in wording.hits.get("verbs", ()) if not h.i <= verb_at < h.j]
    return [
        f
        for f in found
        if f.i >= (told.end if told else 0)
        and not any(min(f.i, verb_at) < other <= max(f.i, verb_at) or other == f.j for other in others)
        and not _of_something_else(wording, f)
    ]


def date_of_act(wording: Wording, verb_at: int, reference: str) -> DateFact | None:
    """The day this sentence gives for its act. `reference` is the article's own day (ISO) for "today" and dates
    without a year.
    """
    if reference:
        for kind, back in (("today", 0), ("yesterday", 1)):
            if wording.hits.get(kind) and len(reference) == 10:
                return _fact((date.fromisoformat(reference) - timedelta(days=back)).isoformat(), "day", "relative")
    candidates = [f for f in dates_of(wording, verb_at) if f.month or _in_year(wording, f)]
    if not candidates:
        return None
    best = min(candidates, key=lambda f: (not f.day, not f.month, abs(f.i - verb_at)))
    return best.fact("text", reference)


def effective_date(wording: Wording) -> DateFact | None:
    """`effective on January 1, 2015`, `took effect on ...`, `mit Wirkung vom ...`: the day a tie begins to hold."""
    for hit in wording.hits.get("effective", ()):
        for found in dates(wording):
            if 0 <= found.i - hit.j <= 2 and found.year and found.month:
                return found.fact("text")
    return None


class Dateline(NamedTuple):
    """What a text begins with before its first sentence: a place perhaps, and a day."""

    fact: DateFact | None
    place: bool
    end: int  # words of the sentence that belong to it


def dateline_of(openings: list[Wording]) -> Dateline | None:
    """The dateline of a text: `BRUSSELS - 22 June 2015 -`, `Vienna, Austria (Oct 23, 2019) -`, `2021-01-27.` in
    its first sentences.
    """
    for wording in openings:
        words = wording.words
        for found in dates(wording)[:1]:
            led = found.i > 2 and words[found.i - 2].text == "," and words[found.i - 1].tags & {"articles", "aside"}
            before = [w for w in words[: found.i - bool(led)] if w.letters]  # Paris, le 19 novembre
            closed = found.j >= len(words) or words[found.j].text in _CLOSING
            if (
                found.year
                and found.day
                and closed
                and len(before) <= 5
                and all((w.cap and not w.tags & _LED) or "weekdays" in w.tags for w in before)
            ):
                place = any("weekdays" not in w.tags for w in before)
                return Dateline(found.fact("dateline"), place, found.j)
    return None


def is_end(wording: Wording, found: Found) -> bool:
    """Whether a date says when something ends or begins to hold, or whence a text comes: not since when it is."""
    told = dateline_of([wording])
    ends = [*wording.hits.get("until", ()), *wording.hits.get("effective", ())]
    return any(0 <= found.i - h.j <= 3 for h in ends) or (told is not None and found.i < told.end)


def since_of(wording: Wording) -> str | None:
    """The year or date a tie goes back to ("since 2008", "initially signed in 2008")."""
    for hit in wording.hits.get("since", ()):
        for found in dates(wording):
            if 0 <= found.i - hit.j <= 4 and found.year:
                fact = found.fact("text")
                return fact.value if fact else None
    return None


def until_of(wording: Wording) -> str | None:
    """When the tie ends, as a date ("2025-07") or a term in words ("3 years")."""
    for hit in wording.hits.get("until", ()):
        for found in dates(wording):
            if 0 <= found.i - hit.j <= 3 and found.year:
                fact = found.fact("text")
                return fact.value if fact else None
    return _term(wording)


def _term(wording: Wording) -> str | None:
    words = wording.words
    for i, word in enumerate(words):
        parts = word.low.split("-")
        if len(parts) == 2 and parts[1] in ("year", "years", "jahre", "jahrige"):
            count = _count(parts[0], wording)
            if count:
                return _years(count)
        if "years" in word.tags and i and 0 < words[i - 1].count <= 30 and not _ago(words, i):
            return _years(words[i - 1].count)
    return None


def _ago(words: list[Word], i: int) -> bool:
    """`for seven years they have ...`, `ten years ago`, `15 years of`: the past, no term."""
    before = {w.low for w in words[max(i - 4, 0) : i - 1]}
    after = {w.low for w in words[i + 1 : i + 3]}
    return (
        not (before & _FORWARD)
        or bool(after & {"ago", "old", "experience", "now"})
        or bool(before & {"since", "after", "over", "last", "past"})
    )


def _years(count: int) -> str:
    return f"{count} year" if count == 1 else f"{count} years"


def _count(low: str, wording: Wording) -> int:
    if low.isdigit():
        return int(low)
    names = ("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return names.index(low) if low in names and low else 0


def _numeric(wording: Wording) -> list[Found]:
    found = []
    for hit in _NUMERIC.finditer(wording.text):
        day, month, year = (int(g) for g in (hit.group(1), hit.group(2), hit.group(3))) if hit.group(1) else (
            int(hit.group(6)), int(hit.group(5)), int(hit.group(4)))  # fmt: skip
        if month > 12 or not 1 <= day <= 31 or not month:
            continue
        if hit.group(1) and "/" in hit.group() and day <= 12:
            continue  # 2/8/2011 is two dates, depending on who reads it
        starts = [wording.span(at)[0] for at in range(len(wording.words))]
        i = max((at for at, start in enumerate(starts) if start <= hit.start()), default=0)
        j = max((at for at, start in enumerate(starts) if start < hit.end()), default=i) + 1
        found.append(Found(i, j, year, month, day))
    return found


def _around_month(words: list[Word], i: int) -> Found | None:
    """`22 June 2015`, `June 22nd, 2015`, `22 de junio de 2015`, `1. April`, `January 2018`."""
    start, end, day, year = i, i + 1, 0, 0
    k = i - 1
    while k >= 0 and i - k <= 3 and words[k].low in _SMALL:
        k -= 1
    before = _DAY.match(words[k].text) if k >= 0 else None
    if before and 1 <= int(before.group(1)) <= 31:
        day, start = int(before.group(1)), k
    k = i + 1
    while k < len(words) and k - i <= 3 and words[k].low in _SMALL:
        k += 1
    if not day and k < len(words):
        after = _DAY.match(words[k].text)
        if after and 1 <= int(after.group(1)) <= 31 and not _YEAR.match(words[k].text):
            day, end = int(after.group(1)), k + 1
            k += 1
            while k < len(words) and words[k].low in _SMALL:
                k += 1
    if k < len(words) and k - i <= 5 and _YEAR.match(words[k].text):
        year, end = int(words[k].text), k + 1
    elif start and _YEAR.match(words[start - 1].text):
        year, start = int(words[start - 1].text), start - 1
    if not day and not year and not (i and words[i - 1].low in _IN):
        return None
    return Found(start, end, year, words[i].month, day)


def _in_year(wording: Wording, found: Found) -> bool:
    """A bare year is a date only where `in` stands before it."""
    return bool(found.i) and wording.words[found.i - 1].low in _IN


def _of_something_else(wording: Wording, found: Found) -> bool:
    """A date behind since or until is a start or an end; one in a range or of a meeting to come is no act's."""
    for kind in ("until", "since"):
        for hit in wording.hits.get(kind, ()):
            if 0 <= found.i - hit.j <= 3 and not any(
                e.i <= hit.i < e.j or hit.i <= e.i < hit.j for e in wording.hits.get("effective", ())
            ):
                return True
    return False


def _nearest_year(month: int, day: int, reference: str) -> int:
    """The year that puts a day at or shortly before the reference day."""
    if len(reference) < 10 or not month:
        return int(reference[:4]) if len(reference) == 7 and month and month <= int(reference[5:7]) else 0
    year = int(reference[:4])
    return year if f"{month:02}-{day or 1:02}" <= _plus_days(reference, 3)[5:] or reference[5:] > "12-28" else year - 1


def _plus_days(iso: str, days: int) -> str:
    return (date.fromisoformat(iso) + timedelta(days=days)).isoformat()


def _fact(value: str, precision: Precision, origin: str) -> DateFact | None:
    try:
        date.fromisoformat((value + "-01-01"[len(value) - 4 :])[:10] if len(value) < 10 else value)
    except ValueError:
        return None
    return DateFact(value=value, precision=precision, origin=origin)
