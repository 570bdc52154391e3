"""A backup made while others write holds one moment, and comes back whole on either kind of database."""

from __future__ import annotations

import tarfile
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import select

from storage.errors import StorageError
from storage.records.source import ItemId
from storage.sql.engine import open_engine
from storage.sql.tables import metadata
from storage.store import Store, restore
from tests.builders import NOW, SITE, a_finding, a_move, a_source, a_target, an_alert, an_observation

Rows = dict[str, list[tuple[object, ...]]]


@pytest.fixture
def filled(store: Store) -> Store:
    with store.begin() as work:
        work.sync_sources((a_source(),))
        work.add_targets([a_target()])
        (target,) = work.targets_of(a_source().id)
        raw = store.archive.put(b"<p>page</p>")
        work.keep(a_finding(target, ledger=(a_move(),), alerts=(an_alert("n"),), observation=an_observation(raw=raw)))
    return store


def rows(url: str) -> Rows:
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            return {t.name: sorted(map(tuple, connection.execute(select(t))), key=str) for t in metadata.sorted_tables}
    finally:
        engine.dispose()


def test_everything_comes_back_as_it_was(filled: Store, empty: str, tmp_path: Path) -> None:
    saved = filled.backup(tmp_path / "all.tar", now=NOW)
    assert restore(empty, tmp_path / "new", tmp_path / "all.tar") == saved
    assert rows(empty) == rows(filled.url)
    assert {p.name for p in (tmp_path / "new").glob("??/*")} == {p.name for p in (tmp_path / "archive").glob("??/*")}


def test_what_is_new_after_a_restore_gets_an_id_of_its_own(filled: Store, empty: str, tmp_path: Path) -> None:
    filled.backup(tmp_path / "all.tar", now=NOW)
    restore(empty, tmp_path / "new", tmp_path / "all.tar")
    again = Store(empty, tmp_path / "new")
    with again.begin() as work:
        work.add_targets([a_target(f"{SITE}/other")])
        (target,) = (t for t in work.targets_of(a_source().id) if t.url.endswith("other"))
        assert work.keep(a_finding(target)).item == ItemId(2)
    again.close()


def test_it_holds_the_moment_it_began_whatever_others_write(filled: Store, tmp_path: Path) -> None:
    writer = Store(filled.url, tmp_path / "archive")
    before = len(rows(filled.url)["targets"])

    with writer.begin() as work:
        work.add_targets([a_target(f"{SITE}/x")])
        saved = filled.backup(tmp_path / "all.tar", now=NOW)
    writer.close()
    assert len(rows(filled.url)["targets"]) == before + 1
    with tarfile.open(tmp_path / "all.tar") as tar:
        assert "tables/targets" in tar.getnames()
    kept = {name: each for name, each in rows(filled.url).items() if name != "texts"}  # made anew from the versions
    assert saved.rows == sum(map(len, kept.values())) - 1


def test_a_backup_is_never_written_over(filled: Store, tmp_path: Path) -> None:
    filled.backup(tmp_path / "all.tar", now=NOW)
    with pytest.raises(StorageError, match="never overwritten"):
        filled.backup(tmp_path / "all.tar", now=NOW)


def test_a_database_that_holds_something_is_left_alone(filled: Store, tmp_path: Path) -> None:
    filled.backup(tmp_path / "all.tar", now=NOW)
    with pytest.raises(StorageError, match="holds something already"):
        restore(filled.url, tmp_path / "new", tmp_path / "all.tar")


@pytest.mark.parametrize("cut", [10, 600, 3000])
def test_a_cut_backup_is_named_and_leaves_nothing(filled: Store, empty: str, tmp_path: Path, cut: int) -> None:
    filled.backup(tmp_path / "all.tar", now=NOW)
    (tmp_path / "cut.tar").write_bytes((tmp_path / "all.tar").read_bytes()[:cut])
    with pytest.raises(StorageError, match="is no whole backup"):
        restore(empty, tmp_path / "new", tmp_path / "cut.tar")


def test_a_member_that_would_leave_the_archive_is_refused(filled: Store, empty: str, tmp_path: Path) -> None:
    filled.backup(tmp_path / "all.tar", now=NOW)
    with tarfile.open(tmp_path / "all.tar", "a") as tar:
        evil = tarfile.TarInfo("archive/../../evil.zst")
        evil.size = 1
        tar.addfile(evil, BytesIO(b"x"))
    with pytest.raises(StorageError, match="strange member"):
        restore(empty, tmp_path / "new", tmp_path / "all.tar")
    assert not list(tmp_path.rglob("evil*"))
