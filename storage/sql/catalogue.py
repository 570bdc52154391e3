"""Questions people ask of the memory: lists, one item, one diff's two versions. Never writes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    Select,
    Table,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
)

from storage.records.alert import Alert, Delivery, DeliveryState, Reason
from storage.records.article import Article
from storage.records.change import Change, ChangeKind
from storage.records.health import Gap
from storage.records.hit import Hits
from storage.records.observation import Capture, Item, Observation
from storage.records.partnership import Partnership, RelatedEvent
from storage.records.source import Host, ItemId, SourceId, Standing, Target, TargetKind
from storage.records.verdict import Brake
from storage.records.visitor import Session, Visit
from storage.sql import rows, search, visitors
from storage.sql.engine import version_of
from storage.sql.gaps import gaps_of
from storage.sql.ledger import Groups, entries_with, entry_with_id, with_witnesses
from storage.sql.outbox import put_off, thread_root
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
from storage.sql.targets import brakes_of
from storage.sql.terms import Question

IN_CHUNK = 500  # short statements plan better
_AN_ID = re.compile(r"[0-9]{1,18}")  # as many digits as any database counts to


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


# A change that is news: anything but the finding of an article by the first look at its source.
_NEWS = or_(
    changes.c.kind != ChangeKind.NEW.value,
    exists().where(targets.c.item == changes.c.item, targets.c.looked.is_not(None)),
)  # fmt: skip


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
        newest = _newest_first(select(items).where(*_items_that(wanted)), items, items.c.first_seen, wanted)
        with self._reading() as connection:
            found = tuple(map(rows.item_of, connection.execute(newest).mappings()))
            pages = _pages(connection, [item.story or item.id for item in found])
            return tuple(ItemRow(item=item, witnesses=pages[item.story or item.id]) for item in found)

    def search(self, asked: Question, wanted: Filter, *, offset: int = 0) -> Hits:
        """What answers a question, best first; `limit` hits from `offset` on. See `search.find`."""
        with self._reading() as connection:
            among = _items_that(wanted)
            return search.find(connection, asked, among, offset=offset, limit=wanted.limit or search.MOST_RANKED)

    def changes(self, wanted: Filter, *, item: ItemId | None = None) -> tuple[Change, ...]:
        statement = select(changes).where(*_changes_that(wanted))
        if item is not None:
            statement = statement.where(changes.c.item == item)
        with self._reading() as connection:
            newest = _newest_first(statement, changes, changes.c.at, wanted)
            return tuple(map(rows.change_of, connection.execute(newest).mappings()))

    def happened(self, wanted: Filter, *, news: bool = False) -> tuple[Happened, ...]:
        """Changes with their items, newest first; with `news` without what first looks found."""
        columns = [column.label(f"change_{column.name}") for column in changes.c]
        statement = select(*columns, items, _NEWS.label("news")).join(items, items.c.id == changes.c.item)
        statement = statement.where(*_changes_that(wanted))
        if news:
            statement = statement.where(_NEWS)
        with self._reading() as connection:
            found = connection.execute(_newest_first(statement, changes, changes.c.at, wanted)).mappings()
            return tuple(
                Happened(change=rows.change_of(_part(row, "change_")), item=rows.item_of(row), history=not row["news"])
                for row in found
            )

    def first_looks(self, wanted: Filter) -> dict[str, int]:
        """How many articles first looks found in that time, by source."""
        counted = select(changes.c.source, func.count()).where(~_NEWS, *_between(wanted, changes.c.at))
        with self._reading() as connection:
            return {row.source: row[1] for row in connection.execute(counted.group_by(changes.c.source))}

    def history_among(self, wanted: Collection[ItemId]) -> frozenset[ItemId]:
        """Those of the items that a first look found."""
        found = select(changes.c.item).where(changes.c.item.in_(wanted), ~_NEWS)
        with self._reading() as connection:
            return frozenset(connection.execute(found).scalars())

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
        own = (partnerships.c.merged_into.is_(None), *_between(wanted, partnerships.c.first_seen))
        statement, event = select(partnerships).where(*own), partnerships.c.event
        told = select(witnesses.c.partnership)
        if wanted.source:
            statement = statement.where(partnerships.c.id.in_(told.where(witnesses.c.source == wanted.source)))
        if item is not None:
            statement = statement.where(partnerships.c.id.in_(told.where(witnesses.c.item == item)))
        for kind in filter(None, (wanted.kind, *wanted.kinds)):  # an action, an instrument, a certainty or a status
            words = [event.contains(f'"{key}":"{kind}"') for key in ("action", "instrument", "certainty")]
            statement = statement.where(or_(partnerships.c.status == kind, *words))
        if wanted.term:
            statement = statement.where(event.contains('"until":"'))
        if wanted.party:
            named = select(parties.c.partnership).where(parties.c.key.in_(wanted.party))
            statement = statement.where(partnerships.c.id.in_(named))
        newest = _newest_first(statement, partnerships, partnerships.c.first_seen, wanted)
        with self._reading() as connection:
            return with_witnesses(connection, list(connection.execute(newest).mappings()))

    def partnerships_between(self, groups: Groups) -> tuple[Partnership, ...]:
        """Entries that share two of these parties, each given by its keys; the newest MOST_ENTRIES of them."""
        with self._reading() as connection:
            return entries_with(connection, groups)

    def partnership(self, key: int) -> Partnership | None:
        """The entry of that number; of one that was merged into another, the other."""
        with self._reading() as connection:
            return entry_with_id(connection, key)

    def deliveries(self, wanted: Filter, *, item: ItemId | None = None) -> tuple[Delivery, ...]:
        statement = select(outbox).where(*_between(wanted, outbox.c.created))
        if wanted.source:
            statement = statement.where(outbox.c.source == wanted.source)
        if wanted.kind:
            statement = statement.where((outbox.c.kind == wanted.kind) | (outbox.c.state == wanted.kind))
        else:  # the welcome is a letter and no alert: it is listed by its kind, or by its state
            statement = statement.where(outbox.c.kind != "welcome")
        if item is not None:
            statement = statement.where(outbox.c.item == item)
        with self._reading() as connection:
            newest = _newest_first(statement, outbox, outbox.c.created, wanted)
            return tuple(map(rows.delivery_of, connection.execute(newest).mappings()))

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

    def stuck(self) -> str:
        """What keeps mails from going out, in one line; empty when they go."""
        failed = self.totals().failed
        with self._reading() as connection:
            count, due, error = put_off(connection)
        if count:
            return f"{count} wait for another try at {due:%Y-%m-%d %H:%M} UTC: {error}"
        return f"{failed} could not be sent; see `accordwatch alerts --kind failed`" if failed else ""

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

    def article(self, item: ItemId) -> Article:
        """What an item says in its newest version."""
        newest = select(versions.c.article).where(versions.c.item == item).order_by(versions.c.version.desc()).limit(1)
        with self._reading() as connection:
            return rows.article_of(connection.execute(newest).scalar_one())

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

    def ways(self) -> dict[SourceId, tuple[Target, ...]]:
        """The live lists of every source, oldest first."""
        live = (targets.c.retired.is_(False), targets.c.kind != "article")
        with self._reading() as connection:
            return self._by_source(connection.execute(select(targets).where(*live).order_by(targets.c.id)).mappings())

    def refused(self, failures: int) -> dict[SourceId, tuple[Target, ...]]:
        """Articles that failed so often and were never read, of every source."""
        unread = (targets.c.item.is_(None), targets.c.failures >= failures, targets.c.retired.is_(False))
        with self._reading() as connection:
            found = select(targets).where(targets.c.kind == "article", *unread).order_by(targets.c.id)
            return self._by_source(connection.execute(found).mappings())

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
        lists = (targets.c.kind.in_([kind for kind in TargetKind if kind.discovers]), targets.c.retired.is_(False))
        looks = select(targets.c.source, func.max(targets.c.last_good), func.min(targets.c.due)).where(*lists)
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
        statement = select(captures).where(*_between(wanted, captures.c.at)).limit(wanted.limit)
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


def _between(wanted: Filter, moment: Column[datetime]) -> list[ColumnElement[bool]]:
    since, until = wanted.since, wanted.until
    return [*([moment >= since] if since is not None else ()), *([moment < until] if until is not None else ())]


def _items_that(wanted: Filter) -> list[ColumnElement[bool]]:
    """What is true of the items that are wanted."""
    true = _between(wanted, items.c.first_seen)
    if wanted.source:
        true.append(items.c.source == wanted.source)
    if wanted.kind:
        true.append(items.c.state == wanted.kind)
    if wanted.party:
        true.append(items.c.id.in_(_told_of(wanted.party)))
    return true


def _changes_that(wanted: Filter) -> list[ColumnElement[bool]]:
    """The same of changes."""
    true = _between(wanted, changes.c.at)
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


def _newest_first(
    statement: Select[*tuple[Any, ...]], of: Table, moment: Column[datetime], wanted: Filter
) -> Select[*tuple[Any, ...]]:
    """The newest of a list, or the newest of those after a place in it: as dear on the last page as on the first."""
    if wanted.after is not None:
        place = tuple_(literal(wanted.after.at, moment.type), literal(wanted.after.id, of.c.id.type))
        statement = statement.where(tuple_(moment, of.c.id) < place)
    return statement.order_by(moment.desc(), of.c.id.desc()).limit(wanted.limit)


def _pages(connection: Connection, stories: list[ItemId]) -> dict[int, int]:
    """How many items tell each of these stories, which are named by their first item."""
    pages: dict[int, int] = {}
    for start in range(0, len(stories), IN_CHUNK):
        some = stories[start : start + IN_CHUNK]
        first = func.coalesce(items.c.story, items.c.id)
        told = select(first, func.count()).where(or_(items.c.story.in_(some), items.c.id.in_(some))).group_by(first)
        pages |= {story: count for story, count in connection.execute(told) if story in some}
    return pages
