"""Train the model that chooses the body's blocks, on the labelled pages beside the project; writes scraper/parse/model.json.

    pip install lightgbm numpy selectolax
    PYTHONPATH=. python benchmarks/reading/train.py ../shared/yardsticks/extraction [--write]

Gold is text: a block is body when at least half of its words lie in the longest common runs of the page's words and the gold's
(difflib). Figures printed are cross-validated in five folds by site, never by page; --write then trains on all pages.
The pages: scrapinghub/article-extraction-benchmark (MIT), Murrough-Foley/web-content-extraction-benchmark (CC-BY-4.0).
"""  # noqa: E501

from __future__ import annotations

import gzip
import importlib.util
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from multiprocessing import Pool
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import lightgbm as lgb
import numpy as np

from scraper.page import page_of
from scraper.parse.blocks import outline_of
from scraper.parse.body import stands_aside
from scraper.parse.cards import cards
from scraper.parse.features import MISC, NUMBERS, SAMPLES, Layout, choices_of, sampled
from scraper.parse.hints import BITS
from scraper.parse.metadata import read_metadata
from scraper.parse.recipe import pick
from storage.records.source import NO_HINTS

WORD = re.compile(r"\w+")
BITS_OF = (
    [("flags", 1 << bit) for bit in range(13)]
    + [("flags", bit) for bit in BITS.values()]
    + [("own", bit) for bit in BITS.values()]
    + [("misc", bit) for bit in MISC.values()]
    + [("path", 1 << bit) for bit in range(13)]
    + [("path", bit) for bit in BITS.values()]
)
SHAPE: dict[str, Any] = {
    "objective": "binary", "num_leaves": 31, "min_child_samples": 40, "bagging_fraction": 0.6, "bagging_freq": 1,
    "feature_fraction": 0.4, "lambda_l2": 5, "max_bin": 127, "num_threads": 1, "verbose": -1, "seed": 1,
}  # fmt: skip
TREES, FEW, FAST, SLOW = 180, 20, 0.12, 0.05
CHANGING = 0.001
THRESHOLD = 0.48
FOLDS = 5


@dataclass
class Labelled:
    """One page: its rows, which of them are body, the words of each; what each choice says, and the gold text."""

    source: str
    site: str
    rows: list[list[float]]
    body: list[bool]
    words: list[int]
    choices: list[tuple[int, list[str]]]
    """Of each choice how many of the rows are its own, and the texts it brings, without those the rules leave out."""
    gold: str


def pages(root: Path) -> Iterator[tuple[str, str, str, str]]:
    """(set, address, gold, html) of every labelled page."""
    gold = json.loads((root / "aeb/ground-truth.json").read_text("utf-8"))
    for key, row in gold.items():
        yield "aeb", row.get("url") or "", row.get("articleBody") or "", _html(root / f"aeb/html/{key}.html.gz")
    for file in sorted((root / "wcxb/ground-truth").glob("*.json")):
        row = json.loads(file.read_text("utf-8"))
        text = row["ground_truth"].get("main_content") or ""
        yield "wcxb", row.get("url") or "", text, _html(root / f"wcxb/html/{file.stem}.html.gz")


def _html(path: Path) -> str:
    return gzip.decompress(path.read_bytes()).decode("utf-8", "replace")


def labelled(page: tuple[str, str, str, str]) -> Labelled:
    source, url, gold, html = page
    parsed = page_of(html, url)
    outline = outline_of(parsed)
    share, words = _aligned([WORD.findall(chunk.text) for chunk in outline.chunks], WORD.findall(gold))
    title_at = read_metadata(pick(parsed, None), outline, hints=NO_HINTS).title_at
    layout = Layout(outline.chunks, title_at)
    single = list(choices_of(outline.chunks, layout, samples=len(outline.chunks)))  # each chunk by itself
    beside = cards(outline.chunks, title_at) | {title_at}
    beside |= {chunk.index for chunk in outline.chunks if stands_aside(chunk)}
    return Labelled(
        source=source,
        site=".".join((urlsplit(url).hostname or url).split(".")[-2:]),
        rows=[_flat(row) for _, (row,) in single],
        body=[share[index] >= 0.5 for (index,), _ in single],
        words=[words[index] for (index,), _ in single],
        choices=[
            (len(indexes), [outline.chunks[i].text for i in indexes if i not in beside])
            for indexes, _ in choices_of(outline.chunks, layout)
        ],
        gold=gold,
    )


def _flat(row: Any) -> list[float]:
    numbers, *rest = row
    bits = dict(zip(("flags", "own", "misc", "path"), rest, strict=True))
    return [float(v) for v in numbers] + [float(bool(bits[name] & bit)) for name, bit in BITS_OF]


def _aligned(chunks: list[list[str]], gold: list[str]) -> tuple[list[float], list[int]]:
    """Of each chunk the share of its words that lie in runs common with the gold, and how many words it has."""
    flat = [word for chunk in chunks for word in chunk]
    owner = [i for i, chunk in enumerate(chunks) for _ in chunk]
    hits = [0] * len(chunks)
    for start, _, size in SequenceMatcher(None, flat, gold, autojunk=False).get_matching_blocks():
        for at in range(start, start + size):
            hits[owner[at]] += 1
    return [hit / len(chunk) if chunk else 0.0 for hit, chunk in zip(hits, chunks, strict=True)], [
        len(c) for c in chunks
    ]


