"""`init`: a commented config.toml from the packaged template, with a person's answers in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import typer
from rich.markup import escape

from scraper.cli.face import OK, config_path, console, on_disk, safe
from scraper.config import values
from scraper.config.template import template
from scraper.errors import ConfigError


def init(path: Path | None, *, yes: bool, contact: str, recipient: str, sender: str, smtp_host: str) -> int:
    """Write the file. Raises ConfigError when there is one already or the folder cannot be written."""
    target = config_path(path)
    if target.exists():
        raise ConfigError(str(target), "is there already and is never overwritten", "edit it, or name another --config")
    if not yes:
        contact = contact or _asked("Your address, told to the sites you read", "", values.contact)
        mailbox = contact if values.is_mailbox(contact) else ""
        recipient = recipient or _asked("Who gets the alerts", mailbox, values.mailbox)
        smtp_host = smtp_host or typer.prompt("Mail server (empty: mails are written to a folder)", default="")
    text = template(contact, recipient, sender=sender or recipient or contact, host=smtp_host)
    with on_disk(target, "choose a folder that can be written", ConfigError):
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    out = console()
    out.print(f"wrote {safe(str(target))}")
    if not contact or not recipient:
        out.print(escape("set [fetch] contact and [people.analyst] address in it before the first crawl"))
    out.print("next: `accordwatch doctor`, `accordwatch add URL`, `accordwatch crawl`")
    return OK


def _asked(question: str, default: str, check: Callable[[object], str]) -> str:
    """The answer of a person; one that cannot be used is asked for again at once."""

    def fit(answer: str) -> str:
        try:
            return check(answer)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None

    answer: str = typer.prompt(question, default=default, value_proc=fit)
    return answer
