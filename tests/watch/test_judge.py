"""What one look means: quiet, troubled, gone, moved, back; and what is not believed yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from scraper.config.settings import Confirm
from scraper.fetch.message import NotModified, Refused
from scraper.watch.judge import Look, judge
from scraper.watch.read import Trouble
from storage.records.change import ChangeKind
from storage.records.observation import ItemState
from storage.records.source import Target
from storage.records.verdict import Recall, SeenVersion, Verdict
from tests.builders import (
    DAY,
    HOUR,
    NOW,
    PAGE,
    SITE,
    a_failure,
    a_known_target,
    a_page,
    a_policy,
    a_reading,
    a_rule,
    a_target,
    an_article,
    an_item,
    an_observation,
)  # fmt: skip

ELSEWHERE = f"{SITE}/2026/renewed"
SOFT = Confirm(checks=3, over=timedelta(days=2))
AT_ONCE = Confirm(checks=1)
WITHDRAWN = an_item(state=ItemState.WITHDRAWN)


def looked(result: Any, target: Target | None = None, recall: Recall | None = None, **facts: Any) -> Verdict:
    """The verdict on one look at an article that stood there so far."""
    policy = a_policy(a_rule("withdrawn", "changed"), **facts.pop("settings", {}))
    known = Recall(item=an_item(), observation=an_observation(), versions=(SeenVersion(
        version=1, content=an_observation().fingerprint.content, seen=NOW - 8 * DAY),))  # fmt: skip
    look = Look(target=target or a_known_target(), result=result, **facts)
    return judge(look, recall or known, policy, now=NOW)


def kinds(verdict: Verdict) -> list[str]:
    return [change.kind.value for change in verdict.changes]


# --- quiet looks -----------------------------------------------------------------------------------------------------


def test_not_modified_is_a_good_look_and_no_more() -> None:
    before = a_known_target(failures=2, trouble="answered 503", checks=4)
    verdict = looked(NotModified(url=PAGE, etag='"2"', last_modified="Mon"), before)
    after = verdict.target
    assert (verdict.outcome, verdict.seen, verdict.changes, verdict.observation) == ("not_modified", True, (), None)
    assert (after.failures, after.trouble, after.checks, after.etag, after.last_good) == (0, "", 5, '"2"', NOW)
    assert after.due > NOW


def test_the_same_bytes_need_no_reading() -> None:
    verdict = looked(a_page(), a_known_target(body_hash="ab"), raw="ab")
    assert (verdict.outcome, verdict.because, verdict.changes) == ("not_modified", ("the same bytes as last time",), ())


def test_the_same_text_in_other_bytes_is_nothing_a_reader_would_notice() -> None:
    verdict = looked(a_page(), raw="cd", reading=a_reading())
    assert (verdict.outcome, verdict.because) == ("read", ("nothing a reader would notice",))
    assert (verdict.observation, verdict.target.body_hash, verdict.target.changes) == (None, "cd", 0)


# --- trouble ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "reading", "outcome", "why"),
    [
        (Refused(url=PAGE, kind="robots", reason="robots.txt forbids it"), None, "refused", "robots.txt forbids it"),
        (a_failure(503), None, "failed", "answered 503"),
        (a_failure(kind="timeout"), None, "failed", "timeout"),
        (a_failure(kind="dns"), None, "unreached", "dns"),
        (a_failure(kind="connect"), None, "failed", "connect"),
        (a_page(), Trouble(reason="stopped after 20 s", kind="timeout"), "trouble", "stopped after 20 s"),
        (a_page(), a_reading(an_article(unfit="a consent wall")), "unfit", "a consent wall"),
    ],
)
def test_a_look_that_failed_says_nothing_of_the_item(result: Any, reading: Any, outcome: str, why: str) -> None:
    verdict = looked(result, a_known_target(failures=1, etag='"1"', body_hash="ab"), reading=reading, raw="cd")
    after = verdict.target
    assert verdict.outcome == outcome
    assert verdict.because[0].startswith(why)  # and says what to do
    assert (verdict.seen, verdict.changes, verdict.observation, verdict.alerts) == (False, (), None, ())
    assert (after.failures, after.trouble, after.etag, after.body_hash) == (2, verdict.because[0], '"1"', "ab")
    assert after.due > NOW


def test_a_server_that_wishes_us_later_is_heard() -> None:
    wish = NOW + timedelta(hours=20)
    assert looked(a_failure(503, retry_at=wish)).target.due == wish
    busy = Refused(url=PAGE, kind="busy", reason="another process asks", retry_at=wish)
    assert looked(busy).target.due == wish


# --- gone ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [404, 410])
def test_one_404_is_not_believed(status: int) -> None:
    verdict = looked(a_failure(status), settings={"confirm_withdrawn": SOFT})
    assert (verdict.changes, verdict.state, verdict.alerts) == ((), None, ())
    assert (verdict.target.gone_checks, verdict.target.gone_since) == (1, NOW)
    assert verdict.because[-1] == "gone 1 of 3 looks; not believed yet"


@pytest.mark.parametrize(
    ("checks", "since", "believed"),
    [(1, 9 * DAY, False), (2, DAY, False), (2, 2 * DAY, True), (8, 2 * DAY - timedelta(seconds=1), False)],
)
def test_gone_is_believed_after_three_looks_over_two_days(checks: int, since: timedelta, believed: bool) -> None:
    before = a_known_target(gone_checks=checks, gone_since=NOW - since)
    verdict = looked(a_failure(404), before, settings={"confirm_withdrawn": SOFT})
    assert (kinds(verdict), verdict.state) == ((["withdrawn"], ItemState.WITHDRAWN) if believed else ([], None))


def test_one_check_believes_the_first_404() -> None:
    verdict = looked(a_failure(404), settings={"confirm_withdrawn": AT_ONCE})
    assert kinds(verdict) == ["withdrawn"]
    assert verdict.changes[0].because == ("present on 2026-03-01, gone on 2026-03-02", "answered 404")
    assert [alert.kind for alert in verdict.alerts] == ["withdrawn"]


def test_what_is_withdrawn_is_not_withdrawn_again() -> None:
    recall = Recall(item=WITHDRAWN, observation=an_observation())
    before = a_known_target(gone_checks=5, gone_since=NOW - 9 * DAY)
    verdict = looked(a_failure(404), before, recall, settings={"confirm_withdrawn": SOFT})
    assert (verdict.changes, verdict.alerts) == ((), ())


@pytest.mark.parametrize(
    "to", [f"{SITE}/", f"{SITE}/news", f"{SITE}/news/"]
)  # the front page; the listing that the source names
def test_a_redirect_to_the_front_page_or_the_list_is_gone(to: str) -> None:
    result = a_page(final_url=to, hops=[302])
    verdict = looked(result, reading=a_reading(an_article("Welcome")), settings={"confirm_withdrawn": AT_ONCE})
    assert kinds(verdict) == ["withdrawn"]


def test_an_address_that_never_was_an_article_is_dropped_after_three() -> None:
    never = a_target(id=4, gone_checks=1, gone_since=NOW - DAY)
    second = looked(a_failure(404), never, Recall()).target
    third = looked(a_failure(404), second, Recall()).target
    assert (second.retired, third.retired) == (False, True)


def test_a_list_that_is_gone_stays_a_target() -> None:
    feed = a_known_target(f"{SITE}/feed", "feed", gone_checks=9, gone_since=NOW - 9 * DAY)
    verdict = looked(a_failure(404), feed, Recall())
    assert (verdict.outcome, verdict.target.retired, verdict.changes) == ("gone", False, ())


# --- back ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "facts"),
    [
        (NotModified(url=PAGE), {}),
        (a_page(), {"raw": "ab"}),
        (a_page(), {"raw": "cd", "reading": a_reading()}),
    ],
)
def test_a_withdrawn_item_that_answers_again_is_restored_once_and_told(result: Any, facts: dict[str, Any]) -> None:
    recall = Recall(item=WITHDRAWN, observation=an_observation())
    before = a_known_target(body_hash="ab", gone_checks=3, gone_since=NOW - 3 * DAY)
    verdict = looked(result, before, recall, **facts)
    assert (kinds(verdict), verdict.state) == (["restored"], ItemState.PRESENT)
    assert (verdict.target.gone_checks, verdict.target.gone_since) == (0, None)
    assert [alert.kind for alert in verdict.alerts] == ["withdrawn"]


def test_a_404_that_was_not_believed_leaves_no_trace_when_the_page_is_back() -> None:
    before = a_known_target(body_hash="ab", gone_checks=2, gone_since=NOW - DAY)
    verdict = looked(a_page(), before, raw="ab")
    assert (verdict.changes, verdict.target.gone_checks) == ((), 0)


# --- moved -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 308])
def test_a_permanent_redirect_moves_the_item(status: int) -> None:
    verdict = looked(a_page(final_url=ELSEWHERE, hops=[status]), reading=a_reading(), raw="cd")
    assert (kinds(verdict), verdict.moved_to, verdict.target.url) == (["moved"], ELSEWHERE, ELSEWHERE)
    assert verdict.alerts == ()


@pytest.mark.parametrize("hops", [[302], [307], [303], [301, 302]])
def test_a_passing_redirect_moves_nothing(hops: list[int]) -> None:
    verdict = looked(a_page(final_url=ELSEWHERE, hops=hops), reading=a_reading(), raw="cd")
    assert (kinds(verdict), verdict.moved_to, verdict.target.url) == ([], "", PAGE)


def test_a_redirect_to_a_twin_of_the_address_is_no_move() -> None:
    verdict = looked(a_page(final_url=f"{PAGE}/", hops=[301]), reading=a_reading(), raw="cd")
    assert (kinds(verdict), verdict.moved_to) == ([], "")


def test_a_new_lead_is_known_by_the_address_where_it_leads() -> None:
    tracked = a_target(f"{SITE}/r?id=77", id=4)
    verdict = looked(a_page(tracked.url, final_url=PAGE, hops=[302]), tracked, Recall(), reading=a_reading(), raw="cd")
    assert (verdict.target.url, verdict.new_item, kinds(verdict)) == (PAGE, True, ["new"])


def test_a_first_address_that_is_gone_has_moved_to_the_second() -> None:
    other = a_known_target(ELSEWHERE, id=5, last_good=NOW - HOUR)
    recall = Recall(item=an_item(), observation=an_observation(), addresses=(other,))
    verdict = looked(a_failure(404), recall=recall)
    assert (kinds(verdict), verdict.moved_to, verdict.target.retired) == (["moved"], ELSEWHERE, True)


def test_a_second_address_that_fails_too_is_no_new_home() -> None:
    for other in (
        a_known_target(ELSEWHERE, id=5, failures=1),
        a_known_target(ELSEWHERE, id=5, gone_checks=1, failures=1),
    ):
        recall = Recall(item=an_item(), observation=an_observation(), addresses=(other,))
        assert looked(a_failure(404), recall=recall).changes == ()


def test_an_edit_behind_a_permanent_redirect_is_told_too() -> None:
    edited = an_article("All of it was written anew for the general assembly in Vienna.")
    verdict = looked(a_page(final_url=ELSEWHERE, hops=[301]), reading=a_reading(edited), raw="cd")
    assert kinds(verdict) == ["moved", "edited"]
    assert replace(verdict.changes[1]).kind is ChangeKind.EDITED
