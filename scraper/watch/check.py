"""The flow: look at one target once. What a look means is judged elsewhere; who may look when is visit's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from scraper.clock import Clock
from scraper.detect.ledger import party_groups
from scraper.discover.autodiscover import usual_places
from scraper.discover.lead import Lead
from scraper.fetch.message import Fetched, Fetcher, FetchRequest, FetchResult, NotModified
from scraper.fetch.validators import Validators, to_send
from scraper.url import canonical, identity
from scraper.watch.judge import GONE, Look, judge
from scraper.watch.policy import Policy
from scraper.watch.read import ArticleReading, LeadsReading, Reading, ReadJob, Trouble, read
from scraper.watch.writer import Writer
from storage.records.source import SourceId, Target, TargetKind
from storage.records.verdict import CheckReport, Kept, Question, Recall, Verdict
from storage.store import Work

T = TypeVar("T")
FEED_TYPES = (
    "application/rss+xml,application/atom+xml,application/feed+json,application/xml;q=0.9,text/xml;q=0.9,*/*;q=0.5"
)


class Bodies(Protocol):
    """Where raw bodies are kept by their hash."""

    def put(self, body: bytes) -> str: ...

    def get(self, key: str) -> bytes | None: ...


class Reader(Protocol):
    """Runs one pure function on one value somewhere, bounded; what goes wrong there is a Trouble, never raised."""

    async def read(self, function: Callable[..., T], *args: Any) -> T | Trouble: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """What the flow holds: network, parser processes, memory, archive, time."""

    fetcher: Fetcher
    reader: Reader
    writer: Writer
    archive: Bodies
    clock: Clock
    policy: Callable[[SourceId], Policy]


async def check(target: Target, *, hands: Hands) -> CheckReport:
    """Look at one target once. No transaction is open while we wait for the network or a parser."""
    policy = hands.policy(target.source)
    result = await hands.fetcher.fetch(request_for(target, policy))
    look = await _read(target, result, policy, hands)
    now = hands.clock.now()

    def settle(work: Work) -> tuple[Verdict, Kept]:
        known = work.target(look.target.id) if look.target.id is not None else look.target
        fresh = replace(look, target=known)  # the visit may have given it an item since it was found due
        recall = work.recall(known, question_of(fresh)) if _needs_recall(fresh) else Recall()
        verdict = judge(fresh, recall, policy, now=now)
        return verdict, work.keep(verdict)

    return replace(report_of(*await hands.writer.write(settle)), requests=result.requests)


def request_for(target: Target, policy: Policy) -> FetchRequest:
    """What to ask: the address with last time's validators, trusted but for each twelfth look, and own headers."""
    known = to_send(Validators(etag=target.etag, last_modified=target.last_modified), looks=target.checks)
    accept = {"accept": FEED_TYPES} if target.kind in (TargetKind.FEED, TargetKind.SITEMAP) else {}
    return FetchRequest(
        url=target.url, source=target.source, etag=known.etag, last_modified=known.last_modified,
        headers=policy.source.headers, **accept,
    )  # fmt: skip


async def _read(target: Target, result: FetchResult, policy: Policy, hands: Hands) -> Look:
    """The look with its reading; the same bytes as last time need none."""
    if not isinstance(result, Fetched):
        return Look(target=target, result=result)
    look = Look(target=target, result=result, raw=await asyncio.to_thread(hands.archive.put, result.body))
    if look.same_body and not result.hops:
        return look
    job = ReadJob(
        kind=target.kind, url=result.final_url, body=result.body, content_type=result.header("content-type"),
        seen=hands.clock.now(), hint=target.published, publisher=policy.source.organisation,
        organisations=policy.organisations,
    )  # fmt: skip
    return replace(look, reading=_with_other_ways(await hands.reader.read(read, job), target, result))


def _with_other_ways(reading: Reading | Trouble, target: Target, result: Fetched) -> Reading | Trouble:
    """Where a page named in the configuration lists no news, its robots.txt and the usual places may know some."""
    if not isinstance(reading, LeadsReading) or target.origin != "given" or reading.leads.items or reading.leads.more:
        return reading
    named = tuple(Lead(url=url, kind=TargetKind.SITEMAP, origin="robots") for url in result.sitemaps)
    usual = tuple(replace(lead, origin="guess") for lead in usual_places(result.final_url))
    return LeadsReading(leads=replace(reading.leads, more=(*named, *usual)))


def question_of(look: Look) -> Question:
    """What memory is asked, drawn from the reading."""
    match look.reading:
        case ArticleReading() as reading:
            found = reading.findings
            bodies = (party for told in (found.events, found.related) for each in told for party in each.parties)
            return Question(
                content=reading.fingerprint.content, bands=reading.fingerprint.bands,
                parties=party_groups(bodies),
                identities=tuple(identity(canonical(lead.url)) for lead in reading.leads),
            )  # fmt: skip
        case LeadsReading() as reading:
            leads = (*reading.leads.items, *reading.leads.more)
            return Question(identities=tuple(identity(canonical(lead.url)) for lead in leads))
        case _:
            return Question()


def _needs_recall(look: Look) -> bool:
    """A quiet look asks memory nothing, unless the item was gone before."""
    if isinstance(look.result, NotModified) or look.reading is None:
        return bool(look.target.gone_checks) or getattr(look.result, "status", None) in GONE
    return not isinstance(look.reading, Trouble)


def report_of(verdict: Verdict, kept: Kept) -> CheckReport:
    """A verdict in short."""
    target = verdict.target
    article = verdict.observation.article if verdict.observation else None
    return CheckReport(
        source=target.source, url=target.url, kind=target.kind.value, outcome=verdict.outcome, item=kept.item,
        title=article.title if article else target.title,
        changes=tuple(change.kind.value for change in verdict.changes),
        partnerships=sum(move.entry.id is None for move in verdict.ledger), alerts=kept.alerts,
        new_targets=kept.targets,
        trouble=target.trouble, because=verdict.because, verdict=verdict,
    )  # fmt: skip
