"""Rows of the partnership ledger: entries with witnesses and persons' words, related events, the keys of parties."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Connection, RowMapping, Select, delete, exists, func, insert, or_, select, update

from storage.records.partnership import LedgerMove, Neighbour, Partnership, PartnershipId, RelatedEvent, Witness, Word
from storage.records.source import ItemId
from storage.sql import rows
from storage.sql.tables import items, neighbours, outbox, parties, partnerships, related, witnesses, words

MOST_ENTRIES = 50  # of those that share two parties, newest first: older ones are history that no page is a twin of
COMMON = 200  # entries of one body from which on nobody counts how many more there are
Groups = Sequence[tuple[str, ...]]  # for each party its keys


def entries_with(connection: Connection, groups: Groups, *, item: ItemId | None = None) -> tuple[Partnership, ...]:
    """Ledger entries that share two of these parties, or that this item is a witness of; newest first."""
    sharing = _sharing_two(connection, parties.c.key, parties.c.partnership, groups)
    told = select(witnesses.c.partnership).where(witnesses.c.item == item)
    ids = {*sharing, *(connection.execute(told).scalars() if item is not None else ())}
    if not ids:
        return ()
    known = select(partnerships).where(partnerships.c.id.in_(ids), partnerships.c.merged_into.is_(None))
    found = connection.execute(known.order_by(partnerships.c.id.desc()).limit(MOST_ENTRIES)).mappings()
    return with_witnesses(connection, list(found))


def related_with(connection: Connection, groups: Groups) -> tuple[Neighbour, ...]:
    """What was told, on whatever page, of intentions and the like between two of these parties; newest first."""
    ids = _sharing_two(connection, neighbours.c.key, neighbours.c.related, groups)
    if not ids:
        return ()
    pages = select(related.c.event, items.c.url, items.c.first_seen).join(items, items.c.id == related.c.item)
    found = connection.execute(pages.where(related.c.id.in_(ids)).order_by(related.c.id.desc())).mappings()
    return tuple(
        Neighbour(event=rows.related_of(row["event"]), url=row["url"], seen=row["first_seen"]) for row in found
    )


def _sharing_two(connection: Connection, key: Column[str], owner: Column[int], groups: Groups) -> list[int]:
    """Owners with keys of two of these parties, the newest of them.

    The commonest party is never walked through: whoever shares two parties shares a rarer one. So a body with
    thousands of entries neither slows the question down nor hides the one entry that is asked for.
    """
    if len(groups) < 2:
        return []

    def count(keys: tuple[str, ...]) -> int:
        some = select(owner).where(key.in_(keys)).limit(COMMON).subquery()
        return int(connection.execute(select(func.count()).select_from(some)).scalar_one())

    ordered = sorted(groups, key=count)
    other = key.table.alias()
    found: set[int] = set()
    for place, keys in enumerate(ordered[:-1], 1):
        beside = {name for group in ordered[place:] for name in group} - set(keys)
        shares = exists().where(other.c[owner.name] == owner, other.c[key.name].in_(beside))
        newest = select(owner).where(key.in_(keys), shares).distinct().order_by(owner.desc()).limit(MOST_ENTRIES)
        found.update(connection.execute(newest).scalars())
    return sorted(found, reverse=True)[:MOST_ENTRIES]


def with_witnesses(connection: Connection, found: Sequence[RowMapping]) -> tuple[Partnership, ...]:
    """Entries with their witnesses and words, in the order given."""
    if not found:
        return ()
    ids = [row["id"] for row in found]
    told = _by_entry(connection, select(witnesses).where(witnesses.c.partnership.in_(ids)).order_by(witnesses.c.id))
    said = _by_entry(connection, select(words).where(words.c.partnership.in_(ids)).order_by(words.c.id))
    return tuple(
        rows.partnership_of(
            row, tuple(map(rows.witness_of, told.get(row["id"], ()))), tuple(map(rows.word_of, said.get(row["id"], ())))
        )
        for row in found
    )


def _by_entry(connection: Connection, statement: Select[*tuple[Any, ...]]) -> dict[int, list[RowMapping]]:
    of: dict[int, list[RowMapping]] = {}
    for row in connection.execute(statement).mappings():
        of.setdefault(row["partnership"], []).append(row)
    return of


def entry_with_id(connection: Connection, key: int) -> Partnership | None:
    """The entry of that number; of one that was merged into another, the other."""
    while True:
        row = connection.execute(select(partnerships).where(partnerships.c.id == key)).mappings().first()
        if row is None or row["merged_into"] is None:
            return next(iter(with_witnesses(connection, [row])), None) if row is not None else None
        key = row["merged_into"]


def keep_move(connection: Connection, move: LedgerMove, item: ItemId | None) -> int:
    """Write a new entry or an amended one with its witnesses; the entry's id."""
    return keep_entry(connection, move.entry, move.keys, item)


