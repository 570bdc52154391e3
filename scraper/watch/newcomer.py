"""What a person names, an address or an association of the catalogue, as a source to be. Nothing is looked at here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from scraper import catalogue
from scraper.config import Config
from scraper.config.edit import free_id
from scraper.config.values import http_address, shown_name
from scraper.errors import ConfigError
from scraper.text import label
from storage.records.source import Source, SourceId

_BARE = re.compile(r"[\w-]+(\.[\w-]+)*\.[a-zA-Z]{2,}(:\d+)?([/?].*)?$")  # an address as people say it


def newcomer(what: str, name: str, config: Config) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The keys of the new [[sources]] entry and the comment below it. Raises ConfigError."""
    name = _name(name)
    if _BARE.match(what) and not catalogue.find(what):
        what = f"https://{what}"
    if what.lower().startswith(("http://", "https://")):
        what = _address(what)
        host = (urlsplit(what).hostname or "").removeprefix("www.")
        if any(source.url.rstrip("/") == what.rstrip("/") for source in config.sources):
            raise ConfigError(what, "is watched already", "see `accordwatch sources`")
        called = name or host
        publisher = {"organisation": name} if name else {}
        return {
            "id": free_id(called, [source.id for source in config.sources]),
            "name": called,
            "url": what,
            **publisher,
        }, ()
    entries = catalogue.find(what)
    if len(entries) == 1:
        fields = catalogue.source_fields(entries[0])
        return fields | ({"name": name} if name else {}), catalogue.source_comments(entries[0])
    if not entries:
        raise ConfigError(what, "is neither an address nor in the catalogue", "see `accordwatch sources --catalogue`")
    several = ", ".join(f"{entry.name} ({entry.acronym})" for entry in entries[:5])
    raise ConfigError(what, f"may be one of several: {several}", "write more of the name")


def _address(what: str) -> str:
    try:
        return http_address(what)
    except ValueError as error:
        raise ConfigError("the address", str(error)) from None


def _name(name: str) -> str:
    try:
        shown_name(name)
    except ValueError as error:
        raise ConfigError("the name", str(error)) from None
    return label(name)


def source_of(fields: Mapping[str, Any]) -> Source:
    """The source that such keys describe, to look at before it is written."""
    return Source(id=SourceId(fields["id"]), name=fields["name"], url=fields["url"], kind=fields.get("kind", "news"))
