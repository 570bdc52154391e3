"""The one way in, over a real socket: Hosts, proxies, origins, form words, odd paths, and what every answer carries."""

from __future__ import annotations

import http.client
import socket
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from scraper.web.guard import PUBLIC, Guard
from scraper.web.server import ROUTERS
from tests.web.harness import Dashboard, Loop, copied, served


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "LOCALHOST"])
def test_this_machines_own_names_are_let_in_with_the_port(dashboard: Dashboard, host: str) -> None:
    assert dashboard.ask("/", Host=f"{host}:{dashboard.port}").status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.test", "evil.test:PORT", "127.0.0.1", "localhost", "127.0.0.1:1", "127.0.0.1:PORT.evil.test",
        "localhost:PORT@evil.test", "evil.test@localhost:PORT", "localhost.evil.test:PORT", "127.0.0.1.nip.io:PORT",
        "127.1:PORT", "0:PORT", "0.0.0.0:PORT", "2130706433:PORT", "0x7f.1:PORT", "[::ffff:127.0.0.1]:PORT",
        "[::]:PORT", "127.0.0.2:PORT", "localhost.:PORT", "localhost:0PORT1", "192.168.1.5:PORT", "a, localhost:PORT",
    ],
)  # fmt: skip
def test_any_other_host_is_refused_so_that_no_name_can_be_bound_to_it(dashboard: Dashboard, host: str) -> None:
    answer = dashboard.ask("/", Host=host.replace("PORT", str(dashboard.port)))
    assert answer.status in (400, 403)
    assert "Partnerships" not in answer.text


def test_no_host_and_two_hosts_are_refused(dashboard: Dashboard) -> None:
    assert dashboard.ask("/", Host="").status == 400
    assert dashboard.ask("/", Host=[f"127.0.0.1:{dashboard.port}", "evil.test"]).status == 400


@pytest.mark.parametrize("target", ["http://evil.test/", "//evil.test/", "*"])
def test_an_address_in_the_request_line_is_no_host_and_no_page(dashboard: Dashboard, target: str) -> None:
    assert dashboard.ask(target).status in (400, 404)


@pytest.mark.parametrize(
    "header",
    ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Anything", "X-Real-IP"],
)
@pytest.mark.parametrize("path", ["/", "/sources", "/nothing", "/static/style.css", "/api/items"])
def test_what_came_through_a_proxy_meets_set_up_users_first(dashboard: Dashboard, header: str, path: str) -> None:
    answer = dashboard.ask(path, **{header: "127.0.0.1"})
    assert answer.status == 403
    assert "set up users first" in answer.text


@pytest.mark.parametrize("origin", ["http://evil.test", "null", "http://localhost", "https://127.0.0.1:PORT", ""])
@pytest.mark.parametrize("path", ["/alerts/test", "/sources/eiic/pause", "/login", "/logout", "/nothing"])
def test_a_change_of_state_from_elsewhere_is_refused(dashboard: Dashboard, origin: str, path: str) -> None:
    said = {"Origin": origin.replace("PORT", str(dashboard.port))}
    if not origin:
        said["Sec-Fetch-Site"] = "cross-site"
    answer = dashboard.post(path, headers=said)
    assert answer.status == 403
    assert "another site" in answer.text


@pytest.mark.parametrize("word", ["", "x", "0" * 64])
def test_a_form_without_its_word_is_refused(dashboard: Dashboard, word: str) -> None:
    answer = dashboard.post("/sources/eiic/pause", csrf=word)
    assert answer.status == 403
    assert "too old" in answer.text


def test_the_word_of_another_browser_is_no_word(dashboard: Dashboard) -> None:
    other = dashboard.word(dashboard.ask("/").cookie)
    assert other
    assert dashboard.post("/sources/eiic/pause", csrf=other).status == 403


def test_a_form_without_an_origin_still_needs_its_word(dashboard: Dashboard) -> None:
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    assert dashboard.ask("/sources/eiic/pause", "POST", b"x=1", **form).status == 403
    assert dashboard.ask("/sources/eiic/pause", "POST", b"{}", Content_Type="application/json").status == 403
    assert dashboard.ask("/api/x", "POST", b"x=1", Content_Type="text/plain").status == 403


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "BREW"])
def test_no_other_method_slips_past(dashboard: Dashboard, method: str) -> None:
    assert dashboard.ask("/sources/eiic/pause", method).status in (400, 403, 405)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--"),
        ("multipart/form-data; boundary=b", b"--b\r\n" * 5000),
        ("application/x-www-form-urlencoded", b"&".join(b"a=%d" % n for n in range(2000))),
        ("application/x-www-form-urlencoded", b"\xff\xfe=%zz&csrf"),
    ],
)
def test_a_form_that_cannot_be_read_is_refused(dashboard: Dashboard, kind: str, body: bytes) -> None:
    answer = dashboard.ask("/sources/eiic/pause", "POST", body, Content_Type=kind)
    assert answer.status in (400, 403)


