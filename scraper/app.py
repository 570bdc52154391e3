"""The composition root: from a configuration to an App whose hands are chosen. The only file that picks them."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from scraper.alert.channel import Channel, MailSettings
from scraper.alert.channels import TRANSPORTS, channel_for
from scraper.alert.compose import trial_mail
from scraper.alert.rules import same_by
from scraper.clock import Clock, SystemClock
from scraper.config import Config
from scraper.detect.organisations import Registry
from scraper.engine.readers import InlineReader, ProcessReader
from scraper.engine.wheel import Wheel
from scraper.errors import ConfigError, StorageError
from scraper.fetch.browser import BrowserFetcher
from scraper.fetch.client import HttpFetcher
from scraper.fetch.limits import FetchSettings
from scraper.fetch.message import Fetcher
from scraper.fetch.politeness import HostBook, InMemoryHostBook, Turns
from scraper.watch.check import Hands, Reader
from scraper.watch.crawl import SourceTally, Wish, crawl, seed
from scraper.watch.deliver import Outcome, deliver
from scraper.watch.feeds import fresh, write_feeds
from scraper.watch.ingest import BY_HAND
from scraper.watch.letters import previews
from scraper.watch.notices import Rest, notice
from scraper.watch.overview import Habits, overview
from scraper.watch.policy import Policy
from scraper.watch.post import Post
from scraper.watch.rescue import Tried, rescue
from scraper.watch.visit import Report
from scraper.watch.writer import Writer
from storage.records.health import Health
from storage.records.observation import Item
from storage.records.source import Source, SourceId
from storage.store import Catalogue, Store, outbox, postgres_address

if TYPE_CHECKING:  # needs the extra `postgres`
    from scraper.engine.workers import VisitQueue, Worker

if TYPE_CHECKING:
    from scraper.web.desk import Desk

FOUND = ("new", "changed", "moved", "withdrawn", "restored")
RESCUE_SECONDS = 60.0  # mails wait no longer for it
LOOPBACK = ("127.0.0.0/8", "::1/128")
MOST_SKEW = (
    10.0  # seconds between the clocks of machines that share hosts: half of what is left of a lease when renewed
)


@dataclass(frozen=True, kw_only=True)
class App:
    """Everything one process needs, its hands chosen."""

    config: Config
    store: Store
    hands: Hands
    turns: Turns
    post: Post
    tried: Tried = field(default_factory=dict)
    rest: Rest = field(default_factory=Rest)
    habits: Habits = field(default_factory=dict)

    async def crawl(
        self, sources: tuple[Source, ...], *, recheck: bool = False, widen: bool = False,
        report: Report = lambda _: None,
    ) -> tuple[SourceTally, ...]:  # fmt: skip
        """One manual crawl of these sources, as they are given here; `widen` takes up what first looks left alone."""
        fetch = self.config.fetch
        wish = Wish(sources=sources, recheck=recheck, max_hosts=fetch.max_hosts, connections=fetch.per_host_connections)
        policies = {source.id: replace(self.hands.policy(source.id), source=source, widen=widen) for source in sources}
        hands = replace(self.hands, policy=policies.__getitem__)
        tallies = await crawl(wish, hands=hands, turns=self.turns, report=report)
        noticed = await notice(self.post, self.habits)
        await self.rescue(noticed.broken)
        for tally in tallies:
            tally.sick = noticed.sick.get(tally.id, "")
            tally.alerts += noticed.queued.get(tally.id, 0)
        if self.config.feeds.folder is not None:
            self.write_feeds(self.config.feeds.folder)
        await self.let_go()
        return tallies

    async def tell(self) -> Outcome:
        """What a daemon does of it again and again: notices of what no page says, feeds, and what is due."""
        began, broken = self.hands.clock.now(), tuple[Source, ...]()
        if self.rest.is_over(began):
            broken = (await notice(self.post, self.habits)).broken
            self.rest.begin(began, self.hands.clock.now())
        folder = self.config.feeds.folder
        if folder is not None and not fresh(folder, now=self.hands.clock.now()):
            self.write_feeds(folder)
        sent = await self.deliver()
        await self.rescue(broken)
        return sent

    async def rescue(self, broken: Sequence[Source]) -> None:
        """Look for the news of sources none of whose addresses works any more."""
        with suppress(TimeoutError):
            async with asyncio.timeout(RESCUE_SECONDS):
                await rescue(broken, self.catalogue(), self.hands, self.tried)

    def write_feeds(self, folder: Path) -> list[Path]:
        """Feeds of news, changes and partnerships as files. Raises ConfigError when the folder cannot be written."""
        now, public_url = self.hands.clock.now(), self.config.web.public_url
        try:
            return write_feeds(folder, self.catalogue(), now=now, public_url=public_url)
        except OSError as error:
            cause = error.strerror or str(error)
            raise ConfigError(f"feeds.folder {folder}", cause, "name a folder that can be written") from error

    async def let_go(self) -> None:
        """Once a day: forget raw pages that were last seen longer than `keep_raw` ago. What was read of them stays.

        Those that no row names go as well: of looks that were cut off, and files that could not be read.
        """
        keep, now, catalogue = self.config.storage.keep_raw, self.hands.clock.now(), self.catalogue()
        tidied = partial(self.store.archive.tidy, now=now, keep=keep, named=lambda: set(catalogue.bodies(let_go=False)))
        dropped = await asyncio.to_thread(tidied)
        if dropped:
            await self.hands.writer.write(lambda work: work.forget_captures(dropped))

    async def deliver(self, *, again: bool = False, early: bool = False) -> Outcome:
        """Send what is due in the outbox; `again`: what failed before too; `early`: all that waits."""
        return await deliver(self.post, again=again, early=early)

    async def send_test(self, address: str) -> tuple[bool, str]:
        """One test mail through the channel that alerts take; whether it was taken, and the channel's word."""
        message = trial_mail(address, sender=self.config.mail.sender, now=self.hands.clock.now())
        async with aclosing(self.post.channel("email")) as channel:
            receipt = await channel.send(message)
        return receipt.outcome == "sent", receipt.detail or f"{receipt.outcome} to {address}"

    async def preview(self, item: Item) -> list[str]:
        """The mails that an item makes, through the channel of mail; with `to_dir` the files they became."""
        async with aclosing(self.post.channel("email")) as channel:
            receipts = [await channel.send(mail) for mail in previews(item, self.hands.policy(item.source), self.post)]
        return [receipt.detail for receipt in receipts]

    async def tidy(self) -> None:
        """What a night is for: letting go of old raw pages, and the database's own upkeep."""
        await self.let_go()
        await self.hands.writer.run(self.store.tidy)

    def desk(self) -> Desk:
        """What the dashboard holds of it."""
        from scraper.web.desk import Desk  # only here: the other commands do without the web's libraries

        return Desk(
            config=self.config, catalogue=self.catalogue(), hands=self.hands, post=self.post, crawl=self.check_now,
            deliver=self.deliver, send_test=self.send_test,
        )  # fmt: skip

    async def check_now(self, source: Source) -> str:
        """One manual crawl of a source and the delivery of what it brought; what it found, in a line."""
        (tally,) = await self.crawl((source,))
        await self.deliver()
        found = [f"{count} {word}" for word in FOUND if (count := getattr(tally, word))]
        return "; ".join((", ".join(found) or "nothing new", *tally.trouble[:1]))

    @asynccontextmanager
    async def wheel(self, report: Report) -> AsyncIterator[Wheel]:
        """What a daemon turns, its sources' addresses seeded. Raises StorageError."""
        fetch = self.config.fetch
        async with AsyncExitStack() as stack:
            shared = self.config.engine.workers == "procrastinate"
            queue = await stack.enter_async_context(visits(self.config)) if shared else None
            await self.start()
            yield Wheel(
                hands=self.hands, turns=self.turns, deliver=self.tell, tidy=self.tidy, max_hosts=fetch.max_hosts,
                connections=fetch.per_host_connections, report=report, queue=queue,
            )  # fmt: skip

    @asynccontextmanager
    async def worker(self, report: Report, *, hosts: int | None = None) -> AsyncIterator[Worker]:
        """What takes visits from the daemon's queue, of so many hosts at once. Raises StorageError."""
        from scraper.engine.workers import Worker

        fetch = self.config.fetch
        same_time(self.store, self.hands.clock)
        async with visits(self.config) as queue:
            yield Worker(
                hands=self.hands, turns=self.turns, queue=queue, report=report, hosts=hosts or fetch.max_hosts,
                connections=fetch.per_host_connections, sources=tuple(source.id for source in self.config.sources),
            )  # fmt: skip

    async def start(self) -> None:
        """Give each source its discovery targets; what is known keeps its due time, so that a restart is no burst."""
        now, sources = self.hands.clock.now(), tuple(source for source in self.config.sources if source.enabled)
        await self.hands.writer.write(lambda work: seed(work, sources, now))

    def health(self) -> tuple[Health, ...]:
        """How each source stands now."""
        return overview(self.catalogue(), self.config.sources, self.hands.clock.now())

    def catalogue(self) -> Catalogue:
        return self.store.catalogue()


