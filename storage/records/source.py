"""Where we look: a Source (an association we watch), its Targets (addresses we revisit), their Hosts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NewType

from storage.records.article import DateFact

SourceId = NewType("SourceId", str)
TargetId = NewType("TargetId", int)
ItemId = NewType("ItemId", int)
Authority = NewType("Authority", str)  # "www.cocir.org:443", lower case, the port always there


class TargetKind(StrEnum):
    """What an address is expected to hold."""

    FEED = "feed"
    SITEMAP = "sitemap"
    LISTING = "listing"
    ARTICLE = "article"
    PAGE = "page"  # one page that is a list of entries, such as "Our partners"
    ENTRY = "entry"  # one of them: never fetched by itself

    @property
    def discovers(self) -> bool:
        return self not in (TargetKind.ARTICLE, TargetKind.ENTRY)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstCrawl:
    """How far back the first look at a source goes; None means no bound."""

    items: int | None = 50
    age: timedelta | None = timedelta(days=180)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Where things stand on one site's pages from a day on, as CSS selectors; what is empty is found as on any page."""

    since: date | None = None  # of the fetch; None: from the first page on
    title: str = ""
    body: str = ""
    published: str = ""
    teasers: str = ""
    remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What the configuration knows of a site's pages; it wins over what they say of themselves."""

    language: str = ""
    timezone: str = "UTC"  # of moments that name no zone
    date_order: str = ""
    recipes: tuple[Recipe, ...] = ()
    include: tuple[str, ...] = ()  # regular expressions over the addresses that its lists name
    exclude: tuple[str, ...] = ()

    def recipe_on(self, day: date | None) -> Recipe | None:
        """The youngest recipe in force when the page was fetched; without a day, the youngest of all."""
        fit = [each for each in self.recipes if day is None or each.since is None or each.since <= day]
        return max(fit, key=lambda each: each.since or date.min, default=None)


NO_HINTS = Hints()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An association we watch, as config.toml describes it. `id` keeps the history when all else changes."""

    id: SourceId
    name: str
    url: str
    every: str = "2h"  # "2h", "adaptive" or a cron line
    organisation: str = ""  # acronym or name of the body that publishes here
    tags: tuple[str, ...] = ()
    enabled: bool = True
    kind: str = "news"
    discover: tuple[str, ...] = ()  # extra feed, sitemap or listing addresses
    include: tuple[str, ...] = ()  # regular expressions over addresses
    exclude: tuple[str, ...] = ()
    language: str = ""
    timezone: str = "UTC"
    date_order: str = ""  # "DMY", "MDY" or empty
    headers: tuple[tuple[str, str], ...] = field(
        default=(), repr=False
    )  # from the environment; never stored, never logged
    recipe: tuple[Recipe, ...] = ()
    first_crawl: FirstCrawl = FirstCrawl()
    expect_every: timedelta | None = None  # silent for longer is trouble; None: its own rhythm says
    browser: bool = False  # its pages show nothing without scripts
    muted: bool = False  # watched as before, and nobody is told

    @property
    def hints(self) -> Hints:
        return Hints(
            language=self.language, timezone=self.timezone, date_order=self.date_order, recipes=self.recipe,
            include=self.include, exclude=self.exclude,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One address we revisit, with what the server told us last time and when to look again."""

    id: TargetId | None = None  # None until kept
    source: SourceId
    kind: TargetKind
    url: str  # the address that is fetched, see scraper.url.canonical
    identity: str = ""  # the key under which twins of the address are one, see scraper.url.identity
    origin: str = "given"  # how it was found: given, feed, sitemap, listing, teaser, autodiscovery, robots
    due: datetime
    item: ItemId | None = None  # the item an article target has become
    title: str = ""  # what the lead called it
    published: DateFact | None = None  # what the lead says of its date
    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""  # archive key of the body last read
    first_checked: datetime | None = None
    last_checked: datetime | None = None
    last_good: datetime | None = None  # for a discovery target: its last finished look
    looked: datetime | None = None
    """For an article target: `last_good` of the discovery target that found it, before it found it.
    None says it was found in a baseline, so it is history and no news."""
    checks: int = 0
    changes: int = 0
    failures: int = 0  # in a row
    gone_checks: int = 0  # 404 or 410 in a row
    gone_since: datetime | None = None
    trouble: str = ""  # one line on the last failure, empty when the last look was good
    retired: bool = False  # no longer revisited; kept for history
    lies: int = 0  # times its validators stayed while its body changed
    run: datetime | None = None  # of a list: since when each look went back to the one before it
    covered: bool = False  # of a list: at its last look other ways had named all that it names
    leads_to: str = ""  # of a list: where its address leads for good, and for how many looks in a row
    led: int = 0
    configured: str = ""  # identity of the configuration's address that this one took the place of


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """One authority (host and port) and its pace. The row is the turn: who holds its lease may ask."""

    authority: Authority
    next_allowed: datetime | None = None
    lease_owner: str = ""
    lease_until: datetime | None = None
    crawl_delay: float | None = None  # seconds, from robots.txt
    robots: str | None = None  # robots.txt as last read; None when never read or unreachable
    robots_status: int | None = None  # status it came with; None when unreachable
    robots_until: datetime | None = None  # ask again after this
    failures: int = 0  # 429, 503 or no answer, in a row
    trouble: str = ""
    requests: int = 0
    bytes: int = 0
    not_modified: int = 0
    refused: int = 0
    shortest_gap: float | None = None  # seconds between two requests' starts
    last_request: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a source stands: its items, the last good look at one of its lists, and the next one due."""

    items: int = 0
    last_good: datetime | None = None
    due: datetime | None = None
