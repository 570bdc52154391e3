"""What memory answers to one look: the known version, look-alikes, siblings, the ledger. Reads; decides nothing.

Statements stand here ready made, with bound parameters: making one anew costs four times as much as running it
(measured: 59 against 16 microseconds). None asks for `retired` where an index finds a few rows without it: until a
database has statistics, SQLite takes that for the rarest thing and walks all targets that live.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from heapq import nlargest
from typing import Any

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL as BOTH
from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Table,
    TextClause,
    and_,
    bindparam,
    case,
    func,
    not_,
    or_,
    select,
    text,
)

from storage.records.observation import Item, Observation
from storage.records.source import ItemId, Target, TargetKind
from storage.records.verdict import LookAlike, Question, Recall, SeenVersion
from storage.sql import rows
from storage.sql.ledger import entries_with, related_with
from storage.sql.tables import items, targets, versions
from storage.sql.targets import LISTS

NEWEST_VERSIONS = 12  # how far back A-B-A is looked for
LOOK_ALIKES = 5
LATELY = timedelta(days=30)  # translations follow within days
MOST_SHARING = 64  # newest items of one key: what one sender says below each release is shared by thousands
SHARED_KEYS = 2  # of 16: fewer is chance (measured in benchmarks/change/pairs.py)
IN_CHUNK = 500  # SQLite's default limit of variables is 32,766; short statements plan better

_OWN: ColumnElement[bool] = targets.c.source == bindparam("source")
_IS_ARTICLE = targets.c.kind == "article"
_VERSIONS = select(versions).where(versions.c.item == bindparam("item")).order_by(versions.c.version.desc())
_LATEST, _PAST = _VERSIONS.limit(1), _VERSIONS.limit(NEWEST_VERSIONS)
_ITEM = select(items).where(items.c.id == bindparam("item"))
_EXACT = select(items).where(items.c.content == bindparam("content")).order_by(items.c.id).limit(LOOK_ALIKES)
_THESE = select(items).where(items.c.id.in_(bindparam("ids", expanding=True)))
_LISTS = select(targets.c.identity).where(_OWN, LISTS)
_ASKED = or_(targets.c.retired.is_(False), targets.c.last_checked.is_not(None))
_ARTICLES = select(func.count()).where(_OWN, _IS_ARTICLE, _ASKED)
_FEEDS = select(func.count(case((targets.c.retired.is_(False), 1)))).where(
    _OWN, targets.c.kind == "feed", targets.c.failures == 0, targets.c.last_good.is_not(None)
)
_UNTOUCHED = and_(targets.c.retired, targets.c.item.is_(None), targets.c.last_checked.is_(None))
_SINCE = bindparam("since", type_=targets.c.last_checked.type)
_CAME = and_(targets.c.checks <= 1, targets.c.last_checked > _SINCE)
_FIRST = or_(targets.c.last_checked.is_(None), _SINCE.is_(None), _CAME)
_KNOWN = select(
    targets.c.identity, _UNTOUCHED.label("untouched"), and_(_FIRST, not_(_UNTOUCHED)).label("recent")
).where(_OWN, targets.c.identity.in_(bindparam("identities", expanding=True)))
_OTHERS = select(targets).where(
    targets.c.item.in_(bindparam("items", expanding=True)), targets.c.id != bindparam("besides")
)
_NAMED_ITEMS = select(targets.c.item).where(
    _OWN, targets.c.item.is_not(None), targets.c.identity.in_(bindparam("identities", expanding=True))
)
_NAMED = and_(items.c.source == bindparam("source"), items.c.id.in_(_NAMED_ITEMS))
_TRANSLATIONS = select(items).where(_NAMED).limit(LOOK_ALIKES)
_SAME_DAY = (
    select(items)
    .where(
        items.c.source == bindparam("source"),
        items.c.first_seen >= bindparam("lately", type_=items.c.first_seen.type),
        items.c.published == bindparam("published"),
    )
    .order_by(items.c.id.desc())
    .limit(4 * LOOK_ALIKES)
)


def recall(connection: Connection, target: Target, question: Question) -> Recall:
    """What memory holds of this target, and of whatever resembles what was just read."""
    if target.kind.discovers:
        return _of_list(connection, target, question)
    look_alikes = _look_alikes(connection, target, question)
    twins = [a.item.id for a in look_alikes if a.item.source == target.source]
    base = Recall(
        look_alikes=look_alikes,
        siblings=_siblings(connection, target, question) if target.item is None else (),
        looks_alike_targets=_live_targets(connection, twins, besides=target),
        ledger=entries_with(connection, question.parties, item=target.item),
        neighbours=related_with(connection, question.parties),
        known=_known(connection, target, question.identities)[0],
        lists=frozenset(connection.execute(_LISTS, {"source": target.source}).scalars()),
    )
    if target.item is None:
        return base
    return replace(
        base,
        item=rows.item_of(connection.execute(_ITEM, {"item": target.item}).mappings().one()),
        observation=latest(connection, target.item),
        versions=_versions(connection, target.item),
        addresses=_live_targets(connection, [target.item], besides=target),
    )


def latest(connection: Connection, item: ItemId) -> Observation | None:
    """The newest version of an item."""
    row = connection.execute(_LATEST, {"item": item}).mappings().first()
    return None if row is None else rows.observation_of(row)


def _of_list(connection: Connection, target: Target, question: Question) -> Recall:
    own = {"source": target.source}
    known, left, recent = _known(connection, target, question.identities)
    return Recall(
        known=known, left=left, recent=recent,
        entries=_entries(connection, target) if target.kind is TargetKind.PAGE else (),
        articles=connection.execute(_ARTICLES, own).scalar_one(),
        feeds=connection.execute(_FEEDS, own).scalar_one(),
        last_good=target.last_good,
    )  # fmt: skip


def _versions(connection: Connection, item: ItemId) -> tuple[SeenVersion, ...]:
    newest = connection.execute(_PAST, {"item": item}).mappings()
    return tuple(
        SeenVersion(
            version=seen.version, content=seen.fingerprint.content, seen=seen.seen,
            published=seen.article.published.value if seen.article.published else "",
        )
        for seen in map(rows.observation_of, newest)
    )  # fmt: skip


def _known(connection: Connection, target: Target, identities: tuple[str, ...]) -> tuple[frozenset[str], ...]:
    """Which addresses are targets of the source; of these, what a first look left alone, and what came since."""
    found: list[Any] = []
    asked = {"source": target.source, "since": target.last_good or target.looked}
    for start in range(0, len(identities), IN_CHUNK):
        found += connection.execute(_KNOWN, asked | {"identities": identities[start : start + IN_CHUNK]})
    return (
        frozenset(row.identity for row in found),
        frozenset(row.identity for row in found if row.untouched),
        frozenset(row.identity for row in found if row.recent),
    )


def _entries(connection: Connection, page: Target) -> tuple[tuple[Target, Item], ...]:
    where = (targets.c.source == page.source, targets.c.kind == "entry", targets.c.item == items.c.id)
    inside = targets.c.identity.startswith(f"{page.identity}#", autoescape=True)
    found = connection.execute(select(targets, items).where(*where, inside).set_label_style(BOTH)).mappings()
    return tuple((rows.target_of(_part(row, targets)), rows.item_of(_part(row, items))) for row in found)


def _part(row: RowMapping, table: Table) -> Any:
    """The columns of one table in a row of several."""
    return {column.name: row[f"{table.name}_{column.name}"] for column in table.c}


def _live_targets(connection: Connection, of: Sequence[ItemId], *, besides: Target) -> tuple[Target, ...]:
    if not of:
        return ()
    found = connection.execute(_OTHERS, {"items": of, "besides": besides.id or 0}).mappings()
    return tuple(rows.target_of(row) for row in found if not row["retired"])


def _look_alikes(connection: Connection, target: Target, question: Question) -> tuple[LookAlike, ...]:
    """Items whose latest version has the same content hash, then those that share most bands."""
    if not question.content:
        return ()
    exact = connection.execute(_EXACT, {"content": question.content}).mappings()
    found = {row["id"]: (row, True) for row in exact}
    for row in _near(connection, question.bands):
        found.setdefault(row["id"], (row, False))
    found.pop(target.item, None)
    return _seen(connection, list(found.values())[:LOOK_ALIKES])


def _siblings(connection: Connection, target: Target, question: Question) -> tuple[LookAlike, ...]:
    """Items of the source at one of these addresses, then those of the same day that are not long known."""
    found: dict[int, tuple[RowMapping, bool]] = {}
    own: dict[str, Any] = {"source": target.source}
    if question.translations:
        at = own | {"identities": question.translations[:IN_CHUNK]}
        found = {row["id"]: (row, True) for row in connection.execute(_TRANSLATIONS, at).mappings()}
    if len(question.published) == len("2026-01-31"):
        of = own | {"lately": _lately(target.due), "published": question.published}
        for row in connection.execute(_SAME_DAY, of).mappings():
            found.setdefault(row["id"], (row, False))
    return _seen(connection, list(found.values()))


def _lately(due: datetime) -> datetime:
    return due - LATELY


def _seen(connection: Connection, found: list[tuple[RowMapping, bool]]) -> tuple[LookAlike, ...]:
    """Each with its newest version, those that have one."""
    return tuple(
        LookAlike(item=rows.item_of(row), observation=newest, exact=exact)
        for row, exact in found
        if (newest := latest(connection, row["id"])) is not None
    )


def _near(connection: Connection, keys: tuple[int, ...]) -> list[RowMapping]:
    """Items that share keys with this text; a rare key says more than one that many share."""
    if not keys:
        return []
    sharing: dict[int, list[int]] = {}
    for key, item in connection.execute(_sharing(len(keys)), {f"k{i}": key for i, key in enumerate(keys)}):
        sharing.setdefault(key, []).append(item)
    weights: dict[int, list[float]] = {}
    for those in sharing.values():
        for item in those:
            weights.setdefault(item, []).append(1 / len(those))
    near = [(sum(of), item) for item, of in weights.items() if len(of) >= SHARED_KEYS]
    best = [item for _, item in nlargest(LOOK_ALIKES, near)]
    return list(connection.execute(_THESE, {"ids": best}).mappings()) if best else []


@lru_cache(maxsize=64)
def _sharing(keys: int) -> TextClause:
    """The newest items of each of so many keys, in one statement; as text, since a built one of that size is looked up
    among the compiled ones in longer than it runs."""
    one = "SELECT band, item FROM (SELECT band, item FROM bands WHERE band = :k{} ORDER BY item DESC LIMIT {}) AS k{}"
    return text(" UNION ALL ".join(one.format(number, MOST_SHARING, number) for number in range(keys)))
