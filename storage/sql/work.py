"""One transaction: the door to what is asked of memory and written to it; how, is said in the files beside this."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from storage.records.observation import Capture, Observation
from storage.records.partnership import LedgerMove, Partnership, RelatedEvent
from storage.records.source import Authority, Host, ItemId, Source, SourceId, Target, TargetId
from storage.records.verdict import Brake, Kept, Question, Recall, Verdict
from storage.sql import rows
from storage.sql import targets as target_rows
from storage.sql.keep import keep, keep_reading
from storage.sql.ledger import entries_with, entry_with_id, forget_witness, hush, keep_entry, keep_move
from storage.sql.recall import IN_CHUNK, latest, recall
from storage.sql.tables import brakes, captures, targets

_CAPTURE = insert(captures)


class Work:
    """An open transaction. Everything that is read and written in it is seen or undone together."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @contextmanager
    def apart(self) -> Iterator[None]:
        """A part of the transaction that is undone by itself when an exception leaves it.

        Savepoints by name: those that SQLAlchemy keeps account of cost four times as much, and each write has one.
        """
        self.connection.exec_driver_sql("SAVEPOINT part")
        try:
            yield
        except BaseException:
            self.connection.exec_driver_sql("ROLLBACK TO SAVEPOINT part")
            raise
        finally:
            self.connection.exec_driver_sql("RELEASE SAVEPOINT part")

    # -- sources and targets ---------------------------------------------------------------------------

    def sync_sources(self, sources: Iterable[Source]) -> None:
        target_rows.sync_sources(self.connection, sources)

    def swap_every(self, source: Source) -> str:
        """The `every` that the source's due times come from, and from now on the one it has; empty: none before."""
        return target_rows.swap_every(self.connection, source)

    def add_targets(self, wanted: Iterable[Target]) -> int:
        return target_rows.add_targets(self.connection, wanted)

    def keep_target(self, target: Target, *, before: Target | None = None) -> None:
        """Write its row; of one that is known as it was `before` only what is new."""
        target_rows.keep_target(self.connection, target, before=before)

    def add_source(self, source: Source) -> None:
        """A source that no configuration names: kept for its items, never visited."""
        target_rows.add_source(self.connection, source)

    def target_at(self, source: SourceId, identity: str) -> Target:
        """The target of a source under that key, retired or not; one is there."""
        return target_rows.target_at(self.connection, source, identity)

    def target(self, key: TargetId) -> Target:
        return target_rows.target(self.connection, key)

    def the_target(self, wanted: Target) -> Target:
        """The target of the source with this identity, known before or made now."""
        return target_rows.the_target(self.connection, wanted)

    def host(self, url: str) -> Host | None:
        """The row of the host that an address is at, if it was ever asked."""
        return target_rows.host_at(self.connection, url)

    def targets_of(self, source: SourceId, *, discovering: bool | None = None) -> tuple[Target, ...]:
        return target_rows.targets_of(self.connection, source, discovering=discovering)

    def make_due(self, sources: Sequence[SourceId], *, now: datetime, articles: bool) -> None:
        target_rows.make_due(self.connection, sources, now=now, articles=articles)

    def bring_forward(self, source: SourceId, *, now: datetime, most: int) -> None:
        """Make some of a source's articles due that were well when they were looked at last."""
        known = (targets.c.item.is_not(None), targets.c.retired.is_(False), targets.c.failures == 0)
        lately = select(targets.c.id).where(targets.c.source == source, targets.c.kind == "article", *known)
        chosen = lately.order_by(targets.c.last_checked.desc()).limit(most)
        ids = list(self.connection.execute(chosen).scalars())
        self.connection.execute(update(targets).where(targets.c.id.in_(ids), targets.c.due > now).values(due=now))

    def due_targets(
        self, authority: str, *, now: datetime, only: Sequence[SourceId] | None = None, limit: int = 500
    ) -> tuple[Target, ...]:
        return target_rows.due_targets(self.connection, authority, now=now, only=only, limit=limit)

    def due_authorities(
        self, *, now: datetime, only: Sequence[SourceId] | None = None, limit: int = 1000
    ) -> tuple[Authority, ...]:
        return target_rows.due_authorities(self.connection, now=now, only=only, limit=limit)

    def forget_the_future(self, *, now: datetime) -> int:
        """After the clock was ahead: what was put off by it is due now, and its leases are void. How many targets."""
        return target_rows.forget_the_future(self.connection, now=now)

    # -- the flow: recall, keep ------------------------------------------------------------------------

    def recall(self, target: Target, question: Question) -> Recall:
        """What memory holds of this target, and of whatever resembles what was just read."""
        return recall(self.connection, target, question)

    def latest(self, item: ItemId) -> Observation | None:
        """The newest version of an item."""
        return latest(self.connection, item)

    def keep(self, verdict: Verdict, *, before: Target | None = None) -> Kept:
        """Write all of a verdict; nothing in it is decided here. `before`: its target as this transaction has it."""
        return keep(self.connection, verdict, before=before)

    def keep_reading(self, seen: Observation, item: ItemId, *, related: Sequence[RelatedEvent] | None = None) -> None:
        """Put another reading in the place of a version's old one, with its `related` events where they are given."""
        keep_reading(self.connection, seen, item, related=related)

    def keep_capture(self, capture: Capture) -> None:
        self.connection.execute(_CAPTURE, rows.capture_row(capture))

    def forget_captures(self, raw: Sequence[str]) -> None:
        """Forget the answers whose bodies are no more."""
        for start in range(0, len(raw), IN_CHUNK):
            self.connection.execute(delete(captures).where(captures.c.raw.in_(raw[start : start + IN_CHUNK])))

    # -- the ledger, by a person's word -----------------------------------------------------------------

    def entry(self, key: int) -> Partnership | None:
        """The entry of that number; of one that was merged into another, the other."""
        return entry_with_id(self.connection, key)

    def keep_entry(self, entry: Partnership, keys: Sequence[str]) -> int:
        return keep_entry(self.connection, entry, keys)

    def hush(self, entry: Partnership) -> int:
        """Take alerts of an entry out of the outbox that no message was made of yet; how many."""
        return 0 if entry.id is None else hush(self.connection, entry.id)

    def ledger(self, groups: Sequence[tuple[str, ...]], *, item: ItemId) -> tuple[Partnership, ...]:
        """Entries of these parties, and those that the item is a witness of."""
        return entries_with(self.connection, groups, item=item)

    def keep_move(self, move: LedgerMove, item: ItemId) -> None:
        keep_move(self.connection, move, item)

    def forget_witness(self, entry: Partnership, item: ItemId) -> None:
        forget_witness(self.connection, entry, item)

    # -- the brake -------------------------------------------------------------------------------------

    def brakes(self) -> dict[SourceId, Brake]:
        """The brakes that are on, by source."""
        return target_rows.brakes_of(self.connection)

    def keep_brake(self, source: SourceId, brake: Brake | None) -> None:
        self.connection.execute(delete(brakes).where(brakes.c.source == source))
        if brake is not None:
            self.connection.execute(insert(brakes).values(source=source, **asdict(brake)))
