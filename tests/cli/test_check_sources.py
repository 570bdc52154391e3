"""`check-sources` over real sockets: what each method brings, what to do about what fails, and what --fix writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from scraper import catalogue
from scraper.catalogue import Candidate, others
from scraper.config.edit import set_url
from scraper.errors import ConfigError
from tests.acceptance.conftest import Desk, Reply, Server, article, desk, page, rss, site, source

__all__ = ["desk", "site"]


def a_site(server: Server) -> None:
    """A listing of five dated items with a feed of the first two."""
    paths = [f"/news/report-{n}" for n in range(5)]
    links = "".join(
        f"<li><a href='{path}'>Report {n} of the year</a> 1{n}.03.2026</li>" for n, path in enumerate(paths)
    )
    feed = '<link rel="alternate" type="application/rss+xml" href="/feed">'
    server.routes |= {path: article(n) for n, path in enumerate(paths)}
    server.routes |= {"/news/": page("News", f"<ul>{links}</ul>", head=feed)}
    server.routes["/feed"] = rss(server.base, (paths[4], paths[0]), date="Sat, 14 Mar 2026 09:00:00 GMT")


def test_each_source_is_shown_with_what_its_methods_bring(desk: Desk, site: Server) -> None:
    a_site(site)
    site.routes["/members"] = Reply(body=b"<title>Sign in</title><form><input type=password></form>")
    desk.configure(source("good", f"{site.base}/news/"), source("walled", f"{site.base}/members"))
    done = desk.run("check-sources", "--json")
    good, walled = done.json
    assert (done.code, good["status"], good["methods"], good["newest"]) == (
        0,
        "ok",
        {"feed": 2, "listing": 5},
        "2026-03-14",
    )
    assert (walled["status"], walled["trouble"].partition(";")[0]) == ("trouble", "asks for a login")
    assert desk.run("check-sources", "walled").code == 1
    table = desk.run("check-sources").out
    assert "headers_env" in table
    assert desk.run("items", "--json").json == []  # nothing was stored


def test_ways_that_disagree_are_shown(desk: Desk, site: Server) -> None:
    a_site(site)
    site.routes["/feed"] = rss(site.base, ("/news/report-0",), date="Tue, 10 Mar 2026 09:00:00 GMT")
    desk.configure()
    added = desk.run("add", f"{site.base}/news/", "--json").json
    (line,) = added["differences"]
    assert (
        line
        == f'feed {site.base}/feed lacks 4 items that other ways name: "Report 4 of the year" of 2026-03-14 for one'
    )
    assert "lacks 4 items" in desk.run("check-sources").out


def test_fix_writes_an_address_of_the_catalogue_that_works(
    desk: Desk, site: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_site(site)
    known = (
        Candidate(kind="feed", url=f"{site.base}/nowhere", evidence="guess"),
        Candidate(kind="news", url=f"{site.base}/news/", evidence="guess"),
    )
    monkeypatch.setattr(catalogue, "others", lambda url, *names: known)  # the packaged catalogue has no local addresses
    desk.configure(source("s", f"{site.base}/gone", "# my favourite\n"))
    config = desk.folder / "config.toml"
    before = config.read_text()
    assert desk.run("check-sources", "s").code == 1
    assert config.read_text() == before
    (fixed,) = desk.run("check-sources", "s", "--fix", "--json").json
    assert (fixed["status"], fixed["fixed"]) == ("ok", f"{site.base}/news/")
    assert config.read_text() == before.replace(f"{site.base}/gone", f"{site.base}/news/")


def test_only_the_address_of_that_source_is_rewritten() -> None:
    first = '[[sources]]\nid = "a"\nurl = "https://a.org/" # home\n\n'
    text = first + "[[sources]]\nid = \"b\"\nurl = 'https://b.org/' # mine\n"
    assert set_url(text, "b", "https://b.org/news") == text.replace("'https://b.org/'", '"https://b.org/news"')
    with pytest.raises(ConfigError):
        set_url(text, "c", "https://c.org/")


def test_the_catalogue_names_other_addresses_by_name_or_by_site() -> None:
    by_name = [each.url for each in others("https://nowhere.test/", "COCIR")]
    by_site = [each.url for each in others("https://www.cocir.org/broken")]
    assert by_name == by_site
    assert by_name[-1] == "https://www.cocir.org/"
    assert others("https://nowhere.test/", "Nobody at all") == ()


def test_a_page_of_partners_is_added_as_one(desk: Desk, site: Server) -> None:
    names = "".join(f"<li>Society {letter} of Imaging</li>" for letter in "ABCDEF")
    site.routes["/partners"] = page("Partners", f"<ul>{names}</ul>")
    desk.configure()
    added = desk.run("add", f"{site.base}/partners", "--page", "--json").json
    assert [(found["kind"], found["items"]) for found in added["found"]] == [("page", 6)]
    assert 'kind = "page"' in Path(desk.folder / "config.toml").read_text()


def test_a_page_of_names_that_no_rule_tells_of_is_added_with_the_rule_that_is_missing(desk: Desk, site: Server) -> None:
    names = "".join(f"<li>Society {letter} of Imaging</li>" for letter in "ABCDEF")
    for path in ("/partners", "/members"):
        site.routes[path] = page("Partners", f"<ul>{names}</ul>")
    desk.configure()
    said = " ".join(desk.run("add", f"{site.base}/partners", "--page", "--name", "Partners").err.split())
    rule = 'name = "partners", when = ["new", "withdrawn"], sources = ["partners"], to = ["desk"]'
    assert f"no rule tells anybody who comes or goes there; add [[alerts]] to {desk.folder / 'config.toml'}" in said
    assert rule in said
    desk.configure('[[alerts]]\nname = "all"\nwhen = ["new", "withdrawn"]\nto = ["desk"]\n')
    assert "no rule" not in desk.run("add", f"{site.base}/members", "--page", "--name", "Members").err
