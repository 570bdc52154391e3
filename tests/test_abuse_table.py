"""docs/abuse.md names a test for each case: each of them is there."""

from __future__ import annotations

import re
from pathlib import Path

TOP = Path(__file__).parents[1]
NAMED = re.findall(r"\| (tests/[\w/]+\.py)::(\w+) \|", (TOP / "docs" / "abuse.md").read_text(encoding="utf-8"))


def test_every_test_that_the_table_names_is_there() -> None:
    missing = [name for path, name in NAMED if f"def {name}(" not in (TOP / path).read_text(encoding="utf-8")]
    assert missing == []
    assert len(NAMED) > 40
