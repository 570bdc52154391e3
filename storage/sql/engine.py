"""One SQLAlchemy engine for SQLite or PostgreSQL, with the settings that make it dependable; and its migrations."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.engine.url import URL
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, OperationalError

from storage.errors import StorageError
from storage.sql import search

HEAD = "0010"  # the newest migration; a test holds it equal to the chain's head
BUSY_SECONDS = 30
WRITING = 0x6163636F7264  # "accord": the number of PostgreSQL's advisory lock that says who writes


def open_engine(url: str, *, schema: str = HEAD) -> Engine:
    """An engine whose database has today's tables, or, when it is new, an older schema's. Raises StorageError."""
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite" and parsed.database and not parsed.database.startswith("file:"):
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed, **_options(parsed))
    except (ArgumentError, NoSuchModuleError) as error:
        raise StorageError(
            f"[storage] url {_without_password(url)!r}",
            "names no database",
            'write "sqlite:///accordwatch.db" or "postgresql+psycopg://..."',
        ) from error
    except ModuleNotFoundError as error:
        raise StorageError(
            f"[storage] url {_without_password(url)!r}",
            f"needs the package {error.name}",
            "pip install 'accordwatch[postgres]'",
        ) from error
    except OSError as error:
        raise StorageError(
            f"database {url}", error.strerror or str(error), "choose a folder that can be written"
        ) from error
    _speak_plainly(engine)
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    try:
        _migrate(engine, schema)
    except BaseException:
        engine.dispose()
        raise
    return engine


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite database; None for one with a server of its own."""
    parsed = make_url(url)
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


def postgres_address(url: str) -> str:
    """The same PostgreSQL database in libpq's own words, its password with it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def tidy(engine: Engine) -> None:
    """Statistics for the planner and, on SQLite, a log cut short (SQLite documentation, PRAGMA optimize).

    Outside any transaction: statistics that were written inside one would lock the tables against the checkpoint.
    """
    if engine.dialect.name == "sqlite":
        with closing(engine.raw_connection()) as connection:
            for pragma in ("optimize", "wal_checkpoint(TRUNCATE)"):
                connection.cursor().execute(f"PRAGMA {pragma}").close()


def copy_sqlite(url: str, to: Path) -> None:
    """A consistent copy of a SQLite database while others use it; nothing when there is none yet."""
    original = make_url(url).database
    if original and Path(original).exists():
        try:
            with closing(sqlite3.connect(original)) as source, closing(sqlite3.connect(to)) as copy:
                source.backup(copy)
        except sqlite3.Error as error:
            raise StorageError(f"database {url}", str(error), _remedy(str(error))) from error


def _options(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        wait = {} if "timeout" in url.query else {"timeout": BUSY_SECONDS}
        return {"connect_args": {"check_same_thread": False, **wait}, "pool_size": 8}
    return {"pool_pre_ping": True, "pool_size": 8}


def _speak_plainly(engine: Engine) -> None:
    """What a person can mend (locked, full, gone, no database) leaves every statement as one StorageError."""

    @event.listens_for(engine, "handle_error")
    def _translate(context: ExceptionContext) -> None:
        error, cause = context.sqlalchemy_exception, str(context.original_exception).strip()
        mendable = isinstance(error, OperationalError) or type(error) is DatabaseError  # the latter: a damaged file
        if mendable and not context.is_pre_ping:
            line = cause.splitlines()[0] if cause else "cannot be used"
            raise StorageError(
                f"database {engine.url.render_as_string()}", line, _remedy(line)
            ) from context.original_exception


def _prepare_sqlite(engine: Engine) -> None:
    """WAL, whole durability, foreign keys; transactions are begun by `writing` and `still`, in words of their own.

    The driver's own BEGIN is switched off (SQLAlchemy documentation, SQLite dialect, "Serializable isolation /
    Savepoints"): it starts write transactions late and breaks savepoints. The documentation begins them in a listener
    of every transaction instead; an engine that has one takes 26 in place of 16 microseconds for each statement.
    """

    @event.listens_for(engine, "connect")
    def _settings(connection: sqlite3.Connection, record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that writes: kept as a whole, or undone as a whole when an exception leaves it."""
    with engine.begin() as connection:
        _begin(connection, "BEGIN IMMEDIATE")
        yield connection


@contextmanager
def still(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one moment, whatever others write meanwhile."""
    level = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with engine.connect().execution_options(**level) as connection:
        _begin(connection, "BEGIN")
        yield connection


def _begin(connection: Connection, how: str) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(how)


def one_writer(connection: Connection) -> None:
    """Make this transaction the only writing one until it ends, as BEGIN IMMEDIATE does on SQLite.

    Two processes that ask the ledger of one event at the same moment would both find nothing and tell it twice.
    A process that falls asleep in the middle, with its machine maybe, loses its turn to the others.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(
            f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'; SET LOCAL idle_in_transaction_session_timeout = "
            f"'{BUSY_SECONDS}s'; SELECT pg_advisory_xact_lock({WRITING})"
        )


def version_of(connection: Connection) -> str | None:
    """The schema that a database has; None for an empty one."""
    known = inspect(connection).has_table("alembic_version")
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if known else None


def _migrate(engine: Engine, schema: str) -> None:
    """Bring the tables to this schema; Alembic is loaded only when there is something to do."""
    with engine.connect() as connection:
        version = version_of(connection)
    if version == schema:
        return
    from alembic import command
    from alembic.util import CommandError

    with _keys_at_rest(engine) as connection, connection.begin():
        _begin(connection, "BEGIN IMMEDIATE")
        one_writer(connection)
        try:
            command.upgrade(alembic_config(connection), schema)
        except CommandError as error:
            raise StorageError(
                f"database {engine.url.render_as_string()}",
                f"was made by a newer accordwatch (schema {version})",
                "update the program",
            ) from error
        if schema == HEAD:
            search.catch_up(connection)


@contextmanager
def _keys_at_rest(engine: Engine) -> Iterator[Connection]:
    """A connection on which SQLite lets a table be made anew although others refer to it (sqlite.org/lang_altertable,
    7: foreign keys off before the transaction begins, for within it the pragma does nothing)."""
    with engine.connect() as connection:
        if engine.dialect.name != "sqlite":
            yield connection
            return
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            yield connection
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


def alembic_config(connection: Connection | None = None) -> Any:
    """Alembic's configuration for our one chain, bound to a connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _without_password(url: str) -> str:
    """An address that could not be parsed, without whatever stands before its last @."""
    return re.sub(r"//?.*@", "//***@", url)


def _remedy(cause: str) -> str:
    return next((remedy for word, remedy in REMEDIES.items() if word in cause), "check [storage] url")


REMEDIES = {  # a word of the cause -> what to do; the first that is found
    "not a database": "restore it from a backup or move the file away",
    "malformed": "restore it from a backup or move the file away",
    "readonly": "make file and folder writable or set [storage] url",
    "read-only": "make file and folder writable or set [storage] url",
    "unable to open": "make file and folder writable or set [storage] url",
    "locked": "stop the other program that holds it",
    "lock timeout": "stop the other program that holds it",
    "full": "make room on the disk",
    "No space": "make room on the disk",
    "disk I/O": "see whether the disk is full, gone or failing",
    "authentication": "mend user or password in [storage] url",
    "does not exist": "create it, or mend [storage] url",
    "connection": "see that the PostgreSQL server runs and can be reached",
}
