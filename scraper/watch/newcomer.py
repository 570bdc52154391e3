"""What a person names, an address or an association of the catalogue, as a source to be. Nothing is looked at here."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from scraper import catalogue
from scraper.config import Config
from scraper.config.edit import free_id
from scraper.config.values import http_address, shown_name
from scraper.errors import ConfigError
from scraper.text import label
from scraper.url import canonical, identity
from storage.records.source import Source, SourceId, Target

_BARE = re.compile(r"[\w-]+(\.[\w-]+)*\.[a-zA-Z]{2,}(:\d+)?([/?].*)?$")  # an address as people say it


Ways = Mapping[SourceId, tuple[Target, ...]]  # the lists that each source is read by


def newcomer(what: str, name: str, config: Config, ways: Ways) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The keys of the new [[sources]] entry and the comment below it. Raises ConfigError."""
    name = _name(name)
    if _BARE.match(what) and not catalogue.find(what):
        what = f"https://{what}"
    if what.lower().startswith(("http://", "https://")):
        what = _address(what)
        _refuse_known(what, config, ways)
        called = name or _called(what, {source.name for source in config.sources})
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


def _refuse_known(what: str, config: Config, ways: Ways) -> None:
    """Raises ConfigError for the address of a source, or of a feed, sitemap or list that one is read by."""
    key = identity(canonical(what))
    for source in config.sources:
        if source.url.rstrip("/") == what.rstrip("/"):
            raise ConfigError(what, "is watched already", f"it is source {source.id}")
        way = next((way for way in ways.get(source.id, ()) if key and identity(way.url) == key), None)
        if way is not None:
            raise ConfigError(what, f"is watched already, as a {way.kind.value} of {source.id}",
                              f"see `accordwatch status {source.id}`")  # fmt: skip


def _called(url: str, taken: Collection[str]) -> str:
    """The host; for a second source of one host with the end of the path."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    last = parts.path.rstrip("/").rpartition("/")[2]
    return f"{host} {last}" if host in taken and last else host


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
