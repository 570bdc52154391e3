"""The ledger's thought: is what a page tells a new relationship, or one that is held already, and what does it add?
Pure.

Memory is asked by `party_keys`; `moves` and `amend` answer with values that memory keeps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from scraper.detect.organisations import key_of, same_party
from scraper.text import fold
from storage.records.article import DateFact
from storage.records.partnership import HistoryNote, LedgerMove, Partnership, PartnershipEvent, Party, Witness

FAMILY = {
    "signed": "new", "announced": "new", "launched": "new", "renewed": "renewed", "extended": "renewed",
    "strengthened": "strengthened",
    "joined": "joined", "ended": "ended", "suspended": "ended",
}  # fmt: skip
INSTRUMENTS = {
    "mou": "agreement", "loi": "agreement", "cooperation_agreement": "agreement", "framework_agreement": "agreement",
    "partnership": "any",
    "strategic_partnership": "partnership", "alliance": "partnership", "joint_declaration": "declaration",
    "membership": "membership",
    "sponsorship": "sponsorship",
}  # fmt: skip
# Papers of one act are called memorandum here and agreement there; what is plainly another paper is another event.
_COMPATIBLE = {
    frozenset(pair)
    for pair in (("agreement", "partnership"), ("agreement", "declaration"), ("partnership", "declaration"))
}
NEAR = timedelta(
    days=45
)  # two pages this close tell of the same act: a trade press item follows its release within weeks
SAME_ACT = timedelta(days=10)  # two stated days of one act this close: signature and effect
_PLAIN = frozenset({"partnership", "cooperation_agreement"})


def party_keys(event: PartnershipEvent) -> tuple[str, ...]:
    """What memory is asked for: a key for each form of each party (registry id, acronym, name), sorted."""
    return tuple(sorted({key for party in event.parties for key in _keys(party)}))


def moves(event: PartnershipEvent, witness: Witness, known: tuple[Partnership, ...], *, now: datetime) -> LedgerMove:
    """What this page does to the ledger: a new entry, or a held one with a witness and perhaps facts more."""
    held = _held(event, witness, known, now)
    if held is None:
        note = HistoryNote(at=now, what=f"first told: {in_words(event)}", url=witness.url)
        before = tuple(_notes_on_earlier(event, known, now, witness.url))
        return LedgerMove(
            entry=Partnership(event=event, first_seen=witness.first_seen, witnesses=(witness,), history=(note, *before))
        )
    new = not any(_same_page(witness, w) for w in held.witnesses)
    adds = tuple(_adds(held.event, event))
    merged = _merged(held.event, event, witness)
    notes = [
        HistoryNote(at=now, what=text, url=witness.url)
        for text in (*([f"also told by {witness.source}"] if new else []), *adds)
    ]
    entry = replace(
        held, event=merged, witnesses=(*held.witnesses, witness) if new else held.witnesses,
        first_seen=min(held.first_seen, witness.first_seen), history=(*held.history, *notes),
    )  # fmt: skip
    return LedgerMove(entry=entry, adds=adds, new_witness=new)


def amend(
    before: PartnershipEvent | None,
    after: PartnershipEvent | None,
    witness: Witness,
    known: tuple[Partnership, ...],
    *,
    now: datetime,
) -> LedgerMove | None:
    """What an edit of a page does to the entry it is a witness of: a partner gone, a verb softened, an end told.
    None: nothing.

    The first wording stays in the history; facts that other witnesses still tell are kept.
    """
    if before is None:
        return moves(after, witness, known, now=now) if after is not None else None
    held = next((k for k in known if k.event == before), None) or _held(before, witness, known, now)
    if held is None:
        return moves(after, witness, known, now=now) if after is not None else None
    if after is not None and FAMILY[after.action] == "ended" and FAMILY[before.action] != "ended":
        return moves(after, witness, known, now=now)
    says = tuple(_softened(before, after))
    if not says:
        return None
    alone = all(_same_page(witness, w) for w in held.witnesses)
    event = _amended(held.event, before, after) if alone else held.event
    original = HistoryNote(at=now, what=f"said before the edit: {in_words(before)}", url=witness.url)
    notes = tuple(HistoryNote(at=now, what=text, url=witness.url) for text in says)
    return LedgerMove(
        entry=replace(held, event=event, history=(*held.history, original, *notes)), adds=says, new_witness=False
    )


def in_words(event: PartnershipEvent) -> str:
    """One line for people: "COCIR and HIMSS: cooperation agreement renewed"."""
    return f"{_list(event.parties)}: {event.instrument.replace('_', ' ')} {event.action}"


def announced_by(entry: Partnership, domains: dict[str, str]) -> tuple[tuple[Party, bool], ...]:
    """Which parties have told of it themselves; `domains` gives a party's registry id its host."""
    hosts = [w.url.split("/")[2].removeprefix("www.") if w.url.count("/") > 1 else "" for w in entry.witnesses]
    return tuple(
        (
            p,
            any(h and (h == home or h.endswith("." + home)) for h in hosts)
            if (home := domains.get(p.organisation or "", ""))
            else False,
        )
        for p in entry.event.parties
    )


