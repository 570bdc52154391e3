"""`partnerships` and what stands behind it: the ledger as a list, as ties, as CSV and GraphML, and a person's word."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import typer

from scraper.cli.options import AsCsv, AsJson, Commands, Config, Debug, SeenSince, SeenUntil
from storage.records.partnership import Action, Instrument

Entry = Annotated[int, typer.Argument(metavar="ID", help="The entry's number.")]
Note = Annotated[str, typer.Option("--note", help="Why, in your words.")]
Drawn = Literal["network", "timeline"]
By = Annotated[str, typer.Option("--by", help="Who says so; else the name you are logged in with.")]

partnerships = Commands(
    name="partnerships", invoke_without_command=True,
    help="The ledger: who, with which instrument, since when, and the sentence that says so.",
)  # fmt: skip


@partnerships.callback()
def listed(
    context: typer.Context,
    config: Config = None,
    source: Annotated[str, typer.Option("--source", help="Only told by this source.")] = "",
    since: SeenSince = "",
    until: SeenUntil = "",
    party: Annotated[str, typer.Option("--party", help="Only with this organisation: name or acronym.")] = "",
    kind: Annotated[str, typer.Option("--kind", help="Only these: renewed, mou, possible, rejected ...")] = "",
    rejected: Annotated[bool, typer.Option("--all", help="Those that a person rejected, too.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many, the newest.")] = 50,
    as_ties: Annotated[bool, typer.Option("--ties", help="Relationships over time in place of single events.")] = False,
    graphml: Annotated[Path | None, typer.Option("--graphml", metavar="FILE", help="Write a graph of them.")] = None,
    picture: Annotated[Path | None, typer.Option("--picture", metavar="FILE.svg", help="Draw them.")] = None,
    drawn: Annotated[Drawn, typer.Option("--as", help="What to draw.")] = "network",
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    debug: Debug = False,
) -> None:
    """The ledger: who, with which instrument, since when, and the sentence that says so."""
    if context.invoked_subcommand is not None:
        context.obj = config
        return
    from scraper.cli import lists, ties
    from scraper.watch.wanted import Wanted

    whole = as_ties or graphml is not None or picture is not None
    asked = limit if not whole or _given(context, "limit") else None
    wanted = Wanted(
        source=source, since=since, until=until, party=party, kind=kind, rejected=rejected, limit=asked
    )  # fmt: skip
    if graphml is not None:
        raise typer.Exit(ties.graph(config, wanted, graphml))
    if picture is not None:
        raise typer.Exit(ties.picture(config, wanted, picture, drawn))
    show = ties.listed if as_ties else lists.partnerships
    raise typer.Exit(show(config, wanted, as_json=as_json, as_csv=as_csv))


@partnerships.command()
def confirm(
    context: typer.Context, entry: Entry, note: Note = "", by: By = "", config: Config = None, as_json: AsJson = False,
) -> int:  # fmt: skip
    """It is so: the entry is sure, whatever the pages leave open. Mails nothing by itself."""
    return _said(context, config, entry, as_json, verb="confirm", note=note, by=by)


@partnerships.command()
def reject(
    context: typer.Context, entry: Entry, note: Note = "", by: By = "", config: Config = None, as_json: AsJson = False,
) -> int:  # fmt: skip
    """It is not so: the entry is kept, stands in lists with --all alone, and nobody is mailed about it any more."""
    return _said(context, config, entry, as_json, verb="reject", note=note, by=by)


@partnerships.command()
def correct(
    context: typer.Context,
    entry: Entry,
    party: Annotated[
        list[str] | None, typer.Option("--party", help='All parties, one option each: "Long Name (ABC)".')
    ] = None,
    instrument: Annotated[str, typer.Option("--instrument", help=", ".join(get_args(Instrument)))] = "",
    action: Annotated[str, typer.Option("--action", help=", ".join(get_args(Action)))] = "",
    date: Annotated[str, typer.Option("--date", help='The day of the act: 2026-01-31, 2026-01, 2026; "none".')] = "",
    since: Annotated[str, typer.Option("--since", help='Since when the tie exists, as a date; "none".')] = "",
    until: Annotated[str, typer.Option("--until", help='When it ends, as a date, or "3 years"; "none".')] = "",
    note: Note = "", by: By = "", config: Config = None, as_json: AsJson = False,
) -> int:  # fmt: skip
    """It is otherwise: these facts hold, whatever the pages say now or later."""
    facts = {"instrument": instrument, "action": action, "date": date, "since": since, "until": until}
    return _said(context, config, entry, as_json, verb="correct", note=note, by=by, facts=facts, parties=party or [])


@partnerships.command()
def merge(
    context: typer.Context, entry: Entry, other: Annotated[int, typer.Argument(metavar="OTHER")], note: Note = "",
    by: By = "", config: Config = None, as_json: AsJson = False,
) -> int:  # fmt: skip
    """Both are one event: ID keeps all pages, and OTHER leads to it."""
    return _said(context, config, entry, as_json, verb="merge", note=note, by=by, other=other)


@partnerships.command()
def split(
    context: typer.Context,
    entry: Entry,
    page: Annotated[str, typer.Option("--page", help="The page that tells of another event.")] = "",
    party: Annotated[list[str] | None, typer.Option("--party", help="A body that is no party of it.")] = None,
    note: Note = "", by: By = "", config: Config = None, as_json: AsJson = False,
) -> int:  # fmt: skip
    """Take a page out, which becomes an entry of its own, or a body that is no party."""
    return _said(context, config, entry, as_json, verb="split", note=note, by=by, page=page, parties=party or [])


def _given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name != "DEFAULT"


def _said(context: typer.Context, config: Path | None, entry: int, as_json: bool, **word: Any) -> int:
    from scraper.cli.word import say

    return say(config or context.obj, entry, as_json=as_json, **word)
