"""Questions people ask of the memory: lists, one item, one diff's two versions. Never writes."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    RowMapping,
    exists,
    func,
    null,
    or_,
    select,
)

from storage.records.alert import Alert, Delivery, Reason
from storage.records.article import Article
from storage.records.change import Change, ChangeKind
from storage.records.hit import Hits
from storage.records.observation import Item, Observation
from storage.records.partnership import Partnership, RelatedEvent
from storage.records.source import ItemId
from storage.sql import rows, search
from storage.sql.filters import Filter, Happened, ItemRow, between, changes_that, items_that, newest_first
from storage.sql.ledger import Groups, entries_with, entry_with_id, with_witnesses
from storage.sql.outbox import put_off, thread_root
from storage.sql.tables import (
    changes,
    items,
    outbox,
    parties,
    partnerships,
    reasons,
    related,
    targets,
    versions,
    witnesses,
)  # fmt: skip
from storage.sql.terms import Question
from storage.sql.upkeep import Upkeep

IN_CHUNK = 500  # short statements plan better
_AN_ID = re.compile(r"[0-9]{1,18}")  # as many digits as any database counts to


# A change that is news: anything but the finding of an article by the first look at its source.
# The address that it has moved to may have been found since; it was history all the same.
_LED_HERE = targets.c.item == changes.c.item
_NEWS = or_(
    changes.c.kind != ChangeKind.NEW.value,
    exists().where(_LED_HERE, targets.c.looked.is_not(None))
    & ~exists().where(_LED_HERE, targets.c.looked.is_(None), targets.c.first_checked <= changes.c.at),
)


def _part(row: RowMapping, prefix: str) -> Any:
    return {name.removeprefix(prefix): value for name, value in row.items() if name.startswith(prefix)}


class Catalogue(Upkeep):
    """Read-only questions of people; each opens and closes its own connection."""

    def items(self, wanted: Filter) -> tuple[ItemRow, ...]:
        newest = newest_first(select(items).where(*items_that(wanted)), items, items.c.first_seen, wanted)
        with self._reading() as connection:
            found = tuple(map(rows.item_of, connection.execute(newest).mappings()))
            pages = _pages(connection, [item.story or item.id for item in found])
            return tuple(ItemRow(item=item, witnesses=pages[item.story or item.id]) for item in found)

    def search(self, asked: Question, wanted: Filter, *, offset: int = 0) -> Hits:
        """What answers a question, best first; `limit` hits from `offset` on. See `search.find`."""
        with self._reading() as connection:
            among = items_that(wanted)
            return search.find(connection, asked, among, offset=offset, limit=wanted.limit or search.MOST_RANKED)

    def changes(self, wanted: Filter, *, item: ItemId | None = None) -> tuple[Change, ...]:
        statement = select(changes).where(*changes_that(wanted))
        if item is not None:
            statement = statement.where(changes.c.item == item)
        with self._reading() as connection:
            newest = newest_first(statement, changes, changes.c.at, wanted)
            return tuple(map(rows.change_of, connection.execute(newest).mappings()))

    def happened(self, wanted: Filter, *, news: bool = False) -> tuple[Happened, ...]:
        """Changes with their items, newest first; with `news` without what first looks found."""
        columns = [column.label(f"change_{column.name}") for column in changes.c]
        statement = select(*columns, items, _NEWS.label("news")).join(items, items.c.id == changes.c.item)
        statement = statement.where(*changes_that(wanted))
        if news:
            statement = statement.where(_NEWS)
        with self._reading() as connection:
            found = connection.execute(newest_first(statement, changes, changes.c.at, wanted)).mappings()
            return tuple(
                Happened(change=rows.change_of(_part(row, "change_")), item=rows.item_of(row), history=not row["news"])
                for row in found
            )

    def first_looks(self, wanted: Filter) -> dict[str, int]:
        """How many articles first looks found in that time, by source."""
        counted = select(changes.c.source, func.count()).where(~_NEWS, *between(wanted, changes.c.at))
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
        own = (partnerships.c.merged_into.is_(None), *between(wanted, partnerships.c.first_seen))
        statement, event = select(partnerships).where(*own), partnerships.c.event
        told = select(witnesses.c.partnership)
        if wanted.source:
            statement = statement.where(partnerships.c.id.in_(told.where(witnesses.c.source == wanted.source)))
        if item is not None:
            statement = statement.where(partnerships.c.id.in_(told.where(witnesses.c.item == item)))
        for kind in filter(None, (wanted.kind, *wanted.kinds)):  # an action, an instrument, a certainty or a status
            words = [event.contains(f'"{key}":"{kind}"') for key in ("action", "instrument", "certainty")]
            statement = statement.where(or_(partnerships.c.status == kind, *words))
        if wanted.standing and "rejected" not in (wanted.kind, *wanted.kinds):
            statement = statement.where(partnerships.c.status != "rejected")
        if wanted.term:
            statement = statement.where(event.contains('"until":"'))
        if wanted.party:
            named = select(parties.c.partnership).where(parties.c.key.in_(wanted.party))
            statement = statement.where(partnerships.c.id.in_(named))
        newest = newest_first(statement, partnerships, partnerships.c.first_seen, wanted)
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
        statement = select(outbox).where(*between(wanted, outbox.c.created))
        if wanted.source:
            statement = statement.where(outbox.c.source == wanted.source)
        if wanted.kind:
            statement = statement.where((outbox.c.kind == wanted.kind) | (outbox.c.state == wanted.kind))
        else:  # the welcome is a letter and no alert: it is listed by its kind, or by its state
            statement = statement.where(outbox.c.kind != "welcome")
        if item is not None:
            statement = statement.where(outbox.c.item == item)
        with self._reading() as connection:
            newest = newest_first(statement, outbox, outbox.c.created, wanted)
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

    def articles(self, wanted: Collection[tuple[ItemId, int]]) -> dict[tuple[ItemId, int], Article]:
        """What these versions say, each named by its item and number."""
        of = versions.c.item.in_({item for item, _ in wanted}), versions.c.version.in_({at for _, at in wanted})
        told = select(versions.c.item, versions.c.version, versions.c.article).where(*of)
        with self._reading() as connection:
            found = (((row.item, row.version), row.article) for row in connection.execute(told))
            return {key: rows.article_of(packed) for key, packed in found if key in wanted}

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


def _pages(connection: Connection, stories: list[ItemId]) -> dict[int, int]:
    """How many items tell each of these stories, which are named by their first item."""
    pages: dict[int, int] = {}
    for start in range(0, len(stories), IN_CHUNK):
        some = stories[start : start + IN_CHUNK]
        first = func.coalesce(items.c.story, items.c.id)
        told = select(first, func.count()).where(or_(items.c.story.in_(some), items.c.id.in_(some))).group_by(first)
        pages |= {story: count for story, count in connection.execute(told) if story in some}
    return pages
