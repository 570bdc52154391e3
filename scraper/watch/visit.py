"""A visit: lease one host, work its due targets at its pace, let go. The unit of work of crawl, daemon and worker."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from scraper.errors import UserError
from scraper.fetch.politeness import Turns
from scraper.watch.brake import Held, in_its_design, rule
from scraper.watch.check import Hands, check_or_hold, judged, report_of
from scraper.watch.due import next_try
from storage.records.source import Authority, SourceId, Target, TargetKind
from storage.records.verdict import CheckReport, Verdict
from storage.store import Work

LOG = logging.getLogger("accordwatch")
OTHERS = 8  # articles that are looked at to know whether a new design is the whole site's
MOST_HELD = 500  # looks that wait at one time
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
        round_ = Round()
        while not stop() and (batch := await _due(authority, hands, only, done)):
            done |= {int(target.id or 0) for target in batch}
            await _work(batch, hands, connections, round_, report, stop)
            if len(round_.held) >= MOST_HELD:
                await _settle(round_, hands, report)
        if not stop():  # what was held is looked at again by the next visit
            await _settle(round_, hands, report)
        return True


@dataclass(slots=True)
class Round:
    """What a visit has seen of known articles so far."""

    held: list[Held] = field(default_factory=list)
    looked: Counter[SourceId] = field(default_factory=Counter)
    awaited: set[int] = field(default_factory=set)  # items that may have moved: their new address is looked at next

    def add(self, done: CheckReport) -> None:
        if done.outcome == "waits" and done.verdict is not None and done.verdict.story is not None:
            self.awaited.add(done.verdict.story)
        known = done.kind == TargetKind.ARTICLE and done.item is not None and "new" not in done.changes
        self.looked[done.source] += known and done.outcome in ("read", "not_modified", "gone", "moved")


async def _settle(round_: Round, hands: Hands, report: Report) -> None:
    """Rule on what was held, one source at a time, each in one transaction."""
    held, round_.held = round_.held, []
    for source in dict.fromkeys([*(one.look.target.source for one in held), *round_.looked]):
        own = [one for one in held if one.look.target.source == source]
        round_.looked[source] += len(own)
        for done in await hands.writer.write(partial(_ruled, own, source, round_, hands)):
            report(done)


def _ruled(held: Sequence[Held], source: SourceId, round_: Round, hands: Hands, work: Work) -> list[CheckReport]:
    policy, now, brake = hands.policy(source), hands.clock.now(), work.brakes().get(source)
    if not held and brake is None:
        return []
    looks = in_its_design([(one.look, judged(one.look, work, policy, now)[1]) for one in held])
    found = []
    for look in looks:
        _, verdict = judged(look, work, policy, now)
        found.append((look, _put_off(verdict) if verdict.target.item in round_.awaited else verdict))
    ruling = rule(found, looked=round_.looked[source], brake=brake, confirm=policy.watch.confirm_mass_change, now=now)
    work.keep_brake(source, ruling.brake)
    if ruling.wider:
        work.bring_forward(source, now=now, most=OTHERS)
    return [
        replace(report_of(verdict, work.keep(verdict)), requests=one.requests)
        for one, verdict in zip(held, ruling.verdicts, strict=True)
    ]


def _put_off(verdict: Verdict) -> Verdict:
    """Gone, while its story may stand elsewhere: the count goes on, the word waits for the other address."""
    if verdict.outcome != "withdrawn":
        return verdict
    target = replace(verdict.target, due=verdict.at)
    return Verdict(target=target, at=verdict.at, outcome="waits", because=("it may have moved",))


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
    batch: Sequence[Target], hands: Hands, connections: int, round_: Round, report: Report, stop: Callable[[], bool]
) -> None:
    """As many at once as the host allows connections; each finished check is reported as it ends."""
    room = asyncio.Semaphore(connections)

    async def one(target: Target) -> None:
        async with room:
            if stop():
                return
            done = await _checked(target, hands)
        if isinstance(done, Held):
            round_.held.append(done)
            return
        round_.add(done)
        for each in (done, *done.items):
            report(each)

    async with asyncio.TaskGroup() as group:
        for target in batch:
            group.create_task(one(target))


async def _checked(target: Target, hands: Hands) -> CheckReport | Held:
    """A check whose bug costs this one target: it is put off like any failure, and the other targets go on."""
    try:
        return await check_or_hold(target, hands=hands)
    except UserError:  # database or archive: nothing can go on
        raise
    except Exception as error:
        LOG.debug("a fault of the program at %s", target.url, exc_info=True)
        why = f"a fault of the program, {type(error).__name__}: {error}; please report it with this address"
        now = hands.clock.now()
        failed = replace(target, failures=target.failures + 1, last_checked=now, trouble=why)
        failed = replace(failed, due=next_try(failed, hands.policy(target.source).source, now=now))
        await hands.writer.write(lambda work: work.keep_target(failed, before=target))
        return CheckReport(
            source=target.source, url=target.url, kind=target.kind.value, outcome="fault", title=target.title,
            trouble=why,
        )  # fmt: skip
