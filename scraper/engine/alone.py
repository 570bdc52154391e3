"""One daemon a SQLite database: a lock on a file beside it, which ends with the process that holds it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scraper.errors import StorageError


@contextmanager
def alone(database: Path | None) -> Iterator[None]:
    """Hold the lock; None (a database with a server of its own) needs none, since its rows are claimed.

    The file stays behind, its lock does not: the kernel frees it however the process ends (flock(2)).
    Raises StorageError when another daemon holds it.
    """
    if database is None:
        yield
        return
    path = database.with_name(database.name + ".daemon")
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise StorageError(str(path), error.strerror or str(error), "make the folder writable") from error
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(file, 20, 0).decode("ascii", "replace").strip() or "unknown"
            raise StorageError(
                f"database {database}", f"is watched by another daemon (process {holder})",
                "stop that one first; crawls by hand may run beside it",
            ) from error  # fmt: skip
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(file)
