"""The ledger's relationships over time: a list, a picture, and a graph that networkx, yEd or Gephi open."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from scraper import shapes
from scraper.cli.face import OK, console, on_disk, readable
from scraper.cli.lists import in_short, shown
from scraper.cli.session import asking
from scraper.clock import SystemClock
from scraper.detect.ledger import Tie, ties
from scraper.detect.ledger.ties import Bodies
from scraper.watch.portrait import announced, network_of, timeline_of
from scraper.watch.wanted import Wanted

# What XML 1.0 (2.2, Char) allows; no escape makes the others legal.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
COLUMNS = ("who", "instrument", "state", "since", "renewed", "expires", "ended", "announced by", "events")
_NODE = {"label": "string", "acronym": "string", "organisation": "string"}
_EDGE = {"label": "string", "instrument": "string", "state": "string", "since": "string", "renewed": "string",
         "ended": "string", "expires": "string", "events": "string", "pages": "int"}  # fmt: skip


def listed(path: Path | None, wanted: Wanted, *, as_json: bool, as_csv: bool) -> int:
    """The relationships behind the chosen events: since, renewed, until, ended, and who has told of it."""
    with asking(path) as (config, catalogue):
        found = ties(catalogue.partnerships(wanted.filter("partnerships")))
    told = (announced(tie, config.organisations, config.sources) for tie in found)
    rows = [tie_json(tie, own, SystemClock().now().date()) for tie, own in zip(found, told, strict=True)]
    if not (as_json or as_csv):
        rows = [
            {**r, "who": in_short(r["parties"]), "announced by": in_short(p for p in r["parties"] if p["announced"])}
            for r in rows
        ]
    return shown(
        rows,
        {name: name for name in COLUMNS},
        "no partnerships yet",
        as_json=as_json,
        as_csv=as_csv,
        filtered=wanted.narrows,
    )


def tie_json(tie: Tie, announced: Sequence[bool], today: date) -> dict[str, Any]:
    """One relationship over time, as `partnerships --ties --json` prints it."""
    return {
        "parties": [
            {**shapes.party_json(party), "announced": told} for party, told in zip(tie.parties, announced, strict=True)
        ],
        "instrument": tie.instrument,
        "state": tie.state(today),
        "since": tie.since,
        "renewed": list(tie.renewed),
        "expires": tie.expires or None,
        "ended": tie.ended or None,
        "events": [str(entry.id) for entry in tie.events],
    }


def graph(path: Path | None, wanted: Wanted, file: Path) -> int:
    """Write organisations as nodes and ties as edges. Raises UserError when the file cannot be written."""
    return _written(path, wanted, file, graphml)


def picture(path: Path | None, wanted: Wanted, file: Path, form: str) -> int:
    """Draw them as SVG: a "network" or a "timeline". Raises UserError when the file cannot be written."""
    draw = timeline_of if form == "timeline" else network_of
    return _written(path, wanted, file, lambda found, day: draw(found, today=day, alone=True))


def _written(path: Path | None, wanted: Wanted, file: Path, form: Callable[[tuple[Tie, ...], date], str]) -> int:
    with asking(path) as (_, catalogue):
        found = ties(catalogue.partnerships(wanted.filter("partnerships")))
    with on_disk(file, "choose a folder that can be written"):
        file.write_text(form(found, SystemClock().now().date()), encoding="utf-8")
    console(stderr=True).print(f"{len(found)} tie(s) written to {file}", markup=False)
    return OK


def graphml(found: tuple[Tie, ...], day: date) -> str:
    """GraphML (graphml.graphdrawing.org/specification.html); a tie of three bodies is three edges."""
    bodies = Bodies()
    edges = list(_edges(found, bodies, day))
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">']
    for of, names in (("node", _NODE), ("edge", _EDGE)):
        lines += [
            f'<key id="{of}-{name}" for="{of}" attr.name="{name}" attr.type="{kind}"/>' for name, kind in names.items()
        ]
    lines.append('<graph id="ledger" edgedefault="undirected">')
    for number, body in enumerate(bodies.known):
        label = readable(shapes.party_json(body))
        facts = {"label": label, "acronym": body.acronym, "organisation": body.organisation or ""}
        lines.append(f'<node id="o{number}">{_data("node", facts)}</node>')
    for number, (one, other, facts) in enumerate(edges):
        lines.append(f'<edge id="t{number}" source="o{one}" target="o{other}">{_data("edge", facts)}</edge>')
    return "\n".join([*lines, "</graph>", "</graphml>", ""])


def _edges(found: tuple[Tie, ...], bodies: Bodies, day: date) -> Iterator[tuple[int, int, dict[str, Any]]]:
    for tie in found:
        facts = {
            "label": tie.instrument.replace("_", " "), "instrument": tie.instrument, "state": tie.state(day),
            "since": tie.since, "renewed": " ".join(tie.renewed), "ended": tie.ended, "expires": tie.expires,
            "events": " ".join(str(entry.id) for entry in tie.events),
            "pages": sum(len(entry.witnesses) for entry in tie.events),
        }  # fmt: skip
        for one, other in combinations(sorted({bodies.number(party) for party in tie.parties}), 2):
            yield one, other, facts


def _data(of: str, facts: dict[str, Any]) -> str:
    told = ((name, _NO_XML.sub("\ufffd", str(value))) for name, value in facts.items() if value not in ("", None))
    return "".join(f"<data key={quoteattr(f'{of}-{name}')}>{escape(value)}</data>" for name, value in told)
