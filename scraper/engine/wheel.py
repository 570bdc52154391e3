"""The wheel of the daemon: a tick that starts visits, a delivery, a nightly tidy, until it is told to stop.

Which hands it holds is app's choice, what a visit does is in watch, signals and the configuration are in daemon.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from scraper.errors import UserError, mendable
from scraper.fetch.politeness import Turns
from scraper.watch.check import Hands
from scraper.watch.visit import Report, visit
from storage.records.source import Authority
from storage.records.verdict import CheckReport

LOG = logging.getLogger("accordwatch")
TICK, DELIVER, TIDY = timedelta(seconds=5), timedelta(seconds=30), timedelta(days=1)
GRACE = 20  # seconds that what runs has to end by itself; systemd kills after 90
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=10)
BACKWARDS = timedelta(minutes=2)  # a clock that goes back by more was wrong before; less is its daily correction

AHEAD = 1000  # visits that wait for workers at one time

Job = Callable[[], Awaitable[object]]


class Queue(Protocol):
    """Where visits wait for workers on other machines."""

    async def waiting(self) -> frozenset[str]:
        """The hosts whose visits wait."""
        ...

    async def put(self, hosts: Sequence[Authority]) -> None: ...


@dataclass
class Patience:
    """What keeps a process from working, and how long all its work waits then: told once, tried ever more rarely."""

    trouble: str = ""  # in one line; empty when all is well
    pause: timedelta = SHORTEST_PAUSE

    def meet(self, error: UserError) -> timedelta:
        """How long to wait now."""
        if str(error) != self.trouble:
            LOG.error("%s; all work waits and is tried again", error)
        pause, self.trouble, self.pause = self.pause, str(error), min(2 * self.pause, LONGEST_PAUSE)
        return pause

    def end(self) -> None:
        """Something went well: the trouble is over."""
        if self.trouble:
            LOG.info("goes on; what stopped it is gone: %s", self.trouble)
        self.trouble, self.pause = "", SHORTEST_PAUSE


@dataclass(kw_only=True)
class Wheel:
    """Turns until its event is set. One a process; everything it starts is its own task, so that it can end it."""

    hands: Hands
    turns: Turns
    deliver: Job
    tidy: Job
    max_hosts: int
    connections: int
    report: Report
    queue: Queue | None = None  # where visits are handed out, in place of making them here
    does: str = "watching"
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    ticked: datetime | None = None
    patience: Patience = field(default_factory=Patience)
    _tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _paused_until: datetime | None = None

    async def turn(self) -> None:
        """Run until `stopping` is set, then end what runs: at the next seam within GRACE seconds, else at once.

        The scheduler only starts tasks: its own shutdown would cancel a mail in the middle of its dialogue.
        """
        scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        for job, every in ((self.tick, TICK), (self.post, DELIVER), (self.clean, TIDY)):
            scheduler.add_job(job, "interval", seconds=every.total_seconds())
        scheduler.start()
        pendulum = asyncio.create_task(self._keep_ticking(scheduler))
        try:
            await self.tick()
            await self.stopping.wait()
        finally:
            pendulum.cancel()
            scheduler.shutdown(wait=False)
            await self._end()

    async def _keep_ticking(self, scheduler: AsyncIOScheduler) -> None:
        """The scheduler goes by the clock on the wall: set back by an hour, it would sleep for an hour."""
        before = self.hands.clock.now()
        while True:
            await asyncio.sleep(TICK.total_seconds())  # by the machine's own time
            now = self.hands.clock.now()
            if now < before:
                for job in scheduler.get_jobs():
                    job.modify(next_run_time=now)
            before = now

    async def tick(self) -> None:
        """Start a visit for each host that has something due, as many at once as allowed."""
        before, self.ticked = self.ticked, self.hands.clock.now()
        if before is not None and self.ticked < before - BACKWARDS:
            LOG.warning("the clock went back from %s to %s", before, self.ticked)
            self._paused_until = None
            self._start("clock", self._mend_clock)
        if not self._paused:
            self._start("look", self._look)

    async def post(self) -> None:
        """Start a delivery, unless one is under way."""
        if not self._paused:
            self._start("deliver", self.deliver)

    async def clean(self) -> None:
        """Start tidying up."""
        self._start("tidy", self.tidy)

    async def settled(self) -> None:
        """Wait until nothing runs any more."""
        while self._tasks:
            await asyncio.wait(self._tasks.values())
            await asyncio.sleep(0)

    async def _look(self) -> None:
        if self.queue is not None:
            await self._hand_out(self.queue)
            return
        now, busy = self.hands.clock.now(), self._visiting
        room = self.max_hosts - len(busy)
        if room <= 0:
            return
        due = await self.hands.writer.write(
            lambda work: work.due_authorities(now=now, limit=self.max_hosts + len(busy))
        )
        for authority in [each for each in due if each not in busy][:room]:
            self._start(f"visit {authority}", lambda authority=authority: self._visit(authority))  # type: ignore[misc]

    async def _hand_out(self, queue: Queue) -> None:
        now, waiting = self.hands.clock.now(), await queue.waiting()
        due = await self.hands.writer.write(lambda work: work.due_authorities(now=now, limit=AHEAD))
        fresh = [each for each in due if each not in waiting]
        if fresh:
            await queue.put(fresh)

    async def _visit(self, authority: Authority) -> None:
        await visit(
            authority, hands=self.hands, turns=self.turns, only=None, connections=self.connections,
            report=self._told, stop=self.stopping.is_set,
        )  # fmt: skip

    def _told(self, report: CheckReport) -> None:
        """Pass it on; what is due at once does not wait for the next round of deliveries."""
        self.report(report)
        if report.alerts:
            self._start("deliver", self.deliver)

    async def _mend_clock(self) -> None:
        now = self.hands.clock.now()
        await self.hands.writer.write(lambda work: work.forget_the_future(now=now))

    @property
    def _visiting(self) -> set[str]:
        return {name.removeprefix("visit ") for name in self._tasks if name.startswith("visit ")}

    @property
    def _paused(self) -> bool:
        return self._paused_until is not None and self.hands.clock.now() < self._paused_until

    def _start(self, name: str, job: Job) -> None:
        if name not in self._tasks and not self.stopping.is_set():
            task = asyncio.create_task(self._guarded(name, job), name=name)
            self._tasks[name] = task
            task.add_done_callback(lambda _: self._tasks.pop(name, None))

    async def _guarded(self, name: str, job: Job) -> None:
        """A job that a person must help is tried again later; a bug ends this job alone, with its traceback."""
        try:
            await job()
        except Exception as raised:
            error = mendable(raised)
            if error is None:
                LOG.error("%s ended by a fault of the program; please report it", name, exc_info=raised)
            else:
                self._hold(error)
        else:
            if name == "look":
                self.patience.end()
                self._paused_until = None

    def _hold(self, error: UserError) -> None:
        if not self._paused:
            self._paused_until = self.hands.clock.now() + self.patience.meet(error)

    async def _end(self) -> None:
        self.stopping.set()
        running = set(self._tasks.values())
        if not running:
            return
        _, late = await asyncio.wait(running, timeout=GRACE)
        for task in late:
            LOG.warning("%s is cut short; what it had not stored is done again next time", task.get_name())
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
