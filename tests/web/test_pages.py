"""What Today, Sources and Alerts show and do, over real HTTP."""

from __future__ import annotations

import asyncio
import json
import re
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from fastapi import Request

from scraper.cli.demo import CONFIG
from scraper.config import load
from scraper.demo.server import Web
from scraper.errors import StorageError
from scraper.web.desk import Here, Visitor
from scraper.web.pages.sources import switch
from scraper.web.pages.today import AWAY, OFTEN, visited
from scraper.web.render import ago, day, plural, share
from storage.records.source import Source
from storage.records.visitor import Visit
from storage.store import Filter
from tests.web.harness import Dashboard, Loop, served

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def sites() -> Iterator[Web]:
    """The demonstration's small web, which can be asked."""
    with Web(NOW.date()) as served_sites:
        yield served_sites


@pytest.fixture
def live(loop: Loop, tmp_path: Path, sites: Web) -> Iterator[Dashboard]:
    """A dashboard with a source that is there and was never looked at."""
    comment = "# the council, kept by hand\n"
    source = f'\n{comment}[[sources]]\nid = "eiic"\nname = "EIIC"\nurl = "{sites.association.news}"  # its news\n'
    (tmp_path / "config.toml").write_text(CONFIG + source, encoding="utf-8")
    with served(loop, load(tmp_path / "config.toml", environ={})) as listening:
        yield listening


def sources_of(at: Dashboard) -> list[dict[str, object]]:
    found: list[dict[str, object]] = tomllib.loads(at.config.path.read_text("utf-8")).get("sources", [])
    return found


# -- Today ---------------------------------------------------------------------------------------------


def test_partnerships_come_first_with_parties_instrument_dates_and_the_sentence(dashboard: Dashboard) -> None:
    page = unescape(dashboard.ask("/?span=month").text)
    card = page[page.index('class="card tie') :]
    assert page.index('class="card tie') < page.index('class="card day"')
    for said in ("European Imaging Industry Council (EIIC)", "memorandum of understanding", "renewed", "Since", "2019"):
        assert said in card
    assert "have renewed their Memorandum of Understanding" in card


def test_what_a_first_look_found_is_counted_as_history_and_is_no_news(dashboard: Dashboard) -> None:
    page = dashboard.ask("/?span=month").text
    happened = dashboard.app.catalogue().happened(Filter())
    news = {each.item.id for each in happened if not each.history}
    history = {each.item.id for each in happened if each.history} - news
    shown = {int(each) for each in re.findall(r'<span class="what"><a href="/items/(\d+)"', page)}
    assert "history, no news" in page
    assert shown == news
    assert history


def test_a_change_is_told_in_its_words_and_a_withdrawal_by_its_reason(dashboard: Dashboard) -> None:
    for _ in range(2):  # the second time from what is remembered
        page = dashboard.ask("/?span=month").text
        assert "covered <del>120</del><ins>210</ins> hospitals" in page
        assert re.search(r"gone on [\d-]+; answered 410", page)


def test_the_first_visit_shows_a_week_and_what_was_read_is_gone_at_the_next(own: Dashboard) -> None:
    assert "Your first visit" in own.ask("/").text
    own.post("/seen")
    after = own.ask("/").text
    assert "nothing new" in after
    assert "All is read" in after


def test_a_visit_ends_after_a_while_and_the_next_begins_where_it_ended() -> None:
    first = visited(None, "ana", NOW)
    assert first.since is None
    assert visited(first, "ana", NOW + OFTEN / 2) == first
    later = visited(first, "ana", NOW + AWAY)
    assert (later.since, later.seen) == (None, NOW + AWAY)
    assert visited(later, "ana", NOW + 3 * AWAY) == Visit(user="ana", since=NOW + AWAY, seen=NOW + 3 * AWAY)


