"""`doctor`: test all that the program stands on, say what is wrong and what to do; and send a test mail."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from scraper.app import looking, open_store, probe_mail, same_time, visits
from scraper.cli.crawl import has_address
from scraper.cli.face import NEEDS_A_PERSON, OK, config_of, console, insist, print_json, safe
from scraper.cli.inspect import refuse_placeholders
from scraper.cli.session import at_work
from scraper.clock import SystemClock
from scraper.config import Config
from scraper.errors import ConfigError, DamagedError, UserError
from scraper.fetch.browser import found
from scraper.fetch.message import Failed, Fetched, FetchRequest, FetchResult
from storage.store import HEAD, sqlite_file

SAMPLE = 200  # archived bodies that are read without --deep
LEAST_ROOM = 200_000_000  # bytes; a day of a thousand sources takes some 50 MB
MOST_SKEW = timedelta(minutes=1)  # a Date header counts seconds, and an answer may wait a moment on its way
STYLES = {"ok": "green", "trouble": "red", "skipped": "dim"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one test said, and what to do about it."""

    test: str
    status: Literal["ok", "trouble", "skipped"]
    said: str
    remedy: str = ""


class NotTriedError(Exception):
    """A test that has nothing to try here, and why."""


def doctor(path: Path | None, *, send_test: str, deep: bool, ask: str, as_json: bool) -> int:
    """One line a test; exit code 1 when one of them fails."""
    config, out = config_of(path), console()
    findings = []
    for finding in _Checkup(config, deep=deep, ask=ask).findings(send_test):
        findings.append(finding)
        if not as_json:
            words = "; ".join(filter(None, (finding.said, finding.remedy)))
            out.print(
                f"[{STYLES[finding.status]}]{finding.status:<7}[/] {finding.test:<14} {safe(words)}", soft_wrap=True
            )
    if as_json:
        print_json([asdict(finding) for finding in findings])
    return NEEDS_A_PERSON if any(finding.status == "trouble" for finding in findings) else OK


