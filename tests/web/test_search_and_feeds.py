"""The search page on real widths and against hostile data, and feeds as their readers take them."""

from __future__ import annotations

import json
from xml.etree.ElementTree import fromstring

import pytest

from scraper.web.pages.feeds import TYPES
from tests.web.conftest import Visit
from tests.web.harness import DESKTOP, PHONE, Dashboard

ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E"


def test_what_was_asked_for_is_marked_where_it_stands(dashboard: Dashboard) -> None:
    page = dashboard.ask("/search?q=imaging").text
    assert "<mark>Imaging</mark>" in page
    assert "answer" in page
    assert "offset=20" not in dashboard.ask("/search?q=%22letter+of+intent%22").text


def test_words_that_stand_in_an_older_version_alone_lead_there(dashboard: Dashboard) -> None:
    changed = json.loads(dashboard.ask("/api/changes?kind=corrected").text)[0]
    diff = json.loads(dashboard.ask(f"/api/items/{changed['item']}/diff?old=1&new=2").text)
    gone = next(run["text"] for block in diff["blocks"] for run in block["words"] if run["op"] == "removed")
    page = dashboard.ask(f"/search?q=%22{gone.strip().split()[0]}%22+{gone.strip().split()[-1]}").text
    assert f'href="/items/{changed["item"]}?version=1"' in page
    assert "only in version 1 of" in page


@pytest.mark.parametrize(
    "path", [f"/search?q={HOSTILE}", f"/search?q=x&party={HOSTILE}", f"/search?q=x&since={HOSTILE}"]
)
def test_no_question_becomes_markup(dashboard: Dashboard, path: str) -> None:
    answer = dashboard.ask(path)
    assert answer.status in (200, 422)
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
@pytest.mark.parametrize("path", ["/search", "/search?q=script", "/search?q=alert+OR+img&source="])
def test_hostile_texts_stay_texts_in_a_browser(evil: Dashboard, visit: Visit, path: str, width: int) -> None:
    look = visit(evil.url + path, width)
    assert (look.status, look.troubles, look.overflow) == (200, [], 0)


@pytest.mark.parametrize("name", ["news", "changes", "partnerships"])
def test_feeds_are_read_by_readers(dashboard: Dashboard, name: str) -> None:
    feedparser = pytest.importorskip("feedparser", reason="feedparser is not installed")
    for form, kind in TYPES.items():
        answer = dashboard.ask(f"/feeds/{name}.{form}")
        assert (answer.status, answer.headers["content-type"]) == (200, kind)
        assert dashboard.ask(f"/feeds/{name}.{form}", If_None_Match=answer.headers["etag"]).status == 304
    told = []
    for form in ("atom", "rss"):
        read = feedparser.parse(dashboard.ask(f"/feeds/{name}.{form}").text)
        assert not read.bozo
        assert read.entries
        assert all(entry.title and entry.published_parsed for entry in read.entries)
        assert len({entry.id for entry in read.entries}) == len(read.entries)
        told.append([(entry.id, entry.title, entry.get("link"), entry.published_parsed) for entry in read.entries])
    assert told[0] == told[1]


def test_atom_keeps_the_rules_of_rfc_4287(dashboard: Dashboard) -> None:
    root = fromstring(dashboard.ask("/feeds/changes.atom?source=eiic").text)
    for part in (root, *root.findall(f"{ATOM}entry")):
        assert all(len(part.findall(f"{ATOM}{name}")) == 1 for name in ("id", "title", "updated"))
    (own,) = (link.get("href") for link in root.findall(f"{ATOM}link") if link.get("rel") == "self")
    assert own == f"{dashboard.url}/feeds/changes.atom?source=eiic"


def test_a_narrowed_feed_is_a_feed_of_its_own(dashboard: Dashboard) -> None:
    whole, narrow = (
        json.loads(dashboard.ask(f"/feeds/changes.json{q}").text) for q in ("", "?source=eiic&kind=withdrawn")
    )
    assert 0 < len(narrow["items"]) < len(whole["items"])
    assert all({"withdrawn", "eiic"} <= set(item["tags"]) for item in narrow["items"])
    assert narrow["title"] == "accordwatch: changes (eiic, withdrawn)"
    assert "version" in narrow
    assert all({"id", "content_text"} <= set(item) for item in narrow["items"])


@pytest.mark.parametrize(
    ("path", "status"),
    [("nothing.atom", 404), ("news.txt", 404), ("changes.atom?kind=x", 422), ("news.atom?source=nobody", 404)],
)
def test_a_feed_that_cannot_be_is_refused(dashboard: Dashboard, path: str, status: int) -> None:
    assert dashboard.ask(f"/feeds/{path}").status == status
