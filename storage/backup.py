"""All that is known in one file, made while others write, and put back into an empty place of either kind.

The file is a tar: manifest.json, then a member of gzipped JSON lines a table, then the archive's files. What is
taken from SQLite may be put back into PostgreSQL, and the other way round.
"""

from __future__ import annotations

import gzip
import json
import re
import shutil
import tarfile
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, Engine, MetaData, Table, create_engine, delete, func, insert, select, text

from storage.errors import StorageError
from storage.sql import search
from storage.sql.engine import HEAD, open_engine, still, version_of, writing
from storage.sql.tables import metadata, texts

FORM = 1  # of the file; a newer one is refused
BATCH = 500  # rows written at a time
LINE = 100_000_000  # bytes of one row; the largest is an article as text, of a page of max_body
RATIO = 200  # times the file's size that its rows may take: JSON shrinks to a tenth, a bomb of gzip to a thousandth
SPOOL = 8_000_000  # bytes of one table held in memory before they go to a temporary file


_MEMBER = re.compile(r"manifest\.json|tables/\w+|archive/\w\w/[\w.-]+\.zst", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """How much a backup holds."""

    rows: int
    bodies: int


def backup(engine: Engine, archive: Path, to: Path, *, now: datetime) -> Saved:
    """Write everything to one file, whole or not at all. Raises StorageError.

    All tables are read in one transaction, the archive after it: no row speaks of a body that came later.
    """
    if to.exists():
        raise StorageError(str(to), "is there already and is never overwritten", "name another file")
    partial = to.with_name(to.name + ".part")
    try:
        with tarfile.open(partial, "w", format=tarfile.PAX_FORMAT) as tar, still(engine) as connection:
            manifest = {"form": FORM, "schema": version_of(connection), "at": now.isoformat()}
            _add(tar, "manifest.json", BytesIO(json.dumps(manifest).encode()), now)
            rows = sum(_save_table(tar, connection, table, now) for table in _tables(connection))
            bodies = _save_archive(tar, archive)
        partial.replace(to)
    except OSError as error:
        raise StorageError(str(to), error.strerror or str(error), "choose a place that can be written") from error
    finally:
        partial.unlink(missing_ok=True)
    return Saved(rows=rows, bodies=bodies)


def restore(url: str, archive: Path, file: Path) -> Saved:
    """Put a backup back where nothing is yet, whole or not at all; an older schema is brought up to date.

    A stranger may have made the file: all its members are judged before any is read. Raises StorageError.
    """
    try:
        with tarfile.open(file, "r:") as tar:
            _judge(tar, file)
            manifest = _manifest(tar, file)
            with _opened(url, manifest["schema"]) as connection:
                rows = _load(connection, tar, most=file.stat().st_size * RATIO + SPOOL)
                bodies = _load_archive(tar, archive)  # the rows stand once the bodies they speak of do
        _bring_up_to_date(url)
    except StorageError:
        raise
    except Exception as error:  # whatever else a file that is none, or an evil one, can bring about
        if isinstance(error, OSError) and not isinstance(error, gzip.BadGzipFile):
            raise StorageError(str(file), error.strerror or str(error), "check its name and its rights") from error
        why = next(iter(str(error).splitlines()), "")[:200] or type(error).__name__
        raise StorageError(str(file), f"is no whole backup ({why})", "take another one") from error
    return Saved(rows=rows, bodies=bodies)


@contextmanager
def _opened(url: str, schema: str = HEAD) -> Iterator[Connection]:
    """One transaction that writes, on a database that has this schema."""
    engine = open_engine(url, schema=schema)
    try:
        with writing(engine) as connection:
            yield connection
    finally:
        engine.dispose()


def _bring_up_to_date(url: str) -> None:
    """From the backup's schema to today's. Rows that this cannot do with go, so that another backup can be tried."""
    try:
        with _opened(url) as connection:
            search.catch_up(connection)
    except BaseException:
        _clear(url)
        raise


def _clear(url: str) -> None:
    engine = create_engine(url)  # as it stands: opening it as usual would bring it up to date
    with engine.begin() as connection:
        for table in reversed(_tables(connection)):
            connection.execute(delete(table))
    engine.dispose()


# --- tables ----------------------------------------------------------------------------------------------------------


def _tables(connection: Connection) -> list[Table]:
    """The tables as the database has them, values as they are stored, in an order that keeps foreign keys whole.

    The full text is left out: it is filled from the versions, for the database that they are put into.
    """
    found = MetaData()
    found.reflect(connection, only=lambda name, _: name in metadata.tables and name != texts.name)
    return list(found.sorted_tables)


def _save_table(tar: tarfile.TarFile, connection: Connection, table: Table, now: datetime) -> int:
    rows = 0
    with tempfile.SpooledTemporaryFile(SPOOL) as spool:
        with gzip.open(spool, "wb", compresslevel=6) as lines:
            for row in connection.execution_options(yield_per=BATCH).execute(select(table)):
                rows += 1
                lines.write(json.dumps([_plain(value) for value in row], ensure_ascii=False).encode() + b"\n")
        spool.seek(0)
        _add(tar, f"tables/{table.name}", spool, now, columns=[column.name for column in table.columns])
    return rows


def _load(connection: Connection, tar: tarfile.TarFile, *, most: int) -> int:
    rows, room = 0, [most]
    for table in _tables(connection):
        if connection.execute(select(func.count()).select_from(table)).scalar_one():
            raise StorageError("database", "holds something already", "set [storage] url to a new one and try again")
        member = tar.getmember(f"tables/{table.name}")
        columns = json.loads(member.pax_headers["ACCORDWATCH.columns"])
        for batch in _batches(tar, member, columns, room):
            connection.execute(insert(table), batch)
            rows += len(batch)
        _count_on(connection, table)
    return rows


def _batches(
    tar: tarfile.TarFile, member: tarfile.TarInfo, columns: list[str], room: list[int]
) -> Iterator[list[dict[str, Any]]]:
    packed = tar.extractfile(member)
    assert packed is not None
    with gzip.open(packed, "rb") as lines:
        batch: list[dict[str, Any]] = []
        while line := lines.readline(LINE + 1):
            room[0] -= len(line)
            if len(line) > LINE or room[0] < 0:
                raise ValueError(f"{member.name} grows beyond all measure")
            batch.append({name: _value(value) for name, value in zip(columns, json.loads(line), strict=True)})
            if len(batch) == BATCH:
                yield batch
                batch = []
        if batch:
            yield batch


def _count_on(connection: Connection, table: Table) -> None:
    """PostgreSQL's counter of ids goes on after the highest that was put back."""
    if connection.dialect.name == "postgresql" and "id" in table.c and table.name != "sources":
        sequence = f"pg_get_serial_sequence('{table.name}', 'id')"
        top = f"SELECT setval({sequence}, max(id)) FROM {table.name} HAVING max(id) IS NOT NULL"  # noqa: S608 - own names
        connection.execute(text(top))


def _plain(value: Any) -> Any:
    return {"b": b64encode(bytes(value)).decode()} if isinstance(value, bytes | memoryview) else value


def _value(value: Any) -> Any:
    return b64decode(value["b"]) if isinstance(value, dict) else value


# --- the tar ---------------------------------------------------------------------------------------------------------


def _add(
    tar: tarfile.TarFile, name: str, content: IO[bytes], now: datetime, *, columns: list[str] | None = None
) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mtime = content.seek(0, 2), int(now.timestamp())
    content.seek(0)
    if columns is not None:
        info.pax_headers = {"ACCORDWATCH.columns": json.dumps(columns)}
    tar.addfile(info, content)


def _manifest(tar: tarfile.TarFile, file: Path) -> dict[str, Any]:
    content = tar.extractfile("manifest.json")
    assert content is not None
    manifest: dict[str, Any] = json.loads(content.read(SPOOL))
    if manifest["form"] > FORM or manifest["schema"] > HEAD:
        raise StorageError(str(file), "was made by a newer accordwatch", "update the program")
    return manifest


def _save_archive(tar: tarfile.TarFile, archive: Path) -> int:
    bodies = 0
    for path in sorted(archive.glob("??/*.zst")):
        try:
            tar.add(path, f"archive/{path.parent.name}/{path.name}")
        except FileNotFoundError:  # tidied away meanwhile
            continue
        bodies += 1
    return bodies


def _judge(tar: tarfile.TarFile, file: Path) -> None:
    """Nothing but what `backup` writes. None that is sparse: so none is larger than the room it takes in the file, and
    where it would reach beyond the end tarfile says so."""
    for member in tar:
        stored = member.isreg() and not member.issparse() and member.size >= 0
        if not stored or not _MEMBER.fullmatch(member.name):
            raise StorageError(str(file), f"holds a strange member {member.name[:200]!r}", "take another backup")


def _load_archive(tar: tarfile.TarFile, archive: Path) -> int:
    bodies = [member for member in tar if member.name.startswith("archive/")]
    for member in bodies:
        content = tar.extractfile(member)
        assert content is not None
        path = archive / member.name.removeprefix("archive/")
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as body:
            shutil.copyfileobj(content, body)
    return len(bodies)
