"""Plain-text helpers shared by the trades: white space, folding. Pure, no I/O."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta

_DURATION = re.compile(r"(\d{1,6})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
# Zero-width and directional marks say nothing to a reader (Unicode categories Cf, soft hyphen among them).
INVISIBLE = dict.fromkeys(
    [0xAD, 0x061C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065),
     *range(0x2066, 0x206A), 0xFEFF]
)  # fmt: skip
_RANGES = ((0x300, 0x3100), (0xA66F, 0xABEE), (0xFB1E, 0xFB1F), (0xFE20, 0xFE30))  # where combining marks are
_MARKS = (chr(code) for start, end in _RANGES for code in range(start, end) if unicodedata.combining(chr(code)))
_ACCENTS = re.compile(f"[{''.join(_MARKS)}]")
# What spreadsheets take for a formula (OWASP, CSV injection), its wide and small forms among them, or a line end.
_FORMULA = re.compile(r"'*(?:[\n\t\r]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b])")
_BLANK = frozenset("\u034f\u115f\u1160\u2800\u3164\uffa0")  # letters and signs that show nothing
_UNSEEN = re.compile(f"[{''.join(map(chr, INVISIBLE))}]")


def duration(text: str) -> timedelta | None:
    """ "30s", "15m", "2h", "1d" as a duration; None for what is none, such as a cron line or "adaptive"."""
    found = _DURATION.fullmatch(text.strip())
    return timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None


def squeeze(text: str) -> str:
    """One line, single spaces, no invisible characters: what a reader sees of a phrase."""
    return " ".join((text if text.isascii() else _UNSEEN.sub("", text)).split())


def label(text: str) -> str:
    """A name as it is kept: squeezed, with spaces for what is no letter to print."""
    return squeeze("".join(c if c.isprintable() else " " for c in squeeze(text)))


def is_visible(text: str) -> bool:
    """Whether a reader sees anything of it."""
    return any(c.isprintable() and not (c.isspace() or c in _BLANK or ord(c) in INVISIBLE) for c in text)


def plural(count: int, one: str, many: str = "") -> str:
    """ "1 item", "3 items"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def fold(text: str) -> str:
    """Case, accents and width folded away, for comparing names and headings."""
    if text.isascii():
        return text.lower()
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", text)).casefold()


def as_cell(text: str) -> str:
    """Text for a cell of a spreadsheet: what would be a formula begins with an apostrophe, controls are spaces."""
    shown = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
    return f"'{shown}" if _FORMULA.match(shown) else shown


def from_cell(text: str) -> str:
    """The text that `as_cell` was given."""
    return text[1:] if text[:1] == "'" and _FORMULA.match(text) else text
