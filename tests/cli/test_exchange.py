"""`search`, `export`, `import` and the filters of the lists, as a person or a script meets them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scraper.cli.commands import app
from scraper.cli.face import csv_row, readable
from scraper.detect.ledger import party_keys
from storage.records.partnership import PartnershipEvent, Party
from storage.records.source import SourceId
from storage.store import Store
from tests.builders import NOW, SITE, a_finding, a_move, a_source, a_target, an_article
from tests.cli.test_commands import fails, home, run

__all__ = ["home"]
PARTIES = PartnershipEvent(
    parties=(Party(name="COCIR"), Party(name="HIMSS")), instrument="partnership", action="announced"
)
CONFIG = """# mine
[[sources]]
id = "cocir"
url = "https://www.cocir.org/news"  # theirs
tags = ["imaging", "eu"]
"""


@pytest.fixture
def desk(home: Path) -> Path:
    """A configuration with one source that has three items, one of them in the ledger."""
    (home / "config.toml").write_text(CONFIG)
    store = Store(f"sqlite:///{home}/accordwatch.db", home / "archive")
    with store.begin() as work:
        work.sync_sources((a_source(),))
        work.add_targets(a_target(f"{SITE}/{name}") for name in ("one", "two", "three"))
        for target in sorted(work.targets_of(SourceId("cocir")), key=lambda each: each.id or 0):
            told = (
                {"ledger": (a_move("COCIR", "HIMSS", keys=party_keys(PARTIES)),)} if target.url.endswith("one") else {}
            )
            paragraphs = (f"They signed =1+1 of {target.url}.", "A <b>memorandum</b> \x1b[31m of both.")
            work.keep(a_finding(target, an_article(*paragraphs, url=target.url, title=f"=News {target.url}"), **told))
    store.close()
    return home


def test_search_finds_and_marks_for_people_and_for_machines(desk: Path) -> None:
    assert "They signed" in run("search", "signed", "of both", "-nothing", "--limit", "1")
    (hit, *_) = found = json.loads(run("search", "memorandum source:cocir", "--json"))
    assert len(found) == 3
    assert [hit["snippet"][start:end] for start, end in hit["marks"]] == ["memorandum"]
    assert "nothing answers" in run("search", "of signed both", "-memorandum")
    assert json.loads(run("search", "memorandum", "--party", "HIMSS", "--json"))[0]["url"] == f"{SITE}/one"


def test_no_escape_of_a_page_reaches_the_terminal(desk: Path) -> None:
    assert "\x1b[31m" not in run("search", "memorandum")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("items", "--kind", "nonsense"), '--kind: "nonsense" is not known; known are: present, withdrawn, moved'),
        (("changes", "--kind", "editd"), 'did you mean "edited"?'),
        (("partnerships", "--kind", "x"), "known are: signed"),
        (("alerts", "--kind", "x"), "known are: partnership"),
        (("items", "--since", "yesterday"), "--since"),
        (("search", "x", "--source", "cocr"), 'did you mean "cocir"?'),
        (("search", "-x"), "names no word"),
        (("search", "x since:never"), '"never" is no date'),
        (("export",), "says not what"),
        (("export", "items", "--format", "opml"), "known are: jsonl, csv"),
        (("import", "nowhere.opml"), "name an OPML or CSV file"),
        (("export", "items", "-o", "/proc/x/y"), "name a file in a folder with room"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_one_line(
    desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    code, word = fails(monkeypatch, capsys, *words)
    assert code in (1, 2)
    assert said in word
    assert word.count("\n") == 1


def test_lists_are_narrowed_to_an_organisation(desk: Path) -> None:
    assert [row["url"] for row in json.loads(run("items", "--party", "HIMSS", "--json"))] == [f"{SITE}/one"]
    assert [row["item"] for row in json.loads(run("changes", "--party", "HIMSS", "--json"))] == [1]
    assert json.loads(run("items", "--party", "Nobody", "--json")) == []


def test_exports_hold_what_the_lists_hold_whatever_the_step(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scraper.watch.answers.STEP", 2)
    for what in ("items", "changes", "partnerships"):
        assert [json.loads(line) for line in run("export", what).splitlines()] == json.loads(run(what, "--json"))
        rows = list(csv.DictReader(io.StringIO(run("export", what, "--format", "csv"))))
        assert [row["id"] for row in rows] == [str(row["id"]) for row in json.loads(run(what, "--json"))]
    assert len(run("export", "items", "--limit", "2").splitlines()) == 2


def test_an_export_without_rows_has_its_heading(desk: Path) -> None:
    assert run("export", "items", "--format", "csv", "--since", "2030-01-01").startswith(
        "id,source,url,title,published"
    )


def test_the_text_goes_out_too_and_no_cell_is_a_formula(desk: Path) -> None:
    run("export", "items", "--text", "--format", "csv", "-o", "items.csv")
    rows = list(csv.DictReader(io.StringIO((desk / "items.csv").read_text("utf-8"), newline="")))
    assert {row["language"] for row in rows} == {"en"}
    assert all(row["text"].startswith("They signed") and row["title"].startswith("'=News") for row in rows)
    assert list(desk.glob("*.part")) == []


def test_cells_are_read_by_people() -> None:
    parties = [{"name": "COCIR", "acronym": "COCIR"}, {"name": "European Society of Radiology", "acronym": "ESR"}]
    assert readable(parties) == "COCIR; European Society of Radiology (ESR)"
    assert readable({"value": "2026-03", "precision": "month", "origin": "text"}) == "2026-03"
    assert csv_row({"a": None, "b": ["=x", "y"], "c": -1}) == ["", "'=x; y", "-1"]


@pytest.mark.parametrize("form", ["opml", "csv"])
def test_sources_go_out_and_come_into_another_configuration(desk: Path, form: str) -> None:
    run("export", "sources", "--format", form, "-o", f"mine.{form}")
    assert "is source cocir" in run("import", f"mine.{form}", "--json")
    (desk / "config.toml").write_text("# theirs\n")
    before = (desk / "config.toml").read_text()
    assert "would be added" in run("import", f"mine.{form}", "--dry-run")
    assert (desk / "config.toml").read_text() == before
    run("import", f"mine.{form}")
    added = (desk / "config.toml").read_text()
    assert added.startswith("# theirs\n\n[[sources]]\n")
    assert 'tags = ["imaging", "eu"]' in added


def test_a_file_with_a_fault_adds_the_others_and_needs_a_person(desk: Path) -> None:
    (desk / "more.csv").write_text("name;url\nESR;https://esr.test/\nBad;ftp://bad.test/\n")
    assert "1 added, 1 fault" in run("import", "more.csv", code=1)
    assert (desk / "config.toml").read_text().startswith(CONFIG)
    assert [row["id"] for row in json.loads(run("sources", "--json"))] == ["cocir", "esr"]


def test_what_a_list_may_not_name_is_said_in_a_line_and_not_written(desk: Path) -> None:
    (desk / "evil.csv").write_text("url,headers_env,exclude\nhttps://evil.test/news,HOME,(a+)+$\n")
    told = CliRunner().invoke(app, ["import", "evil.csv"]).stderr
    assert "line 2: headers_env, exclude left out" in " ".join(told.split())
    assert not {"headers_env", "exclude"} & set((desk / "config.toml").read_text().removeprefix(CONFIG).split())
    (row,) = json.loads(run("import", "evil.csv", "--json"))
    assert row["left_out"] == ["headers_env", "exclude"]


def test_a_moment_names_any_zone() -> None:
    from scraper.watch.wanted import moment

    assert moment("2026-03-02T10:00+01:00", "--since") == NOW