def test_an_empty_memory_says_the_next_step(loop: Loop, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    with served(loop, load(tmp_path / "config.toml", environ={})) as at:
        assert 'href="/sources/add">Add a source' in at.ask("/").text
        assert "Add the first source" in at.ask("/sources").text
        assert "The outbox is empty" in at.ask("/alerts").text


def test_a_possible_partnership_asks_for_a_word(evil: Dashboard) -> None:
    page = evil.ask("/?span=month").text
    asked = page[page.index("your word is wanted") :]
    assert re.search(r'action="/partnerships/\d+/confirm"', asked)
    assert re.search(r'action="/partnerships/\d+/reject"', asked)


def test_marks_that_turn_text_around_reach_no_page(evil: Dashboard) -> None:
    for path in ("/?span=month", "/alerts", "/alerts/1"):
        assert not set("\u202e\u2066") & set(evil.ask(path).text), path


# -- Sources -------------------------------------------------------------------------------------------


def test_a_source_is_looked_at_now_and_says_what_that_brought(live: Dashboard, loop: Loop) -> None:
    assert "was not looked at yet" in live.ask("/sources/eiic").text
    answer = live.post("/sources/eiic/check")
    assert (answer.status, answer.headers["location"]) == (303, "/sources/eiic")
    assert "Being looked at" in live.ask("/sources/eiic").text
    live.post("/sources/eiic/check")  # twice is once
    loop.run(live.web.state.checks.settled())
    page = live.ask("/sources/eiic").text
    assert "8 new" in page
    assert "http-equiv" not in page
    assert live.app.catalogue().items_by_source() == {"eiic": 8}


def test_looks_that_are_asked_for_at_once_are_one(live: Dashboard, monkeypatch: pytest.MonkeyPatch) -> None:
    looks, asked, all_asked = [], [], asyncio.Event()
    desk, checks = live.web.state.desk, live.web.state.checks
    start = checks.start

    def counted(*given: Any) -> Any:
        asked.append(given)
        if len(asked) == 5:
            all_asked.set()
        return start(*given)

    async def crawl(source: Source) -> str:
        looks.append(source.id)
        await all_asked.wait()
        return "8 new"

    live.web.state.desk = replace(desk, crawl=crawl)
    monkeypatch.setattr(checks, "start", counted)
    live.post("/sources/eiic/check")
    with ThreadPoolExecutor(4) as people:
        said = list(people.map(lambda _: live.ask("/api/sources/eiic/check", "POST").text, range(4)))
    assert (looks, set(said)) == (["eiic"], {'{"source":"eiic","said":"8 new"}'})


def test_what_ends_a_look_is_told_to_whom_asked_for_it_by_the_api(live: Dashboard) -> None:
    async def crawl(source: Source) -> str:
        raise StorageError("database", "is locked")

    live.web.state.desk = replace(live.web.state.desk, crawl=crawl)
    answer = live.ask("/api/sources/eiic/check", "POST")
    assert (answer.status, json.loads(answer.text)["cause"]) == (409, "is locked")
    assert "is locked" in live.ask("/sources/eiic").text


def test_an_edit_of_a_desk_that_was_replaced_meanwhile_does_not_bring_it_back(live: Dashboard, loop: Loop) -> None:
    old = live.web.state.desk
    fresh = replace(old, hands=replace(old.hands))
    live.web.state.desk = fresh
    here = Here(desk=old, visitor=Visitor(), now=NOW, path="/sources/eiic/mute")
    loop.run(switch(Request({"type": "http", "app": live.web}), here, "eiic", "mute"))
    assert live.web.state.desk is fresh
    assert sources_of(live)[0]["muted"] is True


def test_pausing_writes_the_file_with_its_comments_and_shows_at_once(live: Dashboard) -> None:
    before = live.config.path.read_text("utf-8")
    assert live.post("/sources/eiic/pause").headers["location"] == "/sources/eiic?done=pause"
    assert sources_of(live)[0]["enabled"] is False
    assert live.config.path.read_text("utf-8").startswith(before.rstrip("\n"))
    page = live.ask("/sources/eiic?done=pause").text
    assert "Paused. Its items are kept." in page
    assert "/sources/eiic/resume" in page
    live.post("/sources/eiic/resume")
    assert sources_of(live)[0]["enabled"] is True


def test_the_list_of_sources_says_which_are_muted(live: Dashboard) -> None:
    assert ">muted<" not in live.ask("/sources").text
    live.post("/sources/eiic/mute")
    assert live.ask("/sources").text.count(">muted<") == 1


def test_a_source_is_added_after_a_preview_of_what_would_be_watched(live: Dashboard, sites: Web) -> None:
    address = sites.partner.news
    preview = live.post("/sources/add", what=address, name="ESHI")
    assert preview.status == 200
    assert "would be watched" in preview.text
    assert len(sources_of(live)) == 1
    assert live.post("/sources/write", what=address, name="ESHI").headers["location"] == "/sources/eshi?done=added"
    assert sources_of(live)[1] == {"id": "eshi", "name": "ESHI", "url": address, "organisation": "ESHI"}
    assert "Added." in live.ask("/sources/eshi?done=added").text


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("", "neither an address nor in the catalogue"),
        ("http://[", "no web address"),
        ("javascript:alert(1)", "neither"),
        ("http://ana:secret@evil.test/", "holds a name or password"),
        ("http://169.254.169.254/latest/meta-data", "No news was found"),
        ("http://127.0.0.1:1/", "No news was found"),
        ("file:///etc/passwd", "neither"),
    ],
)
def test_what_cannot_be_added_says_why_and_writes_nothing(live: Dashboard, what: str, said: str) -> None:
    before = live.config.path.read_bytes()
    answer = live.post("/sources/add", what=what)
    assert said in unescape(answer.text)
    assert "root:" not in answer.text
    assert live.config.path.read_bytes() == before


def test_what_is_written_can_hold_no_other_setting(live: Dashboard) -> None:
    name = 'x"\n[web]\nbind = "0.0.0.0:1'
    live.post("/sources/write", what="http://127.0.0.1:1/", name=name)
    assert "web" not in tomllib.loads(live.config.path.read_text("utf-8"))
    assert load(live.config.path, environ={}).web.bind == "127.0.0.1:8765"


