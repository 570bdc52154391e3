"""The ledger's pages: filters, pictures, an entry from close by, and a person's word kept as the command line does."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import pytest

from scraper.detect.ledger import keys_of
from storage.records.partnership import Partnership
from tests.builders import NOW, a_date, a_witness, an_event
from tests.web.conftest import Visit
from tests.web.harness import DESKTOP, PHONE, Answer, Dashboard

VIEWS = ("", "?view=network", "?view=timeline", "?view=expiring")
WAYS = (*(f"/partnerships{view}" for view in VIEWS), "/partnerships/1")


def add(dashboard: Dashboard, *parties: str, urls: tuple[str, ...] = ("https://a.test/1",), **facts: Any) -> int:
    """One more entry of the ledger; its number."""
    event = an_event(*parties, **facts)
    told = tuple(a_witness(url, told=event) for url in urls)
    entry = Partnership(event=event, first_seen=NOW, witnesses=told)
    with dashboard.app.store.begin() as work:
        return work.keep_entry(entry, keys_of(entry))


def entry(dashboard: Dashboard, key: int) -> Partnership:
    found = dashboard.app.catalogue().partnership(key)
    assert found is not None
    return found


def say(dashboard: Dashboard, key: int, verb: str, **form: str) -> Answer:
    cookie = dashboard.ask("/").cookie
    (word, *_) = re.findall(r'name="csrf" value="(\w+)"', dashboard.ask(f"/partnerships/{key}", Cookie=cookie).text)
    return dashboard.post(f"/partnerships/{key}/{verb}", cookie, **{"csrf": word, **form})


def correct(dashboard: Dashboard, key: int, **changed: str) -> Answer:
    """The form as the page shows it, with these fields changed."""
    page = dashboard.ask(f"/partnerships/{key}").text
    fields = {
        name: re.search(rf'id="{name}" name="{name}" value="([^"]*)"', page) for name in ("date", "since", "until")
    }
    form = {name: found[1] for name, found in fields.items() if found}
    for name in ("instrument", "action"):
        (form[name],) = re.findall(
            r'value="(\w+)" selected', page.partition(f'name="{name}"')[2].partition("</select>")[0]
        )
    form["parties"] = re.search(r'name="parties"[^>]*>([^<]*)<', page)[1]  # type: ignore[index]
    return say(dashboard, key, "correct", **(form | changed))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESKTOP])
@pytest.mark.parametrize("way", WAYS)
def test_it_fits_every_window(dashboard: Dashboard, visit: Visit, way: str, width: int, theme: str) -> None:
    look = visit(dashboard.url + way, width, theme)
    assert (look.status, look.troubles, look.overflow) == (200, [], 0)


@pytest.mark.parametrize("way", WAYS)
def test_nothing_that_an_enemy_wrote_runs_or_leaves(evil: Dashboard, visit: Visit, way: str) -> None:
    look = visit(evil.url + way)
    assert (look.status, look.troubles, look.overflow) == (200, [], 0)
    assert "expiring" in way or "<script>alert(1)</script>" in look.text


def test_filters_narrow_and_what_is_no_filter_is_said(own: Dashboard) -> None:
    mine = add(own, "COCIR", "HIMSS", instrument="mou", action="ended", certainty="possible")
    row = f'id="partnership-{mine}"'
    for query in ("instrument=mou", "action=ended", "certainty=possible", "party=COCIR", "until=2026-06-01",
                  "instrument=mou&action=ended", "status=open"):  # fmt: skip
        assert row in own.ask(f"/partnerships?{query}").text, query
    for query in ("instrument=loi", "instrument=mou&action=signed", "party=Nobody", "since=2026-06-01", "source=wire"):
        assert row not in own.ask(f"/partnerships?{query}").text, query
    assert own.ask("/partnerships?action=hugged").status == 422
    assert own.ask("/partnerships?since=soon").status == 422


def test_a_long_ledger_has_pages_that_go_on_where_the_last_ended(own: Dashboard) -> None:
    mine = {add(own, "COCIR", f"Body {n}") for n in range(60)}
    seen: list[str] = []
    path: str | None = "/partnerships?party=COCIR"
    while path:
        page = own.ask(path).text
        seen += re.findall(r'id="partnership-(\d+)"', page)
        older = re.search(r'href="([^"]+)" rel="next"', page)
        path = "/partnerships" + older[1].replace("&amp;", "&").removeprefix("/partnerships") if older else None
    assert len(seen) == len(set(seen))
    assert mine <= set(map(int, seen))


def test_the_network_names_organisations_and_kinds_and_a_table_says_the_same(own: Dashboard) -> None:
    add(own, "COCIR", "HIMSS", instrument="mou", action="ended", date=a_date("2019-05-02"))
    page = own.ask("/partnerships?view=network").text
    (drawn,) = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert all(word in drawn for word in (">COCIR<", ">HIMSS<", "MoU, ended 2019"))
    assert 'href="/organisations/cocir.org"' in drawn
    assert "ended 2 May 2019" in page.partition("</svg>")[2]


def test_the_picture_can_be_kept_as_a_file(dashboard: Dashboard) -> None:
    for view in ("network", "timeline"):
        answer = dashboard.ask(f"/partnerships.svg?view={view}")
        assert answer.headers["content-disposition"] == f'attachment; filename="{view}.svg"'
        assert "EIIC" in "".join(ElementTree.fromstring(answer.text).itertext())


def test_what_runs_out_soon_is_named_unless_it_was_renewed(own: Dashboard) -> None:
    soon = own.app.hands.clock.now().date().isoformat()[:7]
    add(own, "COCIR", "HIMSS", until=soon, date=a_date("2020"))
    add(own, "ESR", "EFRS", until=soon, date=a_date("2020"))
    add(own, "ESR", "EFRS", until="2090", date=a_date("2021"), urls=("https://b.test/2",))
    page = own.ask("/partnerships?view=expiring").text
    assert "COCIR" in page
    assert "EFRS" not in page


def test_an_entry_shows_its_witnesses_sentences_and_who_is_yet_to_announce(dashboard: Dashboard) -> None:
    found = re.search(r'href="/partnerships/(\d+)"[^>]*>EIIC \+ ESHI', dashboard.ask("/partnerships").text)
    assert found
    page = dashboard.ask(f"/partnerships/{found[1]}").text
    assert page.count('<span class="badge good">announced</span>') == 2
    assert re.search(r'<cite class="hint"><a href="/items/\d+#block-\d+">passage', page)
    assert all(f'aria-label="{source}"' in page for source in ("EIIC", "ESHI", "Imaging Wire"))


def test_a_term_is_no_date(own: Dashboard) -> None:
    key = add(own, "COCIR", "HIMSS", until="3 years")
    assert "for 3 years" in own.ask(f"/partnerships/{key}").text


def test_a_confirmed_entry_says_so_and_who_said_it(own: Dashboard) -> None:
    key = add(own, "COCIR", "HIMSS", certainty="possible")
    answer = say(own, key, "confirm", note="asked them")
    assert (answer.status, answer.headers["location"]) == (303, f"/partnerships/{key}?kept=confirm")
    assert (entry(own, key).status, entry(own, key).event.certainty) == ("confirmed", "sure")
    assert "Kept: confirmed by a person (asked them)" in own.ask(answer.headers["location"]).text


@pytest.mark.parametrize(
    ("back", "to"),
    [("/", "/#partnership-"), ("//evil.test", "/#partnership-"), ("https://evil.test/", "/#partnership-")],
)
def test_who_rejects_from_another_page_is_led_back_there_and_nowhere_else(own: Dashboard, back: str, to: str) -> None:
    key = add(own, "COCIR", "HIMSS")
    assert say(own, key, "reject", back=back).headers["location"] == f"{to}{key}"
    assert entry(own, key).status == "rejected"


def test_a_rejected_entry_stands_in_the_ledger_only_where_it_is_asked_for(own: Dashboard) -> None:
    key = add(own, "COCIR", "HIMSS")
    say(own, key, "reject")
    pages = [own.ask(f"/partnerships{query}").text for query in ("", "?status=rejected")]
    assert [f'href="/partnerships/{key}"' in text for text in pages] == [False, True]


def test_only_what_was_changed_in_the_form_is_a_correction(own: Dashboard) -> None:
    key = add(own, "COCIR", "HIMSS", since="2008", until="3 years", date=a_date("2015-06-22"))
    assert correct(own, key, since="2007", until="").status == 303
    (word,) = entry(own, key).words
    assert (word.since, word.without, word.parties, word.instrument, word.date) == ("2007", ("until",), (), None, None)


def test_parties_are_corrected_a_line_each(own: Dashboard) -> None:
    key = add(own, "COCIR", "HIMSS")
    correct(own, key, parties="COCIR\r\nBig Society (BS)\r\n\r\nESR")
    assert [party.acronym or party.name for party in entry(own, key).event.parties] == ["COCIR", "BS", "ESR"]


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [({"date": "soon"}, "date", "is no date"), ({"since": "2020", "until": "2019"}, "until", "2019 is before 2020"),
     ({"action": "hugged"}, "action", "is none"), ({"parties": "COCIR"}, "", "would be left with one party"),
     ({}, "", "correct what?")],
)  # fmt: skip
def test_what_cannot_be_kept_is_said_beside_its_field(
    own: Dashboard, changed: dict[str, str], field: str, words: str
) -> None:
    key = add(own, "COCIR", "HIMSS")
    answer = correct(own, key, **changed)
    assert answer.status == 422
    (fault,) = re.findall(rf'id="fault-correct{field}" role="alert">([^<]*)<', answer.text)
    assert words in fault
    assert entry(own, key).words == ()
    if field in ("date", "since", "until"):
        assert re.search(
            rf'value="{changed[field]}" aria-invalid="true" aria-describedby="fault-correct{field}"', answer.text
        )


def test_merged_entries_lead_to_the_one(own: Dashboard) -> None:
    one, other = add(own, "COCIR", "HIMSS"), add(own, "COCIR", "Gesellschaft", urls=("https://b.test/2",))
    assert say(own, one, "merge", other=str(other)).status == 303
    assert len(entry(own, one).witnesses) == 2
    assert own.ask(f"/partnerships/{other}").headers["location"] == f"/partnerships/{one}"


@pytest.mark.parametrize("other", ["", "x", "999999", "²", "9" * 40, "-1"])
def test_a_merge_with_nothing_is_refused(own: Dashboard, other: str) -> None:
    key = add(own, "COCIR", "HIMSS")
    answer = say(own, key, "merge", other=other)
    assert answer.status == 422
    assert 'id="fault-merge' in answer.text


def test_a_page_or_a_body_can_be_taken_out(own: Dashboard) -> None:
    key = add(own, "COCIR", "HIMSS", "ESR", urls=("https://a.test/1", "https://b.test/2"))
    assert say(own, key, "split", out="page:https://b.test/2").status == 303
    assert [witness.url for witness in entry(own, key).witnesses] == ["https://a.test/1"]
    say(own, key, "split", out="party:ESR")
    assert [party.name for party in entry(own, key).event.parties] == ["COCIR", "HIMSS"]
    assert say(own, key, "split").status == 422


def test_no_word_is_kept_without_the_form_s_own(own: Dashboard) -> None:
    key = add(own, "COCIR", "HIMSS")
    assert say(own, key, "reject", csrf="guessed").status == 403
    assert entry(own, key).status == "open"


@pytest.mark.parametrize("path", ["/partnerships/999999", "/partnerships/0", "/partnerships/x"])
def test_what_is_not_there_is_said_so(own: Dashboard, path: str) -> None:
    answer = own.ask(path)
    assert answer.status in (404, 422)
    assert "Traceback" not in answer.text


def test_a_word_that_is_none_is_refused(own: Dashboard) -> None:
    assert say(own, add(own, "COCIR", "HIMSS"), "hug").status == 422


def test_a_form_works_in_a_browser_without_scripts(own: Dashboard, visit: Visit) -> None:
    key = add(own, "COCIR", "HIMSS", certainty="possible")

    async def reject(page: Any) -> str:
        await page.get_by_role("button", name="Reject").click()
        return str(page.url)

    look = visit(f"{own.url}/partnerships/{key}", scripts=False, then=reject)
    assert "Kept: rejected by a person" in look.text


def test_a_field_that_was_not_sent_is_not_spoken_of(own: Dashboard) -> None:
    key = add(own, "COCIR", "HIMSS", since="2008", until="3 years")
    assert say(own, key, "correct", date="2015-06").status == 303
    (word,) = entry(own, key).words
    assert (word.date.value if word.date else "", word.without) == ("2015-06", ())
