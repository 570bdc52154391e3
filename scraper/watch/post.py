"""What telling people needs: memory, clock, channels, and who is to be told by which rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from scraper.alert.channel import Channel
from scraper.alert.rules import Same, same_party
from scraper.clock import Clock
from scraper.watch.writer import Writer
from storage.records.alert import Rule
from storage.records.source import Source
from storage.store import Catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """The desk that mail goes over."""

    writer: Writer
    catalogue: Catalogue
    clock: Clock
    channel: Callable[[str], Channel]
    owner: str
    sender: str
    public_url: str = ""
    sources: tuple[Source, ...] = ()
    rules: tuple[Rule, ...] = ()
    timezones: Mapping[str, str]  # of recipients
    same: Same = same_party
    refused: str | None = None  # why nothing may be sent at all, in one line
