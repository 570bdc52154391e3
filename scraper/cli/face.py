"""What the commands share: finding the configuration, printing for people, JSON and CSV for machines."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from scraper.config import Config, find, load

OK, NEEDS_A_PERSON, WRONG = 0, 1, 2
PIPE_WIDTH = 200  # columns: a pipe has no edge to fold at
_LONG = frozenset(("title", "address", "because", "sentence", "trouble", "subject", "error", "why", "name", "who"))
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what spreadsheets take for a formula (OWASP, CSV injection)


def console(*, stderr: bool = False) -> Console:
    """A console that respects NO_COLOR and pipes; page text never becomes markup or an escape sequence."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, highlight=False, width=None if stream.isatty() else PIPE_WIDTH)


def config_of(path: Path | None) -> Config:
    """The configuration; notices go to stderr. Raises ConfigError with all its faults."""
    config = load(path, environ=os.environ)
    for notice in config.notices:
        warn(notice)
    return config


def config_path(path: Path | None) -> Path:
    return find(path, os.environ)


def warn(line: str) -> None:
    print(f"accordwatch: {plain(line)}", file=sys.stderr)


def plain(text: str) -> str:
    """Text of pages for a terminal: one line, no control characters."""
    return "".join(c if c.isprintable() else " " for c in text).strip()


def safe(text: str) -> str:
    """The same, with rich's own marks literal."""
    return escape(plain(text))


def print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


def print_csv(rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows as CSV; what a spreadsheet would take for a formula is made text."""
    out = io.StringIO()
    if rows:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)
    print(out.getvalue(), end="")


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def table(title: str, columns: Iterable[str], rows: Iterable[Sequence[object]]) -> Table:
    """A table for people; the last column takes what room is left."""
    drawn = Table(title=title or None, title_justify="left", box=None, pad_edge=False, header_style="bold")
    names = list(columns)
    for name in names:
        drawn.add_column(name, overflow="fold" if name == "address" else "ellipsis", no_wrap=name not in _LONG)
    for row in rows:
        drawn.add_row(*(safe(str(cell)) for cell in row))
    return drawn
