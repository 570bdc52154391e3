"""One article's pages: text apart from what stands around it, versions and their differences, how it was read, why."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from scraper.config import load
from scraper.watch.answers import close_up
from storage.store import Store
from tests.cli.test_commands import run
from tests.web.conftest import Visit
from tests.web.harness import DESKTOP, PHONE, Dashboard

MEMORANDUM, SURVEY, FORUM = "EIIC and ESHI renew", "Survey shows shorter", "Registration opens"
WAYS = ("/items", "/items/{}", "/items/{}/diff", "/items/{}/diff?view=side", "/items/{}/read")


def number(dashboard: Dashboard, title: str) -> int:
    """The article of the demonstration whose title begins so."""
    found = re.search(rf'<a href="/items/(\d+)">{title}', dashboard.ask("/items").text)
    assert found
    return int(found[1])


def page(dashboard: Dashboard, title: str, way: str = "") -> str:
    answer = dashboard.ask(f"/items/{number(dashboard, title)}{way}")
    assert answer.status == 200
    return answer.text


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESKTOP])
@pytest.mark.parametrize("way", WAYS)
def test_it_fits_every_window(dashboard: Dashboard, visit: Visit, way: str, width: int, theme: str) -> None:
    look = visit(dashboard.url + way.format(number(dashboard, SURVEY)), width, theme)
    assert (look.status, look.troubles, look.overflow) == (200, [], 0)


@pytest.mark.parametrize("way", [*WAYS, "/items/{}?version=1"])
def test_nothing_that_an_enemy_wrote_runs_or_leaves(evil: Dashboard, visit: Visit, way: str) -> None:
    look = visit(evil.url + way.format(1))
    assert (look.status, look.troubles, look.overflow) == (200, [], 0)
    assert "<script>alert(1)</script>" in look.text
    assert "\u202e" not in look.text


def test_all_of_it_can_be_read_without_scripts(dashboard: Dashboard, visit: Visit) -> None:
    look = visit(f"{dashboard.url}/items/{number(dashboard, MEMORANDUM)}", scripts=False)
    assert "have renewed their Memorandum of Understanding" in look.text
    assert "Who is quoted" in look.text


def test_teasers_quotes_and_about_sections_stand_apart_from_the_text(dashboard: Dashboard) -> None:
    shown = page(dashboard, MEMORANDUM)
    body, _, around = shown.partition("</article>")
    assert "Hospitals do not ask whose fault it is" in body
    assert "Survey shows shorter waiting times" not in body
    assert "About EIIC" not in body
    assert all(part in around for part in ("Survey shows shorter waiting times", "About EIIC", "Ines Vandermeer"))


def test_the_sentence_that_announces_is_marked_where_it_stands(dashboard: Dashboard) -> None:
    assert re.search(r'<p id="block-0"><mark>[^<]*have renewed their Memorandum', page(dashboard, MEMORANDUM))


def test_all_pages_of_a_story_are_named(dashboard: Dashboard) -> None:
    shown = page(dashboard, MEMORANDUM)
    assert "Who tells this story" in shown
    assert all(source in shown for source in ("EIIC", "ESHI", "Imaging Wire"))


def test_it_says_why_it_alerted_and_why_not(dashboard: Dashboard) -> None:
    reasons = page(dashboard, MEMORANDUM).partition('id="why"')[2]
    assert "alerted" in reasons
    assert "the rule is for changed, withdrawn, and this is partnership" in reasons


def test_a_change_is_shown_in_one_text_and_side_by_side(dashboard: Dashboard) -> None:
    assert "covered <del>120</del><ins>210</ins> hospitals" in page(dashboard, SURVEY, "/diff")
    sides = page(dashboard, SURVEY, "/diff?view=side")
    assert re.search(r'data-label="Before">The survey covered <del>120</del> hospitals', sides)
    assert re.search(r'data-label="After">The survey covered <ins>210</ins> hospitals', sides)
    assert "120 became 210" in sides


def test_any_version_can_be_compared_with_any_other(dashboard: Dashboard) -> None:
    assert "covered <del>210</del><ins>120</ins> hospitals" in page(dashboard, SURVEY, "/diff?old=2&new=1")
    assert "no difference that a reader would see" in page(dashboard, SURVEY, "/diff?old=2&new=2")


def test_only_pages_with_something_to_say_are_offered(dashboard: Dashboard) -> None:
    changed, once = page(dashboard, SURVEY), page(dashboard, MEMORANDUM)
    assert "What changed</a>" in changed
    assert "What changed</a>" not in once
    assert "How it was read</a>" in once


def test_what_was_only_named_has_no_other_pages(own: Dashboard) -> None:
    key = number(own, MEMORANDUM)
    with own.app.store.begin() as work:
        work.connection.execute(text("UPDATE versions SET raw = '' WHERE item = :key"), {"key": key})
    assert 'aria-label="This article"' not in page(own, MEMORANDUM)


def test_a_page_that_is_gone_and_not_believed_yet_says_so(own: Dashboard) -> None:
    assert "Missing," not in page(own, SURVEY)
    gone = {"key": number(own, SURVEY), "why": "answered 410; see whether it moved"}
    with own.app.store.begin() as work:
        told = "UPDATE targets SET gone_checks = 1, gone_since = last_checked, trouble = :why WHERE item = :key"
        work.connection.execute(text(told), gone)
    own.web.state.desk = replace(own.web.state.desk, config=load(own.config.path, environ={}))
    assert re.search(r"Missing, 1 of \d checks?: its page answers as gone since", page(own, SURVEY))
    assert "Missing," not in page(own, FORUM)  # that is believed


def test_what_never_changed_has_nothing_to_compare(dashboard: Dashboard) -> None:
    assert "It was never changed" in page(dashboard, MEMORANDUM, "/diff")


def test_an_older_version_says_that_it_is_one(dashboard: Dashboard) -> None:
    older = page(dashboard, SURVEY, "?version=1")
    assert "version 1 of 2" in older
    assert "covered 120 hospitals" in older


def test_the_versions_are_a_picture_and_a_table(dashboard: Dashboard) -> None:
    shown = page(dashboard, SURVEY)
    assert re.search(r'<svg[^>]+role="img".*?<title>Its versions in time</title>', shown)
    assert re.search(r'<th scope="row">corrected', shown)
    assert 'class="drawn versions"' in page(dashboard, FORUM)  # one version, and the day it was withdrawn


def test_how_it_was_read_names_the_part_of_each_block(dashboard: Dashboard) -> None:
    shown = page(dashboard, MEMORANDUM, "/read")
    parts = re.findall(r'<section class="role-(\w+)"[^>]*>(.*?)</section>', shown, re.DOTALL)
    of = {role: " ".join(text for name, text in parts if name == role) for role, _ in parts}
    assert "The memorandum was first signed in 2019" in of["body"]
    assert "About EIIC" in of["about"]
    assert "Survey shows shorter waiting times" in of["teaser"]
    assert "Privacy" in of["furniture"]


@pytest.mark.parametrize(
    ("path", "status"),
    [("/items/999999", 404), ("/items/999999/read", 404), ("/items/1?version=99", 404), ("/items/x", 422),
     ("/items/99999999999999999999", 422), ("/items/1/diff?old=0", 422), ("/items?since=soon", 422),
     ("/items?after=zz", 422)],
)  # fmt: skip
def test_what_is_not_there_is_said_so(dashboard: Dashboard, path: str, status: int) -> None:
    answer = dashboard.ask(path)
    assert answer.status == status
    assert "Traceback" not in answer.text


def test_the_list_can_be_narrowed(dashboard: Dashboard) -> None:
    gone = dashboard.ask("/items?kind=withdrawn&source=eiic").text
    assert "Registration opens" in gone
    assert "Survey shows" not in gone
    assert "Nothing matches these filters" in dashboard.ask("/items?since=2099-01-01").text


def test_what_one_look_found_stands_by_its_day_of_publication(dashboard: Dashboard) -> None:
    page = dashboard.ask("/items").text
    titles = ("EIIC and ESHI renew", SURVEY, "Three projects receive", FORUM, "Recycling of contrast")
    places = [page.index(title) for title in titles]
    assert places == sorted(places)


def test_a_page_that_is_missing_and_not_yet_believed_to_be_withdrawn_says_so(own: Dashboard) -> None:
    config, key = own.config, number(own, SURVEY)
    store = Store(config.storage.url, config.storage.archive)
    item = close_up(store.catalogue(), str(key)).item
    with store.begin() as work:
        target = next(each for each in work.targets_of(item.source, discovering=False) if each.item == item.id)
        work.keep_target(replace(target, gone_checks=1, gone_since=datetime(2026, 11, 24, 9, 30, tzinfo=UTC)))
    store.close()
    for command in (("show", str(key)), ("explain", str(key)), ("items",), ("status",), ("status", item.source)):
        assert "missing since 2026-11-24 09:30, 1 of 1 checks" in run(*command, "--config", str(config.path))
