"""Looks that somebody asked for on the dashboard: one at a time for each source, beside whatever a daemon does."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime

from scraper.errors import mendable
from scraper.web.desk import Desk
from storage.records.source import Source

LOG = logging.getLogger("accordwatch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One such look: begun, and once it is done what it brought."""

    began: datetime
    ended: datetime | None = None
    said: str = ""


class Checks:
    """The looks of this process, by source; the last of each is remembered."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._known: dict[str, Check] = {}

    def of(self, source: str) -> Check | None:
        """The last look of a source, under way or done."""
        return self._known.get(source)

    def start(self, source: Source, desk: Desk) -> None:
        """Begin a look, unless one is under way."""
        known = self._known.get(source.id)
        if known is not None and known.ended is None:
            return
        self._known[source.id] = Check(began=desk.hands.clock.now())
        task = asyncio.create_task(self._look(source, desk))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settled(self) -> None:
        """Wait until none is under way."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self) -> None:
        """End what runs: what it had not stored is done again next time."""
        for task in self._tasks:
            task.cancel()
        await self.settled()

    async def _look(self, source: Source, desk: Desk) -> None:
        said = "was cut short; it is done again next time"
        try:
            said = await desk.crawl(source)
        except Exception as raised:
            error = mendable(raised)
            said = str(error) if error else "ended by a fault of the program; see its log"
            if error is None:
                LOG.exception("the look at %s ended by a fault of the program; please report it", source.id)
        finally:
            began = self._known[source.id].began
            self._known[source.id] = Check(began=began, ended=desk.hands.clock.now(), said=said)