# --- the same event?


def _held(
    event: PartnershipEvent, witness: Witness, known: tuple[Partnership, ...], now: datetime
) -> Partnership | None:
    """The entry this event is another telling of; the one nearest in time where several might be."""
    fitting = [(gap, number, k) for number, k in enumerate(known) if (gap := _gap(event, witness, k, now)) is not None]
    return min(fitting, key=lambda f: f[:2])[2] if fitting else None


def _gap(event: PartnershipEvent, witness: Witness, entry: Partnership, now: datetime) -> int | None:
    """Days between two tellings of what may be one event, or None when they are two."""
    if not _same_parties(event.parties, entry.event.parties):
        return None
    if not _instruments_fit(event, entry.event) or not _actions_fit(event.action, entry.event.action):
        return None
    if any(_same_page(witness, w) for w in entry.witnesses):
        return 0
    return _days_apart(event, witness, entry, now)


def _same_parties(one: tuple[Party, ...], other: tuple[Party, ...]) -> bool:
    """Two parties in common, or all of the shorter list; a third body more or less is a fact to add, not another
    event.
    """
    common = sum(any(same_party(p, q) for q in other) for p in one)
    return common >= 2 and common >= 0.5 * max(len(one), len(other))


def _instruments_fit(one: PartnershipEvent, other: PartnershipEvent) -> bool:
    a, b = INSTRUMENTS[one.instrument], INSTRUMENTS[other.instrument]
    return (
        a == b
        or (a == "any" and b != "sponsorship")
        or (b == "any" and a != "sponsorship")
        or frozenset((a, b)) in _COMPATIBLE
    )


def _actions_fit(one: str, other: str) -> bool:
    a, b = FAMILY[one], FAMILY[other]
    if a == b:
        return True
    return "strengthened" in (a, b) and {a, b} <= {"strengthened", "renewed", "new"}


def _days_apart(event: PartnershipEvent, witness: Witness, entry: Partnership, now: datetime) -> int | None:
    if event.date is not None and entry.event.date is not None:
        gap = _between(event.date, entry.event.date)
        return gap if gap <= SAME_ACT.days else None
    mine = _told(event, witness)
    days = [_told(entry.event, w) for w in entry.witnesses] or [
        _span(entry.event.date or entry.event.announced, entry.first_seen)
    ]
    stated = [d for d in (entry.event.date, entry.event.announced) if d is not None]
    days += [(_iso(d.earliest()), _iso(d.latest())) for d in stated]
    gap = min(_apart(mine, other) for other in days)
    return gap if gap <= NEAR.days else None


def _told(event: PartnershipEvent, witness: Witness) -> tuple[date, date]:
    return _span(event.date or event.announced, witness.first_seen)


def _span(fact: DateFact | None, otherwise: datetime) -> tuple[date, date]:
    return (_iso(fact.earliest()), _iso(fact.latest())) if fact is not None else (otherwise.date(), otherwise.date())


def _iso(text: str) -> date:
    """A day; the 31st of a short month is its last."""
    for day in (text, text[:8] + "30", text[:8] + "29", text[:8] + "28"):
        try:
            return date.fromisoformat(day)
        except ValueError:
            continue
    raise ValueError(f"{text!r} is no day")


def _apart(one: tuple[date, date], other: tuple[date, date]) -> int:
    if one[0] <= other[1] and other[0] <= one[1]:
        return 0
    return min(abs((one[0] - other[1]).days), abs((other[0] - one[1]).days))


def _between(one: DateFact, other: DateFact) -> int:
    return _apart((_iso(one.earliest()), _iso(one.latest())), (_iso(other.earliest()), _iso(other.latest())))


def _same_page(one: Witness, other: Witness) -> bool:
    if one.item is not None and other.item is not None:
        return one.item == other.item
    return one.url == other.url


# --- what a witness adds


