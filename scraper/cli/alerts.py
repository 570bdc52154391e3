"""`alerts` beyond its list: what today's rules would have sent, how the mail of an item looks; and `feeds`."""

from __future__ import annotations

from pathlib import Path

from scraper import shapes
from scraper.app import App, policies
from scraper.cli.face import NEEDS_A_PERSON, OK, config_of, console, print_json, safe
from scraper.cli.lists import shown
from scraper.cli.session import asking, at_work
from scraper.errors import UserError
from scraper.watch.answers import find
from scraper.watch.replay import replayed
from scraper.watch.wanted import Wanted

PREVIEWS = "previews"  # beside config.toml


def what_if(path: Path | None, wanted: Wanted, *, as_json: bool, as_csv: bool) -> int:
    """Today's rules over the recorded past; whether each alert was in fact made stands beside it."""
    with asking(path) as (config, catalogue):
        made = {(row.alert.key, row.alert.channel, row.alert.to) for row in catalogue.deliveries(wanted.everything())}
        told = [
            {**shapes.alert_json(alert), "made": (alert.key, alert.channel, alert.to) in made}
            for alert in replayed(catalogue, policies(config), wanted.filter("alerts"))
            if wanted.kind in ("", alert.kind)
        ]
    found = told[::-1][: wanted.limit]
    columns = {"when": "at", "mode": "mode", "rule": "rule", "to": "to", "made": "made", "subject": "subject"}
    none = "these rules would have sent nothing of what is recorded"
    return shown(found, columns, none, as_json=as_json, as_csv=as_csv)


def preview(path: Path | None, item: str, *, to_dir: Path | None, as_json: bool) -> int:
    """The mails an item makes, as .eml and .html files."""
    config = config_of(path)
    folder = (to_dir or config.path.parent / PREVIEWS).absolute()

    try:
        files = at_work(config, lambda app: app.preview(find(app.catalogue(), item)), to_dir=folder, inline=True)
    except KeyError as error:
        raise UserError(f"item {item}", "is of a source that left config.toml", "put the source back") from error
    if as_json:
        print_json({"item": item, "files": [name for file in files for name in (file, _html(file))]})
    else:
        for file in files:
            console().print(f"wrote {safe(file)}\n  and {safe(_html(file))}")
        console().print("" if files else "nothing of it would make a mail")
    return OK if all(Path(file).exists() for file in files) else NEEDS_A_PERSON


def _html(file: str) -> str:
    return str(Path(file).with_suffix(".html"))


def feeds(path: Path | None, *, to_dir: Path | None, as_json: bool) -> int:
    """Atom, RSS and JSON Feed files of news, changes and partnerships."""
    config = config_of(path)
    folder = (to_dir or config.feeds.folder or config.path.parent / "feeds").absolute()

    async def written(app: App) -> list[str]:
        return [str(file) for file in app.write_feeds(folder)]

    files = at_work(config, written, inline=True)
    if as_json:
        print_json(files)
    else:
        for file in files:
            console().print(f"wrote {safe(file)}")
    return OK
