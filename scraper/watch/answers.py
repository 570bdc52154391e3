"""What people ask of one item, one alert or all sources, put together from memory for every face of the program."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from scraper import shapes
from scraper.config import Config
from scraper.detect.diff import passages
from scraper.detect.ledger import word_line
from scraper.errors import UserError
from scraper.schema import AlertJson, ChangeJson, FullItemJson, HostJson, ItemJson, PartnershipJson, SourceJson
from scraper.url import canonical, identity
from storage.records.alert import Delivery, Reason
from storage.records.article import Article
from storage.records.change import Change, ChangeKind
from storage.records.observation import Item, Observation
from storage.records.partnership import Findings, Partnership
from storage.records.source import ItemId, SourceId
from storage.store import Catalogue, Filter, Place

SILENT = (ChangeKind.MOVED, ChangeKind.REVERTED)  # no rule is asked about these


STEP = 500  # rows that a walk through a whole list holds at a time
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One of the lists: how memory is asked for it, what its rows look like as `schema` says, and where each stands."""

    ask: Callable[[Catalogue, Filter], Sequence[Any]]
    shape: Callable[[Any], Row]
    place: Callable[[Any], tuple[datetime, int | None]]
    schema: Any


LISTS: dict[str, Listing] = {
    "items": Listing(
        ask=Catalogue.items, shape=lambda row: shapes.item_json(row.item, row.witnesses),
        place=lambda row: (row.item.first_seen, row.item.id), schema=ItemJson,
    ),
    "changes": Listing(
        ask=Catalogue.changes, shape=shapes.change_json, place=lambda change: (change.at, change.id), schema=ChangeJson
    ),
    "partnerships": Listing(
        ask=Catalogue.partnerships, shape=shapes.partnership_json, place=lambda entry: (entry.first_seen, entry.id),
        schema=PartnershipJson,
    ),
    "alerts": Listing(
        ask=Catalogue.deliveries, shape=shapes.delivery_json, place=lambda row: (row.alert.created, row.alert.id),
        schema=AlertJson,
    ),
}  # fmt: skip


def listed(catalogue: Catalogue, of: str, wanted: Filter) -> list[Row]:
    """The rows of a list, as its `--json` prints them."""
    return [LISTS[of].shape(row) for row in LISTS[of].ask(catalogue, wanted)]


def walked(catalogue: Catalogue, of: str, wanted: Filter) -> Iterator[Any]:
    """All that memory has for a list, newest first, read in steps so that its length costs no room."""
    left = wanted.limit if wanted.limit is not None else sys.maxsize
    while left > 0:
        found = LISTS[of].ask(catalogue, replace(wanted, limit=min(left, STEP)))
        yield from found
        if len(found) < STEP:
            return
        at, key = LISTS[of].place(found[-1])
        wanted, left = replace(wanted, after=Place(at=at, id=key or 0)), left - len(found)


