"""A world of many associations' sites that keeps a truth of its own, and a watcher turned by its wheel: time is not real.

The world knows what was published, edited and taken down when, which list was asked when and what it answered; so it
can say which mails are due and over which time nobody could have seen everything. Its pages are written by us.
"""

# ruff: noqa: E501 - markup

# ruff: noqa: E501 - markup

from __future__ import annotations

import errno
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

import httpx

from scraper.alert.channel import Inbox
from scraper.clock import FakeClock
from scraper.engine.readers import InlineReader
from scraper.engine.wheel import Wheel
from scraper.fetch.client import HttpFetcher
from scraper.fetch.limits import FetchSettings
from scraper.fetch.politeness import Turns
from scraper.watch.check import Hands
from scraper.watch.crawl import seed
from scraper.watch.deliver import Post as Desk
from scraper.watch.deliver import deliver
from scraper.watch.notices import notice
from scraper.watch.rescue import rescue
from scraper.watch.writer import Writer
from storage.records.alert import Rule
from storage.records.source import Source
from storage.store import Store
from tests.builders import DAY, a_policy, a_source
from tests.stories.cms import posts

TICK = timedelta(minutes=10)
FIRST = ("Nordic", "Rhine", "Alpine", "Baltic", "Adriatic", "Iberian", "Danube", "Celtic", "Aegean", "Carpathian")
SECOND = ("Imaging Forum", "Hospital Alliance", "Radiographers Society", "Telehealth Council", "Nursing Federation",
          "Laboratories Union")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Release:
    """One article; `at` is when it came to the site, `day` what it says of its date."""

    slug: str
    title: str
    at: datetime
    day: str
    paragraphs: tuple[str, ...]
    event: str = ""  # the partnership that it announces


