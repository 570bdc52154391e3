"""What would be watched behind an address: its feeds, sitemaps and listing, each looked at once. Stores nothing."""

from __future__ import annotations

from dataclasses import dataclass

from scraper.clock import Clock
from scraper.discover.lead import Lead, Leads
from scraper.fetch.message import Fetched, Fetcher, FetchRequest, NotModified
from scraper.url import canonical, identity
from scraper.watch.check import Reader
from scraper.watch.follow import follow
from scraper.watch.read import LeadsReading, ReadJob, read
from scraper.watch.remedy import with_remedy
from storage.records.source import TargetKind

MOST_LOOKS = 6  # the address itself and what it names first


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One address that could be watched, and what it brought; `trouble` says why it brought nothing."""

    url: str
    kind: TargetKind
    origin: str
    leads: tuple[Lead, ...] = ()
    trouble: str = ""


async def scout(address: str, *, fetcher: Fetcher, reader: Reader, clock: Clock) -> tuple[Found, ...]:
    """The address itself first, then the feeds and sitemaps it names."""
    ways = [Lead(url=address, kind=TargetKind.LISTING, origin="given")]
    found: list[Found] = []
    while ways and len(found) < MOST_LOOKS:
        way = ways.pop(0)
        looked, leads = await _look(way, fetcher, reader, clock)
        found.append(looked)
        known = {identity(canonical(url)) for url in (*(f.url for f in found), *(w.url for w in ways))}
        more = leads.more if leads is not None else ()
        ways += [lead for lead in more if lead.origin != "pagination" and identity(canonical(lead.url)) not in known]
    return tuple(found)


async def _look(way: Lead, fetcher: Fetcher, reader: Reader, clock: Clock) -> tuple[Found, Leads | None]:
    result = await follow(FetchRequest(url=way.url), fetcher)
    if not isinstance(result, Fetched):
        reason = "not modified" if isinstance(result, NotModified) else with_remedy(result)
        return Found(url=way.url, kind=way.kind, origin=way.origin, trouble=reason), None
    job = ReadJob(
        kind=way.kind, url=result.final_url, body=result.body, content_type=result.header("content-type"),
        seen=clock.now(),
    )  # fmt: skip
    reading = await reader.read(read, job)
    if not isinstance(reading, LeadsReading):
        reason = getattr(reading, "reason", "is an article, not a list")
        return Found(url=way.url, kind=way.kind, origin=way.origin, trouble=reason), None
    leads = reading.leads
    return Found(url=way.url, kind=leads.kind, origin=way.origin, leads=leads.items, trouble=leads.trouble), leads