def main() -> None:
    root = Path(sys.argv[1])
    with Pool(2) as pool:
        data = pool.map(labelled, pages(root), chunksize=8)
    x = np.array([row for page in data for row in page.rows], dtype=np.float32)
    y = np.array([label for page in data for label in page.body])
    weight = np.concatenate([_weights(page) for page in data])
    folds = _folds(data)
    print(f"{len(data)} pages, {len({p.site for p in data})} sites, {len(y)} rows, {x.shape[1]} features")
    guess = np.zeros(len(y))
    for fold in range(FOLDS):
        train = folds != fold
        guess[~train] = _fit(x[train], y[train], weight[train]).predict(x[~train])
    report(root, data, guess)
    if "--write" in sys.argv:
        write(_fit(x, y, weight), x, weight, Path(__file__).parents[2] / "scraper/parse/model.json")


def _fit(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> lgb.Booster:
    """The first trees learn fast, so that most rows are decided by them alone."""
    pace = lgb.reset_parameter(learning_rate=lambda i: FAST if i < FEW else SLOW)
    return lgb.train(SHAPE, lgb.Dataset(x, y, weight=weight), TREES, callbacks=[pace])


def _weights(page: Labelled) -> np.ndarray:
    """Errors count by words, relative to the page's length, between the page's mean and the corpus's.

    No page counts without bound: the gold of some is a fragment. The gold of aeb was drawn by hand.
    """
    words, body = np.array(page.words, dtype=float), np.array(page.body)
    weights = np.minimum((words + 3) / max(float((words * body).sum()), 30.0) ** 0.6, 30)
    return weights * min(1, 80 / (weights.sum() + 1e-9)) * (3.0 if page.source == "aeb" else 1.0)


def _folds(data: list[Labelled]) -> np.ndarray:
    sites = sorted({page.site for page in data})
    order = np.random.RandomState(1).permutation(len(sites))
    fold_of = {site: order[i] % FOLDS for i, site in enumerate(sites)}
    return np.array([fold_of[page.site] for page in data for _ in page.rows])


def report(root: Path, data: list[Labelled], guess: np.ndarray) -> None:
    spec = importlib.util.spec_from_file_location("score", root / "score.py")
    assert spec
    assert spec.loader
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    for source in ("aeb", "wcxb"):
        counts, at = [], 0
        for page in data:
            mine = guess[at : at + len(page.rows)]
            at += len(page.rows)
            if page.source == source:
                text = "\n".join(_chosen(page, mine >= THRESHOLD))
                counts.append(score.page_counts(page.gold, text))
        print(source, {name: round(value, 4) for name, value in score.summary(counts).items()}, flush=True)


def _chosen(page: Labelled, votes: np.ndarray) -> Iterator[str]:
    at = 0
    for count, texts in page.choices:
        own = votes[at : at + count]
        own = sampled(own) if count > SAMPLES else own
        if 2 * sum(own) > len(own):
            yield from texts
        at += count


def write(model: lgb.Booster, x: np.ndarray, weight: np.ndarray, path: Path) -> None:
    """Trees as [what, threshold, left, right]: `what` is a number's index, or -1 - index into BITS_OF; leaves are numbers."""  # noqa: E501
    dump = model.dump_model()
    trees = [_tree(tree["tree_structure"]) for tree in dump["tree_info"]]
    bits = [[name, bit] for name, bit in BITS_OF]
    text = json.dumps(
        {
            "numbers": NUMBERS,
            "bits": bits,
            "threshold": _logit(THRESHOLD),
            "clear": _clear(model, x, weight),
            "trees": trees,
        },
        separators=(",", ":"),
    )
    path.write_text(text.replace("]],[", "]],\n[") + "\n", "utf-8")
    print(f"{path.name}: {path.stat().st_size} bytes, {len(trees)} trees")


def _clear(model: lgb.Booster, x: np.ndarray, weight: np.ndarray) -> list[float]:
    """After each ten trees, the sum from which rows of a thousandth of the weight still change sides: evaluation stops there."""  # noqa: E501
    level = _logit(THRESHOLD)
    final = model.predict(x, raw_score=True) > level
    bounds = []
    for count in range(10, TREES + 1, 10):
        part = model.predict(x, raw_score=True, num_iteration=count) - level
        wrong = (part > 0) != final
        order = np.argsort(-np.abs(part[wrong]))
        lost = np.cumsum(weight[wrong][order]) < CHANGING * weight.sum()
        bounds.append(round(float(np.abs(part[wrong])[order][lost][-1]) if lost.any() else 0.0, 3))
    return bounds


def _tree(node: dict[str, Any]) -> Any:
    if "leaf_value" in node:
        return round(node["leaf_value"], 4)
    what, bound = node["split_feature"], node["threshold"]
    left, right = _tree(node["left_child"]), _tree(node["right_child"])
    return [what if what < len(NUMBERS) else len(NUMBERS) - 1 - what, float(f"{bound:.4g}"), left, right]


def _logit(share: float) -> float:
    return round(float(np.log(share / (1 - share))), 4)


if __name__ == "__main__":
    main()
