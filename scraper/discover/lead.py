"""A Lead: somebody says that there is something to read at this address."""

from __future__ import annotations

from dataclasses import dataclass

from storage.records.article import DateFact
from storage.records.source import TargetKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """An address worth a look, as a feed, sitemap, listing or teaser names it.

    `kind` says what we expect there: an article mostly; a feed, a child sitemap or a next page of a
    listing are leads as well.
    """

    url: str  # absolute http(s) address, as given
    kind: TargetKind = TargetKind.ARTICLE
    origin: str = ""  # feed, sitemap, listing, teaser, autodiscovery, robots, pagination
    title: str = ""
    published: DateFact | None = None
    updated: DateFact | None = None
    snippet: str = ""
    guid: str = ""
    wanted: bool = True  # no, where `include` or `exclude` of the source keep its address out


@dataclass(frozen=True, slots=True, kw_only=True)
class Leads:
    """All that one body says: the items in its own order, and where more is to be found."""

    kind: TargetKind  # what the body turned out to be
    title: str = ""
    language: str = ""
    items: tuple[Lead, ...] = ()  # articles
    more: tuple[Lead, ...] = ()  # feeds, child sitemaps, further pages
    wish_minutes: int | None = None  # the feed's own ttl
    trouble: str = ""  # read as far as it went, and why not farther
