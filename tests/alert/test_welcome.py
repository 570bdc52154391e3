"""The mail after the first baseline."""

from __future__ import annotations

from typing import Any

from scraper.alert.compose import AlertFacts
from scraper.alert.welcome import SourceRead, WelcomeFacts, compose_welcome
from storage.records.alert import Message
from tests.alert.builders import NOW, an_alert, an_entry
from tests.alert.test_compose import HOSTILE, opened

COCIR = SourceRead(name="COCIR", url="https://www.cocir.org/", found="feed", articles=48, oldest="2026-05-24")
HIMSS = SourceRead(
    name="HIMSS", url="https://www.himss.org/", trouble="answers 403", remedy="accordwatch check-sources himss --fix"
)


def a_welcome(*sources: SourceRead, **facts: Any) -> Message:
    reader = AlertFacts(alert=an_alert(kind="welcome", key="welcome", thread=""), now=NOW, sender="watch@press.eu")
    return compose_welcome(reader, WelcomeFacts(**{"sources": sources or (COCIR, HIMSS), **facts}))


def test_it_says_what_was_read_and_which_source_needs_a_person():
    message = a_welcome()
    assert opened(message)["Subject"] == "accordwatch is watching 2 sources, 1 of them needs you"
    assert "48 articles from its feed, back to 24 May 2026" in message.text
    needy = message.text.split("These sources need a person")[1]
    assert "* HIMSS\n  answers 403\n  accordwatch check-sources himss --fix" in needy


def test_names_of_a_page_are_no_articles():
    partners = SourceRead(name="ECC partners", url="https://ecc.eu/partners", found="page", articles=4)
    text = " ".join(a_welcome(COCIR, partners, ledger=(an_entry(),), partnerships=1).text.split())
    assert "The first look is done: 48 articles and 4 names read." in text
    assert "4 names from its page" in text
    assert "The ledger begins with 1 partnership -" in text


def test_it_shows_what_the_ledger_holds():
    text = a_welcome(ledger=(an_entry(),), partnerships=31).text
    assert "The ledger begins with 31 partnerships" in text
    assert "* COCIR + HIMSS renew cooperation agreement\n  20 November 2026" in text


def test_when_all_is_well_nobody_is_called():
    message = a_welcome(COCIR)
    assert message.subject == "accordwatch is watching 1 source"
    assert "need a person" not in message.text


def test_hostile_names_do_not_break_it():
    opened(a_welcome(*(SourceRead(name=words, url=words, trouble=words) for words in HOSTILE.values())))
