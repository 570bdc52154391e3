"""From bytes to meaning, in one pure call that can run in another process: a body becomes a Reading."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Literal

from scraper.detect.change import Pages
from scraper.detect.fingerprint import closed_up, fingerprint
from scraper.detect.organisations import registry_with
from scraper.detect.partnerships import find
from scraper.discover.lead import Lead, Leads
from scraper.discover.methods import leads_of
from scraper.discover.teasers import leads_of_teasers
from scraper.page import Page, page_of
from scraper.parse.article import read_article, read_plain
from scraper.parse.dates import find_dates
from scraper.parse.issue import split_items
from scraper.parse.pdf import read_pdf, with_cover
from scraper.url import canonical
from scraper.watch.kind import kind_of
from storage.records.article import Article, DateFact
from storage.records.observation import Fingerprint
from storage.records.partnership import Findings, Organisation
from storage.records.source import NO_HINTS, Hints, TargetKind

SAME_DESIGN = 0.5  # of the tags, classes and ids of two pages; below that a site has a new theme
_DESIGN = re.compile(r"<([a-zA-Z][\w-]*)|\s(?:class|id)\s*=\s*[\"']([^\"']*)")
_NUMBERED = re.compile(r"\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadJob:
    """A body with what is known of it, all that a reading needs."""

    kind: TargetKind
    url: str  # where the body came from, after redirects
    body: bytes
    content_type: str = ""
    seen: datetime
    hint: DateFact | None = None  # what the lead said of the date
    publisher: str = ""  # the organisation whose site this is
    organisations: tuple[Organisation, ...] = ()
    cover: Article | None = None  # the page that pointed to this document as its text
    hints: Hints = NO_HINTS  # what the configuration knows of the site


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleReading:
    """One article, with all that thought makes of it alone."""

    article: Article
    fingerprint: Fingerprint
    findings: Findings
    leads: tuple[Lead, ...] = ()  # its teasers
    items: tuple[ArticleReading, ...] = ()  # of an issue of a newsletter, which is no article itself


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """The version that a page is compared with, read from its archived body by the reader of today."""

    version: int
    reading: ArticleReading
    pages: Pages


def read(job: ReadJob) -> Reading:
    """Read a body as what its target expects; a feed at a listing's address is read as a feed."""
    return _read_leads(job) if job.kind.discovers else _read_article(job)


def understand(
    article: Article, *, publisher: str = "", organisations: tuple[Organisation, ...] = ()
) -> ArticleReading:
    """What thought makes of an article alone, wherever it came from."""
    findings = find(article, registry=registry_with(organisations), publisher=publisher)
    return ArticleReading(article=article, fingerprint=fingerprint(article), findings=findings)


def read_beside(then: ReadJob, version: int, now: bytes) -> Beside | None:
    """The archived body of a version as today's reader has it, beside the body of `now`; None when it is no article."""
    reading = _read_article(then)
    if not isinstance(reading, ArticleReading) or reading.article.unfit is not None:
        return None
    old, new = (page_of(body, then.url, then.content_type) for body in (then.body, now))
    redesigned = _likeness(_design(old), _design(new)) < SAME_DESIGN
    return Beside(
        version=version, reading=reading, pages=Pages(old=_shown(old), new=_shown(new), redesigned=redesigned)
    )


def _design(page: Page) -> frozenset[str]:
    """Tags, classes and ids of a page, numbers aside."""
    names = (_NUMBERED.sub("#", name) for found in _DESIGN.findall(page.text) for name in "".join(found).split())
    return frozenset(names)


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, len(one | other))


def _shown(page: Page) -> str:
    """All words of a page in one run, its title among them; a page that is no HTML shows none."""
    for node in page.tree.css("script,style,template"):
        node.decompose()
    root = page.tree.root
    return "" if root is None or page.trouble == "binary" else closed_up(root.text(separator=" "))


def article_of(body: bytes, url: str, *, seen: datetime, content_type: str = "", hints: Hints = NO_HINTS) -> Article:
    """The article in a body of any kind but a mail, which is read as the text that it is."""
    kind = kind_of(body)
    if kind == "pdf":
        return read_pdf(body, url)
    if kind == "data":
        return Article(url=url, canonical=url, unfit="data: settings or records for programs")
    plain = read_plain(body, url)
    return plain or read_article(body, url=url, seen=seen, content_type=content_type, hints=hints)


def _read_article(job: ReadJob) -> Reading:
    article = article_of(job.body, job.url, seen=job.seen, content_type=job.content_type, hints=job.hints)
    if article.published is None and job.hint is not None:
        article = replace(
            article, published=job.hint, date_candidates=(*article.date_candidates, job.hint),
            published_because=f"the {job.hint.origin} that led here says so",
        )  # fmt: skip
    if job.cover is not None:
        article = with_cover(article, job.cover)
    if job.hints.language:
        article = replace(article, language=job.hints.language)
    whole, *items = (
        understand(each, publisher=job.publisher, organisations=job.organisations)
        for each in dict.fromkeys((article, *split_items(article)))
    )
    return replace(whole, leads=marked(leads_of_teasers(article), job.hints), items=tuple(items))


def marked(leads: tuple[Lead, ...], hints: Hints) -> tuple[Lead, ...]:
    """The leads, those not wanted that `include` and `exclude` of the source keep out.

    Here, for a pattern of a person on an address of a stranger may take for ever, and only the reader can be stopped.
    """
    if not (hints.include or hints.exclude):
        return leads
    return tuple(lead if _lets_in(hints, canonical(lead.url)) else replace(lead, wanted=False) for lead in leads)


def _lets_in(hints: Hints, address: str) -> bool:
    if any(re.search(pattern, address) for pattern in hints.exclude):
        return False
    return not hints.include or any(re.search(pattern, address) for pattern in hints.include)


def document_of(reading: Reading) -> str:
    """The address of the document that a page of few words points to as its text; "" for any other reading."""
    if not isinstance(reading, ArticleReading) or reading.article.unfit != "stub" or not reading.article.links:
        return ""
    return reading.article.links[0].url


def _read_leads(job: ReadJob) -> Reading:
    leads = leads_of(
        job.body, url=job.url, kind=job.kind, content_type=job.content_type, seen=job.seen,
        find_date=partial(find_date, hints=job.hints),
    )  # fmt: skip
    if leads is None:
        return Trouble(reason="holds neither feed nor sitemap nor page")
    return LeadsReading(leads=replace(leads, items=marked(leads.items, job.hints)))


def find_date(text: str, *, hints: Hints = NO_HINTS) -> DateFact | None:
    """The first date in a line of a listing."""
    return next(find_dates(text, order=hints.date_order, language=hints.language, origin="listing"), None)
