"""`web --add-user`, `--add-token`, `--remove-user`: who may log in, written into config.toml as hashes."""

from __future__ import annotations

import secrets
import sys
from getpass import getpass
from pathlib import Path

from scraper.cli.face import OK, config_of, console, safe
from scraper.config import Config
from scraper.config.edit import rewrite, set_user
from scraper.config.values import user_name
from scraper.errors import ConfigError
from scraper.web.login import SHORTEST, hashed, token_hash


def change_user(path: Path | None, *, add: str, token: str, remove: str) -> int:
    """Do what is named, one after the other. Raises ConfigError; a password is asked for, or read from a pipe."""
    config = config_of(path)
    if add:
        _set(config, add, password=hashed(_password(_name(add))))
        console().print(f"{safe(add)} may log in")
    if token:
        word = secrets.token_urlsafe(32)
        _set(config, _name(token), token=token_hash(word))
        console().print(f"the token of {safe(token)}, shown this once:\n{word}")
    if remove:
        rewrite(config.path, lambda text: set_user(text, remove, None))
        console().print(f"{safe(remove)} may log in no more")
    return OK


def _set(config: Config, name: str, **settings: str) -> None:
    rewrite(config.path, lambda text: set_user(text, name, settings))


def _name(name: str) -> str:
    try:
        return user_name(name)
    except ValueError as error:
        raise ConfigError("name", str(error)) from None


def _password(name: str) -> str:
    asked = sys.stdin.isatty()
    word = getpass(f"password for {name}: ") if asked else sys.stdin.readline().rstrip("\r\n")
    if len(word) < SHORTEST:
        raise ConfigError("password", f"has {len(word)} characters", f"take at least {SHORTEST}: a few words do well")
    if asked and getpass("once more: ") != word:
        raise ConfigError("password", "was typed in two ways", "try again")
    return word
