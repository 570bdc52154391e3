"""Rows of sources, hosts and targets: who is watched, what is due, whose turn it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Column, Connection, Engine, Table, and_, bindparam, exists, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage.records.source import Authority, Host, Source, SourceId, Target, TargetId, TargetKind
from storage.records.verdict import Brake
from storage.sql import rows
from storage.sql.engine import writing
from storage.sql.tables import brakes, hosts, sources, targets

# Named, not "all but articles": an index is used without statistics, too, which a young database has none of.
LISTS = targets.c.kind.in_([kind for kind in TargetKind if kind.discovers])
# Ready made, as in recall.py and for the same reason.
_TARGET = select(targets).where(targets.c.id == bindparam("this"))
_UPDATE = update(targets).where(targets.c.id == bindparam("this"))
_SAME = _UPDATE.where(targets.c.identity == bindparam("was"))  # as nearly always: its address stays
_TWIN = select(targets.c.id, targets.c.item).where(
    targets.c.source == bindparam("source"), targets.c.identity == bindparam("identity"),
    targets.c.id != bindparam("this"),
)  # fmt: skip
_WHEN = bindparam("when", type_=targets.c.due.type)
_SOONER = update(targets).where(targets.c.id == bindparam("this"), targets.c.due > _WHEN).values(due=_WHEN)


def insert_new(connection: Connection, table: Table, values: Sequence[dict[str, Any]]) -> int:
    """Insert those rows that break no unique constraint; how many went in."""
    if not values:
        return 0
    return len(connection.execute(_insert_new(connection.dialect.name, table, tuple(table.primary_key)), values).all())


@lru_cache(maxsize=16)
def _insert_new(dialect: str, table: Table, told: tuple[Column[Any], ...]) -> Any:
    """Gives back these columns of what went in."""
    kind: Any = postgresql if dialect == "postgresql" else sqlite
    return kind.insert(table).on_conflict_do_nothing().returning(*told)


@lru_cache(maxsize=1024)
def authority_of(url: str) -> str:
    """`host:port`, the port always there."""
    parts = urlsplit(url)
    return f"{parts.hostname or ''}:{parts.port or {'http': 80, 'https': 443}.get(parts.scheme, 0)}"


def sync_sources(connection: Connection, wanted: Iterable[Source]) -> None:
    """Make the table say what the configuration says; a source that left is paused and keeps its items."""
    connection.execute(update(sources).values(active=False))
    for source in wanted:
        row = {"name": source.name, "url": source.url, "organisation": source.organisation, "active": source.enabled}
        if not insert_new(connection, sources, [{"id": source.id, **row}]):
            connection.execute(update(sources).where(sources.c.id == source.id).values(**row))


def swap_every(connection: Connection, source: Source) -> str:
    """The `every` that was in force, which the source's takes the place of."""
    row = sources.c.id == source.id
    before = connection.execute(select(sources.c.every).where(row)).scalar() or ""
    connection.execute(update(sources).where(row, sources.c.every != source.every).values(every=source.every))
    return before


def add_source(connection: Connection, source: Source) -> None:
    row = {"id": source.id, "name": source.name, "url": source.url, "organisation": source.organisation}
    insert_new(connection, sources, [row | {"active": False}])


def target_at(connection: Connection, source: SourceId, identity: str) -> Target:
    where = (targets.c.source == source, targets.c.identity == identity)
    return rows.target_of(connection.execute(select(targets).where(*where)).mappings().one())


def add_targets(connection: Connection, wanted: Iterable[Target]) -> int:
    """Insert new targets; bring known ones (with an id) forward to their due time. How many are to be looked at.

    One that rests (retired) may come to life when it is wanted after all.
    """
    new: dict[tuple[str, str], dict[str, Any]] = {}
    for target in wanted:
        if target.id is not None:
            connection.execute(_SOONER, {"this": target.id, "when": target.due})
        else:
            row = rows.target_row(target, authority_of(target.url))
            new.setdefault((row["source"], row["identity"]), row)
    if not new:
        return 0
    statement = _insert_new(connection.dialect.name, targets, (targets.c.source, targets.c.identity))
    came = {tuple(row) for row in connection.execute(statement, list(new.values()))}
    return sum(key in came or _revived(connection, row) for key, row in new.items() if not row["retired"])


