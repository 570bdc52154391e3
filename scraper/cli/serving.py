"""`run`, `worker` and `web`: their options and help. What they do is in `run` and `web`."""

from __future__ import annotations

from typing import Annotated

import typer

from scraper.cli.options import Bind, Commands, Config, LogFormat, LogLevel, MetricsAt

serving = Commands()


@serving.command()
def run(
    config: Config = None, log_format: LogFormat = "console", log_level: LogLevel = "info", metrics: MetricsAt = "",
    web: Annotated[bool, typer.Option("--web", help="Serve the dashboard, too.")] = False, bind: Bind = "",
) -> int:  # fmt: skip
    """The daemon: look at each source when it is due, deliver what is due, until it is stopped."""
    from scraper.cli.run import Telling, run

    telling = Telling(log_format=log_format, log_level=log_level, metrics=metrics)
    return run(config, telling, web=web, bind=bind)


@serving.command()
def worker(
    config: Config = None,
    hosts: Annotated[
        int | None, typer.Option("--hosts", min=1, max=1000, help="Asked at the same time; else [fetch] max_hosts.")
    ] = None,
    log_format: LogFormat = "console", log_level: LogLevel = "info", metrics: MetricsAt = "",
) -> int:  # fmt: skip
    """Take visits that a daemon hands out through PostgreSQL, on this machine or another, until it is stopped."""
    from scraper.cli.run import Telling, work

    return work(config, Telling(log_format=log_format, log_level=log_level, metrics=metrics), hosts=hosts)


@serving.command()
def web(
    config: Config = None,
    bind: Bind = "",
    add_user: Annotated[str, typer.Option(metavar="NAME", help="Let this person log in; asks for a password.")] = "",
    add_token: Annotated[str, typer.Option(metavar="NAME", help="Make that user a token for the API.")] = "",
    remove_user: Annotated[str, typer.Option(metavar="NAME", help="Let this person in no more.")] = "",
) -> int:
    """The dashboard: what is new, the ledger, sources and alerts, in a browser."""
    from scraper.cli import web as page

    if add_user or add_token or remove_user:
        from scraper.cli.users import change_user

        return change_user(config, add=add_user, token=add_token, remove=remove_user)
    return page.web(config, bind=bind)
