"""The thought of the flow: what one look at one target means. Values and `now` go in, one Verdict comes out.

What an article means is in weigh.py, what a list of leads means in harvest.py; here the outcomes of fetching
are told apart, and every target gets its next due time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from scraper.discover.lead import Leads
from scraper.fetch.message import Failed, Fetched, FetchResult, NotModified, Refused
from scraper.fetch.validators import Validators, hid, lied
from scraper.url import canonical, identity
from scraper.watch.complete import span_of
from scraper.watch.due import next_look, next_try
from scraper.watch.harvest import harvest, new_targets
from scraper.watch.policy import Policy, decided
from scraper.watch.read import ArticleReading, Beside, LeadsReading, Reading, Trouble
from scraper.watch.remedy import AGAIN, NO_ENTRIES, NO_NEWS, SCRIPTS, for_list, with_remedy
from scraper.watch.roster import roster
from scraper.watch.weigh import weigh
from storage.records.article import Article
from storage.records.change import Change, ChangeKind
from storage.records.observation import ItemState
from storage.records.source import Target, TargetKind
from storage.records.verdict import Recall, Verdict

GONE = (404, 410)
ISSUE = "issue"  # the origin of items that stand on one page with others
SOFT_404 = "soft 404"
UNREACHED = "unreached"  # no host of that name, or no way to it: this machine's network, maybe
GUESSES = ("robots", "guess")  # ways that a body itself does not name
MOVED = 3  # looks in a row that a redirect for good must lead to the same place
GIVE_UP_GONE = 3  # an address that was never an item and answers 404 or 410 so often in a row is dropped


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at one target, before it is judged."""

    target: Target
    result: FetchResult
    reading: Reading | None = None  # None where there was nothing to read
    raw: str = ""  # archive key of the body
    beside: Beside | None = None  # where the text differs: the known version, read again
    documents: tuple[tuple[Fetched, str], ...] = ()  # behind a page of few words, each with its archive key

    @property
    def same_body(self) -> bool:
        """The server sent, byte for byte, what it sent last time."""
        return bool(self.raw) and self.raw == self.target.body_hash


def judge(look: Look, recall: Recall, policy: Policy, *, now: datetime) -> Verdict:
    """What this look means for the target, its item, the ledger and the people who want to know."""
    match look.result:
        case NotModified():
            return _unchanged(look, recall, policy, now, outcome="not_modified", why="the server says: not modified")
        case Refused():
            return _troubled(
                look, policy, now, outcome="refused", why=with_remedy(look.result), wish=look.result.retry_at
            )
        case Failed():
            if look.result.status in GONE:
                word = with_remedy(look.result) if look.target.kind.discovers else f"answered {look.result.status}"
                return _gone(look, recall, policy, now, why=word)
            outcome = UNREACHED if _no_way_out(look.result) else "failed"
            why = with_remedy(look.result)
            return _troubled(look, policy, now, outcome=outcome, why=why, wish=look.result.retry_at)
        case Fetched():
            return _fetched(look, look.result, recall, policy, now)


def _no_way_out(result: Failed) -> bool:
    """What a machine without a network meets; a server that refuses the connection is the server's trouble."""
    return result.kind == "dns" or (result.kind == "connect" and "unreachable" in result.reason.casefold())


def _fetched(look: Look, result: Fetched, recall: Recall, policy: Policy, now: datetime) -> Verdict:
    match look.reading:
        case None:
            return _unchanged(look, recall, policy, now, outcome="not_modified", why="the same bytes as last time")
        case Trouble():
            remedy = NO_NEWS if look.target.kind.discovers else AGAIN
            return _troubled(look, policy, now, outcome="trouble", why=f"{look.reading.reason}; {remedy}")
        case LeadsReading():
            if look.target.kind is TargetKind.PAGE:
                return _listed(look, look.reading.leads, recall, policy, now)
            target = replace(_led(_good(look, policy, now), result, recall), kind=look.reading.leads.kind)
            target = replace(target, lies=target.lies + _hid(look.target, look.reading.leads, recall))
            harvested = harvest(target, look.reading.leads, recall, policy, now=now, before=look.target)
            if hollow := _hollow(look, look.reading.leads, recall):
                troubled = _troubled(look, policy, now, outcome="hollow", why=for_list(hollow))
                return replace(troubled, targets=harvested.targets)
            return harvested
        case ArticleReading():
            unfit = look.reading.article.unfit
            if look.target.item is not None and _led_elsewhere(look.target, result, recall, policy):
                return _gone(look, recall, policy, now, why=f"the address now leads to {result.final_url}")
            if unfit == SOFT_404 and look.target.item is not None:
                return _gone(look, recall, policy, now, why="the page says that there is no such page")
            if unfit is not None:
                scripted = unfit == "empty" and b"<script" in result.body and not policy.source.browser
                return _troubled(look, policy, now, outcome="unfit", why=for_list(SCRIPTS) if scripted else unfit)
            target = _arrived(look, result, look.reading.article, recall, policy, now)
            if look.reading.items and target.item is None:
                return _issue(target, look.reading, recall, policy, now)
            moved_from = look.target.url if look.target.identity != target.identity else ""
            return weigh(
                target, look.reading, recall, policy, raw=look.raw, moved_from=moved_from, beside=look.beside, now=now
            )


