"""Counts as small bars: a source's items a week."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from html import escape

WIDTH, GAP = 7, 2  # of a bar and between two, in the picture's own units


def weekly(days: Iterable[date], *, today: date, weeks: int) -> tuple[int, ...]:
    """How many of these days lie in each of the last weeks, the oldest first, this week last."""
    counts = [0] * weeks
    for day in days:
        age = (today - day).days // 7
        if 0 <= age < weeks:
            counts[weeks - 1 - age] += 1
    return tuple(counts)


def bars(counts: Sequence[int], *, said: str, height: int = 28) -> str:
    """The picture as SVG; `said` is what it says in words, for those who do not see it."""
    most, whole = max([*counts, 1]), len(counts) * (WIDTH + GAP) - GAP
    drawn = []
    for place, count in enumerate(counts):
        tall = max(2, round((height - 2) * count / most)) if count else 1
        kind = "bar" if count else "bar none"
        x, y = place * (WIDTH + GAP), height - tall
        drawn.append(f'<rect class="{kind}" x="{x}" y="{y}" width="{WIDTH}" height="{tall}" rx="1"/>')
    return (
        f'<svg class="bars" role="img" aria-label="{escape(said)}" viewBox="0 0 {whole} {height}" width="{whole}" '
        f'height="{height}" preserveAspectRatio="none" xmlns="http://www.w3.org/2000/svg"><title>{escape(said)}</title>{"".join(drawn)}</svg>'
    )
