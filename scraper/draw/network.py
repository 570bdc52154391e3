"""The network: organisations as boxes with their names inside, ties as lines whose kind stands beside them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from scraper.draw.layout import Box, Point, places
from scraper.draw.svg import box, dashes, fitted, label, line, linked, picture, tip, width_of

HIGH, MARGIN, SMALL = 28.0, 16.0, 11
LONGEST = 190.0  # pixels of a name
ROW = 22.0  # of the legend
BENDS = (0.0, -34.0, 34.0, -68.0, 68.0)  # pixels that a line may leave the straight way by
Place = tuple[float, float, float, float]  # of a box: its middle, width, height
Curve = tuple[Point, Point, Point]  # begins, bends towards, ends
# How a kind of tie is drawn: width and dashes. What is not named here is drawn as an agreement.
STYLES = {
    "agreement": (1.8, ""),
    "letter or memorandum": (1.8, "7 4"),
    "strategic or alliance": (3.4, ""),
    "declaration": (1.8, "2 4"),
    "membership or sponsorship": (1.2, "9 3 2 3"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """An organisation: what stands in its box, what it is called in full, where a click leads."""

    name: str
    full: str = ""
    href: str = ""
    strong: bool = False  # the one that the picture is about


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A tie of two or more organisations, by their places among the nodes."""

    ends: tuple[int, ...]
    style: str = "agreement"  # of STYLES
    tag: str = ""  # a word or two beside the line: "MoU", "alliance, ended"
    over: bool = False  # ended or expired
    text: str = ""  # all of it, for a pointer that rests on the line
    href: str = ""


def network(nodes: Sequence[Node], lines: Sequence[Line], *, title: str, text: str = "", alone: bool = False) -> str:
    """The picture. A tie of three or more is a knot with a line to each."""
    knots = [each for each in lines if len(set(each.ends)) > 2]
    names = [fitted(node.name, LONGEST) for node in nodes]
    boxes: list[Box] = [(round(width_of(name) + 22, 1), HIGH) for name in names]
    boxes += [(width_of(each.tag, SMALL) + 16, 20.0) if each.tag else (12.0, 12.0) for each in knots]
    strands = [(each, min(each.ends), max(each.ends)) for each in lines if len(set(each.ends)) == 2]
    strands += [(each, end, len(nodes) + at) for at, each in enumerate(knots) for end in sorted(set(each.ends))]
    edges = ((one, other, _room(each) + 40 if other < len(nodes) else 0.0) for each, one, other in strands)
    spots, (wide, high) = places(tuple(boxes), tuple(dict.fromkeys(edges)))
    spots = tuple((x + MARGIN, y + MARGIN) for x, y in spots)
    legend = list(_legend(lines, high + 2 * MARGIN + 12))
    drawn = [
        *_strands(strands, spots, boxes, len(nodes)),
        *(_knot(each, spots[len(nodes) + at], boxes[len(nodes) + at]) for at, each in enumerate(knots)),
        *(_box(node, name, spot, size) for node, name, spot, size in zip(nodes, names, spots, boxes, strict=False)),
        *(shape for shape, _ in legend),
    ]
    width = max([wide + 2 * MARGIN, *(end for _, end in legend)])
    height = high + 2 * MARGIN + (ROW * len(legend) + 8 if legend else 0)
    told = text or f"{len(nodes)} organisations and {len(lines)} ties between them."
    return picture(drawn, width=width, height=height, title=title, text=told, alone=alone, kind="network")


def _strands(
    strands: Sequence[tuple[Line, int, int]], spots: Sequence[Point], boxes: Sequence[Box], nodes: int
) -> Iterator[str]:
    """The lines; those between the same two boxes are bent apart. Tags stand where nothing else does."""
    beside: dict[tuple[int, int], int] = {}
    boxed = [(x, y, w, h) for (x, y), (w, h) in zip(spots, boxes, strict=True)]
    taken = list(boxed)
    tags: list[str] = []
    for each, one, other in strands:
        place = beside.get((one, other), 0)
        beside[one, other] = place + 1
        curve = way_between(one, other, BENDS[place % len(BENDS) :], boxed)
        width, dash = STYLES.get(each.style, STYLES["agreement"])
        d = "M{:.1f} {:.1f}Q{:.1f} {:.1f} {:.1f} {:.1f}".format(*(c for point in curve for c in point))
        path = (
            f'<path class="{"d-gone" if each.over else "d-line"}" d="{d}" fill="none" stroke-width="{width:g}"'
            f"{dashes(dash)}>{tip(each.text or each.tag)}</path>"
        )
        yield linked(path, each.href)
        if other < nodes:
            tags += _tag(each, curve, taken)
    yield from tags


