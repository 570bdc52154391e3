"""Sites of many makes over real sockets: `add` names what is worth watching, `crawl` brings each item, nothing else."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.acceptance.conftest import Desk, Server, desk, site, source
from tests.discover.newsrooms import NEWSROOMS

__all__ = ["desk", "site"]


def path_of(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


@pytest.mark.parametrize("make", NEWSROOMS)
def test_a_site_is_found_out_and_each_item_is_brought_once(make: str, desk: Desk, site: Server) -> None:
    room = NEWSROOMS[make](site.base)
    site.routes |= room.routes
    desk.configure()
    added = desk.run("add", site.base + room.start, "--json").json
    useful = {path_of(found["url"]) for found in added["found"] if found["items"]}
    assert room.ways <= useful
    desk.configure(source("room", site.base + room.start))
    tally = desk.run("crawl", "--json").json["sources"][0]
    brought = sorted(path_of(item["url"]) for item in desk.run("items", "--json", "--limit", "500").json)
    assert brought == sorted(room.news)
    assert (tally["status"], tally["new"]) == ("ok", len(room.news))