class _Checkup:
    """The tests, in the order in which one stands on the other. Each gives its word or raises UserError."""

    def __init__(self, config: Config, *, deep: bool, ask: str) -> None:
        self._config, self._deep = config, deep
        self._sources = [source for source in config.sources if source.enabled]
        self._addresses = [ask] if ask else [source.url for source in self._sources][:3]

    def findings(self, send_test: str) -> Iterator[Finding]:
        tests = {
            "configuration": self._configuration, "contact": self._contact, "recipients": self._recipients,
            "database": self._database, "archive": self._archive, "disk": self._disk, "workers": self._workers,
            "names": self._names, "proxy": self._proxy, "network": self._network, "clock": self._clock,
            "chromium": self._chromium, "mail": self._mail,
        }  # fmt: skip
        yield from (_tried(name, test) for name, test in tests.items())
        if send_test:
            yield _tried("test mail", lambda: self._send_test(send_test))

    def _configuration(self) -> str:
        return f"{self._config.path}: {len(self._config.sources)} sources, {len(self._config.rules)} rules"

    def _contact(self) -> str:
        insist(self._config.why_not_crawl())
        return self._config.fetch.contact

    def _recipients(self) -> str:
        people = {person.address for rule in self._config.rules if rule.enabled for person in rule.to}
        insist(self._config.why_not_send())
        return f"from {self._config.mail.sender} to {len(people)} people"

    def _database(self) -> str:
        with closing(open_store(self._config)) as store:  # brings it up to date, and writes to it
            word, schema = store.catalogue().integrity(deep=self._deep), store.catalogue().schema()
            if word != "ok":
                raise ConfigError(f"database {store.name}", word, "restore it from a backup (`accordwatch restore`)")
            if schema != HEAD:
                raise ConfigError(f"database {store.name}", f"has schema {schema} in place of {HEAD}", "start anew")
            return f"{store.name}: whole, schema {schema}, {store.catalogue().totals().items} articles"

    def _archive(self) -> str:
        folder, keep = self._config.storage.archive, self._config.storage.keep_raw
        with closing(open_store(self._config)) as store:
            trial = store.archive.put(b"a test of the archive by accordwatch doctor")
            store.archive.drop(trial)
            keys = store.catalogue().bodies(most=None if self._deep else SAMPLE, let_go=keep is not None)
            missing, damaged = [], []
            for key in keys:
                try:
                    missing += [key] if store.archive.get(key) is None else []
                except DamagedError as error:
                    damaged.append(error.subject)
            strays = len(set(store.archive.stored()) - set(keys)) if self._deep else 0
        if missing or damaged:
            cause = f"of {len(keys)} bodies {len(missing)} are missing and {len(damaged)} damaged: "
            cause += ", ".join([*damaged, *missing][:3])
            raise ConfigError(f"archive {folder}", cause, "put their files back from a backup; all else goes on")
        others = f", {strays} that no row names (they go a night later)" if self._deep else ""
        return f"{folder}: {len(keys)} bodies read, all whole{others}{'' if self._deep else '; --deep reads all'}"

    def _disk(self) -> str:
        database = sqlite_file(self._config.storage.url)
        places = {folder for folder in (database and database.parent, self._config.storage.archive) if folder}
        rooms = {folder: shutil.disk_usage(_there(folder)).free for folder in sorted(places)}
        for folder, room in rooms.items():
            if room < LEAST_ROOM:
                raise ConfigError(str(folder), f"has {room / 1e6:.0f} MB left", "make room, or set [storage] keep_raw")
        return ", ".join(f"{folder}: {room / 1e9:.1f} GB left" for folder, room in rooms.items())

    def _workers(self) -> str:
        if self._config.engine.workers == "none":
            raise NotTriedError("the daemon makes its visits itself")

        async def ask() -> tuple[int, int]:
            async with visits(self._config) as queue:
                return len(await queue.waiting()), await queue.workers()

        waiting, workers = asyncio.run(ask())
        if not workers:
            cause = f"{waiting} visits wait and no worker is there to take them"
            raise ConfigError("queue of visits", cause, "start `accordwatch worker` on one machine or more")
        return f"{workers} workers are there, {waiting} visits wait"

    def _names(self) -> str:
        hosts = sorted({urlsplit(source.url).hostname or "" for source in self._sources})
        if self._config.fetch.proxy or not hosts:
            raise NotTriedError("the proxy looks names up" if hosts else "there is no enabled source")
        unknown = [host for host in hosts if not has_address(host)]
        if len(unknown) == len(hosts):
            cause = "no host of any source has an address: this machine has no network, or no resolver"
            raise ConfigError("names", cause, "see to the network and /etc/resolv.conf")
        if unknown:
            raise ConfigError(
                "names", f"no address for {', '.join(unknown[:5])}", "check the spelling of these sources"
            )
        return f"all {len(hosts)} hosts have an address"

    def _proxy(self) -> str:
        address = self._config.fetch.proxy or os.environ.get("HTTPS_PROXY", "")
        if not address:
            raise NotTriedError("none is set")
        proxy = urlsplit(address)
        where = (proxy.hostname or "", proxy.port or {"https": 443}.get(proxy.scheme, 80))
        try:
            with socket.create_connection(where, timeout=5):
                return f"{where[0]}:{where[1]} answers"
        except OSError as error:
            cause = error.strerror or str(error)
            raise ConfigError(f"proxy {where[0]}:{where[1]}", cause, "check [fetch] proxy, or HTTPS_PROXY") from error

    def _network(self) -> str:
        result = self._answer[0]
        if isinstance(result, Failed) and result.status is None:
            raise ConfigError(result.url, result.reason, "see to network, proxy and [fetch] ca_file")
        status = getattr(result, "status", None)
        return f"{result.url} answers{f' {status}' if status else ''}"

    def _clock(self) -> str:
        result, at = self._answer
        date = result.header("date") if isinstance(result, Fetched) else ""
        if not isinstance(result, Fetched) or not date:
            raise NotTriedError("no answer with a date to compare with; name an address with --ask")
        try:
            theirs = parsedate_to_datetime(date).astimezone(UTC)
        except ValueError as error:
            raise NotTriedError(f"{result.url} sends no date that can be read; name another with --ask") from error
        age = result.header("age")  # RFC 9111 5.1: how long a cache has held it
        ahead = at - theirs - timedelta(seconds=int(age) if age.isdigit() else 0)
        if abs(ahead) > MOST_SKEW:
            cause = f"is {_length(abs(ahead))} {'ahead of' if ahead > timedelta(0) else 'behind'} that of {result.url}"
            raise ConfigError("this machine's clock", cause, "set it right (timedatectl set-ntp true)")
        with closing(open_store(self._config)) as store:
            beside = same_time(store, SystemClock())
        return "; ".join(filter(None, (f"{_length(abs(ahead))} off that of {result.url}", beside)))

    def _chromium(self) -> str:
        if not any(source.browser for source in self._sources):
            raise NotTriedError("no source has browser = true")
        if find_spec("playwright") is None:
            raise ConfigError("chromium", "the extra `browser` is not installed", "pip install 'accordwatch[browser]'")
        named = found(str(self._config.fetch.chromium or ""))
        if named is None or not os.access(named, os.X_OK):
            cause = f"{named} cannot be run" if named else "there is none on the path"
            raise ConfigError("chromium", cause, "install Chromium, or set [fetch] chromium")
        return named

    def _mail(self) -> str:
        mail = self._config.mail
        insist(asyncio.run(probe_mail(self._config)) or None)
        login = f" and takes the login of {mail.username}" if mail.username else ""
        return {
            "folder": f"written to {mail.folder}", "command": f"handed to {mail.command}",
            "smtp": f"{mail.host}:{mail.port} answers{login}; --send-test ADDRESS sends one",
        }[mail.transport]  # fmt: skip

    def _send_test(self, address: str) -> str:
        """One mail through the very channel that alerts take."""
        insist(replace(self._config, rules=()).why_not_send())
        well, word = at_work(self._config, lambda app: app.send_test(address))
        if not well:
            raise ConfigError(f"mail to {address}", word)
        return word

    @cached_property
    def _answer(self) -> tuple[FetchResult, datetime]:
        """What the first of a few addresses that answers says, and when: half-way between question and answer."""
        if not self._addresses:
            raise NotTriedError("there is no enabled source; name an address with --ask")
        try:
            refuse_placeholders(self._config, *self._addresses)
        except ConfigError as error:
            raise NotTriedError("nothing is asked before [fetch] contact is set") from error
        return asyncio.run(self._asked())

    async def _asked(self) -> tuple[FetchResult, datetime]:
        clock = SystemClock()
        async with looking(self._config, clock) as (fetcher, _):
            for address in self._addresses:
                begun = clock.now()
                result = await fetcher.fetch(FetchRequest(url=address))
                if not isinstance(result, Failed) or result.status is not None:
                    break
            return result, clock.now() if result.requests > 1 else begun + (clock.now() - begun) / 2


def _tried(name: str, test: Callable[[], str]) -> Finding:
    try:
        return Finding(test=name, status="ok", said=test())
    except NotTriedError as why:
        return Finding(test=name, status="skipped", said=str(why))
    except UserError as error:
        return Finding(test=name, status="trouble", said=f"{error.subject}: {error.cause}", remedy=error.remedy)


def _there(folder: Path) -> Path:
    """The folder, or the nearest above it that is there already."""
    return next(each for each in (folder, *folder.parents) if each.exists())


def _length(span: timedelta) -> str:
    seconds = span.total_seconds()
    if seconds < 100:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
