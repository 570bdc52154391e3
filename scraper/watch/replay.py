"""What today's rules would have sent: the recorded past, told again to them. Nothing is written.

The past is what memory holds: versions, changes, the ledger with its notes. An event is told as it is known today,
and a trouble of a source leaves no record to tell it from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import cache
from itertools import groupby
from typing import Any

from scraper.alert.happening import KIND_OF_CHANGE, Happening, relationship
from scraper.alert.rules import decide
from scraper.detect.diff import diff
from scraper.watch.policy import Policy, one_relationship, unheard
from storage.records.alert import Alert
from storage.records.change import Change
from storage.records.observation import Item, Observation
from storage.records.partnership import LedgerMove, Partnership
from storage.records.source import ItemId, SourceId, Target
from storage.store import Catalogue, Filter

# Notes of the ledger that say how it came to an entry, and not what a page added to it.
_ASIDE = ("first told:", "also told by", "before it:", "said before the edit:")


def replayed(catalogue: Catalogue, policy: Callable[[SourceId], Policy], wanted: Filter) -> Iterator[Alert]:
    """The alerts that those rules would have made, oldest first; sources that left the configuration are left out."""
    told, targets = _told(catalogue), cache(lambda source: targets_by_item(source, catalogue))
    changes = sorted(catalogue.changes(replace(wanted, kind="", limit=None)), key=lambda change: change.at)
    for (item, at), group in groupby(changes, key=lambda change: (change.item, change.at)):
        found = catalogue.find_item(str(item))
        moves = told.pop((item, at), [])
        if found is not None and (judged := _policy(policy, found.source)):
            yield from _alerts(found, list(group), moves, at, judged, catalogue, targets)
    for (item, at), moves in sorted(told.items(), key=lambda each: each[0][1]):
        found = catalogue.find_item(str(item)) if item is not None and _within(at, wanted) else None
        if found and wanted.source in ("", found.source) and (judged := _policy(policy, found.source)):
            yield from _alerts(found, [], moves, at, judged, catalogue, targets)


def happenings_of(
    item: Item, target: Target | None, changes: list[Change], moves: list[tuple[LedgerMove, str]], at: datetime,
    policy: Policy, catalogue: Catalogue,
) -> list[Happening]:  # fmt: skip
    """What one look at an item found then; each move comes with the thread of its relationship."""
    versions = tuple(v for v in catalogue.versions(item.id) if v.seen <= at)
    article = versions[-1].article if versions else None
    common: dict[str, Any] = {
        "source": policy.source, "item_url": item.url, "article": article, "title": item.title,
        "language": article.language if article else "", "looked": target.looked if target else None,
        "published": (article.published if article else None) or (target.published if target else None),
        "first_seen": item.first_seen,
    }  # fmt: skip
    told = [
        Happening(kind="partnership", move=move, thread=thread, unheard=unheard(move, item.url, policy), **common)
        for move, thread in moves
    ]
    added = _added(versions)
    return told + [
        Happening(kind=KIND_OF_CHANGE[change.kind], change=change, added_text=added, **common)
        for change in changes
        if change.kind in KIND_OF_CHANGE
    ]


def targets_by_item(source: SourceId, catalogue: Catalogue) -> dict[ItemId | None, Target]:
    """The addresses of a source's items; what found each of them is known there."""
    return {target.item: target for target in catalogue.targets(source, discovering=False)}


def _alerts(
    item: Item, changes: list[Change], moves: list[tuple[LedgerMove, str]], at: datetime, policy: Policy,
    catalogue: Catalogue, targets: Callable[[SourceId], dict[ItemId | None, Target]],
) -> Iterator[Alert]:  # fmt: skip
    target = targets(item.source).get(item.id)
    happenings = happenings_of(item, target, changes, moves, at, policy, catalogue)
    told = decide(happenings, policy.rules, now=at, alert_age=policy.watch.alert_age, same=policy.same)
    for alert in told.alerts:
        yield replace(alert, item=item.id, partnership=None)


def _told(catalogue: Catalogue) -> dict[tuple[int | None, datetime], list[tuple[LedgerMove, str]]]:
    """Each page's part in the ledger by item and moment: the first telling, another witness, what was added."""
    ledger = sorted(catalogue.partnerships(Filter()), key=lambda entry: entry.id or 0)
    told: dict[tuple[int | None, datetime], list[tuple[LedgerMove, str]]] = {}
    for place, entry in enumerate(ledger):
        first = next((other for other in ledger[:place] if one_relationship(other, entry)), entry)
        items = {witness.url: witness.item for witness in entry.witnesses}
        for number, (at, notes) in enumerate(groupby(entry.history, key=lambda note: note.at)):
            said = list(notes)
            move = LedgerMove(
                entry=_then(entry, at, new=not number),
                adds=tuple(note.what for note in said if not note.what.startswith(_ASIDE)) if number else (),
                new_witness=any(note.what.startswith("also told by") for note in said),
            )
            told.setdefault((items.get(said[0].url), at), []).append((move, relationship(first)))
    return told


def _then(entry: Partnership, at: datetime, *, new: bool) -> Partnership:
    """The entry with the witnesses it had by then; one that was new had no id yet."""
    witnesses = tuple(witness for witness in entry.witnesses if witness.first_seen <= at)
    return replace(entry, id=None if new else entry.id, witnesses=witnesses)


def _added(versions: tuple[Observation, ...]) -> str:
    if len(versions) < 2:
        return versions[0].article.text if versions else ""
    return diff(versions[-2].article, versions[-1].article).added_text


def _policy(policy: Callable[[SourceId], Policy], source: SourceId) -> Policy | None:
    try:
        return policy(source)
    except KeyError:
        return None


def _within(at: datetime, wanted: Filter) -> bool:
    return (wanted.since is None or at >= wanted.since) and (wanted.until is None or at < wanted.until)
