"""The ledger on the command line: lists, ties, the graph, and a person's word that survives what pages say later."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from scraper.cli.commands import app
from scraper.cli.ties import graphml
from scraper.detect.ledger import keys_of, moves, ties
from scraper.errors import ConfigError
from storage.records.article import DateFact
from storage.records.partnership import Partnership, PartnershipEvent, Witness
from storage.sql.rows import alert_row
from storage.sql.tables import outbox
from storage.sql.targets import insert_new
from storage.store import Store
from tests.builders import NOW, a_date, a_finding, a_move, a_source, a_target, an_alert, an_event


class Told:
    """A ledger that a test fills page by page, as checks would."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(f"sqlite:///{folder}/accordwatch.db", folder / "archive")
        with self.store.begin() as work:
            work.sync_sources((a_source(),))

    def page(self, url: str, event: PartnershipEvent | None = None, **facts: Any) -> int:
        """One page tells of an event; the entry's number."""
        told = event or an_event(**facts)
        witness = Witness(source=a_source().id, url=url, first_seen=NOW)
        with self.store.begin() as work:
            known = tuple(e for n in range(1, 9) if (e := work.entry(n)) is not None)
            move = moves(told, witness, known, now=NOW)
            return work.keep_entry(move.entry, move.keys)

    def entry(self, key: int) -> Partnership:
        found = self.store.catalogue().partnership(key)
        assert found is not None
        return found


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Told:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text('[storage]\nurl = "sqlite:///accordwatch.db"\n')
    return Told(tmp_path)


def run(*words: str) -> str:
    result = CliRunner().invoke(app, ["partnerships", *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def said(*words: str) -> Any:
    return json.loads(run(*words, "--json"))


def test_without_a_word_it_lists(told: Told) -> None:
    told.page("https://a.test/1")
    (row,) = said()
    assert (row["id"], row["status"], [w["url"] for w in row["witnesses"]]) == (1, "open", ["https://a.test/1"])
    assert "COCIR + HIMSS" in run()
    assert [r["id"] for r in csv.DictReader(io.StringIO(run("--csv")))] == ["1"]
    assert said("--party", "ESR") == []


def test_a_possible_entry_that_is_confirmed_is_sure_whatever_pages_tell_later(told: Told) -> None:
    told.page("https://a.test/1", certainty="possible")
    row = said("confirm", "1", "--by", "ana")
    assert (row["status"], row["certainty"], row["history"][-1]["what"]) == ("confirmed", "sure", "confirmed by ana")
    told.page("https://b.test/2", certainty="possible")
    assert told.entry(1).event.certainty == "sure"


def test_a_rejected_entry_stays_so_and_what_waits_of_it_is_not_sent(told: Told) -> None:
    told.page("https://a.test/1")
    with told.store.begin() as work:
        insert_new(work.connection, outbox, [alert_row(an_alert(partnership=1))])
    assert "1 waiting alert(s)" in run("reject", "1", "--note", "a joke")
    told.page("https://b.test/2", until="3 years")
    assert told.entry(1).status == "rejected"
    assert told.store.catalogue().totals().waiting == 0


def test_a_rejected_entry_stands_in_no_list_unless_it_is_asked_for(told: Told) -> None:
    told.page("https://a.test/1")
    told.page("https://a.test/2", an_event("ESR", "EIBIR"))
    run("reject", "1")
    assert [row["id"] for row in said()] == [2]
    assert [row["id"] for row in csv.DictReader(io.StringIO(run("--csv")))] == ["2"]
    assert [row["id"] for row in said("--all")] == [2, 1]
    assert [row["id"] for row in said("--kind", "rejected")] == [1]
    exported = CliRunner().invoke(app, ["export", "partnerships"], catch_exceptions=False).stdout.splitlines()
    assert [json.loads(line)["status"] for line in exported] == ["open", "rejected"]


def test_a_correction_lies_over_what_pages_say_now_and_later(told: Told) -> None:
    told.page("https://a.test/1", date=a_date("2026-03-01"))
    row = said("correct", "1", "--party", "COCIR", "--party", "Big Society (BS)", "--instrument", "mou",
               "--date", "2026-02-28", "--since", "2008", "--until", "3 years")  # fmt: skip
    assert [p["name"] for p in row["parties"]][1] == "Big Society"
    assert (row["instrument"], row["date"]["value"], row["since"], row["until"]) == ("mou", "2026-02-28", "2008",
                                                                                     "3 years")  # fmt: skip
    assert told.page("https://b.test/2", date=a_date("2026-03-01")) == 1
    held = told.entry(1).event
    assert (held.date.value if held.date else "", [p.acronym for p in held.parties][1]) == ("2026-02-28", "BS")
    assert said("correct", "1", "--date", "none")["date"] is None


def test_merged_entries_are_one_and_the_other_number_leads_to_it(told: Told) -> None:
    told.page("https://a.test/1")
    other = told.page("https://b.test/2", an_event("COCIR", "Gesellschaft"))
    row = said("merge", "1", str(other))
    assert len(row["witnesses"]) == 2
    assert [r["id"] for r in said()] == [1]
    assert told.entry(other).id == 1
    assert told.page("https://b.test/2", an_event("COCIR", "Gesellschaft")) == 1


def test_a_page_split_off_is_an_entry_of_its_own_and_never_comes_back(told: Told) -> None:
    told.page("https://a.test/1")
    told.page("https://b.test/2", an_event("COCIR", "HIMSS", "ESR"))
    assert "that page is entry 2 now" in run("split", "1", "--page", "https://b.test/2")
    assert [p.name for p in told.entry(1).event.parties] == ["COCIR", "HIMSS"]
    assert told.page("https://b.test/2", an_event("COCIR", "HIMSS", "ESR")) == 2
    assert len(told.entry(1).witnesses) == 1


def test_a_party_split_off_is_not_taken_in_again(told: Told) -> None:
    told.page("https://a.test/1", an_event("COCIR", "HIMSS", "ESR"))
    run("split", "1", "--party", "ESR")
    told.page("https://b.test/2", an_event("COCIR", "HIMSS", "ESR"))
    assert [p.name for p in told.entry(1).event.parties] == ["COCIR", "HIMSS"]


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("confirm", "9"), "entry 9 is not in the ledger"),
        (("merge", "1", "1"), "cannot be merged with itself"),
        (("split", "1", "--page", "https://a.test/1"), "beside others"),
        (("split", "1", "--party", "COCIR"), "left with one party"),
        (("correct", "1", "--action", "danced"), '"danced" is none'),
        (("correct", "1", "--date", "2026-02-31"), "is no date"),
        (("correct", "1"), "correct what?"),
    ],
)
def test_what_cannot_be_is_one_line(told: Told, words: tuple[str, ...], fault: str) -> None:
    told.page("https://a.test/1")
    result = CliRunner().invoke(app, ["partnerships", *words])
    assert fault in str(result.exception).replace(":", "")
    assert told.entry(1).words == ()