def test_a_request_of_two_lengths_is_refused_and_what_follows_it_not_read(dashboard: Dashboard) -> None:
    follower = b"GET /login HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % dashboard.port
    lengths = b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    with socket.create_connection(("127.0.0.1", dashboard.port), 10) as wire:
        wire.sendall(b"POST /login HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n" % dashboard.port + lengths + follower)
        answer = wire.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 400")
    assert answer.count(b"HTTP/1.1 ") == 1


def test_a_client_that_goes_in_the_middle_of_its_form_is_no_fault(
    dashboard: Dashboard, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_connection(("127.0.0.1", dashboard.port)) as wire:
        wire.sendall(b"POST /seen HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: 99\r\n\r\nhalf" % dashboard.port)
    assert dashboard.ask("/").status == 200
    assert "please report" not in caplog.text


def test_over_ipv6_it_is_the_same_machine(loop: Loop, demo_folder: Path, tmp_path: Path) -> None:
    with served(loop, copied(demo_folder, tmp_path / "six"), bind="[::1]:0") as at:
        talk = http.client.HTTPConnection("::1", at.port, timeout=10)
        talk.request("GET", "/", headers={"Host": f"[::1]:{at.port}"})
        assert talk.getresponse().status == 200
        talk.close()


def test_a_body_without_end_is_cut(dashboard: Dashboard) -> None:
    answer = dashboard.post("/sources/eiic/pause", csrf="x" * 6_000_000)
    assert answer.status == 413


@pytest.mark.parametrize(
    ("site", "mode", "dest", "status"),
    [
        ("cross-site", "navigate", "document", 200),
        ("cross-site", "navigate", "iframe", 403),
        ("cross-site", "no-cors", "image", 403),
        ("cross-site", "cors", "empty", 403),
        ("same-site", "no-cors", "script", 403),
        ("same-origin", "no-cors", "style", 200),
        ("none", "navigate", "document", 200),
    ],
)
def test_other_sites_may_link_here_and_load_nothing(
    dashboard: Dashboard, site: str, mode: str, dest: str, status: int
) -> None:
    said = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}
    assert dashboard.ask("/", **said).status == status


@pytest.mark.parametrize(
    "path",
    [
        "/static/../pages/today.py", "/static/..%2fserver.py", "/static/%2e%2e/server.py", "/static//etc/passwd",
        "/static/style.css/", "/static/style.css%00.py", "/static/..\\server.py", "//", "/./", "/login/../",
        "/%2e%2e/%2e%2e/etc/passwd", "/sources/../../etc/passwd", "/sources/%2e%2e%2f%2e%2e", "/sources/%00",
    ],
)  # fmt: skip
def test_odd_paths_lead_nowhere(dashboard: Dashboard, path: str) -> None:
    answer = dashboard.ask(path)
    assert answer.status in (400, 404, 405)
    assert "root:" not in answer.text
    assert "import" not in answer.text


@pytest.mark.parametrize("path", ["/", "/nothing", "/static/style.css", "/sources", "/api/nothing", "/login"])
def test_every_answer_carries_the_headers(dashboard: Dashboard, path: str) -> None:
    headers = dashboard.ask(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["server"] is None
    assert len(headers.get_all("content-security-policy") or ()) == 1


def test_errors_are_pages_in_words_and_for_the_api_json(dashboard: Dashboard) -> None:
    page, said = dashboard.ask("/nothing"), dashboard.ask("/api/nothing")
    assert (page.status, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "no such page" in page.text
    assert said.status == 404
    assert "json" in said.headers["content-type"]
    assert "<" not in said.text


def test_a_fault_is_told_without_its_traceback(own: Dashboard, caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> None:
        raise ZeroDivisionError("secret of the house")

    own.web.add_api_route("/broken", broken)
    answer = own.ask("/broken")
    assert answer.status == 500
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["content-security-policy"]
    assert "secret of the house" in caplog.text


def test_while_the_program_begins_anew_one_moment_is_said(own: Dashboard) -> None:
    own.web.state.desk = None
    answer = own.ask("/")
    assert answer.status == 503
    assert "begins anew" in answer.text


def test_a_look_at_the_headers_alone_has_no_body(dashboard: Dashboard) -> None:
    answer = dashboard.ask("/", "HEAD")
    assert (answer.status, answer.text) == (200, "")


def test_our_own_files_may_be_kept_and_change_their_address_with_their_content(dashboard: Dashboard) -> None:
    answer = dashboard.ask("/static/style.css")
    assert "immutable" in answer.headers["cache-control"]
    assert "/static/style.css?v=" in dashboard.ask("/").text


def test_every_route_lies_behind_the_guard(dashboard: Dashboard) -> None:
    """The guard is the outermost layer of our own, nothing is mounted beside it, and what it lets pass is named."""
    assert [layer.cls for layer in dashboard.web.user_middleware] == [Guard]
    included = [route for route in dashboard.web.routes if getattr(route, "path", "") != "/api/openapi.json"]
    assert len(included) == len(ROUTERS)
    routes = [route for router in ROUTERS for route in router.routes]
    assert all(isinstance(route, APIRoute) for route in routes)
    paths = {route.path for route in routes if isinstance(route, APIRoute)}
    assert {path for path in PUBLIC if not path.startswith("/static/")} <= paths
    assert not any("{" in path or path.endswith("/") for path in PUBLIC)
