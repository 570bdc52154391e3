"""What a list of leads means: which of them become targets, how far back a first look goes, what is read next."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from scraper.discover.lead import Lead, Leads
from scraper.discover.paging import number_of
from scraper.discover.sitemaps import news_of
from scraper.url import canonical, identity
from scraper.watch.complete import newest_first, span_of
from scraper.watch.policy import Policy
from storage.records.health import Span
from storage.records.source import FirstCrawl, Target, TargetKind
from storage.records.verdict import Recall, Verdict

RARELY = timedelta(days=1)  # between looks at a list that named nothing the feed had not
MOST_MAPS = 5  # child sitemaps of an index that a bounded first look opens, the likeliest first
MOST_REPEATED = 60  # page number, or offset


def harvest(
    target: Target, leads: Leads, recall: Recall, policy: Policy, *, now: datetime, before: Target | None = None
) -> Verdict:
    """The verdict on a feed, sitemap or listing that was read; `target` is already brought up to date, from `before`.

    What a first look leaves alone becomes a retired target: known, so that no later look takes it for news.
    """
    before = before or target
    worth = [lead for lead in items_of(target.kind, target.origin, target.url, leads) if is_wanted(lead)]
    fresh = [lead for lead in worth if _identity(lead) not in recall.known]
    left = [lead for lead in worth if policy.widen and _identity(lead) in recall.left]
    since = _looked(target, recall)
    bounded = since is None or policy.widen or _takes_over(target, recall)
    bound = policy.source.first_crawl if bounded else FirstCrawl(items=None, age=None)
    taken = _within([*fresh, *left], bound, recall.articles, now)
    more = _more(leads, worth, taken, bound, recall, now)
    new = [_target(lead, target, recall, policy, now) for lead in (*taken, *more)]
    chosen = {_identity(lead) for lead in taken}
    aside = [_target(lead, target, recall, policy, now) for lead in fresh if _identity(lead) not in chosen]
    because = [f"{len(worth)} leads, {len(taken)} of them new"]
    because += [f"{len(aside)} older ones left alone by first_crawl"] if aside else []
    because += [leads.trouble] if leads.trouble else []
    covered = bool(recall.feeds and worth and not (fresh or left) and target.kind is not TargetKind.FEED)
    because += ["the feed covers it; looked at rarely"] if covered else []
    span = _span(target.kind, before, worth, recall, since, now)
    because += [span.why] if span is not None and not span.whole else []
    return Verdict(
        target=replace(
            target, changes=target.changes + bool(fresh), retired=target.retired or target.origin == "pagination",
            covered=covered, due=max(target.due, now + RARELY) if covered else target.due,
            run=(before.run or since or now) if span is None or span.whole else now,
        ),
        at=now, outcome="read", because=tuple(because), span=span,
        targets=_once([*new, *(replace(each, retired=True) for each in aside)]),
    )  # fmt: skip


def _span(
    kind: TargetKind, before: Target, worth: list[Lead], recall: Recall, since: datetime | None, now: datetime
) -> Span | None:
    """What the look says of the time since the last one; nothing where a list names no items, or is one of a map's."""
    if (before.origin == "sitemap" and recall.last_good is None) or not (worth or before.changes):
        return None
    known = [lead for lead in worth if not _is_new(lead, recall)]
    if not worth or not recall.articles:
        whole = None
    elif kind is TargetKind.SITEMAP:
        whole = bool(known)
    else:
        oldest = newest_first(worth)[-1]
        day = oldest.published or oldest.updated
        dated = since is not None and day is not None and day.latest() < since.date().isoformat()
        whole = dated or oldest in known or 2 * len(known) >= len(worth)
    shared = any(_identity(lead) in recall.recent for lead in worth)
    return span_of(before, since=since, whole=whole, now=now, shared=shared)


def _is_new(lead: Lead, recall: Recall) -> bool:
    """Whether it came since this list's last look, whoever brought it."""
    return _identity(lead) not in recall.known or _identity(lead) in recall.recent


def items_of(kind: TargetKind, origin: str, url: str, leads: Leads) -> tuple[Lead, ...]:
    """The leads to items: of a sitemap that nobody named in the configuration only those that are news."""
    return news_of(leads.items, url) if kind is TargetKind.SITEMAP and origin != "given" else leads.items


