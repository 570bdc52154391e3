"""What looks may cost, counted: statements and transactions, parses, calls. Time would depend on the machine.

The figures are upper bounds, as low as they are today: whoever makes something cheaper lowers them, and raising one
needs a reason in the same commit.
"""

from __future__ import annotations

import re
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import event

from benchmarks.crawl.site import pages
from benchmarks.looks import NOW, a_store, articles, look_at, looks, settling
from scraper import page
from scraper.clock import FakeClock
from scraper.detect.partnerships import find_partnerships
from scraper.detect.wording import worded
from scraper.engine.readers import InlineReader
from scraper.fetch.limits import FetchSettings
from scraper.fetch.message import Fetched, FetchRequest, FetchResult, NotModified
from scraper.fetch.politeness import Turns
from scraper.parse.article import read_article
from scraper.watch.check import Hands
from scraper.watch.judge import Look
from scraper.watch.policy import Policy
from scraper.watch.visit import visit
from scraper.watch.writer import Writer
from storage.records.source import Authority, SourceId, Target, TargetKind
from storage.records.verdict import CheckReport, Question
from storage.store import Store
from tests.builders import DAY, STORY, a_source, an_article

STATEMENTS = {  # of SQL for one look, its savepoint among them; recall, judge and keep
    "a new article": 16,
    "a new article that tells of a partnership": 27,
    "an article as it was (304)": 4,
    "an edited article": 24,
    "a list of 100 known addresses": 8,
    "a list of 100 new addresses": 9,
}
VISIT = {"statements": 104, "transactions": 16}  # of a host with ten known articles, one of them edited; its lease too
TOGETHER = 1  # transactions for 40 looks that wait at the same time
CALLS = 4_200  # of Python functions, to read and understand a page of 5 kB: a fourth more than today's
CLOSELY = {"ordinary": 7, "ordinary but for a word": 7, "a memorandum": 8}  # of 60 sentences; the first are always read
WALKS: set[str] = set()  # of what grows with sources or articles
TIMES_THE_FLOOR = 50  # reading in full, beside parsing and walking the tree: twice today's

CORRECTION = b"<p>Corrected on Monday: the board met in Graz, and not in Linz as was written here first.</p></article>"


@dataclass
class Asked:
    """What the database was asked."""

    statements: int = 0
    transactions: int = 0


def listening(store: Store) -> Asked:
    """Counts what this store's database is asked from now on."""
    asked = Asked()

    def statement(*call: Any) -> None:
        asked.statements += not call[2].startswith("BEGIN")

    def transaction(*_: Any) -> None:
        asked.transactions += 1

    event.listen(store._engine, "before_cursor_execute", statement)
    event.listen(store._engine, "begin", transaction)
    return asked


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Look]]:
    """First looks at a hundred articles, of which 16 tell of a partnership; and a memory that knows their targets."""
    folder = tmp_path_factory.mktemp("news")
    with closing(a_store(folder, sources=1)) as store:
        return folder, looks(store, articles(sites=1, each=100))


@pytest.fixture
def news(read: tuple[Path, list[Look]]) -> list[Look]:
    return read[1]


@pytest.fixture
def store(read: tuple[Path, list[Look]], tmp_path: Path) -> Iterator[Store]:
    shutil.copy(read[0] / "accordwatch.db", tmp_path)
    with closing(Store(f"sqlite:///{tmp_path}/accordwatch.db", tmp_path / "archive")) as made:
        yield made


def settled(store: Store, these: Sequence[Look]) -> list[CheckReport]:
    with settling(store) as settle:
        return settle(these)


def known(store: Store, these: Sequence[Look]) -> list[Target]:
    """The targets of these looks once they were kept."""
    settled(store, these)
    with store.begin() as work:
        return [work.target(look.target.id) for look in these if look.target.id is not None]


def the_list(store: Store) -> Look:
    body = pages(sites=1, articles=100)["/0/"].replace(b'href="/', b'href="/7/')
    where = Target(source=SourceId("s0"), kind=TargetKind.LISTING, url="http://s0.test/", identity="s0.test/", due=NOW)
    with store.begin() as work:
        return look_at(work.the_target(where), body)


