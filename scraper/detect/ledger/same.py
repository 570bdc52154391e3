"""Is this telling of the same act as that entry? By parties, instrument, action and nearness in time.

What a telling adds is merge.py's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from scraper.detect.organisations import key_of, same_party
from storage.records.article import DateFact
from storage.records.partnership import Partnership, PartnershipEvent, Party, Witness

FAMILY = {
    "signed": "new", "announced": "new", "launched": "new", "renewed": "renewed", "extended": "renewed",
    "strengthened": "strengthened", "joined": "joined", "ended": "ended", "suspended": "ended",
}  # fmt: skip
INSTRUMENTS = {
    "mou": "agreement", "loi": "agreement", "cooperation_agreement": "agreement", "framework_agreement": "agreement",
    "partnership": "any", "strategic_partnership": "partnership", "alliance": "partnership",
    "joint_declaration": "declaration", "membership": "membership", "sponsorship": "sponsorship",
}  # fmt: skip
# Papers of one act are called memorandum here and agreement there; what is plainly another paper is another event.
_COMPATIBLE = {
    frozenset(pair)
    for pair in (("agreement", "partnership"), ("agreement", "declaration"), ("partnership", "declaration"))
}
NEAR = timedelta(days=45)  # two pages this close tell of one act: a trade press item follows its release within weeks
SAME_ACT = timedelta(days=10)  # two stated days of one act this close: signature and effect
LOOKING_BACK = timedelta(days=400)  # a review of the year is printed until the spring after it


def party_keys(event: PartnershipEvent) -> tuple[str, ...]:
    """A key for each form of each party (registry id, acronym, name), sorted: by these a person asks."""
    return _flat(party_groups(event.parties))


def party_groups(parties: Iterable[Party]) -> tuple[tuple[str, ...], ...]:
    """What memory is asked for, party by party: an event that shares two parties is found by a key of each."""
    groups = (tuple(sorted(set(_keys(party)))) for party in parties)
    return tuple(dict.fromkeys(group for group in groups if group))


def keys_of(entry: Partnership) -> tuple[str, ...]:
    """By which keys memory finds an entry again: of the event as it stands and as each page tells it."""
    return _flat(party_groups(party for side in sides(entry) for party in side.parties))


def sides(entry: Partnership) -> tuple[PartnershipEvent, ...]:
    """The event as it stands, then as each page tells it: a person's correction never blinds us for the pages."""
    return (entry.event, *(witness.told for witness in entry.witnesses if witness.told is not None))


def held_by(
    event: PartnershipEvent, witness: Witness, known: Iterable[Partnership], now: datetime
) -> Partnership | None:
    """The entry this event is another telling of; the one nearest in time where several might be."""
    fitting = [(gap, number, k) for number, k in enumerate(known) if (gap := _gap(event, witness, k, now)) is not None]
    return min(fitting, key=lambda f: f[:2])[2] if fitting else None


def same_page(one: Witness, other: Witness) -> bool:
    """Whether two witnesses are one page."""
    if one.item is not None and other.item is not None:
        return one.item == other.item
    return one.url == other.url


def same_bodies(one: tuple[Party, ...], other: tuple[Party, ...]) -> bool:
    """Two parties in common and half of the longer list; a third body more or less is a fact to add, no other event."""
    common = sum(any(same_party(p, q) for q in other) for p in one)
    return common >= 2 and common >= 0.5 * max(len(one), len(other))


def _gap(event: PartnershipEvent, witness: Witness, entry: Partnership, now: datetime) -> int | None:
    """Days between two tellings of what may be one event, or None when they are two."""
    if entry.merged_into is not None or any(w.verb == "split" and w.url == witness.url for w in entry.words):
        return None
    fits = [side for side in sides(entry) if _fits(event, side)]
    if not fits:
        return None
    if any(same_page(witness, w) for w in entry.witnesses):
        return 0
    return _days_apart(event, witness, entry)


def _fits(one: PartnershipEvent, other: PartnershipEvent) -> bool:
    return (
        _actions_fit(one.action, other.action)
        and instruments_fit(one.instrument, other.instrument)
        and same_bodies(one.parties, other.parties)
    )


def instruments_fit(one: str, other: str) -> bool:
    """Whether both may be words for one paper."""
    a, b = INSTRUMENTS[one], INSTRUMENTS[other]
    return a == b or ("any" in (a, b) and "sponsorship" not in (a, b)) or frozenset((a, b)) in _COMPATIBLE


def _actions_fit(one: str, other: str) -> bool:
    a, b = FAMILY[one], FAMILY[other]
    return a == b or ("strengthened" in (a, b) and {a, b} <= {"strengthened", "renewed", "new"})


def _days_apart(event: PartnershipEvent, witness: Witness, entry: Partnership) -> int | None:
    """From one telling to the other, in days.

    Stated days of the act decide; where one is missing it is when pages told it. A passing mention (it is only
    possible: "this year we signed ...") also is of the last act that it may look back on.
    """
    held = entry.event.date
    if event.date is not None and held is not None:
        gap = _apart(span(event.date), span(held))
        return gap if gap <= SAME_ACT.days else None
    mine = _told(event, witness)
    days = [_told(entry.event, w) for w in entry.witnesses] or [(entry.first_seen.date(),) * 2]
    days += [span(d) for d in (held, entry.event.announced) if d is not None]
    gap = min(_apart(mine, other) for other in days)
    looks_back = event.certainty == "possible" and event.date is None and min(days)[0] <= mine[0]
    return gap if gap <= (LOOKING_BACK if looks_back else NEAR).days else None


def _told(event: PartnershipEvent, witness: Witness) -> tuple[date, date]:
    fact = event.date or event.announced
    return span(fact) if fact is not None else (witness.first_seen.date(),) * 2


def span(fact: DateFact) -> tuple[date, date]:
    """The first and the last day that a date can mean."""
    return _iso(fact.earliest()), _iso(fact.latest())


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


def _keys(party: Party) -> Iterator[str]:
    if party.organisation:
        yield f"id:{party.organisation}"
    for form in (party.acronym, party.name):
        key = key_of(form)
        if key:
            yield f"name:{key}"


def _flat(groups: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted({key for group in groups for key in group}))
