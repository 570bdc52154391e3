"""Which sources are watched and how they stand: the options and help of `add`, `status` and their kin."""

from __future__ import annotations

from typing import Annotated

import typer

from scraper.cli.options import AsCsv, AsJson, Commands, Config, Named, SourceId

sourcing = Commands()


@sourcing.command()
def add(
    what: Annotated[
        str, typer.Argument(metavar="URL-or-NAME", help="A news page, or an association of the catalogue.")
    ],
    config: Config = None,
    name: Annotated[str, typer.Option(help="What to call the source.")] = "",
    page: Annotated[bool, typer.Option("--page", help='A page of names ("Our partners"), and no news.')] = False,
    untried: Annotated[bool, typer.Option("--untried", help="Write it even if it cannot be looked at now.")] = False,
    as_json: AsJson = False,
) -> int:
    """Find feed, sitemap or listing behind an address and write the source into config.toml."""
    from scraper.cli.add import add

    return add(what, config, name=name, untried=untried, as_json=as_json, page=page)


@sourcing.command()
def sources(
    config: Config = None,
    catalogue: Annotated[bool, typer.Option("--catalogue", help="Those that come with the program.")] = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> int:
    """The sources that are watched, or could be."""
    from scraper.cli import lists

    show = lists.catalogue if catalogue else lists.sources
    return show(config, as_json=as_json, as_csv=as_csv)


@sourcing.command()
def status(names: Named = None, config: Config = None, as_json: AsJson = False) -> int:
    """How each source stands, since when it is complete, with which gaps. Exit 1 when something needs a person."""
    from scraper.cli.status import status

    return status(tuple(names or ()), config, as_json=as_json)


@sourcing.command("check-sources")
def check_sources(
    names: Named = None,
    config: Config = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Try a failing source's other addresses in the catalogue; write what works.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Try every source now without storing, and say what to do about those that fail."""
    from scraper.cli.check_sources import check_sources

    return check_sources(tuple(names or ()), config, fix=fix, as_json=as_json)


@sourcing.command()
def politeness(config: Config = None, as_json: AsJson = False) -> int:
    """What each host was asked, against what was allowed."""
    from scraper.cli.politeness import politeness

    return politeness(config, as_json=as_json)


@sourcing.command()
def remove(source: SourceId, config: Config = None) -> int:
    """Take a source out of config.toml; its items are kept."""
    from scraper.cli.add import remove

    return remove(source, config)


@sourcing.command()
def pause(source: SourceId, config: Config = None) -> int:
    """Stop looking at a source; its items are kept."""
    from scraper.cli.add import switch

    return switch(source, config, "enabled", False)


@sourcing.command()
def resume(source: SourceId, config: Config = None) -> int:
    """Go on looking at a source that was paused."""
    from scraper.cli.add import switch

    return switch(source, config, "enabled", True)


@sourcing.command()
def mute(
    source: SourceId,
    config: Config = None,
    off: Annotated[bool, typer.Option("--off", help="Tell of it again.")] = False,
) -> int:
    """Go on watching a source, and tell nobody of it."""
    from scraper.cli.add import switch

    return switch(source, config, "muted", not off)
