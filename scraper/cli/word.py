"""A person's word on an entry of the ledger, as typed here; answered with what it means."""

from __future__ import annotations

from getpass import getuser
from pathlib import Path
from typing import Any

from scraper import shapes
from scraper.cli.face import OK, console, print_json, safe
from scraper.cli.session import remembering
from scraper.clock import SystemClock
from scraper.detect.ledger import in_words, word_line
from scraper.watch.word import Consequence, Typed, keep_word
from storage.records.partnership import Verb


def say(path: Path | None, entry: int, *, verb: Verb, by: str = "", as_json: bool = False, **typed: Any) -> int:
    """Keep the word and print the entry as it stands then. Raises UserError and ConfigError."""
    word, now = Typed(verb=verb, by=by or getuser(), **typed), SystemClock().now()
    with remembering(path) as (config, store):
        with store.begin() as work:
            done = keep_word(work, entry, word, organisations=config.organisations, now=now)
        held = store.catalogue().partnership(entry)
        assert held is not None
    if as_json:
        print_json(shapes.partnership_json(held))
        return OK
    out = console()
    out.print(f"entry {held.id}: {safe(in_words(held.event))} ({held.event.certainty}, {held.status})")
    out.print(f"  {safe(word_line(held.words[-1]))}")
    for line in (done.line, _mails(verb, done)):
        if line:
            out.print(f"  {line}")
    return OK


def _mails(verb: Verb, done: Consequence) -> str:
    """What the word means for mails."""
    if verb == "reject":
        gone = f"{done.hushed} waiting alert(s) of it were taken out of the outbox; " if done.hushed else ""
        return f"{gone}nobody is mailed about it any more"
    return "nothing is mailed for your word; a page that adds to it is mailed as ever" if verb == "confirm" else ""
