"""Places for the boxes of a network: the same for the same input, bound ones near each other, none upon another. Pure.

Each connected part is laid as a tree around its most bound box, loosened by forces, and parted until no two boxes
touch; then the parts are set in rows. Forces and parting look at near boxes only, so that the time grows as the number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from math import cos, hypot, pi, sin, sqrt

Box = tuple[float, float]  # width, height
Point = tuple[float, float]  # of a box's middle
Near = dict[int, float]  # bound boxes, each with the length of the line to it

GAP = 14.0  # pixels between boxes
REACH = 104.0  # pixels of a line that are to be seen between two bound boxes, or more where its tag is longer
ROUNDS, PARTINGS = 70, 60
FLAT = 1.35  # boxes are broad, and so are screens


@lru_cache(maxsize=64)
def places(boxes: tuple[Box, ...], edges: tuple[tuple[int, int, float], ...]) -> tuple[tuple[Point, ...], Box]:
    """The middle of each box, and the size of the whole. An edge is two boxes and the length that its tag needs."""
    near: list[Near] = [{} for _ in boxes]
    for one, other, length in edges:
        if one != other:
            near[one][other] = near[other][one] = max(REACH, length, near[one].get(other, 0.0))
    found: list[Point] = [(0.0, 0.0)] * len(boxes)
    blocks: list[tuple[list[int], Box]] = []
    for members in _parts(near):
        spots = _tree(members, near, boxes)
        _loosened(spots, members, near, boxes)
        _parted(spots, members, boxes)
        left, top = (min(spots[n][axis] - boxes[n][axis] / 2 for n in members) for axis in (0, 1))
        right, low = (max(spots[n][axis] + boxes[n][axis] / 2 for n in members) for axis in (0, 1))
        for n in members:
            found[n] = (spots[n][0] - left, spots[n][1] - top)
        blocks.append((members, (right - left, low - top)))
    return _in_rows(found, blocks)


def _parts(near: Sequence[Near]) -> Iterator[list[int]]:
    """Connected parts, the largest first; in each the most bound box first."""
    seen: set[int] = set()
    parts: list[list[int]] = []
    for start in range(len(near)):
        if start in seen:
            continue
        part = [start]
        seen.add(start)
        for n in part:
            part += [m for m in near[n] if m not in seen]
            seen.update(near[n])
        parts.append(sorted(part, key=lambda n: (-len(near[n]), n)))
    return iter(sorted(parts, key=lambda part: (-len(part), part[0])))


def _tree(members: Sequence[int], near: Sequence[Near], boxes: Sequence[Box]) -> dict[int, Point]:
    """Rings around the first box: each bough has as much of the circle as it has leaves."""
    root = members[0]
    order, parent = [root], {root: root}
    for n in order:
        for m in near[n]:
            if m not in parent:
                parent[m] = n
                order.append(m)
    boughs: dict[int, list[int]] = {n: [] for n in order}
    leaves = dict.fromkeys(order, 0)
    for n in reversed(order):
        leaves[n] = max(1, leaves[n])
        if n != root:
            leaves[parent[n]] += leaves[n]
            boughs[parent[n]].insert(0, n)
    spots, arc, depth = {root: (0.0, 0.0)}, {root: (0.0, 2 * pi)}, {root: 0}
    step = sqrt(sum(w * h for w, h in (boxes[n] for n in members)) / len(members)) + REACH / 2
    for n in order:
        start, end = arc[n]
        for m in boughs[n]:
            share = (end - start) * leaves[m] / leaves[n]
            arc[m], depth[m] = (start, start + share), depth[n] + 1
            angle = start + share / 2
            spots[m] = (FLAT * step * depth[m] * cos(angle), step * depth[m] * sin(angle))
            start += share
        arc[n] = (start, end)
    return spots


def _loosened(spots: dict[int, Point], members: Sequence[int], near: Sequence[Near], boxes: Sequence[Box]) -> None:
    """Bound boxes draw each other to a line's length, near ones push each other away (Fruchterman and Reingold)."""
    cell = REACH + max(boxes[n][0] for n in members)
    for turn in range(ROUNDS):
        heat = cell / 3 * (1 - turn / ROUNDS)
        push: dict[int, list[float]] = {n: [0.0, 0.0] for n in members}
        for n, m in _neighbours(spots, members, cell):
            dx, dy = spots[n][0] - spots[m][0], (spots[n][1] - spots[m][1]) * FLAT
            want = REACH * 0.6 + (boxes[n][0] + boxes[m][0]) / 2
            far = hypot(dx, dy) or 1.0
            if far < want:
                _pull(push, n, m, dx / far * (want - far) / 2, dy / far * (want - far) / 2)
        for n in members:
            for m, length in near[n].items():
                if n < m:
                    dx, dy = spots[n][0] - spots[m][0], (spots[n][1] - spots[m][1]) * FLAT
                    far = hypot(dx, dy) or 1.0
                    want = length + (boxes[n][0] + boxes[m][0]) / 2
                    give = 0.5 * (want - far) / far / max(2, min(len(near[n]), len(near[m])))
                    _pull(push, n, m, dx * give, dy * give)
        for n in members:
            dx, dy = push[n]
            far = hypot(dx, dy)
            keep = min(1.0, heat / far) if far else 0.0
            spots[n] = (spots[n][0] + dx * keep, spots[n][1] + dy * keep / FLAT)


