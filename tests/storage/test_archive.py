"""The archive: each body once, whole or not at all, and damage is named."""

from __future__ import annotations

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.archive import SIGNED, Archive, key_of
from storage.errors import StorageError


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


def files(archive: Archive) -> list[Path]:
    return [path for path in archive.folder.rglob("*") if path.is_file()]


@settings(deadline=None, max_examples=30)
@given(body=st.binary(max_size=3000))
def test_a_body_comes_back_byte_for_byte(tmp_path_factory: pytest.TempPathFactory, body: bytes) -> None:
    archive = Archive(tmp_path_factory.getbasetemp() / "archive")
    key = archive.put(body)
    assert (key, archive.get(key)) == (key_of(body), body)


def test_the_same_body_is_kept_once(archive: Archive) -> None:
    assert archive.put(b"news") == archive.put(b"news")
    assert len(files(archive)) == 1


def test_a_body_never_kept_is_missing_and_no_error(archive: Archive) -> None:
    assert archive.get(key_of(b"never")) is None
    archive.drop(key_of(b"never"))


def test_a_dropped_body_is_gone(archive: Archive) -> None:
    key = archive.put(b"news")
    archive.drop(key)
    assert archive.get(key) is None


def test_two_writers_of_one_body_do_not_meet(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two sites that answer the same bytes at the same moment: both have written before either gives the final name."""
    both, rename = Barrier(2, timeout=5), Path.replace

    def together(self: Path, to: Path) -> Path:
        both.wait()
        return rename(self, to)

    monkeypatch.setattr(Path, "replace", together)
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(archive.put, [b"news"] * 2)) == [key_of(b"news")] * 2
    assert len(files(archive)) == 1


def test_a_writer_that_was_killed_leaves_no_body_under_its_name(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(self: Path, to: Path) -> Path:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            archive.put(b"news")
    assert archive.get(key_of(b"news")) is None
    assert archive.get(archive.put(b"news")) == b"news"


@pytest.mark.parametrize("damage", [lambda b: b[:-3], lambda b: b"", lambda b: b"\0" * len(b), lambda b: b[:9]])
def test_a_damaged_file_is_named(archive: Archive, damage) -> None:
    key = archive.put(b"news " * 50)
    (file,) = files(archive)
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(StorageError) as refused:
        archive.get(key)
    assert str(refused.value).startswith(f"archive file {file}: is damaged; ")


def test_a_damaged_file_is_made_good_when_its_body_comes_again(archive: Archive) -> None:
    key = archive.put(b"news")
    (file,) = files(archive)
    for damage in (b"", b"garbage", file.read_bytes()[:-2]):
        file.write_bytes(damage)
        assert archive.put(b"news") == key
        assert archive.get(key) == b"news"


def test_another_body_under_its_name_is_told(archive: Archive) -> None:
    key, other = archive.put(b"news"), archive.put(b"olds")
    archive._path(key).write_bytes(archive._path(other).read_bytes())
    with pytest.raises(StorageError, match="is not what its name says"):
        archive.get(key)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "archive").write_text("a file stands in the way")
    with pytest.raises(StorageError) as refused:
        Archive(tmp_path / "archive").put(b"news")
    assert str(refused.value) == (
        f"archive {tmp_path}/archive: Not a directory; make room there or set [storage] archive"
    )


def test_a_file_that_cannot_be_read_is_named(archive: Archive) -> None:
    key = archive.put(b"news")
    archive._path(key).unlink()
    archive._path(key).mkdir()
    with pytest.raises(StorageError, match="Is a directory"):
        archive.get(key)


def test_a_full_disk_is_named_and_leaves_nothing_half(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(StorageError) as refused:
            archive.put(b"news")
    assert str(refused.value).endswith(": No space left on device; make room there or set [storage] archive")
    assert files(archive) == []
    assert archive.get(archive.put(b"news")) == b"news"


def test_a_body_is_on_the_disk_before_its_key_is_given(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its bytes before its name, then the folders that hold the name."""
    steps: list[str] = []
    fsync, rename = os.fsync, Path.replace

    def flushed(handle: int) -> None:
        steps.append(Path(os.readlink(f"/proc/self/fd/{handle}")).suffix)
        fsync(handle)

    def renamed(self: Path, to: Path) -> Path:
        steps.append("renamed")
        return rename(self, to)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(Path, "replace", renamed)
    archive.put(b"news")
    assert steps == [".part", "renamed", "", ""]


NOW = datetime(2026, 3, 1, tzinfo=UTC)


def aged(archive: Archive, body: bytes, days: float) -> str:
    key = archive.put(body)
    at = (NOW - timedelta(days=days)).timestamp()
    os.utime(archive._path(key), (at, at))
    return key


def test_what_was_not_seen_for_so_long_is_let_go(archive: Archive) -> None:
    old, young = aged(archive, b"old", 181), aged(archive, b"young", 179)
    assert archive.tidy(now=NOW, keep=timedelta(days=180)) == [old]
    assert (archive.get(old), archive.get(young)) == (None, b"young")


def test_what_is_seen_again_is_young_again(archive: Archive) -> None:
    key = aged(archive, b"news", 900)
    archive.put(b"news")
    assert archive.tidy(now=NOW, keep=timedelta(days=180)) == []
    assert archive.get(key) == b"news"


def test_what_killed_writers_left_goes_and_the_rest_stays_for_ever(archive: Archive) -> None:
    key = aged(archive, b"news", 9000)
    left = archive._path(key).with_suffix(".77-1.part")
    left.touch()
    os.utime(left, (0, 0))
    assert archive.tidy(now=NOW, keep=None) == []
    assert [path.suffix for path in files(archive) if path.name != ".tidied"] == [".zst"]


def signed(archive: Archive, *owners: str, days: float = 3) -> None:
    """The databases that have used this archive, the last of them for so many days."""
    file = archive.folder / SIGNED
    file.write_text("".join(f"{owner}\n" for owner in owners))
    moment = (NOW - timedelta(days=days)).timestamp()
    os.utime(file, (moment, moment))


def test_what_no_row_names_goes_after_a_day_whatever_is_kept(archive: Archive) -> None:
    kept = {aged(archive, body, 900) for body in (b"named", b"this too")}
    stray, young = aged(archive, b"left", 1.1), aged(archive, b"just now", 0.9)
    signed(archive, "")
    assert archive.tidy(now=NOW, keep=None, named=lambda: kept) == [stray]
    assert [key for key in (*kept, stray, young) if archive.get(key) is None] == [stray]


def test_what_a_look_stores_again_is_safe_before_its_row_is_written(archive: Archive) -> None:
    kept, known = aged(archive, b"named", 2), aged(archive, b"left", 900)
    signed(archive, "")
    assert archive.put(b"left") == known
    assert archive.tidy(now=NOW, keep=None, named=lambda: {kept}) == []


def test_a_body_that_is_seen_again_while_it_goes_is_put_back(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, stray = aged(archive, b"named", 2), aged(archive, b"left", 2)
    signed(archive, "")
    rename = Path.replace

    def late(self: Path, to: Path) -> Path:
        os.utime(self)
        return rename(self, to)

    monkeypatch.setattr(Path, "replace", late)
    assert archive.tidy(now=NOW, keep=None, named=lambda: {kept}) == []
    assert archive.get(stray) == b"left"


def test_an_archive_of_which_most_is_unknown_is_another_databases(archive: Archive) -> None:
    keys = [aged(archive, body, 900) for body in (b"1", b"2", b"3")]
    signed(archive, "")
    assert archive.tidy(now=NOW, keep=None, named=lambda: {keys[0]}) == []


@pytest.mark.parametrize(("owners", "days"), [((), 0), (("",), 1), (("", "another"), 900), (("another",), 900)])
def test_what_another_database_may_name_stays(archive: Archive, owners: tuple[str, ...], days: float) -> None:
    kept, _ = aged(archive, b"named", 900), aged(archive, b"theirs", 900)
    if owners:
        signed(archive, *owners, days=days)
    assert archive.tidy(now=NOW, keep=None, named=lambda: {kept}) == []


def test_tidying_is_done_once_a_day(archive: Archive) -> None:
    archive.put(b"x")
    archive.tidy(now=NOW, keep=None)
    os.utime(archive.folder / ".tidied", (NOW.timestamp(), NOW.timestamp()))
    aged(archive, b"old", 900)
    assert archive.tidy(now=NOW + timedelta(hours=22), keep=timedelta(days=1)) == []
    assert len(archive.tidy(now=NOW + timedelta(hours=24), keep=timedelta(days=1))) == 1
