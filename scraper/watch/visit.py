"""A visit: lease one host, work its due targets at its pace, let go. The unit of work of crawl, daemon and worker."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from scraper.errors import UserError
from scraper.fetch.politeness import Turns
from scraper.watch.check import Hands, check
from scraper.watch.due import next_try
from storage.records.source import Authority, SourceId, Target
from storage.records.verdict import CheckReport
from storage.store import Work

LOG = logging.getLogger("accordwatch")
BATCH = 200  # targets taken at a time: what a first look adds is seen at the next batch

Report = Callable[[CheckReport], None]


async def visit(
    authority: Authority,
    *,
    hands: Hands,
    turns: Turns,
    only: Sequence[SourceId] | None,
    connections: int,
    report: Report,
    stop: Callable[[], bool] = lambda: False,
) -> bool:
    """Work all due targets of one host. False when another process holds it.

    Once `stop` says so no further target is begun; what is left stays due.
    """
    async with turns.visit(authority) as turn:
        if turn is None:
            return False
        done: set[int] = set()
        while not stop() and (batch := await _due(authority, hands, only, done)):
            done |= {int(target.id or 0) for target in batch}
            await _work(batch, hands, connections, report, stop)
        return True


async def _due(
    authority: Authority, hands: Hands, only: Sequence[SourceId] | None, done: set[int]
) -> tuple[Target, ...]:
    """Due targets not yet worked in this visit; a target that stays due is left for the next one."""
    now = hands.clock.now()

    def ask(work: Work) -> tuple[Target, ...]:
        return work.due_targets(authority, now=now, only=only, limit=BATCH + len(done))

    found = await hands.writer.write(ask)
    return tuple(target for target in found if int(target.id or 0) not in done)[:BATCH]


async def _work(
    batch: Sequence[Target], hands: Hands, connections: int, report: Report, stop: Callable[[], bool]
) -> None:
    """As many at once as the host allows connections; each finished check is reported as it ends."""
    room = asyncio.Semaphore(connections)

    async def one(target: Target) -> None:
        async with room:
            if not stop():
                report(await _checked(target, hands))

    async with asyncio.TaskGroup() as group:
        for target in batch:
            group.create_task(one(target))


async def _checked(target: Target, hands: Hands) -> CheckReport:
    """A check whose bug costs this one target: it is put off like any failure, and the other targets go on."""
    try:
        return await check(target, hands=hands)
    except UserError:  # database or archive: nothing can go on
        raise
    except Exception as error:
        LOG.debug("a fault of the program at %s", target.url, exc_info=True)
        why = f"a fault of the program, {type(error).__name__}: {error}; please report it with this address"
        now = hands.clock.now()
        failed = replace(target, failures=target.failures + 1, last_checked=now, trouble=why)
        failed = replace(failed, due=next_try(failed, hands.policy(target.source).source, now=now))
        await hands.writer.write(lambda work: work.keep_target(failed))
        return CheckReport(
            source=target.source, url=target.url, kind=target.kind.value, outcome="fault", title=target.title,
            trouble=why,
        )  # fmt: skip
