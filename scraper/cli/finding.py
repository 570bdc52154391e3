"""`search`: the answers as a table with what was asked for marked in them, or for machines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.table import Table
from rich.text import Text

from scraper import shapes
from scraper.cli.face import OK, console, print_csv, print_json, printable
from scraper.cli.session import asking
from scraper.errors import ConfigError
from scraper.watch.wanted import Wanted
from storage.records.hit import Hit, Run


def search(words: Sequence[str], path: Path | None, wanted: Wanted, *, as_json: bool, as_csv: bool) -> int:
    typed = words[0] if len(words) == 1 else " ".join(map(_quoted, words))
    asked, wanted = wanted.asking(typed)
    if not asked.groups:
        raise ConfigError("search", f'"{typed}" names no word to look for', 'write a word or a "phrase"')
    with asking(path, wanted) as (_, catalogue):
        found = catalogue.search(asked, wanted.filter("items"))
    if as_json or as_csv:
        (print_json if as_json else print_csv)([shapes.hit_json(hit) for hit in found.hits])
        return OK
    out = console()
    if not found.hits:
        out.print("nothing answers; fewer words, or a beginning such as partner*, find more")
        return OK
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("id", "source", "published", "version"):
        drawn.add_column(name, no_wrap=True)
    drawn.add_column("title and passage")
    for hit in found.hits:
        drawn.add_row(*map(printable, _facts(hit)), _passage(hit))
    out.print(drawn)
    count = f"{'the newest ' if found.more else ''}{found.count} items answer"
    out.print(f"[dim]{count}; the best {len(found.hits)} are shown[/]" if found.count > len(found.hits) else "", end="")
    return OK


def _quoted(word: str) -> str:
    """One of several words as a shell gives it: it has taken the quotes of a phrase away."""
    head, spaced, _ = word.partition(" ")
    if not spaced or '"' in word:
        return word
    sign = head[: head.find(":") + 1] or head[: head.startswith("-")]
    return f'{sign}"{word.removeprefix(sign)}"'


def _facts(hit: Hit) -> tuple[str, str, str, str]:
    version = "" if hit.current else f"{hit.version} of {hit.item.versions}"
    return str(hit.item.id), hit.item.source, hit.item.published or "", version


def _passage(hit: Hit) -> Text:
    return Text("\n").join([_marked(hit.title, "bold"), _marked(hit.snippet, "dim"), Text("")])


def _marked(runs: Iterable[Run], style: str) -> Text:
    """Hits stand out by more than colour: not dim, and underlined."""
    return Text.assemble(*((printable(run.text), "bold yellow underline" if run.hit else style) for run in runs))
