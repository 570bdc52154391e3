"""Archived pages: shown as they came, and never as a page of this site."""

from __future__ import annotations

import re

import pytest

from storage.archive import key_of
from tests.web.conftest import Visit
from tests.web.harness import Dashboard

KEY = "0" * 32


def archived(dashboard: Dashboard) -> str:
    found = re.search(r'href="/archive/([0-9a-f]{32})"', dashboard.ask("/items/1").text)
    assert found
    return f"/archive/{found[1]}"


def kept(dashboard: Dashboard, body: bytes) -> str:
    dashboard.app.store.archive.put(body)
    return f"/archive/{key_of(body)}"


@pytest.mark.parametrize("form", ["", "?as=source", "?as=file"])
def test_it_has_no_origin_no_scripts_and_loads_nothing(dashboard: Dashboard, form: str) -> None:
    headers = dashboard.ask(archived(dashboard) + form).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "allow" not in policy
    assert headers["x-content-type-options"] == "nosniff"


def test_a_page_that_an_enemy_wrote_neither_runs_nor_asks_anybody(evil: Dashboard, visit: Visit) -> None:
    look = visit(evil.url + archived(evil))
    silent = [trouble for trouble in look.troubles if "Content Security Policy" not in trouble
              and "sandboxed" not in trouble]  # fmt: skip
    assert (look.status, silent) == (200, [])


def test_what_would_ask_others_past_any_policy_is_made_powerless(own: Dashboard) -> None:
    asking = b"<LINK rel=preconnect href=//evil.test><Base href=//evil.test><meta http-equiv=refresh content=0>"
    page = b"<!doctype html>" + asking
    text = own.ask(kept(own, page)).text.lower()
    assert not re.search(r"<(link|base|meta)\b", text)


def test_a_pdf_is_kept_not_shown(own: Dashboard) -> None:
    headers = own.ask(kept(own, b"%PDF-1.4 x")).headers
    assert headers["content-type"] == "application/pdf"
    assert headers["content-disposition"].startswith("attachment")


XHTML = b"<?xml version='1.0'?><x:script xmlns:x='http://www.w3.org/1999/xhtml'>alert(1)</x:script>"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


@pytest.mark.parametrize("body", [XHTML, SVG, b"plain words"])
def test_what_is_no_page_is_text(own: Dashboard, body: bytes) -> None:
    answer = own.ask(kept(own, body))
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


def test_another_encoding_is_read_as_it_was_meant(own: Dashboard) -> None:
    body = "<!doctype html><meta charset=iso-8859-1><p>Gesellschaft für Röntgen</p>".encode("iso-8859-1")
    answer = own.ask(kept(own, body))
    assert "Gesellschaft für Röntgen" in answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    ("key", "status"),
    [(KEY, 404), ("../accordwatch.db", 404), ("..%2f..%2fx", 404), ("x" * 32, 422), ("ABCDEF" * 6, 422)],
)
def test_nothing_but_archived_pages_can_be_asked_for(dashboard: Dashboard, key: str, status: int) -> None:
    assert dashboard.ask(f"/archive/{key}").status == status
