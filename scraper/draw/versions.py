"""The time line of one item: its versions in their order, with what became of it between. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from math import log2

from scraper.draw.svg import box, fitted, label, line, linked, picture, tip, width_of

NEAR, FAR = 96.0, 200.0  # pixels between two stops: an hour apart, and years apart
MARGIN, MIDDLE, HIGH = 56.0, 34.0, 84.0
HOUR = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A version, or a day on which it went or came back."""

    name: str  # "1", "2"; empty where no text stands
    at: datetime
    what: str = ""  # "edited", "withdrawn"
    href: str = ""
    chosen: bool = False


def versions(stops: Sequence[Stop], *, title: str, alone: bool = False) -> str:
    """Stops from left to right, the oldest first; longer waits stand further apart, by their logarithm."""
    xs = [MARGIN]
    for one, other in pairwise(stops):
        hours = max(1.0, (other.at - one.at).total_seconds() / HOUR)
        xs.append(xs[-1] + min(FAR, NEAR + 8 * log2(hours)))
    drawn = [line(xs[0], MIDDLE, xs[-1], MIDDLE, width=2)]
    drawn += [linked(_stop(stop, x), stop.href) for stop, x in zip(stops, xs, strict=False)]
    told = "; ".join(" ".join(filter(None, (_name(stop), stop.what, f"{stop.at:%Y-%m-%d %H:%M}"))) for stop in stops)
    return picture(drawn, width=xs[-1] + MARGIN, height=HIGH, title=title, text=told, alone=alone, kind="versions")


def _stop(stop: Stop, x: float) -> str:
    if stop.name:
        wide = max(26.0, width_of(stop.name) + 16)
        paint = "d-mark" if stop.chosen else "d-box d-rim"
        shape = box(x, MIDDLE, wide, 26, paint, rounded=13, rim=2)
        word = label(x, MIDDLE, stop.name, paint="d-ground" if stop.chosen else "d-ink", anchor="middle")
    else:
        shape = f'<circle class="d-ground d-gone" cx="{x:.1f}" cy="{MIDDLE:.1f}" r="7" stroke-width="3"/>'
        word = ""
    below = label(x, MIDDLE + 25, f"{stop.at:%Y-%m-%d}", paint="d-soft", anchor="middle", size=11)
    what = label(x, MIDDLE + 40, fitted(stop.what, NEAR - 8, 11), paint="d-soft", anchor="middle", size=11)
    return f"<g>{tip(f'{_name(stop)} {stop.what} {stop.at:%Y-%m-%d %H:%M}')}{shape}{word}{below}{what}</g>"


def _name(stop: Stop) -> str:
    return f"version {stop.name}" if stop.name else ""
