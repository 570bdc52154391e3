"""From bytes to meaning, in one pure call that can run in another process: a body becomes a Reading."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Literal

from scraper.detect.fingerprint import fingerprint
from scraper.detect.organisations import Registry
from scraper.detect.partnerships import find
from scraper.discover.lead import Lead, Leads
from scraper.discover.methods import leads_of
from scraper.discover.teasers import leads_of_teasers
from scraper.parse.article import read_article
from scraper.parse.dates import find_dates
from scraper.parse.pdf import read_pdf
from storage.records.article import Article, DateFact
from storage.records.observation import Fingerprint
from storage.records.partnership import Findings, Organisation
from storage.records.source import TargetKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadJob:
    """A body with what is known of it, all that a reading needs."""

    kind: TargetKind
    url: str  # where the body came from, after redirects
    body: bytes
    content_type: str = ""
    seen: datetime
    hint: DateFact | None = None  # what the lead said of the date
    language: str = ""  # what the configuration says of it; else the page is believed
    publisher: str = ""  # the organisation whose site this is
    organisations: tuple[Organisation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleReading:
    """One article, with all that thought makes of it alone."""

    article: Article
    fingerprint: Fingerprint
    findings: Findings
    leads: tuple[Lead, ...] = ()  # its teasers


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadsReading:
    """A feed, sitemap or listing."""

    leads: Leads


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """The body could not be read, and why; `kind` says how a reader process ended."""

    reason: str
    kind: Literal["unreadable", "timeout", "crash", "memory", "depth"] = "unreadable"


Reading = ArticleReading | LeadsReading | Trouble


def read(job: ReadJob) -> Reading:
    """Read a body as what its target expects; a feed at a listing's address is read as a feed."""
    return _read_leads(job) if job.kind.discovers else _read_article(job)


def understand(
    article: Article, *, publisher: str = "", organisations: tuple[Organisation, ...] = ()
) -> ArticleReading:
    """What thought makes of an article alone, wherever it came from."""
    findings = find(article, registry=_registry(organisations), publisher=publisher)
    return ArticleReading(article=article, fingerprint=fingerprint(article), findings=findings)


def _read_article(job: ReadJob) -> Reading:
    if job.body.lstrip()[:5] == b"%PDF-":
        article = read_pdf(job.body, job.url)
    else:
        article = read_article(job.body, url=job.url, seen=job.seen, content_type=job.content_type)
    if article.published is None and job.hint is not None:
        article = replace(article, published=job.hint, date_candidates=(*article.date_candidates, job.hint))
    if job.language:
        article = replace(article, language=job.language)
    reading = understand(article, publisher=job.publisher, organisations=job.organisations)
    return replace(reading, leads=leads_of_teasers(article))


def _read_leads(job: ReadJob) -> Reading:
    leads = leads_of(
        job.body, url=job.url, kind=job.kind, content_type=job.content_type, seen=job.seen, find_date=find_date
    )
    return Trouble(reason="holds neither feed nor sitemap nor page") if leads is None else LeadsReading(leads=leads)


def find_date(text: str) -> DateFact | None:
    """The first date in a line of a listing."""
    return next(find_dates(text, origin="listing"), None)


@lru_cache(maxsize=8)
def _registry(organisations: tuple[Organisation, ...]) -> Registry:
    return Registry.default().with_organisations(organisations)