@dataclass(kw_only=True)
class Outlet:
    """One association's site: a list of its newest releases, and their pages."""

    number: int
    way: (
        str  # feed: given as a feed; listing: one page; paged: older ones on further pages; both: a listing with a feed
    )
    size: int = 10
    list_size: int = 0  # of the listing beside a feed, where it is another
    releases: list[Release] = field(default_factory=list)  # newest on the site first
    theme: int = 0
    restless: bool = False  # each answer has a nonce, a counter and another side column
    trouble: str = ""  # "", "503", "403", "404", "maintenance", "dns"
    moved: dict[str, str] = field(default_factory=dict)  # paths that lead elsewhere for good
    new_feed: str = ""  # takes the place of /feed, and the home page announces it
    looks: list[tuple[datetime, bool]] = field(default_factory=list)  # at its list: when, answered well
    shown: dict[str, datetime] = field(default_factory=dict)  # slugs that a list named first then
    read: dict[str, datetime] = field(default_factory=dict)  # slugs whose page was given first then
    asked: int = 0

    @property
    def name(self) -> str:
        return f"{FIRST[self.number % 10]} {SECOND[self.number // 10 % 6]}"

    @property
    def host(self) -> str:
        return f"s{self.number:02}.test"

    @property
    def list_path(self) -> str:
        return "/feed" if self.way == "feed" else "/news"

    def url(self, release: Release) -> str:
        return f"https://{self.host}/news/{release.slug}"

    def publish(self, release: Release) -> None:
        self.releases.insert(0, release)

    def change(self, slug: str, how: Callable[[Release], Release]) -> None:
        self.releases = [how(each) if each.slug == slug else each for each in self.releases]

    def answer(self, path: str, query: str, now: datetime) -> tuple[int, str, str]:
        """Status, type and body."""
        self.asked += 1
        is_list = path in (self.list_path, "/feed" if self.way == "both" else "")
        well = not self.trouble or (self.trouble == "404" and not is_list)
        if is_list and not query:
            self.looks.append((now, well))
        if not well:
            return self._out_of_order()
        if self.new_feed and path in ("/", "/feed", self.new_feed):
            return self._anew(path, now)
        if path == "/feed" and self.way in ("feed", "both"):
            return 200, "application/rss+xml", self._feed(now)
        if path in ("/news", *self.moved.values()) and self.way != "feed":
            return 200, "text/html", self._listing(int(query.rpartition("=")[2] or 1), now)
        found = next((each for each in self.releases if path == f"/news/{each.slug}"), None)
        if found is None:
            return 404, "text/html", self._page("Page not found", "<h1>Page not found</h1>")
        self.read.setdefault(found.slug, now)
        return 200, "text/html", self._page(found.title, self._article(found))

    def _anew(self, path: str, now: datetime) -> tuple[int, str, str]:
        """A site whose feed has gone to another place."""
        if path == "/":
            link = f'<link rel="alternate" type="application/rss+xml" title="News" href="{self.new_feed}">'
            return 200, "text/html", f"<html><head><title>Home</title>{link}</head><body><h1>Welcome</h1></body></html>"
        if path == "/feed":
            return 404, "text/html", "<p>no such feed</p>"
        return 200, "application/rss+xml", self._feed(now)

    def _out_of_order(self) -> tuple[int, str, str]:
        if self.trouble == "maintenance":
            words = "<h1>We will be right back</h1><p>Our site is being worked on. Please come back in a few hours.</p>"
            return 200, "text/html", f"<html><title>Maintenance</title><body>{words}</body></html>"
        return int(self.trouble), "text/html", "<p>not now</p>"

    def _named(self, page: int, now: datetime, size: int = 0) -> list[Release]:
        size = size or self.size
        named = self.releases[(page - 1) * size : page * size]
        for each in named:
            self.shown.setdefault(each.slug, now)
        return named

    def _feed(self, now: datetime) -> str:
        items = "".join(
            f"<item><title>{escape(each.title)}</title><link>{self.url(each)}</link><guid>{each.slug}</guid>"
            f"<pubDate>{format_datetime(datetime.fromisoformat(each.day))}</pubDate></item>"
            for each in self._named(1, now)
        )
        return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{self.name}</title>{items}</channel></rss>'

    def _listing(self, page: int, now: datetime) -> str:
        cards = "".join(
            f'<article class="card"><h2><a href="/news/{each.slug}">{escape(each.title)}</a></h2><time '
            f'datetime="{each.day}">{each.day[:10]}</time><p>{escape(each.paragraphs[-1][:90])}…</p></article>'
            for each in self._named(page, now, self.list_size)
        )
        further = self.way == "paged" and len(self.releases) > page * self.size
        pager = f'<nav class="pager"><a rel="next" href="/news?page={page + 1}">Next</a></nav>' if further else ""
        return self._page("News", f'<h1>News</h1><div class="list">{cards}</div>{pager}')

    def _article(self, release: Release) -> str:
        body = "".join(f"<p>{escape(text)}</p>" for text in release.paragraphs)
        stamp = f'<time datetime="{release.day}">{release.day[:10]}</time>'
        if self.theme:
            return f'<div class="entry"><h1 class="head">{escape(release.title)}</h1>{stamp}<div class="copy">{body}</div></div>'
        return f"<article><h1>{escape(release.title)}</h1>{stamp}{body}</article>"

    def _page(self, title: str, main: str) -> str:
        noise = f"<!-- {self.asked} --><input name=csrf value={self.asked}>" if self.restless else ""
        counter = f"{self.asked} visitors today" if self.restless else "since 1994"
        column = random.Random(self.asked if self.restless else 1).sample(ASIDE, 3)
        aside = "".join(f'<li><a href="/more/{text[:4]}">{text}</a></li>' for text in column)
        feed = '<link rel="alternate" type="application/rss+xml" href="/feed">' if self.way == "both" else ""
        frame = ("header", "main", "aside", "footer") if not self.theme else ("div", "section", "div", "div")
        top, middle, side, end = frame
        return (
            f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)} | {self.name}</title>{feed}'
            f'</head><body class="t{self.theme}"><{top} class="top"><nav><a href="/news">News</a><a href="/about">About us</a>'
            f'</nav></{top}><{middle} class="main">{main}</{middle}><{side} class="side"><h3>Most Popular Now</h3><ul>{aside}'
            f"</ul></{side}><{end} class='foot'>{self.name} {counter} {noise}</{end}></body></html>"
        )


ASIDE = (
    "Annual report",
    "Join our general assembly",
    "Ten years of connected care",
    "Webinar of the day",
    "Members' map",
)