def keep_entry(connection: Connection, entry: Partnership, keys: Sequence[str], item: ItemId | None = None) -> int:
    """Write an entry with exactly these witnesses, words and party keys; its id. `item` is a new witness's own."""
    row = {"event": rows.event_row(entry.event), "history": rows.history_row(entry.history), "status": entry.status,
           "first_seen": entry.first_seen, "merged_into": entry.merged_into}  # fmt: skip
    if entry.id is None:
        added = insert(partnerships).values(**row).returning(partnerships.c.id)
        key = int(connection.execute(added).scalar_one())
    else:
        key = entry.id
        connection.execute(update(partnerships).where(partnerships.c.id == key).values(**row))
    connection.execute(delete(parties).where(parties.c.partnership == key))
    if keys:
        connection.execute(insert(parties), [{"key": name, "partnership": key} for name in sorted(set(keys))])
    _keep_witnesses(connection, key, entry.witnesses, item)
    _keep_words(connection, key, entry.words)
    return key


def forget_witness(connection: Connection, entry: Partnership, item: ItemId) -> None:
    """Take this item's word out of an entry, and the entry with it when nobody else told it and no alert waits."""
    ours = (witnesses.c.partnership == entry.id, witnesses.c.item == item)
    waits = select(outbox.c.id).where(outbox.c.partnership == entry.id, outbox.c.state.not_in(("sent", "failed")))
    if all(witness.item == item for witness in entry.witnesses):
        if connection.execute(waits.limit(1)).first() is not None:
            return
        connection.execute(delete(witnesses).where(witnesses.c.partnership == entry.id))
        connection.execute(delete(parties).where(parties.c.partnership == entry.id))
        connection.execute(delete(partnerships).where(partnerships.c.id == entry.id))
    else:
        connection.execute(delete(witnesses).where(*ours))


def _keep_witnesses(connection: Connection, key: int, told: Sequence[Witness], item: ItemId | None) -> None:
    mine = witnesses.c.partnership == key
    known = {row.url: row.told for row in connection.execute(select(witnesses.c.url, witnesses.c.told).where(mine))}
    if gone := known.keys() - {witness.url for witness in told}:
        connection.execute(delete(witnesses).where(mine, witnesses.c.url.in_(gone)))
    for witness in told:
        said = rows.event_row(witness.told) if witness.told is not None else ""
        if witness.url not in known:
            row = {"partnership": key, "item": witness.item or item, "source": witness.source, "url": witness.url,
                   "first_seen": witness.first_seen, "told": said}  # fmt: skip
            connection.execute(insert(witnesses).values(**row))
        elif said != known[witness.url]:
            connection.execute(update(witnesses).where(mine, witnesses.c.url == witness.url).values(told=said))


def _keep_words(connection: Connection, key: int, said: Sequence[Word]) -> None:
    """New words are added; those of an entry that was merged into this one come along with it."""
    for word in said:
        if word.id is None:
            connection.execute(insert(words).values(partnership=key, at=word.at, word=rows.word_row(word)))
        else:
            connection.execute(update(words).where(words.c.id == word.id).values(partnership=key))


def keep_related(connection: Connection, item: ItemId, found: Sequence[RelatedEvent]) -> None:
    """Write what the newest version of an item tells of intentions and the like, in the place of what was told."""
    old = select(related.c.id).where(related.c.item == item)
    connection.execute(delete(neighbours).where(neighbours.c.related.in_(old)))
    connection.execute(delete(related).where(related.c.item == item))
    for event in found:
        row = {"item": item, "kind": event.kind, "event": rows.related_row(event)}
        key = int(connection.execute(insert(related).values(**row).returning(related.c.id)).scalar_one())
        if event.keys:
            connection.execute(insert(neighbours), [{"key": name, "related": key} for name in event.keys])


def hush(connection: Connection, entry: PartnershipId) -> int:
    """Take alerts of an entry out of the outbox that no message was made of yet; how many."""
    open_rows = or_(outbox.c.state == "waiting", outbox.c.state == "unknown")
    unsaid = delete(outbox).where(outbox.c.partnership == entry, open_rows, outbox.c.message.is_(None))
    return int(connection.execute(unsaid).rowcount)
