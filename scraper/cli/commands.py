"""The commands, their options and help. What a command does is in its own file, loaded only when it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from scraper.cli.exchange import exchange
from scraper.cli.ledger import partnerships
from scraper.cli.options import AsCsv, AsJson, Config, Debug, Kind, Limit, Party, Since, SourceOf, Until
from scraper.cli.serving import serving

app = typer.Typer(
    name="accordwatch",
    help="Watch the news of associations; be told when a partnership is announced.",
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.add_typer(partnerships)
for each in (exchange, serving):  # without a name: their commands are ours
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
    debug: Debug = False,
) -> None:
    """Write a commented config.toml; never overwrites."""
    from scraper.cli.setup import init

    raise typer.Exit(init(config, yes=yes, contact=contact, recipient=recipient, sender=sender, smtp_host=smtp_host))


@app.command()
def demo(
    folder: Annotated[Path, typer.Option("--dir", help="Where database, archive and mails go.")] = Path(
        "accordwatch-demo"
    ),
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """The whole program on a small site on this machine, in under a minute."""
    from scraper.cli.demo import demo

    raise typer.Exit(demo(folder, as_json=as_json))


@app.command()
def add(
    what: Annotated[
        str, typer.Argument(metavar="URL-or-NAME", help="A news page, or an association of the catalogue.")
    ],
    config: Config = None,
    name: Annotated[str, typer.Option(help="What to call the source.")] = "",
    page: Annotated[bool, typer.Option("--page", help='A page of names ("Our partners"), and no news.')] = False,
    untried: Annotated[bool, typer.Option("--untried", help="Write it even if it cannot be looked at now.")] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Find feed, sitemap or listing behind an address and write the source into config.toml."""
    from scraper.cli.add import add

    raise typer.Exit(add(what, config, name=name, untried=untried, as_json=as_json, page=page))


