"""Questions people ask of the memory: lists, one item, one diff's two versions. Never writes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, Select, exists, func, null, or_, select

from storage.records.alert import Alert, Delivery, DeliveryState, Reason
from storage.records.change import Change, ChangeKind
from storage.records.observation import Capture, Item, Observation
from storage.records.partnership import Partnership, RelatedEvent
from storage.records.source import Host, ItemId, SourceId, Target
from storage.records.visitor import Session, Visit
from storage.sql import rows, visitors
from storage.sql.ledger import entry_with_id, with_witnesses
from storage.sql.outbox import thread_root
from storage.sql.tables import (
    captures,
    changes,
    hosts,
    items,
    outbox,
    parties,
    partnerships,
    reasons,
    related,
    sources,
    targets,
    versions,
    witnesses,
)  # fmt: skip

_AN_ID = re.compile(r"[0-9]{1,18}")  # as many digits as any database counts to


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What a list shows; empty means all. `limit` counts from the newest."""

    source: str = ""
    since: datetime | None = None
    until: datetime | None = None
    party: tuple[str, ...] = ()  # party keys
    kind: str = ""
    limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """An item with the number of pages that tell its story."""

    item: Item
    witnesses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """A change with its item. `history`: a first look found it, so that it is no news."""

    change: Change
    item: Item
    history: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """How much there is of everything, for a short status."""

    sources: int
    items: int
    changes: int
    partnerships: int
    waiting: int
    failed: int


def _part(row: RowMapping, prefix: str) -> Any:
    return {name.removeprefix(prefix): value for name, value in row.items() if name.startswith(prefix)}


