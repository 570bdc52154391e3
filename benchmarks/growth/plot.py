"""One series as an SVG: milliseconds over size, both axes in powers of ten; readable on light and dark ground."""

from __future__ import annotations

from html import escape
from math import ceil, floor, log10

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 560, 320, 64, 40, 24, 44


def plot(series: list[tuple[float, float]], *, title: str) -> str:
    """The picture; sizes on the x axis, milliseconds on the y axis."""
    xs, ys = ([log10(max(value, 1e-6)) for value in axis] for axis in zip(*series, strict=True))
    x_low, x_high, y_low, y_high = floor(min(xs)), ceil(max(xs)), floor(min(ys)), ceil(max(ys) + 1e-9)
    x_high, y_high = max(x_high, x_low + 1), max(y_high, y_low + 1)

    def at(x: float, y: float) -> tuple[float, float]:
        across = LEFT + (x - x_low) / (x_high - x_low) * (WIDTH - LEFT - RIGHT)
        return across, HEIGHT - BOTTOM - (y - y_low) / (y_high - y_low) * (HEIGHT - TOP - BOTTOM)

    points = [at(x, y) for x, y in zip(xs, ys, strict=True)]
    grid = [_line(at(x, y_low), at(x, y_high), _power(x), below=True) for x in range(x_low, x_high + 1)]
    grid += [_line(at(x_low, y), at(x_high, y), f"{_power(y)} ms", below=False) for y in range(y_low, y_high + 1)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#2f7ed8"/>' for x, y in points)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-family="sans-serif">'
        f'<title>{escape(title)}</title><g fill="#808080" font-size="12">{"".join(grid)}'
        f'<text x="{LEFT}" y="22" font-size="14">{escape(title)}</text></g>'
        f'<polyline points="{path}" fill="none" stroke="#2f7ed8" stroke-width="2"/>{dots}</svg>\n'
    )


def _line(start: tuple[float, float], end: tuple[float, float], label: str, *, below: bool) -> str:
    x, y = (start[0], HEIGHT - BOTTOM + 20) if below else (LEFT - 8, start[1] + 4)
    anchor = "middle" if below else "end"
    return (
        f'<path d="M{start[0]:.1f} {start[1]:.1f}L{end[0]:.1f} {end[1]:.1f}" stroke="#808080" stroke-opacity=".3"/>'
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{label}</text>'
    )


def _power(exponent: int) -> str:
    value = 10.0**exponent
    return f"{value:,.0f}" if exponent >= 0 else f"{value:g}"
