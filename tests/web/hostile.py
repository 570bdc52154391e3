"""A memory whose every field was written by an enemy: markup, scripts, addresses that run, marks that turn text around.

Whatever page shows it, nothing of it may run, and nothing may be asked of another host.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import tomlkit

from scraper.config import Config, load
from storage.records.alert import Reason
from storage.records.article import About, Article, Block, Quote, Section, Teaser
from storage.records.change import ChangeKind
from storage.records.observation import Capture
from storage.records.partnership import Evidence, HistoryNote, Party, RelatedEvent
from storage.records.source import SourceId
from storage.store import Store
from tests.builders import (
    NOW,
    a_change,
    a_finding,
    a_message,
    a_move,
    a_target,
    a_witness,
    an_alert,
    an_event,
    an_observation,
)

ADDRESS = "http://evil.invalid"
# Each carries a way out of one context; all of them stand in each text.
EVIL = (
    '"><script>alert(1)</script><img src=x onerror=alert(2)><svg onload=alert(3)>\'">'
    '<a href="javascript:alert(4)">x</a>'
    f'</textarea></title></style></script><iframe src="{ADDRESS}/frame"></iframe>'
    f'<link rel=stylesheet href="{ADDRESS}/c">'
    f'<style>@import "{ADDRESS}/css";*{{background:url({ADDRESS}/bg)}}</style><base href="{ADDRESS}/">'
    "{{7*7}}{% raise %}${7*7}<!-- --><meta http-equiv=refresh content=\"0;url=" + ADDRESS + '/refresh">'
    "\u202egnp.txt\u2066\x00\x1b[31m\r\n<x onfocus=alert(5) autofocus tabindex=1>&lt;script&gt;alert(6)&lt;/script&gt;"
)  # fmt: skip
RUNS = "javascript:alert(7)//\"onmouseover='alert(8)'"
SOURCE = SourceId("evil")

CONFIG = """\
[fetch]
contact = "ana@press.eu"
allow_addresses = ["127.0.0.0/8"]

[mail]
sender = "watch@press.eu"

[people.ana]
address = "ana@press.eu"

[[sources]]
id = "evil"
name = {evil}
url = "http://127.0.0.1:9/news"
organisation = {evil}
tags = [{evil}]

[[alerts]]
name = {evil}
when = ["partnership", "new", "changed", "withdrawn", "source_trouble"]
to = ["ana"]
parties = [{evil}]
"""


def hostile(folder: Path) -> Config:
    """A folder with such a configuration and memory."""
    (folder / "config.toml").write_text(CONFIG.replace("{evil}", tomlkit.item(EVIL).as_string()), "utf-8")
    config = load(folder / "config.toml", environ={})
    store = Store(config.storage.url, config.storage.archive)
    with store.begin() as work:
        work.sync_sources(config.sources)
        raw = store.archive.put(f"<html><body>{EVIL}<h1>{EVIL}</h1><p>{EVIL}</p></body></html>".encode())
        for number in range(3):
            url = f"http://127.0.0.1:9/{number}" if number else RUNS
            target = a_target(f"http://127.0.0.1:9/{number}", source=SOURCE, title=EVIL, trouble=EVIL, looked=NOW)
            work.add_targets((target,))
            (kept,) = (t for t in work.targets_of(SOURCE) if t.identity == target.identity)
            seen = an_observation(_article(url, "first"), seen=NOW, raw=raw)
            work.keep(a_finding(kept, seen.article, observation=seen, **_told(number, url)))
            again = NOW + timedelta(hours=1)
            later = an_observation(_article(url, "second"), seen=again, version=2, raw=raw)
            edited = a_change(
                ChangeKind.EDITED, source=SOURCE, url=url, at=again, because=(EVIL,), old_version=1, new_version=2
            )
            (kept,) = (t for t in work.targets_of(SOURCE) if t.identity == target.identity)
            work.keep(a_finding(kept, observation=later, new_item=False, at=again, changes=(edited,)))
        work.keep_capture(Capture(source=SOURCE, url=RUNS, at=NOW, status=200, raw=raw, headers=((EVIL, EVIL),)))
        listing = a_target(
            "http://127.0.0.1:9/news", "listing", source=SOURCE, trouble=EVIL, checks=9, failures=9, title=EVIL
        )
        work.add_targets((listing,))
    store.close()
    return config


def _article(url: str, word: str) -> Article:
    kinds = ("paragraph", "heading", "list", "quote", "table", "caption")
    return Article(
        url=url, canonical=url, title=EVIL, deck=EVIL, language="en", authors=(EVIL,), section=EVIL, site_name=EVIL,
        blocks=tuple(Block(kind=kind, text=f"{word} {EVIL}") for kind in kinds), image=RUNS,
        teasers=(Teaser(title=EVIL, url=RUNS, heading=EVIL, snippet=EVIL, image=RUNS),),
        about=(About(organisation=EVIL, text=EVIL),), sections=(Section(kind="notes", heading=EVIL, text=EVIL),),
        quotes=(Quote(speaker=EVIL, role=EVIL, organisation=EVIL, text=EVIL),), published_because=EVIL,
    )  # fmt: skip


def _told(number: int, url: str) -> dict[str, object]:
    event = an_event(
        parties=(Party(name=EVIL, acronym=EVIL[:60], organisation=f"{EVIL[:40]}{number}"), Party(name=f"B {EVIL}")),
        evidence=(Evidence(sentence=EVIL),), place=EVIL, purpose=EVIL, since=EVIL, until=EVIL,
        certainty="possible" if number else "sure",
    )  # fmt: skip
    note = HistoryNote(at=NOW, what=EVIL, url=RUNS)
    move = a_move(event=event, witnesses=(a_witness(url, source=SOURCE),), history=(note,))
    alert = an_alert(
        f"evil:{number}", rule=EVIL, subject=EVIL, because=(EVIL,), said=(EVIL,), source=SOURCE,
        kind="partnership" if number else "source_trouble", to=f'"{EVIL[:30]}"@evil.invalid',
    )  # fmt: skip
    return {
        "changes": (a_change(source=SOURCE, url=url, because=(EVIL,), new_version=1),),
        "ledger": (move,),
        "alerts": (alert,),
        "reasons": (Reason(rule=EVIL, version="a1", matched=False, reason=EVIL, sentence=EVIL),),
        "related": (RelatedEvent(kind="background", parties=event.parties, evidence=event.evidence),),
    }


MESSAGE = a_message(html=f"<p>{EVIL}</p>", text=EVIL, subject=EVIL)
