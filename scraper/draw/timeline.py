"""The time line of ties: since when, signed, renewed, until when, ended; a row a tie, years across. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from scraper.draw.svg import SIZE, fitted, label, line, linked, picture, tip, width_of

Kind = Literal["since", "signed", "renewed", "ended", "until"]

ROW, HEAD = 30.0, 34.0  # pixels: a row, the years above
NAMES, NOTES, LEAST = 240.0, 235.0, 90.0  # of the columns of names and notes, at most and at least
MARGIN, SMALL = 10.0, 12
BEFORE, AFTER = 60, 15  # years around today that an axis can show; what lies further stands at its end
WORDS = {
    "since": "since when, as told", "signed": "signed or announced", "renewed": "renewed", "until": "runs out",
    "ended": "ended",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One thing that happened, or will: on a day, in a month or a year, as long as `day` is."""

    kind: Kind
    day: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One tie. `start` and `end` are days, months or years; no `end`: it goes on."""

    name: str
    start: str
    end: str = ""
    marks: tuple[Mark, ...] = ()
    note: str = ""  # its state in a few words, at the right
    tone: Literal["", "soon", "over"] = ""
    text: str = ""
    href: str = ""


def timeline(
    rows: Sequence[Row], *, today: date, title: str, text: str = "", width: int = 1060, alone: bool = False
) -> str:
    """The picture, its rows in the order given. A mark of a month or a year has a line as long as what is not known."""
    names = _column((row.name for row in rows), NAMES, SIZE)
    notes = _column((row.note for row in rows), NOTES, SMALL)
    axis = _Axis(rows, today, names + MARGIN, width - notes - MARGIN)
    low = HEAD + ROW * len(rows)
    drawn = [
        *_years(axis, low),
        *(shape for at, row in enumerate(rows) for shape in _row(row, HEAD + ROW * (at + 0.5), axis)),
        *_legend(rows, low + 26),
    ]
    told = text or "; ".join(f"{row.name}: {row.note}" for row in rows) or "nothing yet"
    return picture(drawn, width=width, height=low + 44, title=title, text=told, alone=alone, kind="timeline")


def _column(texts: Iterable[str], most: float, size: float) -> float:
    """How wide a column of these texts is."""
    return min(most, max([LEAST, *(width_of(text, size) + 20 for text in texts)]))


class _Axis:
    """Where a day stands between the left and the right end."""

    def __init__(self, rows: Sequence[Row], today: date, left: float, right: float) -> None:
        self.today = today.year + (today.timetuple().tm_yday - 1) / 366
        least, most = self.today - BEFORE, self.today + AFTER
        days = [day for row in rows for day in (row.start, row.end, *(mark.day for mark in row.marks)) if day]
        known = [min(max(edge, least), most) for day in days if (span := _year(day)) for edge in span]
        self.first = int(min([self.today - 1, *known]))
        self.last = int(max([self.today, *known])) + 1
        self.left, self.right = left, right

    def at(self, year: float) -> float:
        share = (year - self.first) / (self.last - self.first)
        return self.left + min(1.0, max(0.0, share)) * (self.right - self.left)


def _year(day: str) -> tuple[float, float] | tuple[()]:
    """The first and the last moment of a day, month or year, in years; nothing for what is none of them."""
    try:
        numbers = [int(part) for part in day.split("-")]
    except ValueError:
        return ()
    if not 0 < numbers[0] < 10_000 or len(numbers) > 3:
        return ()
    start, length = float(numbers[0]), 1.0
    for number, parts, most in zip(numbers[1:], (12, 31), (12, 31), strict=False):
        if not 1 <= number <= most:
            return ()
        length /= parts
        start += (number - 1) * length
    return start, start + length


def _years(axis: _Axis, low: float) -> Iterator[str]:
    step = next(n for n in (1, 2, 5, 10, 20) if (axis.last - axis.first) / n <= 11 or n == 20)
    for year in range(axis.first, axis.last + 1):
        if year % step == 0:
            x = axis.at(year)
            yield line(x, HEAD - 8, x, low, "d-grid")
            yield label(x, HEAD - 18, str(year), paint="d-soft", anchor="middle", size=11)
    now = axis.at(axis.today)
    yield line(now, HEAD - 8, now, low + 4, "d-rim", dash="3 3")
    yield label(now, low + 10, "today", paint="d-mark", anchor="middle", size=11)


def _row(row: Row, y: float, axis: _Axis) -> Iterator[str]:
    start, end = _year(row.start), _year(row.end)
    left = axis.at(sum(start) / 2) if start else axis.left
    right = axis.at(sum(end) / 2) if end else axis.at(axis.today)
    bar = (
        f'<rect class="d-pale" x="{left:.1f}" y="{y - 4:.1f}" width="{max(2.0, right - left):.1f}" height="8" rx="4"/>'
    )
    goes_on = f'<path class="d-pale" d="M{right:.1f} {y - 8:.1f}l10 8l-10 8z"/>' if not row.end else ""
    name = label(MARGIN, y, fitted(row.name, axis.left - MARGIN - 16))
    paint = {"soon": "d-soon", "over": "d-over"}.get(row.tone, "d-soft")
    note = label(axis.right + 16, y, fitted(row.note, NOTES - 8, SMALL), paint=paint, size=SMALL)
    yield linked(f"<g>{tip(row.text or row.name)}{name}{bar}{goes_on}{note}</g>", row.href)
    for mark in row.marks:
        if span := _year(mark.day):
            a, b = axis.at(span[0]), axis.at(span[1])
            vague = line(a, y, b, y, "d-line", width=2) if b - a > 9 else ""
            yield f"<g>{tip(mark.text or f'{mark.kind} {mark.day}')}{vague}{sign(mark.kind, (a + b) / 2, y)}</g>"


def sign(kind: Kind, x: float, y: float) -> str:
    """Each kind has a shape of its own, so that none is told by its colour."""
    at = f"{x:.1f} {y:.1f}"
    match kind:
        case "since":
            return f'<circle class="d-ground d-rim" cx="{x:.1f}" cy="{y:.1f}" r="5" stroke-width="2"/>'
        case "signed":
            return f'<circle class="d-mark" cx="{x:.1f}" cy="{y:.1f}" r="5.5"/>'
        case "renewed":
            return f'<path class="d-mark" d="M{at}m-7 0l7 -7l7 7l-7 7z"/>'
        case "until":
            return f'<path class="d-soon" d="M{at}m-2 -9h4v18h-4z"/>'
        case "ended":
            return f'<path class="d-gone" d="M{at}m-5 -5l10 10m0 -10l-10 10" fill="none" stroke-width="3"/>'


def _legend(rows: Sequence[Row], y: float) -> Iterator[str]:
    used = {mark.kind for row in rows for mark in row.marks}
    x = MARGIN + 6
    for kind in get_args(Kind):
        if kind in used:
            yield sign(kind, x, y) + label(x + 13, y, WORDS[kind], paint="d-soft", size=SMALL)
            x += 36 + width_of(WORDS[kind], SMALL)
