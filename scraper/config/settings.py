"""What the program runs on: frozen, typed settings. Tables of config.toml with the same keys are checked as these."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field, StrictInt

from scraper.config import values
from scraper.config.values import Confirm, placeholder
from storage.records.alert import Person, Rule
from storage.records.partnership import Organisation
from storage.records.source import FirstCrawl, Source, SourceId

NO_MORE_KEYS = ConfigDict(extra="forbid")
Duration = Annotated[timedelta, BeforeValidator(values.duration)]
Positive = Annotated[timedelta, BeforeValidator(values.positive)]
Confirmation = Annotated[Confirm, BeforeValidator(values.confirm)]
Zone = Annotated[str, BeforeValidator(values.zone)]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(values.network)]
Place = Annotated[Path | None, BeforeValidator(lambda value: value or None)]  # "" is nowhere
FIRST_CRAWL = FirstCrawl()
WITHDRAWN = Confirm(checks=3, over=timedelta(days=2))
MASS_CHANGE = Confirm(checks=2, over=timedelta(hours=1))
Count = Annotated[StrictInt, Field(ge=1, le=1000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageSettings:
    """[storage]: where the memory lives."""

    __pydantic_config__ = NO_MORE_KEYS
    url: Annotated[str, BeforeValidator(values.database)] = field(default="sqlite:///accordwatch.db", repr=False)
    archive: Path = Path("archive")
    keep_raw: Annotated[timedelta | None, BeforeValidator(values.keeping)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchConf:
    """[fetch]: how we ask, and who we say we are. `max_body` is in bytes."""

    __pydantic_config__ = NO_MORE_KEYS
    contact: Annotated[str, BeforeValidator(values.contact)] = ""
    per_host_delay: Duration = timedelta(seconds=2)
    per_host_connections: Count = 1
    max_hosts: Count = 32
    max_body: Annotated[int, BeforeValidator(values.size)] = 10_000_000
    timeout: Positive = timedelta(seconds=30)
    allow_addresses: Annotated[tuple[Network, ...], BeforeValidator(values.listed)] = ()
    proxy: Annotated[str, BeforeValidator(values.optional_http_address)] = ""
    ca_file: Place = None
    chromium: Place = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchSettings:
    """[watch]: how far back, how often again, and when a thing is believed."""

    __pydantic_config__ = NO_MORE_KEYS
    first_crawl: Annotated[FirstCrawl, BeforeValidator(values.first_crawl)] = FIRST_CRAWL
    recheck: Annotated[str, BeforeValidator(values.recheck)] = "adaptive"
    confirm_withdrawn: Confirmation = WITHDRAWN
    confirm_mass_change: Confirmation = MASS_CHANGE
    flip_window: Duration = timedelta(days=1)
    timezone: Zone = "UTC"
    alert_age: Duration = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mail:
    """What the table [mail] and its settings share."""

    __pydantic_config__ = NO_MORE_KEYS
    transport: Literal["folder", "smtp", "command"] = "folder"
    host: str = ""
    port: Annotated[StrictInt, Field(ge=1, le=65535)] = 587
    security: Literal["none", "starttls", "tls"] = "starttls"
    username: str = ""
    token_command: str = ""
    sender: Annotated[str, BeforeValidator(values.mailbox)] = ""
    folder: Path = Path("mails")
    command: Annotated[str, Field(min_length=1)] = "sendmail -i -t -f {sender}"
    ca_file: Place = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MailTable(_Mail):
    """[mail] as written: it says where the password is, and never holds it."""

    __pydantic_config__ = NO_MORE_KEYS
    password_env: str = "ACCORDWATCH_MAIL_PASSWORD"  # noqa: S105 - the name of a variable
    password_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MailConf(_Mail):
    """[mail] as used, with the password from the environment or its file; it is never shown."""

    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebUser:
    """[web.users.NAME]: who may log in. Neither password nor token stands there, only their hashes."""

    __pydantic_config__ = NO_MORE_KEYS
    name: Annotated[str, BeforeValidator(values.user_name)]
    password: Annotated[str, BeforeValidator(values.password_hash)] = field(default="", repr=False)
    token: Annotated[str, BeforeValidator(values.token_hash)] = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebConf:
    """[web]: where the dashboard listens, and for whom. Without users it is for this machine alone."""

    __pydantic_config__ = NO_MORE_KEYS
    bind: Annotated[str, BeforeValidator(values.bind)] = "127.0.0.1:8765"
    public_url: Annotated[str, BeforeValidator(values.optional_http_address)] = ""
    user_header: Annotated[str, BeforeValidator(values.header_name)] = ""
    proxies: Annotated[tuple[Network, ...], BeforeValidator(values.listed)] = ()
    users: Annotated[tuple[WebUser, ...], BeforeValidator(values.named)] = ()

    @property
    def open(self) -> bool:
        """Nobody can log in, so whoever sits at this machine may do all."""
        return not self.users and not (self.user_header and self.proxies)

    def user(self, name: str) -> WebUser | None:
        return next((user for user in self.users if user.name == name), None)

    def is_proxy(self, peer: str) -> bool:
        """Whether that address may say who somebody is."""
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        return any(address in network for network in self.proxies)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedsConf:
    """[feeds]: where feeds of news, changes and partnerships are written after each crawl; no folder: nowhere."""

    __pydantic_config__ = NO_MORE_KEYS
    folder: Place = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineConf:
    """[engine]: who makes the visits: the daemon itself, or workers that take them from PostgreSQL."""

    __pydantic_config__ = NO_MORE_KEYS
    workers: Literal["none", "procrastinate"] = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All of config.toml, checked. Paths are absolute."""

    path: Path
    storage: StorageSettings = StorageSettings()
    fetch: FetchConf = FetchConf()
    watch: WatchSettings = WatchSettings()
    mail: MailConf = MailConf()
    web: WebConf = WebConf()
    feeds: FeedsConf = FeedsConf()
    engine: EngineConf = EngineConf()
    people: tuple[Person, ...] = ()
    sources: tuple[Source, ...] = ()
    rules: tuple[Rule, ...] = ()
    organisations: tuple[Organisation, ...] = ()
    homes: tuple[tuple[SourceId, Path], ...] = ()  # in which file each source is written

    def home_of(self, source: SourceId) -> Path:
        """The file to edit for a source: config.toml itself, or one that it includes."""
        return dict(self.homes).get(source, self.path)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no log may show."""
        return (self.mail.password, *(value for source in self.sources for _, value in source.headers))

    def why_not_crawl(self, *addresses: str) -> str | None:
        """Why only loopback may be asked, in one line that says what to set; None when all is well, or when these
        addresses are on loopback."""
        if not placeholder(self.fetch.contact) or (addresses and all(map(values.on_loopback, addresses))):
            return None
        return (
            f"{self.path.name}: [fetch] contact is {_missing(self.fetch.contact)}; set it to your own address, "
            "so that the sites can reach you"
        )

    def why_not_send(self) -> str | None:
        """Why no mail goes out, in one line that says what to set; None when all is well."""
        return next((f"{self.path.name}: {reason}" for reason in self._unset()), None)

    def _unset(self) -> Iterator[str]:
        by_mail = [rule for rule in self.rules if rule.enabled and rule.channel == "email"]
        if placeholder(self.mail.sender) and (by_mail or not self.rules):
            yield f"[mail] sender is {_missing(self.mail.sender)}; set it to the address that mails come from"
        for rule in by_mail:
            for person in (each for each in rule.to if placeholder(each.address)):
                named = person.id != person.address
                who = f"[people.{person.id}] address" if named else f'a recipient of "{rule.name}"'
                yield f"{who} is {_missing(person.address)}; set it to who shall get the alerts"
        if self.mail.transport == "smtp" and self.mail.username and not (self.mail.password or self.mail.token_command):
            yield "[mail] username is set and its password is empty; set the variable that password_env names"


def _missing(address: str) -> str:
    return f'the placeholder "{address}"' if address.strip() else "empty"
