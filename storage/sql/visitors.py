"""Rows of the dashboard's visitors: sessions and visits. How long either lasts is decided elsewhere."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, or_, select, update

from storage.records.visitor import Session, Visit
from storage.sql.tables import sessions, visits


def session(connection: Connection, key: str) -> Session | None:
    """The session of that key."""
    row = connection.execute(select(sessions).where(sessions.c.key == key)).mappings().first()
    return None if row is None else Session(**row)


def open_session(connection: Connection, opened: Session, *, began: datetime, seen: datetime) -> None:
    """Keep a new session, and forget those that began, or were seen last, before these moments."""
    connection.execute(delete(sessions).where(or_(sessions.c.began < began, sessions.c.seen < seen)))
    row = {name: getattr(opened, name) for name in sessions.c.keys()}  # noqa: SIM118 - columns, no dict
    connection.execute(insert(sessions).values(**row))


def saw_session(connection: Connection, key: str, now: datetime) -> None:
    connection.execute(update(sessions).where(sessions.c.key == key).values(seen=now))


def close_session(connection: Connection, key: str) -> None:
    connection.execute(delete(sessions).where(sessions.c.key == key))


def visit(connection: Connection, user: str) -> Visit | None:
    """Somebody's visit as last kept."""
    row = connection.execute(select(visits).where(visits.c.user == user)).mappings().first()
    return None if row is None else Visit(**row)


def keep_visit(connection: Connection, kept: Visit) -> None:
    connection.execute(delete(visits).where(visits.c.user == kept.user))
    connection.execute(insert(visits).values(user=kept.user, since=kept.since, seen=kept.seen))
