"""What the declarations of commands share: how a command is declared, and the options and arguments of several."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

Config = Annotated[
    Path | None, typer.Option("--config", help="The configuration; else $ACCORDWATCH_CONFIG, else ./config.toml.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks.")]
SourceOf = Annotated[str, typer.Option("--source", help="Only this source.")]
Since = Annotated[str, typer.Option("--since", help="From this day or moment on: 2026-01-31.")]
Until = Annotated[str, typer.Option("--until", help="Up to, and without, this day or moment.")]
SeenSince = Annotated[str, typer.Option("--since", help="First seen from this day or moment on: 2026-01-31.")]
SeenUntil = Annotated[str, typer.Option("--until", help="First seen up to, and without, this day or moment.")]
Party = Annotated[str, typer.Option("--party", help="Only of this organisation: name or acronym.")]
Kind = Annotated[str, typer.Option("--kind", help="Only these: edited, withdrawn, renewed, mou, failed ...")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=10**9, help="At most so many, the newest.")]
Address = Annotated[str, typer.Option("--url", help="The address a file came from.")]
NoDeliver = Annotated[bool, typer.Option("--no-deliver", help="Leave the alerts in the outbox.")]
Item = Annotated[str, typer.Argument(metavar="ITEM", help="An id or an address.")]
Named = Annotated[list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Ids or names; else all.")]
SourceId = Annotated[str, typer.Argument(help="The source's id.")]
Bind = Annotated[str, typer.Option("--bind", metavar="HOST:PORT", help="Where the dashboard listens.")]
LogFormat = Annotated[str, typer.Option("--log-format", help="console for people, json for machines.")]
LogLevel = Annotated[str, typer.Option("--log-level", help="debug tells of every look.")]
MetricsAt = Annotated[str, typer.Option("--metrics", metavar="HOST:PORT", help="Serve /metrics and /healthz.")]
Command = TypeVar("Command", bound=Callable[..., Any])


class Commands(typer.Typer):
    """Commands whose functions give the exit code; each has --debug, too, which the entry point looks for."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(add_completion=False, rich_markup_mode=None, **settings)

    def command(self, *args: Any, **settings: Any) -> Callable[[Command], Command]:
        """As Typer declares a command."""
        declare = super().command(*args, **settings)

        def declared(function: Command) -> Command:
            declare(_ended(function))
            return function

        return declared


def _ended(function: Callable[..., int]) -> Callable[..., int]:
    """The command as Typer wants it: it takes what the entry point reads, too, and an exception says how it ended."""

    @wraps(function)
    def run(*, debug: bool, **given: Any) -> int:
        raise typer.Exit(function(**given))

    own = inspect.signature(function, eval_str=True)
    more = inspect.Parameter("debug", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Debug)
    run.__signature__ = own.replace(parameters=[*own.parameters.values(), more])  # type: ignore[attr-defined]
    return run
