"""Evaluates the trained trees of model.json on rows of features: a score for each block, body above the threshold.

How it was trained, and on what: benchmarks/reading/train.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from math import floor
from typing import Any

from scraper.parse.data import load
from scraper.parse.features import NUMBERS, SHARES

Score = Callable[[Sequence[float], int, int, int, int], float]
_BITS = ("flags", "own", "misc", "path")
_GROUP = 10  # trees between two looks at the sum


@cache
def scorer() -> Score:
    """The score of a row. The trees become one Python function, some eight times faster than walking them."""
    model = load("model")
    if tuple(model["numbers"]) != NUMBERS:
        raise ValueError("model.json was trained on other features; run benchmarks/reading/train.py --write")
    lines = ["def score(numbers, flags, own, misc, path):"]
    lines.append(f" {','.join(map(_name, range(len(NUMBERS))))} = numbers")
    lines.append(f" s = {-float(model['threshold'])!r}")
    for start, bound in zip(range(0, len(model["trees"]), _GROUP), model["clear"], strict=True):
        lines.append(" s += " + "+".join(_code(tree, model["bits"]) for tree in model["trees"][start : start + _GROUP]))
        lines.append(f" if s > {float(bound)!r} or s < -{float(bound)!r}: return s")
    lines.append(" return s")
    space: dict[str, Any] = {}
    exec("\n".join(lines), space)  # noqa: S102 - our own data file: numbers, compiled
    score: Score = space["score"]
    return score


def _code(tree: Any, bits: list[tuple[str, int]]) -> str:
    """A tree as a conditional expression; whatever is no number in the file fails here."""
    if not isinstance(tree, list):
        return repr(float(tree))
    what, bound, left, right = tree
    if what >= 0:
        # whole numbers are held against whole ones, which the interpreter compares twice as fast
        test = f"{_name(what)}<={float(bound) if NUMBERS[what] in SHARES else floor(bound)!r}"
    else:
        name, bit = bits[-1 - what]
        test = f"not {_BITS[_BITS.index(name)]}&{int(bit)}"
    return f"({_code(left, bits)} if {test} else {_code(right, bits)})"


def _name(number: int) -> str:
    return f"n{int(number)}"
