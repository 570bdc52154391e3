"""A person's word on an entry: confirmed, rejected, corrected, merged, split. Laid over what pages say, never mixed in.

So it survives what is read anew, later or again: `as_said` gives the same whatever the pages tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from scraper.detect.organisations import same_party
from storage.records.partnership import HistoryNote, Partnership, PartnershipEvent, Status, Word

FACTS = ("parties", "instrument", "action", "date", "since", "until")
_STATUS: dict[str, Status] = {"confirm": "confirmed", "reject": "rejected"}
_DONE = {**_STATUS, "correct": "corrected", "merge": "merged", "split": "split"}


def as_said(entry: Partnership) -> Partnership:
    """The entry with its words laid over what its pages tell; its event is theirs alone before."""
    status: Status = next((_STATUS[w.verb] for w in reversed(entry.words) if w.verb in _STATUS), entry.status)
    event = laid_over(entry.event, entry.words)
    return replace(entry, status=status, event=replace(event, certainty="sure") if status == "confirmed" else event)


def laid_over(event: PartnershipEvent, words: Iterable[Word]) -> PartnershipEvent:
    """The facts of an event as persons have corrected them, the later word over the earlier."""
    for word in words:
        if word.verb == "split" and word.parties:
            kept = tuple(p for p in event.parties if not any(same_party(p, out) for out in word.parties))
            event = replace(event, parties=kept)
        if word.verb == "correct":
            given = {name: value for name in FACTS if (value := getattr(word, name))}
            event = replace(event, **{**dict.fromkeys(word.without), **given})
    return event


def said(entry: Partnership, word: Word) -> Partnership:
    """The entry after a person's word, with a line of it in its history."""
    note = HistoryNote(at=word.at, what=word_line(word))
    return as_said(replace(entry, words=(*entry.words, word), history=(*entry.history, note)))


def word_line(word: Word) -> str:
    """The word in one line: "confirmed by ana", "corrected by ana: since 2008 (asked them)"."""
    facts = "; ".join(_facts(word))
    note = f" ({word.note})" if word.note else ""
    return f"{_DONE[word.verb]} by {word.by or 'a person'}{': ' if facts else ''}{facts}{note}"


def _facts(word: Word) -> Iterator[str]:
    if word.url:
        yield f"{word.url} tells of entry {word.other}" if word.other else word.url
    elif word.other:
        yield f"entry {word.other} is the same event"
    if word.parties:
        names = ", ".join(party.acronym or party.name for party in word.parties)
        yield f"{'without' if word.verb == 'split' else 'parties'} {names}"
    for name in FACTS[1:]:
        value = getattr(word, name)
        if value:
            yield f"{name} {getattr(value, 'value', value)}"
    yield from (f"no {name}" for name in word.without)
