"""What kind of change lies between two versions, how much it matters and why. Moves and withdrawals are watch's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scraper.detect.diff import diff
from scraper.detect.fingerprint import normalised
from storage.records.article import Article, DateFact
from storage.records.change import ChangeKind, Diff, Significance
from storage.records.observation import Fingerprint, Observation

CORRECTED_WORDS = 12  # at most so many words exchanged, and
CORRECTED_SHARE = 0.1  # at most this share of the text, is a correction; more is an edit


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One kind of change between two versions."""

    kind: ChangeKind
    significance: Significance
    because: tuple[str, ...]


def differences(before: Observation, after: Article, mark: Fingerprint) -> tuple[Difference, ...]:
    """What changed for a reader; empty when only furniture, markup or typography did."""
    if mark.content == before.fingerprint.content:
        return _redated(before, after)
    found: list[Difference] = []
    if mark.text != before.fingerprint.text:
        found.append(_rewritten(diff(before.article, after), words=before.fingerprint.words))
    if _retitled(before.article.title, after.title):
        found.append(
            Difference(
                kind=ChangeKind.RETITLED,
                significance="major",
                because=(f"the title was “{before.article.title}” and is “{after.title}”",),
            )
        )
    return tuple(found)


def _rewritten(change: Diff, *, words: int) -> Difference:
    whole = [block for block in change.blocks if block.op in ("added", "removed")]
    exchanged = sum(
        len(run.text.split()) for block in change.blocks for run in block.words if run.op in ("added", "removed")
    )
    # A word exchanged counts twice: once as it goes, once as it comes.
    small = not whole and exchanged <= 2 * min(CORRECTED_WORDS, max(2, int(words * CORRECTED_SHARE)))
    because = (*_in_words(change), *change.facts)
    return Difference(
        kind=ChangeKind.CORRECTED if small else ChangeKind.EDITED,
        significance="major" if whole or change.facts else "minor",
        because=because,
    )


def _in_words(change: Diff) -> tuple[str, ...]:
    counts = {op: sum(block.op == op for block in change.blocks) for op in ("added", "removed", "reworded", "moved")}
    return tuple(f"{n} {'passage' if n == 1 else 'passages'} {op}" for op, n in counts.items() if n)


def _retitled(old: str, new: str) -> bool:
    """Whether the titles differ; a title cut at "…" equals the whole one that begins like it."""
    a, b = normalised(old), normalised(new)
    cut_a, cut_b = (t.removesuffix("...").rstrip() if t.endswith("...") else None for t in (a, b))
    if (cut_a is not None and b.startswith(cut_a)) or (cut_b is not None and a.startswith(cut_b)):
        return False
    return a != b


def _redated(before: Observation, after: Article) -> tuple[Difference, ...]:
    old, new = before.article.published, after.published
    if old is None or new is None or old.precision != new.precision or old.value == new.value:
        return ()
    again = new.value > old.value and new.latest() > _day(before.seen)
    kind = ChangeKind.REPUBLISHED if again else ChangeKind.DATE_CHANGED
    return (Difference(kind=kind, significance="minor", because=(_dates(old, new),)),)


def _dates(old: DateFact, new: DateFact) -> str:
    return f"the text is the same, its date was {old.value} and is {new.value}"


def _day(moment: datetime) -> str:
    return moment.date().isoformat()