def test_nobody_is_asked_before_the_contact_is_set(live: Dashboard) -> None:
    desk = live.web.state.desk
    live.web.state.desk = replace(desk, config=replace(desk.config, fetch=replace(desk.config.fetch, contact="")))
    assert "contact is empty" in unescape(live.post("/sources/add", what="https://www.cocir.org/").text)
    away = replace(live.web.state.desk.source("eiic"), url="https://www.cocir.org/")
    live.web.state.desk = replace(desk, config=replace(live.web.state.desk.config, sources=(away,)))
    answer = live.ask("/api/sources/eiic/check", "POST")
    assert (answer.status, "contact is empty" in answer.text) == (409, True)


def test_the_catalogue_is_searched(dashboard: Dashboard) -> None:
    page = dashboard.ask("/sources/add?q=radiology").text
    assert "European Society of Radiology" in page
    assert "None has these words" in dashboard.ask("/sources/add?q=zzz").text


@pytest.mark.parametrize(
    "path", ["/sources/nobody", "/alerts/999999", "/alerts/0", f"/alerts/{10**30}", "/alerts/999/mail"]
)
def test_what_is_not_there_is_said(dashboard: Dashboard, path: str) -> None:
    assert dashboard.ask(path).status == 404


@pytest.mark.parametrize("path", ["/alerts/x", "/alerts?before=x", "/alerts/what-if?days=x", "/?span=century"])
def test_what_cannot_be_understood_is_said(dashboard: Dashboard, path: str) -> None:
    answer = dashboard.ask(path)
    assert answer.status == 422
    assert "Not understood" in answer.text


# -- Alerts --------------------------------------------------------------------------------------------


def test_the_outbox_is_listed_by_state_with_every_try(dashboard: Dashboard) -> None:
    page = dashboard.ask("/alerts").text
    assert page.count('">sent</span>') >= 4
    assert "EIIC + ESHI renew memorandum of understanding" in page
    assert "No alert is failed" in dashboard.ask("/alerts?kind=failed").text


def test_a_mail_is_shown_where_nothing_of_it_can_act(dashboard: Dashboard) -> None:
    key = mail_of(dashboard)
    page, mail = dashboard.ask(f"/alerts/{key}").text, dashboard.ask(f"/alerts/{key}/mail")
    assert f'<iframe class="mail" src="/alerts/{key}/mail" title="The mail" sandbox=""' in page
    policy = mail.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert mail.headers.get_all("content-security-policy") == [policy]
    assert "EIIC" in mail.text
    eml = dashboard.ask(f"/alerts/{key}/eml")
    assert eml.headers["content-type"] == "message/rfc822"
    assert "Message-ID:" in eml.text


def mail_of(at: Dashboard) -> int:
    """The first partnership's mail."""
    rows = at.app.catalogue().outbox(kind="partnership", limit=10)
    return next(int(row.alert.id or 0) for row in rows[::-1])


def test_a_test_message_goes_to_those_whom_the_configuration_names(own: Dashboard) -> None:
    before = set(own.config.mail.folder.glob("*"))
    answer = own.post("/alerts/test", to="analyst@accordwatch.invalid")
    assert "The test mail was taken" in answer.text
    assert set(own.config.mail.folder.glob("*")) > before
    assert own.post("/alerts/test", to="stranger@evil.test").status == 409
    assert own.post("/alerts/test", to="").status == 409


def test_what_if_tells_what_todays_rules_would_have_sent_and_writes_nothing(own: Dashboard) -> None:
    before = len(own.app.catalogue().deliveries(Filter()))
    page = own.ask("/alerts/what-if?days=90").text
    assert "renew memorandum of understanding" in page
    assert ">made</span>" in page
    assert len(own.app.catalogue().deliveries(Filter())) == before


def test_what_waits_is_sent_on_request(own: Dashboard) -> None:
    assert own.post("/alerts/deliver").headers["location"] == "/alerts?sent=now"


# -- words ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "just now"), (50, "50 seconds ago"), (61, "1 minute ago"), (3 * 3600, "3 hours ago"), (86_400, "1 day ago"),
        (15 * 86_400, "2 weeks ago"), (400 * 86_400, "1 year ago"), (-7200, "in 2 hours"), (-10, "now"),
    ],
)  # fmt: skip
def test_moments_are_said_roughly(seconds: int, said: str) -> None:
    assert ago(NOW - timedelta(seconds=seconds), NOW) == said


def test_days_counts_and_shares_are_said_as_people_do() -> None:
    assert [day("2018-01"), day(NOW), day("soon"), day(None)] == ["January 2018", "23 November 2026", "soon", ""]
    assert [plural(1, "item"), plural(2000, "item"), ago(None, NOW)] == ["1 item", "2,000 items", "never"]
    assert [share(83, 100), share(0, 0)] == ["83 %", "–"]
