"""An analyst's week: everything that a world of sites does to a watcher in days, and what it says of it in the end."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

import pytest

from scraper.alert.channel import Inbox
from scraper.clock import FakeClock
from scraper.watch.overview import overview
from storage.records.alert import Delivery
from storage.records.health import Gap, Health
from storage.records.source import Source
from storage.store import Catalogue, Filter, Store
from tests.builders import DAY, HOUR, a_person, a_rule
from tests.stories.week import TICK, Outlet, Story, World, a_watched, run

BRUSSELS = ZoneInfo("Europe/Brussels")
WAYS = ("feed", "listing", "paged", "both", "listing")
EVERY = ("1h", "2h", "3h")
CRON = {3: "30 2 * * *", 8: "15 7-19/2 * * *"}  # the first names an hour that the last Sunday of March has not
SLACK = timedelta(minutes=30) + TICK  # that a look may be overdue before it counts as missed
ANALYST, COLLEAGUE = "ana@press.eu", "col@press.eu"
QUIET = (time(22, 0), time(6, 30))
RULES = (
    a_rule("partnership", "changed", "withdrawn", "source_trouble", name="at once"),
    a_rule("partnership", name="colleague", to=(a_person(COLLEAGUE, id="col", timezone="Europe/Brussels",
                                                         quiet_hours="22:00-06:30"),)),
    a_rule("new", name="daily", delivery="daily 07:30", to=(a_person("desk@press.eu", id="desk"),)),
)  # fmt: skip


def a_story(outlets: int, days: int, start: datetime) -> Story:
    """The same for the same arguments: a first look at `start`, and from six hours later on things happen."""
    chance = random.Random(outlets * 100 + days)
    world = World(clock=FakeClock(start), outlets=[
        Outlet(number=n, way=WAYS[n % 5], size=6 if n % 5 == 0 else 10, restless=n % 4 == 1) for n in range(outlets)
    ])  # fmt: skip
    story, end = Story(world=world, start=start, chance=chance), 24.0 * days
    for outlet in world.outlets:
        for n in range(14 if outlet.way == "paged" else 8):
            day = start - timedelta(days=3 * n + chance.random() * 3)
            outlet.releases.append(story.release(outlet, day))
    for n in range(outlets):
        for _ in range(max(1, days * 3 // 7)):
            story.publish(n, story.at(chance.uniform(6, end - 14)))
    _agreements(story, outlets, end)
    _edits_and_ends(story, outlets, days, end)
    _noise(story, end)
    _outages(story, outlets, end)
    return story


def _agreements(story: Story, outlets: int, end: float) -> None:
    pairs = [(n, (n + 7) % outlets) for n in range(outlets)]
    for number, other in story.chance.sample(pairs, max(4, outlets // 3)):
        press = story.chance.sample([n for n in range(3, outlets, 5) if n not in (number, other)], 2)
        story.agree(number, other, story.at(story.chance.uniform(6, end - 20)), press=press)


def _edits_and_ends(story: Story, outlets: int, days: int, end: float) -> None:
    for number in story.chance.sample(range(outlets), outlets // 4):
        release = story.publish(number, story.at(story.chance.uniform(6, end / 3)))
        story.edit(number, release, release.at + timedelta(hours=5))
        story.publish(number, story.at(end / 2), day=story.at(0) - 20 * DAY)  # a late find: backdated
    for number in story.chance.sample(range(outlets), outlets // 8 if days >= 6 else 0):
        release = story.world.outlets[number].releases[1]
        story.withdraw(number, release, story.at(24))


def _noise(story: Story, end: float) -> None:
    redesigned, pages = story.world.outlets[6], story.world.outlets[9]
    story.do(story.at(end / 2), lambda: setattr(redesigned, "theme", 1))
    story.break_down(pages.number, story.at(9), story.at(11), "maintenance")


def _outages(story: Story, outlets: int, end: float) -> None:
    chance = story.chance
    kinds = (("503", 5), ("403", 30), ("404", 9), ("dns", 6), ("503", 26))
    for n, (what, hours) in enumerate(kinds * (outlets // 20)):
        since = chance.uniform(7, max(8, end - hours - 16))
        number = (11 + 3 * n + n % 2) % outlets
        story.break_down(number, story.at(since), story.at(since + hours), what)
    overflows = [(each, 9) for each in range(10, outlets, 20)]  # feeds of six entries
    for number, many in (*overflows, (12, 24)):  # a list with further pages loses nothing
        story.break_down(number, story.at(8), story.at(18), "503")
        for n in range(many):
            story.publish(number, story.at(9 + n * 8 / many))
    story.stop(story.at(end * 0.55), story.at(end * 0.55 + 7))
    story.cut_off(story.at(end * 0.7), story.at(end * 0.7 + 5))
    story.restarts += [story.at(end * share) for share in (0.2, 0.4, 0.85)]


# --- the truth against what was said ---------------------------------------------------------------------------------


class Week:
    """The story after its end, with what memory and mailbox hold of it."""

    def __init__(self, story: Story, sources: tuple[Source, ...], inbox: Inbox, catalogue: Catalogue) -> None:
        self.story, self.inbox, self.outlets = story, inbox, story.world.outlets
        self.health = dict(
            zip((s.id for s in sources), overview(catalogue, sources, story.world.clock.now()), strict=True)
        )
        self.sources = sources
        self.rows = catalogue.deliveries(Filter())
        self.items = {row.item.id: row.item for row in catalogue.items(Filter())}
        self.events = {entry.id: {w.url.rpartition("/")[2].partition("-copy")[0] for w in entry.witnesses}
                       for entry in catalogue.partnerships(Filter())}  # fmt: skip

    def told(self, *kinds: str, to: str = ANALYST, mode: str = "at once") -> list[Delivery]:
        return [row for row in self.rows if row.alert.kind in kinds and row.alert.to == to and row.alert.mode == mode]

    def slug(self, row: Delivery) -> str:
        item = self.items.get(row.alert.item) if row.alert.item is not None else None
        return item.url.rpartition("/")[2] if item else ""

    def missed(self, outlet: Outlet) -> set[str]:
        """What came and went while nobody could look."""
        looked = max((at for at, well in outlet.looks if well), default=self.story.start)
        return {each.slug for each in outlet.releases
                if each.slug not in outlet.shown and self.story.start < each.at <= looked}  # fmt: skip

    def waiting(self, outlet: Outlet) -> set[str]:
        """What came after the last good look, and is for the next one."""
        return {each.slug for each in outlet.releases if each.slug not in outlet.shown} - self.missed(outlet)

    def seen(self, kind: str) -> set[str]:
        lost = {slug for outlet in self.outlets for slug in self.missed(outlet) | self.waiting(outlet)}
        deeds = [deed for deed in self.story.deeds if deed.kind == kind and deed.slug not in lost]
        if kind == "changed":  # nobody knows of what stood otherwise before it was first read
            deeds = [deed for deed in deeds if self.outlets[deed.outlet].read.get(deed.slug, deed.at) < deed.at]
        return {deed.slug for deed in deeds}

    def pauses(self, number: int) -> Iterator[tuple[datetime, datetime | None, bool]]:
        """The truth of gaps: between two good answers of a list stood a bad one, or far too much time."""
        every = timedelta(hours=int(EVERY[number % 3][:-1]))
        last, bad = None, False
        for at, well in self.outlets[number].looks:
            if well and last is not None and (bad or at - last > every * 1.05 + SLACK):
                lost = self.missed(self.outlets[number])
                yield (
                    last,
                    at,
                    any(each.slug in lost and last < each.at <= at for each in self.outlets[number].releases),
                )
            last, bad = (at, False) if well else (last, True)
        if bad and last is not None:
            yield last, None, True


async def a_week(story: Story, folder: Path, days: int) -> Week:
    inbox, outlets = Inbox(), story.world.outlets
    sources = tuple(
        a_watched(outlet, every=CRON.get(outlet.number) or EVERY[outlet.number % 3], timezone="Europe/Brussels")
        for outlet in outlets
    )
    await run(story, folder, sources, RULES, inbox, story.start + days * DAY)
    store = Store(f"sqlite:///{folder}/accordwatch.db", folder / "archive")
    try:
        return Week(story, sources, inbox, store.catalogue())
    finally:
        store.close()


@pytest.mark.parametrize(
    ("outlets", "days", "start"),
    [(20, 2, datetime(2026, 3, 28, 0, 0, tzinfo=UTC)),
     pytest.param(60, 7, datetime(2026, 3, 25, 0, 0, tzinfo=UTC), marks=pytest.mark.long)],
    ids=["a weekend of twenty", "a week of sixty"],
)  # fmt: skip
async def test_an_analysts_week(outlets: int, days: int, start: datetime, tmp_path: Path) -> None:
    week = await a_week(a_story(outlets, days, start), tmp_path, days)
    _everything_was_told_once(week)
    _nothing_else_was_told(week)
    _trouble_was_told(week)
    _gaps_are_the_truth(week)
    _print(week)


def _everything_was_told_once(week: Week) -> None:
    known = {item.url.rpartition("/")[2] for item in week.items.values()}
    assert {slug for outlet in week.outlets for slug in outlet.shown} <= known, "missed"
    fresh = [week.slug(row) for row in week.told("new", to="desk@press.eu", mode="digest")]
    assert sorted(fresh) == sorted(set(fresh)), "told as new twice"
    assert week.seen("new") <= set(fresh), "not told as new"
    agreed = Counter(frozenset(week.events[row.alert.partnership or 0]) for row in week.told("partnership"))
    assert {slug for slugs in agreed for slug in slugs} >= week.seen("partnership"), "partnerships missed"
    assert set(agreed.values()) <= {1}, "partnerships mailed twice"
    edited = Counter(week.slug(row) for row in week.told("changed"))
    assert edited == Counter(week.seen("changed")), "edits"
    withdrawn = Counter(week.slug(row) for row in week.told("withdrawn"))
    assert withdrawn == Counter(week.seen("withdrawn")), "withdrawals"


def _nothing_else_was_told(week: Week) -> None:
    events = {slug.partition("-copy")[0] for slug in week.seen("partnership")}
    told = {slug for row in week.told("partnership") for slug in week.events[row.alert.partnership or 0]}
    assert told <= events, "no partnership"
    deeds = {deed.slug for deed in week.story.deeds}
    assert {week.slug(row) for row in week.told("new", to="desk@press.eu", mode="digest")} <= deeds, "history as news"
    assert len(week.inbox.received) == len(set(week.inbox.received)), "a mail went twice"
    for sent in (row.sent_at for row in week.rows if row.alert.to == COLLEAGUE and row.sent_at is not None):
        local = sent.astimezone(BRUSSELS).time()
        assert QUIET[1] <= local <= QUIET[0], f"mailed at {local}"


def _trouble_was_told(week: Week) -> None:
    troubled = {f"s{number:02}" for number, *_ in week.story.down}
    long = {f"s{number:02}" for number, since, until, what in week.story.down
            if until - since >= 24 * HOUR and what != "dns"}  # fmt: skip
    told = Counter(row.alert.source for row in week.told("source_trouble") if row.alert.subject.startswith("Trouble"))
    well = Counter(row.alert.source for row in week.told("source_trouble") if row.alert.subject.startswith("Recovered"))
    machine = told.pop("this-machine", 0)
    assert machine <= 1
    assert set(told) <= troubled, "trouble that was none"
    assert long <= set(told), "trouble that nobody was told of"
    assert well == told, "each trouble has its end"


def _gaps_are_the_truth(week: Week) -> None:
    for outlet, source in zip(week.outlets, week.sources, strict=True):
        health = week.health[source.id]
        for each in outlet.releases:
            if each.slug in week.missed(outlet):
                assert _in_a_gap(each.at, health), f"{source.id} claims over {each.slug}"
        if outlet.way == "both" or outlet.number in CRON:
            continue
        truth = list(week.pauses(outlet.number))
        assert _times(health.gaps) == [_minutes(a, b) for a, b, lost in truth if lost], source.id
        assert _times(health.closed) == [_minutes(a, b) for a, b, lost in truth if not lost], source.id


def _times(gaps: Sequence[Gap]) -> list[tuple[str, str]]:
    return [_minutes(gap.since, gap.until) for gap in gaps]


def _minutes(since: datetime, until: datetime | None) -> tuple[str, str]:
    """To the tick: a host that is left alone for some seconds has asked and answered at two moments."""
    return f"{since:%d %H:%M}"[:-1], f"{until:%d %H:%M}"[:-1] if until else ""


def _in_a_gap(at: datetime, health: Health) -> bool:
    inside = any(gap.since <= at and (gap.until is None or at <= gap.until) for gap in health.gaps)
    return inside and (health.complete_since is None or health.complete_since > at)


def _print(week: Week) -> None:
    when = {deed.slug: deed.at for deed in week.story.deeds if deed.kind == "partnership"}
    waits = sorted(
        (row.sent_at - when[slug]) / timedelta(minutes=1)
        for row in week.told("partnership")
        for slug in week.events[row.alert.partnership or 0]
        if row.sent_at is not None and slug in when
    )
    began = {f"s{number:02}": since for number, since, until, what in week.story.down}
    notices = sorted(
        (row.alert.created - began[row.alert.source]) / timedelta(minutes=1)
        for row in week.told("source_trouble")
        if row.alert.source in began and row.alert.subject.startswith("Trouble")
    )
    gaps = [len(health.gaps) for health in week.health.values()], [len(h.closed) for h in week.health.values()]
    print(f"\n{len(week.outlets)} sources, {len(week.items)} items, {sum(o.asked for o in week.outlets)} requests, "
          f"{len(week.inbox.received)} mails, gaps open {sum(gaps[0])}, caught up {sum(gaps[1])}")  # fmt: skip
    for name, minutes in (("publication to mail", waits), ("outage to notice", notices)):
        if minutes:
            print(f"{name}: median {median(minutes):.0f} min, longest {minutes[-1]:.0f} min, of {len(minutes)}")
