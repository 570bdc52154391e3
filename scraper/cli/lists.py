"""Lists of what memory holds: for people a table, for machines JSON or CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scraper import shapes
from scraper.app import open_store
from scraper.cli.face import OK, config_of, console, print_csv, print_json, table
from scraper.config import Config
from scraper.detect.ledger import party_keys
from scraper.errors import ConfigError
from storage.records.partnership import PartnershipEvent, Party
from storage.store import Catalogue, Filter


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The filters as typed."""

    source: str = ""
    since: str = ""
    until: str = ""
    party: str = ""
    kind: str = ""
    limit: int | None = 50

    @property
    def narrows(self) -> bool:
        """Whether an empty list may be the filters' doing."""
        return bool(self.source or self.since or self.until or self.party or self.kind)

    def everything(self) -> Filter:
        """All of the source, whatever the day."""
        return Filter(source=self.source)

    def filter(self) -> Filter:
        return Filter(
            source=self.source, since=moment(self.since, "--since"), until=moment(self.until, "--until"),
            party=_party_keys(self.party), kind=self.kind, limit=self.limit,
        )  # fmt: skip


def _party_keys(name: str) -> tuple[str, ...]:
    """The ledger's keys of an organisation that a person typed: a name, or an acronym."""
    if not name:
        return ()
    typed = Party(name=name, acronym=name)
    return party_keys(PartnershipEvent(parties=(typed,), instrument="partnership", action="announced"))


def moment(text: str, option: str) -> datetime | None:
    """A day or moment as typed; without a zone it is UTC. Raises ConfigError."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(option, f'"{text}" is no date', "write 2026-01-31 or 2026-01-31T08:00") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@contextmanager
def asking(path: Path | None, source: str = "") -> Iterator[tuple[Config, Catalogue]]:
    """The configuration and its catalogue, closed afterwards. Raises ConfigError when nobody knows that source."""
    config = config_of(path)
    store = open_store(config)
    try:
        catalogue = store.catalogue()
        _check_source(source, config, catalogue)
        yield config, catalogue
    finally:
        store.close()


def _check_source(source: str, config: Config, catalogue: Catalogue) -> None:
    """One that has left the configuration is known by its items."""
    ids = [each.id for each in config.sources]
    if source and source not in ids and not catalogue.items(Filter(source=source, limit=1)):
        raise ConfigError(f"source {source}", "is not in config.toml", f"known are: {', '.join(ids) or 'none yet'}")


def items(path: Path | None, wanted: Wanted, *, as_json: bool, as_csv: bool) -> int:
    with asking(path, wanted.source) as (_, catalogue):
        found = [shapes.item_json(row.item, row.witnesses) for row in catalogue.items(wanted.filter())]
    columns = {"id": "id", "source": "source", "published": "published", "state": "state", "versions": "versions",
               "pages": "witnesses", "title": "title"}  # fmt: skip
    return shown(found, columns, "no items yet; `accordwatch crawl` looks for some", as_json=as_json, as_csv=as_csv,
                  filtered=wanted.narrows)  # fmt: skip


def changes(path: Path | None, wanted: Wanted, *, as_json: bool, as_csv: bool) -> int:
    with asking(path, wanted.source) as (_, catalogue):
        found = [shapes.change_json(change) for change in catalogue.changes(wanted.filter())]
    columns = {"when": "at", "item": "item", "source": "source", "kind": "kind", "because": "because", "address": "url"}
    return shown(found, columns, "no changes yet", as_json=as_json, as_csv=as_csv, filtered=wanted.narrows)


def partnerships(path: Path | None, wanted: Wanted, *, as_json: bool, as_csv: bool) -> int:
    with asking(path, wanted.source) as (_, catalogue):
        found = [shapes.partnership_json(entry) for entry in catalogue.partnerships(wanted.filter())]
    if as_json or as_csv:
        return shown(found, {}, "", as_json=as_json, as_csv=as_csv)
    rows = [
        {**row, "certainty": row["certainty"] if row["status"] == "open" else row["status"], "who": _who(row),
         "dates": _dates(row), "sentence": _sentence(row), "pages": len(row["witnesses"])}
        for row in found
    ]  # fmt: skip
    columns = {"id": "id", "who": "who", "action": "action", "instrument": "instrument", "date": "dates",
               "since": "since", "certainty": "certainty", "pages": "pages", "sentence": "sentence"}  # fmt: skip
    return shown(rows, columns, "no partnerships yet", as_json=False, as_csv=False, filtered=wanted.narrows)


def _who(row: dict[str, Any]) -> str:
    return " + ".join(party["acronym"] or party["name"] for party in row["parties"])


def _dates(row: dict[str, Any]) -> str:
    act, told = row["date"], row["announced"]
    return act["value"] if act else f"announced {told['value']}" if told else ""


def _sentence(row: dict[str, Any]) -> str:
    """The first sentence of the body that says so; the title only where nothing else does."""
    found = [*(each for each in row["evidence"] if each["block"] >= 0), *row["evidence"]]
    return found[0]["sentence"] if found else ""


def sources(path: Path | None, *, as_json: bool, as_csv: bool) -> int:
    with asking(path) as (config, catalogue):
        found = []
        for source in config.sources:
            looks = catalogue.targets(source.id, discovering=True)
            good = max((t.last_good for t in looks if t.last_good), default=None)
            due = min((t.due for t in looks), default=None)
            articles = catalogue.targets(source.id, discovering=False)
            found.append(shapes.source_json(source, items=len(articles), last_good=good, next_due=due))
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
    rows: Sequence[dict[str, Any]], columns: dict[str, str], none: str, *, as_json: bool, as_csv: bool,
    filtered: bool = False,
) -> int:  # fmt: skip
    if as_json:
        print_json(list(rows))
    elif as_csv:
        print_csv(rows)
    elif not rows:
        console().print(none if not filtered else "nothing matches; see --help for what can be asked")
    else:
        console().print(table("", columns, ([_cell(row[key]) for key in columns.values()] for row in rows)))
    return OK


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return "; ".join(value) if isinstance(value, list) else str(value)
