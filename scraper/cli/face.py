"""What the commands share: the configuration, files on disk, printing for people, JSON and CSV for machines."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console, Group
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from scraper.config import Config, find, load
from scraper.errors import ConfigError, UserError
from scraper.text import as_cell

OK, NEEDS_A_PERSON, WRONG = 0, 1, 2
NO_MARKS: Mapping[str, str] = {}
PIPE_WIDTH = 200  # columns: a pipe has no edge to fold at
LEGIBLE = 32  # columns that a long text needs beside others
_LONG = frozenset(("title", "address", "because", "sentence", "trouble", "subject", "error", "why", "name", "who"))


def console(*, stderr: bool = False) -> Console:
    """A console that respects NO_COLOR and pipes; page text never becomes markup or an escape sequence."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, highlight=False, width=None if stream.isatty() else PIPE_WIDTH)


def config_of(path: Path | None) -> Config:
    """The configuration. Raises ConfigError with all its faults."""
    return load(path, environ=os.environ)


def config_path(path: Path | None) -> Path:
    return find(path, os.environ)


def insist(refusal: str | None) -> None:
    """Go on where nothing is refused. Raises the `subject: cause; remedy` as ConfigError."""
    if refusal is not None:
        subject, _, rest = refusal.partition(": ")
        cause, _, remedy = rest.partition("; ")
        raise ConfigError(subject, cause, remedy)


@contextmanager
def on_disk(what: object, remedy: str, error: type[UserError] = UserError) -> Iterator[None]:
    """Within, what the disk refuses is told of that file or folder in one line."""
    try:
        yield
    except OSError as refusal:
        raise error(str(what), refusal.strerror or str(refusal), remedy) from refusal


@contextmanager
def whole(file: Path) -> Iterator[Path]:
    """Where to write a file that is there only when all of it is. Raises UserError."""
    partial = file.with_name(f"{file.name}.part")
    with on_disk(file, "name a file in a folder with room"):
        try:
            yield partial
            partial.replace(file)
        finally:
            partial.unlink(missing_ok=True)


def warn(line: str) -> None:
    print(f"accordwatch: {plain(line)}", file=sys.stderr)


def printable(text: str) -> str:
    """Text of pages for a terminal: no control characters, all else in its place."""
    return "".join(c if c.isprintable() else " " for c in text)


def plain(text: str) -> str:
    """The same without space at its ends."""
    return printable(text).strip()


def safe(text: str) -> str:
    """The same, with rich's own marks literal."""
    return escape(plain(text))


def label(name: str, key: str) -> str:
    """A source as lists name it, with the id that commands want where its name does not say it."""
    return name if name.casefold() == key else f"{name} ({key})"


def print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


def print_csv(rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows as CSV; what a spreadsheet would take for a formula is made text."""
    if rows:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(rows[0])
        writer.writerows(map(csv_row, rows))


def csv_row(row: Mapping[str, Any]) -> list[str]:
    """The cells of a row: texts, numbers, and lists as "A; B"."""
    return [as_cell(readable(value)) if not isinstance(value, int | float) else str(value) for value in row.values()]


def readable(value: Any) -> str:
    """A value of our JSON in one line for people."""
    if isinstance(value, list | tuple):
        return "; ".join(map(readable, value))
    if isinstance(value, Mapping):
        name, acronym = value.get("name"), value.get("acronym")
        if name:
            return f"{name} ({acronym})" if acronym and acronym != name else str(name)
        told = next((value[key] for key in ("value", "sentence", "url", "what", "text") if value.get(key)), None)
        return readable(told) if told is not None else " ".join(map(readable, value.values()))
    return "" if value is None else str(value)


def table(
    title: str, columns: Iterable[str], rows: Iterable[Sequence[object]], *, marks: Mapping[str, str] = NO_MARKS
) -> Table | Group:
    """A table for people; on a terminal too narrow for it a card a row, its long texts on lines of their own.

    `marks` are styles of cells that say just this.
    """
    names, cells = list(columns), [[safe(str(cell)) for cell in row] for row in rows]
    widest = [max([len(name), *(min(len(row[at]), LEGIBLE) for row in cells)]) for at, name in enumerate(names)]
    cells = [[f"[{marks[cell]}]{cell}[/]" if cell in marks else cell for cell in row] for row in cells]
    if sum(widest) + len(names) > console().width < PIPE_WIDTH:
        return Group(*([f"[bold]{title}[/]"] if title else []), *(_card(names, row) for row in cells))
    drawn = Table(title=title or None, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for name in names:
        drawn.add_column(name, overflow="fold" if name == "address" else "ellipsis", no_wrap=name not in _LONG)
    for row in cells:
        drawn.add_row(*row)
    return drawn


def _card(names: Sequence[str], row: Sequence[str]) -> Group:
    first, *others = [(name, cell) for name, cell in zip(names, row, strict=True) if cell]
    brief = [cell if len(cell) > 4 else f"{name} {cell}" for name, cell in others if name not in _LONG]
    long = [cell for name, cell in others if name in _LONG]
    line = "  ".join([f"[bold]{first[1]}[/]", *brief])
    return Group(line, *(Padding(cell, (0, 0, 0, 4)) for cell in long))
