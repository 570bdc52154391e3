"""The quality gate of reading: floors on labelled pages beside the project, a seeded sample of them; lowered only with a reason."""  # noqa: E501

from __future__ import annotations

import gzip
import importlib.util
import json
import random
from pathlib import Path
from typing import Any

import pytest

from scraper.parse.article import read_article

YARDSTICK = Path(__file__).parents[3] / "shared" / "yardsticks" / "extraction"
SAMPLE = 120
FLOORS = {
    "aeb f1": 0.988,
    "aeb exact": 0.54,
    "wcxb f1": 0.945,
    "title": 0.87,
    "day": 0.83,
    "teaser f1": 0.955,
    "leaks": 1,
}

pytestmark = pytest.mark.skipif(not YARDSTICK.is_dir(), reason=f"no labelled pages at {YARDSTICK}")


@pytest.fixture(scope="module")
def score() -> Any:
    spec = importlib.util.spec_from_file_location("score", YARDSTICK / "score.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def html_of(folder: str, key: str) -> str:
    return gzip.decompress((YARDSTICK / folder / "html" / f"{key}.html.gz").read_bytes()).decode("utf-8", "replace")


@pytest.fixture(scope="module")
def aeb() -> list[tuple[str, str, str, Any]]:
    gold = json.loads((YARDSTICK / "aeb" / "ground-truth.json").read_text("utf-8"))
    return [(k, v["url"], v["articleBody"], read_article(html_of("aeb", k), v["url"])) for k, v in gold.items()]


@pytest.fixture(scope="module")
def wcxb() -> list[tuple[str, dict[str, Any], Any]]:
    files = sorted((YARDSTICK / "wcxb" / "ground-truth").glob("*.json"))
    pages = []
    for file in random.Random(5).sample(files, SAMPLE):
        row = json.loads(file.read_text("utf-8"))
        pages.append((row["url"], row["ground_truth"], read_article(html_of("wcxb", file.stem), row["url"])))
    return pages


def test_bodies_of_news_pages_stay_above_their_floor(aeb, score):
    summary = score.summary([score.page_counts(gold, article.text) for _, _, gold, article in aeb])
    assert summary["f1"] >= FLOORS["aeb f1"]
    assert summary["accuracy"] >= FLOORS["aeb exact"]


def test_bodies_of_all_kinds_of_pages_stay_above_their_floor(wcxb, score):
    summary = score.summary([score.page_counts(gold.get("main_content") or "", a.text) for _, gold, a in wcxb])
    assert summary["f1"] >= FLOORS["wcxb f1"]


def test_titles_stay_above_their_floor(wcxb, score):
    told = [(gold["title"], article.title) for _, gold, article in wcxb if gold.get("title")]
    assert sum(score.same_title(a, b) for a, b in told) / len(told) >= FLOORS["title"]


def test_days_stay_above_their_floor(wcxb, score):
    told = [(gold["publish_date"], article.published) for _, gold, article in wcxb if gold.get("publish_date")]
    assert sum(score.same_day(a, b) for a, b in told) / len(told) >= FLOORS["day"]


def test_teasers_stay_above_their_floor_and_out_of_the_body(aeb, score):
    labelled = json.loads((YARDSTICK / "aeb" / "teasers.json").read_text("utf-8"))
    right = wrong = missed = leaks = 0
    for key, url, gold, article in aeb:
        if key in labelled:
            tp, fp, fn, _ = score.teaser_counts(labelled[key], article.teasers, url)
            right, wrong, missed = right + tp, wrong + fp, missed + fn
            leaks += score.leak_counts(labelled[key], gold, article.text)[0]
    assert 2 * right / (2 * right + wrong + missed) >= FLOORS["teaser f1"]
    assert leaks <= FLOORS["leaks"]