def new_targets(
    leads: tuple[Lead, ...], target: Target, recall: Recall, policy: Policy, *, now: datetime
) -> tuple[Target, ...]:
    """Targets from an article's teasers: an aged lead list, so what they lead to is as old as the article's look."""
    fresh = [lead for lead in leads if is_wanted(lead) and _identity(lead) not in recall.known]
    if target.origin in ("teaser", "ingest"):  # one step from the news is enough; further ones wander through the site
        return ()
    age = policy.source.first_crawl.age
    if target.looked is None and age is not None:
        return ()  # in a baseline the discovery targets say how far back we go
    return _once([_target(lead, target, recall, policy, now) for lead in fresh])


def _looked(target: Target, recall: Recall) -> datetime | None:
    """The last finished look before this one. A page of a list, or a child sitemap, goes by its parent's."""
    return recall.last_good or target.looked


def _takes_over(target: Target, recall: Recall) -> bool:
    """Whether this is the first look at a list that took the place of a broken one, which was seen until `looked`."""
    return bool(target.configured) and recall.last_good is None and target.looked is not None


def is_wanted(lead: Lead) -> bool:
    """Whether it is an address, and one that `include` and `exclude` of the source let in, as the reader found."""
    return lead.wanted and bool(canonical(lead.url))


def _within(fresh: list[Lead], bound: FirstCrawl, have: int, now: datetime) -> list[Lead]:
    """At most so many, none older than the bound; undated ones count as recent, in the list's own order."""
    fresh = [lead for lead in fresh if not _too_old(lead, bound, now)]
    if bound.items is None:
        return fresh
    newest = sorted(fresh, key=_newest_first)
    return newest[: max(0, bound.items - have)]


def _too_old(lead: Lead, bound: FirstCrawl, now: datetime) -> bool:
    date = lead.published or lead.updated
    return date is not None and bound.age is not None and date.latest() < (now - bound.age).date().isoformat()


def _newest_first(lead: Lead) -> tuple[bool, tuple[int, ...]]:
    date = lead.published or lead.updated
    return (date is None, tuple(-int(part) for part in date.latest().split("-")) if date else ())


def _more(
    leads: Leads, wanted: list[Lead], taken: list[Lead], bound: FirstCrawl, recall: Recall, now: datetime
) -> list[Lead]:
    """Feeds and child sitemaps once; a further page only while this one is news to its end, within the bound.

    What another way brought since this list's last look is news here too. A page may be turned again: after the next
    outage it holds other leads.
    """

    def is_news(lead: Lead) -> bool:
        return not _too_old(lead, bound, now) and (_is_new(lead, recall) or lead in taken)

    maps = [lead for lead in leads.more if lead.kind is TargetKind.SITEMAP and lead.origin == "sitemap"]
    closed = maps[MOST_MAPS:] if bound.items is not None else []
    closed += [lead for lead in maps if _too_old(lead, bound, now)]
    enough = bound.items is not None and recall.articles + len(taken) >= bound.items
    news = sum(map(is_news, wanted))  # one that is pinned above all others is old, and says nothing of the rest
    onward = not enough and 2 * news > len(wanted) and is_news(newest_first(wanted)[-1])
    return [
        lead
        for lead in leads.more
        if lead not in closed
        if (
            onward and (taken or _is_early(lead))
            if lead.origin == "pagination"
            else _identity(lead) not in recall.known
        )
    ]


def _is_early(page: Lead) -> bool:
    """Pages that repeat what is known are turned so far and no farther: some lists have no end."""
    return 0 < (number_of(page.url) or 0) <= MOST_REPEATED


def _target(lead: Lead, found_by: Target, recall: Recall, policy: Policy, now: datetime) -> Target:
    address = canonical(lead.url)
    inherits = lead.kind is TargetKind.ARTICLE or lead.origin in ("pagination", "sitemap")
    looked = _looked(found_by, recall) if found_by.kind.discovers else found_by.looked
    inherits &= _identity(lead) not in recall.left
    if found_by.kind.discovers and _takes_over(found_by, recall):  # a baseline, but for what is dated since
        date = lead.published or lead.updated
        inherits &= date is not None and looked is not None and date.latest() >= looked.date().isoformat()
    return Target(
        source=policy.source.id, kind=lead.kind, url=address, identity=identity(address), origin=lead.origin,
        due=now, title=lead.title, published=lead.published, looked=looked if inherits else None,
    )  # fmt: skip


def _identity(lead: Lead) -> str:
    return identity(canonical(lead.url))


def _once(wanted: list[Target]) -> tuple[Target, ...]:
    return tuple({target.identity: target for target in reversed(wanted)}.values())[::-1]
