"""Fits the weights of the signs (scraper/detect/lexicon/weights.json): logistic regression, in plain Python.

    python -m benchmarks.partnerships.train YARDSTICK [EXTRACTION_YARDSTICK] [--write]

Fitted to the yardstick's dev rows, the halves that may be looked at of our own sets, and ordinary pages as look-alikes.
Shows for each set what weights say that were fitted without it. Of an announcement the strongest candidate counts as
right (it is chosen anew in each round), of a look-alike every candidate as wrong.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.partnerships import measure, ordinary
from benchmarks.partnerships.pack_written import half
from scraper.detect.partnerships import candidates
from scraper.detect.weighing import BASE
from scraper.parse.article import read_text
from storage.records.article import Article

HERE = Path(__file__).parent
WEIGHTS = HERE.parents[1] / "scraper" / "detect" / "lexicon" / "weights.json"
SCALE = 0.1  # points a logit: .50 is even odds, .72 is nine to one
RIDGE = 3.0  # how strongly weights are drawn to those set by hand (prior.json)
ROUNDS, STEPS = 3, 250
ORDINARY = 3.0  # times a page of ordinary prose counts: a mailbox sees fifty of them for each announcement


class Text(NamedTuple):
    """One labelled text: whose it is, whether it announces, and the signs of each candidate."""

    of: str
    announces: bool
    found: list[list[str]]


Weights = dict[str, float]
Row = tuple[list[str], float, float]  # the signs, 1 where they are of an announcement, how much it counts


def fitted(texts: list[Text], prior: Weights) -> Weights:
    """Logits by sign."""
    known = prior
    signs = sorted({sign for text in texts for found in text.found for sign in found})
    for _ in range(ROUNDS):
        rows = [row for text in texts for row in _rows(text, known)]
        known = _regression(rows, signs, known, prior)
    return known


def _rows(text: Text, known: Weights) -> Iterable[Row]:
    if text.announces and text.found:
        yield max(text.found, key=lambda signs: _logit(signs, known)), 1.0, 1.0
    elif not text.announces:
        yield from ((found, 0.0, ORDINARY if text.of == "ordinary" else 1.0) for found in text.found)


def _regression(rows: list[Row], signs: list[str], start: Weights, prior: Weights) -> Weights:
    """Gradient descent with momentum; signs are few and rows are short."""
    known = {sign: start.get(sign, 0.0) for sign in signs}
    speed = dict.fromkeys(signs, 0.0)
    for _ in range(STEPS):
        slope = {sign: RIDGE * (known[sign] - prior.get(sign, 0.0)) for sign in signs}
        for found, label, counts in rows:
            error = counts * (1 / (1 + math.exp(-_logit(found, known))) - label)
            for sign in found:
                slope[sign] += error
        for sign in signs:
            speed[sign] = 0.9 * speed[sign] - 0.002 * slope[sign]
            known[sign] += speed[sign]
    return known


def _logit(found: list[str], known: Weights) -> float:
    return sum(known.get(sign, 0.0) for sign in found)


def texts_of(yardstick: Path, pages: Path | None) -> list[Text]:
    """All that may be fitted to, by set."""
    told: list[tuple[str, dict[str, Any]]] = []
    for name in ("web", "sites"):
        told += [(name, json.loads(line)) for line in (yardstick / f"{name}_dev.jsonl").read_text("utf-8").splitlines()]
    told += [
        (folder, row)
        for folder in ("stranger", "second", "third", "fourth", "fifth")
        for row in measure.rows(False, folder)
    ]
    written = map(json.loads, (HERE / "written.jsonl").read_text("utf-8").splitlines())
    told += [("written", row) for row in written if half(row) == "tune"]
    texts = [Text(of, row["label"] == "POS", _signs(_article(row))) for of, row in told]
    if pages is not None:
        found = [*ordinary.wcxb(pages / "wcxb", False), *ordinary.aeb(pages / "aeb", False)]
        texts += [Text("ordinary", False, _signs(article)) for _, article in found]
    return texts


def _article(row: dict[str, Any]) -> Article:
    return read_text(row["title"], row["text"], url=row["url"], published=row.get("published"))


def _signs(article: Article) -> list[list[str]]:
    return [signs for _, signs in candidates(article)]


def show(of: str, texts: list[Text], known: Weights) -> None:
    """Detection on one set."""
    said = [(t.announces, any(_logit(found, known) >= 0 for found in t.found)) for t in texts]
    right, false = sum(a and s for a, s in said), sum(s and not a for a, s in said)
    missed, never = sum(a and not s for a, s in said), sum(t.announces and not t.found for t in texts)
    f1 = 2 * right / max(2 * right + false + missed, 1)
    print(f"{of:9} F1 {f1:.3f}  found {right}, false {false} of {len(texts)}, missed {missed} (no candidate: {never})")


def main() -> None:
    paths = [Path(arg) for arg in sys.argv[1:] if not arg.startswith("--")]
    texts = texts_of(paths[0], paths[1] if len(paths) > 1 else None)
    start = {sign: worth / SCALE for sign, worth in json.loads((HERE / "prior.json").read_text("utf-8")).items()}
    start[BASE] = start.get(BASE, 0.0) - 0.5 / SCALE
    for of in dict.fromkeys(text.of for text in texts):
        own = [text for text in texts if text.of == of]
        show(of, own, start)
        show("  unseen", own, fitted([text for text in texts if text.of != of], start))
    known = fitted(texts, start)
    show("fitted to", texts, known)
    if "--write" in sys.argv:
        known[BASE] += 0.5 / SCALE
        points = {sign: round(worth * SCALE, 3) for sign, worth in sorted(known.items())}
        WEIGHTS.write_text(json.dumps(points, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