@app.command()
def status(
    names: Annotated[list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Ids or names; else all.")] = None,
    config: Config = None, as_json: AsJson = False, debug: Debug = False,
) -> None:  # fmt: skip
    """How each source stands, since when it is complete, with which gaps. Exit 1 when something needs a person."""
    from scraper.cli.status import status

    raise typer.Exit(status(tuple(names or ()), config, as_json=as_json))


@app.command("check-sources")
def check_sources(
    names: Annotated[list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Ids or names; else all.")] = None,
    config: Config = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Try a failing source's other addresses in the catalogue; write what works.")
    ] = False,
    as_json: AsJson = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Try every source now without storing, and say what to do about those that fail."""
    from scraper.cli.check_sources import check_sources

    raise typer.Exit(check_sources(tuple(names or ()), config, fix=fix, as_json=as_json))


@app.command()
def remove(
    source: Annotated[str, typer.Argument(help="The source's id.")], config: Config = None, debug: Debug = False
) -> None:
    """Take a source out of config.toml; its items are kept."""
    from scraper.cli.add import remove

    raise typer.Exit(remove(source, config))


@app.command()
def pause(
    source: Annotated[str, typer.Argument(help="The source's id.")], config: Config = None, debug: Debug = False
) -> None:
    """Stop looking at a source; its items are kept."""
    from scraper.cli.add import switch

    raise typer.Exit(switch(source, config, "enabled", False))


@app.command()
def resume(
    source: Annotated[str, typer.Argument(help="The source's id.")], config: Config = None, debug: Debug = False
) -> None:
    """Go on looking at a source that was paused."""
    from scraper.cli.add import switch

    raise typer.Exit(switch(source, config, "enabled", True))


@app.command()
def mute(
    source: Annotated[str, typer.Argument(help="The source's id.")], config: Config = None,
    off: Annotated[bool, typer.Option("--off", help="Tell of it again.")] = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Go on watching a source, and tell nobody of it."""
    from scraper.cli.add import switch

    raise typer.Exit(switch(source, config, "muted", not off))


@app.command()
def crawl(
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="SOURCE", help="Source ids; all when none is named.")
    ] = None,
    config: Config = None,
    recheck: Annotated[bool, typer.Option("--recheck", help="Look at every known article, too.")] = False,
    since: Annotated[str, typer.Option("--since", help="Widen the first look back to this day.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the verdicts, write nothing.")] = False,
    no_deliver: Annotated[bool, typer.Option("--no-deliver", help="Leave the alerts in the outbox.")] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """One crawl now: discover, fetch, read, compare, store, deliver."""
    from scraper.cli.crawl import crawl

    raise typer.Exit(
        crawl(
            tuple(sources or ()), config, recheck=recheck, since=since, dry_run=dry_run, deliver=not no_deliver,
            as_json=as_json,
        )
    )  # fmt: skip


@app.command()
def inspect(
    what: Annotated[str, typer.Argument(metavar="URL-or-FILE")],
    config: Config = None,
    url: Annotated[str, typer.Option("--url", help="The address a file came from.")] = "",
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """What would be read from one page. Stores nothing."""
    from scraper.cli.inspect import inspect

    raise typer.Exit(inspect(what, config, url=url, as_json=as_json))


@app.command()
def ingest(
    given: Annotated[
        list[str], typer.Argument(metavar="FILE-or-URL", help="Mails (.eml), PDFs, pages; - reads stdin.")
    ],
    config: Config = None,
    source: Annotated[str, typer.Option("--source", help="Whose news it is; else found by sender or address.")] = "",
    url: Annotated[str, typer.Option("--url", help="The address a file came from.")] = "",
    no_deliver: Annotated[bool, typer.Option("--no-deliver", help="Leave the alerts in the outbox.")] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Take a mail, a PDF or a page in as an item."""
    from scraper.cli.ingest import ingest

    raise typer.Exit(ingest(tuple(given), config, source=source, url=url, deliver=not no_deliver, as_json=as_json))


@app.command()
def politeness(config: Config = None, as_json: AsJson = False, debug: Debug = False) -> None:
    """What each host was asked, against what was allowed."""
    from scraper.cli.politeness import politeness

    raise typer.Exit(politeness(config, as_json=as_json))


@app.command()
def items(
    config: Config = None, source: SourceOf = "", since: Since = "", until: Until = "", party: Party = "",
    kind: Kind = "", limit: Limit = 50, as_json: AsJson = False, as_csv: AsCsv = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Articles, newest first."""
    from scraper.cli import lists
    from scraper.watch.wanted import Wanted

    wanted = Wanted(source=source, since=since, until=until, party=party, kind=kind, limit=limit)
    raise typer.Exit(lists.items(config, wanted, as_json=as_json, as_csv=as_csv))


@app.command()
def changes(
    config: Config = None, source: SourceOf = "", since: Since = "", until: Until = "", party: Party = "",
    kind: Kind = "", limit: Limit = 50, as_json: AsJson = False, as_csv: AsCsv = False, debug: Debug = False,
) -> None:  # fmt: skip
    """What happened to articles, newest first."""
    from scraper.cli import lists
    from scraper.watch.wanted import Wanted

    wanted = Wanted(source=source, since=since, until=until, party=party, kind=kind, limit=limit)
    raise typer.Exit(lists.changes(config, wanted, as_json=as_json, as_csv=as_csv))


@app.command()
def sources(
    config: Config = None,
    catalogue: Annotated[bool, typer.Option("--catalogue", help="Those that come with the program.")] = False,
    as_json: AsJson = False, as_csv: AsCsv = False, debug: Debug = False,
) -> None:  # fmt: skip
    """The sources that are watched, or could be."""
    from scraper.cli import lists

    show = lists.catalogue if catalogue else lists.sources
    raise typer.Exit(show(config, as_json=as_json, as_csv=as_csv))


@app.command()
def alerts(
    config: Config = None, source: SourceOf = "", since: Since = "", until: Until = "", kind: Kind = "",
    limit: Limit = 50,
    what_if: Annotated[bool, typer.Option("--what-if", help="What today's rules would have sent.")] = False,
    preview: Annotated[
        str, typer.Option("--preview", metavar="ITEM", help="Write the mail of an item as .eml and .html.")
    ] = "",
    to_dir: Annotated[Path | None, typer.Option("--to-dir", help="Where --preview writes; else previews/.")] = None,
    as_json: AsJson = False, as_csv: AsCsv = False, debug: Debug = False,
) -> None:  # fmt: skip
    """The outbox: what waits, what was sent, what failed."""
    from scraper.cli import alerts
    from scraper.watch.wanted import Wanted

    if preview:
        raise typer.Exit(alerts.preview(config, preview, to_dir=to_dir, as_json=as_json))
    wanted = Wanted(source=source, since=since, until=until, kind=kind, limit=limit)
    show = alerts.what_if if what_if else alerts.alerts
    raise typer.Exit(show(config, wanted, as_json=as_json, as_csv=as_csv))


@app.command()
def feeds(
    config: Config = None,
    to_dir: Annotated[Path | None, typer.Option("--to-dir", help="Where; else [feeds] folder, else feeds/.")] = None,
    as_json: AsJson = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Write Atom and JSON Feed files of news, changes and partnerships."""
    from scraper.cli import alerts

    raise typer.Exit(alerts.feeds(config, to_dir=to_dir, as_json=as_json))


@app.command()
def show(
    item: Annotated[str, typer.Argument(metavar="ITEM", help="An id or an address.")],
    config: Config = None, as_json: AsJson = False, debug: Debug = False,
) -> None:  # fmt: skip
    """One article: body, quotes, witnesses, changes."""
    from scraper.cli.look import show

    raise typer.Exit(show(item, config, as_json=as_json))


@app.command()
def diff(
    item: Annotated[str, typer.Argument(metavar="ITEM", help="An id or an address.")],
    old: Annotated[int | None, typer.Argument(help="The older version; else the last but one.")] = None,
    new: Annotated[int | None, typer.Argument(help="The newer version; else the last.")] = None,
    config: Config = None, as_json: AsJson = False, debug: Debug = False,
) -> None:  # fmt: skip
    """What changed between two versions, word by word."""
    from scraper.cli.look import show_diff

    raise typer.Exit(show_diff(item, old, new, config, as_json=as_json))


@app.command()
def explain(
    item: Annotated[str, typer.Argument(metavar="ITEM", help="An id or an address.")],
    config: Config = None, as_json: AsJson = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Why an alert was, or was not, sent for an article."""
    from scraper.cli.look import explain

    raise typer.Exit(explain(item, config, as_json=as_json))


@app.command()
def deliver(
    config: Config = None,
    to_dir: Annotated[Path | None, typer.Option("--to-dir", help="Write mails there in place of sending.")] = None,
    as_json: AsJson = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Send what is due in the outbox."""
    from scraper.cli.crawl import deliver

    raise typer.Exit(deliver(config, to_dir=to_dir, as_json=as_json))


@app.command()
def reparse(
    config: Config = None, source: SourceOf = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would differ, write nothing.")] = False,
    as_json: AsJson = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Read the archive again with today's reader. Alerts nobody."""
    from scraper.cli.reparse import rerun

    raise typer.Exit(rerun(config, source=source, dry_run=dry_run, as_json=as_json))


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where to; never overwritten.")], config: Config = None,
    debug: Debug = False,
) -> None:  # fmt: skip
    """Database and archive into one file, while all goes on."""
    from scraper.cli.backup import backup

    raise typer.Exit(backup(file, config))


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What backup wrote.")], config: Config = None, debug: Debug = False
) -> None:
    """Put a backup back into a database that holds nothing yet, SQLite or PostgreSQL."""
    from scraper.cli.backup import restore

    raise typer.Exit(restore(file, config))


@app.command()
def doctor(
    config: Config = None,
    send_test: Annotated[str, typer.Option("--send-test", metavar="ADDRESS", help="Send one test mail there.")] = "",
    deep: Annotated[bool, typer.Option("--deep", help="Read all of database and archive.")] = False,
    ask: Annotated[str, typer.Option("--ask", metavar="URL", help="Ask there in place of a source.")] = "",
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Test configuration, database, archive, clock, network and mail, and say what to do."""
    from scraper.cli.doctor import doctor

    raise typer.Exit(doctor(config, send_test=send_test, deep=deep, ask=ask, as_json=as_json))