def quiet(target: Target) -> Look:
    return Look(target=target, result=NotModified(url=target.url, etag=target.etag))


def edited(target: Target, look: Look) -> Look:
    assert isinstance(look.result, Fetched)
    return look_at(target, look.result.body.replace(b"</article>", CORRECTION))


def tells(look: Look) -> bool:
    return bool(look.reading.findings.events)  # type: ignore[union-attr]


def told_of(store: Store, news: list[Look], what: str) -> tuple[list[Look], str]:
    """Looks of that kind, with all that they need in memory, and the outcome that shows what they were."""
    plain = [look for look in news if not tells(look)]
    match what:
        case "a new article":
            return plain[:40], "new"
        case "a new article that tells of a partnership":
            return [look for look in news if tells(look)], "new"
        case "an article as it was (304)":
            return [quiet(target) for target in known(store, plain[:40])], "not_modified"
        case "an edited article":
            return [edited(*pair) for pair in zip(known(store, plain[:40]), plain, strict=False)], "edited"
        case "a list of 100 known addresses":
            return [the_list(store)], "read"
        case _:
            with store.begin() as work:
                work.connection.exec_driver_sql("DELETE FROM targets")
            return [the_list(store)], "read"


@pytest.mark.parametrize("what", STATEMENTS)
def test_a_look_asks_the_database_no_more_than_this(store: Store, news: list[Look], what: str) -> None:
    these, word = told_of(store, news, what)
    asked = listening(store)
    reports = settled(store, these)
    assert {word in (report.outcome, *report.changes) for report in reports} == {True}
    assert asked.statements / len(these) <= STATEMENTS[what]


def test_looks_that_wait_together_share_a_transaction(store: Store, news: list[Look]) -> None:
    asked = listening(store)
    settled(store, news[:40])
    assert asked.transactions <= TOGETHER


WALK = re.compile(r"SCAN (?:targets|items|versions|sources|hosts|bands)\b|SEARCH targets .* \((?:retired|source)=\?\)")


def test_no_statement_of_the_flow_walks_a_table_without_statistics(store: Store, news: list[Look]) -> None:
    """SQLite makes statistics in a daemon's first night; until then, and under `crawl` for ever, it guesses."""
    asked: list[tuple[str, Any]] = []
    event.listen(store._engine, "before_cursor_execute", lambda *call: asked.append((call[2], call[3])))
    targets = known(store, news)
    with store.begin() as work:
        (host,) = work.due_authorities(now=NOW + 60 * DAY)
        assert work.due_targets(host, now=NOW + 60 * DAY)
        assert not work.targets_of(SourceId("s0"), discovering=True)
        twin = work.the_target(replace(targets[0], url="http://s0.test/2", identity="s0.test/2", id=None, item=None))
        keys = [key for look in news[:2] for key in look.reading.fingerprint.bands[:8]]  # type: ignore[union-attr]
        assert len(work.recall(twin, Question(content="other", bands=tuple(keys))).looks_alike_targets) == 2
    settled(store, [quiet(targets[1]), edited(targets[2], news[2]), the_list(store)])
    found = set()
    with store._engine.connect() as connection:
        for statement, values in asked:
            if statement.startswith(("SELECT", "UPDATE", "DELETE")) and not isinstance(values, list):
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
                found |= {step[0] for row in plan if (step := WALK.match(row[3]))}
    assert found <= WALKS


class Site:
    """Answers with these pages; 304 to whoever has seen them."""

    def __init__(self, bodies: dict[str, bytes]) -> None:
        self.bodies = bodies

    async def fetch(self, request: FetchRequest) -> FetchResult:
        body = self.bodies[request.url]
        tag = f'"{hash(body)}"'
        if request.etag == tag:
            return NotModified(url=request.url, etag=tag)
        return Fetched(url=request.url, final_url=request.url, status=200, body=body, etag=tag)