class Catalogue:
    """Read-only questions; each opens and closes its own connection."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._engine.connect() as connection:
            yield connection

    def items(self, wanted: Filter) -> tuple[ItemRow, ...]:
        first = func.coalesce(items.c.story, items.c.id)
        stories = select(first.label("first"), func.count().label("pages")).group_by(first).subquery()
        listed = select(items, stories.c.pages).join(stories, stories.c.first == first)
        statement = self._filtered(listed, wanted, items.c.source, items.c.first_seen)
        if wanted.kind:
            statement = statement.where(items.c.state == wanted.kind)
        statement = statement.order_by(items.c.first_seen.desc(), items.c.id.desc())
        with self._reading() as connection:
            found = connection.execute(statement).mappings()
            return tuple(ItemRow(item=rows.item_of(row), witnesses=row["pages"]) for row in found)

    def changes(self, wanted: Filter, *, item: ItemId | None = None) -> tuple[Change, ...]:
        statement = self._filtered(select(changes), wanted, changes.c.source, changes.c.at)
        if wanted.kind:
            statement = statement.where(changes.c.kind == wanted.kind)
        if item is not None:
            statement = statement.where(changes.c.item == item)
        with self._reading() as connection:
            found = connection.execute(statement.order_by(changes.c.at.desc(), changes.c.id.desc())).mappings()
            return tuple(map(rows.change_of, found))

    def happened(self, wanted: Filter) -> tuple[Happened, ...]:
        """Changes with their items, newest first."""
        found_as_news = exists().where(targets.c.item == changes.c.item, targets.c.looked.is_not(None))
        columns = [column.label(f"change_{column.name}") for column in changes.c]
        statement = select(*columns, items, found_as_news.label("news")).join(items, items.c.id == changes.c.item)
        statement = self._filtered(statement, wanted, changes.c.source, changes.c.at)
        with self._reading() as connection:
            found = connection.execute(statement.order_by(changes.c.at.desc(), changes.c.id.desc())).mappings()
            return tuple(
                Happened(
                    change=(change := rows.change_of(_part(row, "change_"))), item=rows.item_of(row),
                    history=change.kind is ChangeKind.NEW and not row["news"],
                )
                for row in found
            )  # fmt: skip

    def items_by_source(self) -> dict[str, int]:
        """How many items each source has."""
        with self._reading() as connection:
            found = connection.execute(select(items.c.source, func.count()).group_by(items.c.source))
            return {row.source: row[1] for row in found}

    def outbox(self, *, kind: str = "", before: int | None = None, limit: int) -> tuple[Delivery, ...]:
        """Rows of the outbox, newest first, the welcome among them; `kind` is a state or what an alert is about.

        `before` goes on from a row's number; messages stay where they are.
        """
        statement = select(*(column for column in outbox.c if column.name != "message"), null().label("message"))
        if kind:
            statement = statement.where((outbox.c.kind == kind) | (outbox.c.state == kind))
        if before is not None:
            statement = statement.where(outbox.c.id < before)
        with self._reading() as connection:
            found = connection.execute(statement.order_by(outbox.c.id.desc()).limit(limit)).mappings()
            return tuple(map(rows.delivery_of, found))

    def delivery(self, key: int) -> Delivery | None:
        """The row of the outbox with that number."""
        with self._reading() as connection:
            row = connection.execute(select(outbox).where(outbox.c.id == key)).mappings().first()
            return None if row is None else rows.delivery_of(row)

    def partnerships(self, wanted: Filter, *, item: ItemId | None = None) -> tuple[Partnership, ...]:
        own = select(partnerships).where(partnerships.c.merged_into.is_(None))
        statement = self._filtered(own, wanted, None, partnerships.c.first_seen)
        told = exists().where(witnesses.c.partnership == partnerships.c.id)
        if wanted.source:
            statement = statement.where(told.where(witnesses.c.source == wanted.source))
        if item is not None:
            statement = statement.where(told.where(witnesses.c.item == item))
        if wanted.kind:  # an action, an instrument, a certainty or a status
            event = partnerships.c.event
            words = [event.contains(f'"{key}":"{wanted.kind}"') for key in ("action", "instrument", "certainty")]
            statement = statement.where(or_(partnerships.c.status == wanted.kind, *words))
        if wanted.party:
            named = exists().where(parties.c.partnership == partnerships.c.id, parties.c.key.in_(wanted.party))
            statement = statement.where(named)
        statement = statement.order_by(partnerships.c.first_seen.desc(), partnerships.c.id.desc())
        with self._reading() as connection:
            return with_witnesses(connection, list(connection.execute(statement).mappings()))

    def partnership(self, key: int) -> Partnership | None:
        """The entry of that number; of one that was merged into another, the other."""
        with self._reading() as connection:
            return entry_with_id(connection, key)

    def deliveries(self, wanted: Filter, *, item: ItemId | None = None) -> tuple[Delivery, ...]:
        statement = self._filtered(select(outbox), wanted, outbox.c.source, outbox.c.created)
        if wanted.kind:
            statement = statement.where((outbox.c.kind == wanted.kind) | (outbox.c.state == wanted.kind))
        else:  # the welcome is a letter and no alert: it is listed by its kind, or by its state
            statement = statement.where(outbox.c.kind != "welcome")
        if item is not None:
            statement = statement.where(outbox.c.item == item)
        with self._reading() as connection:
            found = connection.execute(statement.order_by(outbox.c.id.desc())).mappings()
            return tuple(map(rows.delivery_of, found))

    def thread_root(self, alert: Alert) -> str:
        """See `storage.sql.outbox.thread_root`."""
        with self._reading() as connection:
            return thread_root(connection, alert)

    def next_delivery(self) -> datetime | None:
        """When the first of the waiting alerts is due."""
        open_states = (outbox.c.state == "waiting") | (outbox.c.state == "unknown")
        with self._reading() as connection:
            found: datetime | None = connection.execute(select(func.min(outbox.c.due)).where(open_states)).scalar()
            return found

    def find_item(self, name: str, *, identity: str = "") -> Item | None:
        """An item by its id or by an address."""
        where = items.c.id == int(name) if _AN_ID.fullmatch(name) else items.c.url == name
        with self._reading() as connection:
            row = connection.execute(select(items).where(where).limit(1)).mappings().first()
            if row is None and identity:
                leads = select(targets.c.item).where(targets.c.identity == identity, targets.c.item.is_not(None))
                row = connection.execute(select(items).where(items.c.id.in_(leads)).limit(1)).mappings().first()
            return None if row is None else rows.item_of(row)

    def versions(self, item: ItemId) -> tuple[Observation, ...]:
        """All versions of an item, oldest first."""
        statement = select(versions).where(versions.c.item == item).order_by(versions.c.version)
        with self._reading() as connection:
            return tuple(map(rows.observation_of, connection.execute(statement).mappings()))

    def story(self, item: Item) -> tuple[Item, ...]:
        """All items that tell the same story, the first seen first; the item alone when there is no other."""
        first = item.story or item.id
        where = (items.c.id == first) | (items.c.story == first)
        with self._reading() as connection:
            found = connection.execute(select(items).where(where).order_by(items.c.first_seen, items.c.id))
            return tuple(map(rows.item_of, found.mappings()))

    def related(self, item: ItemId) -> tuple[RelatedEvent, ...]:
        with self._reading() as connection:
            found = connection.execute(select(related.c.event).where(related.c.item == item)).scalars()
            return tuple(map(rows.related_of, found))

    def reasons(self, item: ItemId) -> tuple[Reason, ...]:
        """Why rules did or did not alert on an item, newest first."""
        statement = select(reasons).where(reasons.c.item == item).order_by(reasons.c.id.desc())
        with self._reading() as connection:
            return tuple(
                Reason(rule=row["rule"], version=row["version"], matched=row["matched"], reason=row["reason"],
                       sentence=row["sentence"])
                for row in connection.execute(statement).mappings()
            )  # fmt: skip

    def targets(self, source: SourceId, *, discovering: bool) -> tuple[Target, ...]:
        kind = targets.c.kind != "article" if discovering else targets.c.kind == "article"
        statement = select(targets).where(targets.c.source == source, targets.c.retired.is_(False), kind)
        with self._reading() as connection:
            return tuple(map(rows.target_of, connection.execute(statement.order_by(targets.c.id)).mappings()))

    def finds(self, source: SourceId, *, limit: int | None = None) -> tuple[tuple[str | None, datetime], ...]:
        """(published as ISO text, first seen) of a source's items, newest found first."""
        statement = select(items.c.published, items.c.first_seen).where(items.c.source == source)
        with self._reading() as connection:
            found = connection.execute(statement.order_by(items.c.first_seen.desc(), items.c.id.desc()).limit(limit))
            return tuple((row.published, row.first_seen) for row in found)

    def hosts(self) -> tuple[Host, ...]:
        with self._reading() as connection:
            return tuple(map(rows.host_of, connection.execute(select(hosts).order_by(hosts.c.authority)).mappings()))

    def captures(self, wanted: Filter) -> Iterator[Capture]:
        """Answers as they came, oldest first; read piece by piece, for there may be very many."""
        statement = self._filtered(select(captures), wanted, captures.c.source, captures.c.at)
        with self._reading() as connection:
            for row in (
                connection.execution_options(yield_per=500).execute(statement.order_by(captures.c.id)).mappings()
            ):
                yield rows.capture_of(row)

    def session(self, key: str) -> Session | None:
        """The login whose key that is."""
        with self._reading() as connection:
            return visitors.session(connection, key)

    def visit(self, user: str) -> Visit | None:
        """When somebody was here before; nobody's name is empty."""
        with self._reading() as connection:
            return visitors.visit(connection, user)

    def totals(self) -> Totals:
        def count(statement: Select[int]) -> int:
            return int(connection.execute(statement).scalar() or 0)

        with self._reading() as connection:
            open_states = ("waiting", "sending", "unknown")
            return Totals(
                sources=count(select(func.count()).select_from(sources).where(sources.c.active)),
                items=count(select(func.count()).select_from(items)),
                changes=count(select(func.count()).select_from(changes)),
                partnerships=count(select(func.count()).where(partnerships.c.merged_into.is_(None))),
                waiting=count(select(func.count()).select_from(outbox).where(outbox.c.state.in_(open_states))),
                failed=count(
                    select(func.count()).select_from(outbox).where(outbox.c.state == DeliveryState.FAILED.value)
                ),
            )

    def integrity(self) -> str:
        """The database's own word on its health: "ok", or what is wrong."""
        with self._reading() as connection:
            if connection.dialect.name != "sqlite":
                return "ok"
            return str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())

    def _filtered(
        self, statement: Select[*tuple[Any, ...]], wanted: Filter, source: Any, moment: Any
    ) -> Select[*tuple[Any, ...]]:
        if wanted.source and source is not None:
            statement = statement.where(source == wanted.source)
        if wanted.since is not None:
            statement = statement.where(moment >= wanted.since)
        if wanted.until is not None:
            statement = statement.where(moment < wanted.until)
        return statement if wanted.limit is None else statement.limit(wanted.limit)
