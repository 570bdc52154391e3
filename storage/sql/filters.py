"""What a list is asked for, and what that means in SQL: filters, places, the newest first. Who asks is catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, Table, literal, select, tuple_

from storage.records.change import Change
from storage.records.observation import Item
from storage.sql.tables import changes, items, parties, witnesses


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a list that begins with the newest has got to."""

    at: datetime
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What a list shows; empty means all. `limit` counts from the newest, or from what comes `after` a place."""

    source: str = ""
    since: datetime | None = None
    until: datetime | None = None
    party: tuple[str, ...] = ()  # party keys
    kind: str = ""
    kinds: tuple[str, ...] = ()  # of partnerships: all of these too
    term: bool = False  # of partnerships: only those that say when they end
    standing: bool = False  # of partnerships: none that a person rejected, unless their kind is asked for
    after: Place | None = None
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


def between(wanted: Filter, moment: Column[datetime]) -> list[ColumnElement[bool]]:
    """What is true of the moments that are wanted."""
    since, until = wanted.since, wanted.until
    return [*([moment >= since] if since is not None else ()), *([moment < until] if until is not None else ())]


def items_that(wanted: Filter) -> list[ColumnElement[bool]]:
    """What is true of the items that are wanted."""
    true = between(wanted, items.c.first_seen)
    if wanted.source:
        true.append(items.c.source == wanted.source)
    if wanted.kind:
        true.append(items.c.state == wanted.kind)
    if wanted.party:
        true.append(items.c.id.in_(_told_of(wanted.party)))
    return true


def changes_that(wanted: Filter) -> list[ColumnElement[bool]]:
    """The same of changes."""
    true = between(wanted, changes.c.at)
    if wanted.source:
        true.append(changes.c.source == wanted.source)
    if wanted.kind:
        true.append(changes.c.kind == wanted.kind)
    if wanted.party:
        true.append(changes.c.item.in_(_told_of(wanted.party)))
    return true


def _told_of(party: tuple[str, ...]) -> Select[int | None]:
    """Items that are witnesses of an organisation's partnerships."""
    told = select(witnesses.c.item).join(parties, parties.c.partnership == witnesses.c.partnership)
    return told.where(parties.c.key.in_(party), witnesses.c.item.is_not(None))


def newest_first(
    statement: Select[*tuple[Any, ...]], of: Table, moment: Column[datetime], wanted: Filter
) -> Select[*tuple[Any, ...]]:
    """The newest of a list, or the newest of those after a place in it: as dear on the last page as on the first."""
    if wanted.after is not None:
        place = tuple_(literal(wanted.after.at, moment.type), literal(wanted.after.id, of.c.id.type))
        statement = statement.where(tuple_(moment, of.c.id) < place)
    return statement.order_by(moment.desc(), of.c.id.desc()).limit(wanted.limit)
