"""The API: the shapes of the command line, paged, narrowed, tagged; faults that name thing, cause and remedy."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.cli.test_commands import run
from tests.web.harness import Answer, Dashboard

LISTS = ("items", "changes", "partnerships", "alerts", "sources", "status", "politeness")


def got(dashboard: Dashboard, path: str) -> Any:
    answer = dashboard.ask(f"/api/{path}")
    assert answer.status == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    return json.loads(answer.text)


def next_of(answer: Answer) -> str:
    found = re.fullmatch(r'<(/api/.*)>; rel="next"', answer.headers["link"] or "")
    return found[1] if found else ""


@pytest.mark.parametrize("name", ["items", "changes", "partnerships", "alerts", "sources", "status", "politeness"])
def test_lists_are_what_the_command_line_prints(dashboard: Dashboard, name: str) -> None:
    rows = got(dashboard, name)
    assert rows
    printed = json.loads(run(name, "--json", "--config", str(dashboard.config.path)))
    if name == "status":  # its moments are of now
        rows, printed = [[{**row, "next": ""} for row in each] for each in (rows, printed)]
    assert rows == printed


@pytest.mark.parametrize(("path", "words"), [("items/1", ("show", "1")), ("items/1/explain", ("explain", "1"))])
def test_one_item_is_what_the_command_line_prints(dashboard: Dashboard, path: str, words: tuple[str, ...]) -> None:
    assert got(dashboard, path) == json.loads(run(*words, "--json", "--config", str(dashboard.config.path)))


def test_a_diff_names_its_versions(dashboard: Dashboard) -> None:
    edited = next(row for row in got(dashboard, "items?limit=500") if row["versions"] > 1)
    told = got(dashboard, f"items/{edited['id']}/diff")
    assert (told["item"], told["old"], told["new"]) == (edited["id"], edited["versions"] - 1, edited["versions"])
    assert any(block["op"] != "equal" for block in told["blocks"])


def test_pages_lead_through_a_whole_list_once(dashboard: Dashboard) -> None:
    whole, path, steps = got(dashboard, "items?limit=500"), "/api/items?limit=4&kind=present", []
    while path:
        answer = dashboard.ask(path)
        steps.append(json.loads(answer.text))
        path = next_of(answer)
    assert [row for step in steps for row in step] == [row for row in whole if row["state"] == "present"]
    assert {len(step) for step in steps[:-1]} == {4}


def test_a_search_counts_and_pages(dashboard: Dashboard) -> None:
    first = dashboard.ask("/api/search?q=imaging&limit=2")
    rows, total = json.loads(first.text), int(first.headers["x-total-count"])
    assert len(rows) == 2 < total
    assert all(row["snippet"][start:end].lower() == "imaging" for row in rows for start, end in row["marks"])
    following = json.loads(dashboard.ask(next_of(first)).text)
    assert not {row["id"] for row in rows} & {row["id"] for row in following}
    assert got(dashboard, "search?q=%22%27*%28") == []


def test_filters_narrow_as_on_the_command_line(dashboard: Dashboard) -> None:
    assert {row["source"] for row in got(dashboard, "items?source=eiic")} == {"eiic"}
    assert {row["kind"] for row in got(dashboard, "changes?kind=withdrawn")} == {"withdrawn"}
    assert got(dashboard, "partnerships?party=ESHI")
    assert got(dashboard, "partnerships?party=Nobody") == []
    assert got(dashboard, "items?since=2099-01-01") == []
    assert got(dashboard, "items?until=2099-01-01T00:00:00Z")


@pytest.mark.parametrize("path", [*LISTS, "items/1", "search?q=imaging"])
def test_what_is_known_is_not_sent_again(dashboard: Dashboard, path: str) -> None:
    first = dashboard.ask(f"/api/{path}")
    for known in (first.headers["etag"], f'"other", W/{first.headers["etag"]}', "*"):
        again = dashboard.ask(f"/api/{path}", If_None_Match=known)
        assert (again.status, again.text, again.headers["etag"]) == (304, "", first.headers["etag"])
    assert dashboard.ask(f"/api/{path}", If_None_Match='"other"').status == 200


def test_head_is_get_without_its_body(dashboard: Dashboard) -> None:
    answer = dashboard.ask("/api/items", "HEAD")
    assert (answer.status, answer.text) == (200, "")
    assert answer.headers["etag"] == dashboard.ask("/api/items").headers["etag"]


@pytest.mark.parametrize(
    ("path", "status", "thing"),
    [
        ("items/9999", 404, "item 9999"),
        ("items?source=eiik", 404, "source eiik"),
        ("partnerships/9999", 404, "entry 9999"),
        ("items/1/diff?old=77", 404, "item 1"),
        ("search?q=x+since:never", 422, "since"),
        ("items?limit=0", 422, "limit"),
        ("items?limit=501", 422, "limit"),
        ("items?kind=nonsense", 422, "kind"),
        ("items?after=zz", 422, "after"),
        ("items?since=12", 422, "since"),
        ("items/nine", 422, "key"),
        ("nothing", 404, "/api/nothing"),
    ],
)  # fmt: skip
def test_a_fault_names_thing_cause_and_remedy(dashboard: Dashboard, path: str, status: int, thing: str) -> None:
    answer = dashboard.ask(f"/api/{path}")
    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")
    problem = json.loads(answer.text)
    assert (problem["status"], problem["thing"]) == (status, thing)
    assert problem["cause"]


def test_no_other_origin_is_let_in(dashboard: Dashboard) -> None:
    answer = dashboard.ask("/api/items", Origin="https://evil.test")
    assert answer.headers["access-control-allow-origin"] is None


def test_a_persons_word_is_kept_and_answered_with_the_entry(own: Dashboard) -> None:
    entry = got(own, "partnerships")[0]["id"]
    body = json.dumps({"note": "not so"}).encode()
    said = own.ask(f"/api/partnerships/{entry}/reject", "POST", body, Content_Type="application/json")
    assert (said.status, json.loads(said.text)["status"]) == (200, "rejected")
    lists = [got(own, path) for path in ("partnerships", "partnerships?all=true", "partnerships?kind=rejected")]
    assert [entry in (row["id"] for row in rows) for rows in lists] == [False, True, True]
    assert own.ask(f"/api/partnerships/{entry}/confirm", "POST").status == 200
    assert got(own, f"partnerships/{entry}")["status"] == "confirmed"
    assert own.ask("/api/partnerships/9999/confirm", "POST").status == 404
    assert own.ask("/api/sources/nobody/check", "POST").status == 404


def say(at: Dashboard, entry: int, verb: str, **fields: Any) -> tuple[int, dict[str, Any]]:
    body = json.dumps(fields).encode()
    said = at.ask(f"/api/partnerships/{entry}/{verb}", "POST", body, Content_Type="application/json")
    return said.status, json.loads(said.text)


def test_an_entry_is_corrected_as_by_the_command(own: Dashboard) -> None:
    entry = got(own, "partnerships")[0]["id"]
    status, kept = say(own, entry, "correct", until="2030", date="2026-11", instrument="alliance", note="the contract")
    assert (status, kept["until"], kept["date"]["value"], kept["instrument"]) == (200, "2030", "2026-11", "alliance")
    assert say(own, entry, "correct", until="none")[1]["until"] is None
    status, kept = say(own, entry, "correct", parties=["Alpha Body (AB)", "Beta Body"])
    assert [party["name"] for party in kept["parties"]] == ["Alpha Body", "Beta Body"]


def test_two_entries_become_one_and_a_page_leaves_it_again(own: Dashboard) -> None:
    first, second = (each["id"] for each in got(own, "partnerships")[:2])
    status, whole = say(own, first, "merge", other=second)
    assert (status, whole["id"], got(own, f"partnerships/{second}")["id"]) == (200, first, first)
    pages = [witness["url"] for witness in whole["witnesses"]]
    status, rest = say(own, first, "split", page=pages[-1])
    assert (status, pages[-1] in [witness["url"] for witness in rest["witnesses"]]) == (200, False)


@pytest.mark.parametrize(
    ("verb", "fields", "status", "thing"),
    [
        ("correct", {"date": "soon"}, 422, "date"),
        ("correct", {"instrument": "handshake"}, 422, "instrument"),
        ("correct", {"untill": "2030"}, 422, "untill"),
        ("correct", {"parties": ["A" + " " * 200_000 + "(x", "B Institute"]}, 422, "party"),
        ("correct", {"parties": [f"Body {n}" for n in range(51)]}, 422, "party"),
        ("confirm", {"note": "x" * 2_001}, 422, "note"),
        ("split", {"page": "\ud800"}, 409, "entry 1"),
        ("correct", {}, 409, "entry 1"),
        ("merge", {"other": 1}, 409, "entry 1"),
        ("merge", {"other": 99}, 409, "entry 99"),
        ("split", {"parties": ["Nobody"]}, 409, "entry 1"),
        ("praise", {}, 422, "verb"),
    ],
)
def test_a_word_that_cannot_be_kept_is_refused(
    dashboard: Dashboard, verb: str, fields: dict[str, Any], status: int, thing: str
) -> None:
    found = say(dashboard, 1, verb, **fields)
    assert (found[0], found[1]["thing"]) == (status, thing)


def test_a_form_without_an_end_is_refused(dashboard: Dashboard) -> None:
    said = dashboard.ask("/api/partnerships/1/confirm", "POST", b"x", Content_Type="multipart/form-data")
    assert said.status in (400, 422)


def test_the_document_states_every_shape(dashboard: Dashboard) -> None:
    document = got(dashboard, "openapi.json")
    assert {path.removeprefix("/api/") for path in document["paths"]} >= {*LISTS, "search", "items/{key}"}
    for path, ways in document["paths"].items():
        for way in ways.values():
            assert "$ref" in json.dumps(way["responses"]["200"]["content"]["application/json"]["schema"]), path
            assert "application/problem+json" in way["responses"]["422"]["content"], path


def test_whatever_is_asked_the_answer_is_as_the_document_says(own: Dashboard) -> None:
    schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")
    from hypothesis import HealthCheck, given, settings
    from hypothesis import strategies as st
    from schemathesis.specs.openapi.checks import positive_data_acceptance

    found = schemathesis.openapi.from_dict(got(own, "openapi.json"))
    found.config.base_url = own.url
    cases = st.one_of([operation.ok().as_strategy() for operation in found.get_all_operations()])

    @given(cases)
    @settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
    def holds(case: Any) -> None:
        if case.operation.path != "/api/sources/{name}/check":  # a real look at a site that is gone
            words = case.operation.method.upper() == "POST"  # what a person says may be of the right form and no sense
            case.call_and_validate(excluded_checks=[positive_data_acceptance] if words else [])

    holds()


@pytest.mark.parametrize("path", ["items?lmit=2", "items?cursor=zz", "items/1?limt=2"])
def test_a_parameter_that_is_none_is_refused(dashboard: Dashboard, path: str) -> None:
    answer = dashboard.ask(f"/api/{path}")
    assert answer.status == 422
    assert "is no parameter here" in json.loads(answer.text)["cause"]


def test_a_parameter_mistyped_is_guessed(dashboard: Dashboard) -> None:
    assert 'did you mean "limit"?' in json.loads(dashboard.ask("/api/items?lmit=2").text)["cause"]
