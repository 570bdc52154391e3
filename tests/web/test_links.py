"""Each link of a page, a mail and a feed leads somewhere, and each form to a route that takes it."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from scraper.alert.compose import compose
from scraper.watch.feeds import FORMATS, NAMES
from scraper.watch.letters import facts_of
from tests.web.harness import Answer, Dashboard, Loop, copied, served

HREF, ACTION, ID = (re.compile(pattern) for pattern in (r'href="([^"]+)"', r'action="([^"]+)"', r'\bid="([^"]+)"'))
PUBLIC = "https://watch.press.eu"
MOST = 3  # of one kind of page, such as that of an article


class Walk:
    """A walk from page to page over one dashboard."""

    def __init__(self, at: Dashboard) -> None:
        self._at = at
        self.answers: dict[str, Answer] = {}
        self.forms: set[str] = set()
        self._kinds: dict[str, int] = {}

    def go(self, *starts: str) -> list[str]:
        """Follow all links within the site; what is wrong with them."""
        waiting, wrong = [("", start) for start in starts], []
        while waiting:
            page, link = waiting.pop()
            path, _, anchor = urljoin(page, link).partition("#")
            if urlsplit(path).netloc or not path.startswith("/"):
                continue
            new = path not in self.answers
            answer = self._ask(path)
            if answer is None:
                continue
            if answer.status not in (200, 302):
                wrong.append(f"{page or 'start'}: {link} is {answer.status}")
            if anchor and anchor not in ID.findall(answer.text):
                wrong.append(f"{page}: {link} has no such place")
            if new and answer.headers["content-type"].startswith("text/html") and not path.startswith("/archive"):
                waiting += [(path, unescape(found)) for found in HREF.findall(answer.text)]
                self.forms |= {urljoin(path, unescape(found)) for found in ACTION.findall(answer.text)}
        return wrong

    def _ask(self, path: str) -> Answer | None:
        kind = re.sub(r"[0-9a-f]{32}|\d+|(?<==)[^&]+", "*", path)
        if path not in self.answers:
            if self._kinds.get(kind, 0) >= MOST:
                return None
            self._kinds[kind] = self._kinds.get(kind, 0) + 1
            self.answers[path] = self._at.ask(path)
        return self.answers[path]


def test_every_link_and_form_of_a_page_leads_somewhere(dashboard: Dashboard) -> None:
    walk = Walk(dashboard)
    assert walk.go("/", "/?span=month") == []
    assert {"/items", "/partnerships", "/organisations", "/sources", "/alerts", "/search"} <= walk.answers.keys()
    for action in sorted({re.sub(r"/\d+/", "/1/", form.partition("?")[0]) for form in walk.forms}):
        assert _takes(dashboard, action), action


def _takes(dashboard: Dashboard, action: str) -> bool:
    scope = {"type": "http", "path": action, "method": "POST", "headers": []}
    ways = {"GET", "POST"}  # a form that asks has no side effect
    return any(route.matches({**scope, "method": way})[0].value == 2 for route in dashboard.web.routes for way in ways)


def test_every_link_of_a_mail_and_a_feed_leads_somewhere(loop: Loop, demo_folder: Path, tmp_path: Path) -> None:
    with served(loop, copied(demo_folder, tmp_path / "own", public_url=PUBLIC)) as at:
        desk = at.web.state.desk
        alerts = [row.alert for row in desk.catalogue.outbox(limit=50) if row.alert.kind != "welcome"]
        trouble = replace(alerts[0], kind="source_trouble", item=None, partnership=None, key="trouble:eiic:0")
        told = [compose(facts_of(alert, desk.post)).text for alert in (*alerts, trouble)]
        told += [at.ask(f"/feeds/{name}.{form}").text for name in NAMES for form in FORMATS]
        links = {link for text in told for link in re.findall(rf'{PUBLIC}(/[^"<\s]*)', unescape(text))}
        assert {link.split("/")[1] for link in links} >= {"items", "partnerships", "archive", "sources", "feeds"}
        assert Walk(at).go(*links) == []
