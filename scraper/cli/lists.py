"""Lists of what memory holds: for people a table, for machines JSON or CSV."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from scraper import shapes
from scraper.cli.face import OK, console, print_csv, print_json, readable, table
from scraper.cli.session import asking
from scraper.schema import PartnershipJson
from scraper.watch import answers
from scraper.watch.wanted import Wanted

COLUMNS = {
    "items": {"id": "id", "source": "source", "published": "published", "state": "state", "versions": "versions",
              "pages": "witnesses", "title": "title"},
    "changes": {"when": "at", "item": "item", "source": "source", "kind": "kind", "because": "because",
                "address": "url"},
    "alerts": {"id": "id", "state": "state", "mode": "mode", "due": "due", "to": "to", "subject": "subject",
               "error": "last_error"},
}  # fmt: skip
NONE_YET = {
    "items": "no items yet; `accordwatch crawl` looks for some",
    "changes": "no changes yet",
    "alerts": "the outbox is empty",
}


def listing(of: str, path: Path | None, wanted: Wanted, *, as_json: bool, as_csv: bool) -> int:
    """One of the lists whose table shows its rows as they are: `items`, `changes` or `alerts`."""
    with asking(path, wanted) as (config, catalogue):
        found = answers.listed(catalogue, of, wanted.filter(of))
        gone = answers.missing(config, catalogue) if of == "items" and not (as_json or as_csv) else {}
    if gone:
        found = [{**row, "state": gone.get(row["id"], row["state"])} for row in found]
    return shown(found, COLUMNS[of], NONE_YET[of], as_json=as_json, as_csv=as_csv, filtered=wanted.narrows)


def partnerships(path: Path | None, wanted: Wanted, *, as_json: bool, as_csv: bool) -> int:
    with asking(path, wanted) as (_, catalogue):
        found = [shapes.partnership_json(entry) for entry in catalogue.partnerships(wanted.filter("partnerships"))]
    if as_json or as_csv:
        return shown(found, {}, "", as_json=as_json, as_csv=as_csv)
    rows = [
        {**row, "certainty": row["certainty"] if row["status"] == "open" else row["status"],
         "who": in_short(row["parties"]), "dates": _dates(row), "sentence": _sentence(row),
         "pages": len(row["witnesses"])}
        for row in found
    ]  # fmt: skip
    columns = {"id": "id", "who": "who", "action": "action", "instrument": "instrument", "date": "dates",
               "since": "since", "certainty": "certainty", "pages": "pages", "sentence": "sentence"}  # fmt: skip
    return shown(rows, columns, "no partnerships yet", as_json=False, as_csv=False, filtered=wanted.narrows)


def in_short(parties: Iterable[Mapping[str, Any]]) -> str:
    """Organisations in a table: "COCIR + HIMSS"."""
    return " + ".join(party["acronym"] or party["name"] for party in parties)


def _dates(row: PartnershipJson) -> str:
    act, told = row["date"], row["announced"]
    return act["value"] if act else f"announced {told['value']}" if told else ""


def _sentence(row: PartnershipJson) -> str:
    """The first sentence of the body that says so; the title only where nothing else does."""
    found = [*(each for each in row["evidence"] if each["block"] >= 0), *row["evidence"]]
    return found[0]["sentence"] if found else ""


def sources(path: Path | None, *, as_json: bool, as_csv: bool) -> int:
    with asking(path) as (config, catalogue):
        found = answers.sources(config, catalogue)
    columns = {"id": "id", "name": "name", "every": "every", "items": "items", "last good look": "last_good",
               "next": "next", "address": "url"}  # fmt: skip
    return shown(found, columns, "no sources; `accordwatch add URL`", as_json=as_json, as_csv=as_csv)


def catalogue(path: Path | None, *, as_json: bool, as_csv: bool) -> int:
    """The associations that come with the program; needs no configuration."""
    from scraper.catalogue import catalogue as entries

    found = [shapes.catalogue_json(entry) for entry in entries()]
    columns = {"acronym": "acronym", "name": "name", "country": "country", "evidence": "evidence", "address": "url"}
    return shown(found, columns, "", as_json=as_json, as_csv=as_csv)


def shown(
    rows: Sequence[Mapping[str, Any]], columns: dict[str, str], none: str, *, as_json: bool, as_csv: bool,
    filtered: bool = False,
) -> int:  # fmt: skip
    if as_json:
        print_json(list(rows))
    elif as_csv:
        print_csv(rows)
    elif not rows:
        console().print(none if not filtered else "nothing matches; see --help for what can be asked")
    else:
        console().print(table("", columns, ([readable(row[key]) for key in columns.values()] for row in rows)))
    return OK
