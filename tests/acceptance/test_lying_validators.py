"""A server that says "not modified" for ever, a cache that forgets to look: what it hides is found all the same."""

from __future__ import annotations

from email.utils import format_datetime

from scraper.clock import SystemClock
from scraper.fetch.validators import FULL_EVERY
from tests.acceptance.conftest import Desk, Handler, Reply, Server, article, rss, source

NOW = SystemClock().now()


def test_a_304_that_never_changes_is_found_out_and_believed_no_more(desk: Desk, site: Server) -> None:
    conditional: list[bool] = []

    def feed(handler: Handler) -> None:
        asked = "If-None-Match" in handler.headers
        conditional.append(asked)
        paths = [path for path in site.routes if path.startswith("/news/")]
        full = rss(site.base, paths, date=format_datetime(NOW.replace(year=NOW.year - 1)))
        reply = Reply(status=304) if asked else full
        handler.send_response(reply.status)
        handler.send_header("ETag", f'"{len(paths)}"')
        handler.send_header("Content-Type", full.type)
        handler.send_header("Content-Length", str(len(reply.body)))
        handler.end_headers()
        handler.wfile.write(reply.body)

    site.routes |= {"/feed": feed, "/news/1": article(1)}
    desk.configure(source("site", f"{site.base}/feed"))
    desk.run("crawl")
    site.routes["/news/2"] = article(2)
    for _ in range(FULL_EVERY + 1):
        desk.run("crawl")
    assert len(desk.run("items", "--json").json) == 2
    assert conditional[1:FULL_EVERY] == [True] * (FULL_EVERY - 2) + [False]
    assert not any(conditional[FULL_EVERY:])
