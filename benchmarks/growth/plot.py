"""Lines as an SVG, on axes of powers of ten or of even steps; readable on light and dark ground."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

Series = Sequence[tuple[float, float]]
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 560, 320, 72, 40, 40, 44
COLOURS = ("#2f7ed8", "#d9822b", "#3c9d5d", "#b0509c")


@dataclass(frozen=True, kw_only=True)
class Axis:
    """From the lowest tick to the highest, and how a value is placed between them."""

    ticks: tuple[float, ...]
    place: Callable[[float], float]

    def share(self, value: float) -> float:
        """0 at the lowest tick, 1 at the highest."""
        low, high = self.place(self.ticks[0]), self.place(self.ticks[-1])
        return (self.place(value) - low) / (high - low)


def powers(values: Sequence[float]) -> Axis:
    """A tick at each power of ten, and two between where there are but two."""
    low = floor(log10(max(min(values), 1e-6)))
    high = max(low + 1, ceil(log10(max(values)) - 1e-9))
    ticks = tuple(10.0**n for n in range(low, high + 1))
    if len(ticks) == 2:
        ticks = (ticks[0], 2 * ticks[0], 4 * ticks[0], ticks[1])
    return Axis(ticks=ticks, place=lambda value: log10(max(value, 1e-6)))


def steps(values: Sequence[float]) -> Axis:
    """From zero in four to ten even steps."""
    step = 10.0 ** floor(log10(max(values)))
    step = next(step * part for part in (0.1, 0.2, 0.5, 1) if max(values) <= 10 * step * part)
    return Axis(ticks=tuple(step * n for n in range(ceil(max(values) / step) + 1)), place=float)


def plot(
    lines: Mapping[str, Series], *, title: str, unit: str = "ms", axis: Callable[[Sequence[float]], Axis] = powers
) -> str:
    """The picture: what grows on the x axis, what it costs, in this unit, on the y axis; lines of several are named."""
    points = [point for series in lines.values() for point in series]
    across, up = axis([x for x, _ in points]), axis([y for _, y in points])

    def at(x: float, y: float) -> tuple[float, float]:
        return LEFT + across.share(x) * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up.share(y) * (HEIGHT - TOP - BOTTOM)

    grid = [_rule(at(x, up.ticks[0]), at(x, up.ticks[-1]), _number(x), below=True) for x in across.ticks]
    grid += [
        _rule(at(across.ticks[0], y), at(across.ticks[-1], y), f"{_number(y)} {unit}".strip(), below=False)
        for y in up.ticks
    ]
    drawn = [
        _line([at(x, y) for x, y in series], colour)
        for series, colour in zip(lines.values(), COLOURS[: len(lines)], strict=True)
    ]
    names = [_name(name, row) for row, name in enumerate(lines)] if len(lines) > 1 else []
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-family="sans-serif">'
        f'<title>{escape(title)}</title><g fill="#808080" font-size="12">{"".join(grid)}'
        f'<text x="{LEFT}" y="22" font-size="14">{escape(title)}</text></g>{"".join([*drawn, *names])}</svg>\n'
    )


def _rule(start: tuple[float, float], end: tuple[float, float], label: str, *, below: bool) -> str:
    x, y = (start[0], HEIGHT - BOTTOM + 20) if below else (LEFT - 8, start[1] + 4)
    anchor = "middle" if below else "end"
    return (
        f'<path d="M{start[0]:.1f} {start[1]:.1f}L{end[0]:.1f} {end[1]:.1f}" stroke="#808080" stroke-opacity=".3"/>'
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{label}</text>'
    )


def _line(points: list[tuple[float, float]], colour: str) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    radius = 4 if len(points) < 20 else 2
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{colour}"/>' for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>{dots}'


def _name(name: str, row: int) -> str:
    y = HEIGHT - BOTTOM - 14 - 18 * row
    return (
        f'<text x="{WIDTH - RIGHT - 8}" y="{y}" text-anchor="end" font-size="12" fill="{COLOURS[row]}">'
        f"{escape(name)}</text>"
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.6g}"
