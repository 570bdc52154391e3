"""The chain of migrations leads to the tables, from one end to one head, on both databases."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, MetaData, func, inspect, select, text

from storage.errors import StorageError
from storage.sql import engine as engines
from storage.sql import rows
from storage.sql.engine import HEAD, alembic_config, open_engine
from storage.sql.tables import metadata
from tests.builders import an_observation

ARTICLE = rows.observation_row(an_observation())["article"]
FOLDER = Path(engines.__file__).parent / "migrations"


def heads_of(folder: Path) -> list[str]:
    config = alembic_config()
    config.set_main_option("script_location", str(folder))
    return list(ScriptDirectory.from_config(config).get_heads())


def test_the_chain_has_one_head_and_it_is_the_programs() -> None:
    assert heads_of(FOLDER) == [HEAD]


def test_two_heads_would_be_seen(tmp_path: Path) -> None:
    forked = tmp_path / "migrations"
    shutil.copytree(FOLDER, forked, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("second", "rival"):
        lines = f'revision = "{name}"\ndown_revision = "{HEAD}"\ndef upgrade(): ...\n'
        (forked / "versions" / f"{name}.py").write_text(lines)
    assert sorted(heads_of(forked)) == ["rival", "second"]


def test_a_migrated_database_is_what_the_tables_say(empty: str) -> None:
    engine = open_engine(empty)
    with engine.connect() as connection:
        ours = {"include_name": lambda name, kind, _: kind != "table" or not name.startswith("fulltext")}
        opts = {"compare_type": True, "compare_server_default": True, **ours}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_the_names_of_constraints_are_the_tables_own(empty: str) -> None:
    engine = open_engine(empty)
    seen = inspect(engine)
    for table in metadata.sorted_tables:
        names = {str(constraint.name) for constraint in table.constraints if constraint.name}
        there = {str(seen.get_pk_constraint(table.name)["name"])}
        there |= {str(found["name"]) for found in seen.get_unique_constraints(table.name)}
        there |= {str(found["name"]) for found in seen.get_foreign_keys(table.name)}
        assert names <= there, table.name
    engine.dispose()


def test_bands_are_kept_in_the_order_of_their_key(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with engine.connect() as connection:
        made = connection.execute(text("SELECT sql FROM sqlite_master WHERE name = 'bands'")).scalar_one()
    engine.dispose()
    assert made.rstrip().endswith("WITHOUT ROWID")


def test_opening_again_changes_nothing(empty: str) -> None:
    open_engine(empty).dispose()
    engine = open_engine(empty)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [HEAD]
    engine.dispose()


@pytest.mark.parametrize("schema", ["0001", "0003", "0004", "0005", "0006", "0007"])
def test_an_older_database_keeps_its_rows_on_the_way(empty: str, schema: str) -> None:
    """One row in each table, each referring to its parents."""
    old = open_engine(empty, schema=schema)
    found = MetaData()
    found.reflect(old, only=lambda name, _: name in metadata.tables)
    with old.begin() as connection:
        for table in found.sorted_tables:
            row = {column.name: _some(column) for column in table.columns}
            connection.execute(table.insert().values(row))
    old.dispose()
    engine = open_engine(empty)
    with engine.connect() as connection:
        kept = {t.name: connection.execute(select(func.count()).select_from(t)).scalar() for t in found.sorted_tables}
        assert set(kept.values()) == {1}, kept
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == HEAD
        if engine.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
            assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    engine.dispose()


def _some(column: Column[Any]) -> Any:
    """A value of the column's kind; those of keys and of what refers to them agree."""
    kind = column.type.python_type
    values = {str: "[]" if column.name == "history" else "s", bytes: ARTICLE, bool: False, float: 0.0}
    return values.get(kind, 1)


def test_a_database_of_a_newer_program_is_refused_in_one_line(empty: str) -> None:
    engine = open_engine(empty)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StorageError) as refused:
        open_engine(empty)
    assert str(refused.value).endswith("was made by a newer accordwatch (schema 9999); update the program")
    assert "\n" not in str(refused.value)
