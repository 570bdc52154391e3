"""One manual crawl: bring the chosen sources up to date now, host beside host, until nothing of theirs is due."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from scraper.fetch.politeness import Turns
from scraper.url import canonical, identity
from scraper.watch.check import Hands
from scraper.watch.due import next_look
from scraper.watch.visit import Report, visit
from storage.records.source import Authority, Source, SourceId, Target, TargetKind
from storage.records.verdict import CheckReport
from storage.store import Work

PLACES = ("restored", "new", "withdrawn", "changed", "moved", "unchanged")  # an article's place is the first it has
CHANGED = frozenset({"corrected", "edited", "retitled", "date_changed", "republished"})
NO_NETWORK = (
    "this machine has no network: no host, or hardly any, could be reached; `accordwatch demo` works without one"
)
MANY = 5  # sources that fail at once are no coincidence
ROUNDS = 50  # a new authority may turn up in each round; a chain longer than this is a trap
MOST_VISITS = 6  # of one host in one crawl: with a `recheck` of seconds its articles are due again at once
TROUBLE = frozenset({"fault", "unreached", "failed", "refused", "trouble", "unfit"})


@dataclass(slots=True)
class SourceTally:
    """What one crawl found at one source. Articles are counted once each, whatever happened to them."""

    id: SourceId
    name: str
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    moved: int = 0
    withdrawn: int = 0
    restored: int = 0
    partnerships: int = 0
    requests: int = 0
    not_modified: int = 0
    alerts: int = 0
    good_looks: int = 0  # discovery targets that could be read
    unreached: int = 0  # looks that failed before a host answered
    answered: int = 0
    held: int = 0  # changes that are not believed yet
    sick: str = ""  # one line when it has failed for so long that a person is needed
    trouble: list[str] = field(default_factory=list)
    hollow: list[str] = field(default_factory=list)  # lists that name nothing: no trouble where another way works
    told: list[tuple[str, str]] = field(default_factory=list)  # what happened, to which title; a partnership first
    places: dict[int | str, str] = field(default_factory=dict)  # where each article was counted

    @property
    def ok(self) -> bool:
        return self.good_looks > 0

    @property
    def well(self) -> bool:
        """Whether all of it can be believed: not while most of its items seem to have changed at once."""
        return self.ok and not self.held

    def add(self, report: CheckReport) -> None:
        """Count one finished check."""
        for part in report.parts:
            self.add(part)
        kinds = set(report.changes)
        self.unreached += report.outcome == "unreached"
        self.answered += report.outcome != "unreached"
        self.held += report.outcome == "held"
        if report.outcome == "held" and report.because[0] not in self.trouble:
            self.trouble.append(report.because[0])
        if report.outcome == "waits":  # it is looked at again in this very crawl
            pass
        elif report.kind not in (TargetKind.ARTICLE, TargetKind.ENTRY):
            self.good_looks += report.outcome in ("read", "not_modified")
        elif report.outcome not in TROUBLE | {"gone", "issue"}:
            self._count(report.item or report.url, kinds | ({"changed"} if kinds & CHANGED else set()))
        self.requests += report.requests
        self.told += [(kind, report.title or report.url) for kind in report.changes]
        if report.partnerships:
            self.told.insert(0, ("agreement", report.title or report.url))
        self.partnerships += report.partnerships
        self.not_modified += report.outcome == "not_modified"
        self.alerts += report.alerts
        if report.outcome == "hollow":
            self.hollow.append(f"{report.url}: {report.trouble}")
        if report.outcome in TROUBLE or (report.outcome == "gone" and report.kind != TargetKind.ARTICLE):
            self.trouble.append(f"{report.url}: {report.trouble or ', '.join(report.because)}")

    def _count(self, article: int | str, kinds: set[str]) -> None:
        """An article that is looked at twice in one crawl, at two addresses maybe, keeps its foremost place."""
        before = self.places.get(article)
        place = next(place for place in PLACES if place in kinds | {before, "unchanged"})
        if before is not None:
            setattr(self, before, getattr(self, before) - 1)
        setattr(self, place, getattr(self, place) + 1)
        self.places[article] = place


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a crawl is asked to do."""

    sources: tuple[Source, ...]
    recheck: bool = False  # known articles too, whether due or not
    max_hosts: int = 32
    connections: int = 1


async def crawl(wish: Wish, *, hands: Hands, turns: Turns, report: Report = lambda _: None) -> tuple[SourceTally, ...]:
    """Crawl; one tally a source, in the order given. Alerts stay in the outbox."""
    tallies = {source.id: SourceTally(id=source.id, name=source.name) for source in wish.sources}
    now = hands.clock.now()
    await hands.writer.write(lambda work: prepare(work, wish.sources, now=now, recheck=wish.recheck))

    def count(done: CheckReport) -> None:
        tallies[done.source].add(done)
        report(done)

    busy = await _rounds(wish, hands, turns, tuple(tallies), count)
    for authority in busy:
        for tally in tallies.values():
            if not tally.ok:
                tally.trouble.append(f"{authority}: another accordwatch is asking this host now; try again later")
    for tally in tallies.values():
        tally.trouble += [] if tally.ok else tally.hollow
    if no_network(list(tallies.values())):
        for tally in (each for each in tallies.values() if not each.answered):
            tally.trouble = [NO_NETWORK]
    silent = [tally.id for tally in tallies.values() if not tally.ok and not tally.trouble]
    for source, line in await hands.writer.write(lambda work: left_alone(work, silent, now)) if silent else ():
        tallies[source].trouble += [line] if line else []
        tallies[source].good_looks += not line
    return tuple(tallies.values())