def way_between(one: int, other: int, bends: Sequence[float], boxed: Sequence[Place]) -> Curve:
    """From box to box by the first of these bends that leads through no third one; the first where none does."""
    (ax, ay, _, _), (bx, by, _, _) = boxed[one], boxed[other]
    between = [
        (x, y, w, h)
        for n, (x, y, w, h) in enumerate(boxed)
        if abs(x - (ax + bx) / 2) < (abs(ax - bx) + w) / 2 + 40 and abs(y - (ay + by) / 2) < (abs(ay - by) + h) / 2 + 40
        and n not in (one, other)
    ]  # fmt: skip
    ways = (_bent((ax, ay), (bx, by), bend) for bend in bends)
    return next((way for way in ways if _is_free(way, between)), _bent((ax, ay), (bx, by), bends[0]))


def _is_free(way: Curve, boxes: Sequence[Place]) -> bool:
    points = [point_on(way, n / 12) for n in range(1, 12)] if boxes else []
    return not any(abs(x - u) < w / 2 + 4 and abs(y - v) < h / 2 + 4 for x, y, w, h in boxes for u, v in points)


def point_on(way: Curve, t: float) -> Point:
    """Where one is after the share `t` of the way."""
    (ax, ay), (cx, cy), (bx, by) = way
    p, q, r = (1 - t) ** 2, 2 * t * (1 - t), t * t
    return p * ax + q * cx + r * bx, p * ay + q * cy + r * by


def _bent(a: Point, b: Point, bend: float) -> Curve:
    (ax, ay), (bx, by) = a, b
    far = max(1.0, ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5)
    return a, ((ax + bx) / 2 - (by - ay) / far * bend * 2, (ay + by) / 2 + (bx - ax) / far * bend * 2), b


def _tag(each: Line, curve: Curve, taken: list[Place]) -> list[str]:
    """The tag, and a cross on what has ended; nothing where no place is free: the line's own look and text remain."""
    w = _room(each)
    for t in (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74):
        x, y = point_on(curve, t)
        if all(abs(x - u) >= (w + v) / 2 or abs(y - z) >= (16 + h) / 2 for u, z, v, h in taken):
            taken.append((x, y, w, 16.0))
            return [linked(_sign(each, x, y, w), each.href)]
    return [_cross(*point_on(curve, 0.5))] if each.over else []


def _room(each: Line) -> float:
    """How wide a tag is."""
    return width_of(each.tag, SMALL) + 6 + (14 if each.over else 0)


def _sign(each: Line, x: float, y: float, w: float) -> str:
    ground = box(x, y, w, 16, "d-ground", rounded=3)
    if not each.over:
        return ground + label(x, y, each.tag, paint="d-soft", anchor="middle", size=SMALL)
    return ground + _cross(x - w / 2 + 8, y) + label(x + 7, y, each.tag, paint="d-over", anchor="middle", size=SMALL)


def _cross(x: float, y: float) -> str:
    return f'<path class="d-gone" d="M{x - 4:.1f} {y - 4:.1f}l8 8m0 -8l-8 8" fill="none" stroke-width="2"/>'


def _knot(each: Line, spot: Point, size: Box) -> str:
    rim, paint = ("d-gone", "d-over") if each.over else ("d-line", "d-soft")
    shape = box(*spot, *size, f"d-ground {rim}", rounded=size[1] / 2)
    word = label(*spot, each.tag, paint=paint, anchor="middle", size=SMALL)
    return linked(f"<g>{tip(each.text or each.tag)}{shape}{word}</g>", each.href)


def _box(node: Node, name: str, spot: Point, size: Box) -> str:
    shape = box(*spot, *size, "d-box d-rim", rounded=6, rim=2.5 if node.strong else 1)
    return linked(f"<g>{tip(node.full or node.name)}{shape}{label(*spot, name, anchor='middle')}</g>", node.href)


def _legend(lines: Iterable[Line], y: float) -> Iterator[tuple[str, float]]:
    """What the lines mean, a row each, with where the row ends."""
    used = {each.style if each.style in STYLES else "agreement": each for each in lines if not each.over}
    rows = [(name, *STYLES[name], "d-line") for name in STYLES if name in used]
    if any(each.over for each in lines):
        rows.append(("ended or expired: a cross, and the word beside it", 1.8, "", "d-gone"))
    for at, (name, width, dash, paint) in enumerate(rows):
        middle = y + at * ROW
        sample = line(MARGIN, middle, MARGIN + 44, middle, paint, width=width, dash=dash)
        cross = _cross(MARGIN + 22, middle) if paint == "d-gone" else ""
        text = label(MARGIN + 56, middle, name, paint="d-soft", size=12)
        yield sample + cross + text, MARGIN * 2 + 56 + width_of(name, 12)
