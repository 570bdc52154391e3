"""Values for the alert tests: each builder gives a likely one, and the test says only what matters to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from scraper.alert.happening import Happening
from storage.records.alert import Alert, Person, Rule
from storage.records.article import Article, Block, DateFact, Quote
from storage.records.change import Change, ChangeKind
from storage.records.partnership import (
    Evidence,
    HistoryNote,
    LedgerMove,
    Partnership,
    PartnershipEvent,
    PartnershipId,
    Party,
    Witness,
)
from storage.records.source import ItemId, Source, SourceId

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)  # a Friday
WEEK = timedelta(days=7)
COCIR = Party(name="COCIR", organisation="cocir.org")
HIMSS = Party(name="Healthcare Information and Management Systems Society", acronym="HIMSS", organisation="himss.org")
ESR = Party(name="European Society of Radiology", acronym="ESR", organisation="myesr.org")
SENTENCE = "COCIR and HIMSS today renewed their cooperation agreement, first signed in 2008."
PAGE = "https://www.cocir.org/news/cocir-and-himss-renew"


def a_source(**facts: Any) -> Source:
    known = {"id": SourceId("cocir"), "name": "COCIR", "url": "https://www.cocir.org/", "organisation": "COCIR"}
    return Source(**{**known, "tags": ("radiology",), **facts})


def a_person(address: str = "ana@press.eu", **facts: Any) -> Person:
    return Person(**{"id": "ana", "address": address, "timezone": "Europe/Brussels", **facts})


def a_rule(*when: str, **facts: Any) -> Rule:
    known = {"name": "partnerships", "version": "a1b2", "when": when or ("partnership",), "to": (a_person(),)}
    return Rule(**{**known, **facts})


def a_date(value: str, **facts: Any) -> DateFact:
    precision = {4: "year", 7: "month", 10: "day"}[len(value)]
    return DateFact(**{"value": value, "precision": precision, "origin": "dateline", **facts})


def an_event(**facts: Any) -> PartnershipEvent:
    known = {
        "parties": (COCIR, HIMSS),
        "instrument": "cooperation_agreement",
        "action": "renewed",
        "announced": a_date("2026-11-20"),
        "since": "2008",
        "score": 0.97,
        "evidence": (Evidence(sentence=SENTENCE),),
    }
    return PartnershipEvent(**{**known, **facts})


def an_entry(event: PartnershipEvent | None = None, *, known: bool = False, **facts: Any) -> Partnership:
    told = {"event": event or an_event(), "first_seen": NOW, "id": PartnershipId(3) if known else None}
    return Partnership(**{**told, "witnesses": (a_witness(),), **facts})


def a_witness(source: str = "cocir", url: str = PAGE, at: datetime = NOW) -> Witness:
    return Witness(item=ItemId(7), source=SourceId(source), url=url, first_seen=at)


def a_note(what: str, at: datetime = NOW) -> HistoryNote:
    return HistoryNote(at=at, what=what, url=PAGE)


def a_happening(event: PartnershipEvent | None = None, **facts: Any) -> Happening:
    """A partnership that COCIR's page announced today, found two hours after the last look."""
    known = {
        "kind": "partnership",
        "source": a_source(),
        "item_url": PAGE,
        "title": "COCIR and HIMSS renew their agreement",
        "language": "en",
        "published": a_date("2026-11-20"),
        "looked": NOW - timedelta(hours=2),
        "first_seen": NOW,
    }
    if facts.get("kind", "partnership") == "partnership":
        known["move"] = LedgerMove(entry=an_entry(event))
    return Happening(**{**known, **facts})


def a_change(kind: ChangeKind = ChangeKind.EDITED, **facts: Any) -> Change:
    known = {"source": SourceId("cocir"), "url": PAGE, "at": NOW, "item": ItemId(7), "old_version": 1, "new_version": 2}
    return Change(**{**known, "kind": kind, **facts})


def an_alert(**facts: Any) -> Alert:
    known = {
        "key": "partnership:cocir.org+himss.org:accord:renewed:1",
        "rule": "partnerships",
        "rule_version": "a1b2",
        "kind": "partnership",
        "channel": "email",
        "to": "ana@press.eu",
        "subject": "COCIR + HIMSS renew cooperation agreement",
        "because": ("rule partnerships (a1b2): renewed cooperation_agreement; published 20 November 2026",),
        "thread": "partnership:cocir.org+himss.org",
        "created": NOW,
        "due": NOW,
    }
    return Alert(**{**known, **facts})


def an_article(**facts: Any) -> Article:
    known = {
        "url": PAGE,
        "title": "COCIR and HIMSS renew their agreement",
        "language": "en",
        "published": a_date("2026-11-20"),
        "blocks": (Block(kind="paragraph", text=SENTENCE),),
        "quotes": (Quote(speaker="Nora Lind", role="Secretary General", organisation="COCIR", text="A good day."),),
    }
    return Article(**{**known, **facts})
