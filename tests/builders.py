"""Values for tests of the memory and the flow: each builder gives a likely one, the test says what matters to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from scraper.config.settings import WatchSettings
from scraper.detect.fingerprint import fingerprint
from scraper.discover.lead import Lead
from scraper.fetch.message import Failed, Fetched, Hop
from scraper.url import canonical, identity
from scraper.watch.policy import Policy
from scraper.watch.read import ArticleReading
from storage.records.alert import Alert, Message, Person, Rule
from storage.records.article import Article, Block, DateFact
from storage.records.change import Change, ChangeKind
from storage.records.observation import Item, ItemState, Observation
from storage.records.partnership import Evidence, Findings, LedgerMove, Partnership, PartnershipEvent, Party, Witness
from storage.records.source import ItemId, Source, SourceId, Target, TargetId, TargetKind
from storage.records.verdict import Verdict

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SITE = "https://www.cocir.org"
PAGE = f"{SITE}/news/cocir-and-himss-renew"
SENTENCE = "COCIR and HIMSS today renewed their cooperation agreement, first signed in 2008."
STORY = (
    SENTENCE,
    "The two organisations will go on to work together on the standards that hospitals need when they exchange images, "
    "reports and referrals with their neighbours, and they will hold two workshops a year for their members.",
    "A joint committee of six people, three from either side, will look after the work and report every spring.",
)


def a_source(name: str = "cocir", **facts: Any) -> Source:
    known = {"id": SourceId(name), "name": name.upper(), "url": f"{SITE}/news", "organisation": name.upper()}
    return Source(**{**known, **facts})


def a_person(address: str = "ana@press.eu", **facts: Any) -> Person:
    return Person(**{"id": "ana", "address": address, **facts})


def a_rule(*when: str, **facts: Any) -> Rule:
    known = {"name": "all", "version": "a1b2", "when": when or ("partnership",), "to": (a_person(),)}
    return Rule(**{**known, **facts})


def a_policy(*rules: Rule, **facts: Any) -> Policy:
    """How the source is judged; names of [watch] settings may be given as they are."""
    watch = {name: facts.pop(name) for name in tuple(facts) if name in WatchSettings.__dataclass_fields__}
    return Policy(**{"source": a_source(), "watch": WatchSettings(**watch), "rules": rules, **facts})


def a_date(value: str, **facts: Any) -> DateFact:
    precision = {4: "year", 7: "month", 10: "day"}[len(value)]
    return DateFact(**{"value": value, "precision": precision, "origin": "dateline", **facts})


def an_article(*paragraphs: str, **facts: Any) -> Article:
    blocks = tuple(Block(kind="paragraph", text=text) for text in paragraphs or STORY)
    known = {"url": PAGE, "title": "COCIR and HIMSS renew their agreement", "language": "en", "blocks": blocks}
    return Article(**{**known, "published": a_date("2026-03-02"), **facts})


def an_observation(of: Article | None = None, **facts: Any) -> Observation:
    article = of or an_article()
    return Observation(**{"seen": NOW - DAY, "article": article, "fingerprint": fingerprint(article), **facts})


def a_target(url: str = PAGE, kind: str = "article", **facts: Any) -> Target:
    known = {"source": SourceId("cocir"), "kind": TargetKind(kind), "url": url, "identity": identity(canonical(url))}
    return Target(**{**known, "due": NOW, **facts})


def a_known_target(url: str = PAGE, kind: str = "article", **facts: Any) -> Target:
    """One that memory has given its id; an article that has become item 7."""
    item = ItemId(7) if kind == "article" else None
    return a_target(url, kind, **{"id": TargetId(3), "item": item, "looked": NOW - 9 * DAY, **facts})


def an_item(**facts: Any) -> Item:
    known = {"id": ItemId(7), "source": SourceId("cocir"), "url": PAGE, "title": "COCIR and HIMSS renew"}
    seen = {"state": ItemState.PRESENT, "first_seen": NOW - 8 * DAY, "last_seen": NOW - DAY, "versions": 1}
    return Item(**{**known, **seen, **facts})


def a_lead(path: str, kind: str = "article", **facts: Any) -> Lead:
    return Lead(**{"url": f"{SITE}{path}", "kind": TargetKind(kind), "origin": "listing", **facts})


def an_event(*parties: str, **facts: Any) -> PartnershipEvent:
    named = tuple(Party(name=name, organisation=f"{name.lower()}.org") for name in parties or ("COCIR", "HIMSS"))
    known = {"parties": named, "instrument": "cooperation_agreement", "action": "renewed", "score": 0.9}
    return PartnershipEvent(**{**known, "evidence": (Evidence(sentence=SENTENCE),), **facts})


def a_witness(url: str = PAGE, **facts: Any) -> Witness:
    return Witness(**{"source": SourceId("cocir"), "url": url, "first_seen": NOW, **facts})


def a_move(*parties: str, **facts: Any) -> LedgerMove:
    """A new entry of the ledger, told by the page; `id`, `witnesses`, `history` are the entry's."""
    entry = {k: facts.pop(k) for k in tuple(facts) if k in Partnership.__dataclass_fields__}
    told = {"event": an_event(*parties), "first_seen": NOW, "witnesses": (a_witness(),), **entry}
    keys = tuple(party.organisation or party.name for party in told["event"].parties)
    return LedgerMove(**{"entry": Partnership(**told), "keys": keys, **facts})


