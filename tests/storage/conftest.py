"""Each test of the memory runs on a SQLite file and on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.sql.engine import open_engine
from storage.store import Store
from tests.storage.databases import Postgres, PostgresMissingError, postgres

BACKENDS = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    try:
        with postgres() as running:
            yield running
    except PostgresMissingError as why:
        pytest.skip(f"no PostgreSQL: {why}")


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, copied for each test."""
    file = tmp_path_factory.mktemp("template") / "accordwatch.db"
    open_engine(f"sqlite:///{file}").dispose()
    return file


@pytest.fixture(params=BACKENDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a fresh database with today's tables."""
    if request.param == "postgresql":
        return request.getfixturevalue("server").fresh()
    file = tmp_path / "accordwatch.db"
    shutil.copy(request.getfixturevalue("template"), file)
    return f"sqlite:///{file}"


@pytest.fixture(params=BACKENDS)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database that does not exist yet, or has no table."""
    if request.param == "postgresql":
        return request.getfixturevalue("server").empty()
    return f"sqlite:///{tmp_path}/empty.db"


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[Store]:
    opened = Store(url, tmp_path / "archive")
    yield opened
    opened.close()
