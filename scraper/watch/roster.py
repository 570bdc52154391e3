"""What a look at a page of entries ("Our partners", "Members") means: who came, who went for good, who is back.

A page that names nobody, or most of whose entries went at once, is a broken or rebuilt page until it is confirmed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from scraper.detect.fingerprint import fingerprint
from scraper.discover.lead import Lead, Leads
from scraper.parse import EXTRACTOR_VERSION
from scraper.url import canonical, identity
from scraper.watch.policy import Policy, decided
from storage.records.article import Article, Block, DateFact
from storage.records.change import Change, ChangeKind
from storage.records.observation import Item, ItemState, Observation
from storage.records.source import Target, TargetKind
from storage.records.verdict import Recall, Verdict

FEW = 3  # so many may go at once and be no sign of a rebuilt page

Known = dict[str, tuple[Target, Item]]


def roster(page: Target, leads: Leads | None, recall: Recall, policy: Policy, *, now: datetime) -> Verdict:
    """The verdict on the page, with a part for each entry of which there is something to write.

    `leads` is None when the page is as it was: then what was missing is missing still.
    """
    known = {target.identity.partition("#")[2]: (target, item) for target, item in recall.entries}
    present = {key for key, (_, item) in known.items() if item.state is ItemState.PRESENT}
    named = (
        _named(leads, known, policy)
        if leads is not None
        else {key: None for key in present if not known[key][0].gone_checks}
    )
    missing = sorted(present - set(named))
    rebuilt = len(missing) > max(FEW, len(present) // 2)
    new = [lead for key, lead in named.items() if key not in known and lead is not None]
    parts = [_missed(page, *known[key], policy, recall, rebuilt, now) for key in missing]
    parts += [part for key in named if key in known and (part := _seen(page, *known[key], policy, now)) is not None]
    if not rebuilt:
        parts += [
            _came(page, lead, policy, recall.last_good, leads.language if leads else "", now) for lead in _once(new)
        ]
    changes = Counter(change.kind.value for part in parts for change in part.changes)
    because = [f"{len(named)} entries", *(f"{count} {kind}" for kind, count in changes.items())]
    if missing:
        because.append(
            f"{len(missing)} missing"
            + (" at once: the page may be rebuilt, so nothing is believed yet" if rebuilt else "")
        )
    return Verdict(target=page, at=now, outcome="read", because=tuple(because), parts=tuple(parts))


def _named(leads: Leads, known: Known, policy: Policy) -> dict[str, Lead | None]:
    """The entries by their keys. One that has a new name and the old link, which nobody else has, keeps its old key."""
    found: dict[str, Lead | None] = {lead.guid: lead for lead in leads.items}
    links = Counter(identity(lead.url) for lead in leads.items)
    gone = {identity(target.url): key for key, (target, _) in known.items() if key not in found}
    for lead in leads.items:
        old = gone.pop(identity(lead.url), None) if lead.guid not in known and links[identity(lead.url)] == 1 else None
        if old is not None:
            del found[lead.guid]
            found[old] = lead
    return found


def _once(leads: list[Lead]) -> Iterable[Lead]:
    """Entries with an address of their own: where several share one, each is told by its key."""
    links = Counter(identity(lead.url) for lead in leads)
    return (lead if links[identity(lead.url)] == 1 else replace(lead, url="") for lead in leads)


def _came(page: Target, lead: Lead, policy: Policy, before: datetime | None, language: str, now: datetime) -> Verdict:
    own = lead.url if lead.url and identity(lead.url) != page.identity else f"{page.url}#{lead.guid.replace(' ', '-')}"
    url = canonical(own) if "#" not in own else own
    article = Article(
        url=url, canonical=url, title=lead.title, language=policy.source.language or language,
        blocks=(Block(kind="paragraph", text=lead.snippet),) if lead.snippet else (),
    )  # fmt: skip
    # Its date is the day it came to the page; of those that were there before us nobody knows.
    day = DateFact(value=f"{now:%Y-%m-%d}", precision="day", origin="seen") if before else None
    target = Target(
        source=page.source, kind=TargetKind.ENTRY, url=url, identity=f"{page.identity}#{lead.guid}", origin="page",
        due=now, title=lead.title, published=day, looked=before, last_checked=now, last_good=now, checks=1,
        retired=True,
    )  # fmt: skip
    why = (f"named on {page.url}" if before else f"named on {page.url} when it was first read",)
    mark = fingerprint(article)
    verdict = Verdict(
        target=target, at=now, outcome="read", because=why, new_item=True,
        observation=Observation(seen=now, article=article, fingerprint=mark, extractor=EXTRACTOR_VERSION),
        changes=(Change(source=page.source, url=url, kind=ChangeKind.NEW, because=why, at=now, new_version=1),),
    )  # fmt: skip
    return decided(verdict, Recall(), policy, article=article, added_text=article.text)


def _seen(page: Target, entry: Target, item: Item, policy: Policy, now: datetime) -> Verdict | None:
    """Nothing to write of an entry that stands where it stood."""
    back = item.state is ItemState.WITHDRAWN
    if not back and not entry.gone_checks:
        return None
    target = replace(entry, gone_checks=0, gone_since=None, last_good=now, last_checked=now)
    why = (f"named on {page.url} again",)
    verdict = Verdict(target=target, at=now, outcome="read", because=why, seen=True)
    if not back:
        return verdict
    change = Change(source=page.source, url=item.url, kind=ChangeKind.RESTORED, because=why, at=now)
    return decided(replace(verdict, changes=(change,), state=ItemState.PRESENT), Recall(item=item), policy)


def _missed(
    page: Target, entry: Target, item: Item, policy: Policy, recall: Recall, rebuilt: bool, now: datetime
) -> Verdict:
    """An entry that is not on the page: believed gone once it is confirmed, twice over when most are gone at once."""
    since = entry.gone_since or now
    last = entry.last_good if entry.gone_checks else recall.last_good
    target = replace(entry, gone_checks=entry.gone_checks + 1, gone_since=since, last_good=last, last_checked=now)
    needed = [policy.watch.confirm_withdrawn, *([policy.watch.confirm_mass_change] if rebuilt else [])]
    if any(target.gone_checks < each.checks or now - since < each.over for each in needed):
        why = (f"missing on {target.gone_checks} looks; not believed yet",)
        return Verdict(target=target, at=now, outcome="gone", because=why)
    seen = f"named on {page.url} on {last or item.last_seen:%Y-%m-%d}, no more on {since:%Y-%m-%d}"
    change = Change(
        source=page.source, url=item.url, kind=ChangeKind.WITHDRAWN, because=(seen,), at=now, old_version=item.versions
    )
    verdict = Verdict(
        target=replace(target, gone_checks=0, gone_since=None), at=now, outcome="withdrawn", because=(seen,),
        changes=(change,), state=ItemState.WITHDRAWN,
    )  # fmt: skip
    return decided(verdict, Recall(item=item), policy)
