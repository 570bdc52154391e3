"""What the program asks of the memory about its own work: lists and their looks, gaps, hosts, captures, integrity."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import (
    Connection,
    Engine,
    RowMapping,
    Select,
    exists,
    func,
    select,
)

from storage.records.alert import DeliveryState
from storage.records.health import Gap
from storage.records.observation import Capture, ItemState
from storage.records.source import Host, ItemId, SourceId, Standing, Target
from storage.records.verdict import Brake
from storage.records.visitor import Session, Visit
from storage.sql import rows, visitors
from storage.sql.engine import version_of
from storage.sql.filters import Filter, Totals, between
from storage.sql.gaps import gaps_of
from storage.sql.tables import (
    captures,
    changes,
    hosts,
    items,
    outbox,
    partnerships,
    sources,
    targets,
    versions,
)  # fmt: skip
from storage.sql.targets import LISTS, brakes_of

_LISTS = (LISTS, targets.c.retired.is_(False))


class Upkeep:
    """Read-only questions; each opens and closes its own connection."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._engine.connect() as connection:
            yield connection

    def targets(self, source: SourceId, *, discovering: bool) -> tuple[Target, ...]:
        wanted = _LISTS if discovering else (targets.c.kind == "article", targets.c.retired.is_(False))
        statement = select(targets).where(targets.c.source == source, *wanted)
        with self._reading() as connection:
            return tuple(map(rows.target_of, connection.execute(statement.order_by(targets.c.id)).mappings()))

    def ways(self) -> dict[SourceId, tuple[Target, ...]]:
        """The live lists of every source, oldest first. None is an item: the index of these finds the few others."""
        live = select(targets).where(targets.c.item.is_(None), *_LISTS)
        with self._reading() as connection:
            return self._by_source(connection.execute(live.order_by(targets.c.id)).mappings())

    def refused(self, failures: int) -> dict[SourceId, tuple[Target, ...]]:
        """Articles that failed so often and were never read, of every source."""
        unread = (targets.c.item.is_(None), targets.c.failures >= failures, targets.c.retired.is_(False))
        with self._reading() as connection:
            found = select(targets).where(targets.c.kind == "article", *unread).order_by(targets.c.id)
            return self._by_source(connection.execute(found).mappings())

    def missing(self, item: ItemId | None = None) -> dict[ItemId, Target]:
        """Present articles, or that one, all of whose addresses answer as gone: each with the address that has done so
        most often."""
        other = targets.alias()
        there = exists().where(other.c.item == targets.c.item, other.c.retired.is_(False), other.c.gone_since.is_(None))
        found = select(targets).join(items, items.c.id == targets.c.item).where(
            targets.c.gone_since.is_not(None), targets.c.retired.is_(False), ~there,
            items.c.state == ItemState.PRESENT.value,
        )  # fmt: skip
        if item is not None:
            found = found.where(targets.c.item == item)
        with self._reading() as connection:
            pages = connection.execute(found.order_by(targets.c.gone_checks, targets.c.id)).mappings()
            return {page["item"]: rows.target_of(page) for page in pages}

    def _by_source(self, found: Iterable[RowMapping]) -> dict[SourceId, tuple[Target, ...]]:
        kept: dict[SourceId, list[Target]] = {}
        for row in found:
            kept.setdefault(row["source"], []).append(rows.target_of(row))
        return {source: tuple(each) for source, each in kept.items()}

    def brakes(self) -> dict[SourceId, Brake]:
        """The brakes that are on, by source."""
        with self._reading() as connection:
            return brakes_of(connection)

    def gaps(self, *, closed_after: datetime) -> dict[SourceId, tuple[Gap, ...]]:
        """What was not seen in time, by source, oldest first; of what was caught up with only the later part."""
        with self._reading() as connection:
            return gaps_of(connection, closed_after=closed_after)

    def standing(self, of: Sequence[SourceId]) -> dict[SourceId, Standing]:
        """How each of these sources stands."""
        looks = select(targets.c.source, func.max(targets.c.last_good), func.min(targets.c.due)).where(*_LISTS)
        count = select(items.c.source, func.count()).group_by(items.c.source)
        with self._reading() as connection:
            counts = {row[0]: row[1] for row in connection.execute(count)}
            looked = connection.execute(looks.where(targets.c.source.in_(of)).group_by(targets.c.source))
            seen = {source: {"last_good": good, "due": due} for source, good, due in looked}
        return {each: Standing(items=counts.get(each, 0), **seen.get(each, {})) for each in of}

    def finds(self, source: SourceId, *, limit: int | None = None) -> tuple[tuple[str | None, datetime], ...]:
        """(published as ISO text, first seen) of a source's items, newest found first."""
        statement = select(items.c.published, items.c.first_seen).where(items.c.source == source)
        with self._reading() as connection:
            found = connection.execute(statement.order_by(items.c.first_seen.desc(), items.c.id.desc()).limit(limit))
            return tuple((row.published, row.first_seen) for row in found)

    def newest(self) -> dict[SourceId, tuple[datetime | None, datetime | None]]:
        """When each source's newest item was found, and when it was last told of any change."""
        found = select(func.max(items.c.first_seen)).where(items.c.source == sources.c.id).scalar_subquery()
        told = select(func.max(changes.c.at)).where(changes.c.source == sources.c.id).scalar_subquery()
        with self._reading() as connection:
            return {key: (seen, at) for key, seen, at in connection.execute(select(sources.c.id, found, told))}

    def newest_addresses(self, source: SourceId, limit: int) -> tuple[str, ...]:
        """Identities of the addresses of a source's newest items."""
        found = select(targets.c.identity).join(items, items.c.id == targets.c.item).where(targets.c.source == source)
        newest = found.order_by(items.c.published.desc(), items.c.first_seen.desc()).limit(limit)
        with self._reading() as connection:
            return tuple(connection.execute(newest).scalars())

    def heard_since(self, moment: datetime) -> frozenset[SourceId]:
        """Sources with an item of that time or later: by its day, or found then where its day is none of the past."""
        day = items.c.published
        told = day.is_not(None) & (day >= moment.date().isoformat()) | day.is_(None)
        with self._reading() as connection:
            found = select(items.c.source).where(items.c.first_seen >= moment, told).distinct()
            return frozenset(connection.execute(found).scalars())

    def hosts(self) -> tuple[Host, ...]:
        with self._reading() as connection:
            return tuple(map(rows.host_of, connection.execute(select(hosts).order_by(hosts.c.authority)).mappings()))

    def captures(self, wanted: Filter) -> Iterator[Capture]:
        """Answers as they came, oldest first; read piece by piece, for there may be very many."""
        statement = select(captures).where(*between(wanted, captures.c.at)).limit(wanted.limit)
        if wanted.source:
            statement = statement.where(captures.c.source == wanted.source)
        with self._reading() as connection:
            for row in (
                connection.execution_options(yield_per=500).execute(statement.order_by(captures.c.id)).mappings()
            ):
                yield rows.capture_of(row)

    def capture(self, raw: str) -> Capture | None:
        """The last answer whose body has this archive key."""
        newest = select(captures).where(captures.c.raw == raw).order_by(captures.c.id.desc()).limit(1)
        with self._reading() as connection:
            row = connection.execute(newest).mappings().first()
            return None if row is None else rows.capture_of(row)

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

    def integrity(self, *, deep: bool = False) -> str:
        """The database's own word on its health: "ok", or what is wrong; `deep` reads every index, too."""
        with self._reading() as connection:
            if connection.dialect.name != "sqlite":
                broken = "SELECT string_agg(indexrelid::regclass::text, ', ') FROM pg_index WHERE NOT indisvalid"
                found = connection.exec_driver_sql(broken).scalar()
                return f"broken indexes: {found}" if found else "ok"
            word = str(connection.exec_driver_sql(f"PRAGMA {'integrity' if deep else 'quick'}_check(1)").scalar())
            orphan = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            return f"a row of {orphan[0]} speaks of a row of {orphan[2]} that is not there" if orphan else word

    def schema(self) -> str:
        """The number of the newest migration that the database has."""
        with self._reading() as connection:
            return version_of(connection) or "none"

    def clock(self) -> datetime | None:
        """What a database server takes for the time; None for a file."""
        with self._reading() as connection:
            if connection.dialect.name == "sqlite":
                return None
            found: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
            return found

    def bodies(self, *, most: int | None = None, let_go: bool) -> list[str]:
        """Archive keys that rows speak of, or so many by chance.

        `let_go`: old bodies are dropped with the row of their answer, and the versions read of them stay.
        """
        asked, read = (select(table.c.raw).where(table.c.raw != "") for table in (captures, versions))
        keys = (asked.distinct() if let_go else asked.union(read)).subquery()
        chosen = select(keys.c.raw)
        with self._reading() as connection:
            found = connection.execute(chosen if most is None else chosen.order_by(func.random()).limit(most))
            return list(found.scalars())