def added(connection: Connection, target: Target) -> TargetId:
    """Insert a target that is not there yet; its id."""
    row = rows.target_row(target, authority_of(target.url))
    return TargetId(int(connection.execute(insert(targets).values(**row).returning(targets.c.id)).scalar_one()))


def _revived(connection: Connection, row: dict[str, Any]) -> int:
    """Begin anew with a target that rests: left alone by a first look, a page turned before, an address given again.

    An address that the configuration gives is a list, whatever it was taken for before.
    """
    untouched = targets.c.last_checked.is_(None) & targets.c.item.is_(None)
    again = targets.c.retired & (untouched | (targets.c.kind != "article"))
    if row["origin"] == "given" and row["kind"] != "article":
        again |= targets.c.kind == "article"
    same = (targets.c.source == row["source"]) & (targets.c.identity == row["identity"])
    fresh = {name: row[name] for name in ("kind", "origin", "due", "looked", "configured")}
    fresh |= {"retired": False, "last_good": None, "etag": "", "last_modified": "", "body_hash": ""}
    return connection.execute(update(targets).where(same, again).values(**fresh)).rowcount


def keep_target(connection: Connection, target: Target, *, before: Target | None = None) -> None:
    """Write a target's row; where the row is known as it was `before`, only what is new in it.

    When its new address belongs to another target, that one takes over its item.
    """
    row = rows.target_row(target, authority_of(target.url))
    if before is not None and before.identity == target.identity:
        old = rows.target_row(before, authority_of(before.url))
        new = {name: value for name, value in row.items() if value != old[name]}
        if new:  # an index of which no column is named is left alone
            connection.execute(_UPDATE, {"this": target.id, **new})
        return
    if connection.execute(_SAME, {"this": target.id, "was": row["identity"], **row}).rowcount:
        return
    same = {"source": target.source, "identity": row["identity"], "this": target.id}
    twin = connection.execute(_TWIN, same).first()
    if twin is not None:
        row = {k: v for k, v in row.items() if k not in ("url", "identity", "authority")} | {"retired": True}
        if twin.item is None:
            connection.execute(_UPDATE, {"this": twin.id, "item": target.item})
    connection.execute(_UPDATE, {"this": target.id, **row})


def target(connection: Connection, key: TargetId) -> Target:
    return rows.target_of(connection.execute(_TARGET, {"this": key}).mappings().one())


def the_target(connection: Connection, wanted: Target) -> Target:
    """The target of the source with this identity, known before or made now."""
    add_targets(connection, [wanted])
    same = (targets.c.source == wanted.source) & (targets.c.identity == wanted.identity)
    return rows.target_of(connection.execute(select(targets).where(same)).mappings().one())


def targets_of(connection: Connection, source: SourceId, *, discovering: bool | None = None) -> tuple[Target, ...]:
    """The live targets of a source, oldest first; told apart here, as in recall.py and for the same reason."""
    where = [targets.c.source == source]
    if discovering is not None:
        where.append(LISTS if discovering else targets.c.kind == "article")
    found = connection.execute(select(targets).where(*where).order_by(targets.c.id)).mappings()
    return tuple(rows.target_of(row) for row in found if not row["retired"])


def host_at(connection: Connection, url: str) -> Host | None:
    found = connection.execute(select(hosts).where(hosts.c.authority == authority_of(url))).mappings().first()
    return None if found is None else rows.host_of(found)


def brakes_of(connection: Connection) -> dict[SourceId, Brake]:
    """The brakes that are on, by source."""
    found = connection.execute(select(brakes)).mappings()
    return {row["source"]: Brake(**{name: row[name] for name in Brake.__dataclass_fields__}) for row in found}


def make_due(connection: Connection, wanted: Sequence[SourceId], *, now: datetime, articles: bool) -> None:
    """Bring the discovery targets of these sources forward to now; all their articles too, when asked."""
    where = [targets.c.source.in_(wanted), targets.c.retired.is_(False), targets.c.due > now]
    if not articles:
        where.append(LISTS)
    connection.execute(update(targets).where(*where).values(due=now))


