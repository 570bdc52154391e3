"""A page of partners through time: who came and who went is said once, and a page that fails is no mass removal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from scraper.config.settings import WatchSettings
from scraper.discover.entries import entry_key
from scraper.discover.lead import Lead, Leads
from scraper.watch.roster import roster
from storage.records.source import SourceId, Target, TargetKind
from storage.records.verdict import Question, Verdict
from storage.store import Store
from tests.acceptance.conftest import Desk, Reply, Server, desk, site, source
from tests.builders import DAY, NOW, SITE, a_policy, a_source

__all__ = ["desk", "site"]

NAMES = ("COCIR", "HIMSS", "ESR", "EFOMP", "IHE", "ECHA", "ISRRT", "EANM")


class Partners:
    """The page in memory, looked at again and again."""

    def __init__(self, store: Store, **watch: Any) -> None:
        self.store, self.policy = store, a_policy(source=a_source(kind="page"), watch=WatchSettings(**watch))
        with store.begin() as work:
            work.sync_sources((a_source(),))
            work.add_targets((Target(source=SourceId("cocir"), kind=TargetKind.PAGE, url=f"{SITE}/partners",
                                     identity="cocir.org/partners", due=NOW),))  # fmt: skip

    def look(self, names: Sequence[str | tuple[str, str]] | None, at: datetime) -> Verdict:
        pairs = [(name, "") if isinstance(name, str) else name for name in names or ()]
        items = tuple(Lead(url=url or f"{SITE}/partners", title=name, guid=entry_key(name)) for name, url in pairs)
        leads = None if names is None else Leads(kind=TargetKind.PAGE, items=items)
        with self.store.begin() as work:
            (page,) = work.targets_of(SourceId("cocir"))
            verdict = roster(replace(page, last_good=at), leads, work.recall(page, Question()), self.policy, now=at)
            work.keep(verdict)
        return verdict

    def told(self, names: Sequence[str | tuple[str, str]] | None, at: datetime) -> list[str]:
        parts = self.look(names, at).parts
        return [f"{change.kind.value} {part.target.title}" for part in parts for change in part.changes]


def test_who_was_there_is_history_and_who_comes_later_is_news(store: Store) -> None:
    page = Partners(store)
    first = page.look(NAMES, NOW)
    assert (len(first.parts), {part.target.looked for part in first.parts}) == (8, {None})
    later = page.look((*NAMES, "ESHI"), NOW + DAY)
    assert [(part.target.title, part.target.looked) for part in later.parts] == [("ESHI", NOW)]


def test_another_order_and_other_decoration_are_nothing(store: Store) -> None:
    page = Partners(store)
    page.look(NAMES, NOW)
    assert page.told([f"★ {name.title()} logo" for name in reversed(NAMES)], NOW + DAY) == []


def test_an_entry_is_gone_when_it_was_missing_as_often_and_as_long_as_confirm_withdrawn_says(store: Store) -> None:
    page = Partners(store)
    page.look(NAMES, NOW)
    days = [page.told(NAMES[1:], NOW + DAY * n) for n in (1, 2)] + [page.told(None, NOW + DAY * 3)]
    assert days == [[], [], ["withdrawn COCIR"]]
    assert page.told(NAMES[1:], NOW + DAY * 4) == []
    assert page.told(NAMES, NOW + DAY * 5) == ["restored COCIR"]


def test_an_entry_that_is_back_before_it_was_believed_gone_is_nothing(store: Store) -> None:
    page = Partners(store)
    page.look(NAMES, NOW)
    looks = [page.told(names, NOW + DAY * n) for n, names in enumerate((NAMES[1:], NAMES, NAMES[1:], NAMES[1:]), 1)]
    assert looks == [[], [], [], []]


def test_most_going_at_once_is_a_rebuilt_page_until_it_is_confirmed(store: Store) -> None:
    page = Partners(store, confirm_withdrawn=replace(WatchSettings().confirm_withdrawn, checks=1, over=timedelta(0)))
    page.look(NAMES, NOW)
    rebuilt = ("Home of imaging", "Policy of ours", "COCIR")
    assert page.told(rebuilt, NOW + DAY) == []
    assert len(page.told(rebuilt, NOW + 2 * DAY)) == 7
    assert page.told(rebuilt, NOW + 3 * DAY) == ["new Home of imaging", "new Policy of ours"]


def test_an_entry_with_a_new_name_and_its_old_link_is_the_same(store: Store) -> None:
    page = Partners(store)
    page.look((("ESR", "https://myesr.org/"), "HIMSS"), NOW)
    assert page.told((("European Society of Radiology", "https://myesr.org/"), "HIMSS"), NOW + DAY) == []


def partners(*names: str) -> Reply:
    return Reply(
        body=f"<html><body><h1>Partners</h1><ul>{''.join(f'<li>{n}</li>' for n in names)}</ul></body></html>".encode()
    )


def test_the_whole_way_from_the_page_to_the_mail(desk: Desk, site: Server) -> None:
    rule = '[[alerts]]\nname = "partners"\nwhen = ["new", "withdrawn"]\nto = ["desk"]\n'
    desk.configure(source("p", f"{site.base}/partners", 'kind = "page"\n') + rule)
    site.routes["/partners"] = partners(*NAMES)
    first = desk.run("crawl", "--json").json
    assert (first["sources"][0]["new"], first["alerts"]["queued"]) == (8, 0)
    site.routes["/partners"] = partners(*NAMES[1:], "ESHI")
    second = desk.run("crawl", "--json").json
    assert [second["sources"][0][key] for key in ("status", "new", "withdrawn")] == ["ok", 1, 1]
    assert second["alerts"]["queued"] == 2
    mails = {mail["Subject"]: " ".join(mail.get_body(("plain",)).get_content().split()) for mail in desk.letters}
    gone, came = mails["No longer named: COCIR (on p)"], mails["New: ESHI (on p)"]
    assert f"Page {site.base}/partners where the name no longer stands" in gone
    assert f"Page {site.base}/partners Found" in came
    for broken in (Reply(body=b"<html><body><p>Down for maintenance</p></body></html>"), Reply(status=500)):
        site.routes["/partners"] = broken
        tally = desk.run("crawl", "--json").json["sources"][0]
        assert [tally[key] for key in ("status", "new", "withdrawn")] == ["trouble", 0, 0]
    states = {item["title"]: item["state"] for item in desk.run("items", "--json").json}
    assert (states["COCIR"], states["ESHI"], states["HIMSS"], len(states)) == ("withdrawn", "present", "present", 9)
    kinds = [change["kind"] for change in desk.run("changes", "--json").json]
    assert (kinds.count("new"), kinds.count("withdrawn")) == (9, 1)
