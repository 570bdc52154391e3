"""More machines: visits wait in PostgreSQL, kept there by Procrastinate, and workers take them wherever they run.

What is due and what a visit does is decided elsewhere. Nothing here has to last: a visit that ended, however it ended,
leaves no job behind, and whatever is still due is handed out again by the daemon's next tick. The host's row keeps
politeness; the lock of a job only keeps two workers from queueing up behind one another.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any

import psycopg
from procrastinate import App, PsycopgConnector, exceptions
from procrastinate.jobs import Status
from procrastinate.schema import SchemaManager
from psycopg.sql import SQL, Identifier
from psycopg_pool import PoolTimeout

from scraper.engine.wheel import GRACE, Patience
from scraper.errors import StorageError, mendable
from scraper.fetch.politeness import Turns
from scraper.watch.check import Hands
from scraper.watch.visit import Report, visit
from storage.records.source import Authority, SourceId

LOG = logging.getLogger("accordwatch")
QUEUE = "visits"
BEAT, DEAD = 5.0, 20.0  # seconds between two signs of life of a worker; without one for so long it counts as dead
CONNECTIONS, PATIENCE = 4, 10.0  # of a process to the queue, and the seconds it waits for one
MAKING = 0x71756575  # "queu": the number of the advisory lock under which the tables of the queue are made


Visiting = Callable[[Authority], Awaitable[None]]


class VisitQueue:
    """The visits that wait, and those that workers are at."""

    _visit: Visiting
    _failed: asyncio.Future[None]

    def __init__(self, app: App) -> None:
        self._app = app
        # No retry: a waiting retry would hold back every job of its lock (Procrastinate 3.10, procrastinate_fetch_job).
        self._task = app.task(name="visit", queue=QUEUE)(self._taken)

    async def waiting(self) -> frozenset[str]:
        """Hosts whose visit no worker has taken yet. What dead workers had taken is given up for others first."""
        jobs = self._app.job_manager
        with _plainly():
            for job in await jobs.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=DEAD):
                LOG.warning("the worker that visited %s is gone; the visit goes to another", job.lock)
                await jobs.finish_job(job, Status.FAILED, delete_job=True)
            return frozenset(job.lock or "" for job in await jobs.list_jobs_async(queue=QUEUE, status="todo"))

    async def workers(self) -> int:
        """How many workers gave a sign of life lately."""
        lately = "last_heartbeat > now() - %(dead)s * interval '1s'"
        alive = f"SELECT count(*) AS workers FROM procrastinate_workers WHERE {lately}"  # noqa: S608 - own words
        with _plainly():
            return int((await self._app.connector.execute_query_one_async(alive, dead=DEAD))["workers"])

    async def put(self, hosts: Sequence[Authority]) -> None:
        """Let these visits wait. When another daemon does the same at this moment, the next tick brings the rest."""
        jobs = [self._task.configure(lock=host, queueing_lock=host, task_kwargs={"host": host}).job for host in hosts]
        with _plainly(), suppress(exceptions.AlreadyEnqueued):
            await self._app.job_manager.batch_defer_jobs_async(jobs)

    async def take(self, visit: Visiting, *, hosts: int, stop: asyncio.Event) -> None:
        """Make visits that wait, so many at once, until `stop`; what runs then has GRACE seconds to end by itself.

        Raises what the first visit that failed had raised, and StorageError when the queue is lost.
        """
        self._visit, self._failed = visit, asyncio.get_running_loop().create_future()
        stopped = asyncio.create_task(stop.wait())
        working = asyncio.create_task(
            self._app.run_worker_async(
                queues=[QUEUE], concurrency=hosts, delete_jobs="always", install_signal_handlers=False,
                shutdown_graceful_timeout=GRACE, update_heartbeat_interval=BEAT, stalled_worker_timeout=DEAD,
            )
        )  # fmt: skip
        ends: set[asyncio.Future[Any]] = {working, stopped, self._failed}
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        working.cancel()
        await asyncio.wait({working})
        if self._failed.done():
            self._failed.result()
        with _plainly(), suppress(asyncio.CancelledError):
            working.result()
        if not stop.is_set():  # Procrastinate ends without a word when its side tasks lose the database
            raise _lost("the connection was lost")

    async def _taken(self, host: str) -> None:
        try:
            await self._visit(Authority(host))
        except Exception as error:
            if not self._failed.done():
                self._failed.set_exception(error)


@asynccontextmanager
async def open_queue(address: str) -> AsyncIterator[VisitQueue]:
    """The queue in that database, its tables made when they are not there. Raises StorageError."""
    for name in ("procrastinate", "psycopg.pool"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what they tell of a lost server we tell in one line
    asyncio.get_running_loop().set_exception_handler(_told_elsewhere)
    with _plainly():
        schema = await _made(address)
        search = {"options": f"-c search_path={schema}"}
        connector = PsycopgConnector(
            conninfo=address, kwargs=search, min_size=1, max_size=CONNECTIONS, timeout=PATIENCE,
            reconnect_timeout=PATIENCE,
        )  # fmt: skip
        app = App(connector=connector)
        await app.open_async()
    try:
        yield VisitQueue(app)
    finally:
        await app.close_async()


def _told_elsewhere(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A visit that could not be crossed off since the server was lost: `take` tells that, `waiting` finds the visit."""
    if not isinstance(context.get("exception"), exceptions.ConnectorException):
        loop.default_exception_handler(context)