def test_ties_tell_since_when_renewed_when_and_until_when(told: Told) -> None:
    told.page("https://a.test/1", action="signed", date=a_date("2019-03-01"), since="2008", until="3 years")
    told.page("https://a.test/2", action="renewed", date=a_date("2022-03-01"), until="3 years")
    (tie,) = said("--ties")
    assert (tie["since"], tie["renewed"], tie["expires"], tie["state"]) == ("2008", ["2022-03-01"], "2025-03-01",
                                                                            "expired")  # fmt: skip
    told.page("https://a.test/3", action="ended", date=a_date("2023-01-10"))
    (tie,) = said("--ties")
    assert (tie["ended"], tie["expires"], tie["state"], tie["events"]) == ("2023-01-10", None, "ended", ["1", "2", "3"])
    assert "cooperation_agreement" in run("--ties")


def test_a_graph_of_hostile_names_opens(told: Told, tmp_path: Path) -> None:
    told.page("https://a.test/1", an_event('<b>"A" & \x00\x1b]]></b>', "HIMSS", "ESR\ud800\ufffe"))
    run("--graphml", "ties.graphml")
    root = ElementTree.fromstring((tmp_path / "ties.graphml").read_bytes())
    space = "{http://graphml.graphdrawing.org/xmlns}"
    assert (len(root.findall(f".//{space}node")), len(root.findall(f".//{space}edge"))) == (3, 3)
    labels = [data.text for data in root.findall(f".//{space}node/{space}data[@key='node-label']")]
    assert any('<b>"A" &' in (label or "") for label in labels)


def test_a_graph_of_nothing_opens_too() -> None:
    ElementTree.fromstring(graphml(ties(()), date(2026, 3, 2)))


def test_the_keys_of_an_entry_are_those_of_the_pages_too(told: Told) -> None:
    told.page("https://a.test/1", announced=DateFact(value="2026-03-01", precision="day", origin="feed"))
    run("correct", "1", "--party", "Alpha (AL)", "--party", "Beta (BE)")
    assert {"id:cocir.org", "name:be"} <= set(keys_of(told.entry(1)))


def test_explain_tells_a_persons_word_first(told: Told) -> None:
    with told.store.begin() as work:
        work.add_targets([a_target()])
        (target,) = work.targets_of(a_source().id)
        work.keep(a_finding(target, ledger=(a_move(),)))
    run("reject", "1", "--by", "ana", "--note", "a joke")
    result = CliRunner().invoke(app, ["explain", "1", "--json"], catch_exceptions=False)
    first = json.loads(result.stdout)["because"][0]
    assert (first["rule"], first["reason"]) == ("a person's word", "entry 1 was rejected by ana (a joke)")
    assert "a person's word entry 1 was rejected" in CliRunner().invoke(app, ["explain", "1"]).stdout


@pytest.mark.parametrize(
    ("since", "until"), [("2020", "2019"), ("2020-06", "2020-05-31"), ("2020-01-02", "2020-01-01")]
)
def test_a_tie_that_ends_before_it_began_is_refused(told: Told, since: str, until: str) -> None:
    told.page("https://a.test/1", until="3 years")
    with pytest.raises(ConfigError, match=f"--until: {until} is before {since}"):
        CliRunner().invoke(app, ["partnerships", "correct", "1", "--since", since, "--until", until],
                           catch_exceptions=False)  # fmt: skip
    assert told.entry(1).words == ()


def test_a_year_and_a_month_within_it_do_not_contradict_each_other(told: Told) -> None:
    told.page("https://a.test/1")
    assert said("correct", "1", "--since", "2020-06", "--until", "2020")["until"] == "2020"


@pytest.mark.parametrize(("form", "seen"), [("network", "cooperation"), ("timeline", "renewed")])
def test_a_picture_is_a_whole_svg_with_names_and_kinds(told: Told, form: str, seen: str) -> None:
    told.page("https://a.test/1", an_event("COCIR", "<script>"))
    run("--picture", "ledger.svg", "--as", form)
    root = ElementTree.fromstring(Path("ledger.svg").read_text())
    drawn = [text for text in root.itertext() if text.strip()]
    assert any("COCIR" in text for text in drawn)
    assert any(seen in text for text in drawn)
    assert "<script>" not in Path("ledger.svg").read_text()
