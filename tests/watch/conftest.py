"""A memory for tests of the flow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path}/accordwatch.db", tmp_path / "archive")
    yield opened
    opened.close()
