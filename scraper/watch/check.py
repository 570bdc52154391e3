"""The flow: look at one target once. What a look means is judged elsewhere; who may look when is visit's."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol, TypeVar

from scraper.clock import Clock
from scraper.detect.ledger import party_groups
from scraper.discover.autodiscover import named_sitemaps, usual_places
from scraper.errors import DamagedError
from scraper.fetch.message import Fetched, Fetcher, FetchRequest, FetchResult, NotModified
from scraper.fetch.steps import origin
from scraper.fetch.validators import Validators, to_send
from scraper.url import canonical, identity
from scraper.watch.brake import Held, upsets
from scraper.watch.follow import follow
from scraper.watch.judge import GONE, ISSUE, Look, judge
from scraper.watch.policy import Policy
from scraper.watch.read import (
    ArticleReading,
    Beside,
    LeadsReading,
    Reading,
    ReadJob,
    Trouble,
    document_of,
    read,
    read_beside,
)
from scraper.watch.writer import Writer
from storage.records.article import Article
from storage.records.observation import Capture, Observation
from storage.records.source import Source, SourceId, Target, TargetKind
from storage.records.verdict import CheckReport, Kept, Question, Recall, Verdict
from storage.store import Work

LOG = logging.getLogger("accordwatch")
T = TypeVar("T")
LANGUAGES = ("bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "hr", "hu", "it", "lt", "lv", "nl", "no", "pl",
             "pt", "ro", "sk", "sl", "sv")  # fmt: skip
_LANGUAGE = re.compile(r"/([a-z]{2})(?=/|-[a-z]{2}/)", re.I)
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
    """Look at one target once and believe it. No transaction is open while we wait for the network or a parser."""
    policy = hands.policy(target.source)
    look = await _look(target, policy, hands)
    return replace(await settle(look, policy, hands), requests=look.result.requests)


async def check_or_hold(target: Target, *, hands: Hands) -> CheckReport | Held:
    """The same, but what changed a known article, or took it away, is given back unkept: whoever visits its host sees
    the others first.
    """
    policy = hands.policy(target.source)
    look = await _look(target, policy, hands)
    bare = replace(look.result, body=b"") if isinstance(look.result, Fetched) else look.result
    now, requests = hands.clock.now(), look.result.requests

    def hold(work: Work) -> CheckReport | Held:
        before, verdict = judged(look, work, policy, now)
        if target.kind is TargetKind.ARTICLE and upsets(verdict):
            _keep_capture(look, work, now)
            return Held(look=replace(look, result=bare), requests=requests)
        return replace(_kept(look, before, verdict, work, policy, now), requests=requests)

    return await hands.writer.write(hold)


async def settle(look: Look, policy: Policy, hands: Hands) -> CheckReport:
    """Recall, judge and keep, in one transaction."""
    now = hands.clock.now()
    return await hands.writer.write(lambda work: _kept(look, *judged(look, work, policy, now), work, policy, now))


def _kept(look: Look, before: Target, verdict: Verdict, work: Work, policy: Policy, now: datetime) -> CheckReport:
    _keep_capture(look, work, now)
    whole = report_of(verdict, work.keep(verdict, before=before))
    verdicts = [judged(item, work, policy, now)[1] for item in _items(look, verdict, work, now)]
    return replace(whole, items=tuple(report_of(each, work.keep(each)) for each in verdicts))


def _items(look: Look, verdict: Verdict, work: Work, now: datetime) -> Iterator[Look]:
    """A look at each item of an issue, at a target of its own: known by its title, and never fetched by itself."""
    if verdict.outcome != ISSUE or not isinstance(look.reading, ArticleReading) or not isinstance(look.result, Fetched):
        return
    for item in look.reading.items:
        url = item.article.url
        part = Target(
            source=look.target.source, kind=TargetKind.ARTICLE, url=url, origin=ISSUE, due=now, retired=True,
            identity=f"{look.target.identity}#{url.partition('#')[2]}", looked=look.target.looked,
            title=item.article.title, published=look.target.published,
        )  # fmt: skip
        yield replace(look, target=work.the_target(part), reading=item, result=replace(look.result, hops=()))


def judged(look: Look, work: Work, policy: Policy, now: datetime) -> tuple[Target, Verdict]:
    """The target and the verdict on a look by what memory holds at this moment; a quiet look asks it nothing."""
    if not _needs_recall(look):
        return look.target, judge(look, Recall(), policy, now=now)
    known = work.target(look.target.id) if look.target.id is not None else look.target
    fresh = replace(look, target=known)  # the visit may have given it an item since it was found due
    return known, judge(fresh, work.recall(known, question_of(fresh)), policy, now=now)


def _keep_capture(look: Look, work: Work, now: datetime) -> None:
    """The answer as evidence; the cookies that it sets may open a members' area."""
    if not isinstance(look.result, Fetched) or look.same_body:
        return
    for result, raw in ((look.result, look.raw), *look.documents):
        headers = tuple(pair for pair in result.headers if pair[0] != "set-cookie")
        work.keep_capture(
            Capture(
                source=look.target.source, url=result.final_url, at=now, status=result.status, raw=raw,
                sent=result.sent, headers=headers,
            )
        )  # fmt: skip


