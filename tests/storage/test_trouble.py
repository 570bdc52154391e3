"""A database or archive that cannot be used is said in one line: the thing, the cause, the remedy; never a password."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.errors import StorageError
from storage.records.source import Host
from storage.sql.engine import open_engine
from storage.store import Filter, Store
from tests.builders import NOW


def the_line(work: Callable[[], object]) -> str:
    with pytest.raises(StorageError) as refused:
        work()
    line = str(refused.value)
    assert "\n" not in line
    return line


@contextmanager
def held(file: Path) -> Iterator[None]:
    """Another program in the middle of a write."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    line = the_line(lambda: open_engine(f"sqlite:///{tmp_path}/data/a.db"))
    assert line == f"database sqlite:///{tmp_path}/data/a.db: File exists; choose a folder that can be written"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    line = the_line(lambda: open_engine(f"sqlite:///{tmp_path}/a.db"))
    assert line.endswith("unable to open database file; make file and folder writable or set [storage] url")


def test_an_address_that_is_a_folder_cannot_be_opened(tmp_path: Path) -> None:
    line = the_line(lambda: open_engine(f"sqlite:///{tmp_path}"))
    assert line == (
        f"database sqlite:///{tmp_path}: unable to open database file; "
        "make file and folder writable or set [storage] url"
    )


def test_a_read_only_database_cannot_be_written(tmp_path: Path) -> None:
    Store(f"sqlite:///{tmp_path}/a.db", tmp_path).close()
    read_only = Store(f"sqlite:///file:{tmp_path}/a.db?mode=ro&uri=true", tmp_path)
    line = the_line(lambda: read_only.hosts.keep(Host(authority="a:80"), owner="me", until=NOW))  # type: ignore[arg-type]
    read_only.close()
    assert line.endswith("attempt to write a readonly database; make file and folder writable or set [storage] url")


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("my notes " * 200)
    line = the_line(lambda: open_engine(f"sqlite:///{file}"))
    assert line == (
        f"database sqlite:///{file}: file is not a database; restore it from a backup or move the file away"
    )
    assert file.read_text() == "my notes " * 200


def test_a_locked_database_says_so_when_it_is_opened(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    with held(file):
        line = the_line(lambda: open_engine(f"sqlite:///{file}?timeout=0.01"))
    assert line.endswith("database is locked; stop the other program that holds it")


def test_a_database_locked_later_says_so_at_every_door(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    store = Store(f"sqlite:///{file}?timeout=0.01", tmp_path)
    with held(file):
        for line in (
            the_line(lambda: store.begin().__enter__()),
            the_line(lambda: store.hosts.keep(Host(authority="a:80"), owner="me", until=NOW)),  # type: ignore[arg-type]
        ):
            assert line.endswith("database is locked; stop the other program that holds it")
    assert store.catalogue().items(Filter()) == ()
    store.close()


def test_a_damaged_database_says_so(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    open_engine(f"sqlite:///{file}").dispose()
    body = file.read_bytes()
    file.write_bytes(body[:4096] + os.urandom(len(body) - 4096))
    line = the_line(lambda: open_engine(f"sqlite:///{file}"))
    assert line.endswith("; restore it from a backup or move the file away")


def test_a_full_disk_says_so_and_undoes_the_whole_transaction(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/a.db", tmp_path)

    def fill() -> None:
        with store.begin() as work:
            pages = work.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            work.connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
            for number in range(500):
                row = {"id": f"s{number}", "text": "x" * 500}
                work.connection.execute(
                    text("INSERT INTO sources VALUES (:id, :text, '', '', 1, '')"), row
                )  # raw: the test is of the disk

    assert the_line(fill).endswith("database or disk is full; make room on the disk")
    assert store.catalogue().totals().sources == 0
    store.close()


def test_an_address_that_is_none_is_explained() -> None:
    line = the_line(lambda: open_engine("accordwatch.db"))
    assert line.startswith("[storage] url 'accordwatch.db': names no database; write ")


def test_no_line_shows_a_password() -> None:
    line = the_line(lambda: open_engine("postgresql+psycopg://me:secret@127.0.0.1:1/none?connect_timeout=1"))
    assert "secret" not in line
    assert line.startswith("database postgresql+psycopg://me:***@127.0.0.1:1/none")
    assert "secret" not in the_line(lambda: open_engine("postgresql+nodriver://me:secret@host/none"))
    assert "secret" not in the_line(lambda: open_engine("postgres:/me:secret@host/none"))
