"""The door to the memory: transactions to write in, a catalogue to ask, the hosts' turns, the archive."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from storage.archive import Archive
from storage.backup import Saved, backup, restore
from storage.sql import outbox, visitors
from storage.sql.catalogue import Catalogue
from storage.sql.engine import HEAD, copy_sqlite, one_writer, open_engine, postgres_address, sqlite_file, tidy, writing
from storage.sql.filters import Filter, Happened, ItemRow, Place, Totals
from storage.sql.search import MOST_RANKED
from storage.sql.targets import SqlHostBook
from storage.sql.terms import Question, question
from storage.sql.work import Work

__all__ = [
    "HEAD", "MOST_RANKED", "Catalogue", "Filter", "Happened", "ItemRow", "Place", "Question", "Saved", "Store",
    "Totals", "Work", "copy_sqlite", "outbox", "postgres_address", "question", "restore", "sqlite_file", "visitors",
]  # fmt: skip


class Store:
    """One database and one archive. Raises StorageError when either cannot be used."""

    def __init__(self, url: str, archive: Path) -> None:
        self._engine = open_engine(url)
        self.url = url
        self.name = self._engine.url.render_as_string()  # the same for people, without its password
        self.hosts = SqlHostBook(self._engine)
        self.archive = Archive(archive, owner=self.name)

    @contextmanager
    def begin(self) -> Iterator[Work]:
        """One write transaction: kept as a whole, or undone as a whole when an exception leaves it."""
        with writing(self._engine) as connection:
            one_writer(connection)
            yield Work(connection)

    def catalogue(self) -> Catalogue:
        return Catalogue(self._engine)

    def backup(self, to: Path, *, now: datetime) -> Saved:
        """Everything into one file. Raises StorageError."""
        return backup(self._engine, self.archive.folder, to, now=now)

    def tidy(self) -> None:
        """Let the database look after itself: fresh statistics, a short log."""
        tidy(self._engine)

    def close(self) -> None:
        self._engine.dispose()
