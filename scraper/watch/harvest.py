"""What a list of leads means: which of them become targets, how far back a first look goes, what is read next."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from scraper.discover.lead import Lead, Leads
from scraper.url import canonical, identity
from scraper.watch.policy import Policy
from storage.records.source import FirstCrawl, Target, TargetKind
from storage.records.verdict import Recall, Verdict


def harvest(target: Target, leads: Leads, recall: Recall, policy: Policy, *, now: datetime) -> Verdict:
    """The verdict on a feed, sitemap or listing that was read; `target` is already brought up to date.

    What a first look leaves alone becomes a retired target: known, so that no later look takes it for news.
    """
    wanted = [lead for lead in leads.items if _wanted(lead, policy)]
    fresh = [lead for lead in wanted if _identity(lead) not in recall.known]
    left = [lead for lead in wanted if policy.widen and _identity(lead) in recall.left]
    bounded = _looked(target, recall) is None or policy.widen
    bound = policy.source.first_crawl if bounded else FirstCrawl(items=None, age=None)
    taken = _within([*fresh, *left], bound, recall.articles, now)
    more = _more(leads, wanted, taken, bound, recall)
    new = [_target(lead, target, recall, policy, now) for lead in (*taken, *more)]
    chosen = {_identity(lead) for lead in taken}
    aside = [_target(lead, target, recall, policy, now) for lead in fresh if _identity(lead) not in chosen]
    because = [f"{len(leads.items)} leads, {len(taken)} of them new"]
    because += [f"{len(aside)} older ones left alone by first_crawl"] if aside else []
    because += [leads.trouble] if leads.trouble else []
    done = replace(target, retired=True) if target.origin == "pagination" else target
    targets = _once([*new, *(replace(each, retired=True) for each in aside)])
    return Verdict(target=done, at=now, outcome="read", because=tuple(because), targets=targets)


def new_targets(
    leads: tuple[Lead, ...], target: Target, recall: Recall, policy: Policy, *, now: datetime
) -> tuple[Target, ...]:
    """Targets from an article's teasers: an aged lead list, so what they lead to is as old as the article's look."""
    fresh = [lead for lead in leads if _wanted(lead, policy) and _identity(lead) not in recall.known]
    if target.origin in ("teaser", "ingest"):  # one step from the news is enough; further ones wander through the site
        return ()
    age = policy.source.first_crawl.age
    if target.looked is None and age is not None:
        return ()  # in a baseline the discovery targets say how far back we go
    return _once([_target(lead, target, recall, policy, now) for lead in fresh])


def _looked(target: Target, recall: Recall) -> datetime | None:
    """The last finished look before this one. A page of a list, or a child sitemap, goes by its parent's."""
    return recall.last_good or target.looked


def _wanted(lead: Lead, policy: Policy) -> bool:
    address = canonical(lead.url)
    if not address or any(re.search(pattern, address) for pattern in policy.source.exclude):
        return False
    return not policy.source.include or any(re.search(pattern, address) for pattern in policy.source.include)


def _within(fresh: list[Lead], bound: FirstCrawl, have: int, now: datetime) -> list[Lead]:
    """At most so many, none older than the bound; undated ones count as recent, in the list's own order."""
    if bound.age is not None:
        oldest = (now - bound.age).date().isoformat()
        fresh = [lead for lead in fresh if not _before(lead, oldest)]
    if bound.items is None:
        return fresh
    newest = sorted(fresh, key=_newest_first)
    return newest[: max(0, bound.items - have)]


def _before(lead: Lead, oldest: str) -> bool:
    date = lead.published or lead.updated
    return date is not None and date.latest() < oldest


def _newest_first(lead: Lead) -> tuple[bool, tuple[int, ...]]:
    date = lead.published or lead.updated
    return (date is None, tuple(-int(part) for part in date.latest().split("-")) if date else ())


def _more(leads: Leads, wanted: list[Lead], taken: list[Lead], bound: FirstCrawl, recall: Recall) -> list[Lead]:
    """Feeds and child sitemaps once; a further page only while all of this one was unknown and within the bound.

    A page may be turned again: after the next outage it holds other leads.
    """
    enough = bound.items is not None and recall.articles + len(taken) >= bound.items
    onward = bool(taken) and len(taken) == len(wanted) and not enough
    return [
        lead for lead in leads.more if (onward if lead.origin == "pagination" else _identity(lead) not in recall.known)
    ]


def _target(lead: Lead, found_by: Target, recall: Recall, policy: Policy, now: datetime) -> Target:
    address = canonical(lead.url)
    inherits = lead.kind is TargetKind.ARTICLE or lead.origin in ("pagination", "sitemap")
    looked = _looked(found_by, recall) if found_by.kind.discovers else found_by.looked
    inherits &= _identity(lead) not in recall.left
    return Target(
        source=policy.source.id, kind=lead.kind, url=address, identity=identity(address), origin=lead.origin,
        due=now, title=lead.title, published=lead.published, looked=looked if inherits else None,
    )  # fmt: skip


def _identity(lead: Lead) -> str:
    return identity(canonical(lead.url))


def _once(wanted: list[Target]) -> tuple[Target, ...]:
    return tuple({target.identity: target for target in reversed(wanted)}.values())[::-1]
