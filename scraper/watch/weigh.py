"""What an article that was read means: new, changed, moved, a twin of a known one, a partnership announced."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from scraper.detect.change import Difference, differences
from scraper.detect.diff import diff
from scraper.detect.duplicates import FEWEST_WORDS, same_story
from scraper.detect.fingerprint import normalised
from scraper.detect.ledger import amend, moves, party_keys
from scraper.parse import EXTRACTOR_VERSION
from scraper.watch.harvest import new_targets
from scraper.watch.policy import Policy, decided
from scraper.watch.read import ArticleReading, understand
from storage.records.article import Article
from storage.records.change import Change, ChangeKind
from storage.records.observation import Item, ItemState, Observation
from storage.records.partnership import LedgerMove, PartnershipEvent, PartnershipId, Witness
from storage.records.source import SourceId, Target
from storage.records.verdict import Recall, SeenVersion, Verdict


def weigh(
    target: Target,
    reading: ArticleReading,
    recall: Recall,
    policy: Policy,
    *,
    raw: str,
    moved_from: str = "",
    now: datetime,
) -> Verdict:
    """The verdict on one article, its target already brought up to date.

    `raw` is the archive key of its body; `moved_from` the address that now leads here for good.
    """
    base = Verdict(
        target=target, at=now, outcome="read", seen=True, related=reading.findings.related,
        targets=new_targets(reading.leads, target, recall, policy, now=now),
    )  # fmt: skip
    if recall.item is None:
        return _first_look(base, reading, recall, policy, raw=raw)
    return _another_look(_moved(base, moved_from), reading, recall.item, recall, policy, raw=raw)


def _first_look(base: Verdict, reading: ArticleReading, recall: Recall, policy: Policy, *, raw: str) -> Verdict:
    twin = _same_item(base.target, reading, recall)
    if twin is not None:
        return _second_address(base, twin, reading.article, recall, policy)
    told = _told_before(reading.article, base.target.source, recall)
    because = ("seen for the first time",) + ((f"the same story as {told.url}, seen {_day(told)}",) if told else ())
    change = Change(
        source=policy.source.id, url=base.target.url, kind=ChangeKind.NEW, at=base.at, because=because, new_version=1
    )
    verdict = replace(
        base, new_item=True, observation=_observation(base, reading, 1, raw), changes=(change,), because=because,
        story=(told.story or told.id) if told else None, ledger=_moves(reading.findings.events, base, recall),
    )  # fmt: skip
    return decided(verdict, recall, policy, article=reading.article, added_text=reading.article.text)


def _same_item(target: Target, reading: ArticleReading, recall: Recall) -> Item | None:
    """The item of this very source that already says exactly this: the same item under another address."""
    if reading.fingerprint.words < FEWEST_WORDS:
        return None
    return next((a.item for a in recall.look_alikes if a.exact and a.item.source == target.source), None)


def _second_address(base: Verdict, twin: Item, article: Article, recall: Recall, policy: Policy) -> Verdict:
    """Say nothing yet: the first address is asked next, and when it is gone the item has moved here."""
    if twin.state is not ItemState.PRESENT:
        return decided(_found_again(base, twin), recall, policy, article=article)
    others = tuple(replace(other, due=base.at) for other in recall.looks_alike_targets if other.item == twin.id)
    why = (f"the same text as {twin.url}: one item under two addresses, until the first is gone",)
    return replace(
        base, outcome="same", target=replace(base.target, item=twin.id), targets=(*base.targets, *others), because=why
    )


def _found_again(base: Verdict, twin: Item) -> Verdict:
    """A withdrawn item whose text stands at a new address is back."""
    why = (f"withdrawn at {twin.url}, and the same text is back here",)
    change = Change(source=twin.source, url=base.target.url, kind=ChangeKind.RESTORED, at=base.at, because=why)
    return replace(
        base, target=replace(base.target, item=twin.id), state=ItemState.PRESENT, moved_to=base.target.url,
        changes=(change,), because=why,
    )  # fmt: skip


def _told_before(article: Article, source: SourceId, recall: Recall) -> Item | None:
    """The item, in whatever source, that told this story before.

    Within one source only the very same text counts: bulletins of one sender share most of their words.
    """
    return next(
        (
            a.item
            for a in recall.look_alikes
            if a.exact or (a.item.source != source and same_story(article, a.observation.article))
        ),
        None,
    )


def _another_look(
    base: Verdict, reading: ArticleReading, item: Item, recall: Recall, policy: Policy, *, raw: str
) -> Verdict:
    assert recall.observation is not None
    before = recall.observation
    changes = list(base.changes)
    if item.state is ItemState.WITHDRAWN:
        changes.append(_change(base, ChangeKind.RESTORED, ("the page is back",)))
    verdict = replace(base, state=ItemState.PRESENT if item.state is ItemState.WITHDRAWN else None)
    found = differences(before, reading.article, reading.fingerprint)
    new_text = reading.fingerprint.content != before.fingerprint.content
    version = item.versions + 1
    if new_text or found:  # a changed date is kept too, or the next look would find it changed again
        verdict = replace(verdict, observation=_observation(base, reading, version, raw))
    if new_text:
        verdict = replace(verdict, ledger=_amended(reading, before.article, base, recall, policy))
        reverted = _earlier(reading, recall, policy, base.at)
        changes += [_reverted(base, reverted, version)] if reverted else _versioned(base, found, before, version)
    else:
        changes += _versioned(base, found, before, version)
    target = replace(verdict.target, changes=verdict.target.changes + (1 if new_text else 0))
    because = tuple(why for change in changes for why in change.because) or ("nothing a reader would notice",)
    verdict = replace(verdict, target=target, changes=tuple(changes), because=because)
    added = diff(before.article, reading.article).added_text if new_text else ""
    return decided(verdict, recall, policy, article=reading.article, added_text=added)


def _moved(base: Verdict, moved_from: str) -> Verdict:
    """The item lives where a permanent redirect brought us."""
    if not moved_from:
        return base
    why = (f"{moved_from} now leads to {base.target.url}",)
    change = _change(base, ChangeKind.MOVED, why, significance="minor")
    return replace(base, moved_to=base.target.url, changes=(change,))


def _versioned(base: Verdict, found: tuple[Difference, ...], before: Observation, version: int) -> list[Change]:
    return [
        Change(
            source=base.target.source, url=base.target.url, kind=one.kind, significance=one.significance, at=base.at,
            because=one.because, old_version=before.version, new_version=version,
        )
        for one in found
    ]  # fmt: skip


def _earlier(reading: ArticleReading, recall: Recall, policy: Policy, now: datetime) -> SeenVersion | None:
    """The earlier version this one goes back to, when it was replaced only a short while ago (A-B-A)."""
    replaced = recall.versions[0].seen if recall.versions else now
    if now - replaced > policy.watch.flip_window:
        return None
    return next((old for old in recall.versions[1:] if old.content == reading.fingerprint.content), None)


def _reverted(base: Verdict, old: SeenVersion, version: int) -> Change:
    why = (f"back to the text of version {old.version}, first seen {old.seen:%Y-%m-%d %H:%M}",)
    change = _change(base, ChangeKind.REVERTED, why, significance="minor")
    return replace(change, old_version=version - 1, new_version=version)


def _amended(
    reading: ArticleReading, before: Article, base: Verdict, recall: Recall, policy: Policy
) -> tuple[LedgerMove, ...]:
    """What an edit does to the ledger: a partner gone or a verb softened is news; old words never are again."""
    witness, now = _witness(base), base.at
    earlier = understand(before, publisher=policy.source.organisation, organisations=policy.organisations)
    rest = list(reading.findings.events)
    found: list[LedgerMove | None] = []
    for old in earlier.findings.events:
        new = max(rest, key=lambda event: _shared(old, event), default=None)
        new = new if new is not None and _shared(old, new) else None
        if new is not None:
            rest.remove(new)
        newly = new is not None and _newly_said(new, before)
        move = amend(old, new, witness, recall.ledger, now=now)
        if move is None and new is not None and newly:
            move = moves(new, witness, recall.ledger, now=now)
        if move is not None and move.entry.id is None and not newly:
            move = None  # the ledger never knew of it, and it stood there before: a better reading is no news
        found.append(move)
    found += [moves(event, witness, recall.ledger, now=now) for event in rest if _newly_said(event, before)]
    return _with_keys(move for move in found if move is not None and (move.adds or move.new_witness))


def _shared(one: PartnershipEvent, other: PartnershipEvent) -> int:
    return len(set(party_keys(one)) & set(party_keys(other)))


def _newly_said(event: PartnershipEvent, before: Article) -> bool:
    """Whether a sentence of its evidence was not in the text before; the title counts where nothing else speaks."""
    old = normalised(f"{before.title}\n{before.deck}\n{before.text}")
    body = [evidence for evidence in event.evidence if evidence.block >= 0] or event.evidence
    return any(normalised(evidence.sentence) not in old for evidence in body)


def _moves(events: tuple[PartnershipEvent, ...], base: Verdict, recall: Recall) -> tuple[LedgerMove, ...]:
    """What each event of a new page does to the ledger; a later event sees what the earlier ones did."""
    ledger = {int(entry.id or 0): entry for entry in recall.ledger}
    found: dict[int, LedgerMove] = {}
    for event in events:
        move = moves(event, _witness(base), tuple(ledger.values()), now=base.at)
        key = move.entry.id if move.entry.id is not None else PartnershipId(-1 - len(found))  # until memory gives one
        ledger[key] = replace(move.entry, id=key)
        first = found.get(key, move)
        adds = tuple(dict.fromkeys((*first.adds, *move.adds))) if key > 0 else ()
        found[key] = replace(first, entry=replace(move.entry, id=key if key > 0 else None), adds=adds)
    return _with_keys(found.values())


def _witness(base: Verdict) -> Witness:
    return Witness(item=base.target.item, source=base.target.source, url=base.target.url, first_seen=base.at)


def _with_keys(found: Iterable[LedgerMove]) -> tuple[LedgerMove, ...]:
    return tuple(replace(move, keys=move.keys or party_keys(move.entry.event)) for move in found)


def _observation(base: Verdict, reading: ArticleReading, version: int, raw: str) -> Observation:
    return Observation(
        version=version, seen=base.at, article=reading.article, fingerprint=reading.fingerprint, raw=raw,
        extractor=EXTRACTOR_VERSION,
    )  # fmt: skip


def _change(base: Verdict, kind: ChangeKind, why: tuple[str, ...], **more: object) -> Change:
    return replace(
        Change(source=base.target.source, url=base.target.url, kind=kind, at=base.at, because=why),
        **more,  # type: ignore[arg-type]
    )


def _day(item: Item) -> str:
    return f"{item.first_seen:%Y-%m-%d}"
