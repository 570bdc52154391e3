"""A person's word on an entry of the ledger: read as typed, checked, kept. The command line and the web both end here.

What a word means for an entry is detect/ledger/word.py's; wording for the speaker is the faces'.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, get_args

from scraper.detect.ledger import keys_of, parted, said, united
from scraper.detect.ledger.word import FACTS
from scraper.detect.organisations import registry_with, same_party
from scraper.errors import ConfigError, UserError
from scraper.text import label
from storage.records.article import DateFact, Precision
from storage.records.partnership import (
    Action,
    Instrument,
    Organisation,
    Partnership,
    PartnershipEvent,
    PartnershipId,
    Party,
    Verb,
    Word,
)  # fmt: skip
from storage.store import Work

MOST_PARTIES, LONGEST_NAME, LONGEST_NOTE = 50, 300, 2_000
LARGEST = 2**63  # of a database's whole numbers
_DAY = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_TERM = re.compile(r"\d{1,2} years?")
_NAMED = re.compile(r"(.+?)\s*\(([^()]+)\)")
_PRECISION: dict[int, Precision] = {4: "year", 7: "month", 10: "day"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What a person typed. Facts left empty are not spoken of; the fact "none" is to be empty."""

    verb: Verb
    by: str
    note: str = ""
    parties: Sequence[str] = ()  # for `correct` all of them, for `split` those that are none
    facts: Mapping[str, str] | None = None  # for `correct`: instrument, action, date, since, until
    other: int | None = None  # for `merge`: the entry that is the same event
    page: str = ""  # for `split`: the address that tells of another event


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """What a word did beside its entry: a line on the other entry, and the waiting alerts it took away."""

    line: str = ""
    hushed: int = 0


def keep_word(
    work: Work, key: int, typed: Typed, *, organisations: tuple[Organisation, ...], now: datetime
) -> Consequence:
    """Check and write it. Raises ConfigError for a fact (its subject is "--date", the option) and UserError."""
    entry, word = _known(work, key), _word(typed, organisations, now)
    if word.verb == "merge":
        return Consequence(line=_merge(work, entry, typed.other, word))
    if word.verb == "split" and word.url:
        return Consequence(line=_split(work, entry, word))
    if word.verb == "correct" and not any(getattr(word, name) for name in (*FACTS, "without")):
        raise UserError(f"entry {entry.id}", "correct what?", "see --party, --instrument, --action, --date ...")
    if word.verb == "split":
        word = replace(word, parties=_meant(entry, word))
    kept = said(entry, word)
    if len(kept.event.parties) < 2:
        raise UserError(f"entry {entry.id}", "would be left with one party", "reject it, or name at least two")
    if word.since or word.until:
        _check_span(kept.event)
    work.keep_entry(kept, keys_of(kept))
    return Consequence(hushed=work.hush(entry) if word.verb == "reject" else 0)


def _word(typed: Typed, organisations: tuple[Organisation, ...], now: datetime) -> Word:
    if len(typed.parties) > MOST_PARTIES:
        raise ConfigError("--party", f"names {len(typed.parties)} parties", f"name at most {MOST_PARTIES}")
    named = tuple(_party(_line("--party", text, LONGEST_NAME), organisations) for text in typed.parties)
    note, page = _line("--note", typed.note, LONGEST_NOTE), _line("--page", typed.page, LONGEST_NOTE)
    return Word(verb=typed.verb, at=now, by=typed.by, note=note, url=page, parties=named, **_facts(typed.facts or {}))


def _line(option: str, text: str, most: int) -> str:
    """One line without signs that nobody sees. Raises ConfigError for a longer one."""
    if len(text) > most:
        raise ConfigError(option, f"has {len(text)} characters", f"write at most {most}")
    return label(text)


def _check_span(event: PartnershipEvent) -> None:
    """A tie ends after it began, as far as both are days, months or years."""
    since, until = event.since or "", event.until or ""
    both = _DAY.fullmatch(since) and _DAY.fullmatch(until)
    if both and _fact(since).earliest() > _fact(until).latest():
        raise ConfigError("--until", f"{until} is before {since}, since when it stands", "correct the one or the other")


