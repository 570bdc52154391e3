"""Who is let in where users are set up: passwords, sessions, tokens, a proxy's word; how often one may fail."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from scraper.clock import FakeClock
from scraper.config.settings import WebUser
from scraper.errors import StorageError
from scraper.web.login import IDLE, MOST_FAILURES, OFTEN, WHOLE, WINDOW, Logins, _counted, hashed, token_hash
from scraper.web.pages.login import inside
from scraper.web.render import STATIC
from scraper.web.server import ROUTERS
from storage.store import sqlite_file
from tests.web.harness import Answer, Dashboard, Loop, copied, served

PASSWORD, TOKEN = "four words are plenty", "t" * 43
ANA = WebUser(name="ana", password=hashed(PASSWORD), token=token_hash(TOKEN))
HTML = {"Accept": "text/html"}
Guarded = Callable[..., Dashboard]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))


@pytest.fixture
def guarded(loop: Loop, demo_folder: Path, tmp_path: Path, clock: FakeClock) -> Iterator[Guarded]:
    """A dashboard with one user, [web] as given."""
    with ExitStack() as stack:

        def start(**web: Any) -> Dashboard:
            config = copied(demo_folder, tmp_path / "guarded", **{"users": (ANA,), **web})
            return stack.enter_context(served(loop, config, clock=clock))

        yield start


def log_in(at: Dashboard, name: str = "ana", password: str = PASSWORD, **headers: str) -> Answer:
    return at.post("/login", name=name, password=password, headers=headers)


def test_every_route_but_the_public_ones_asks_who_is_there(guarded: Guarded) -> None:
    at = guarded()
    for route in (route for router in ROUTERS for route in router.routes):
        path = route.path.replace("{name}", "style.css") if route.path.startswith("/static") else route.path
        for method in route.methods or {"GET"}:
            answer = at.ask(path, method) if method == "GET" else at.post(path)
            public = path in ("/login", *(f"/static/{name}" for name in STATIC))
            assert ("Who are you?" not in answer.text) == public, (method, path)


def test_a_person_is_led_to_the_login_and_back(guarded: Guarded) -> None:
    at = guarded()
    led = at.ask("/sources?state=paused", **HTML)
    assert (led.status, led.headers["location"]) == (303, "/login?next=%2Fsources%3Fstate%3Dpaused")
    form = at.ask(led.headers["location"])
    assert 'value="/sources?state=paused"' in form.text
    answer = at.post("/login", name="ana", password=PASSWORD, next="/sources?state=paused")
    assert (answer.status, answer.headers["location"]) == (303, "/sources?state=paused")
    assert at.ask("/", Cookie=answer.cookie).status == 200


@pytest.mark.parametrize(
    "address",
    [
        "//evil.test", "/\\evil.test", "http://evil.test", "javascript:alert(1)", "\\\\evil.test", "/\tevil.test",
        "evil",        "/\n/evil.test", "///evil.test", "", "https:evil.test", "/ok\\@evil.test", "//[", "/\\[",
    ],
)  # fmt: skip
def test_nobody_is_sent_to_another_site_after_the_login(address: str) -> None:
    assert inside(address) == "/"


def test_a_wrong_password_and_a_wrong_name_read_the_same(guarded: Guarded) -> None:
    at = guarded()
    answers = [log_in(at, password="wrong wrong"), log_in(at, name="nobody"), log_in(at, password="")]
    assert [answer.status for answer in answers] == [401] * 3
    assert all("do not belong together" in answer.text and "four words" not in answer.text for answer in answers)


def test_a_user_without_a_password_cannot_log_in_with_none(guarded: Guarded) -> None:
    at = guarded(users=(WebUser(name="bot", token=token_hash(TOKEN)),))
    assert log_in(at, name="bot", password="").status == 401


def test_the_cookie_is_out_of_reach_and_changes_with_the_login(guarded: Guarded) -> None:
    at = guarded()
    before = at.ask("/login").cookie
    answer = at.post("/login", cookie=before, name="ana", password=PASSWORD)
    said = answer.headers["set-cookie"]
    assert "HttpOnly" in said
    assert "SameSite=Lax" in said
    assert answer.cookie != before
    assert at.ask("/", Cookie=before).status == 401


def test_over_https_the_cookie_is_secure_and_bound_to_the_host(guarded: Guarded) -> None:
    at = guarded(public_url="https://watch.press.eu")
    own = {"Host": "watch.press.eu", "Origin": "https://watch.press.eu"}
    asked = at.ask("/login", Host="watch.press.eu")
    assert asked.cookie.startswith("__Host-accordwatch=")
    assert asked.headers["strict-transport-security"]
    word = at.ask("/login", Host="watch.press.eu", Cookie=asked.cookie).text.split('name="csrf" value="')[1][:64]
    answer = at.post("/login", cookie=asked.cookie, headers=own, name="ana", password=PASSWORD, csrf=word)
    assert answer.status == 303
    assert "; Secure" in answer.headers["set-cookie"]


def test_logging_out_ends_the_session_for_good(guarded: Guarded) -> None:
    at = guarded()
    cookie = log_in(at).cookie
    page = at.ask("/", Cookie=cookie).text
    word = page.split('name="csrf" value="')[1][:64]
    assert at.post("/logout", cookie=cookie, csrf=word).headers["location"] == "/login"
    assert at.ask("/", Cookie=cookie).status == 401


def test_a_session_ends_when_nobody_comes_and_at_last_anyway(guarded: Guarded, clock: FakeClock) -> None:
    at = guarded()
    idle, busy = log_in(at).cookie, log_in(at).cookie
    for _ in range(int(WHOLE / (IDLE / 2)) - 1):
        clock.advance(IDLE / 2)
        assert at.ask("/", Cookie=busy).status == 200
    assert at.ask("/", Cookie=idle).status == 401
    clock.advance(IDLE / 2 + timedelta(days=3))
    assert at.ask("/", Cookie=busy).status == 401


def test_another_password_and_a_removed_user_end_their_sessions(guarded: Guarded) -> None:
    at = guarded()
    cookie = log_in(at).cookie
    desk = at.web.state.desk
    changed = replace(ANA, password=hashed("another four words"))
    for users in ((changed,), (replace(ANA, name="eva"),)):
        web = replace(desk.config.web, users=users)
        at.web.state.desk = replace(desk, config=replace(desk.config, web=web))
        assert at.ask("/", Cookie=cookie).status == 401


def test_who_fails_too_often_waits_and_then_may_try_again(guarded: Guarded, clock: FakeClock) -> None:
    at = guarded()
    for _ in range(MOST_FAILURES["pair"]):
        assert log_in(at, password="wrong wrong").status == 401
    stopped = log_in(at)
    assert stopped.status == 429
    assert int(stopped.headers["retry-after"]) <= WINDOW.total_seconds() + 60
    assert log_in(at, name="eva").status == 401  # somebody else at the same address may
    clock.advance(WINDOW)
    assert log_in(at).status == 303


def test_a_token_reads_and_writes_and_needs_no_form_word(guarded: Guarded) -> None:
    at = guarded()
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    assert at.ask("/", **bearer).status == 200
    assert at.ask("/nothing", "POST", b"{}", Content_Type="application/json", **bearer).status == 404
    assert at.ask("/", Authorization="Bearer " + "x" * 43).status == 401
    assert at.ask("/", Authorization="Bearer ").status == 401
    assert at.ask("/", Authorization=f"Bearer {ANA.token}").status == 401


def test_a_feed_reader_may_send_the_token_as_a_password_for_reading_only(guarded: Guarded) -> None:
    from base64 import b64encode

    at = guarded()
    basic = {"Authorization": "Basic " + b64encode(f"ana:{TOKEN}".encode()).decode()}
    assert at.ask("/", **basic).status == 200
    assert at.ask("/nothing", "POST", b"{}", **basic).status == 401
    assert at.ask("/", Authorization="Basic ???").status == 401
    assert at.ask("/feeds/news.atom").headers["www-authenticate"].startswith("Basic")


def test_a_proxys_word_counts_from_its_own_address_only(guarded: Guarded) -> None:
    from ipaddress import ip_network

    said = {"X-Remote-User": "eva"}
    near = guarded(user_header="X-Remote-User", proxies=(ip_network("127.0.0.1"),))
    assert near.ask("/", **said).status == 200
    assert near.ask("/", **{"X-Remote-User": ["eva", "admin"]}).status == 401
    assert near.ask("/", **{"X-Remote-User": "<b>eva</b>"}).status == 401
    assert near.ask("/").status == 401


def test_another_machine_that_says_so_is_not_believed(guarded: Guarded) -> None:
    from ipaddress import ip_network

    far = guarded(user_header="X-Remote-User", proxies=(ip_network("10.1.2.3"),))
    assert far.ask("/", **{"X-Remote-User": "eva"}).status == 401
    assert far.ask("/", **{"X-Remote-User": "eva", "X-Forwarded-For": "10.1.2.3"}).status == 401


def test_with_users_a_foreign_name_is_refused_and_the_public_one_let_in(guarded: Guarded) -> None:
    at = guarded(public_url="http://watch.press.eu:8080")
    assert at.ask("/login", Host="watch.press.eu:8080").status == 200
    assert at.ask("/login", Host=f"192.168.1.5:{at.port}").status == 200
    assert at.ask("/login", Host=f"evil.test:{at.port}").status == 403


def test_logging_in_from_another_site_is_refused(guarded: Guarded) -> None:
    assert log_in(guarded(), Origin="http://evil.test").status == 403


@pytest.mark.parametrize(
    ("path", "said", "status"),
    [
        ("/", {"Host": "127.0.0.1:99999"}, 403),
        ("/", {"Host": "1.2.3.4:abc"}, 403),
        ("/", {"Authorization": "Basic \xe9"}, 401),
        ("/login?next=//[", {}, 200),
    ],
)
def test_nothing_that_a_stranger_sends_is_a_fault(
    guarded: Guarded, path: str, said: dict[str, str], status: int
) -> None:
    assert guarded().ask(path, **said).status == status


@pytest.mark.parametrize("charset", ["unicode_escape", '"unicode_escape"', " utf-7"])
def test_a_form_in_another_charset_is_refused_in_words(guarded: Guarded, charset: str) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n\\ud800\r\n--b--\r\n'
    kind = f"multipart/form-data; boundary=b; charset={charset}"
    assert guarded().ask("/login", "POST", body, Content_Type=kind).status == 400


def test_who_logs_in_rightly_may_do_so_again_and_again(guarded: Guarded) -> None:
    at = guarded(users=(replace(ANA, name="Ana"),))
    assert log_in(at, name="Ana", password="wrong wrong").status == 401
    for _ in range(MOST_FAILURES["peer"] + 1):
        assert log_in(at, name="Ana").status == 303


@pytest.mark.parametrize("peer", ["192.0.2.1", "2001:db8::1"])
def test_a_right_login_gives_back_its_own_count_and_no_failure_of_others(peer: str) -> None:
    logins, now = Logins(), datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    logins._failed("Eva", peer, now - timedelta(minutes=1))
    logins._failed("Ana", peer, now)
    logins._fitted("Ana", peer, now)
    assert [len(logins._failures.get(key, ())) for key in _counted("Ana", peer)] == [0, 1, 0]
    assert [len(logins._failures.get(key, ())) for key in _counted("Eva", peer)] == [1, 1, 1]


def test_reading_does_not_wait_for_a_memory_that_is_busy(guarded: Guarded, clock: FakeClock) -> None:
    at = guarded()
    cookie = log_in(at).cookie
    clock.advance(2 * OFTEN)
    with closing(sqlite3.connect(sqlite_file(at.config.storage.url) or "", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = monotonic()
        assert [at.ask("/items", Cookie=cookie).status for _ in range(2)] == [200, 200]
        assert monotonic() - began < 10
        other.execute("ROLLBACK")


def test_a_memory_that_cannot_say_who_asks_is_told_in_words(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    at = guarded()
    cookie = log_in(at).cookie

    def locked(*_: object) -> None:
        raise StorageError("database /srv/secret.db", "is locked")

    monkeypatch.setattr(type(at.web.state.desk.catalogue), "session", locked)
    answer = at.ask("/", Cookie=cookie)
    assert (answer.status, "secret.db" in answer.text) == (503, False)
    assert "is locked" in caplog.text
    assert "Traceback" not in caplog.text
