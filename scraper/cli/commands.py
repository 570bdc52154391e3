"""The commands, their options and help, by what they are for. What a command does is in its own file, loaded only when
it runs; here stand those that begin, run once and test the whole program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from scraper.cli.exchange import exchange
from scraper.cli.ledger import partnerships
from scraper.cli.options import Address, AsJson, Commands, Config, Debug, NoDeliver, SourceOf
from scraper.cli.reading import reading
from scraper.cli.serving import serving
from scraper.cli.sourcing import sourcing

app = Commands(
    name="accordwatch",
    help="Watch the news of associations; be told when a partnership is announced.",
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for each in (sourcing, reading, partnerships, exchange, serving):  # those without a name: their commands are ours
    app.add_typer(each)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"accordwatch {version('accordwatch')}")
        raise typer.Exit


def _defaults(command: Any, config: str) -> dict[str, Any]:
    """That configuration for each command, and for the commands of a command."""
    within = getattr(command, "commands", {}).items()
    return {name: {"config": config} | _defaults(each, config) for name, each in within}


@app.callback(invoke_without_command=True)
def bare(
    context: typer.Context,
    config: Config = None,
    debug: Debug = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Watch the news of associations; be told when a partnership is announced.

    Without a command: how things stand, and the next sensible step.
    """
    if config is not None:  # named before the command: it holds for the command as well
        context.default_map = _defaults(context.command, str(config))
    if context.invoked_subcommand is None:
        from scraper.cli.overview import overview

        raise typer.Exit(overview(config))


@app.command()
def init(
    config: Config = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing; take options and defaults.")] = False,
    contact: Annotated[str, typer.Option(help="Your address, told to the sites.")] = "",
    recipient: Annotated[str, typer.Option(help="Who gets the alerts.")] = "",
    sender: Annotated[str, typer.Option(help="The address mails come from.")] = "",
    smtp_host: Annotated[str, typer.Option(help="Mail server; without one mails are written to a folder.")] = "",
) -> int:
    """Write a commented config.toml; never overwrites."""
    from scraper.cli.setup import init

    return init(config, yes=yes, contact=contact, recipient=recipient, sender=sender, smtp_host=smtp_host)


@app.command()
def demo(
    folder: Annotated[Path, typer.Option("--dir", help="Where database, archive and mails go.")] = Path(
        "accordwatch-demo"
    ),
    as_json: AsJson = False,
) -> int:
    """The whole program on a small site on this machine, in under a minute."""
    from scraper.cli.demo import demo

    return demo(folder, as_json=as_json)


@app.command()
def crawl(
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="SOURCE", help="Source ids; all when none is named.")
    ] = None,
    config: Config = None,
    recheck: Annotated[bool, typer.Option("--recheck", help="Look at every known article, too.")] = False,
    since: Annotated[str, typer.Option("--since", help="Widen the first look back to this day.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the verdicts, write nothing.")] = False,
    no_deliver: NoDeliver = False,
    as_json: AsJson = False,
) -> int:
    """One crawl now: discover, fetch, read, compare, store, deliver."""
    from scraper.cli.crawl import crawl

    names, deliver = tuple(sources or ()), not no_deliver
    return crawl(names, config, recheck=recheck, since=since, dry_run=dry_run, deliver=deliver, as_json=as_json)


@app.command()
def inspect(
    what: Annotated[str, typer.Argument(metavar="URL-or-FILE")],
    config: Config = None,
    url: Address = "",
    as_json: AsJson = False,
) -> int:
    """What would be read from one page. Stores nothing."""
    from scraper.cli.inspect import inspect

    return inspect(what, config, url=url, as_json=as_json)


@app.command()
def ingest(
    given: Annotated[
        list[str], typer.Argument(metavar="FILE-or-URL", help="Mails (.eml), PDFs, pages; - reads stdin.")
    ],
    config: Config = None,
    source: Annotated[str, typer.Option("--source", help="Whose news it is; else found by sender or address.")] = "",
    url: Address = "",
    no_deliver: NoDeliver = False,
    as_json: AsJson = False,
) -> int:
    """Take a mail, a PDF or a page in as an item."""
    from scraper.cli.ingest import ingest

    return ingest(tuple(given), config, source=source, url=url, deliver=not no_deliver, as_json=as_json)


@app.command()
def deliver(
    config: Config = None,
    to_dir: Annotated[Path | None, typer.Option("--to-dir", help="Write mails there in place of sending.")] = None,
    as_json: AsJson = False,
) -> int:
    """Send what is due in the outbox."""
    from scraper.cli.crawl import deliver

    return deliver(config, to_dir=to_dir, as_json=as_json)


@app.command()
def reparse(
    config: Config = None,
    source: SourceOf = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would differ, write nothing.")] = False,
    as_json: AsJson = False,
) -> int:
    """Read the archive again with today's reader. Alerts nobody."""
    from scraper.cli.reparse import rerun

    return rerun(config, source=source, dry_run=dry_run, as_json=as_json)


@app.command()
def doctor(
    config: Config = None,
    send_test: Annotated[str, typer.Option("--send-test", metavar="ADDRESS", help="Send one test mail there.")] = "",
    deep: Annotated[bool, typer.Option("--deep", help="Read all of database and archive.")] = False,
    ask: Annotated[str, typer.Option("--ask", metavar="URL", help="Ask there in place of a source.")] = "",
    as_json: AsJson = False,
) -> int:
    """Test configuration, database, archive, clock, network and mail, and say what to do."""
    from scraper.cli.doctor import doctor

    return doctor(config, send_test=send_test, deep=deep, ask=ask, as_json=as_json)