@asynccontextmanager
async def running(
    config: Config, *, clock: Clock | None = None, to_dir: Path | None = None, inline: bool = False,
    follows: bool = False,
) -> AsyncIterator[App]:  # fmt: skip
    """An App for as long as the block lasts. `to_dir` writes mails there in place of sending them.

    `inline` reads in this process: for short work on trusted pages and for tests. `follows`: another process says
    which sources are watched, and keeps the time.
    Raises StorageError when database or archive cannot be used.
    """
    clock = clock or SystemClock()
    store = open_store(config, sync=not follows)
    store.hosts.reclaim(is_dead)
    with store.begin() as work:
        outbox.reclaim(work.connection, is_dead)
    writer = Writer(store)
    try:
        async with (
            fetching(config, clock, book=store.hosts, run=writer.run) as (fetcher, turns),
            _reading(inline) as reader,
        ):
            hands = Hands(
                fetcher=fetcher, reader=reader, writer=writer, archive=store.archive, clock=clock,
                policy=policies(config),
            )  # fmt: skip
            yield App(
                config=config, store=store, hands=hands, turns=turns, post=_post(config, store, writer, clock, to_dir)
            )
    finally:
        writer.close()
        store.close()


def open_store(config: Config, *, sync: bool = True) -> Store:
    """The memory that the configuration names, its sources brought up to date where `sync` asks for it."""
    store = Store(config.storage.url, config.storage.archive)
    if sync:
        with store.begin() as work:
            work.sync_sources(config.sources)
    return store


