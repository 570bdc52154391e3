"""Relationships over time, rebuilt from the ledger's events: since when, renewed when, until when, ended when."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations

from scraper.detect.ledger.merge import missing
from scraper.detect.ledger.same import FAMILY, INSTRUMENTS, party_groups, same_bodies, span
from scraper.detect.organisations import same_party
from storage.records.partnership import Partnership, Party

_TERM = re.compile(r"(\d{1,2}) years?")
_APART = frozenset({"membership", "sponsorship"})  # beside an agreement of the same bodies they are ties of their own


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """What binds two or more bodies: all events between them that are of one kind, oldest first."""

    events: tuple[Partnership, ...]

    @property
    def parties(self) -> tuple[Party, ...]:
        """The parties of the last event, and those of earlier ones."""
        found: tuple[Party, ...] = ()
        for entry in reversed(self.events):
            found += missing(entry.event.parties, found)
        return found

    @property
    def instrument(self) -> str:
        """The last one that has a name of its own."""
        names = [entry.event.instrument for entry in reversed(self.events)]
        return next((name for name in names if name != "partnership"), names[0])

    @property
    def since(self) -> str:
        """The earliest beginning that any of its events gives; at the latest the first of them itself."""
        told = [entry.event.since for entry in self.events if entry.event.since]
        return min([*told, day_of(self.events[0])])

    @property
    def renewed(self) -> tuple[str, ...]:
        return tuple(day_of(e) for e in self.events if FAMILY[e.event.action] == "renewed")

    @property
    def ended(self) -> str:
        """When it ended, unless it was begun or renewed again; "" while it stands."""
        last = next((e for e in reversed(self.events) if FAMILY[e.event.action] != "strengthened"), self.events[-1])
        return day_of(last) if FAMILY[last.event.action] == "ended" else ""

    @property
    def expires(self) -> str:
        """When the last paper that gives a term runs out; "" where none does, or where the tie has ended."""
        return "" if self.ended else next((day for e in reversed(self.events) if (day := expiry(e))), "")

    def state(self, today: date) -> str:
        """ "ended", "ending" (on a day to come), "expired" (past its term), "possible" or "stands"."""
        if self.ended:
            return "ended" if self.ended <= today.isoformat() else "ending"
        if self.expires and self.expires < today.isoformat()[: len(self.expires)]:
            return "expired"
        return "stands" if any(entry.event.certainty == "sure" for entry in self.events) else "possible"


def ties(entries: Iterable[Partnership]) -> tuple[Tie, ...]:
    """The relationships in these entries, the one with the latest event first. Rejected and merged ones count not.

    Time is linear in the entries: what an entry may belong to is looked up by pairs of bodies.
    """
    told = [e for e in entries if e.status != "rejected" and e.merged_into is None]
    told.sort(key=lambda e: (day_of(e), e.id or 0))
    bodies, found = Bodies(), list[list[Partnership]]()
    by_pair: dict[tuple[int, int, str], list[int]] = {}
    for entry in told:
        numbers = sorted({bodies.number(party) for party in entry.event.parties})
        pairs = [(a, b, _kind(entry)) for a, b in combinations(numbers, 2)]
        near = dict.fromkeys(at for pair in pairs for at in by_pair.get(pair, ())[-3:])
        at = next((n for n in near if same_bodies(entry.event.parties, found[n][-1].event.parties)), len(found))
        found += [[]] if at == len(found) else []
        found[at].append(entry)
        for pair in pairs:
            if at not in by_pair.setdefault(pair, []):
                by_pair[pair].append(at)
    whole = [Tie(events=tuple(each)) for each in found]
    return tuple(sorted(whole, key=lambda tie: day_of(tie.events[-1]), reverse=True))


class Bodies:
    """Numbers for bodies: the same for the same, however it is called."""

    def __init__(self) -> None:
        self.known: list[Party] = []
        self._by_key: dict[str, list[int]] = {}

    def number(self, party: Party) -> int:
        keys = [key for group in party_groups([party]) for key in group]
        near = dict.fromkeys(n for key in keys for n in self._by_key.get(key, ()))
        at = next((n for n in near if same_party(self.known[n], party)), len(self.known))
        if at == len(self.known):
            self.known.append(party)
        elif len(party.name) > len(self.known[at].name):
            known = self.known[at]
            self.known[at] = replace(
                party, acronym=party.acronym or known.acronym, organisation=party.organisation or known.organisation
            )
        for key in keys:
            if at not in self._by_key.setdefault(key, []):
                self._by_key[key].append(at)
        return at


def expiry(entry: Partnership) -> str:
    """When the paper of an event runs out: the day it names, or its term counted from the act; "" where it has none."""
    until = entry.event.until or ""
    if term := _TERM.fullmatch(until):
        year, _, rest = day_of(entry).partition("-")
        return "-".join(part for part in (f"{int(year) + int(term[1]):04}", rest) if part)
    return until if until[:4].isdigit() else ""


def day_of(entry: Partnership) -> str:
    """The day, month or year of an event: of the act, else of its announcement, else when it was first seen."""
    fact = entry.event.date or entry.event.announced
    if fact is None or span(fact)[0] > entry.first_seen.date():
        return entry.event.date.value if entry.event.date else entry.first_seen.date().isoformat()
    return fact.value


def _kind(entry: Partnership) -> str:
    kind = INSTRUMENTS[entry.event.instrument]
    return kind if kind in _APART else "agreement"
