"""Feeds out of memory: news, changes and partnerships, each as Atom and as JSON Feed, for files and for routes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from scraper.alert.feeds_out import Entry, Feed, atom, change_entries, json_feed, news_entries, partnership_entries
from storage.records.change import Change
from storage.store import Catalogue, Filter

AGE = 300  # seconds a feed may be behind
MOST = 60  # entries of one feed
FORMATS: dict[str, Callable[[Feed], str]] = {"atom": atom, "json": json_feed}


def feed(name: str, catalogue: Catalogue, *, now: datetime, public_url: str = "", form: str = "atom") -> Feed:
    """One feed by its name; `public_url` of the dashboard, where it is served as /feeds/NAME.FORM."""
    base = public_url.rstrip("/")
    url = f"{base}/feeds/{name}.{form}" if base else ""
    return Feed(name=name, title=f"accordwatch: {name}", entries=NAMES[name](catalogue), now=now, url=url, home=base)


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


def _news(catalogue: Catalogue) -> tuple[Entry, ...]:
    found = (row.item for row in catalogue.items(Filter(kind="present", limit=MOST)))
    return news_entries((item, catalogue.versions(item.id)[-1].article) for item in found)


def _changes(catalogue: Catalogue) -> tuple[Entry, ...]:
    return change_entries(_with_titles(catalogue))


def _with_titles(catalogue: Catalogue) -> Iterator[tuple[Change, str]]:
    for change in catalogue.changes(Filter(limit=MOST)):
        item = catalogue.find_item(str(change.item))
        yield change, item.title if item else ""


def _partnerships(catalogue: Catalogue) -> tuple[Entry, ...]:
    return partnership_entries(catalogue.partnerships(Filter(limit=MOST)))


NAMES: dict[str, Callable[[Catalogue], tuple[Entry, ...]]] = {
    "news": _news, "changes": _changes, "partnerships": _partnerships,
}  # fmt: skip