async def test_a_visit_asks_the_database_no_more_than_this(store: Store, news: list[Look]) -> None:
    bodies = {look.target.url: look.result.body for look in news[-10:]}  # type: ignore[union-attr]
    writer, clock, site = Writer(store), FakeClock(NOW), Site(bodies)
    hands = Hands(
        fetcher=site, reader=InlineReader(), writer=writer, archive=store.archive, clock=clock,
        policy=lambda _: Policy(source=a_source("s0", url="http://s0.test/")),
    )  # fmt: skip
    turns = Turns(store.hosts, FetchSettings(contact="a@press.test"), clock, owner="me", run=writer.run)
    found = Counter[str]()

    async def visited() -> None:
        await visit(
            Authority("s0.test:80"), hands=hands, turns=turns, only=None, connections=1,
            report=lambda done: found.update([done.outcome, *done.changes]),
        )  # fmt: skip

    only_the_last_ten(store)
    await visited()
    only_the_last_ten(store)
    first = next(iter(bodies))
    site.bodies = {**bodies, first: bodies[first].replace(b"</article>", CORRECTION)}
    clock.advance(60 * DAY)
    found.clear()
    asked = listening(store)
    await visited()
    writer.close()
    assert found == {"not_modified": 9, "read": 1, "edited": 1}
    assert asked.statements <= VISIT["statements"]
    assert asked.transactions <= VISIT["transactions"]


def only_the_last_ten(store: Store) -> None:
    """Forget the articles before the last ten, and what these lead to."""
    with store.begin() as work:
        work.connection.exec_driver_sql("DELETE FROM targets WHERE id NOT BETWEEN 91 AND 100")


def test_a_page_is_parsed_once(news: list[Look], monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = Counter[str]()

    def counted(body: bytes) -> LexborHTMLParser:
        parsed["times"] += 1
        return LexborHTMLParser(body)

    monkeypatch.setattr(page, "LexborHTMLParser", counted)
    again(news[0])
    assert parsed["times"] == 1


def again(look: Look) -> Look:
    assert isinstance(look.result, Fetched)
    return look_at(look.target, look.result.body)


def calls(run: Callable[[], object], of: Callable[..., object] | None = None) -> int:
    """Python functions that were called meanwhile, or how often that one was."""
    count = 0

    def seen(frame: FrameType, what: str, _: object) -> None:
        nonlocal count
        count += what == "call" and (of is None or frame.f_code is of.__code__)

    run()  # what is kept for the next time is kept now
    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        run()
    finally:
        sys.setprofile(before)
    return count


def test_reading_a_page_makes_no_more_calls_than_this(news: list[Look]) -> None:
    assert max(calls(lambda look=look: again(look)) for look in news[:10]) <= CALLS  # type: ignore[misc]


ORDINARY = "The council met on Tuesday in the old town hall and chose a new treasurer. " * 3
TEXTS = {
    "ordinary": [ORDINARY] * 20,
    "ordinary but for a word": [*[ORDINARY] * 10, "A partnership with the school was praised.", *[ORDINARY] * 9],
    "a memorandum": [STORY[0], *[ORDINARY] * 20],
}


@pytest.mark.parametrize("what", CLOSELY)
def test_few_sentences_are_read_closely(what: str) -> None:
    article = an_article(*TEXTS[what], title="News of the week")
    assert calls(lambda: find_partnerships(article), worded) <= CLOSELY[what]


def test_reading_stays_near_the_floor_of_parsing_and_walking(news: list[Look]) -> None:
    bodies = [look.result.body for look in news[:20]]  # type: ignore[union-attr]
    full, floor = [], []
    for _ in range(7):  # in turn, so that what the machine does meanwhile falls on both
        full.append(taken(lambda: [read_article(body, url="http://s0.test/") for body in bodies]))
        floor.append(taken(lambda: [walked(body) for body in bodies]))
    assert min(full) / min(floor) <= TIMES_THE_FLOOR


def walked(body: bytes) -> list[str | None]:
    root = LexborHTMLParser(body).root
    return [node.tag for node in root.traverse(include_text=True)] if root else []


def taken(run: Callable[[], object]) -> float:
    begun = time.process_time()
    run()
    return time.process_time() - begun
