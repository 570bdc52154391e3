"""Rows of the outbox: what waits, what is being sent, how each try went. Rendering and sending are elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, distinct, func, or_, select, update

from storage.records.alert import Alert, AlertId, Delivery, DeliveryState, MailKind, Message
from storage.sql import rows
from storage.sql.tables import outbox
from storage.sql.targets import insert_new


def claim(connection: Connection, *, owner: str, now: datetime, until: datetime, limit: int) -> tuple[Delivery, ...]:
    """Take due rows for this process until then; what another process holds is left alone."""
    open_states = (DeliveryState.WAITING.value, DeliveryState.UNKNOWN.value, DeliveryState.SENDING.value)
    free = or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until <= now, outbox.c.claimed_by == owner)
    claimable = select(outbox.c.id).where(outbox.c.state.in_(open_states), free)
    if connection.dialect.name == "postgresql":
        claimable = claimable.with_for_update(skip_locked=True)
    first = claimable.where(outbox.c.due <= now).order_by(outbox.c.due, outbox.c.id).limit(limit)
    ids = set(connection.execute(first).scalars())
    if not ids:
        return ()
    rendered = select(outbox.c.message_id).where(outbox.c.id.in_(ids), outbox.c.message_id != "")
    ids |= set(connection.execute(claimable.where(outbox.c.message_id.in_(rendered))).scalars())
    connection.execute(update(outbox).where(outbox.c.id.in_(ids)).values(claimed_by=owner, claimed_until=until))
    found = select(outbox).where(outbox.c.id.in_(ids)).order_by(outbox.c.due, outbox.c.id)
    return _with_messages(tuple(map(rows.delivery_of, connection.execute(found).mappings())))


def _with_messages(claimed: tuple[Delivery, ...]) -> tuple[Delivery, ...]:
    """Rows of one digest share its message, which stands with the first of them."""
    stored = {row.message_id: row.message for row in claimed if row.message is not None}
    return tuple(replace(row, message=stored.get(row.message_id)) for row in claimed)


def reclaim(connection: Connection, is_dead: Callable[[str], bool]) -> None:
    """Give back what processes had claimed that are no more: a restart after a kill need not wait for their claims."""
    held = select(outbox.c.claimed_by).where(outbox.c.claimed_by != "").distinct()
    gone = [owner for owner in connection.execute(held).scalars() if is_dead(owner)]
    if gone:
        connection.execute(
            update(outbox).where(outbox.c.claimed_by.in_(gone)).values(claimed_by="", claimed_until=None)
        )


def release(connection: Connection, alerts: Sequence[AlertId]) -> None:
    """Give back rows that were claimed and not tried."""
    connection.execute(update(outbox).where(outbox.c.id.in_(alerts)).values(claimed_by="", claimed_until=None))


def sent_since(connection: Connection, moment: datetime) -> dict[tuple[str, str], int]:
    """How many messages went to each (channel, recipient) from that moment on; the welcome takes nobody's place."""
    count = func.count(distinct(outbox.c.message_id)).label("messages")
    found = select(outbox.c.channel, outbox.c.recipient, count).where(
        outbox.c.sent_at >= moment, outbox.c.kind != "welcome"
    )
    grouped = connection.execute(found.group_by(outbox.c.channel, outbox.c.recipient))
    return {(row.channel, row.recipient): row.messages for row in grouped}


def keep_message(connection: Connection, alerts: Sequence[AlertId], message: Message) -> None:
    """Store the rendered message before its first try; from here on the same bytes go out each time.

    Several alerts may share one message (a digest); the bytes stand with the first, the id with all.
    """
    first, *_ = alerts
    connection.execute(update(outbox).where(outbox.c.id.in_(alerts)).values(message_id=message.message_id))
    connection.execute(update(outbox).where(outbox.c.id == first).values(message=rows.message_row(message)))


def mark_sending(
    connection: Connection, alerts: Sequence[AlertId], *, owner: str, now: datetime, until: datetime
) -> bool:
    """The try begins, and holds the claim until then; False when a row has passed to somebody else meanwhile.

    Whoever finds a row in this state after its claim ran out knows that a try was cut off.
    """
    ours = outbox.c.id.in_(alerts) & (outbox.c.claimed_by == owner) & (outbox.c.claimed_until > now)
    row = {"state": DeliveryState.SENDING.value, "attempts": outbox.c.attempts + 1, "claimed_until": until}
    with connection.begin_nested() as part:
        if connection.execute(update(outbox).where(ours).values(**row)).rowcount == len(alerts):
            return True
        part.rollback()
    return False


def hurry(connection: Connection, *, now: datetime, untried: bool = False) -> None:
    """What waits for another try is due now; what was never tried keeps its hour, unless that is wanted too.

    Claims stand: what another process is sending stays its own.
    """
    chosen = outbox.c.state == DeliveryState.WAITING.value if untried else _put_off()
    connection.execute(update(outbox).where(chosen, outbox.c.due > now).values(due=now))


def put_off(connection: Connection) -> tuple[int, datetime | None, str]:
    """How many rows wait for another try, when the first of them is due, and what the last try said."""
    found = select(func.count(), func.min(outbox.c.due), func.max(outbox.c.last_error)).where(_put_off())
    count, due, error = connection.execute(found).one()
    return count, due, error or ""


def _put_off() -> ColumnElement[bool]:
    states = (DeliveryState.WAITING.value, DeliveryState.UNKNOWN.value)
    return outbox.c.state.in_(states) & (outbox.c.attempts > 0)


def record(
    connection: Connection, alerts: Sequence[AlertId], state: DeliveryState, *, now: datetime, error: str = "",
    due: datetime | None = None,
) -> None:  # fmt: skip
    """How the try ended, and when the next one is due where there is one."""
    row: dict[str, object] = {"state": state.value, "last_error": error, "claimed_by": "", "claimed_until": None}
    if due is not None:
        row["due"] = due
    if state is DeliveryState.SENT:
        row["sent_at"] = now
    connection.execute(update(outbox).where(outbox.c.id.in_(alerts)).values(**row))


def thread_root(connection: Connection, alert: Alert) -> str:
    """The Message-ID of the first mail that this recipient got in an alert's thread; empty when this is the first."""
    same = (outbox.c.thread == alert.thread) & (outbox.c.channel == alert.channel) & (outbox.c.recipient == alert.to)
    own = (outbox.c.mode == "at once") & (outbox.c.message_id != "") & (outbox.c.id != (alert.id or 0))
    found = select(outbox.c.message_id).where(same, own, outbox.c.state != DeliveryState.FAILED.value)
    return (connection.execute(found.order_by(outbox.c.id).limit(1)).scalar() or "") if alert.thread else ""


def queue(connection: Connection, alerts: Iterable[Alert]) -> int:
    """Put alerts into the outbox that are not there yet; how many went in."""
    return insert_new(connection, outbox, list(map(rows.alert_row, alerts)))


def told_of(connection: Connection, kind: MailKind) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Source, key and words of all rows of a kind, oldest first."""
    found = select(outbox.c.source, outbox.c.key, outbox.c.said).where(outbox.c.kind == kind).order_by(outbox.c.id)
    return tuple((row.source or "", row.key, rows.words_of(row.said)) for row in connection.execute(found))
