"""A person's word on an entry of the ledger, checked, kept, and answered with what it means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from getpass import getuser
from pathlib import Path
from typing import Any, get_args

from scraper import shapes
from scraper.app import open_store
from scraper.cli.face import OK, config_of, console, print_json, safe
from scraper.clock import SystemClock
from scraper.config import Config
from scraper.detect.ledger import in_words, keys_of, parted, said, united, word_line
from scraper.detect.ledger.word import FACTS
from scraper.detect.organisations import Registry, same_party
from scraper.errors import ConfigError, UserError
from storage.records.article import DateFact, Precision
from storage.records.partnership import Action, Instrument, Partnership, PartnershipId, Party, Verb, Word
from storage.store import Store, Work

_DAY = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_TERM = re.compile(r"\d{1,2} years?")
_NAMED = re.compile(r"(.+?)\s*\(([^()]+)\)")
_PRECISION: dict[int, Precision] = {4: "year", 7: "month", 10: "day"}


def say(
    path: Path | None,
    entry: int,
    *,
    verb: Verb,
    note: str = "",
    by: str = "",
    other: int | None = None,
    page: str = "",
    parties: Sequence[str] = (),
    facts: dict[str, str] | None = None,
    as_json: bool = False,
) -> int:
    """Keep the word and print the entry as it stands then. Raises UserError and ConfigError."""
    config = config_of(path)
    named = tuple(_party(text, config) for text in parties)
    word = Word(
        verb=verb, at=SystemClock().now(), by=by or getuser(), note=note, url=page, parties=named, **_facts(facts or {})
    )
    store = open_store(config)
    try:
        with store.begin() as work:
            left, hushed = _keep(work, _known(work, entry), word, other)
        held = _again(store, entry)
    finally:
        store.close()
    if as_json:
        print_json(shapes.partnership_json(held))
        return OK
    out = console()
    out.print(f"entry {held.id}: {safe(in_words(held.event))} ({held.event.certainty}, {held.status})")
    out.print(f"  {safe(word_line(held.words[-1]))}")
    for line in (left, _mails(verb, hushed)):
        if line:
            out.print(f"  {line}")
    return OK


def _mails(verb: Verb, hushed: int) -> str:
    """What the word means for mails."""
    if verb == "reject":
        gone = f"{hushed} waiting alert(s) of it were taken out of the outbox; " if hushed else ""
        return f"{gone}nobody is mailed about it any more"
    return "nothing is mailed for your word; a page that adds to it is mailed as ever" if verb == "confirm" else ""


def _keep(work: Work, entry: Partnership, word: Word, other: int | None) -> tuple[str, int]:
    """Write what follows from the word; where something went to or became another entry, that in a line."""
    if word.verb == "merge" and other is not None:
        return _merge(work, entry, _known(work, other), word), 0
    if word.verb == "split" and word.url:
        return _split(work, entry, word), 0
    if word.verb == "correct" and not any(getattr(word, name) for name in (*FACTS, "without")):
        raise UserError(f"entry {entry.id}", "correct what?", "see --party, --instrument, --action, --date ...")
    if word.verb == "split":
        word = replace(word, parties=_meant(entry, word))
    kept = said(entry, word)
    if len(kept.event.parties) < 2:
        raise UserError(f"entry {entry.id}", "would be left with one party", "reject it, or name at least two")
    work.keep_entry(kept, keys_of(kept))
    return "", work.hush(entry) if word.verb == "reject" else 0


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


def _merge(work: Work, entry: Partnership, other: Partnership, word: Word) -> str:
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


LARGEST = 2**63  # of a database's whole numbers


def _known(work: Work, key: int) -> Partnership:
    found = work.entry(key) if key < LARGEST else None
    if found is None:
        raise UserError(f"entry {key}", "is not in the ledger", "see `accordwatch partnerships`")
    return found


def _again(store: Store, key: int) -> Partnership:
    found = store.catalogue().partnership(key)
    assert found is not None
    return found


def _party(text: str, config: Config) -> Party:
    """ "Long Name (ABC)", a name or an acronym; with the registry's id where it knows the body."""
    both = _NAMED.fullmatch(text.strip())
    name, acronym = (both[1], both[2]) if both else (text.strip(), "")
    if not name:
        raise ConfigError("--party", "is empty", 'write "Long Name (ABC)"')
    body = Registry.default().with_organisations(config.organisations).resolve(name, acronym)
    if body is not None and not both and name == body.acronym:
        name, acronym = body.name, body.acronym
    return Party(name=name, acronym=acronym, organisation=body.id if body else None)


def _facts(given: dict[str, str]) -> dict[str, Any]:
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
    return DateFact(value=text, precision=_PRECISION[len(text)], origin="person") if name == "date" else text