def forget_the_future(connection: Connection, *, now: datetime) -> int:
    """Targets looked at in what is the future again are due now; hosts are free that were leased or put off then."""
    ahead = hosts.c.last_request > now
    connection.execute(update(hosts).where(ahead).values(lease_until=None, lease_owner="", next_allowed=None))
    looked = (targets.c.last_checked > now) & targets.c.retired.is_(False)
    return connection.execute(update(targets).where(looked).values(due=now, last_checked=now)).rowcount


def due_targets(
    connection: Connection, authority: str, *, now: datetime, only: Sequence[SourceId] | None, limit: int
) -> tuple[Target, ...]:
    """Targets of one authority that are due, discovery before articles, then the longest due first."""
    where = _due(now, only) & (targets.c.authority == authority)
    statement = select(targets).where(where)
    statement = statement.order_by(targets.c.kind == "article", targets.c.due, targets.c.id).limit(limit)
    return tuple(rows.target_of(row) for row in connection.execute(statement).mappings())


def due_authorities(
    connection: Connection, *, now: datetime, only: Sequence[SourceId] | None, limit: int
) -> tuple[Authority, ...]:
    """Authorities with something due whose host may be asked now, the longest due first."""
    free = or_(hosts.c.authority.is_(None), hosts.c.lease_until.is_(None), hosts.c.lease_until <= now)
    allowed = or_(hosts.c.next_allowed.is_(None), hosts.c.next_allowed <= now + timedelta(minutes=1))
    statement = (
        select(targets.c.authority, func.min(targets.c.due).label("first"))
        .select_from(targets.outerjoin(hosts, hosts.c.authority == targets.c.authority))
        .where(_due(now, only), free, allowed)
        .group_by(targets.c.authority)
        .order_by("first")
        .limit(limit)
    )
    return tuple(Authority(row.authority) for row in connection.execute(statement))


def _due(now: datetime, only: Sequence[SourceId] | None) -> Any:
    """Asked of each target that is due: of all sources at once, a list of them would be made for every question."""
    active = exists().where(sources.c.id == targets.c.source, sources.c.active)
    chosen = active if only is None else targets.c.source.in_(only)
    return and_(targets.c.retired.is_(False), targets.c.due <= now, chosen)


class SqlHostBook:
    """Leases of authorities as rows: who holds the lease may ask. Each call is a short transaction of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def lease(self, authority: Authority, *, owner: str, now: datetime, until: datetime) -> Host | None:
        """The host's row when its lease is ours now; None when somebody else holds it."""
        free = or_(hosts.c.lease_until.is_(None), hosts.c.lease_until <= now, hosts.c.lease_owner == owner)
        with writing(self._engine) as connection:
            insert_new(connection, hosts, [{"authority": authority}])
            taken = connection.execute(
                update(hosts).where(hosts.c.authority == authority, free).values(lease_owner=owner, lease_until=until)
            ).rowcount
            if not taken:
                return None
            return rows.host_of(
                connection.execute(select(hosts).where(hosts.c.authority == authority)).mappings().one()
            )

    def keep(self, host: Host, *, owner: str, until: datetime | None) -> bool:
        """Write the host's pace and counters and hold on, or let go with None; False when it is somebody else's."""
        row = rows.host_row(replace(host, lease_owner=owner if until else "", lease_until=until))
        with writing(self._engine) as connection:
            ours = (hosts.c.authority == host.authority) & (hosts.c.lease_owner == owner)
            return connection.execute(update(hosts).where(ours).values(**row)).rowcount == 1

    def reclaim(self, is_dead: Callable[[str], bool]) -> None:
        """Take the leases of owners that are no more from them."""
        with writing(self._engine) as connection:
            held = select(hosts.c.lease_owner).where(hosts.c.lease_owner != "").distinct()
            dead = [owner for owner in connection.execute(held).scalars() if is_dead(owner)]
            if dead:
                free = {"lease_owner": "", "lease_until": None}
                connection.execute(update(hosts).where(hosts.c.lease_owner.in_(dead)).values(**free))
