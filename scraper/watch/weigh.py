"""What an article that was read means: new, changed, moved, a twin of a known one, a partnership announced."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from scraper.detect.change import Difference, differences
from scraper.detect.diff import diff
from scraper.detect.duplicates import FEWEST_WORDS, same_story
from scraper.parse import EXTRACTOR_VERSION
from scraper.watch.harvest import new_targets
from scraper.watch.policy import Policy, decided
from scraper.watch.read import ArticleReading
from scraper.watch.telling import amended, related, silent, told
from storage.records.article import Article
from storage.records.change import Change, ChangeKind
from storage.records.observation import Item, ItemState, Observation
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
        target=target, at=now, outcome="read", seen=True, related=related(reading.findings),
        targets=new_targets(reading.leads, target, recall, policy, now=now),
    )  # fmt: skip
    if recall.item is None:
        return _first_look(base, reading, recall, policy, raw=raw)
    return _another_look(_moved(base, moved_from), reading, recall.item, recall, policy, raw=raw)


def _first_look(base: Verdict, reading: ArticleReading, recall: Recall, policy: Policy, *, raw: str) -> Verdict:
    twin = _same_item(base.target, reading, recall)
    if twin is not None:
        return _second_address(base, twin, reading.article, recall, policy)
    first = _told_before(reading.article, base.target.source, recall)
    because = ("seen for the first time",) + ((f"the same story as {first.url}, seen {_day(first)}",) if first else ())
    change = Change(
        source=policy.source.id, url=base.target.url, kind=ChangeKind.NEW, at=base.at, because=because, new_version=1
    )
    verdict = replace(
        base, new_item=True, observation=_observation(base, reading, 1, raw), changes=(change,), because=because,
        story=(first.story or first.id) if first else None, ledger=told(reading.findings.events, base, recall),
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
        reverted = _earlier(reading, recall, policy, base.at)
        moved = amended(reading, before.article, base, recall, policy)
        verdict = replace(verdict, ledger=tuple(map(silent, moved)) if reverted else moved)
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
