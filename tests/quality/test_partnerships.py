"""The quality gate of partnership detection: floors on the labelled sets, where they are at hand beside the project."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from benchmarks.partnerships.measure import read, rows
from benchmarks.partnerships.pack_written import half

ROOT = Path(__file__).parents[2]
YARDSTICK = ROOT.parent / "shared" / "yardsticks" / "partnerships"
WRITTEN = ROOT / "benchmarks" / "partnerships" / "written.jsonl"


def _scorer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("partnership_score", YARDSTICK / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _measured(which: str) -> dict[str, Any]:
    if not (YARDSTICK / "score.py").exists():
        pytest.skip("the yardstick is not beside the project")
    scorer = _scorer()
    rows = scorer.load(str(YARDSTICK), which)
    answers, spent = scorer.run(read, rows)
    result: dict[str, Any] = scorer.report(rows, answers, spent)
    return result


@pytest.fixture(scope="module")
def web() -> dict[str, Any]:
    return _measured("web")


@pytest.fixture(scope="module")
def sites() -> dict[str, Any]:
    return _measured("sites")


def test_announcements_are_told_from_look_alikes(web: dict[str, Any]):
    assert web["detection"]["f1"] >= 0.97


def test_hard_look_alikes_stay_silent(web: dict[str, Any]):
    count, right = web["groups"]["class/NEG-HARD"]
    assert right >= 0.95 * count


def test_parties_are_named_and_complete(web: dict[str, Any]):
    assert web["parties_strict_all"]["f1"] >= 0.90
    assert web["parties_strict_all"]["exact"] >= 0.80


def test_instruments_and_actions_are_of_the_right_family(web: dict[str, Any]):
    assert web["instrument"]["family"] >= 0.92
    assert web["action"]["family"] >= 0.95


def test_days_are_right_and_none_is_made_up(web: dict[str, Any]):
    assert web["date"]["exact"] >= 0.80
    assert web["date"]["given_though_none"] <= 2


def test_association_sites_are_read_with_few_false_alarms(sites: dict[str, Any]):
    assert sites["detection"]["fn"] <= 1
    assert sites["detection"]["fp"] <= 2


def test_the_written_half_that_no_rule_was_tuned_on_is_told_right():
    written = [row for line in WRITTEN.read_text("utf-8").splitlines() if half(row := json.loads(line)) == "kept"]
    assert _right(written) >= 0.93 * len(written)


def test_a_set_written_before_the_rules_were_read_is_told_right_in_its_kept_half():
    kept = list(rows(kept=True, folder="third"))
    assert _right(kept) >= 0.91 * len(kept)


def _right(texts: list[dict[str, Any]]) -> int:
    told = ((bool(read(r["title"], r["text"], "", r.get("published"))["partnership"]), r["label"]) for r in texts)
    return sum(found == (label == "POS") for found, label in told)