@dataclass
class World(httpx.AsyncBaseTransport):
    """All outlets behind one transport; `network` is this machine's own."""

    clock: FakeClock
    outlets: list[Outlet]
    network: bool = True

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        outlet = next(each for each in self.outlets if each.host == request.url.host)
        path, now = request.url.path, self.clock.now()
        if not self.network or outlet.trouble == "dns":
            if path in (outlet.list_path, "/robots.txt"):
                outlet.looks.append((now, False))
            raise httpx.ConnectError("no way out") from OSError(errno.ENETUNREACH, "Network is unreachable")
        if path == "/robots.txt":
            return httpx.Response(404)
        if path in outlet.moved:
            return httpx.Response(301, headers={"location": f"https://{outlet.host}{outlet.moved[path]}"})
        status, kind, body = outlet.answer(path, request.url.query.decode(), now)
        tag = f'"{sha256(body.encode()).hexdigest()[:16]}"'
        if status == 200 and request.headers.get("if-none-match") == tag:
            return httpx.Response(304, headers={"etag": tag})
        return httpx.Response(
            status, content=body.encode(), headers={"content-type": f"{kind}; charset=utf-8", "etag": tag}
        )


@dataclass(kw_only=True)
class Watcher:
    """One process of the program over the database in a folder."""

    store: Store
    clock: FakeClock
    wheel: Wheel
    sources: tuple[Source, ...]

    async def turn(self, *, post: bool) -> None:
        """What the wheel does at one moment, to its end."""
        await self.wheel.tick()
        await self.wheel.settled()
        if post:
            await self.wheel.post()
            await self.wheel.settled()


@asynccontextmanager
async def watching(
    world: World, folder: Path, sources: tuple[Source, ...], rules: tuple[Rule, ...], inbox: Inbox, owner: str
) -> AsyncIterator[Watcher]:
    """A process from its start to its end; the next one goes on with the same database."""
    settings = FetchSettings(contact="desk@press.eu", per_host_delay=timedelta(0), timeout=timedelta(seconds=5))
    store, clock = Store(f"sqlite:///{folder}/accordwatch.db", folder / "archive"), world.clock
    writer = Writer(store)
    policies = {source.id: a_policy(*rules, source=source) for source in sources}
    turns = Turns(store.hosts, settings, clock, owner=owner, run=writer.run)
    desk = Desk(
        writer=writer, catalogue=store.catalogue(), clock=clock, channel=lambda _: inbox, owner=owner,
        sender="watch@press.eu", timezones={}, sources=sources, rules=rules,
    )  # fmt: skip

    tried: dict[Any, int] = {}

    async def tell() -> None:
        noticed = await notice(desk)
        await deliver(desk)
        await rescue(noticed.broken, desk.catalogue, hands, tried)

    async def nothing() -> None:
        """Nights are for others."""

    try:
        async with HttpFetcher(settings, turns, clock, transport=world, jitter=lambda: 0.0) as fetcher:
            hands = Hands(fetcher=fetcher, reader=InlineReader(), writer=writer, archive=store.archive, clock=clock,
                          policy=policies.__getitem__)  # fmt: skip
            with store.begin() as work:
                work.sync_sources(sources)
                seed(work, sources, clock.now())
            wheel = Wheel(hands=hands, turns=turns, deliver=tell, tidy=nothing, max_hosts=32, connections=1,
                          report=lambda _: None)  # fmt: skip
            yield Watcher(store=store, clock=clock, wheel=wheel, sources=sources)
    finally:
        writer.close()
        store.close()


# --- what happens ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Deed:
    """Something that somebody did to the world, and may have to be told."""

    at: datetime
    kind: str  # new, partnership, changed, withdrawn; aside: nobody is to hear of it at once
    outlet: int
    slug: str = ""
    event: str = ""


