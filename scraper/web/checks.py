"""Looks that somebody asked for on the dashboard: one at a time for each source, beside whatever a daemon does."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime

from scraper.errors import ConfigError, mendable
from scraper.web.desk import Desk
from storage.records.source import Source

LOG = logging.getLogger("accordwatch")
CUT = "was cut short; it is done again next time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One such look: begun, and once it is done what it brought."""

    began: datetime
    ended: datetime | None = None
    said: str = ""


class Checks:
    """The looks of this process, by source; the last of each is remembered."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[str]] = {}
        self._known: dict[str, Check] = {}

    def of(self, source: str) -> Check | None:
        """The last look of a source, under way or done."""
        return self._known.get(source)

    def start(self, source: Source, desk: Desk) -> asyncio.Task[str]:
        """Begin a look, or give back the one under way. Raises ConfigError where nobody may be asked yet."""
        if why := desk.config.why_not_crawl(source.url):
            raise ConfigError("not yet", why)
        known = self._tasks.get(source.id)
        if known is None or known.done():
            self._known[source.id] = Check(began=desk.hands.clock.now())
            known = self._tasks[source.id] = asyncio.create_task(self._look(source, desk))
            known.add_done_callback(lambda done: done.cancelled() or done.exception())  # told by `of`, whoever waits
        return known

    async def look(self, source: Source, desk: Desk) -> str:
        """The same to its end, which it comes to even if the asker goes; what it brought. Raises what ended it."""
        task = self.start(source, desk)
        await asyncio.wait({task})
        return CUT if task.cancelled() else task.result()

    async def settled(self) -> None:
        """Wait until none is under way."""
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def close(self) -> None:
        """End what runs: what it had not stored is done again next time."""
        for task in self._tasks.values():
            task.cancel()
        await self.settled()

    async def _look(self, source: Source, desk: Desk) -> str:
        said = CUT
        try:
            said = await desk.crawl(source)
            return said
        except Exception as raised:
            error = mendable(raised)
            said = str(error) if error else "ended by a fault of the program; see its log"
            if error is None:
                LOG.exception("the look at %s ended by a fault of the program; please report it", source.id)
            raise error or raised from None
        finally:
            began = self._known[source.id].began
            self._known[source.id] = Check(began=began, ended=desk.hands.clock.now(), said=said)
