"""All that is known in one file, made while others write, and put back into an empty place of either kind.

The file is a tar: manifest.json, then a member of gzipped JSON lines a table, then the archive's files. What is
taken from SQLite may be put back into PostgreSQL, and the other way round.
"""

from __future__ import annotations

import gzip
import json
import tarfile
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Any

from sqlalchemy import Connection, Engine, MetaData, Table, func, insert, select, text

from storage.errors import StorageError
from storage.sql import search
from storage.sql.engine import HEAD, open_engine, version_of
from storage.sql.tables import metadata, texts

FORM = 1  # of the file; a newer one is refused
BATCH = 500  # rows written at a time
SPOOL = 8_000_000  # bytes of one table held in memory before they go to a temporary file


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
        with tarfile.open(partial, "w", format=tarfile.PAX_FORMAT) as tar, _still(engine) as connection:
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
    """Put a backup back where nothing is yet; an older schema is brought up to date. Raises StorageError."""
    try:
        with tarfile.open(file, "r:") as tar:
            manifest = _manifest(tar, file)
            engine = open_engine(url, schema=manifest["schema"])
            try:
                with engine.execution_options(write=True).begin() as connection:
                    rows = _load(connection, tar, file)
            finally:
                engine.dispose()
            bodies = _load_archive(tar, archive, file)
    except (tarfile.TarError, EOFError, json.JSONDecodeError, KeyError) as error:
        raise StorageError(str(file), f"is no whole backup ({error})", "take another one") from error
    except OSError as error:
        raise StorageError(str(file), error.strerror or str(error), "check its name and its rights") from error
    engine = open_engine(url)  # from the backup's schema to today's
    with engine.execution_options(write=True).begin() as connection:
        search.catch_up(connection)
    engine.dispose()
    return Saved(rows=rows, bodies=bodies)


# --- tables ----------------------------------------------------------------------------------------------------------


def _tables(connection: Connection) -> list[Table]:
    """The tables as the database has them, values as they are stored, in an order that keeps foreign keys whole.

    The full text is left out: it is filled from the versions, for the database that they are put into.
    """
    found = MetaData()
    found.reflect(connection, only=lambda name, _: name in metadata.tables and name != texts.name)
    return list(found.sorted_tables)


def _still(engine: Engine) -> Connection:
    """A connection that sees one moment, whatever others write meanwhile."""
    level = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    return engine.connect().execution_options(**level)


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


def _load(connection: Connection, tar: tarfile.TarFile, file: Path) -> int:
    rows = 0
    for table in _tables(connection):
        if connection.execute(select(func.count()).select_from(table)).scalar_one():
            raise StorageError("database", "holds something already", "set [storage] url to a new one and try again")
        member = tar.getmember(f"tables/{table.name}")
        columns = json.loads(member.pax_headers["ACCORDWATCH.columns"])
        for batch in _batches(tar, member, columns):
            connection.execute(insert(table), batch)
            rows += len(batch)
        _count_on(connection, table)
    return rows


def _batches(tar: tarfile.TarFile, member: tarfile.TarInfo, columns: list[str]) -> Iterator[list[dict[str, Any]]]:
    packed = tar.extractfile(member)
    assert packed is not None
    with gzip.open(packed, "rb") as lines:
        batch: list[dict[str, Any]] = []
        for line in lines:
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
    manifest: dict[str, Any] = json.load(content)
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


def _load_archive(tar: tarfile.TarFile, archive: Path, file: Path) -> int:
    bodies = 0
    for member in tar:
        place = PurePosixPath(member.name)
        if place.parts[0] != "archive":
            continue
        if not member.isfile() or len(place.parts) != 3 or place.suffix != ".zst" or ".." in place.parts:
            raise StorageError(str(file), f"holds a strange member {member.name!r}", "take another backup")
        content = tar.extractfile(member)
        assert content is not None
        path = archive / place.parts[1] / place.parts[2]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.read())
        bodies += 1
    return bodies