@dataclass(kw_only=True)
class Story:
    """What is to happen, in its order, and the truth of it."""

    world: World
    start: datetime
    chance: random.Random
    steps: list[tuple[datetime, Callable[[], None]]] = field(default_factory=list)
    deeds: list[Deed] = field(default_factory=list)
    off: list[tuple[datetime, datetime]] = field(default_factory=list)  # the machine stands still
    restarts: list[datetime] = field(default_factory=list)
    down: list[tuple[int, datetime, datetime, str]] = field(default_factory=list)  # outlet, from, to, what
    _texts: Any = None
    _count: int = 0

    def at(self, hours: float) -> datetime:
        return self.start + timedelta(hours=hours)

    def do(self, when: datetime, step: Callable[[], None]) -> None:
        self.steps.append((when, step))

    def release(self, outlet: Outlet, at: datetime, *, day: datetime | None = None, event: str = "",
                partner: str = "") -> Release:  # fmt: skip
        """A text that nobody has written before."""
        self._count += 1
        text = posts(1, seed=1000 + self._count)[0]
        title = f"{text.title.rpartition(',')[0]}, note {self._count}"
        lead = (f"{outlet.name} and {partner} today signed a cooperation agreement in Brussels.",) if partner else ()
        title = f"{outlet.name} and {partner} sign a cooperation agreement" if partner else title
        return Release(slug=f"{text.slug}-{self._count}", title=title, at=at, day=(day or at).isoformat(timespec="seconds"),
                       paragraphs=(*lead, *text.paragraphs), event=event)  # fmt: skip

    def publish(self, number: int, when: datetime, *, day: datetime | None = None) -> Release:
        outlet = self.world.outlets[number]
        release = self.release(outlet, when, day=day)
        self.do(when, lambda: outlet.publish(release))
        kind = "aside" if day is not None and when - day > 7 * DAY else "new"
        self.deeds.append(Deed(at=when, kind=kind, outlet=number, slug=release.slug))
        return release

    def agree(self, number: int, other: int, when: datetime, *, press: Sequence[int] = ()) -> None:
        """A partnership on one's own site, hours later the very text on those of the press."""
        outlet, partner = self.world.outlets[number], self.world.outlets[other]
        release = self.release(outlet, when, event=f"{number}+{other}", partner=partner.name)
        self.do(when, lambda: outlet.publish(release))
        self.deeds.append(Deed(at=when, kind="partnership", outlet=number, slug=release.slug, event=release.event))
        for hours, third in enumerate(press, start=3):
            later = when + timedelta(hours=hours)
            copy = replace(
                release, slug=f"{release.slug}-copy{third}", at=later, day=later.isoformat(timespec="seconds")
            )
            self.do(later, lambda third=third, copy=copy: self.world.outlets[third].publish(copy))  # type: ignore[misc]
            self.deeds.append(Deed(at=later, kind="aside", outlet=third, slug=copy.slug, event=release.event))

    def edit(self, number: int, release: Release, when: datetime) -> None:
        more = f"The secretariat adds that {self.chance.randrange(20, 90)} members have asked for a seat at the table."
        outlet = self.world.outlets[number]
        self.do(when, lambda: outlet.change(release.slug, lambda old: replace(old, paragraphs=(*old.paragraphs, more))))
        self.deeds.append(Deed(at=when, kind="changed", outlet=number, slug=release.slug))

    def withdraw(self, number: int, release: Release, when: datetime) -> None:
        outlet = self.world.outlets[number]
        self.do(when, lambda: outlet.releases.remove(next(r for r in outlet.releases if r.slug == release.slug)))
        self.deeds.append(Deed(at=when, kind="withdrawn", outlet=number, slug=release.slug))

    def break_down(self, number: int, since: datetime, until: datetime, what: str) -> None:
        outlet = self.world.outlets[number]
        self.do(since, lambda: setattr(outlet, "trouble", what))
        self.do(until, lambda: setattr(outlet, "trouble", ""))
        self.down.append((number, since, until, what))

    def cut_off(self, since: datetime, until: datetime) -> None:
        self.do(since, lambda: setattr(self.world, "network", False))
        self.do(until, lambda: setattr(self.world, "network", True))

    def stop(self, since: datetime, until: datetime) -> None:
        """The machine is off; the world goes on."""
        self.off.append((since, until))


async def run(story: Story, folder: Path, sources: tuple[Source, ...], rules: tuple[Rule, ...], inbox: Inbox,
              until: datetime) -> None:  # fmt: skip
    """Let it all happen, tick by tick; a new process after each stop of the machine and at each restart."""
    clock, steps, process = story.world.clock, sorted(story.steps, key=lambda step: step[0]), 0
    ends = sorted([*(off[0] for off in story.off), *story.restarts, until])
    for end in ends:
        process, ticks = process + 1, 0
        async with watching(story.world, folder, sources, rules, inbox, f"process {process}") as watcher:
            while clock.now() < end:
                while steps and steps[0][0] <= clock.now():
                    steps.pop(0)[1]()
                await watcher.turn(post=ticks % 2 == 0)
                ticks += 1
                clock.advance(TICK)
        back = next((to for since, to in story.off if since == end), None)
        if back is not None:
            clock.advance(back - clock.now())


def a_watched(outlet: Outlet, **facts: Any) -> Source:
    known = {"name": outlet.name, "organisation": outlet.name, "url": f"https://{outlet.host}{outlet.list_path}"}
    return replace(a_source(f"s{outlet.number:02}"), **known, **facts)