def _adds(held: PartnershipEvent, new: PartnershipEvent) -> Iterator[str]:
    """In words, only what a person who knows the entry would not know: party, date, instrument, end."""
    for party in new.parties:
        if not any(same_party(party, p) for p in held.parties):
            yield f"names {party.name} as a party too"
    if new.date is not None:
        if held.date is None:
            yield f"gives the day of the act: {new.date.value}"
        elif not (held.date.value.startswith(new.date.value) or new.date.value.startswith(held.date.value)):
            yield f"gives another day of the act: {new.date.value}, not {held.date.value}"
        elif len(new.date.value) > len(held.date.value):
            yield f"gives the day more closely: {new.date.value}"
    if new.instrument != held.instrument and new.instrument not in _PLAIN:
        yield f"calls it {new.instrument.replace('_', ' ')}, not {held.instrument.replace('_', ' ')}"
    if new.until and new.until != held.until:
        yield (
            f"says it runs until {new.until}"
            if new.until[0].isdigit() and "year" not in new.until
            else f"says it is for {new.until}"
        )


def _merged(held: PartnershipEvent, new: PartnershipEvent, witness: Witness) -> PartnershipEvent:
    """The held event with what it lacked: fuller names, date, term. What it states itself is never overwritten."""
    parties = [next((_fuller(p, q) for q in new.parties if same_party(p, q)), p) for p in held.parties]
    parties += [q for q in new.parties if not any(same_party(q, p) for p in held.parties)]
    better = new if held.instrument in _PLAIN and new.instrument not in _PLAIN else held
    return replace(
        held, parties=tuple(parties), instrument=better.instrument, date=_date_of(held.date, new.date),
        announced=_earlier(held.announced, new.announced), since=min(filter(None, (held.since, new.since)),
        default=None),
        until=held.until or new.until, score=max(held.score, new.score),
        because=held.because if held.score >= new.score else new.because,
        certainty="sure" if "sure" in (held.certainty, new.certainty) else "possible",
        evidence=held.evidence if held.score >= new.score else (*new.evidence,
        *(e for e in held.evidence if e not in new.evidence))[:4],
    )  # fmt: skip


def _date_of(held: DateFact | None, new: DateFact | None) -> DateFact | None:
    if new is None or (
        held is not None and not (len(new.value) > len(held.value) and new.value.startswith(held.value))
    ):
        return held
    return replace(new, origin="twin")


def _earlier(held: DateFact | None, new: DateFact | None) -> DateFact | None:
    if held is None:
        return replace(new, origin="twin") if new is not None else None
    return replace(new, origin="twin") if new is not None and new.latest() < held.earliest() else held


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
        if _same_parties(event.parties, entry.event.parties):
            when = entry.event.date or entry.event.announced
            day = when.value if when else entry.first_seen.date().isoformat()
            yield HistoryNote(at=now, what=f"before it: {in_words(entry.event)} ({day})", url=url)


# --- edits


def _softened(before: PartnershipEvent, after: PartnershipEvent | None) -> Iterator[str]:
    if after is None:
        yield f"no longer says that it was {before.action}"
        return
    for party in before.parties:
        if not any(same_party(party, p) for p in after.parties):
            yield f"no longer names {party.name} as a party"
    for party in after.parties:
        if not any(same_party(party, p) for p in before.parties):
            yield f"now names {party.name} as a party"
    if FAMILY[before.action] != FAMILY[after.action]:
        yield f"now says {after.action}, not {before.action}"
    if before.certainty == "sure" and after.certainty == "possible":
        yield "now says it less surely"
    for what, old, new in (
        ("day", before.date, after.date),
        ("term", before.until, after.until),
    ):
        if old is not None and new is not None and old != new:
            yield f"changes the {what}: {_value(new)}, not {_value(old)}"


def _amended(held: PartnershipEvent, before: PartnershipEvent, after: PartnershipEvent | None) -> PartnershipEvent:
    if after is None:
        return replace(held, certainty="possible")
    gone = [p for p in before.parties if not any(same_party(p, q) for q in after.parties)]
    kept = tuple(p for p in held.parties if not any(same_party(p, g) for g in gone))
    more = tuple(q for q in after.parties if not any(same_party(q, p) for p in kept))
    return replace(
        held,
        parties=kept + more,
        action=after.action,
        certainty=after.certainty,
        date=after.date or held.date,
        until=after.until,
    )


def _keys(party: Party) -> Iterator[str]:
    if party.organisation:
        yield f"id:{party.organisation}"
    for form in (party.acronym, party.name):
        key = key_of(form)
        if key:
            yield f"name:{key}"


def _list(parties: tuple[Party, ...]) -> str:
    names = [p.acronym or p.name for p in parties]
    return ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else "".join(names)


def _value(fact: DateFact | str) -> str:
    return fact if isinstance(fact, str) else fact.value