def left_alone(work: Work, sources: Sequence[SourceId], begun: datetime) -> list[tuple[SourceId, str]]:
    """Why a source was not asked at all: its host wants to be left alone, after errors or by its own wish; an empty
    line where another process looked at it since this crawl had begun."""
    lines = []
    for source in sources:
        for target in work.targets_of(source, discovering=True):
            host = work.host(target.url)
            if target.last_good is not None and target.last_good >= begun:
                lines.append((source, ""))
            elif host is not None and host.next_allowed is not None and host.next_allowed > begun:
                why = host.trouble or target.trouble or "its own wish"
                lines.append((source, f"{target.url}: left alone until {host.next_allowed:%Y-%m-%d %H:%M} UTC ({why})"))
    return lines


async def _rounds(
    wish: Wish, hands: Hands, turns: Turns, only: Sequence[SourceId], count: Report
) -> tuple[Authority, ...]:
    """Visit hosts, as many at once as allowed, as long as something is due; those that another process holds."""
    room = asyncio.Semaphore(wish.max_hosts)
    visits: Counter[Authority] = Counter()
    busy: set[Authority] = set()

    async def one(authority: Authority) -> None:
        async with room:
            if not await visit(
                authority, hands=hands, turns=turns, only=only, connections=wish.connections, report=count
            ):
                busy.add(authority)

    for _ in range(ROUNDS):
        now = hands.clock.now()
        due = await hands.writer.write(lambda work, now=now: work.due_authorities(now=now, only=only))  # type: ignore[misc]
        due = [authority for authority in due if authority not in busy and visits[authority] < MOST_VISITS]
        if not due:
            break
        visits.update(due)
        async with asyncio.TaskGroup() as group:
            for authority in due:
                group.create_task(one(authority))
    return tuple(sorted(busy))


def prepare(work: Work, sources: Sequence[Source], *, now: datetime, recheck: bool) -> None:
    """Give each source its discovery targets, and bring forward what is to be looked at."""
    seed(work, sources, now)
    work.make_due([source.id for source in sources], now=now, articles=recheck)


def seed(work: Work, sources: Sequence[Source], now: datetime) -> None:
    """The addresses that the configuration names are targets; those it no longer names are retired.

    A new address has a baseline of its own, since its target is new.
    """
    for source in sources:
        _seed(work, source, now)
        if work.swap_every(source) not in ("", source.every):
            _retime(work, source, now)


def _seed(work: Work, source: Source, now: datetime) -> None:
    wanted = {identity(address): address for address in map(canonical, (source.url, *source.discover)) if address}
    known = work.targets_of(source.id, discovering=True)
    for target in known:
        if target.origin == "given" and _named(target, wanted) not in wanted:
            work.keep_target(replace(target, retired=True))
    have = {_named(target, wanted) for target in known}
    kind = TargetKind.PAGE if source.kind == "page" else TargetKind.LISTING
    for target in known:  # the address was a news page before, or is one now
        if (
            target.origin == "given"
            and target.identity in wanted
            and (target.kind is TargetKind.PAGE) != (kind is TargetKind.PAGE)
        ):
            work.keep_target(
                replace(target, kind=kind, due=now, etag="", last_modified="", body_hash="", last_good=None)
            )
    work.add_targets(
        Target(source=source.id, kind=kind, url=address, identity=key, due=now)
        for key, address in wanted.items()
        if key not in have
    )


def _named(target: Target, wanted: Container[str]) -> str:
    """The address of the configuration that a target stands for: its own, or the one whose place it took."""
    return target.identity if target.identity in wanted or not target.configured else target.configured


def _retime(work: Work, source: Source, now: datetime) -> None:
    """Another `every` holds from now on, and not only from the next look: its lists are due by it."""
    for target in work.targets_of(source.id, discovering=True):
        if target.last_good is not None and not target.failures:
            due = next_look(target, source, recheck="", now=target.last_good)
            work.keep_target(replace(target, due=max(due, now)))


def no_network(tallies: Sequence[SourceTally]) -> bool:
    """Whether this machine rather than the sites is what failed: no host answered, or hardly one of many."""
    lost = sum(tally.unreached > 0 and not tally.answered for tally in tallies)
    reached = sum(tally.answered > 0 for tally in tallies)
    return lost > 0 and (not reached or (lost >= MANY and lost > 4 * reached))
