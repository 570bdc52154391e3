"""Rows of gaps: a time in which a source may have told what nobody saw, and when a look has shown all of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from storage.records.health import Gap, Span
from storage.records.source import SourceId, Target, TargetId
from storage.sql.tables import gaps, targets


def keep_span(connection: Connection, target: Target, key: TargetId, span: Span) -> None:
    """Write what a look says of the time before it; where something may be missing, ask the other ways soon."""
    further = target.origin == "pagination"  # of a list: whether it shows the gap that its first page left
    if not further and (span.why or not span.whole):
        row = {"source": target.source, "target": key, "since": span.since, "until": span.until, "why": span.why}
        connection.execute(insert(gaps).values(**row, closed=span.until if span.whole else None))
    if span.whole and (further or span.shared):
        mine = (gaps.c.source == target.source) & gaps.c.closed.is_(None) & (gaps.c.until <= span.until)
        shown = gaps.c.since == span.since if further else (gaps.c.since >= span.run) & (gaps.c.target != key)
        connection.execute(update(gaps).where(mine, shown).values(closed=span.until))
    if not span.whole and not further:
        others = (targets.c.source == target.source) & (targets.c.id != key) & targets.c.retired.is_(False)
        lists = targets.c.kind.not_in(("article", "entry")) & (targets.c.failures == 0) & (targets.c.due > span.until)
        anew = {"due": span.until, "etag": "", "last_modified": "", "body_hash": ""}
        connection.execute(update(targets).where(others, lists).values(**anew))


def gaps_of(connection: Connection, *, closed_after: datetime) -> dict[SourceId, tuple[Gap, ...]]:
    """The gaps that are open, and those that were closed since then, by source, oldest first."""
    found: dict[SourceId, tuple[Gap, ...]] = {}
    wanted = select(gaps).where(gaps.c.closed.is_(None) | (gaps.c.closed >= closed_after))
    for row in connection.execute(wanted.order_by(gaps.c.since, gaps.c.id)).mappings():
        gap = Gap(**{name: row[name] for name in Gap.__dataclass_fields__})
        found[gap.source] = (*found.get(gap.source, ()), gap)
    return found