async def _made(address: str) -> str:
    """The schema that holds the queue; its name tells of which tables it is made, so that another release of
    Procrastinate makes tables of its own in place of migrating these: what waited in the old ones is due still.
    """
    tables = SchemaManager.get_schema()
    name = f"accordwatch_visits_{blake2b(tables.encode(), digest_size=4).hexdigest()}"
    async with await psycopg.AsyncConnection.connect(address, connect_timeout=int(PATIENCE)) as connection:
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", (MAKING,))
        known = await (await connection.execute("SELECT to_regnamespace(%s)", (name,))).fetchone()
        if known == (None,):
            await connection.execute(SQL("CREATE SCHEMA {0}; SET LOCAL search_path = {0}").format(Identifier(name)))
            await connection.execute(tables)
    return name


@contextmanager
def _plainly() -> Iterator[None]:
    """What a lost, stopped or refusing server raises, as one StorageError."""
    try:
        yield
    except (exceptions.ConnectorException, psycopg.Error, PoolTimeout) as error:
        raise _lost(str(error.__cause__ or error)) from error


def _lost(cause: str) -> StorageError:
    line = cause.strip().splitlines()[0] if cause.strip() else "cannot be reached"
    return StorageError("queue of visits", line, "see that the PostgreSQL server of [storage] url runs")


@dataclass(kw_only=True)
class Worker:
    """Takes visits until its event is set: the counterpart of the daemon's wheel, on any number of machines."""

    hands: Hands
    turns: Turns
    queue: VisitQueue
    sources: tuple[SourceId, ...]  # those it has a configuration for; what else a host has is left to other workers
    hosts: int
    connections: int
    report: Report
    does: str = "taking visits of"
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    ticked: datetime | None = None  # it waits for visits, and has no tick that could be late
    patience: Patience = field(default_factory=Patience)

    async def turn(self) -> None:
        """Run until `stopping` is set; trouble that a person must mend makes it wait, and it goes on by itself."""
        while not self.stopping.is_set():
            try:
                await self.queue.take(self._visit, hosts=self.hosts, stop=self.stopping)
            except Exception as raised:
                error = mendable(raised)
                if error is None:
                    raise
                pause = self.patience.meet(error)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.stopping.wait(), pause.total_seconds())

    async def _visit(self, authority: Authority) -> None:
        try:
            await visit(
                authority, hands=self.hands, turns=self.turns, only=self.sources, connections=self.connections,
                report=self.report, stop=self.stopping.is_set,
            )  # fmt: skip
        except Exception as raised:
            if mendable(raised) is not None:
                raise
            LOG.error("visit %s ended by a fault of the program; please report it", authority, exc_info=raised)
        else:
            self.patience.end()
