"""The JSON shapes that the program promises, in one place; every face prints what is made here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import accumulate
from typing import Any, overload

from scraper.catalogue import CatalogueEntry
from scraper.schema import (
    AlertJson,
    ArticleJson,
    ChangeJson,
    DateJson,
    DiffJson,
    EventJson,
    EvidenceJson,
    ExplanationJson,
    FullItemJson,
    GapJson,
    HealthJson,
    HitJson,
    HostJson,
    ItemFacts,
    ItemJson,
    PartnershipJson,
    PartyJson,
    RelatedJson,
    SourceJson,
)
from storage.records.alert import Alert, Delivery, Reason
from storage.records.article import Article, DateFact
from storage.records.change import Change, Diff
from storage.records.health import Gap, Health
from storage.records.hit import Hit
from storage.records.observation import Item
from storage.records.partnership import Evidence, Findings, Partnership, PartnershipEvent, Party, RelatedEvent
from storage.records.source import Host, Source, Standing
from storage.records.verdict import Verdict

Json = dict[str, Any]


@overload
def moment(value: datetime) -> str: ...
@overload
def moment(value: datetime | None) -> str | None: ...
def moment(value: datetime | None) -> str | None:
    """A moment as ISO 8601 in UTC, to the second."""
    return None if value is None else value.isoformat(timespec="seconds").replace("+00:00", "Z")


def date_json(date: DateFact | None) -> DateJson | None:
    return None if date is None else {"value": date.value, "precision": date.precision, "origin": date.origin}


def article_json(article: Article, findings: Findings) -> ArticleJson:
    """What `inspect --json` prints."""
    return {
        "url": article.url,
        "canonical": article.canonical,
        "title": article.title,
        "deck": article.deck,
        "language": article.language,
        "authors": list(article.authors),
        "published": date_json(article.published),
        "updated": date_json(article.updated),
        "dateline": date_json(article.dateline),
        "text": article.text,
        "blocks": [{"kind": block.kind, "text": block.text} for block in article.blocks],
        "teasers": [
            {"title": t.title, "url": t.url, "heading": t.heading, "snippet": t.snippet, "truncated": t.truncated}
            for t in article.teasers
        ],
        "about": [{"organisation": about.organisation, "text": about.text} for about in article.about],
        "sections": [{"kind": s.kind, "heading": s.heading, "text": s.text} for s in article.sections],
        "quotes": [
            {"speaker": q.speaker, "role": q.role, "organisation": q.organisation, "text": q.text}
            for q in article.quotes
        ],
        "unfit": article.unfit,
        "partnerships": [event_json(event) for event in findings.events],
        "related": [related_json(event) for event in findings.related],
    }


def party_json(party: Party) -> PartyJson:
    return {"name": party.name, "acronym": party.acronym, "organisation": party.organisation}


def evidence_json(evidence: Iterable[Evidence]) -> list[EvidenceJson]:
    return [{"sentence": one.sentence, "block": one.block} for one in evidence]


def event_json(event: PartnershipEvent) -> EventJson:
    return {
        "parties": [party_json(party) for party in event.parties],
        "instrument": event.instrument,
        "action": event.action,
        "date": date_json(event.date),
        "announced": date_json(event.announced),
        "since": event.since,
        "until": event.until,
        "certainty": event.certainty,
        "score": round(event.score, 3),
        "because": [{"part": part, "score": round(score, 3)} for part, score in event.because],
        "evidence": evidence_json(event.evidence),
        "place": event.place,
        "signatories": [{"name": s.name, "role": s.role, "organisation": s.organisation} for s in event.signatories],
        "purpose": event.purpose,
    }


def related_json(event: RelatedEvent) -> RelatedJson:
    return {
        "kind": event.kind,
        "parties": [party_json(party) for party in event.parties],
        "evidence": evidence_json(event.evidence),
    }


def partnership_json(entry: Partnership) -> PartnershipJson:
    """One ledger entry, as `partnerships --json` prints it."""
    return {
        "id": entry.id,
        "status": entry.status,
        "first_seen": moment(entry.first_seen),
        **event_json(entry.event),
        "witnesses": [{"source": w.source, "url": w.url, "first_seen": moment(w.first_seen)} for w in entry.witnesses],
        "history": [{"at": moment(note.at), "what": note.what, "url": note.url} for note in entry.history],
    }


def _facts(item: Item) -> ItemFacts:
    return {
        "id": item.id,
        "source": item.source,
        "url": item.url,
        "title": item.title,
        "published": item.published,
        "first_seen": moment(item.first_seen),
        "last_seen": moment(item.last_seen),
        "state": item.state.value,
        "versions": item.versions,
    }


def item_json(item: Item, witnesses: int) -> ItemJson:
    return {**_facts(item), "witnesses": witnesses}


def full_item_json(
    item: Item, story: Sequence[Item], article: ArticleJson, adds: Sequence[str], changes: Iterable[Change],
    ledger: Iterable[Partnership],
) -> FullItemJson:  # fmt: skip
    """One item from close by, as `show --json` prints it."""
    return {
        **_facts(item),
        "article": article,
        "adds": list(adds),
        "witnesses": [item_json(other, len(story)) for other in story],
        "changes": [change_json(change) for change in changes],
        "partnerships": [partnership_json(entry) for entry in ledger],
    }


def hit_json(hit: Hit) -> HitJson:
    """One answer to a search, as `search --json` prints it."""
    ends = list(accumulate(len(run.text) for run in hit.snippet))
    places = zip(hit.snippet, ends, strict=True)
    return {
        **_facts(hit.item),
        "version": hit.version,
        "current": hit.current,
        "snippet": "".join(run.text for run in hit.snippet),
        "marks": [(end - len(run.text), end) for run, end in places if run.hit],
    }


def change_json(change: Change) -> ChangeJson:
    return {
        "id": change.id,
        "item": change.item,
        "source": change.source,
        "url": change.url,
        "kind": change.kind.value,
        "at": moment(change.at),
        "significance": change.significance,
        "because": list(change.because),
        "old_version": change.old_version,
        "new_version": change.new_version,
    }


def delivery_json(delivery: Delivery) -> AlertJson:
    """One outbox row, as `alerts --json` prints it."""
    alert = delivery.alert
    return {
        "id": alert.id,
        "rule": alert.rule,
        "item": alert.item,
        "kind": alert.kind,
        "channel": alert.channel,
        "to": alert.to,
        "mode": alert.mode,
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "due": moment(alert.due),
        "message_id": delivery.message_id,
        "subject": alert.subject,
        "because": list(alert.because),
        "last_error": delivery.last_error,
    }


def alert_json(alert: Alert) -> Json:
    """One alert that was worked out and is in no outbox, as `alerts --what-if --json` prints it."""
    return {
        "at": moment(alert.created),
        "rule": alert.rule,
        "version": alert.rule_version,
        "item": alert.item,
        "kind": alert.kind,
        "channel": alert.channel,
        "to": alert.to,
        "mode": alert.mode,
        "due": moment(alert.due),
        "subject": alert.subject,
        "because": list(alert.because),
    }


def explanation_json(item: Item, reasons: Sequence[Reason]) -> ExplanationJson:
    return {
        "item": item.id,
        "alerted": any(reason.matched for reason in reasons),
        "because": [
            {
                "rule": reason.rule,
                "version": reason.version,
                "matched": reason.matched,
                "reason": reason.reason,
                "sentence": reason.sentence,
            }
            for reason in reasons
        ],
    }


def diff_json(item: Item, old: int, new: int, diff: Diff) -> DiffJson:
    return {
        "item": item.id,
        "old": old,
        "new": new,
        "blocks": [
            {
                "op": block.op,
                "old": block.old,
                "new": block.new,
                "words": [{"op": run.op, "text": run.text} for run in block.words],
            }
            for block in diff.blocks
        ],
        "facts": list(diff.facts),
    }


def source_json(source: Source, standing: Standing) -> SourceJson:
    return {
        "id": source.id,
        "name": source.name,
        "url": source.url,
        "every": source.every,
        "enabled": source.enabled,
        "tags": list(source.tags),
        "items": standing.items,
        "last_good": moment(standing.last_good),
        "next": moment(standing.due),
    }


def host_json(host: Host) -> HostJson:
    """One host, as `politeness --json` prints it; gaps in seconds, the port left out where it is the usual one."""
    return {
        "host": host.authority.removesuffix(":443"),
        "requests": host.requests,
        "bytes": host.bytes,
        "not_modified": host.not_modified,
        "shortest_gap": None if host.shortest_gap is None else round(host.shortest_gap, 3),
        "crawl_delay": host.crawl_delay,
        "refused": host.refused,
        "trouble": host.trouble,
    }


def health_json(health: Health) -> HealthJson:
    """One source now, as `status --json` prints it."""
    return {
        "source": health.source,
        "name": health.name,
        "url": health.url,
        "state": health.state,
        "reason": health.reason,
        "remedy": health.remedy,
        "since": moment(health.since),
        "last_good": moment(health.last_good),
        "next": moment(health.next),
        "muted": health.muted,
        "moved": health.moved,
        "needs_person": health.needs_person,
        "complete_since": moment(health.complete_since),
        "complete_until": moment(health.complete_until),
        "gaps": [gap_json(gap) for gap in health.gaps],
        "closed": [{**gap_json(gap), "closed": moment(gap.closed)} for gap in health.closed],
    }


def gap_json(gap: Gap) -> GapJson:
    """A time in which something may be missing; `to` is null while it goes on."""
    return {"from": moment(gap.since), "to": moment(gap.until), "why": gap.why}


def catalogue_json(entry: CatalogueEntry) -> Json:
    """One association of the catalogue with its candidate addresses, as `sources --catalogue --json` prints it."""
    return {
        "acronym": entry.acronym,
        "name": entry.name,
        "country": entry.country,
        "sector": entry.sector,
        "languages": list(entry.languages),
        "url": entry.best.url,
        "evidence": entry.best.sentence(),
        "candidates": [
            {"kind": each.kind, "url": each.url, "evidence": each.evidence, "seen": each.seen or None}
            for each in entry.addresses
        ],
    }


def verdict_json(verdict: Verdict) -> Json:
    """One verdict in short, as `crawl --dry-run --json` and `demo --json` print it."""
    article = verdict.observation.article if verdict.observation else None
    return {
        "source": verdict.target.source,
        "url": verdict.target.url,
        "kind": verdict.target.kind.value,
        "outcome": verdict.outcome,
        "title": article.title if article else verdict.target.title,
        "because": list(verdict.because),
        "changes": [{"kind": change.kind.value, "because": list(change.because)} for change in verdict.changes],
        "partnerships": [event_json(move.entry.event) for move in verdict.ledger],
        "alerts": [alert.subject for alert in verdict.alerts],
        "new_targets": len(verdict.targets),
    }
