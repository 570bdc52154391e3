"""What a telling does to the ledger: a new entry, or a held one with a witness and perhaps facts more.

An entry is what its witnesses tell, one after another, with the persons' words over it: so whatever one page takes
back, the others still say. Which entry is meant is same.py's question.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import reduce

from scraper.detect.ledger.same import held_by, keys_of, same_bodies, same_page
from scraper.detect.ledger.word import as_said, laid_over, said
from scraper.detect.organisations import host_of, same_party
from scraper.text import fold
from storage.records.article import DateFact
from storage.records.partnership import (
    HistoryNote,
    LedgerMove,
    Neighbour,
    Partnership,
    PartnershipEvent,
    Party,
    Witness,
    Word,
)  # fmt: skip

REPRINTED = timedelta(days=14)
_PLAIN = frozenset({"partnership", "cooperation_agreement"})
_VAGUE = frozenset({"announced", "strengthened"})  # actions that give way to what another page says was done


def moves(
    event: PartnershipEvent,
    witness: Witness,
    known: tuple[Partnership, ...],
    *,
    now: datetime,
    neighbours: tuple[Neighbour, ...] = (),
) -> LedgerMove:
    """What this page does to the ledger; `neighbours` are what was told before of intentions of the same bodies."""
    held = held_by(event, witness, known, now)
    if held is None:
        note = HistoryNote(at=now, what=f"first told: {in_words(event)}", url=witness.url)
        before = (*_prepared(event, neighbours, now), *_notes_on_earlier(event, known, now, witness.url))
        telling = replace(witness, told=event)
        entry = Partnership(
            event=event, first_seen=witness.first_seen, witnesses=(telling,), history=(note, *before)
        )  # fmt: skip
        return LedgerMove(entry=entry, keys=keys_of(entry))
    new = not any(same_page(witness, w) for w in held.witnesses)
    adds = tuple(_adds(held.event, laid_over(event, held.words)))
    says = (*([f"also told by {witness.source}"] if new else []), *adds)
    entry = replace(
        retold(held, witness, event, more=True), first_seen=min(held.first_seen, witness.first_seen),
        history=(*held.history, *(HistoryNote(at=now, what=text, url=witness.url) for text in says)),
    )  # fmt: skip
    return LedgerMove(entry=entry, adds=adds, new_witness=new, keys=keys_of(entry))


def retold(entry: Partnership, witness: Witness, event: PartnershipEvent, *, more: bool = False) -> Partnership:
    """The entry when this page tells the event so: in the place of what it told before, or (`more`) besides it."""
    witnesses = [w for w in entry.witnesses if not same_page(w, witness)]
    at = next((n for n, w in enumerate(entry.witnesses) if same_page(w, witness)), len(witnesses))
    old = entry.witnesses[at] if at < len(entry.witnesses) else witness
    told = _merged(old.told, event) if more and old.told is not None else event
    witnesses.insert(at, replace(old, told=told))
    return composed(replace(entry, witnesses=tuple(witnesses)))


def composed(entry: Partnership) -> Partnership:
    """The entry as its witnesses tell it, in the order of their telling, and persons correct it.

    Witnesses whose words were not kept are taken at what the entry holds.
    """
    told = [w.told for w in entry.witnesses if w.told is not None]
    whole = told and len(told) == len(entry.witnesses)
    return as_said(replace(entry, event=reduce(_merged, told) if whole else reduce(_merged, told, entry.event)))


def united(entry: Partnership, other: Partnership, word: Word) -> tuple[Partnership, Partnership]:
    """Both are one event, says a person: the first with all witnesses, and the other, which leads to it from now on."""
    theirs = (replace(w, told=w.told or other.event) for w in other.witnesses)
    more = tuple(w for w in theirs if not any(same_page(w, own) for own in entry.witnesses))
    history = sorted((*entry.history[1:], *other.history), key=lambda note: note.at)
    whole = replace(
        entry, witnesses=(*entry.witnesses, *more), words=(*entry.words, *other.words),
        first_seen=min(entry.first_seen, other.first_seen), history=(*entry.history[:1], *history),
    )  # fmt: skip
    return said(composed(whole), word), replace(other, witnesses=(), merged_into=entry.id)


def parted(entry: Partnership, word: Word) -> tuple[Partnership, Partnership]:
    """The page that the word names tells of another event, says a person: the entry without it, and a new one."""
    (out,) = (witness for witness in entry.witnesses if witness.url == word.url)
    event = out.told or entry.event
    first = HistoryNote(at=word.at, what=f"first told: {in_words(event)}; split from entry {entry.id}", url=out.url)
    new = Partnership(event=event, first_seen=out.first_seen, witnesses=(out,), history=(first,))
    rest = replace(entry, witnesses=tuple(witness for witness in entry.witnesses if witness is not out))
    return said(composed(rest), word), new


def in_words(event: PartnershipEvent) -> str:
    """One line for people: "COCIR and HIMSS: cooperation agreement renewed"."""
    return f"{_list(event.parties)}: {event.instrument.replace('_', ' ')} {event.action}"


def announced_by(entry: Partnership, domains: dict[str, str]) -> tuple[tuple[Party, bool], ...]:
    """Which parties have told of it themselves; `domains` gives a party's registry id its host."""
    hosts = {host_of(witness.url) for witness in entry.witnesses} - {""}

    def told(home: str) -> bool:
        return bool(home) and any(host == home or host.endswith(f".{home}") for host in hosts)

    return tuple((party, told(domains.get(party.organisation or "", ""))) for party in entry.event.parties)


