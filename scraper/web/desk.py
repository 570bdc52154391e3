"""What a web process holds, handed over by app, and who is asking. Pages are in pages/, what is let in is in guard."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import Depends, Request

from scraper.alert.wording import clean
from scraper.config import Config
from scraper.watch.check import Hands
from scraper.watch.deliver import Outcome
from scraper.watch.overview import Habits, overview
from scraper.watch.post import Post
from scraper.watch.word import Typed, keep_word
from storage.records.health import Health
from storage.records.source import Source, SourceId
from storage.store import Catalogue

Means = Literal["machine", "session", "proxy", "token"]


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The memory to ask and the hands to act, as one configuration chose them. A new configuration is a new Desk."""

    config: Config
    catalogue: Catalogue
    hands: Hands  # fetcher, reader, writer, archive, clock
    post: Post
    crawl: Callable[[Source], Awaitable[str]]  # one look now, its alerts delivered; in one line what it brought
    deliver: Callable[..., Awaitable[Outcome]]  # with `again` what waits for another try, too
    send_test: Callable[[str], Awaitable[tuple[bool, str]]]

    habits: Habits = field(default_factory=dict, init=False)
    remembered: dict[Any, Any] = field(default_factory=dict, init=False)  # what is costly to ask and seldom changes

    @cached_property
    def names(self) -> dict[str, str]:
        """What each source is called, by its id."""
        return {source.id: source.name for source in self.config.sources}

    def healths(self) -> tuple[Health, ...]:
        """How each source stands now, in the order of the configuration."""
        return overview(self.catalogue, self.config.sources, self.hands.clock.now(), habits=self.habits)

    async def keep_word(self, key: int, typed: Typed) -> None:
        """See `scraper.watch.word.keep_word`."""
        organisations, now = self.config.organisations, self.hands.clock.now()
        await self.hands.writer.write(lambda work: keep_word(work, key, typed, organisations=organisations, now=now))

    def source(self, key: str) -> Source | None:
        return next((source for source in self.config.sources if source.id == SourceId(key)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who asks, how that is known, and the word that each of their forms must carry."""

    user: str = ""  # empty on a dashboard that is open to this machine
    means: Means = "machine"
    csrf: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """One request's surroundings, for pages and templates."""

    desk: Desk
    visitor: Visitor
    now: datetime
    path: str

    @property
    def zone(self) -> ZoneInfo:
        """The visitor's own time zone where [people] knows them by that name, else that of [watch]."""
        people = {person.id: person.timezone for person in self.desk.config.people}
        return ZoneInfo(people.get(self.visitor.user) or self.desk.config.watch.timezone)

    def source_name(self, key: str | None) -> str:
        """A source's name; of one that left the configuration its id."""
        return clean(self.desk.names.get(key or "", key or ""))


def here(request: Request) -> Here:
    """The surroundings that the guard has put there."""
    desk: Desk = request.scope["accordwatch.desk"]
    visitor: Visitor = request.scope["accordwatch.visitor"]
    return Here(desk=desk, visitor=visitor, now=desk.hands.clock.now(), path=request.url.path)


Asked = Annotated[Here, Depends(here)]
