"""A small association's site that a test changes by hand, and a whole flow that watches it: only time is not real."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from threading import Thread
from typing import Any

import httpx

from scraper.alert.channel import Inbox
from scraper.clock import FakeClock
from scraper.engine.readers import InlineReader
from scraper.fetch.client import HttpFetcher
from scraper.fetch.limits import FetchSettings
from scraper.fetch.politeness import Turns
from scraper.watch.check import Hands
from scraper.watch.crawl import SourceTally, Wish, crawl
from scraper.watch.deliver import Outcome, Post, deliver
from scraper.watch.notices import notice
from scraper.watch.policy import Policy
from scraper.watch.writer import Writer
from storage.records.alert import Rule
from storage.records.source import Source
from storage.store import Filter, Store
from tests.builders import NOW, a_policy, a_rule, a_source

PARAGRAPH = (
    "The association brings together the companies that build imaging and hospital systems in Europe, and it speaks "
    "for them before the institutions in {place}. In {place} it published on this day what {number} of its members had "
    "asked for: a common way to exchange {what} between hospitals, without a cost for those who send or receive them."
)


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One article as its page shows it."""

    title: str
    day: str
    paragraphs: tuple[str, ...]

    def with_more(self, *more: str) -> Piece:
        return replace(self, paragraphs=(*self.paragraphs, *more))


def a_piece(number: int, day: str = "2026-02-20", *sentences: str) -> Piece:
    places = ("Brussels", "Vienna", "Lisbon", "Tallinn", "Dublin", "Athens", "Prague")
    what = ("images", "reports", "referrals", "letters", "findings")[number % 5]
    text = tuple(PARAGRAPH.format(place=places[(number + n) % 7], number=number + n, what=what) for n in range(2))
    return Piece(title=f"Number {number}: members ask for a common way to exchange {what}", day=day,
                 paragraphs=(*sentences, *text))  # fmt: skip


@dataclass
class Site:
    """Pages by their path; `aside` is the side column of each, `noise` stands in each page and means nothing."""

    pieces: dict[str, Piece] = field(default_factory=dict)
    aside: tuple[str, ...] = ("Annual report", "Join our general assembly", "Ten years of connected care")
    noise: str = ""
    broken: dict[str, int] = field(default_factory=dict)  # path -> status
    leads: dict[str, str] = field(default_factory=dict)  # tracking links of the listing -> where they redirect to
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str) -> tuple[int, str]:
        """Status and page of a path."""
        self.asked.append(path)
        if path in self.broken:
            return self.broken[path], "<p>not now</p>"
        if path == "/news":
            return 200, self._page("News", self._listing())
        if path in self.pieces:
            piece = self.pieces[path]
            body = "".join(f"<p>{text}</p>" for text in piece.paragraphs)
            stamp = f'<time datetime="{piece.day}">{piece.day}</time>'
            return 200, self._page(piece.title, f"<article><h1>{piece.title}</h1>{stamp}{body}</article>")
        return 404, "<p>no such page</p>"

    def respond(self, request: httpx.Request) -> httpx.Response:
        """The same for respx, with redirects."""
        if request.url.path in self.leads:
            return httpx.Response(302, headers={"Location": self.leads[request.url.path]})
        status, html = self.answer(request.url.path)
        return httpx.Response(status, html=html)

    def _listing(self) -> str:
        cards = (
            f'<article class="card"><h2><a href="{path}">{piece.title}</a></h2><time datetime="{piece.day}">{piece.day}'
            f"</time><p>{piece.paragraphs[-1][:90]}…</p></article>"
            for path, piece in [*((lead, self.pieces[to]) for lead, to in self.leads.items()), *self.pieces.items()]
        )
        return f'<div class="list">{"".join(cards)}</div>'

    def _page(self, title: str, main: str) -> str:
        column = "".join(f'<li><a href="/more/{n}">{text}</a></li>' for n, text in enumerate(self.aside))
        return (
            f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title} | COCIR</title></head><body>'
            f'<header><nav><a href="/news">News</a><a href="/about">About us</a></nav></header><main>{main}</main>'
            f"<aside><h3>Most Popular Now</h3><ul>{column}</ul></aside>"
            f"<footer>COCIR aisbl {self.noise}</footer></body></html>"
        )


