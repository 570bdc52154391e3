"""What goes out of memory and in: the options and help of `export`, `import`, `feeds`, `backup` and `restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from scraper.cli.options import AsJson, Commands, Config, Kind, Party, SeenSince, SeenUntil, SourceOf

What = Literal["items", "changes", "partnerships", "sources"]

exchange = Commands()


@exchange.command()
def export(
    what: Annotated[What | None, typer.Argument(metavar="[items|changes|partnerships|sources]")] = None,
    config: Config = None,
    form: Annotated[str, typer.Option("--format", help="jsonl or csv; of sources opml or csv.")] = "",
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Else it is printed.")] = None,
    text: Annotated[bool, typer.Option("--text", help="With items: language and body of the newest version.")] = False,
    warc: Annotated[Path | None, typer.Option("--warc", metavar="FILE", help="Raw answers as a WARC file.")] = None,
    source: SourceOf = "", since: SeenSince = "", until: SeenUntil = "", party: Party = "", kind: Kind = "",
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="At most so many, the newest.")] = None,
) -> int:  # fmt: skip
    """Give out what was kept: lists for other programs, sources for other readers, raw pages for archives."""
    from scraper.watch.wanted import Wanted

    wanted = Wanted(
        source=source, since=since, until=until, party=party, kind=kind, rejected=True, limit=limit
    )  # fmt: skip
    if warc is not None:
        from scraper.cli.export_warc import export_warc

        return export_warc(warc, config, wanted)
    from scraper.cli.giving import export

    return export(what or "", config, wanted, form=form, output=output, text=text)


@exchange.command("import")
def take_in(
    file: Annotated[Path, typer.Argument(help="OPML or CSV; - reads standard input.")], config: Config = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be added, write nothing.")] = False,
    as_json: AsJson = False,
) -> int:  # fmt: skip
    """Add the sources of an OPML or CSV file to config.toml; those that are known are left as they are."""
    from scraper.cli.giving import take_in

    return take_in(file, config, dry_run=dry_run, as_json=as_json)


@exchange.command()
def feeds(
    config: Config = None,
    to_dir: Annotated[Path | None, typer.Option("--to-dir", help="Where; else [feeds] folder, else feeds/.")] = None,
    as_json: AsJson = False,
) -> int:
    """Write Atom and JSON Feed files of news, changes and partnerships."""
    from scraper.cli import alerts

    return alerts.feeds(config, to_dir=to_dir, as_json=as_json)


@exchange.command()
def backup(file: Annotated[Path, typer.Argument(help="Where to; never overwritten.")], config: Config = None) -> int:
    """Database and archive into one file, while all goes on."""
    from scraper.cli.backup import backup

    return backup(file, config)


@exchange.command()
def restore(file: Annotated[Path, typer.Argument(help="What backup wrote.")], config: Config = None) -> int:
    """Put a backup back into a database that holds nothing yet, SQLite or PostgreSQL."""
    from scraper.cli.backup import restore

    return restore(file, config)