@asynccontextmanager
async def visits(config: Config) -> AsyncIterator[VisitQueue]:
    """The queue that daemon and workers share. Raises ConfigError without the extra, StorageError without a server."""
    try:
        from scraper.engine.workers import open_queue
    except ModuleNotFoundError as error:
        raise ConfigError(
            "engine.workers", f"needs the package {error.name}", "pip install 'accordwatch[postgres]'"
        ) from error
    async with open_queue(postgres_address(config.storage.url)) as queue:
        yield queue


def same_time(store: Store, clock: Clock) -> str:
    """How this machine's clock agrees with the database's, by which machines share their turns. Raises StorageError."""
    theirs = store.catalogue().clock()
    if theirs is None:
        return ""
    ahead = (clock.now() - theirs).total_seconds()
    if abs(ahead) > MOST_SKEW:
        cause = f"is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} that of the database"
        raise StorageError("this machine's clock", cause, "set one of them right (timedatectl set-ntp true)")
    return f"{abs(ahead):.1f} s off that of the database"


@asynccontextmanager
async def fetching(
    config: Config,
    clock: Clock,
    *,
    book: HostBook | None = None,
    run: Callable | None = None,  # type: ignore[type-arg]
) -> AsyncIterator[tuple[Fetcher, Turns]]:
    """A fetcher with its turns; without a book politeness is kept in this process alone (for one look, `inspect`)."""
    settings = fetch_settings(config)
    turns = Turns(book or InMemoryHostBook(), settings, clock, owner=owner(), **({"run": run} if run else {}))
    async with (
        HttpFetcher(settings, turns, clock) as http,
        BrowserFetcher(
            http, chromium=str(config.fetch.chromium or ""), most=settings.max_body,
            seconds=4 * settings.timeout.total_seconds(),
        ) as fetcher,
    ):  # fmt: skip
        yield fetcher, turns