class UnknownError(UserError):
    """Nothing in memory has that name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseUp:
    """One item with its newest version and all that is known of it; `adds` is what it says beyond the first page."""

    item: Item
    article: Article
    findings: Findings
    story: tuple[Item, ...]
    adds: tuple[str, ...]
    changes: tuple[Change, ...]
    ledger: tuple[Partnership, ...]

    def json(self) -> FullItemJson:
        article = shapes.article_json(self.article, self.findings)
        return shapes.full_item_json(self.item, self.story, article, self.adds, self.changes, self.ledger)


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """An article that is not where it was, for how long, and how often that was seen of the times that are needed."""

    source: SourceId
    url: str
    since: datetime
    checks: int
    needed: int

    def __str__(self) -> str:
        return f"missing since {self.since:%Y-%m-%d %H:%M}, {self.checks} of {self.needed} checks"


def find(catalogue: Catalogue, name: str) -> Item:
    """The item of that id or address. Raises UnknownError."""
    address = canonical(name)
    item = catalogue.find_item(name, identity=identity(address) if address else "")
    if item is None:
        raise UnknownError(f"item {name}", "is not known", "see `accordwatch items`")
    return item


def close_up(catalogue: Catalogue, name: str) -> CloseUp:
    """An item from close by. Raises UnknownError."""
    item = find(catalogue, name)
    article, story = catalogue.article(item.id), catalogue.story(item)
    first = catalogue.article(story[0].id) if story[0].id != item.id else None
    ledger = catalogue.partnerships(Filter(), item=item.id)
    return CloseUp(
        item=item, article=article, story=story, changes=catalogue.changes(Filter(), item=item.id), ledger=ledger,
        findings=Findings(events=tuple(entry.event for entry in ledger), related=catalogue.related(item.id)),
        adds=tuple(p.new for p in passages(first, article) if p.op == "added") if first else (),
    )  # fmt: skip


def two_versions(catalogue: Catalogue, item: Item, old: int | None, new: int | None) -> tuple[Observation, Observation]:
    """Two versions of an item, the last two where none is named. Raises UserError."""
    versions = {version.version: version for version in catalogue.versions(item.id)}
    newest = max(versions)
    wanted = (old or max(newest - 1, 1), new or newest)
    missing = [number for number in wanted if number not in versions]
    if missing:
        raise UnknownError(f"item {item.id}", f"has no version {missing[0]}", f"it has {min(versions)} to {newest}")
    if wanted[0] == wanted[1] and old is None:
        raise UserError(f"item {item.id}", "has one version only, so nothing changed", "")
    return versions[wanted[0]], versions[wanted[1]]


def reasons(catalogue: Catalogue, item: Item) -> tuple[Reason, ...]:
    """Why an item alerted or did not: persons' words, then the rules', then what no rule was asked about."""
    silent = (change for change in catalogue.changes(Filter(), item=item.id) if change.kind in SILENT)
    return (*_words(catalogue, item), *catalogue.reasons(item.id), *map(_silence, silent))


def deliveries_named(catalogue: Catalogue, name: str) -> list[Delivery]:
    """Rows of the outbox by their id ("alert:7") or by the Message-ID of their mail. Raises UnknownError."""
    rows = catalogue.deliveries(Filter()) + catalogue.deliveries(Filter(kind="welcome"))
    found = [row for row in rows if name in (f"alert:{row.alert.id}", row.message_id)]
    if not found:
        raise UnknownError(f"alert {name}", "is not in the outbox", "see `accordwatch alerts`")
    return found


def missing(config: Config, catalogue: Catalogue, *, item: ItemId | None = None) -> dict[ItemId, Missing]:
    """The articles, or that one, whose pages answer as gone while that is not believed yet."""
    needed = config.watch.confirm_withdrawn.checks
    return {
        key: Missing(
            source=page.source, url=page.url, since=page.gone_since, checks=min(page.gone_checks, needed), needed=needed
        )
        for key, page in catalogue.missing(item).items()
        if page.gone_since is not None
    }  # fmt: skip


def sources(config: Config, catalogue: Catalogue) -> list[SourceJson]:
    """The sources of the configuration, as `sources --json` prints them."""
    standing = catalogue.standing([source.id for source in config.sources])
    return [shapes.source_json(source, standing[source.id]) for source in config.sources]


def hosts(catalogue: Catalogue) -> list[HostJson]:
    """Hosts that were asked anything, as `politeness --json` prints them."""
    return [shapes.host_json(host) for host in catalogue.hosts() if host.requests or host.refused]


def _words(catalogue: Catalogue, item: Item) -> Iterator[Reason]:
    """What persons said of the events that an item tells: their word is over every rule's."""
    for entry in catalogue.partnerships(Filter(), item=item.id):
        for word in reversed(entry.words):
            told = f"entry {entry.id} was {word_line(word)}"
            sentence = entry.event.evidence[0].sentence if entry.event.evidence else ""
            yield Reason(rule="a person's word", version="", matched=False, reason=told, sentence=sentence)


def _silence(change: Change) -> Reason:
    why = f"{change.at:%Y-%m-%d %H:%M} {change.kind.value}: {'; '.join(change.because)}; recorded, and no rule is asked"
    return Reason(rule="", version="", matched=False, reason=why)
