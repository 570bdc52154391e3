"""A new config.toml for `init`: the packaged template with a person's answers filled in, every comment kept."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import Any

import tomlkit

from scraper.config import values
from scraper.errors import ConfigError


def packaged() -> str:
    """The template as it comes with the program."""
    return files("scraper.config").joinpath("template.toml").read_text(encoding="utf-8")


def template(contact: str = "", recipient: str = "", *, sender: str = "", host: str = "") -> str:
    """The text of a new config.toml. What is empty stays the placeholder; a `host` switches mail from files to SMTP.

    Raises ConfigError for an answer that is no address.
    """
    answers: tuple[tuple[str, tuple[str, ...], Callable[[object], str], str], ...] = (
        ("contact", ("fetch", "contact"), values.contact, contact),
        ("recipient", ("people", "analyst", "address"), values.mailbox, recipient),
        ("sender", ("mail", "sender"), values.mailbox, sender),
    )
    document = tomlkit.parse(packaged())
    for name, path, check, answer in answers:
        if answer:
            _put(document, path, _checked(name, check, answer))
    if host:
        _put(document, ("mail", "transport"), "smtp")
        _put(document, ("mail", "host"), host)
    return tomlkit.dumps(document)


def _checked(name: str, check: Callable[[object], str], answer: str) -> str:
    try:
        return check(answer)
    except ValueError as error:
        raise ConfigError(name, str(error)) from None


def _put(document: tomlkit.TOMLDocument, path: tuple[str, ...], value: str) -> None:
    table: Any = document
    for key in path[:-1]:
        table = table[key]
    old, new = table[path[-1]], tomlkit.item(value)
    new.trivia.comment_ws = " " * max(2, len(old.trivia.comment_ws) + len(old.as_string()) - len(new.as_string()))
    new.trivia.comment = old.trivia.comment.replace("SET THIS: ", "")
    table[path[-1]] = new
