"""Raw bodies by content hash, zstd-compressed, one file each; the same body is kept once.

Which bodies are worth keeping, and for how long, is decided elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Set
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from threading import get_ident

from storage.compress import zstd
from storage.errors import DamagedError, StorageError

SIGNED = ".databases"  # whose bodies these are: the name of a database a line
DAY, OFTEN = timedelta(days=1), timedelta(hours=23)
RESTORE = "restore it from a backup; it is written anew when its page comes again as it was"
LEVEL = 3  # zstd's default: news pages shrink to about a fifth, in well under a millisecond


def key_of(body: bytes) -> str:
    """The archive key of a body: 32 hex digits of its BLAKE2b hash."""
    return blake2b(body, digest_size=16).hexdigest()


class Archive:
    """A folder of bodies. Writing is atomic: a killed process leaves a whole file or none."""

    def __init__(self, folder: Path, *, owner: str = "") -> None:
        self.folder, self._owner = folder, owner

    def put(self, body: bytes) -> str:
        """Keep a body; return its key. What stands there damaged is written anew.

        Raises StorageError when the folder cannot be written.
        """
        key = key_of(body)
        path = self._path(key)
        partial = path.with_suffix(f".{os.getpid()}-{get_ident()}.part")
        try:
            if self._sound(key):
                with suppress(FileNotFoundError):  # let go at this very moment
                    os.utime(path)  # seen again: `tidy` counts from here
                    return key
            path.parent.mkdir(parents=True, exist_ok=True)
            with partial.open("wb") as file:
                file.write(zstd.compress(body, LEVEL))
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
            for folder in (path.parent, self.folder):  # the names too: a row may speak of it next
                _flush(folder)
        except OSError as error:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            raise StorageError(
                f"archive {self.folder}", error.strerror or str(error), "make room there or set [storage] archive"
            ) from error
        return key

    def get(self, key: str) -> bytes | None:
        """The body of that key, or None when it is not there. Raises StorageError, DamagedError when it is damaged."""
        try:
            packed = self._path(key).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageError(
                f"archive file {self._path(key)}", error.strerror or str(error), "make it readable"
            ) from error
        try:
            body = zstd.decompress(packed)
        except zstd.ZstdError as error:
            raise DamagedError(f"archive file {self._path(key)}", "is damaged", RESTORE) from error
        if key_of(body) != key:
            raise DamagedError(f"archive file {self._path(key)}", "is not what its name says", RESTORE)
        return body

    def stored(self) -> Iterator[str]:
        """All bodies that are there, whole or not."""
        return (path.parent.name + path.stem for path in self.folder.glob("??/*.zst"))

    def _sound(self, key: str) -> bool:
        try:
            return self.get(key) is not None
        except StorageError:  # damaged, or not to be read: writing it anew mends it or says why not
            return False

    def drop(self, key: str) -> None:
        """Forget a body; nothing happens when it is not there."""
        self._path(key).unlink(missing_ok=True)

    def tidy(self, *, now: datetime, keep: timedelta | None, named: Callable[[], Set[str]] | None = None) -> list[str]:
        """Drop the bodies that were last seen longer than `keep` ago, and those of more than a day that are not among
        the `named`; their keys. What killed writers left goes as well.

        Does nothing when it was done already on this day. Each file's time of change says when it was last seen: one
        that a transaction is about to name is young, however long it has been here.
        """
        mark = self.folder / ".tidied"
        if not self.folder.is_dir() or (
            mark.exists() and abs(now.timestamp() - mark.stat().st_mtime) < OFTEN.total_seconds()
        ):
            return []
        mark.touch()
        strays = self._strays(named()) if named is not None and self._is_ours_alone(now) else set()
        unnamed = DAY if keep is None else min(DAY, keep)
        dropped = []
        for path in self.folder.glob("??/*"):
            key, whole = path.parent.name + path.stem, path.suffix == ".zst"
            longest = DAY if not whole else unnamed if key in strays else keep
            with suppress(FileNotFoundError):
                gone = longest is not None and _let_go(path, seen_before=(now - longest).timestamp())
                dropped += [key] if gone and whole else []
        return dropped

    def _is_ours_alone(self, now: datetime) -> bool:
        """Whether no other database has signed this folder, and had days to: what we do not name may be its own."""
        signed = self.folder / SIGNED
        owners = signed.read_text().splitlines() if signed.exists() else []
        if self._owner not in owners:
            signed.write_text("".join(f"{owner}\n" for owner in (*owners, self._owner)))
        since = datetime.fromtimestamp(signed.stat().st_mtime, UTC)
        return owners == [self._owner] and now - since > 2 * DAY

    def _strays(self, named: Set[str]) -> Set[str]:
        """What nobody names; nothing where that is most of what is there: another database may name it."""
        there, strays = 0, set[str]()
        for key in self.stored():
            there += 1
            if key not in named:
                strays.add(key)
        return strays if 2 * len(strays) <= there else set()

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key[2:]}.zst"


def _let_go(path: Path, *, seen_before: float) -> bool:
    """Drop a file that was last seen before then; one that is seen again at this very moment is put back."""
    if path.stat().st_mtime >= seen_before:
        return False
    aside = path.with_suffix(".gone")
    path.replace(aside)
    if aside.stat().st_mtime >= seen_before:
        aside.replace(path)
        return False
    aside.unlink()
    return True


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
