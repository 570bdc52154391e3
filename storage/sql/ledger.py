"""Rows of the partnership ledger: entries, the keys of their parties, their witnesses."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, delete, false, insert, or_, select, update

from storage.records.partnership import LedgerMove, Partnership, Witness
from storage.records.source import ItemId
from storage.sql import rows
from storage.sql.tables import outbox, parties, partnerships, witnesses

MOST_ENTRIES = 50  # newest first; more of one pair of bodies is history that no new page can be a twin of


def entries_with(connection: Connection, keys: Sequence[str], *, item: ItemId | None = None) -> tuple[Partnership, ...]:
    """Ledger entries that share at least one party key, or that this item is a witness of; newest first."""
    named = select(parties.c.partnership).where(parties.c.key.in_(keys))
    told = select(witnesses.c.partnership).where(witnesses.c.item == item)
    if not keys and item is None:
        return ()
    known = or_(partnerships.c.id.in_(named), partnerships.c.id.in_(told) if item is not None else false())
    statement = select(partnerships).where(known).order_by(partnerships.c.id.desc())
    return with_witnesses(connection, list(connection.execute(statement.limit(MOST_ENTRIES)).mappings()))


def with_witnesses(connection: Connection, found: Sequence[RowMapping]) -> tuple[Partnership, ...]:
    """Entries with their witnesses, in the order given."""
    of: dict[int, list[Witness]] = {row["id"]: [] for row in found}
    if of:
        told = select(witnesses).where(witnesses.c.partnership.in_(of)).order_by(witnesses.c.id)
        for row in connection.execute(told).mappings():
            of[row["partnership"]].append(rows.witness_of(row))
    return tuple(rows.partnership_of(row, tuple(of[row["id"]])) for row in found)


def keep_move(connection: Connection, move: LedgerMove, item: ItemId | None) -> int:
    """Write a new entry or an amended one with its witnesses; the entry's id."""
    entry = move.entry
    row = {"event": rows.event_row(entry.event), "history": rows.history_row(entry.history), "status": entry.status}
    if entry.id is None:
        statement = insert(partnerships).values(first_seen=entry.first_seen, **row).returning(partnerships.c.id)
        key = int(connection.execute(statement).scalar_one())
    else:
        key = entry.id
        connection.execute(update(partnerships).where(partnerships.c.id == key).values(**row))
    connection.execute(delete(parties).where(parties.c.partnership == key))
    if move.keys:
        connection.execute(insert(parties), [{"key": name, "partnership": key} for name in sorted(set(move.keys))])
    _keep_witnesses(connection, key, entry.witnesses, item)
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
    known = set(connection.execute(select(witnesses.c.url).where(witnesses.c.partnership == key)).scalars())
    for witness in told:
        if witness.url not in known:
            row = {"partnership": key, "item": witness.item or item, "source": witness.source, "url": witness.url,
                   "first_seen": witness.first_seen}  # fmt: skip
            connection.execute(insert(witnesses).values(**row))
