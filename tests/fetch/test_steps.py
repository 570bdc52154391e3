"""The rules of one fetch, without a network: what comes next, and that every walk ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.fetch.message import Failed, Fetched, FetchRequest, Refused
from scraper.fetch.steps import (
    MOST_HOPS,
    PATIENCE,
    AskRobots,
    Done,
    Journey,
    Response,
    Send,
    Wait,
    after,
    begin,
    next_step,
)
from storage.records.source import Authority, Host
from tests.fetch.conftest import START

URL = "https://a.org/news"
ALLOWED = Host(authority=Authority("a.org:443"), robots="", robots_status=404, robots_until=START + timedelta(hours=1))


def a_journey(url: str = URL, **more: object) -> Journey:
    journey = begin(FetchRequest(url=url, **more))  # type: ignore[arg-type]
    assert isinstance(journey, Journey)
    return journey


def test_robots_comes_first() -> None:
    assert next_step(a_journey(), Host(authority=Authority("a.org:443")), START) == AskRobots(
        url="https://a.org/robots.txt"
    )


def test_then_the_pace() -> None:
    soon = replace(ALLOWED, next_allowed=START + timedelta(seconds=3))
    assert next_step(a_journey(), soon, START) == Wait(until=START + timedelta(seconds=3))
    assert isinstance(next_step(a_journey(), soon, START + timedelta(seconds=3)), Send)


def test_a_pause_too_long_to_wait_for_is_said_with_its_end() -> None:
    until = START + PATIENCE + timedelta(seconds=1)
    step = next_step(a_journey(), replace(ALLOWED, next_allowed=until, robots_until=None), START)
    assert isinstance(step, Done)
    assert isinstance(step.result, Refused)
    assert (step.result.kind, step.result.retry_at) == ("busy", until)


def test_validators_go_out_on_the_first_hop_only() -> None:
    journey = a_journey(etag='"7"', last_modified="yesterday")
    first = next_step(journey, ALLOWED, START)
    moved = after(journey, Response(status=301, headers=(("location", "/b"),)), ALLOWED, START)
    assert isinstance(moved, Journey)
    second = next_step(moved, ALLOWED, START)
    assert isinstance(first, Send)
    assert isinstance(second, Send)
    assert {"if-none-match", "if-modified-since"} <= dict(first.headers).keys()
    assert not {"if-none-match", "if-modified-since"} & dict(second.headers).keys()


def test_a_redirect_to_the_same_host_by_another_scheme_is_another_origin() -> None:
    journey = a_journey("http://a.org/x", headers=(("authorization", "secret"),))
    moved = after(journey, Response(status=301, headers=(("location", "https://a.org/x"),)), ALLOWED, START)
    assert isinstance(moved, Journey)
    step = next_step(moved, ALLOWED, START)
    assert isinstance(step, Send)
    assert "authorization" not in dict(step.headers)


def test_an_address_in_bare_utf8_is_read_as_such() -> None:
    location = "/köln".encode().decode("latin-1")
    moved = after(a_journey(), Response(status=302, headers=(("location", location),)), ALLOWED, START)
    assert isinstance(moved, Journey)
    assert moved.url == "https://a.org/k%C3%B6ln"


def test_a_redirect_without_an_address_is_a_failure() -> None:
    done = after(a_journey(), Response(status=302, headers=()), ALLOWED, START)
    assert isinstance(done, Done)
    assert isinstance(done.result, Failed)


def test_the_servers_wish_comes_with_the_page() -> None:
    done = after(a_journey(), Response(status=200, headers=(("retry-after", "60"),)), ALLOWED, START)
    assert isinstance(done, Done)
    assert isinstance(done.result, Fetched)
    assert done.result.retry_after == START + timedelta(minutes=1)


_locations = st.sampled_from(
    ["/a", "/b", "?x=1", "https://b.org/", "//c.org/y", "ftp://x/", "http://[", "", "#f"]
) | st.text(max_size=20)
_answers = st.builds(
    lambda status, location, cookie: Response(status=status, headers=(("location", location), ("set-cookie", cookie))),
    st.sampled_from([200, 204, 301, 302, 303, 304, 307, 308, 404, 429, 500, 999]),
    _locations,
    st.text(max_size=10),
)


@given(st.lists(_answers, min_size=MOST_HOPS + 2, max_size=MOST_HOPS + 2))
@settings(deadline=None, max_examples=200)
def test_every_walk_ends(answers: list[Response]) -> None:
    at: Journey | Done = a_journey()
    for response in answers:
        if isinstance(at, Done):
            break
        at = after(at, response, ALLOWED, START)
    assert isinstance(at, Done)