@contextmanager
def served(site: Site) -> Iterator[str]:
    """The site over real HTTP on a port of its own; gives its base address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, html = site.answer(self.path)
            body = html.encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Tests print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@dataclass(kw_only=True)
class Desk:
    """A process of the program with one source, its rules and a mailbox."""

    store: Store
    clock: FakeClock
    hands: Hands
    turns: Turns
    source: Source
    inbox: Any
    owner: str
    others: tuple[Source, ...] = ()

    async def crawl(self, *, recheck: bool = True) -> SourceTally:
        """One crawl of all sources, now; the tally of the first."""
        sources = (self.source, *self.others)
        with self.store.begin() as work:
            work.sync_sources(sources)
        tallies = await crawl(Wish(sources=sources, recheck=recheck), hands=self.hands, turns=self.turns)
        if any("source_trouble" in rule.when for rule in self.hands.policy(self.source.id).rules):
            await notice(self.post)
        return tallies[0]

    async def later(self, *, recheck: bool = True, **step: float) -> SourceTally:
        """The next crawl, after so much time."""
        self.clock.advance(timedelta(**step))
        return await self.crawl(recheck=recheck)

    def rules(self, *when: str) -> None:
        """From now on there is one rule, for these."""
        policy = replace(self.hands.policy(self.source.id), rules=(a_rule(*when),))
        self.hands = replace(self.hands, policy=lambda _: policy)

    @property
    def post(self) -> Post:
        return Post(
            writer=self.hands.writer, catalogue=self.store.catalogue(), clock=self.clock, channel=lambda _: self.inbox,
            owner=self.owner, sender="watch@press.eu", timezones={}, sources=(self.source, *self.others),
            rules=self.hands.policy(self.source.id).rules,
        )  # fmt: skip

    async def deliver(self) -> Outcome:
        return await deliver(self.post)

    def kinds(self) -> list[str]:
        """The kinds of all changes so far, oldest first."""
        return [change.kind.value for change in reversed(self.store.catalogue().changes(Filter()))]

    def alerts(self) -> list[str]:
        """What was queued so far, oldest first; the first report aside."""
        told = reversed(self.store.catalogue().deliveries(Filter()))
        return [row.alert.kind for row in told if row.alert.kind != "welcome"]


@asynccontextmanager
async def a_desk(folder: Path, *, base: str = "https://cocir.test", start: datetime = NOW, inbox: Any = None,
                 clock: FakeClock | None = None, owner: str = "me", transport: Any = None,
                 others: tuple[Source, ...] = (), rules: tuple[Rule, ...] = (), **watch: Any,
                 ) -> AsyncIterator[Desk]:  # fmt: skip
    """A desk over the database in that folder; over httpx's own transport when one is given, else over real sockets."""
    source = a_source(url=f"{base}/news")
    settings = FetchSettings(
        contact="desk@press.eu", per_host_delay=timedelta(seconds=2), timeout=timedelta(seconds=5),
        allow_addresses=(ip_network("127.0.0.1/32"),),
    )  # fmt: skip
    store, clock = Store(f"sqlite:///{folder}/accordwatch.db", folder / "archive"), clock or FakeClock(start)
    writer = Writer(store)
    turns = Turns(store.hosts, settings, clock, owner=owner, run=writer.run)
    rules = rules or (a_rule("partnership", "new", "changed", "withdrawn"),)
    muted = frozenset(each.id for each in others if each.muted)
    known = {each.id: a_policy(*rules, source=each, muted=muted, **watch) for each in (source, *others)}
    policies: Callable[[Any], Policy] = known.__getitem__
    try:
        async with HttpFetcher(settings, turns, clock, transport=transport, jitter=lambda: 0.0) as fetcher:
            hands = Hands(fetcher=fetcher, reader=InlineReader(), writer=writer, archive=store.archive, clock=clock,
                          policy=policies)  # fmt: skip
            yield Desk(store=store, clock=clock, hands=hands, turns=turns, source=source, inbox=inbox or Inbox(),
                       owner=owner, others=others)  # fmt: skip
    finally:
        writer.close()
        store.close()