async def _look(target: Target, policy: Policy, hands: Hands) -> Look:
    return await _read(target, await follow(request_for(target, policy), hands.fetcher), policy, hands)


def request_for(target: Target, policy: Policy) -> FetchRequest:
    """What to ask: the address with last time's validators, trusted but for each twelfth look.

    The source's own headers go to the origins that the configuration names; a feed may lead anywhere.
    """
    source = policy.source
    had = Validators(etag=target.etag, last_modified=target.last_modified)
    known = to_send(had, looks=target.checks, lies=target.lies)
    known = Validators() if _is_reread(target, policy) else known
    accept = {"accept": FEED_TYPES} if target.kind in (TargetKind.FEED, TargetKind.SITEMAP) else {}
    return FetchRequest(
        url=target.url, source=target.source, etag=known.etag, last_modified=known.last_modified,
        headers=source.headers if source.headers and _is_ours(target.url, source) else (),
        browser=source.browser and not accept, **accept,
    )  # fmt: skip


def _is_ours(url: str, source: Source) -> bool:
    return origin(url) in {origin(address) for address in (source.url, *source.discover) if address}


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
        seen=hands.clock.now(), hint=target.published, publisher=policy.source.organisation,
        organisations=policy.organisations, hints=policy.source.hints,
    )  # fmt: skip
    reading = with_other_ways(await hands.reader.read(read, job), target, result)
    if (document := document_of(reading)) and isinstance(reading, ArticleReading):
        return await _with_document(look, document, replace(job, cover=reading.article), reading, hands)
    return replace(look, reading=reading, beside=await _beside(target, reading, job, hands))


async def _with_document(look: Look, url: str, job: ReadJob, stub: ArticleReading, hands: Hands) -> Look:
    """The look with the text of the document that its page only points to; the stub where that cannot be had."""
    got = await hands.fetcher.fetch(FetchRequest(url=url, source=look.target.source))
    look = replace(look, reading=stub, result=replace(look.result, requests=look.result.requests + got.requests))
    if not isinstance(got, Fetched):
        return look
    look = replace(look, documents=((got, await asyncio.to_thread(hands.archive.put, got.body)),))
    job = replace(job, url=got.final_url, body=got.body, content_type=got.header("content-type"))
    reading = await hands.reader.read(read, job)
    fit = isinstance(reading, ArticleReading) and reading.article.unfit is None
    return replace(look, reading=reading) if fit else look


async def _beside(target: Target, reading: Reading, job: ReadJob, hands: Hands) -> Beside | None:
    """Where an article is not what memory has: the version known, read from its archived body by today's reader."""
    if not isinstance(reading, ArticleReading) or (item := target.item) is None:
        return None
    known = await hands.writer.write(lambda work: work.latest(item))
    if known is None or not known.raw or _as_known(reading, known):
        return None
    try:
        body = await asyncio.to_thread(hands.archive.get, known.raw)
    except DamagedError as error:  # no reason to stop: what was read of it then is compared
        LOG.warning("%s", error)
        return None
    if body is None:
        return None
    then = replace(job, body=body, seen=known.seen)
    beside = await hands.reader.read(read_beside, then, known.version, job.body)
    return beside if isinstance(beside, Beside) else None


def _as_known(reading: ArticleReading, known: Observation) -> bool:
    days = (article.published.value if article.published else "" for article in (reading.article, known.article))
    return reading.fingerprint.content == known.fingerprint.content and len(set(days)) == 1


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
                translations=_elsewhere(reading.article, look.target.url),
                published=reading.article.published.value if reading.article.published else "",
            )  # fmt: skip
        case LeadsReading() as reading:
            leads = (*reading.leads.items, *reading.leads.more)
            there = [look.result.final_url] if isinstance(look.result, Fetched) and look.result.hops else []
            addresses = (*(lead.url for lead in leads), *there)
            return Question(identities=tuple(identity(canonical(address)) for address in addresses))
        case _:
            return Question()


def _elsewhere(article: Article, url: str) -> tuple[str, ...]:
    """Where the same item may stand in other languages: as its page says, or as its address does (/de/..., /fr/...)."""
    named = [identity(address) for address in article.translations]
    spots = [spot for spot in _LANGUAGE.finditer(url) if spot[1].lower() in LANGUAGES]
    swapped = [f"{url[: spot.start(1)]}{other}{url[spot.end(1) :]}" for spot in spots[:1] for other in LANGUAGES]
    return tuple(dict.fromkeys((*named, *(identity(address) for address in swapped if address != url))))


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
