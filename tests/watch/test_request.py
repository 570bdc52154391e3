"""What is asked of a target: its validators while they are believed, the source's headers, the browser."""

from __future__ import annotations

import pytest

from scraper.watch.check import request_for
from scraper.watch.judge import Look, judge
from storage.records.verdict import Recall
from tests.builders import NOW, SITE, a_page, a_policy, a_reading, a_source, a_target, an_article

SECRET = (("Authorization", "Bearer secret"),)


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        (f"{SITE}/members/1", SECRET),
        ("https://feeds.cocir.org/all.xml", SECRET),
        ("http://www.cocir.org/members/1", ()),
        ("https://www.cocir.org:8443/", ()),
        ("https://cocir.org/", ()),
        ("https://evil.example/www.cocir.org", ()),
    ],
)
def test_headers_of_a_source_go_to_the_origins_that_are_configured_and_no_other(address: str, sent: object) -> None:
    source = a_source(headers=SECRET, discover=("https://feeds.cocir.org/news.xml",))
    assert request_for(a_target(address), a_policy(source=source)).headers == sent


@pytest.mark.parametrize(("kind", "drawn"), [("listing", True), ("article", True), ("feed", False), ("sitemap", False)])
def test_the_browser_draws_pages_and_no_lists_for_machines(kind: str, drawn: bool) -> None:
    assert request_for(a_target(kind=kind), a_policy(source=a_source(browser=True))).browser is drawn
    assert not request_for(a_target(kind=kind), a_policy()).browser


def test_who_has_lied_gets_no_condition() -> None:
    assert request_for(a_target(etag='"1"'), a_policy()).etag == '"1"'
    assert request_for(a_target(etag='"1"', lies=1), a_policy()).etag == ""


def test_an_article_that_needs_scripts_says_what_to_set() -> None:
    page = a_page(body=b'<div id="root"></div><script src="/app.js"></script>')
    look = Look(target=a_target(id=3), result=page, reading=a_reading(an_article(unfit="empty")))
    assert judge(look, Recall(), a_policy(), now=NOW).because == (
        "shows nothing without JavaScript; give its feed or sitemap, or set browser = true",
    )
