"""What memory holds, as lists and from close by: the options and help of `items`, `search`, `show` and their kin."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scraper.cli.options import (
    AsCsv,
    AsJson,
    Commands,
    Config,
    Item,
    Kind,
    Limit,
    Party,
    SeenSince,
    SeenUntil,
    Since,
    SourceOf,
    Until,
)

reading = Commands()


@reading.command()
def items(
    config: Config = None, source: SourceOf = "", since: Since = "", until: Until = "", party: Party = "",
    kind: Kind = "", limit: Limit = 50, as_json: AsJson = False, as_csv: AsCsv = False,
) -> int:  # fmt: skip
    """Articles, newest first."""
    from scraper.cli import lists
    from scraper.watch.wanted import Wanted

    wanted = Wanted(source=source, since=since, until=until, party=party, kind=kind, limit=limit)
    return lists.listing("items", config, wanted, as_json=as_json, as_csv=as_csv)


@reading.command()
def changes(
    config: Config = None, source: SourceOf = "", since: Since = "", until: Until = "", party: Party = "",
    kind: Kind = "", limit: Limit = 50, as_json: AsJson = False, as_csv: AsCsv = False,
) -> int:  # fmt: skip
    """What happened to articles, newest first."""
    from scraper.cli import lists
    from scraper.watch.wanted import Wanted

    wanted = Wanted(source=source, since=since, until=until, party=party, kind=kind, limit=limit)
    return lists.listing("changes", config, wanted, as_json=as_json, as_csv=as_csv)


@reading.command(context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})  # for -without
def search(
    words: Annotated[list[str], typer.Argument(metavar="WORDS", help='Words, "a phrase", -none, one OR two, begin*.')],
    config: Config = None, source: SourceOf = "", since: SeenSince = "", until: SeenUntil = "", party: Party = "",
    kind: Kind = "", limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many.")] = 20,
    as_json: AsJson = False, as_csv: AsCsv = False,
) -> int:  # fmt: skip
    """Look through the full text of all versions, best answers first.

    Filters may stand among the words, too: source:cocir party:HIMSS since:2026-01-31 until:2026-03-01 kind:withdrawn
    """
    from scraper.cli.finding import search
    from scraper.watch.wanted import Wanted

    wanted = Wanted(source=source, since=since, until=until, party=party, kind=kind, limit=limit)
    return search(words, config, wanted, as_json=as_json, as_csv=as_csv)


@reading.command()
def show(item: Item, config: Config = None, as_json: AsJson = False) -> int:
    """One article: body, quotes, witnesses, changes."""
    from scraper.cli.look import show

    return show(item, config, as_json=as_json)


@reading.command()
def diff(
    item: Item,
    old: Annotated[int | None, typer.Argument(help="The older version; else the last but one.")] = None,
    new: Annotated[int | None, typer.Argument(help="The newer version; else the last.")] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> int:
    """What changed between two versions, word by word."""
    from scraper.cli.look import show_diff

    return show_diff(item, old, new, config, as_json=as_json)


@reading.command()
def explain(item: Item, config: Config = None, as_json: AsJson = False) -> int:
    """Why an alert was, or was not, sent for an article."""
    from scraper.cli.look import explain

    return explain(item, config, as_json=as_json)


@reading.command()
def alerts(
    config: Config = None, source: SourceOf = "", since: Since = "", until: Until = "", kind: Kind = "",
    limit: Limit = 50,
    what_if: Annotated[bool, typer.Option("--what-if", help="What today's rules would have sent.")] = False,
    preview: Annotated[
        str, typer.Option("--preview", metavar="ITEM", help="Write the mail of an item as .eml and .html.")
    ] = "",
    to_dir: Annotated[Path | None, typer.Option("--to-dir", help="Where --preview writes; else previews/.")] = None,
    as_json: AsJson = False, as_csv: AsCsv = False,
) -> int:  # fmt: skip
    """The outbox: what waits, what was sent, what failed."""
    from scraper.cli import alerts, lists
    from scraper.watch.wanted import Wanted

    if preview:
        return alerts.preview(config, preview, to_dir=to_dir, as_json=as_json)
    wanted = Wanted(source=source, since=since, until=until, kind=kind, limit=limit)
    if what_if:
        return alerts.what_if(config, wanted, as_json=as_json, as_csv=as_csv)
    return lists.listing("alerts", config, wanted, as_json=as_json, as_csv=as_csv)
