"""Looks at pages of the benchmark's site, read once, so that what memory makes of them can be measured by itself.

They are settled by the flow's own function and writer; only fetching and reading are left out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.crawl.site import pages
from scraper.clock import FakeClock
from scraper.fetch.message import Fetched
from scraper.url import canonical, identity
from scraper.watch.check import Hands, settle
from scraper.watch.judge import Look
from scraper.watch.policy import Policy
from scraper.watch.read import ReadJob, read
from scraper.watch.writer import Writer
from storage.archive import key_of
from storage.records.source import Source, SourceId, Target, TargetKind
from storage.records.verdict import CheckReport
from storage.store import Store

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
BODIES = [f"{first} {second}" for first in ("European", "Nordic", "Baltic", "Iberian", "Alpine", "Danish", "Global")
          for second in ("Society of Imaging", "Council of Hospitals", "Federation of Nurses", "Institute of Health",
                         "Association of Clinics", "Union of Physicists", "Academy of Radiology")]  # fmt: skip
PACT = "<p>The {} and the {} have signed a memorandum of understanding on training and data.</p>"


def a_store(folder: Path, *, sources: int) -> Store:
    """A new memory with so many sources, s0 and on."""
    store = Store(f"sqlite:///{folder}/accordwatch.db", folder / "archive")
    with store.begin() as work:
        work.sync_sources(a_source(number) for number in range(sources))
    return store


def a_source(number: int) -> Source:
    return Source(id=SourceId(f"s{number}"), name=f"Source {number}", url=f"http://s{number}.test/")


def articles(*, sites: int, each: int, seed: int = 7) -> dict[tuple[SourceId, str], bytes]:
    """Pages of 5 kB by source and address; of eighty in a row eight tell of a memorandum of two bodies."""
    made = {}
    paths = ((path, body) for path, body in pages(sites=sites, articles=each, seed=seed).items() if path[-1] != "/")
    for number, (path, body) in enumerate(paths):
        source = SourceId(f"s{path.split('/')[1]}")
        if number % 80 < 8:
            pact = PACT.format(BODIES[(number + seed) % 49], BODIES[(number * 3 + 1) % 49])
            body = body.replace(b"</time></p>", b"</time></p>" + pact.encode())
        made[source, f"http://{source}.test/{seed}{path}"] = body.replace(b'href="/', b'href="/%d/' % seed)
    return made


def looks(store: Store, bodies: Mapping[tuple[SourceId, str], bytes], *, now: datetime = NOW) -> list[Look]:
    """A first look at each of these articles, its target known to memory, its page read."""
    wanted = [
        Target(source=source, kind=TargetKind.ARTICLE, url=url, identity=identity(canonical(url)), due=now, looked=now)
        for source, url in bodies
    ]
    with store.begin() as work:
        work.add_targets(wanted)
        targets = [work.the_target(target) for target in wanted]
    return [look_at(target, body, now=now) for target, body in zip(targets, bodies.values(), strict=True)]


def look_at(target: Target, body: bytes, *, now: datetime = NOW) -> Look:
    """A look that got this page."""
    job = ReadJob(kind=target.kind, url=target.url, body=body, content_type="text/html", seen=now)
    headers = (("content-type", "text/html; charset=utf-8"), ("content-length", str(len(body))))
    result = Fetched(url=target.url, final_url=target.url, status=200, body=body, headers=headers, etag='"1"')
    return Look(target=target, result=result, raw=key_of(body), reading=read(job))


@contextmanager
def settling(store: Store, *, now: datetime = NOW) -> Iterator[Callable[[Sequence[Look]], list[CheckReport]]]:
    """What settles looks, those of one call in one transaction as far as the writer allows, and reports."""
    writer, nothing = Writer(store), Any
    policy = cache(lambda source: Policy(source=a_source(int(source[1:]))))
    hands = Hands(fetcher=nothing, reader=nothing, writer=writer, archive=store.archive, clock=FakeClock(now),
                  policy=policy)  # fmt: skip

    async def settled(these: Sequence[Look]) -> list[CheckReport]:
        return await asyncio.gather(*(settle(look, policy(look.target.source), hands) for look in these))

    with asyncio.Runner() as runner:
        yield lambda these: runner.run(settled(these))
    writer.close()


def copied(look: Look, to: Target) -> Look:
    """The same answer and reading at another address."""
    return replace(look, target=to, result=replace(look.result, url=to.url, final_url=to.url))
