"""The ledger: one entry for one act, however many pages tell of it, and in words only what is new."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scraper.detect.ledger import amend, announced_by, moves, party_keys, ties
from storage.records.article import DateFact, Precision
from storage.records.partnership import LedgerMove, Partnership, PartnershipEvent, PartnershipId, Party, Witness
from storage.records.source import ItemId, SourceId

NOW = datetime(2024, 5, 6, 12, tzinfo=UTC)
ALPHA = Party(name="Harbour Society", acronym="HS", organisation="hs.example")
BETA = Party(name="Coast Guild", acronym="CG")
GAMMA = Party(name="Union of Lighthouse Keepers", acronym="ULK")


def day(value: str, origin: str = "text") -> DateFact:
    precision: Precision = "day" if len(value) == 10 else "month" if len(value) == 7 else "year"
    return DateFact(value=value, precision=precision, origin=origin)


def an_event(*parties: Party, action: str = "signed", instrument: str = "mou", **facts: object) -> PartnershipEvent:
    event = PartnershipEvent(parties=parties or (ALPHA, BETA), instrument=instrument, action=action, score=0.9)  # type: ignore[arg-type]
    return replace(event, **facts)  # type: ignore[arg-type]


def a_witness(name: str = "a", *, after: timedelta = timedelta(0), item: int | None = None) -> Witness:
    url = f"https://{name}.example/news"
    return Witness(item=ItemId(item) if item else None, source=SourceId(name), url=url, first_seen=NOW + after)


def held(event: PartnershipEvent, witness: Witness | None = None, ident: int = 1) -> Partnership:
    entry = moves(event, witness or a_witness(), (), now=NOW).entry
    return replace(entry, id=PartnershipId(ident))


def told(event: PartnershipEvent, *known: Partnership, name: str = "b", days: int = 1) -> LedgerMove:
    return moves(event, a_witness(name, after=timedelta(days=days)), known, now=NOW + timedelta(days=days))


def test_the_first_telling_makes_an_entry():
    move = moves(an_event(), a_witness(), (), now=NOW)
    assert (move.entry.id, move.adds, len(move.entry.witnesses)) == (None, (), 1)


def test_the_same_act_on_another_page_is_a_witness_more():
    move = told(an_event(BETA, ALPHA), held(an_event()))
    assert (move.entry.id, len(move.entry.witnesses), move.adds) == (1, 2, ())


def test_the_same_page_again_is_no_new_witness():
    known = held(an_event(), a_witness(item=7))
    assert not moves(an_event(), a_witness(item=7), (known,), now=NOW).new_witness


def test_a_twin_supplies_the_day_and_says_where_it_is_from():
    move = told(an_event(date=day("2024-05-03")), held(an_event()))
    assert move.entry.event.date == day("2024-05-03", "twin")


def test_what_a_twin_supplies_is_said_in_words():
    move = told(an_event(date=day("2024-05-03"), until="3 years"), held(an_event()))
    assert move.adds == ("gives the day of the act: 2024-05-03", "says it is for 3 years")


def test_a_third_party_is_added():
    move = told(an_event(ALPHA, BETA, GAMMA), held(an_event()))
    assert move.adds == ("names Union of Lighthouse Keepers as a party too",)


def test_a_contradicted_day_is_said_and_the_first_one_stays():
    move = told(an_event(date=day("2024-05-04")), held(an_event(date=day("2024-05-03"))))
    assert (move.adds, move.entry.event.date) == (
        ("gives another day of the act: 2024-05-04, not 2024-05-03",),
        day("2024-05-03"),
    )


@pytest.mark.parametrize(("first", "later"), [("2024-05-03", "2024-05-04"), ("2024-05-04", "2024-05-03")])
def test_a_text_that_says_today_and_is_printed_again_keeps_its_first_day(first: str, later: str):
    move = told(an_event(date=day(later, "relative")), held(an_event(date=day(first, "relative"))))
    assert (move.adds, move.entry.event.date and move.entry.event.date.value) == ((), "2024-05-03")


def test_a_fuller_name_is_taken_over_in_silence():
    move = told(an_event(), held(an_event(Party(name="HS"), Party(name="CG"))))
    assert (move.entry.event.parties[1], move.adds) == (Party(name="Coast Guild", acronym="CG"), ())


def test_the_end_of_a_tie_is_an_event_of_its_own_and_refers_to_the_first():
    move = told(an_event(action="ended"), held(an_event()), days=400)
    assert move.entry.id is None
    assert "before it: HS and CG: mou signed (2024-05-06)" in {note.what for note in move.entry.history}


def test_another_agreement_of_the_same_bodies_years_later_is_another_event():
    assert told(an_event(), held(an_event()), days=700).entry.id is None


def test_a_sponsorship_beside_a_memorandum_is_another_event():
    assert told(an_event(instrument="sponsorship"), held(an_event())).entry.id is None


def test_two_days_far_apart_are_two_acts():
    known = held(an_event(date=day("2024-01-10")))
    assert told(an_event(date=day("2024-05-03")), known).entry.id is None


def test_one_body_in_common_is_not_enough():
    assert told(an_event(ALPHA, GAMMA), held(an_event())).entry.id is None


def test_a_persons_word_survives_a_later_witness():
    known = replace(held(an_event()), status="rejected")
    assert told(an_event(), known).entry.status == "rejected"


def test_of_several_entries_the_nearest_in_time_is_meant():
    old = held(an_event(date=day("2024-04-01")), ident=1)
    new = held(an_event(date=day("2024-05-05")), ident=2)
    assert told(an_event(date=day("2024-05-04")), old, new).entry.id == 2


def test_memory_is_asked_by_every_form_of_each_party():
    assert party_keys(an_event()) == ("id:hs.example", "name:cg", "name:coast guild", "name:harbour society", "name:hs")


def test_who_has_announced_is_told_by_the_hosts_of_the_witnesses():
    known = held(an_event(), a_witness("hs"))
    assert announced_by(known, {"hs.example": "hs.example"}) == ((ALPHA, True), (BETA, False))


def test_an_edit_that_drops_a_partner_amends_the_entry_and_keeps_the_original():
    before, page = an_event(ALPHA, BETA, GAMMA), a_witness(item=7)
    known = held(before, page)
    move = amend(before, an_event(ALPHA, BETA), page, (known,), now=NOW)
    assert move is not None
    assert move.adds == ("no longer names Union of Lighthouse Keepers as a party",)
    assert any("said before the edit" in note.what for note in move.entry.history)
    assert move.entry.event.parties == (ALPHA, BETA)


def test_an_edit_that_takes_the_act_back_makes_it_possible_only():
    before, page = an_event(), a_witness(item=7)
    move = amend(before, None, page, (held(before, page),), now=NOW)
    assert move is not None
    assert (move.adds, move.entry.event.certainty) == (("no longer says that it was signed",), "possible")


def test_an_edit_that_another_witness_does_not_share_leaves_the_facts():
    before, page = an_event(), a_witness(item=7)
    known = told(before, held(before, page)).entry
    move = amend(before, None, page, (known,), now=NOW)
    assert move is not None
    assert move.entry.event.certainty == "sure"


@pytest.mark.parametrize(
    "corrected",
    [{"date": day("2026-03-25")}, {"action": "renewed"}, {"instrument": "sponsorship"}, {"certainty": "possible"}],
)
def test_one_announcement_and_one_correction_of_it_are_one_event(corrected: dict[str, Any]):
    before, page = an_event(instrument="mou", date=day("2026-03-01")), a_witness(item=7)
    known = replace(moves(before, page, (), now=NOW).entry, id=PartnershipId(1))
    move = amend(before, replace(before, **corrected), page, (known,), now=NOW)
    assert move is not None
    assert (move.entry.id, move.corrects, [len(tie.events) for tie in ties([move.entry])]) == (1, True, [1])


def test_an_edit_of_other_words_amends_nothing():
    before, page = an_event(), a_witness(item=7)
    assert amend(before, before, page, (held(before, page),), now=NOW) is None
