"""`doctor`: test all that the program stands on, say what is wrong and what to do; and send a test mail."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from scraper.app import open_store, running
from scraper.cli.face import NEEDS_A_PERSON, OK, config_of, console, safe
from scraper.config import Config
from scraper.errors import ConfigError, UserError

OLDEST_CLOCK = datetime(2026, 1, 1, tzinfo=UTC)
Finding = tuple[str, bool, str]


def doctor(path: Path | None, *, send_test: str) -> int:
    """One line a test; exit code 1 when one of them fails."""
    config = config_of(path)
    out = console()
    all_well = True
    for name, well, word in _findings(config):
        all_well &= well
        out.print(f"{'[green]ok[/]     ' if well else '[red]trouble[/]'} {name:<14} {safe(word)}")
    if send_test:
        all_well &= _send_test(config, send_test)
    return OK if all_well else NEEDS_A_PERSON


def _findings(config: Config) -> Iterator[Finding]:
    yield "configuration", True, f"{config.path}: {len(config.sources)} sources, {len(config.rules)} rules"
    for name, refusal in (("contact", config.why_not_crawl()), ("mail", config.why_not_send())):
        yield name, refusal is None, refusal or "set"
    yield _tried("database", lambda: _database(config))
    yield _tried("archive", lambda: _archive(config))
    now = datetime.now(UTC)  # noqa: TID251 - this is the test of the clock
    yield "clock", now > OLDEST_CLOCK, f"{now:%Y-%m-%d %H:%M} UTC" + ("" if now > OLDEST_CLOCK else "; set the clock")
    yield _network(config)
    if config.mail.transport == "smtp":
        yield _mail_server(config)


def _tried(name: str, test: Callable[[], str]) -> Finding:
    try:
        return name, True, test()
    except UserError as error:
        return name, False, str(error)


def _database(config: Config) -> str:
    store = open_store(config)
    try:
        word = store.catalogue().integrity()
    finally:
        store.close()
    if word != "ok":
        raise ConfigError(config.storage.url, word, "restore it from a backup")
    return f"{config.storage.url} can be read and written"


def _archive(config: Config) -> str:
    store = open_store(config)
    try:
        key = store.archive.put(b"a test of the archive by accordwatch doctor")
        store.archive.get(key)
        store.archive.drop(key)
    finally:
        store.close()
    return f"{config.storage.archive} can be read and written"


def _network(config: Config) -> Finding:
    hosts = sorted({urlsplit(source.url).hostname or "" for source in config.sources if source.enabled})
    if config.fetch.proxy:
        proxy = urlsplit(config.fetch.proxy)
        return _reached("proxy", proxy.hostname or "", proxy.port or 3128)
    known = [host for host in hosts if _resolves(host)]
    if hosts and not known:
        return "network", False, "no host of any source has an address: this machine has no network, or no resolver"
    return "network", True, f"{len(known)} of {len(hosts)} hosts have an address"


def _mail_server(config: Config) -> Finding:
    return _reached("mail server", config.mail.host, config.mail.port)


def _reached(name: str, host: str, port: int) -> Finding:
    try:
        with socket.create_connection((host, port), timeout=5):
            return name, True, f"{host}:{port} answers"
    except OSError as error:
        return name, False, f"{host}:{port}: {error.strerror or error}; check the setting and the network"


def _resolves(host: str) -> bool:
    try:
        return bool(socket.getaddrinfo(host, 443))
    except OSError:
        return False


def _send_test(config: Config, address: str) -> bool:
    """One mail through the very channel that alerts take."""
    if (why := replace(config, rules=()).why_not_send()) is not None:
        raise ConfigError("test mail", why, "")

    async def send() -> tuple[bool, str]:
        async with running(config) as app:
            return await app.send_test(address)

    well, word = asyncio.run(send())
    mark = "[green]ok[/]     " if well else "[red]trouble[/]"
    console().print(f"{mark} {'test mail':<14} {safe(word)}")
    return well