def a_change(kind: ChangeKind = ChangeKind.NEW, **facts: Any) -> Change:
    return Change(**{"source": SourceId("cocir"), "url": PAGE, "kind": kind, "at": NOW, **facts})


def an_alert(key: str = "new:1", **facts: Any) -> Alert:
    known = {"key": key, "rule": "all", "rule_version": "a1b2", "kind": "new", "channel": "email", "to": "ana@press.eu"}
    return Alert(**{**known, "subject": f"News {key}", "created": NOW, "due": NOW, **facts})


def a_message(message_id: str = "<1@press.eu>", **facts: Any) -> Message:
    known = {"message_id": message_id, "subject": "News", "to": "ana@press.eu", "text": "Read", "html": "<p>Read</p>"}
    return Message(**{**known, "raw": b"Subject: News\r\n\r\nRead\xff\r\n", **facts})


def a_verdict(target: Target, **facts: Any) -> Verdict:
    """A quiet one, unless it is told more."""
    return Verdict(**{"target": target, "at": NOW, "outcome": "read", "because": ("looked",), **facts})


def a_finding(target: Target, article: Article | None = None, **facts: Any) -> Verdict:
    """The verdict on an article seen for the first time."""
    seen = an_observation(article or an_article(url=target.url), seen=NOW)
    known = {"seen": True, "new_item": True, "observation": seen, "changes": (a_change(url=target.url, new_version=1),)}
    return a_verdict(target, **{**known, **facts})


def a_reading(
    article: Article | None = None, *events: PartnershipEvent, leads: tuple[Lead, ...] = ()
) -> ArticleReading:
    """What reading an article's page brought."""
    read = article or an_article()
    return ArticleReading(article=read, fingerprint=fingerprint(read), findings=Findings(events=events), leads=leads)


def a_page(url: str = PAGE, **facts: Any) -> Fetched:
    """A good answer; `hops` may be statuses of redirects that led from there to `final_url`."""
    hops = tuple(Hop(url=url, status=status) for status in facts.pop("hops", ()))
    return Fetched(**{"url": url, "final_url": url, "status": 200, "body": b"<html>", "hops": hops, **facts})


def a_failure(status: int | None = None, kind: str = "status", **facts: Any) -> Failed:
    reason = f"answered {status}" if status else kind
    return Failed(**{"url": PAGE, "kind": kind, "reason": reason, "status": status, **facts})
