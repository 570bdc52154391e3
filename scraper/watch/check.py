"""The flow: look at one target once. What a look means is judged elsewhere; who may look when is visit's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol, TypeVar

from scraper.clock import Clock
from scraper.detect.ledger import party_groups
from scraper.discover.autodiscover import named_sitemaps, usual_places
from scraper.fetch.message import Fetched, Fetcher, FetchRequest, FetchResult, NotModified
from scraper.fetch.steps import origin
from scraper.fetch.validators import Validators, to_send
from scraper.url import canonical, identity
from scraper.watch.follow import follow
from scraper.watch.judge import GONE, Look, judge
from scraper.watch.policy import Policy
from scraper.watch.read import ArticleReading, LeadsReading, Reading, ReadJob, Trouble, read
from scraper.watch.writer import Writer
from storage.records.observation import Capture
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
    result = await follow(request_for(target, policy), hands.fetcher)
    look = await _read(target, result, policy, hands)
    return replace(await settle(look, policy, hands), requests=result.requests)


async def settle(look: Look, policy: Policy, hands: Hands) -> CheckReport:
    """Recall, judge and keep, in one transaction."""
    result, now = look.result, hands.clock.now()

    def judged(work: Work) -> tuple[Verdict, Kept]:
        known = work.target(look.target.id) if look.target.id is not None else look.target
        fresh = replace(look, target=known)  # the visit may have given it an item since it was found due
        recall = work.recall(known, question_of(fresh)) if _needs_recall(fresh) else Recall()
        verdict = judge(fresh, recall, policy, now=now)
        if isinstance(result, Fetched) and not look.same_body:
            work.keep_capture(_capture(look, result, now))
        return verdict, work.keep(verdict)

    return report_of(*await hands.writer.write(judged))


def _capture(look: Look, result: Fetched, now: datetime) -> Capture:
    """The answer as evidence; the cookies that it sets may open a members' area."""
    headers = tuple(pair for pair in result.headers if pair[0] != "set-cookie")
    return Capture(
        source=look.target.source, url=result.final_url, at=now, status=result.status, raw=look.raw, sent=result.sent,
        headers=headers,
    )  # fmt: skip


def request_for(target: Target, policy: Policy) -> FetchRequest:
    """What to ask: the address with last time's validators, trusted but for each twelfth look.

    The source's own headers go to the origins that the configuration names; a feed may lead anywhere.
    """
    source = policy.source
    had = Validators(etag=target.etag, last_modified=target.last_modified)
    known = to_send(had, looks=target.checks, lies=target.lies)
    known = Validators() if _is_reread(target, policy) else known
    accept = {"accept": FEED_TYPES} if target.kind in (TargetKind.FEED, TargetKind.SITEMAP) else {}
    ours = origin(target.url) in {origin(address) for address in (source.url, *source.discover) if address}
    return FetchRequest(
        url=target.url, source=target.source, etag=known.etag, last_modified=known.last_modified,
        headers=source.headers if ours else (), browser=source.browser and not accept, **accept,
    )  # fmt: skip


def _is_reread(target: Target, policy: Policy) -> bool:
    """What a first look left alone is wanted now: an unchanged list is read again for it."""
    return policy.widen and target.kind.discovers


async def _read(target: Target, result: FetchResult, policy: Policy, hands: Hands) -> Look:
    """The look with its reading; the same bytes as last time need none."""
    if not isinstance(result, Fetched):
        return Look(target=target, result=result)
    look = Look(target=target, result=result, raw=await asyncio.to_thread(hands.archive.put, result.body))
    if look.same_body and not result.hops and not _is_reread(target, policy):
        return look
    job = ReadJob(
        kind=target.kind, url=result.final_url, body=result.body, content_type=result.header("content-type"),
        seen=hands.clock.now(), hint=target.published, language=policy.source.language,
        publisher=policy.source.organisation, organisations=policy.organisations,
    )  # fmt: skip
    return replace(look, reading=with_other_ways(await hands.reader.read(read, job), target, result))


def with_other_ways(reading: Reading | Trouble, target: Target, result: Fetched) -> Reading | Trouble:
    """Sitemaps of robots.txt beside a list that the configuration names; the usual places where that lists no news."""
    if not isinstance(reading, LeadsReading) or target.origin != "given" or target.kind is TargetKind.PAGE:
        return reading
    leads = reading.leads
    more = named_sitemaps(result.sitemaps, result.final_url)
    if not leads.items and not leads.more:
        more += tuple(replace(lead, origin="guess") for lead in usual_places(result.final_url))
    return LeadsReading(leads=replace(leads, more=(*leads.more, *more)))


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
    if look.target.kind is TargetKind.PAGE:
        return isinstance(look.result, Fetched | NotModified)
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
        parts=tuple(report_of(*pair) for pair in zip(verdict.parts, kept.parts, strict=True) if pair[0].changes),
    )  # fmt: skip
