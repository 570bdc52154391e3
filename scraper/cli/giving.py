"""`export` and `import`: lists as JSON lines and CSV, read in steps; sources as OPML and CSV, out and in."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from scraper.cli.face import (
    NEEDS_A_PERSON,
    OK,
    config_of,
    console,
    csv_row,
    on_disk,
    print_json,
    safe,
    table,
    warn,
    whole,
)
from scraper.cli.session import asking
from scraper.config import Config
from scraper.config.edit import add_sources, rewrite, sources_in
from scraper.config.exchange import Entry, planned, read, to_csv, to_opml
from scraper.errors import ConfigError
from scraper.watch.answers import LISTS, walked
from scraper.watch.wanted import Wanted, unknown
from storage.records.source import TargetKind
from storage.store import Catalogue

FORMATS = dict.fromkeys(("items", "changes", "partnerships"), ("jsonl", "csv")) | {"sources": ("opml", "csv")}


def export(what: str, path: Path | None, wanted: Wanted, *, form: str, output: Path | None, text: bool) -> int:
    """Write a list to a file, whole or not at all, or to standard output."""
    if not what:
        raise ConfigError("export", "says not what", f"name one of {', '.join(FORMATS)}, or --warc FILE")
    form = form or FORMATS[what][0]
    if form not in FORMATS[what]:
        raise unknown("--format", form, FORMATS[what])
    with asking(path, wanted) as (config, catalogue), _written(output) as out:
        if what == "sources":
            written = _sources(config, catalogue, form, out)
        else:
            written = _rows(catalogue, what, wanted, form, out, text=text)
    if output is not None:
        console(stderr=True).print(f"{written} {what} written to {safe(str(output))}")
    return OK


def _rows(catalogue: Catalogue, what: str, wanted: Wanted, form: str, out: IO[str], *, text: bool) -> int:
    more = text and what == "items"
    writer, count = csv.writer(out, lineterminator="\n"), 0
    if form == "csv":
        writer.writerow([*LISTS[what].schema.__annotations__, *(("language", "text") if more else ())])
    for found in walked(catalogue, what, wanted.filter(what)):
        row: dict[str, Any] = dict(LISTS[what].shape(found))
        if more:
            article = catalogue.article(found.item.id)
            row |= {"language": article.language, "text": article.text}
        if form == "csv":
            writer.writerow(csv_row(row))
        else:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
        count += 1
    return count


def _sources(config: Config, catalogue: Catalogue, form: str, out: IO[str]) -> int:
    """The sources as config.toml and the files that it includes have them; the headers they name stay secret."""
    homes = dict.fromkeys((config.path, *(home for _, home in config.homes)))
    raws = [raw for home in homes for raw in sources_in(home)]
    if form == "csv":
        out.write(to_csv(raws))
    else:
        feeds = {source.url: feed for source in config.sources if (feed := _feed(catalogue, source.id))}
        out.write(to_opml(raws, feeds, title="accordwatch"))
    return len(raws)


def _feed(catalogue: Catalogue, source: Any) -> str:
    """The feed that was found behind a source, for readers that know feeds alone."""
    found = (each for each in catalogue.targets(source, discovering=True) if each.kind is TargetKind.FEED)
    return next((each.url for each in found if each.last_good), "")


@contextmanager
def _written(output: Path | None) -> Iterator[IO[str]]:
    """Standard output, or a file that is there when all of it is. Raises UserError."""
    if output is None:
        yield sys.stdout
        return
    with whole(output) as partial, partial.open("w", encoding="utf-8", newline="") as out:
        yield out


def take_in(file: Path, path: Path | None, *, dry_run: bool, as_json: bool) -> int:
    """Add what a file holds and nobody knows; each fault is told with its line, and the others are added."""
    config = config_of(path)
    with on_disk(file, "name an OPML or CSV file"):
        data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    try:
        plan = planned(read(data), config.sources)
    except ConfigError as error:
        raise ConfigError(str(file), error.cause, error.remedy) from None
    new = [entry for entry in plan if not (entry.fault or entry.known_as)]
    if new and not dry_run:
        rewrite(config.path, lambda text: add_sources(text, [(entry.raw, ()) for entry in new]))
    if as_json:
        print_json([{"line": entry.line, **_word(entry, dry_run), "source": dict(entry.raw),
                     "left_out": entry.left_out} for entry in plan])  # fmt: skip
    else:
        _tell(plan, dry_run=dry_run)
    return NEEDS_A_PERSON if any(entry.fault for entry in plan) else OK


def _word(entry: Entry, dry_run: bool) -> dict[str, str]:
    if entry.fault:
        return {"outcome": "fault", "why": entry.fault}
    if entry.known_as:
        return {"outcome": "known", "why": f"is source {entry.known_as}"}
    return {"outcome": "would be added" if dry_run else "added", "why": ""}


def _tell(plan: tuple[Entry, ...], *, dry_run: bool) -> None:
    out, words = console(), [_word(entry, dry_run)["outcome"] for entry in plan]
    rows = [
        (entry.line, word, entry.raw.get("id", ""), entry.raw.get("name", ""), entry.raw.get("url", ""))
        for entry, word in zip(plan, words, strict=True)
        if not entry.fault
    ]
    if rows:
        out.print(table("", ("line", "outcome", "id", "name", "address"), rows))
    for entry in plan:
        if entry.left_out:
            warn(f"line {entry.line}: {', '.join(entry.left_out)} left out: never taken from a list; write it by hand")
        if entry.fault:
            warn(f"line {entry.line}: {entry.fault}")
    counts = ", ".join(f"{words.count(word)} {word}" for word in dict.fromkeys(words)) or "it holds no source"
    out.print(counts + ("; next: `accordwatch check-sources`" if "added" in words else ""))