def _meant(entry: Partnership, word: Word) -> tuple[Party, ...]:
    """The entry's own parties that a person named. Raises UserError for one that is none."""
    if not word.parties:
        raise UserError(f"entry {entry.id}", "split what?", "see --page and --party")
    found: list[Party] = []
    for party in word.parties:
        bare = replace(party, organisation=None)
        own = [p for p in entry.event.parties if same_party(p, party) or same_party(p, bare)]
        if not own:
            raise UserError(f"entry {entry.id}", f"has no party {party.name}", "see `accordwatch partnerships`")
        found += own
    return tuple(found)


def _merge(work: Work, entry: Partnership, number: int | None, word: Word) -> str:
    if number is None:
        raise UserError(f"entry {entry.id}", "merge with what?", "name the other entry")
    other = _known(work, number)
    if entry.id == other.id:
        raise UserError(f"entry {entry.id}", "cannot be merged with itself", "name two entries")
    whole, gone = united(entry, other, replace(word, other=other.id))
    work.keep_entry(gone, ())
    work.keep_entry(whole, keys_of(whole))
    work.hush(other)
    return f"entry {other.id} leads here from now on"


def _split(work: Work, entry: Partnership, word: Word) -> str:
    if word.url not in {witness.url for witness in entry.witnesses} or len(entry.witnesses) < 2:
        pages = ", ".join(witness.url for witness in entry.witnesses)
        raise UserError(f"entry {entry.id}", f"has no page {word.url} beside others", f"its pages are {pages}")
    _, new = parted(entry, word)
    bare = replace(entry, witnesses=tuple(w for w in entry.witnesses if w.url != word.url))
    work.keep_entry(bare, keys_of(bare))
    number = work.keep_entry(new, keys_of(new))
    rest, _ = parted(entry, replace(word, other=PartnershipId(number)))
    work.keep_entry(rest, keys_of(rest))
    return f"that page is entry {number} now"


def _known(work: Work, key: int) -> Partnership:
    found = work.entry(key) if 0 < key < LARGEST else None
    if found is None:
        raise UserError(f"entry {key}", "is not in the ledger", "see `accordwatch partnerships`")
    return found


def _party(text: str, organisations: tuple[Organisation, ...]) -> Party:
    """ "Long Name (ABC)", a name or an acronym; with the registry's id where it knows the body."""
    both = _NAMED.fullmatch(text.strip())
    name, acronym = (both[1], both[2]) if both else (text.strip(), "")
    if not name:
        raise ConfigError("--party", "is empty", 'write "Long Name (ABC)"')
    body = registry_with(organisations).resolve(name, acronym)
    if body is not None and not both and name == body.acronym:
        name, acronym = body.name, body.acronym
    return Party(name=name, acronym=acronym, organisation=body.id if body else None)


def _facts(given: Mapping[str, str]) -> dict[str, Any]:
    """The facts as typed, checked. Raises ConfigError."""
    facts: dict[str, Any] = {}
    for name, text in given.items():
        if name in ("instrument", "action") and text:
            allowed = get_args(Instrument if name == "instrument" else Action)
            if text not in allowed:
                raise ConfigError(f"--{name}", f'"{text}" is none', f"choose from {', '.join(allowed)}")
            facts[name] = text
        elif text == "none":
            facts["without"] = (*facts.get("without", ()), name)
        elif text:
            facts[name] = _day(name, text)
    return facts


def _day(name: str, text: str) -> DateFact | str:
    if name == "until" and _TERM.fullmatch(text):
        return text
    try:
        datetime.fromisoformat((text + "-01-01")[:10] if _DAY.fullmatch(text) else "")
    except ValueError as error:
        raise ConfigError(f"--{name}", f'"{text}" is no date', "write 2026-01-31, 2026-01 or 2026") from error
    return _fact(text) if name == "date" else text


def _fact(text: str) -> DateFact:
    return DateFact(value=text, precision=_PRECISION[len(text)], origin="person")
