"""A small row of bars for rhythms: items a week, checks and how many of them found nothing new. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from scraper.draw.svg import line, picture, tip

LEAST = 1.5  # pixels of a bar that is not nought


def bars(
    values: Sequence[float],
    *,
    title: str,
    of: Sequence[float] = (),
    labels: Sequence[str] = (),
    unit: str = "",
    width: int = 144,
    height: int = 28,
    alone: bool = False,
) -> str:
    """One bar a value, all on one scale; nought is a dot on the ground line.

    `of` are the wholes that the values are parts of (checks, of which so many were answered by 304): pale bars behind.
    `labels` name the bars ("week 12"), `unit` the values ("items"). What the picture shows stands in its description.
    """
    amounts = [max(0.0, value) for value in values]
    wholes = [max(part, whole) for part, whole in zip(amounts, of, strict=True)] if of else amounts
    most, step = max([*wholes, 1]), width / max(1, len(amounts))
    floor = height - 2
    drawn = [line(0, height - 0.5, width, height - 0.5, "d-grid")]
    for at, (part, whole) in enumerate(zip(amounts, wholes, strict=True)):
        name = labels[at] if at < len(labels) else ""
        shapes = "".join(
            _bar(at * step, step, floor, floor * amount / most, paint)
            for amount, paint in ((whole if of else 0, "d-pale"), (part, "d-mark"))
        )
        dot = f'<circle class="d-soft" cx="{(at + 0.5) * step:.1f}" cy="{floor:.1f}" r="0.9"/>' if not whole else ""
        drawn.append(f"<g>{tip(_told(name, part, whole if of else None, unit))}{shapes}{dot}</g>")
    text = "; ".join(
        _told(labels[at] if at < len(labels) else "", part, whole if of else None, unit)
        for at, (part, whole) in enumerate(zip(amounts, wholes, strict=True))
    )
    return picture(drawn, width=width, height=height, title=title, text=text or "nothing yet", alone=alone, kind="bars")


def _bar(x: float, step: float, floor: float, height: float, paint: str) -> str:
    if not height:
        return ""
    tall, gap = max(height, LEAST), min(2.0, step / 4)
    return (
        f'<rect class="{paint}" x="{x + gap / 2:.1f}" y="{floor - tall + 1:.1f}" width="{step - gap:.1f}" '
        f'height="{tall:.1f}"/>'
    )


def _told(name: str, part: float, whole: float | None, unit: str) -> str:
    amount = f"{part:g}" if whole is None else f"{part:g} of {whole:g}"
    return f"{name}: {amount} {unit}".removeprefix(": ").strip()