def _adds(held: PartnershipEvent, new: PartnershipEvent) -> Iterator[str]:
    """In words, only what a person who knows the entry would not know: party, date, instrument, end."""
    for party in missing(new.parties, held.parties):
        yield f"names {party.name} as a party too"
    if new.date is not None:
        if held.date is None:
            yield f"gives the day of the act: {new.date.value}"
        elif _copied(held.date, new.date) or _copied(new.date, held.date):
            pass
        elif not (held.date.value.startswith(new.date.value) or new.date.value.startswith(held.date.value)):
            yield f"gives another day of the act: {new.date.value}, not {held.date.value}"
        elif len(new.date.value) > len(held.date.value):
            yield f"gives the day more closely: {new.date.value}"
    if new.instrument != held.instrument and new.instrument not in _PLAIN:
        yield f"calls it {new.instrument.replace('_', ' ')}, not {held.instrument.replace('_', ' ')}"
    if new.until and new.until != held.until:
        day = new.until[0].isdigit() and "year" not in new.until
        yield f"says it runs until {new.until}" if day else f"says it is for {new.until}"


def _merged(held: PartnershipEvent, new: PartnershipEvent) -> PartnershipEvent:
    """The held event with what it lacked: fuller names, date, term. What it states itself is never overwritten."""
    parties = [next((_fuller(p, q) for q in new.parties if same_party(p, q)), p) for p in held.parties]
    better = new if held.instrument in _PLAIN and new.instrument not in _PLAIN else held
    strong, other = (held, new) if held.score >= new.score else (new, held)
    return replace(
        held, parties=(*parties, *missing(new.parties, held.parties)), instrument=better.instrument,
        action=new.action if held.action in _VAGUE else held.action, date=_date_of(held.date, new.date),
        announced=_earlier(held.announced, new.announced), until=held.until or new.until,
        since=min(filter(None, (held.since, new.since)), default=None), score=strong.score, because=strong.because,
        certainty="sure" if "sure" in (held.certainty, new.certainty) else "possible",
        evidence=tuple(dict.fromkeys((*strong.evidence, *other.evidence)))[: max(4, len(held.evidence))],
    )  # fmt: skip


def missing(these: Iterable[Party], among: tuple[Party, ...]) -> tuple[Party, ...]:
    """Those parties that are not among the others."""
    return tuple(party for party in these if not any(same_party(party, other) for other in among))


def _copied(first: DateFact, later: DateFact) -> bool:
    """Whether a text that says "today" was printed again some days later: its first day holds."""
    if later.origin != "relative" or len(first.value) != len(later.value):
        return False
    return timedelta() < date.fromisoformat(later.value) - date.fromisoformat(first.value) <= REPRINTED


def _date_of(held: DateFact | None, new: DateFact | None) -> DateFact | None:
    if held is not None and new is not None and _copied(new, held):
        return replace(new, origin="twin")
    if new is None or (
        held is not None and not (len(new.value) > len(held.value) and new.value.startswith(held.value))
    ):
        return held
    return replace(new, origin="twin")


def _earlier(held: DateFact | None, new: DateFact | None) -> DateFact | None:
    if new is None or (held is not None and new.latest() >= held.earliest()):
        return held
    return replace(new, origin="twin")


def _fuller(held: Party, new: Party) -> Party:
    """The longer name, an acronym where one of them has it, the registry's id."""
    acronym = held.acronym or new.acronym
    for short, long in ((held, new), (new, held)):
        if not acronym and short.name != long.name and _is_acronym_of(short.name, long):
            acronym = short.name
    name = held.name if len(held.name) >= len(new.name) or fold(new.name) == fold(held.acronym) else new.name
    return Party(
        name=name, acronym=acronym if acronym != name else "", organisation=held.organisation or new.organisation
    )


def _is_acronym_of(short: str, long: Party) -> bool:
    return " " not in short and " " in long.name and sum(c.isupper() for c in short) >= 2


def _notes_on_earlier(
    event: PartnershipEvent, known: tuple[Partnership, ...], now: datetime, url: str
) -> Iterator[HistoryNote]:
    """What the ledger held of the same bodies before: an end refers to its signature, a renewal to the first."""
    for entry in known:
        if entry.status != "rejected" and same_bodies(event.parties, entry.event.parties):
            when = entry.event.date or entry.event.announced
            day = when.value if when else entry.first_seen.date().isoformat()
            yield HistoryNote(at=now, what=f"before it: {in_words(entry.event)} ({day})", url=url)


def _prepared(event: PartnershipEvent, neighbours: Iterable[Neighbour], now: datetime) -> Iterator[HistoryNote]:
    """The pages that told of the intention: `A and B prepare a memorandum`, signed two months later."""
    for near in neighbours:
        if near.event.kind == "intended" and same_bodies(event.parties, near.event.parties):
            sentence = near.event.evidence[0].sentence if near.event.evidence else ""
            what = f"before it, on {near.seen.date().isoformat()}: it was intended"
            yield HistoryNote(at=now, what=f"{what} (“{sentence[:200]}”)" if sentence else what, url=near.url)


def _list(parties: tuple[Party, ...]) -> str:
    names = [p.acronym or p.name for p in parties]
    return ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else "".join(names)
