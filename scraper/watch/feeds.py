"""Feeds out of memory: news, changes and partnerships, each as Atom, RSS and JSON Feed, for files and for routes."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qsl

from scraper.alert.feeds_out import Entry, Feed, atom, change_entries, json_feed, news_entries, partnership_entries, rss
from storage.store import Catalogue, Filter

AGE = 300  # seconds a feed may be behind
MOST = 60  # entries of one feed
ALL = Filter(limit=MOST)
FORMATS: dict[str, Callable[[Feed], str]] = {"atom": atom, "rss": rss, "json": json_feed}


def feed(
    name: str, catalogue: Catalogue, *, now: datetime, public_url: str = "", form: str = "atom",
    wanted: Filter = ALL, asked: str = "",
) -> Feed:  # fmt: skip
    """One feed by its name; `public_url` of the dashboard, where it is served as /feeds/NAME.FORM.

    `wanted` narrows it, and is `asked` for in its address, so that it is a feed of its own for its readers.
    """
    base, query = public_url.rstrip("/"), f"?{asked}" if asked else ""
    entries, url = NAMES[name](catalogue, wanted), f"{base}/feeds/{name}.{form}{query}" if base else ""
    title = f"accordwatch: {name}" + (f" ({', '.join(value for _, value in parse_qsl(asked))})" if asked else "")
    return Feed(name=f"{name}{query}", title=title, entries=entries, now=now, url=url, home=base)


def write_feeds(folder: Path, catalogue: Catalogue, *, now: datetime, public_url: str = "") -> list[Path]:
    """All feeds as files in that folder, each replaced whole. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in NAMES:
        for form, document in FORMATS.items():
            path = folder / f"{name}.{form}"
            beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
            beside.write_text(document(feed(name, catalogue, now=now, public_url=public_url, form=form)), "utf-8")
            written.append(beside.replace(path))
    return written


def fresh(folder: Path, *, now: datetime) -> bool:
    """Whether the files are young enough to be left; a daemon asks twice a minute."""
    try:
        return now.timestamp() - (folder / "news.json").stat().st_mtime < AGE
    except OSError:
        return False


def _news(catalogue: Catalogue, wanted: Filter) -> tuple[Entry, ...]:
    found = [row.item for row in catalogue.items(replace(wanted, kind=wanted.kind or "present"))]
    return news_entries((item, catalogue.article(item.id)) for item in found)


def _changes(catalogue: Catalogue, wanted: Filter) -> tuple[Entry, ...]:
    return change_entries((each.change, each.item.title) for each in catalogue.happened(wanted))


def _partnerships(catalogue: Catalogue, wanted: Filter) -> tuple[Entry, ...]:
    return partnership_entries(catalogue.partnerships(wanted))


NAMES: dict[str, Callable[[Catalogue, Filter], tuple[Entry, ...]]] = {
    "news": _news, "changes": _changes, "partnerships": _partnerships,
}  # fmt: skip
