"""What a judgement needs besides the facts: settings, rules, and how alerts are drawn from a verdict."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from scraper.alert.happening import KIND_OF_CHANGE, Happening, key_of, relationship
from scraper.alert.rules import Same, decide, same_party
from scraper.config.settings import WatchSettings
from scraper.detect.organisations import same_party as same_body
from storage.records.alert import Rule
from storage.records.article import Article, DateFact
from storage.records.change import ChangeKind
from storage.records.partnership import LedgerMove, Organisation, Partnership
from storage.records.source import Source, SourceId
from storage.records.verdict import Recall, Verdict

TAKEN_BACK = timedelta(days=90)  # within which a release that goes was taken back


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How one source is to be judged."""

    source: Source
    watch: WatchSettings = field(default_factory=WatchSettings)
    rules: tuple[Rule, ...] = ()
    organisations: tuple[Organisation, ...] = ()
    muted: frozenset[SourceId] = frozenset()
    same: Same = same_party
    widen: bool = False  # what a first look left alone is wanted now, as far back as the source's first_crawl says


def decided(
    verdict: Verdict,
    recall: Recall,
    policy: Policy,
    *,
    article: Article | None = None,
    added_text: str = "",
    known_since: str = "",
) -> Verdict:
    """The verdict with the alerts that its changes and ledger moves make, and each rule's reason.

    `known_since` is the day since when the same text is known from elsewhere.
    """
    published = _published(article, known_since) or verdict.target.published
    happenings = tuple(_happenings(verdict, recall, policy, article, published, added_text))
    if not happenings:
        return verdict
    told = decide(happenings, policy.rules, now=verdict.at, alert_age=policy.watch.alert_age, same=policy.same)
    places = {key_of(happening): place for place, happening in enumerate(happenings) if happening.move}
    alerts = tuple(replace(alert, partnership=places.get(alert.key)) for alert in told.alerts)
    return replace(verdict, alerts=alerts, reasons=told.reasons)


def _published(article: Article | None, known_since: str) -> DateFact | None:
    """The oldest day that the text gives itself: a site that moves puts today's date on releases of ten years ago."""
    if article is None or article.published is None:
        return None
    dates = [article.published]
    dates += [d for d in article.date_candidates if d.origin in ("dateline", "url") and d.precision != "year"]
    dates += [DateFact(value=known_since, precision="day", origin="memory")] if known_since else []
    return min(dates, key=DateFact.latest)


def _happenings(
    verdict: Verdict,
    recall: Recall,
    policy: Policy,
    article: Article | None,
    published: DateFact | None,
    added_text: str,
) -> list[Happening]:
    target = verdict.target
    common: dict[str, Any] = {
        "source": policy.source, "item_url": verdict.moved_to or target.url, "article": article,
        "title": article.title if article else target.title, "language": article.language if article else "",
        "published": published, "looked": target.looked,
        "first_seen": recall.item.first_seen if recall.item else verdict.at,
    }  # fmt: skip
    moves = [
        Happening(
            kind="partnership",
            move=move,
            thread=_thread(move.entry, recall),
            unheard=unheard(move, target.url, policy),
            **common,
        )
        for move in verdict.ledger
    ]
    told = _told_lately(verdict, recall)
    changes = [
        Happening(
            kind=KIND_OF_CHANGE[change.kind], change=change, added_text=added_text,
            tells=told is not None and change.kind in (ChangeKind.WITHDRAWN, ChangeKind.RESTORED),
            thread=_thread(told, recall) if told else "",
            **common,
        )
        for change in verdict.changes
        if change.kind in KIND_OF_CHANGE
    ]  # fmt: skip
    return moves + _neighbours(verdict, recall, common) + changes


def _told_lately(verdict: Verdict, recall: Recall) -> Partnership | None:
    """The event that this article was mailed for not long ago: who heard of it should hear that the page is gone.

    Releases that leave a site after months or years are tidied away, and take nothing back.
    """
    item = recall.item
    if item is None or verdict.target.looked is None or verdict.at - item.first_seen > TAKEN_BACK:
        return None
    sure = (entry for entry in recall.ledger if entry.event.certainty == "sure" and entry.status != "rejected")
    return next((entry for entry in sure if any(witness.item == item.id for witness in entry.witnesses)), None)


def unheard(move: LedgerMove, page: str, policy: Policy) -> bool:
    """Whether one more page tells of an event that muted sources alone had told of: a source is muted, not an event."""
    if move.entry.id is None or not move.new_witness:
        return False
    return all(witness.source in policy.muted for witness in move.entry.witnesses if witness.url != page)


def _neighbours(verdict: Verdict, recall: Recall, common: dict[str, Any]) -> list[Happening]:
    """What a page tells of intentions and the like where it tells of no act; an edited page what it did not before."""
    before = {(near.event.kind, frozenset(near.event.keys)) for near in recall.neighbours if recall.item is not None}
    told = verdict.related if verdict.observation is not None and not verdict.ledger else ()
    first = {near.kind: near for near in reversed(told) if (near.kind, frozenset(near.keys)) not in before}
    return [Happening(kind="partnership", related=near, **common) for near in first.values()]


def _thread(entry: Partnership, recall: Recall) -> str:
    """Later events of one relationship stand in the thread of its earliest that the ledger holds."""
    held = (known for known in recall.ledger if one_relationship(known, entry))
    return relationship(min(held, key=lambda known: known.id or 0, default=entry))


def one_relationship(one: Partnership, other: Partnership) -> bool:
    """Whether two events are of the same bodies; a third more or less is no other relationship."""
    ours, theirs = one.event.parties, other.event.parties
    shared = sum(any(same_body(party, each) for each in theirs) for party in ours)
    return shared >= 2 and 2 * shared >= max(len(ours), len(theirs))
