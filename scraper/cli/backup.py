"""`backup` and `restore`: everything into one file, and back."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from scraper import app
from scraper.cli.face import OK, config_of, console, safe
from scraper.clock import SystemClock
from storage.store import Store
from storage.store import restore as put_back


def backup(file: Path, path: Path | None) -> int:
    config = config_of(path)
    with closing(Store(config.storage.url, config.storage.archive)) as store:
        saved = store.backup(file, now=SystemClock().now())
    size = file.stat().st_size / 1e6
    console().print(f"wrote {safe(str(file))}: {saved.rows} rows, {saved.bodies} raw pages, {size:.1f} MB")
    return OK


def restore(file: Path, path: Path | None) -> int:
    config = config_of(path)
    saved = put_back(config.storage.url, config.storage.archive, file)
    app.open_store(config).close()
    console().print(f"restored {saved.rows} rows and {saved.bodies} raw pages; next: `accordwatch doctor`")
    return OK
