"""What all pictures share: escaped text and its width, the frame with title and description, the paint. Pure.

Elements carry classes alone. A page's style sheet gives them its theme's colours; a picture that stands alone as a file
brings PAINT as its style. Nothing is ever loaded or run.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from html import escape

from scraper.text import squeeze

SIZE = 13  # pixels of a letter
# class -> (property, light, dark); each pair of ink and ground keeps 4.5 to 1 (WCAG 2.2, 1.4.3), lines 3 to 1 (1.4.11)
PAINT = {
    "d-ground": ("fill", "#ffffff", "#14181f"),
    "d-ink": ("fill", "#1b2230", "#e6e9ef"),
    "d-soft": ("fill", "#535c6b", "#a9b2c0"),
    "d-box": ("fill", "#eef3fa", "#1f2836"),
    "d-mark": ("fill", "#1d5fa8", "#7ab3f0"),
    "d-pale": ("fill", "#c9d8ea", "#33465f"),
    "d-over": ("fill", "#9a2f2f", "#f19c9c"),
    "d-soon": ("fill", "#8a5300", "#f0b45e"),
    "d-line": ("stroke", "#5a6475", "#98a3b4"),
    "d-rim": ("stroke", "#1d5fa8", "#7ab3f0"),
    "d-gone": ("stroke", "#9a2f2f", "#f19c9c"),
    "d-grid": ("stroke", "#dde1e8", "#333b48"),
}
_NARROW, _BROAD = frozenset("iljtfrI.,:;'’|!()[]/ "), frozenset("mwMW@%—")


def picture(
    body: Iterable[str], *, width: float, height: float, title: str, text: str, alone: bool = False, kind: str = ""
) -> str:
    """The whole picture. `title` names it, `text` says in words what it shows; `alone`: as a file of its own."""
    wide, high = f"{width:.0f}", f"{height:.0f}"
    style = f"<style>{_style()}</style>" if alone else ""
    ground = f'<rect class="d-ground" width="{wide}" height="{high}"/>' if alone else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="drawn {kind}" role="img" width="{wide}" height="{high}" '
        f'viewBox="0 0 {wide} {high}" font-family="system-ui, sans-serif" font-size="{SIZE}">'
        f"<title>{plain(title)}</title><desc>{plain(text)}</desc>{style}{ground}{''.join(body)}</svg>"
    )


def label(x: float, y: float, text: str, *, paint: str = "d-ink", anchor: str = "start", size: int = SIZE) -> str:
    """A line of text, its middle at `y`."""
    sized = f' font-size="{size}"' if size != SIZE else ""
    return (
        f'<text class="{paint}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" dominant-baseline="central"{sized}>'
        f"{plain(text)}</text>"
    )


def line(x1: float, y1: float, x2: float, y2: float, paint: str = "d-line", *, width: float = 1, dash: str = "") -> str:
    return (
        f'<line class="{paint}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke-width="{width:g}"'
        f"{dashes(dash)}/>"
    )


def box(x: float, y: float, wide: float, high: float, paint: str, *, rounded: float, rim: float = 0) -> str:
    """A box around its middle."""
    stroke = f' stroke-width="{rim:g}"' if rim else ""
    return (
        f'<rect class="{paint}" x="{x - wide / 2:.1f}" y="{y - high / 2:.1f}" width="{wide:.1f}" height="{high:.1f}" '
        f'rx="{rounded:g}"{stroke}/>'
    )


def dashes(pattern: str) -> str:
    return f' stroke-dasharray="{pattern}"' if pattern else ""


def tip(text: str) -> str:
    """What a pointer that rests on the element is told."""
    return f"<title>{plain(text)}</title>"


def linked(element: str, href: str) -> str:
    """The element as a link for pointers; keyboards have the same links in the table beside the picture.

    Only ways within this very site are links, whatever is asked for.
    """
    if not href.startswith("/") or href.startswith(("//", "/\\")):
        return element
    return f'<a href="{escape(href)}" tabindex="-1">{element}</a>'


def plain(text: str) -> str:
    """Text of pages as XML text and attribute: one line, no control, bidi or unpaired characters, escaped."""
    return escape(_clean(text))


def width_of(text: str, size: float = SIZE) -> float:
    """About how wide the text is, in pixels, rather a little too wide: no font is asked."""
    return size * sum(map(_em, text))


def fitted(text: str, most: float, size: float = SIZE) -> str:
    """The text, cut where it would be wider than `most` pixels."""
    text = _clean(text)
    if width_of(text, size) <= most:
        return text
    while text and width_of(text + "…", size) > most:
        text = text[: -max(1, len(text) // 12)]
    return text.rstrip(" ,;:-–") + "…"


def _clean(text: str) -> str:
    return squeeze("".join(char if char.isprintable() else " " for char in text))


def _em(char: str) -> float:
    if char in _NARROW:
        return 0.34
    if char in _BROAD:
        return 0.92
    if unicodedata.east_asian_width(char) in "WF":
        return 1.05
    return 0.7 if char.isupper() else 0.58


def _style() -> str:
    light, dark = ("".join(f".{name}{{{paint[0]}:{paint[at]}}}" for name, paint in PAINT.items()) for at in (1, 2))
    return f"{light}@media(prefers-color-scheme:dark){{{dark}}}"
