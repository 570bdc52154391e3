"""`search`, `export` and `import`: their options and help. What they do is in `finding` and `giving`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from scraper.cli.options import AsJson, Config, Debug, Kind, Party, SourceOf

Since = Annotated[str, typer.Option("--since", help="First seen from this day or moment on: 2026-01-31.")]
Until = Annotated[str, typer.Option("--until", help="First seen up to, and without, this day or moment.")]
What = Literal["items", "changes", "partnerships", "sources"]

exchange = typer.Typer(add_completion=False, rich_markup_mode=None)


@exchange.command(context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})  # for -without
def search(
    words: Annotated[list[str], typer.Argument(metavar="WORDS", help='Words, "a phrase", -none, one OR two, begin*.')],
    config: Config = None, source: SourceOf = "", since: Since = "", until: Until = "", party: Party = "",
    kind: Kind = "", limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many.")] = 20,
    as_json: AsJson = False, as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    debug: Debug = False,
) -> None:  # fmt: skip
    """Look through the full text of all versions, best answers first.

    Filters may stand among the words, too: source:cocir party:HIMSS since:2026-01-31 until:2026-03-01 kind:withdrawn
    """
    from scraper.cli.finding import search
    from scraper.watch.wanted import Wanted

    wanted = Wanted(source=source, since=since, until=until, party=party, kind=kind, limit=limit)
    raise typer.Exit(search(words, config, wanted, as_json=as_json, as_csv=as_csv))


@exchange.command()
def export(
    what: Annotated[What | None, typer.Argument(metavar="[items|changes|partnerships|sources]")] = None,
    config: Config = None,
    form: Annotated[str, typer.Option("--format", help="jsonl or csv; of sources opml or csv.")] = "",
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Else it is printed.")] = None,
    text: Annotated[bool, typer.Option("--text", help="With items: language and body of the newest version.")] = False,
    warc: Annotated[Path | None, typer.Option("--warc", metavar="FILE", help="Raw answers as a WARC file.")] = None,
    source: SourceOf = "", since: Since = "", until: Until = "", party: Party = "", kind: Kind = "",
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="At most so many, the newest.")] = None,
    debug: Debug = False,
) -> None:  # fmt: skip
    """Give out what was kept: lists for other programs, sources for other readers, raw pages for archives."""
    from scraper.watch.wanted import Wanted

    wanted = Wanted(source=source, since=since, until=until, party=party, kind=kind, limit=limit)
    if warc is not None:
        from scraper.cli.export_warc import export_warc

        raise typer.Exit(export_warc(warc, config, wanted))
    from scraper.cli.giving import export

    raise typer.Exit(export(what or "", config, wanted, form=form, output=output, text=text))


@exchange.command("import")
def take_in(
    file: Annotated[Path, typer.Argument(help="OPML or CSV; - reads standard input.")], config: Config = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be added, write nothing.")] = False,
    as_json: AsJson = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Add the sources of an OPML or CSV file to config.toml; those that are known are left as they are."""
    from scraper.cli.giving import take_in

    raise typer.Exit(take_in(file, config, dry_run=dry_run, as_json=as_json))
