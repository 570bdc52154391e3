"""`status`, `mute` and the gauges: what each says of the same sources, for people and for machines."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from scraper.cli.commands import app
from scraper.clock import SystemClock
from scraper.config import load
from scraper.telemetry.metrics import Metrics
from scraper.watch.overview import overview
from storage.records.health import Span
from storage.records.source import SourceId, Target
from storage.store import Store
from tests.builders import DAY, HOUR, a_target, a_verdict

NOW = SystemClock().now()
BAD = "answered 403; see whether a browser may read it"
KEYS = {"source", "state", "last_good", "next", "complete_since", "gaps"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two sources: one well since yesterday with a gap that was closed and one that is not; one that refuses us."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text(
        '[fetch]\ncontact = "me@office.eu"\n[[sources]]\nid = "a"\nname = "Alpha"\nurl = "https://a.eu/feed"\n'
        '[[sources]]\nid = "b"\nname = "Beta"\nurl = "https://b.eu/feed"\n'
    )
    config = load(None, environ={})
    store = Store(config.storage.url, config.storage.archive)
    with store.begin() as work:
        work.sync_sources(config.sources)
        for number, facts in enumerate(({}, {"failures": 3, "trouble": BAD})):
            way = work.the_target(a_way("ab"[number], **facts))
            spans = (9, False), (5, True)
            for days, whole in spans if not number else ():
                until = NOW - days * DAY
                span = Span(since=until - 3 * HOUR, until=until, whole=whole, run=until - DAY, why="answered 503")
                work.keep(a_verdict(way, span=span))
            work.keep_target(way)
    store.close()
    return tmp_path


def a_way(name: str, **facts: Any) -> Target:
    known = {"first_checked": NOW - 20 * DAY, "last_checked": NOW - HOUR, "last_good": NOW - HOUR, "due": NOW + HOUR}
    return replace(a_target(f"https://{name}.eu/feed", "feed", source=SourceId(name), changes=3), **{**known, **facts})


def run(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.stdout


def test_json_names_state_last_look_next_look_and_gaps(home: Path) -> None:
    well, ill = json.loads(run("status", "--json", code=1))
    assert well.keys() >= KEYS
    assert (well["state"], ill["state"]) == ("healthy", "blocked")
    assert [set(gap) for gap in well["gaps"]] == [{"from", "to", "why"}]
    assert [gap["why"] for gap in well["closed"]] == ["answered 503"]
    assert well["complete_since"] == well["gaps"][0]["to"]
    assert (ill["complete_since"], ill["gaps"][0]["to"]) == (None, None)


def test_a_person_sees_a_line_a_source_and_all_of_one(home: Path) -> None:
    lines = run("status", code=1).splitlines()
    assert [any(name in line for line in lines) for name in ("Alpha", "Beta", "answered 403")] == [True, True, True]
    one = run("status", "b", code=1)
    assert "what to do" in one
    assert "see whether a browser may read it" in one
    assert "Alpha" not in one


def test_one_that_is_well_is_exit_0(home: Path) -> None:
    assert "caught up" in run("status", "a")


def test_an_unknown_source_is_told(home: Path) -> None:
    result = CliRunner().invoke(app, ["status", "c"])
    assert "c" in str(result.exception)


def test_a_muted_source_is_watched_and_calls_nobody(home: Path) -> None:
    run("mute", "b")
    assert json.loads(run("status", "--json"))[1]["muted"] is True
    assert "blocked, muted" in run("status", "b")
    (muted,) = [line for line in run("status").splitlines() if "muted" in line]
    assert "Beta" in muted
    run("mute", "b", "--off")
    assert "muted" not in run("status", code=1)
    assert "muted = false" in (home / "config.toml").read_text()
    run("status", code=1)


def test_gauges_show_the_same(home: Path) -> None:
    config = load(None, environ={})
    store = Store(config.storage.url, config.storage.archive)
    numbers = Metrics(store.catalogue, lambda: overview(store.catalogue(), config.sources, NOW)).text().decode()
    store.close()
    assert 'accordwatch_source_state{source="b",state="blocked"} 1.0' in numbers
    assert 'accordwatch_source_state{source="b",state="healthy"} 0.0' in numbers
    assert 'accordwatch_source_open_gaps{source="a"} 1.0' in numbers
    good = next(
        line for line in numbers.splitlines() if line.startswith('accordwatch_source_last_good_seconds{source="a"')
    )
    assert timedelta(seconds=float(good.split()[1])) == timedelta(seconds=(NOW - HOUR).timestamp())