def _listed(look: Look, leads: Leads, recall: Recall, policy: Policy, now: datetime) -> Verdict:
    if not leads.items:  # nobody is gone from a page that names nobody: it is empty, broken, or behind a wall
        why = f"{leads.trouble or 'names nobody'}; {NO_ENTRIES}"
        return _troubled(look, policy, now, outcome="trouble", why=why)
    span = span_of(look.target, since=look.target.last_good, whole=True, now=now)
    page = _led(_good(look, policy, now), look.result, recall)
    return replace(roster(page, leads, recall, policy, now=now), span=span)


def _issue(target: Target, reading: ArticleReading, recall: Recall, policy: Policy, now: datetime) -> Verdict:
    """A page of several items is no item: each of them has a verdict of its own."""
    because = (f"an issue with {len(reading.items)} items, each an article",)
    targets = new_targets(reading.leads, target, recall, policy, now=now)
    return Verdict(target=target, at=now, outcome=ISSUE, because=because, targets=targets)


def _hollow(look: Look, leads: Leads, recall: Recall) -> str:
    """Why a list that names nothing is no list: broken, a wall before it, or emptied; "" when it is one."""
    named = [lead for lead in leads.more if lead.origin not in GUESSES]
    if leads.items or named or look.target.origin == "pagination":
        return ""
    emptied = leads.kind is TargetKind.FEED and look.target.origin == "given" and recall.articles
    return leads.trouble or ("names no item any more" if emptied else "")


def _good(look: Look, policy: Policy, now: datetime) -> Target:
    """The target after a look that worked."""
    result, target = look.result, look.target
    wish = result.retry_after if isinstance(result, Fetched) else None
    had = got = Validators(etag=target.etag, last_modified=target.last_modified)
    lies = False
    if isinstance(result, Fetched | NotModified):
        got = Validators(etag=result.etag, last_modified=result.last_modified)
        lies = lied(had, got, same_body=look.same_body or isinstance(result, NotModified))
    checked = replace(
        target, first_checked=target.first_checked or now,
        last_checked=now, last_good=now, checks=target.checks + 1, failures=0, gone_checks=0, gone_since=None,
        trouble="", body_hash=look.raw or target.body_hash, etag=got.etag, last_modified=got.last_modified,
        lies=target.lies + lies,
    )  # fmt: skip
    return replace(checked, due=next_look(checked, policy.source, recheck=policy.watch.recheck, now=now, wish=wish))


def _led(target: Target, result: FetchResult, recall: Recall) -> Target:
    """A list whose address leads elsewhere for good (301, 308) for several looks lives there from then on."""
    hops = result.hops if isinstance(result, Fetched) else ()
    there = canonical(result.final_url) if isinstance(result, Fetched) and hops else ""
    good = there and all(hop.status in (301, 308) for hop in hops) and target.origin != "pagination"
    if not good or identity(there) == target.identity or identity(there) in recall.known:
        return replace(target, leads_to="", led=0)
    target = replace(target, leads_to=there, led=target.led + 1 if target.leads_to == there else 1)
    if target.led < MOVED:
        return target
    configured = target.configured or (target.identity if target.origin == "given" else "")
    return replace(target, url=there, identity=identity(there), configured=configured, leads_to="", led=0)


def _hid(target: Target, leads: Leads, recall: Recall) -> bool:
    """Whether a list brings what was there already when its server last said that nothing is new."""
    had = Validators(etag=target.etag, last_modified=target.last_modified)
    fresh = [lead for lead in leads.items if identity(canonical(lead.url)) not in recall.known]
    dates = [lead.published.at for lead in fresh if lead.published and lead.published.at]
    return hid(had, dates, looks=target.checks, last_good=target.last_good)


def _arrived(look: Look, result: Fetched, article: Article, recall: Recall, policy: Policy, now: datetime) -> Target:
    """The target of an article, at the address where redirects led; a known one moves only for good (301, 308), or
    when its page names another address of its host as its own, and did not before.
    """
    target = _good(look, policy, now)
    if target.item is None:
        address = result.final_url if result.hops else ""
    elif result.hops:
        address = result.final_url if all(hop.status in (301, 308) for hop in result.hops) else ""
    else:
        before = recall.observation.article.canonical if recall.observation else ""
        told = before and identity(before) == target.identity != identity(article.canonical)
        address = article.canonical if told and _host(article.canonical) == _host(target.url) else ""
    address = canonical(address) if address else ""
    return replace(target, url=address, identity=identity(address)) if address else target


def _host(url: str) -> str:
    return canonical(url).split("/")[2] if canonical(url) else ""