@asynccontextmanager
async def looking(config: Config, clock: Clock) -> AsyncIterator[tuple[Fetcher, Reader]]:
    """What a look needs that stores nothing: `add`, `check-sources`."""
    async with fetching(config, clock) as (fetcher, _), _reading(inline=False) as reader:
        yield fetcher, reader


def owner() -> str:
    """This process's name in leases and claims; no other has the same."""
    return f"{_machine()}:{os.getpid()}:{uuid4().hex[:8]}"


def is_dead(name: str) -> bool:
    """Whether this owner was a process of this machine that is no more; of others nothing can be said."""
    machine, _, pid = name.rpartition(":")[0].rpartition(":")
    if machine != _machine() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except OSError as error:
        return isinstance(error, ProcessLookupError)
    return False


def _machine() -> str:
    """The machine, and where there are containers, which of them: each counts its processes for itself."""
    with suppress(OSError):
        return f"{socket.gethostname()}-{os.stat('/proc/self/ns/pid').st_ino}"
    return socket.gethostname()


def fetch_settings(config: Config) -> FetchSettings:
    """The [fetch] table as the fetcher takes it."""
    fetch = config.fetch
    return FetchSettings(
        contact=fetch.contact, per_host_delay=fetch.per_host_delay, per_host_connections=fetch.per_host_connections,
        max_hosts=fetch.max_hosts, max_body=fetch.max_body, timeout=fetch.timeout,
        allow_addresses=fetch.allow_addresses,
        proxy=fetch.proxy or os.environ.get("HTTPS_PROXY", ""), ca_file=str(fetch.ca_file or ""),
    )  # fmt: skip


@asynccontextmanager
async def _reading(inline: bool) -> AsyncIterator[Reader]:
    if inline:
        yield InlineReader()
        return
    async with ProcessReader(workers=os.cpu_count() or 1) as reader:
        yield reader


def policies(config: Config) -> Callable[[SourceId], Policy]:
    """How each source is to be judged; one that left the configuration is judged by nobody's rules."""
    muted = frozenset(source.id for source in config.sources if source.muted)
    same = same_by((*config.organisations, *Registry.default().organisations()))
    known = {
        source.id: Policy(
            source=source,
            watch=config.watch,
            rules=config.rules,
            organisations=config.organisations,
            same=same,
            muted=muted,
        )
        for source in (*config.sources, BY_HAND)
    }
    return known.__getitem__


async def probe_mail(config: Config) -> str:
    """What would keep a mail from going out by [mail] now, in one line; nothing is sent."""
    return await TRANSPORTS[config.mail.transport](_mail_settings(config, None)).probe()


def _mail_settings(config: Config, to_dir: Path | None) -> MailSettings:
    mail = config.mail
    return MailSettings(
        transport="folder" if to_dir else mail.transport, host=mail.host, port=mail.port, security=mail.security,
        username=mail.username, password=mail.password, token_command=mail.token_command, sender=mail.sender,
        folder=to_dir or mail.folder, command=mail.command, ca_file=str(mail.ca_file or config.fetch.ca_file or ""),
    )  # fmt: skip


def _post(config: Config, store: Store, writer: Writer, clock: Clock, to_dir: Path | None) -> Post:
    settings = _mail_settings(config, to_dir)

    def channel(name: str) -> Channel:
        return channel_for("email" if to_dir else name, settings)

    return Post(
        writer=writer, catalogue=store.catalogue(), clock=clock, channel=channel, owner=owner(),
        sender=config.mail.sender, public_url=config.web.public_url, sources=config.sources,
        refused=None if to_dir else config.why_not_send(), rules=config.rules,
        same=same_by((*config.organisations, *Registry.default().organisations())),
        timezones={person.address: person.timezone for person in config.people},
    )  # fmt: skip
