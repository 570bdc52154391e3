"""The one way a Verdict is written: item, version, target, changes, ledger, reasons, alerts. Nothing is decided here.

Statements stand ready made, as in recall.py and for the same reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, select, update

from storage.records.observation import ItemState, Observation
from storage.records.partnership import RelatedEvent
from storage.records.source import ItemId, Target
from storage.records.verdict import Kept, Verdict
from storage.sql import rows, search
from storage.sql import targets as target_rows
from storage.sql.gaps import keep_span
from storage.sql.ledger import keep_move, keep_related
from storage.sql.outbox import queue
from storage.sql.tables import bands, changes, items, reasons, versions

_NEW_ITEM = insert(items).returning(items.c.id)
_ITEM = update(items).where(items.c.id == bindparam("this"))
_VERSION = insert(versions)
_THIS = and_(versions.c.item == bindparam("of"), versions.c.version == bindparam("number"))
_REREAD, _OLD = update(versions).where(_THIS), select(versions.c.article).where(_THIS)
_NEWEST = select(func.max(versions.c.version)).where(versions.c.item == bindparam("of"))
_NO_BANDS = delete(bands).where(bands.c.item == bindparam("of"))
_BANDS, _CHANGE, _REASON = insert(bands), insert(changes), insert(reasons)


def keep(connection: Connection, verdict: Verdict, *, before: Target | None = None) -> Kept:
    """Write all of a verdict; `before` is its target's row as it stands. Raises ValueError for an unknown target."""
    if verdict.target.id is None:
        raise ValueError("a verdict needs a target that memory knows")
    parts = tuple(_keep_part(connection, part) for part in verdict.parts)
    item = _keep_item(connection, verdict)
    target = verdict.target if item is None else replace(verdict.target, item=item)
    target_rows.keep_target(connection, target, before=before)
    if item is not None:
        _keep_meaning(connection, verdict, item)
    if verdict.span is not None:
        keep_span(connection, target, verdict.target.id, verdict.span)
    ledger = tuple(keep_move(connection, move, item) for move in verdict.ledger)
    return Kept(
        target=verdict.target.id, item=item, partnerships=ledger,
        alerts=_keep_alerts(connection, verdict, item, ledger),
        targets=target_rows.add_targets(connection, verdict.targets), parts=parts,
    )  # fmt: skip


def keep_reading(
    connection: Connection, seen: Observation, item: ItemId, *, related: Sequence[RelatedEvent] | None
) -> None:
    """Put another reading in the place of a version's old one, with its `related` events where they are given."""
    new = _reread(connection, seen, item)
    if new:
        connection.execute(_ITEM, {"this": item, **new})
    if related is not None:
        keep_related(connection, item, related)


def _keep_part(connection: Connection, part: Verdict) -> Kept:
    known = part.target.id or target_rows.added(connection, part.target)
    return keep(connection, replace(part, target=replace(part.target, id=known)))


def _keep_item(connection: Connection, verdict: Verdict) -> ItemId | None:
    item, seen = verdict.target.item, verdict.observation
    new: dict[str, object] = {"last_seen": verdict.at} if verdict.seen else {}
    if verdict.state is not None:
        new["state"] = verdict.state.value
    if verdict.moved_to:
        new["url"] = verdict.moved_to
    if verdict.story is not None:
        new["story"] = verdict.story
    if seen is not None:
        new |= _facts(seen)
    if verdict.new_item:
        item = ItemId(int(connection.execute(_NEW_ITEM, _fresh(verdict) | new).scalar_one()))
    if item is None:
        return None
    if verdict.reread is not None:
        new = _reread(connection, verdict.reread, item) | new
    if seen is not None:
        _keep_observation(connection, seen, item)
    if new and not verdict.new_item:
        connection.execute(_ITEM, {"this": item, **new})
    return item


def _fresh(verdict: Verdict) -> dict[str, object]:
    """The row of a new item before anything is said of it."""
    return {
        "source": verdict.target.source, "url": verdict.target.url, "title": verdict.target.title,
        "state": ItemState.PRESENT.value, "first_seen": verdict.at, "last_seen": verdict.at, "versions": 0,
    }  # fmt: skip


def _facts(seen: Observation) -> dict[str, object]:
    """What an item's row says of its newest version."""
    published = seen.article.published.value if seen.article.published else None
    return {"title": seen.article.title, "content": seen.fingerprint.content, "versions": seen.version,
            "published": published}  # fmt: skip


def _reread(connection: Connection, seen: Observation, item: ItemId) -> dict[str, object]:
    """What the item's row has to say then; nothing for a version that is not its newest."""
    known = {"of": item, "number": seen.version}
    old = connection.execute(_OLD, known).scalar()
    if old is None:
        return {}
    search.replace(connection, item, seen.version, rows.article_of(old), seen.article)
    connection.execute(_REREAD, {**known, **rows.observation_row(seen)})
    if connection.execute(_NEWEST, {"of": item}).scalar() != seen.version:
        return {}
    _keep_bands(connection, seen, item, again=True)
    return _facts(seen)


def _keep_observation(connection: Connection, seen: Observation, item: ItemId) -> None:
    connection.execute(_VERSION, {"item": item, **rows.observation_row(seen)})
    search.enter(connection, [(item, seen.version, seen.article)])
    _keep_bands(connection, seen, item, again=seen.version > 1)


def _keep_bands(connection: Connection, seen: Observation, item: ItemId, *, again: bool) -> None:
    """The keys of an item's newest version; `again`: there were others before."""
    if again:
        connection.execute(_NO_BANDS, {"of": item})
    keys = [{"band": band, "item": item} for band in sorted(set(seen.fingerprint.bands))]
    if keys:
        connection.execute(_BANDS, keys)


def _keep_meaning(connection: Connection, verdict: Verdict, item: ItemId) -> None:
    for change in verdict.changes:
        connection.execute(_CHANGE, {"item": item, **rows.change_row(change)})
    if verdict.observation is not None and (verdict.related or not verdict.new_item):
        keep_related(connection, item, verdict.related)
    for reason in verdict.reasons:
        where = {"item": item, "source": verdict.target.source, "at": verdict.at}
        connection.execute(_REASON, {**where, **asdict(reason)})


def _keep_alerts(connection: Connection, verdict: Verdict, item: ItemId | None, ledger: tuple[int, ...]) -> int:
    kept = []
    for alert in verdict.alerts:
        entry = ledger[alert.partnership] if alert.partnership is not None else None
        kept.append(replace(alert, item=alert.item or item, partnership=entry))
    return queue(connection, kept)
