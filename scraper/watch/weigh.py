"""What an article that was read means: new, changed, moved, a twin of a known one, a partnership announced."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from scraper.detect.change import Difference, differences
from scraper.detect.diff import diff
from scraper.detect.duplicates import FEWEST_WORDS, same_in_another_language, same_story
from scraper.detect.fingerprint import VERSION as RECIPE
from scraper.detect.fingerprint import fingerprint
from scraper.parse import EXTRACTOR_VERSION
from scraper.watch.harvest import new_targets
from scraper.watch.policy import Policy, decided
from scraper.watch.read import ArticleReading, Beside
from scraper.watch.telling import amended, moves_of, related, silent, witness_of
from storage.records.article import Article
from storage.records.change import Change, ChangeKind
from storage.records.observation import Item, ItemState, Observation
from storage.records.source import SourceId, Target
from storage.records.verdict import Recall, Verdict

QUIET = "it goes to and fro between two versions, as it is known to"


def weigh(
    target: Target,
    reading: ArticleReading,
    recall: Recall,
    policy: Policy,
    *,
    raw: str,
    moved_from: str = "",
    beside: Beside | None = None,
    now: datetime,
) -> Verdict:
    """The verdict on one article, its target already brought up to date.

    `raw` is the archive key of its body; `moved_from` the address that now leads here for good; `beside` the known
    version as today's reader has it.
    """
    base = Verdict(
        target=target, at=now, outcome="read", seen=True, related=related(reading.findings),
        targets=new_targets(reading.leads, target, recall, policy, now=now),
    )  # fmt: skip
    if recall.item is None:
        return _first_look(base, reading, recall, policy, raw=raw)
    return _another_look(_moved(base, moved_from), reading, recall, policy, raw=raw, beside=beside)


def _first_look(base: Verdict, reading: ArticleReading, recall: Recall, policy: Policy, *, raw: str) -> Verdict:
    twin = _same_item(base.target, reading, recall)
    if twin is not None:
        return _second_address(base, twin, reading.article, recall, policy)
    told = _told_before(reading.article, base.target.source, recall)
    if told is not None and told.source == base.target.source and (waits := _maybe_moved(base, told, recall)):
        return waits
    known_since = told.first_seen.date().isoformat() if told else ""
    told = told or _translated(reading.article, recall)
    because = ("seen for the first time",) + ((f"the same story as {told.url}, seen {_day(told)}",) if told else ())
    change = Change(
        source=policy.source.id, url=base.target.url, kind=ChangeKind.NEW, at=base.at, because=because, new_version=1
    )
    verdict = replace(
        base, new_item=True, observation=_observation(base, reading, 1, raw), changes=(change,), because=because,
        story=(told.story or told.id) if told else None,
        ledger=moves_of(
            reading.findings.events, witness_of(base), recall.ledger, now=base.at, neighbours=recall.neighbours
        ),
    )  # fmt: skip
    return decided(
        verdict, recall, policy, article=reading.article, added_text=reading.article.text, known_since=known_since
    )


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


def _maybe_moved(base: Verdict, told: Item, recall: Recall) -> Verdict | None:
    """The same story under another address of this source: the first address is asked before this one is believed.

    When it is gone, this is where it went, with another title or an edited text; a second look says what changed.
    """
    others = tuple(replace(other, due=base.at) for other in recall.looks_alike_targets if other.item == told.id)
    again = replace(base.target, due=base.at, body_hash="", etag="", last_modified="")
    if others and base.target.checks <= 1:
        why = (f"the same story as {told.url}: that address is asked first",)
        return replace(
            base, outcome="waits", target=again, targets=(*base.targets, *others), story=told.id, because=why
        )
    if others and told.state is ItemState.PRESENT and all(other.gone_checks for other in others):
        why = (f"the story of {told.url}, which is gone",)
        again = replace(again, item=told.id)
        return replace(base, outcome="same", target=again, targets=(*base.targets, *others), because=why)
    return None


def _told_before(article: Article, source: SourceId, recall: Recall) -> Item | None:
    """The item, in whatever source, that told this story before."""
    for a in recall.look_alikes:
        if a.exact or same_story(article, a.observation.article, own=a.item.source == source):
            return a.item
    return None


def _translated(article: Article, recall: Recall) -> Item | None:
    """The item of this source that says the same in another language."""
    return next(
        (a.item for a in recall.siblings if same_in_another_language(article, a.observation.article, linked=a.exact)),
        None,
    )


def _another_look(
    base: Verdict, reading: ArticleReading, recall: Recall, policy: Policy, *, raw: str, beside: Beside | None
) -> Verdict:
    assert recall.item is not None
    assert recall.observation is not None
    before = _before(recall.observation, beside)
    changes = list(base.changes)
    back = recall.item.state is ItemState.WITHDRAWN
    if back:
        changes.append(_change(base, ChangeKind.RESTORED, ("the page is back",)))
    verdict = replace(base, state=ItemState.PRESENT if back else None)
    found = differences(before, reading.article, beside.pages if beside else None)
    version = recall.item.versions + 1
    stale = before.fingerprint.content != recall.observation.fingerprint.content
    verdict = replace(verdict, reread=before if stale or before.extractor != recall.observation.extractor else None)
    flip = _flip(reading, before, recall, policy, base.at) if found else None
    if found and flip != QUIET:  # a changed date is kept too, or the next look would find it changed again
        new_text = reading.fingerprint.content != before.fingerprint.content
        verdict = replace(verdict, observation=_observation(base, reading, version, raw))
        verdict = replace(verdict, target=replace(verdict.target, changes=verdict.target.changes + 1))
        moved = amended(reading, before.article, base, recall, policy) if new_text else ()
        verdict = replace(verdict, ledger=tuple(map(silent, moved)) if flip else moved)
        changes += [_reverted(base, flip, version)] if flip else _versioned(base, found, version)
    elif not found and reading.fingerprint.content != before.fingerprint.content:
        seen = _observation(base, reading, before.version, raw)  # the same article, read with other furniture
        verdict = replace(verdict, reread=replace(seen, seen=before.seen))
    quiet = flip if flip == QUIET else "nothing a reader would notice"
    because = tuple(why for change in changes for why in change.because) or (quiet,)
    verdict = replace(verdict, changes=tuple(changes), because=because)
    added = diff(before.article, reading.article).added_text if verdict.observation else ""
    return decided(verdict, recall, policy, article=reading.article, added_text=added)


def _before(seen: Observation, beside: Beside | None) -> Observation:
    """The known version by today's reader and today's recipe of fingerprints: like is compared with like."""
    if beside is not None and beside.version == seen.version:
        then = beside.reading
        return replace(seen, article=then.article, fingerprint=then.fingerprint, extractor=EXTRACTOR_VERSION)
    fresh = seen.fingerprint.content.startswith(RECIPE)
    return seen if fresh else replace(seen, fingerprint=fingerprint(seen.article))


def _flip(reading: ArticleReading, before: Observation, recall: Recall, policy: Policy, now: datetime) -> str:
    """Why this look goes back to an earlier version (A-B-A) in words, QUIET once that is an old habit, or ""."""
    window, past = policy.watch.flip_window, recall.versions
    if not window or not past:
        return ""
    now_is = (reading.fingerprint.content, reading.article.published.value if reading.article.published else "")
    keys = [(before.fingerprint.content, past[0].published), *((old.content, old.published) for old in past[1:])]
    old = next((seen for seen, key in zip(past[1:], keys[1:], strict=True) if key == now_is), None)
    returns = len(keys) - len(set(keys))
    fast = any(newer.seen - older.seen <= window for newer, older in pairwise(past))
    recent = now - past[0].seen <= window
    if old is None or not (recent or (returns > 1 and fast)):
        return ""
    if returns > 1 and recent:
        return QUIET
    since = f"first seen {old.seen:%Y-%m-%d %H:%M}"
    if returns:
        return f"goes to and fro: once more the text of version {old.version}, {since}; silent from now on"
    return f"back to the text of version {old.version}, {since}"


def _moved(base: Verdict, moved_from: str) -> Verdict:
    """The item lives where a permanent redirect brought us."""
    if not moved_from:
        return base
    why = (f"{moved_from} now leads to {base.target.url}",)
    change = _change(base, ChangeKind.MOVED, why, significance="minor")
    return replace(base, moved_to=base.target.url, changes=(change,))


def _versioned(base: Verdict, found: tuple[Difference, ...], version: int) -> list[Change]:
    return [
        Change(
            source=base.target.source, url=base.target.url, kind=one.kind, significance=one.significance, at=base.at,
            because=one.because, old_version=version - 1, new_version=version,
        )
        for one in found
    ]  # fmt: skip


def _reverted(base: Verdict, why: str, version: int) -> Change:
    change = _change(base, ChangeKind.REVERTED, (why,), significance="minor")
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
