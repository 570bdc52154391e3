"""A backup made while others write holds one moment, and comes back whole on either kind of database."""

from __future__ import annotations

import gzip
import json
import tarfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import select

from storage import backup
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
    assert not any(rows(empty).values())


# -- Files that a stranger made ------------------------------------------------------------------------


def remade(good: Path, to: Path, changed: Callable[[str, bytes], bytes], *, pax: dict[str, str] | None = None) -> Path:
    """The backup once more, what its members hold changed; with `pax`, one body more that says this of itself."""
    with tarfile.open(good) as old, tarfile.open(to, "w", format=tarfile.PAX_FORMAT) as new:
        for member in old.getmembers():
            content = old.extractfile(member)
            assert content is not None
            held = changed(member.name, content.read())
            member.size = len(held)
            new.addfile(member, BytesIO(held))
        if pax is not None:
            more = tarfile.TarInfo("archive/aa/" + "0" * 30 + ".zst")
            more.size, more.pax_headers = 512, pax
            new.addfile(more, BytesIO(b"1\n100000000000\n0\n".ljust(512, b"\0")))
    return to


def items(change: Callable[[bytes], bytes]) -> Callable[[str, bytes], bytes]:
    """Change the lines of the table of articles."""
    return lambda name, held: gzip.compress(change(gzip.decompress(held))) if name == "tables/items" else held


def manifest(**said: object) -> Callable[[str, bytes], bytes]:
    return lambda name, held: json.dumps(json.loads(held) | said).encode() if name == "manifest.json" else held


def every_value(value: object) -> Callable[[bytes], bytes]:
    return lambda lines: json.dumps([value for _ in json.loads(lines.splitlines()[0])]).encode() + b"\n"


MALFORMED = {
    "a list as manifest": lambda name, held: b"[]" if name == "manifest.json" else held,
    "a deep manifest": lambda name, held: b"[" * 100_000 if name == "manifest.json" else held,
    "a schema that is a number": manifest(schema=5),
    "a table that is no gzip": lambda name, held: b"plain" if name == "tables/items" else held,
    "broken deflate": lambda name, held: held[:12] + b"\xff" * 9 + held[21:] if name == "tables/items" else held,
    "a cut table": lambda name, held: held[:-20] if name == "tables/items" else held,
    "a short row": items(lambda lines: b"[1]\n"),
    "bytes that are none": items(every_value({"b": "!"})),
    "an object that is no bytes": items(every_value({})),
    "a value within a value": items(every_value([1])),
    "a deep row": items(lambda lines: b"[" * 100_000),
    "a row that says nothing of anything": items(every_value(None)),
}


@pytest.mark.parametrize("of", MALFORMED)
def test_malformed_content_is_said_in_a_line_and_the_next_try_succeeds(
    filled: Store, empty: str, tmp_path: Path, of: str
) -> None:
    saved = filled.backup(tmp_path / "all.tar", now=NOW)
    bad = remade(tmp_path / "all.tar", tmp_path / "bad.tar", MALFORMED[of])
    with pytest.raises(StorageError, match="is no whole backup") as told:
        restore(empty, tmp_path / "new", bad)
    assert len(str(told.value).splitlines()) == 1
    assert restore(empty, tmp_path / "new", tmp_path / "all.tar") == saved


def test_a_sparse_member_of_100_gb_is_refused(filled: Store, empty: str, tmp_path: Path) -> None:
    filled.backup(tmp_path / "all.tar", now=NOW)
    pax = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "100000000000"}
    pax["GNU.sparse.name"] = "archive/aa/" + "0" * 30 + ".zst"
    bad = remade(tmp_path / "all.tar", tmp_path / "bad.tar", lambda _, held: held, pax=pax)
    with pytest.raises(StorageError, match="strange member"):
        restore(empty, tmp_path / "new", bad)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("cap", ["LINE", "SPOOL"])
def test_rows_that_grow_beyond_all_measure_are_left(
    filled: Store, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cap: str
) -> None:
    filled.backup(tmp_path / "all.tar", now=NOW)
    monkeypatch.setattr(backup, "RATIO", 1)
    monkeypatch.setattr(backup, cap, 1000)
    bad = remade(tmp_path / "all.tar", tmp_path / "bad.tar", items(lambda lines: b'["' + b"a" * 1_000_000))
    with pytest.raises(StorageError, match="beyond all measure"):
        restore(empty, tmp_path / "new", bad)


def test_what_fails_last_leaves_an_empty_place_for_the_next_try(
    filled: Store, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("not to be brought up to date")

    saved = filled.backup(tmp_path / "all.tar", now=NOW)
    for at in ("search.catch_up", "shutil.copyfileobj"):
        with monkeypatch.context() as patched:
            patched.setattr(f"storage.backup.{at}", broken)
            with pytest.raises(StorageError, match="brought up to date"):
                restore(empty, tmp_path / "new", tmp_path / "all.tar")
    assert restore(empty, tmp_path / "new", tmp_path / "all.tar") == saved
