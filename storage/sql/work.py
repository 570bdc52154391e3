"""One transaction: what a check asks of memory, and the one way a Verdict is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from heapq import nlargest
from typing import Any

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL as BOTH
from sqlalchemy import (
    Connection,
    RowMapping,
    Select,
    Table,
    and_,
    delete,
    func,
    insert,
    not_,
    or_,
    select,
    true,
    update,
)

from storage.records.observation import Capture, Item, ItemState, Observation
from storage.records.partnership import LedgerMove, Partnership, RelatedEvent
from storage.records.source import Authority, Host, ItemId, Source, SourceId, Target, TargetId, TargetKind
from storage.records.verdict import Brake, Kept, LookAlike, Question, Recall, SeenVersion, Verdict
from storage.sql import rows, search
from storage.sql import targets as target_rows
from storage.sql.ledger import (
    entries_with,
    entry_with_id,
    forget_witness,
    hush,
    keep_entry,
    keep_move,
    keep_related,
    related_with,
)
from storage.sql.outbox import queue
from storage.sql.tables import bands, brakes, captures, changes, items, reasons, targets, versions

NEWEST_VERSIONS = 12  # how far back A-B-A is looked for
LOOK_ALIKES = 5
LATELY = timedelta(days=30)  # translations follow within days
MOST_SHARING = 64  # newest items of one key: what one sender says below each release is shared by thousands
SHARED_KEYS = 2  # of 16: fewer is chance (measured in benchmarks/change/pairs.py)
IN_CHUNK = 500  # SQLite's default limit of variables is 32,766; short statements plan better


def _of(row: RowMapping, table: Table) -> Any:
    """The columns of one table in a row of several."""
    return {column.name: row[f"{table.name}_{column.name}"] for column in table.c}


class Work:
    """An open transaction. Everything that is read and written in it is seen or undone together."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @contextmanager
    def apart(self) -> Iterator[None]:
        """A part of the transaction that is undone by itself when an exception leaves it."""
        with self.connection.begin_nested():
            yield

    # -- sources and targets ---------------------------------------------------------------------------

    def sync_sources(self, sources: Iterable[Source]) -> None:
        target_rows.sync_sources(self.connection, sources)

    def add_targets(self, wanted: Iterable[Target]) -> int:
        return target_rows.add_targets(self.connection, wanted)

    def keep_target(self, target: Target) -> None:
        target_rows.keep_target(self.connection, target)

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

    # -- recall ----------------------------------------------------------------------------------------

    def recall(self, target: Target, question: Question) -> Recall:
        """What memory holds of this target, and of whatever resembles what was just read."""
        if target.kind.discovers:
            asked = or_(targets.c.retired.is_(False), targets.c.last_checked.is_not(None))
            count = select(func.count()).where(targets.c.source == target.source, targets.c.kind == "article", asked)
            live = (targets.c.source == target.source, targets.c.kind == "feed", targets.c.retired.is_(False))
            feeds = select(func.count()).where(*live, targets.c.failures == 0, targets.c.last_good.is_not(None))
            known, left, recent = self._known(target, question.identities)
            return Recall(
                known=known,
                left=left,
                recent=recent,
                entries=self._entries(target) if target.kind is TargetKind.PAGE else (),
                articles=self.connection.execute(count).scalar_one(),
                feeds=self.connection.execute(feeds).scalar_one(),
                last_good=target.last_good,
            )
        look_alikes = self._look_alikes(target, question)
        twins = [a.item.id for a in look_alikes if a.item.source == target.source]
        base = Recall(
            look_alikes=look_alikes,
            siblings=self._siblings(target, question) if target.item is None else (),
            looks_alike_targets=self._live_targets(twins, besides=target),
            ledger=entries_with(self.connection, question.parties, item=target.item),
            neighbours=related_with(self.connection, question.parties),
            known=self._known(target, question.identities)[0],
            lists=self._lists(target.source),
        )
        if target.item is None:
            return base
        return replace(
            base,
            item=rows.item_of(self._one(select(items).where(items.c.id == target.item))),
            observation=self.latest(target.item),
            versions=self._versions(target.item),
            addresses=self._live_targets([target.item], besides=target),
        )

    def latest(self, item: ItemId) -> Observation | None:
        """The newest version of an item."""
        found = select(versions).where(versions.c.item == item).order_by(versions.c.version.desc()).limit(1)
        row = self.connection.execute(found).mappings().first()
        return None if row is None else rows.observation_of(row)

    def _one(self, statement: Select[*tuple[Any, ...]]) -> RowMapping:
        return self.connection.execute(statement).mappings().one()

    def _versions(self, item: ItemId) -> tuple[SeenVersion, ...]:
        newest = select(versions).where(versions.c.item == item).order_by(versions.c.version.desc())
        found = map(rows.observation_of, self.connection.execute(newest.limit(NEWEST_VERSIONS)).mappings())
        return tuple(
            SeenVersion(
                version=seen.version, content=seen.fingerprint.content, seen=seen.seen,
                published=seen.article.published.value if seen.article.published else "",
            )
            for seen in found
        )  # fmt: skip

    def _known(self, target: Target, identities: tuple[str, ...]) -> tuple[frozenset[str], ...]:
        """Which addresses are targets of the source; of these, what a first look left alone, and what came since."""
        unasked, since = targets.c.last_checked.is_(None), target.last_good or target.looked
        untouched = and_(targets.c.retired, targets.c.item.is_(None), unasked)
        first = or_(unasked, and_(targets.c.checks <= 1, targets.c.last_checked > since)) if since else true()
        columns = select(targets.c.identity, untouched.label("untouched"), and_(first, not_(untouched)).label("recent"))
        columns = columns.where(targets.c.source == target.source)
        found: list[Any] = []
        for start in range(0, len(identities), IN_CHUNK):
            chunk = columns.where(targets.c.identity.in_(identities[start : start + IN_CHUNK]))
            found += self.connection.execute(chunk)
        return (
            frozenset(row.identity for row in found),
            frozenset(row.identity for row in found if row.untouched),
            frozenset(row.identity for row in found if row.recent),
        )

    def _entries(self, page: Target) -> tuple[tuple[Target, Item], ...]:
        where = (targets.c.source == page.source, targets.c.kind == "entry", targets.c.item == items.c.id)
        inside = targets.c.identity.startswith(f"{page.identity}#", autoescape=True)
        found = self.connection.execute(select(targets, items).where(*where, inside).set_label_style(BOTH)).mappings()
        return tuple((rows.target_of(_of(row, targets)), rows.item_of(_of(row, items))) for row in found)

    def _lists(self, source: SourceId) -> frozenset[str]:
        found = select(targets.c.identity).where(targets.c.source == source, targets.c.kind != "article")
        return frozenset(self.connection.execute(found).scalars())

    def _live_targets(self, of: Sequence[ItemId], *, besides: Target) -> tuple[Target, ...]:
        if not of:
            return ()
        where = (targets.c.item.in_(of), targets.c.retired.is_(False), targets.c.id != besides.id)
        return tuple(map(rows.target_of, self.connection.execute(select(targets).where(*where)).mappings()))

    def _look_alikes(self, target: Target, question: Question) -> tuple[LookAlike, ...]:
        """Items whose latest version has the same content hash, then those that share most bands."""
        if not question.content:
            return ()
        exact = select(items).where(items.c.content == question.content).order_by(items.c.id).limit(LOOK_ALIKES)
        found = {row["id"]: (row, True) for row in self.connection.execute(exact).mappings()}
        for row in self._near(question.bands):
            found.setdefault(row["id"], (row, False))
        found.pop(target.item, None)
        return tuple(
            LookAlike(item=rows.item_of(row), observation=latest, exact=same)
            for row, same in list(found.values())[:LOOK_ALIKES]
            if (latest := self.latest(row["id"])) is not None
        )

    def _siblings(self, target: Target, question: Question) -> tuple[LookAlike, ...]:
        """Items of the source at one of these addresses, then those of the same day that are not long known."""
        own = items.c.source == target.source
        led = select(targets.c.item).where(targets.c.source == target.source, targets.c.item.is_not(None))
        named = led.where(targets.c.identity.in_(question.translations[:IN_CHUNK]))
        lately = (items.c.first_seen >= target.due - LATELY, items.c.published == question.published)
        at = select(items).where(own, items.c.id.in_(named)).limit(LOOK_ALIKES) if question.translations else None
        of = select(items).where(own, *lately).order_by(items.c.id.desc()).limit(4 * LOOK_ALIKES)
        wanted = ((at, True), (of if len(question.published) == len("2026-01-31") else None, False))
        found: dict[int, tuple[RowMapping, bool]] = {}
        for statement, exact in wanted:
            for row in self.connection.execute(statement).mappings() if statement is not None else ():
                found.setdefault(row["id"], (row, exact))
        return tuple(
            LookAlike(item=rows.item_of(row), observation=latest, exact=exact)
            for row, exact in found.values()
            if (latest := self.latest(row["id"])) is not None
        )

    def _near(self, keys: tuple[int, ...]) -> list[RowMapping]:
        """Items that share keys with this text; a rare key says more than one that many share."""
        weights: dict[int, list[float]] = {}
        for key in keys:
            sharing = select(bands.c.item).where(bands.c.band == key).order_by(bands.c.item.desc()).limit(MOST_SHARING)
            found = self.connection.execute(sharing).scalars().all()
            for item in found:
                weights.setdefault(item, []).append(1 / len(found))
        near = [(sum(of), item) for item, of in weights.items() if len(of) >= SHARED_KEYS]
        best = [item for _, item in nlargest(LOOK_ALIKES, near)]
        return list(self.connection.execute(select(items).where(items.c.id.in_(best))).mappings()) if best else []

    # -- the ledger, by a person's word -----------------------------------------------------------------

    def entry(self, key: int) -> Partnership | None:
        """The entry of that number; of one that was merged into another, the other."""
        return entry_with_id(self.connection, key)

    def keep_entry(self, entry: Partnership, keys: Sequence[str]) -> int:
        return keep_entry(self.connection, entry, keys)

    def hush(self, entry: Partnership) -> int:
        """Take alerts of an entry out of the outbox that no message was made of yet; how many."""
        return 0 if entry.id is None else hush(self.connection, entry.id)

    # -- keep ------------------------------------------------------------------------------------------

    def keep(self, verdict: Verdict) -> Kept:
        """Write all of a verdict; nothing in it is decided here."""
        if verdict.target.id is None:
            raise ValueError("a verdict needs a target that memory knows")
        parts = tuple(self._keep_part(part) for part in verdict.parts)
        item = self._keep_item(verdict)
        target = verdict.target if item is None else replace(verdict.target, item=item)
        target_rows.keep_target(self.connection, target)
        if item is not None:
            self._keep_meaning(verdict, item)
        ledger = tuple(keep_move(self.connection, move, item) for move in verdict.ledger)
        return Kept(
            target=verdict.target.id, item=item, partnerships=ledger, alerts=self._keep_alerts(verdict, item, ledger),
            targets=target_rows.add_targets(self.connection, verdict.targets), parts=parts,
        )  # fmt: skip

    def keep_capture(self, capture: Capture) -> None:
        self.connection.execute(insert(captures).values(**rows.capture_row(capture)))

    def forget_captures(self, raw: Sequence[str]) -> None:
        """Forget the answers whose bodies are no more."""
        for start in range(0, len(raw), IN_CHUNK):
            self.connection.execute(delete(captures).where(captures.c.raw.in_(raw[start : start + IN_CHUNK])))

    def _keep_part(self, part: Verdict) -> Kept:
        known = part.target.id or target_rows.added(self.connection, part.target)
        return self.keep(replace(part, target=replace(part.target, id=known)))

    def _keep_item(self, verdict: Verdict) -> ItemId | None:
        item = verdict.target.item
        if verdict.new_item:
            row = {
                "source": verdict.target.source, "url": verdict.target.url, "title": verdict.target.title,
                "state": ItemState.PRESENT.value, "first_seen": verdict.at, "last_seen": verdict.at, "versions": 0,
            }  # fmt: skip
            item = ItemId(int(self.connection.execute(insert(items).values(**row).returning(items.c.id)).scalar_one()))
        if item is None:
            return None
        new: dict[str, object] = {"last_seen": verdict.at} if verdict.seen else {}
        if verdict.state is not None:
            new["state"] = verdict.state.value
        if verdict.moved_to:
            new["url"] = verdict.moved_to
        if verdict.story is not None:
            new["story"] = verdict.story
        if verdict.reread is not None:
            new |= self._reread(verdict.reread, item)
        if verdict.observation is not None:
            new |= self._keep_observation(verdict.observation, item)
        if new:
            self.connection.execute(update(items).where(items.c.id == item).values(**new))
        return item

    def keep_reading(self, seen: Observation, item: ItemId, *, related: Sequence[RelatedEvent] | None = None) -> None:
        """Put another reading in the place of a version's old one, with its `related` events where they are given."""
        new = self._reread(seen, item)
        if new:
            self.connection.execute(update(items).where(items.c.id == item).values(**new))
        if related is not None:
            keep_related(self.connection, item, related)

    def ledger(self, groups: Sequence[tuple[str, ...]], *, item: ItemId) -> tuple[Partnership, ...]:
        """Entries of these parties, and those that the item is a witness of."""
        return entries_with(self.connection, groups, item=item)

    def keep_move(self, move: LedgerMove, item: ItemId) -> None:
        keep_move(self.connection, move, item)

    def forget_witness(self, entry: Partnership, item: ItemId) -> None:
        forget_witness(self.connection, entry, item)

    def _reread(self, seen: Observation, item: ItemId) -> dict[str, object]:
        """What the item's row has to say then; nothing for a version that is not its newest."""
        row = rows.observation_row(seen)
        where = (versions.c.item == item, versions.c.version == seen.version)
        old = self.connection.execute(select(versions.c.article).where(*where)).scalar()
        if old is None:
            return {}
        search.replace(self.connection, item, seen.version, rows.article_of(old), seen.article)
        self.connection.execute(update(versions).where(*where).values(**row))
        newest = select(func.max(versions.c.version)).where(versions.c.item == item)
        return self._newest(seen, item) if self.connection.execute(newest).scalar() == seen.version else {}

    def _keep_observation(self, seen: Observation, item: ItemId) -> dict[str, object]:
        self.connection.execute(insert(versions).values(item=item, **rows.observation_row(seen)))
        search.enter(self.connection, [(item, seen.version, seen.article)])
        return self._newest(seen, item)

    def _newest(self, seen: Observation, item: ItemId) -> dict[str, object]:
        """The keys and facts of an item's newest version."""
        self.connection.execute(delete(bands).where(bands.c.item == item))
        keys = [{"band": band, "item": item} for band in sorted(set(seen.fingerprint.bands))]
        if keys:
            self.connection.execute(insert(bands), keys)
        published = seen.article.published.value if seen.article.published else None
        return {"title": seen.article.title, "content": seen.fingerprint.content, "versions": seen.version,
                "published": published}  # fmt: skip

    def _keep_meaning(self, verdict: Verdict, item: ItemId) -> None:
        for change in verdict.changes:
            self.connection.execute(insert(changes).values(item=item, **rows.change_row(change)))
        if verdict.observation is not None:
            keep_related(self.connection, item, verdict.related)
        for reason in verdict.reasons:
            where = {"item": item, "source": verdict.target.source, "at": verdict.at}
            self.connection.execute(insert(reasons).values(**where, **asdict(reason)))

    # -- the brake -------------------------------------------------------------------------------------

    def brakes(self) -> dict[SourceId, Brake]:
        """The brakes that are on, by source."""
        found = self.connection.execute(select(brakes)).mappings()
        return {row["source"]: Brake(**{name: row[name] for name in Brake.__dataclass_fields__}) for row in found}

    def keep_brake(self, source: SourceId, brake: Brake | None) -> None:
        self.connection.execute(delete(brakes).where(brakes.c.source == source))
        if brake is not None:
            self.connection.execute(insert(brakes).values(source=source, **asdict(brake)))

    def _keep_alerts(self, verdict: Verdict, item: ItemId | None, ledger: tuple[int, ...]) -> int:
        kept = []
        for alert in verdict.alerts:
            entry = ledger[alert.partnership] if alert.partnership is not None else None
            kept.append(replace(alert, item=alert.item or item, partnership=entry))
        return queue(self.connection, kept)
