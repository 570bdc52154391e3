"""Stories through time, as far as reading an article and keeping the ledger tell them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from scraper.detect.ledger import amend, moves
from scraper.detect.partnerships import find
from storage.records.article import Article, Block, DateFact
from storage.records.partnership import Findings, LedgerMove, Partnership, Witness
from storage.records.source import ItemId, SourceId

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TITLE = "AER, RFT and NIF sign memorandum"
THREE = (
    "The Alliance of European Radiographers (AER), the Rhine Forum of Technologists (RFT) "
    "and the Nordic Imaging Forum (NIF) "
    "have signed a memorandum of understanding."
)


def told(title: str, text: str, published: str = "2026-03-02") -> Findings:
    blocks = tuple(Block(kind="paragraph", text=p) for p in text.split("\n\n"))
    return find(
        Article(title=title, blocks=blocks, published=DateFact(value=published, precision="day", origin="feed"))
    )


def page(name: str, item: int, *, days: int = 0) -> Witness:
    return Witness(
        item=ItemId(item),
        source=SourceId(name),
        url=f"https://{name}.example/{item}",
        first_seen=NOW + timedelta(days=days),
    )


def kept(found: Findings, witness: Witness, *known: Partnership, days: int = 0) -> LedgerMove:
    return moves(found.events[0], witness, known, now=NOW + timedelta(days=days))


def test_a_relaunch_shows_an_old_release_under_todays_date_and_the_ledger_knows_it():
    text = "The Alliance of European Radiographers (AER) and the Rhine Forum (RFT) signed a memorandum on 22 June 2015."
    first = kept(told("AER and RFT sign", text, "2015-06-22"), page("aer", 1))
    again = told("AER and RFT sign", text, "2026-03-02")
    assert again.events == ()
    assert [r.kind for r in again.related] == ["background", "background"] or again.related
    assert first.entry.event.date is not None


def test_one_partner_announces_without_a_date_and_the_other_brings_date_and_term():
    bare = "The Alliance of European Radiographers (AER) and the Rhine Forum (RFT) have signed a memorandum."
    full = (
        "On 27 February 2026 the Rhine Forum (RFT) and the Alliance of European Radiographers (AER) signed "
        "a memorandum of "
        "understanding for three years."
    )
    first = kept(told("AER and RFT sign memorandum", bare), page("aer", 1)).entry
    move = kept(told("RFT and AER sign memorandum", full, "2026-03-04"), page("rft", 2, days=2), first, days=2)
    assert move.adds == ("gives the day of the act: 2026-02-27", "says it is for 3 years")


def test_an_agreement_in_a_year_in_review_is_late_or_possible_but_not_lost():
    text = (
        "It was a full year for the Harbour Society (HS): three congresses and a new office. Many members came.\n\n"
        "The library was moved. A garden was laid out for visitors.\n\n"
        "In June the Harbour Society (HS) signed a memorandum of understanding with the Coast Guild (CG)."
    )
    (event,) = told("Our year in review", text, "2025-12-20").events
    assert event.certainty == "possible"


def test_a_portrait_with_an_old_letter_and_this_months_renewal_is_one_renewal():
    text = (
        "AER and RFT know each other well. AER and RFT signed a letter of intent in 2013.\n\n"
        "In March 2026 the letter of intent was renewed by the Alliance of European Radiographers (AER) "
        "and the Rhine Forum (RFT)."
    )
    (event,) = told("Our partner RFT", text).events
    assert (event.action, event.instrument, event.since) == ("renewed", "loi", "2013")


def test_first_they_prepare_then_they_sign():
    before = told(
        "Two bodies draw closer",
        "The Harbour Society (HS) and the Coast Guild (CG) prepare a memorandum of understanding.",
    )
    after = told(
        "Signed", "The Harbour Society (HS) and the Coast Guild (CG) have signed the memorandum of understanding."
    )
    assert ([r.kind for r in before.related], before.events, len(after.events)) == (["intended"], (), 1)


def test_a_partner_gone_and_a_softened_verb_amend_the_entry():
    before, edited = (
        told(TITLE, THREE),
        told(
            "AER and RFT plan memorandum",
            "The Alliance of European Radiographers (AER) and the Rhine Forum of Technologists (RFT) intend to sign "
            "a memorandum of "
            "understanding.",
        ),
    )
    first = kept(before, page("aer", 1)).entry
    assert edited.events == ()
    move = amend(before.events[0], None, page("aer", 1), (first,), now=NOW + timedelta(hours=6))
    assert move is not None
    assert (move.adds, move.entry.event.certainty) == (("no longer says that it was signed",), "possible")


def test_three_parties_of_a_list_are_three():
    (event,) = told(TITLE, THREE).events
    assert [p.acronym for p in event.parties] == ["AER", "RFT", "NIF"]


def test_a_joint_letter_is_a_neighbour_and_no_partnership():
    text = (
        "31 bodies, among them the Harbour Society (HS), the Coast Guild (CG) and the Nordic Imaging Forum (NIF), "
        "call on "
        "ministers in a joint letter to sign the agreement on data."
    )
    found = told("31 associations write joint letter", text)
    assert (found.events, {r.kind for r in found.related}) == ((), {"joint_statement"})


def test_an_estate_agents_college_with_a_watched_acronym_is_another_body():
    text = (
        "El Colegio de Corredores Inmobiliarios (COCIR) firmó un convenio de colaboración con la Universidad del Plata."
    )
    (event,) = told("COCIR firma convenio", text).events
    assert all(p.organisation is None for p in event.parties)
