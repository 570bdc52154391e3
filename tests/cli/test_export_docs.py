"""The example of docs/export.md, run as it stands over what the demonstration-like desk gives out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.test_commands import home, run
from tests.cli.test_exchange import desk

__all__ = ["desk", "home"]
PAGE = Path(__file__).parents[2] / "docs" / "export.md"


def test_the_example_loads_what_is_given_out(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pandas", reason="pandas is not installed")
    run("export", "partnerships", "-o", "partnerships.jsonl")
    run("export", "items", "--format", "csv", "-o", "items.csv")
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    exec(compile(example, "docs/export.md", "exec"), {})
    assert "cooperation_agreement" in capsys.readouterr().out
