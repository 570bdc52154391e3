"""The lists of config.toml: [[sources]], [[alerts]], [[organisations]] and [people], made into the house's nouns."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, StrictBool

from scraper.config import values
from scraper.config.settings import (
    NO_MORE_KEYS,
    EngineConf,
    FeedsConf,
    FetchConf,
    MailTable,
    StorageSettings,
    WatchSettings,
    WebConf,
    Zone,
)
from storage.records.alert import AlertKind, Person, Rule
from storage.records.partnership import Action, Certainty, Instrument, Organisation
from storage.records.source import FirstCrawl, Recipe, Source, SourceId

Words = Annotated[tuple[str, ...], BeforeValidator(values.listed)]
Addresses = Annotated[tuple[Annotated[str, BeforeValidator(values.http_address)], ...], BeforeValidator(values.listed)]
Patterns = Annotated[tuple[Annotated[str, BeforeValidator(values.pattern)], ...], BeforeValidator(values.listed)]
Language = Annotated[str, BeforeValidator(values.language)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonTable:
    """[people.ID]: somebody who gets alerts."""

    __pydantic_config__ = NO_MORE_KEYS
    address: Annotated[str, BeforeValidator(values.mailbox)]
    timezone: Zone = ""
    quiet_hours: Annotated[str, BeforeValidator(values.quiet_hours)] = ""

    def person(self, id: str, watch: WatchSettings) -> Person:  # noqa: A002 - the noun's own word
        return Person(
            id=id, address=self.address, timezone=self.timezone or watch.timezone, quiet_hours=self.quiet_hours
        )


Selector = Annotated[str, BeforeValidator(values.selector)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeTable:
    """[[sources.recipe]]: selectors for pages that are read wrongly without."""

    __pydantic_config__ = NO_MORE_KEYS
    since: date | None = None
    title: Selector = ""
    body: Selector = ""
    published: Selector = ""
    teasers: Selector = ""
    remove: Annotated[tuple[Selector, ...], BeforeValidator(values.listed)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTable:
    """[[sources]]: an association to watch. Only `url` is needed."""

    __pydantic_config__ = NO_MORE_KEYS
    id: Annotated[str, BeforeValidator(values.identity)] = ""
    name: Annotated[str, BeforeValidator(values.shown_name)] = ""
    url: Annotated[str, BeforeValidator(values.http_address)]
    every: Annotated[str, BeforeValidator(values.every)] = "2h"
    organisation: str = ""
    tags: Words = ()
    enabled: StrictBool = True
    muted: StrictBool = False
    kind: Literal["news", "page"] = "news"
    discover: Addresses = ()
    include: Patterns = ()
    exclude: Patterns = ()
    language: Language = ""
    timezone: Zone = ""
    date_order: Literal["", "DMY", "MDY"] = ""
    headers_env: str = ""
    browser: StrictBool = False
    recipe: Annotated[tuple[RecipeTable, ...], BeforeValidator(values.tables)] = ()
    first_crawl: Annotated[FirstCrawl | None, BeforeValidator(values.first_crawl)] = None
    expect_every: Annotated[timedelta | None, BeforeValidator(values.positive)] = None

    @property
    def own_id(self) -> SourceId:
        return source_id({"id": self.id, "name": self.name, "url": self.url})

    def source(self, watch: WatchSettings, environ: Mapping[str, str]) -> Source:
        own = shared(self, Source) | {
            "id": self.own_id,
            "name": self.name or self.id or str(urlsplit(self.url).hostname),
            "timezone": self.timezone or watch.timezone,
            "recipe": tuple(Recipe(**shared(each, Recipe)) for each in self.recipe),
            "first_crawl": self.first_crawl or watch.first_crawl,
            "headers": _headers(environ.get(self.headers_env, "")) if self.headers_env else (),
        }
        return Source(**own)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertTable:
    """[[alerts]]: a rule: when, to whom, how. Empty lists match all."""

    __pydantic_config__ = NO_MORE_KEYS
    name: Annotated[str, Field(min_length=1)]
    when: Annotated[tuple[AlertKind, ...], BeforeValidator(values.listed), Field(min_length=1)] = ("partnership",)
    to: Words = ()
    channel: Annotated[str, BeforeValidator(values.channel)] = "email"
    delivery: Annotated[str, BeforeValidator(values.delivery)] = "at once"
    parties: Words = ()
    exclude_parties: Words = ()
    actions: Annotated[tuple[Action, ...], BeforeValidator(values.listed)] = ()
    exclude_actions: Annotated[tuple[Action, ...], BeforeValidator(values.listed)] = ()
    instruments: Annotated[tuple[Instrument, ...], BeforeValidator(values.listed)] = ()
    sources: Words = ()
    tags: Words = ()
    languages: Annotated[tuple[Language, ...], BeforeValidator(values.listed)] = ()
    added_words: Words = ()
    certainty: Certainty = "sure"
    alert_age: Annotated[timedelta | None, BeforeValidator(values.duration)] = None
    enabled: StrictBool = True

    def rule(self, people: Mapping[str, Person]) -> Rule:
        """The rule with its people; its version is a hash of what it says, whatever the order or layout of the file."""
        to = tuple(people.get(who) or Person(id=who, address=who) for who in self.to)
        said = json.dumps(asdict(self), sort_keys=True, default=str, ensure_ascii=False)
        version = hashlib.sha256(said.encode()).hexdigest()[:8]
        return Rule(**(shared(self, Rule) | {"to": to, "version": version}))


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationTable:
    """[[organisations]]: a body that texts name, beyond those that the program knows."""

    __pydantic_config__ = NO_MORE_KEYS
    name: Annotated[str, Field(min_length=1)]
    acronym: str = ""
    aliases: Words = ()
    domain: str = ""
    country: str = ""

    def organisation(self) -> Organisation:
        own = self.domain or (f"{self.acronym}:{self.country}" if self.acronym else values.slug(self.name))
        return Organisation(**(shared(self, Organisation) | {"id": own.lower().rstrip(":")}))


SINGLE: dict[str, type[Any]] = {
    "storage": StorageSettings, "fetch": FetchConf, "watch": WatchSettings, "mail": MailTable, "web": WebConf,
    "feeds": FeedsConf, "engine": EngineConf,
}  # fmt: skip
MANY: dict[str, type[Any]] = {"sources": SourceTable, "alerts": AlertTable, "organisations": OrganisationTable}
NAMED: dict[str, type[Any]] = {"people": PersonTable}

TAKEN_WORDS = ("add",)  # the dashboard's form for a new source is at /sources/add, where such a source would be


def shared(table: object, noun: type[Any]) -> dict[str, Any]:
    """Those fields of a table that a noun has too."""
    return {f.name: getattr(table, f.name) for f in fields(noun) if hasattr(table, f.name)}


def source_id(raw: Mapping[str, Any]) -> SourceId:
    """The id of a source as written, else one made of its name or host: it keeps the history."""
    return SourceId(raw.get("id") or values.slug(raw.get("name") or "") or str(urlsplit(raw.get("url", "")).hostname))


def _headers(lines: str) -> tuple[tuple[str, str], ...]:
    """`Name: value` lines as pairs; what is no such line is left out, see `bad_header`."""
    pairs = (line.partition(":") for line in lines.splitlines() if line.strip())
    return tuple((name.strip(), value.strip()) for name, colon, value in pairs if colon)


def bad_header(lines: str) -> bool:
    """Whether a line is no `Name: value`. The line itself may be a secret and is never shown."""
    return any(
        not line.partition(":")[1] or " " in line.partition(":")[0].strip()
        for line in lines.splitlines()
        if line.strip()
    )
