"""What would be watched behind an address: its feeds, sitemaps and listings, each looked at once. Stores nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from scraper.clock import Clock
from scraper.discover.lead import Lead, Leads
from scraper.fetch.message import Fetched, Fetcher, NotModified
from scraper.url import canonical, identity
from scraper.watch.check import Reader, request_for, with_other_ways
from scraper.watch.follow import follow
from scraper.watch.harvest import is_wanted, items_of
from scraper.watch.policy import Policy
from scraper.watch.read import LeadsReading, ReadJob, read
from scraper.watch.remedy import for_list, with_remedy
from storage.records.source import Source, Target, TargetKind

MOST_LOOKS = 8  # at what the address itself and its pages name
MOST_GUESSES = 18  # at the usual places, where nothing was named
GUESS = "guess"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One address that could be watched, and what it brought, newest first; `trouble` says why it brought nothing."""

    url: str
    kind: TargetKind
    origin: str
    leads: tuple[Lead, ...] = ()
    trouble: str = ""

    @property
    def since(self) -> str:
        """The day of its oldest dated item; empty when none has a date."""
        return min((lead.published.value for lead in self.leads if lead.published), default="")


async def scout(source: Source, *, fetcher: Fetcher, reader: Reader, clock: Clock) -> tuple[Found, ...]:
    """Its own addresses first, then the feeds, lists and sitemaps they name; guesses only where they worked."""
    kind = TargetKind.PAGE if source.kind == "page" else TargetKind.LISTING
    ways = [Lead(url=url, kind=kind, origin="given") for url in (source.url, *source.discover)]
    known = {identity(canonical(way.url)) for way in ways}
    found: list[Found] = []
    looks: Counter[bool] = Counter()
    while ways:
        way = ways.pop(0)
        guess = way.origin == GUESS
        if looks[guess] >= (MOST_GUESSES if guess else MOST_LOOKS) or (guess and any(each.leads for each in found)):
            continue
        looks[guess] += 1
        looked, more = await _look(way, source, fetcher, reader, clock)
        if looked.leads or not guess:
            found.append(looked)
        fresh = [lead for lead in more if lead.origin != "pagination" and identity(canonical(lead.url)) not in known]
        known |= {identity(canonical(lead.url)) for lead in fresh}
        ways += fresh
    return tuple(found)


async def first_that(
    source: Source, places: Iterable[str], works: Callable[[tuple[Found, ...]], bool], *, fetcher: Fetcher,
    reader: Reader, clock: Clock,
) -> tuple[str, tuple[Found, ...]] | None:  # fmt: skip
    """The first of these other addresses of a source behind which what is found works."""
    for url in places:
        found = await scout(replace(source, url=url, discover=()), fetcher=fetcher, reader=reader, clock=clock)
        if works(found):
            return url, found
    return None


def differences(found: Iterable[Found]) -> tuple[str, ...]:
    """Where the ways to one source disagree: what each lacks, as far back as it goes, of what the others name.

    Their union is what gets watched. A sitemap goes back for ever; a list whose items have no dates is not judged.
    """
    ways = [each for each in found if each.leads]
    named = {each.url: {identity(canonical(lead.url)) for lead in each.leads} for each in ways}
    dated = {identity(canonical(lead.url)): lead for each in ways for lead in each.leads if lead.published}
    lines = []
    for way in ways:
        since = "" if way.kind is TargetKind.SITEMAP else way.since or "9999"
        lacks = {key: lead for key, lead in dated.items() if key not in named[way.url] and _day(lead) > since}
        newest = max(lacks.values(), key=_day, default=None)
        if newest is not None:
            titled = f'"{newest.title[:80]}" of {newest.published.value if newest.published else "no date"}'
            lines.append(f"{way.kind.value} {way.url} lacks {len(lacks)} items that other ways name: {titled} for one")
    return tuple(lines)


async def _look(
    way: Lead, source: Source, fetcher: Fetcher, reader: Reader, clock: Clock
) -> tuple[Found, tuple[Lead, ...]]:
    target = Target(source=source.id, kind=way.kind, url=way.url, origin=way.origin, due=clock.now())
    result = await follow(replace(request_for(target, Policy(source=source)), source=None), fetcher)
    nothing = Found(url=way.url, kind=way.kind, origin=way.origin)
    if not isinstance(result, Fetched):
        return replace(nothing, trouble="not modified" if isinstance(result, NotModified) else with_remedy(result)), ()
    job = ReadJob(
        kind=way.kind, url=result.final_url, body=result.body, content_type=result.header("content-type"),
        seen=clock.now(), hints=source.hints,
    )  # fmt: skip
    reading = with_other_ways(await reader.read(read, job), target, result)
    if not isinstance(reading, LeadsReading):
        return replace(nothing, trouble=getattr(reading, "reason", "is an article, not a list")), ()
    leads = reading.leads
    items = sorted(_items(way, leads), key=_day, reverse=True)
    trouble = for_list(leads.trouble) if leads.trouble and not items else leads.trouble
    return replace(nothing, kind=leads.kind, leads=tuple(items), trouble=trouble), leads.more


def _items(way: Lead, leads: Leads) -> list[Lead]:
    if leads.kind is TargetKind.PAGE:
        return list(leads.items)
    return [lead for lead in items_of(leads.kind, way.origin, way.url, leads) if is_wanted(lead)]


def _day(lead: Lead) -> str:
    return lead.published.latest() if lead.published else ""