def _led_elsewhere(target: Target, result: Fetched, recall: Recall, policy: Policy) -> bool:
    """A redirect to a front page, to a listing, or to a folder above is a polite 404."""
    there = identity(result.final_url)
    if not result.hops or there == target.identity:
        return False
    fronts = {identity(address) for address in (policy.source.url, *policy.source.discover)} | recall.lists
    path = canonical(result.final_url).split("://", 1)[-1].partition("/")[2].partition("?")[0]
    own = canonical(target.url).split("://", 1)[-1].partition("/")[2]
    return not path.strip("/") or there in fronts or own.startswith(f"{path.strip('/')}/")


def _unchanged(look: Look, recall: Recall, policy: Policy, now: datetime, *, outcome: str, why: str) -> Verdict:
    lists = look.target.kind is TargetKind.PAGE or (look.target.kind.discovers and look.target.changes > 0)
    span = span_of(look.target, since=look.target.last_good, whole=True, now=now) if lists else None
    if look.target.kind is TargetKind.PAGE:
        still = roster(_good(look, policy, now), None, recall, policy, now=now)
        return replace(still, outcome=outcome, because=(why, *still.because[1:]), span=span)
    changes = (_back(look.target, policy, now),) if _was_withdrawn(recall) else ()
    return decided(
        Verdict(
            target=_good(look, policy, now), at=now, outcome=outcome, because=(why,), seen=True, changes=changes,
            span=span, state=ItemState.PRESENT if changes else None,
        ),
        recall, policy, article=recall.observation.article if recall.observation else None,
    )  # fmt: skip


def _was_withdrawn(recall: Recall) -> bool:
    return recall.item is not None and recall.item.state is ItemState.WITHDRAWN


def _back(target: Target, policy: Policy, now: datetime) -> Change:
    return Change(
        source=policy.source.id, url=target.url, kind=ChangeKind.RESTORED, at=now, because=("the page is back",)
    )


def _troubled(
    look: Look, policy: Policy, now: datetime, *, outcome: str, why: str, wish: datetime | None = None
) -> Verdict:
    """The look failed: nothing is said of the item, the target is tried again, later each time."""
    target = look.target
    failed = replace(target, last_checked=now, checks=target.checks + 1, failures=target.failures + 1, trouble=why)
    due = next_try(failed, policy.source, now=now, wish=wish, unreached=outcome == UNREACHED)
    return Verdict(target=replace(failed, due=due), at=now, outcome=outcome, because=(why,))


def _gone(look: Look, recall: Recall, policy: Policy, now: datetime, *, why: str) -> Verdict:
    """404, 410, or a redirect to the front page: believed once it is confirmed, and said no earlier."""
    verdict = _troubled(look, policy, now, outcome="gone", why=why)
    since = look.target.gone_since or now
    target = replace(verdict.target, gone_checks=look.target.gone_checks + 1, gone_since=since)
    if target.kind.discovers and target.origin != "given" and target.last_good is None:
        return replace(verdict, target=replace(target, retired=True), outcome="absent")  # a guess that was none
    if target.kind.discovers:
        return replace(verdict, target=target)
    if target.item is None:
        return replace(verdict, target=replace(target, retired=target.gone_checks >= GIVE_UP_GONE))
    moved = next((other for other in recall.addresses if not other.failures), None)
    if moved is not None:
        return _moved_away(verdict, target, moved, policy, now, why=why)
    confirm = policy.watch.confirm_withdrawn
    if target.gone_checks < confirm.checks or now - since < confirm.over:
        waits = f"gone {target.gone_checks} of {confirm.checks} looks; not believed yet"
        return replace(verdict, target=target, because=(why, waits))
    if recall.item is None or recall.item.state is not ItemState.PRESENT:
        return replace(verdict, target=target)
    return _withdrawn(replace(verdict, target=target), recall, policy, now, since=since, why=why)


def _withdrawn(
    verdict: Verdict, recall: Recall, policy: Policy, now: datetime, *, since: datetime, why: str
) -> Verdict:
    assert recall.item is not None
    seen = f"present on {recall.item.last_seen:%Y-%m-%d}, gone on {since:%Y-%m-%d}"
    change = Change(
        source=policy.source.id, url=recall.item.url, kind=ChangeKind.WITHDRAWN, at=now, because=(seen, why),
        old_version=recall.item.versions,
    )  # fmt: skip
    withdrawn = replace(verdict, state=ItemState.WITHDRAWN, changes=(change,), because=(seen, why), outcome="withdrawn")
    return decided(withdrawn, recall, policy, article=recall.observation.article if recall.observation else None)


def _moved_away(verdict: Verdict, target: Target, to: Target, policy: Policy, now: datetime, *, why: str) -> Verdict:
    """The old address is gone, and the same text already stands at another: the item has moved there."""
    change = Change(
        source=policy.source.id, url=to.url, kind=ChangeKind.MOVED, significance="minor", at=now,
        because=(f"{target.url} is gone and the same text stands at {to.url}", why),
    )  # fmt: skip
    return replace(
        verdict, target=replace(target, retired=True), outcome="moved", moved_to=to.url, changes=(change,), seen=True,
        because=change.because,
    )  # fmt: skip
