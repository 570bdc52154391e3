"""A visit: lease one host, work its due targets at its pace, let go. The unit of work of crawl, daemon and worker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from scraper.fetch.politeness import Turns
from scraper.watch.check import Hands, check
from storage.records.source import Authority, SourceId, Target
from storage.records.verdict import CheckReport
from storage.store import Work

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
) -> bool:
    """Work all due targets of one host. False when another process holds it."""
    async with turns.visit(authority) as turn:
        if turn is None:
            return False
        done: set[int] = set()
        while batch := await _due(authority, hands, only, done):
            done |= {int(target.id or 0) for target in batch}
            await _work(batch, hands, connections, report)
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


async def _work(batch: Sequence[Target], hands: Hands, connections: int, report: Report) -> None:
    """As many at once as the host allows connections; each finished check is reported as it ends."""
    room = asyncio.Semaphore(connections)

    async def one(target: Target) -> None:
        async with room:
            report(await check(target, hands=hands))

    async with asyncio.TaskGroup() as group:
        for target in batch:
            group.create_task(one(target))