def _pull(push: dict[int, list[float]], n: int, m: int, dx: float, dy: float) -> None:
    push[n][0] += dx
    push[n][1] += dy
    push[m][0] -= dx
    push[m][1] -= dy


def _parted(spots: dict[int, Point], members: Sequence[int], boxes: Sequence[Box]) -> None:
    """Boxes that lie upon each other go apart the shorter way; what still does is parted by widening the whole."""
    cell = 2 * GAP + max(boxes[n][0] for n in members)
    for _ in range(PARTINGS):
        clashes = list(_clashes(spots, members, boxes, cell))
        if not clashes:
            return
        for n, m in clashes:
            (x, y), (u, v) = spots[n], spots[m]
            across = (boxes[n][0] + boxes[m][0]) / 2 + GAP - abs(x - u)
            down = (boxes[n][1] + boxes[m][1]) / 2 + GAP - abs(y - v)
            if across < 0 or down < 0:
                continue
            if across < down:
                move = (across / 2 + 0.5) * (1 if (x, n) > (u, m) else -1)
                spots[n], spots[m] = (x + move, y), (u - move, v)
            else:
                move = (down / 2 + 0.5) * (1 if (y, n) > (v, m) else -1)
                spots[n], spots[m] = (x, y + move), (u, v - move)
    widen = max((_widening(spots, boxes, n, m) for n, m in _clashes(spots, members, boxes, cell)), default=1.0)
    for n in members:
        spots[n] = (spots[n][0] * widen, spots[n][1] * widen)


def _widening(spots: dict[int, Point], boxes: Sequence[Box], n: int, m: int) -> float:
    across = ((boxes[n][0] + boxes[m][0]) / 2 + 1) / max(1e-6, abs(spots[n][0] - spots[m][0]))
    down = ((boxes[n][1] + boxes[m][1]) / 2 + 1) / max(1e-6, abs(spots[n][1] - spots[m][1]))
    return max(1.0, min(across, down))


def _clashes(
    spots: dict[int, Point], members: Sequence[int], boxes: Sequence[Box], cell: float
) -> Iterator[tuple[int, int]]:
    for n, m in _neighbours(spots, members, cell):
        (x, y), (u, v) = spots[n], spots[m]
        if abs(x - u) < (boxes[n][0] + boxes[m][0]) / 2 + GAP and abs(y - v) < (boxes[n][1] + boxes[m][1]) / 2 + GAP:
            yield n, m


def _neighbours(spots: dict[int, Point], members: Sequence[int], cell: float) -> Iterator[tuple[int, int]]:
    """Pairs that stand in the same cell of a grid or in touching ones."""
    grid: dict[tuple[int, int], list[int]] = {}
    for n in members:
        grid.setdefault((int(spots[n][0] // cell), int(spots[n][1] * FLAT // cell)), []).append(n)
    for (column, row), here in grid.items():
        for at, n in enumerate(here):
            yield from ((n, m) for m in here[at + 1 :])
        for beside in ((column + 1, row), (column - 1, row + 1), (column, row + 1), (column + 1, row + 1)):
            for m in grid.get(beside, ()):
                yield from ((n, m) for n in here)


def _in_rows(found: list[Point], blocks: Sequence[tuple[list[int], Box]]) -> tuple[tuple[Point, ...], Box]:
    """The parts side by side in rows, about as broad as a page."""
    gap = 2.5 * GAP
    area = sum((w + gap) * (h + gap) for _, (w, h) in blocks)
    most = max([sqrt(area * FLAT), *(w for _, (w, _) in blocks)], default=0.0)
    x = y = high = wide = 0.0
    for members, (w, h) in sorted(blocks, key=lambda block: -block[1][1]):
        if x and x + w > most:
            x, y, high = 0.0, y + high + gap, 0.0
        for n in members:
            found[n] = (found[n][0] + x, found[n][1] + y)
        x, high = x + w + gap, max(high, h)
        wide = max(wide, x - gap)
    return tuple(found), (wide, y + high)
