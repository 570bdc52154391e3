"""The demonstration's sites on ports of 127.0.0.1: real HTTP/1.1 with validators, redirects and errors. What stands on
them is for `site`."""

from __future__ import annotations

import hashlib
import threading
from datetime import date
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import urlsplit

from scraper.demo.site import Answer, Site


class Request(NamedTuple):
    """One request as a site saw it, with the status of its answer."""

    method: str
    path: str
    status: int
    agent: str


class Served:
    """One site on a port of its own. `requests` is what it was asked, in order."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.requests: list[Request] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def base(self) -> str:
        """`http://127.0.0.1:PORT`, without a final slash."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def news(self) -> str:
        """The address of its news page: what a person would give."""
        return self.base + self.site.news

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self.close()

    def close(self) -> None:
        """Give the port back; enough for one that was never started."""
        self._server.server_close()


class Web:
    """The association, its partner and the trade press, served while the `with` block lasts."""

    def __init__(self, today: date) -> None:
        self.association = Served(Site("eiic", today))
        self.partner = Served(Site("eshi", today))
        self.press = Served(Site("wire", today))

    @property
    def sites(self) -> dict[str, Served]:
        """All three by the id that the demonstration's configuration gives them."""
        return {"eiic": self.association, "eshi": self.partner, "wire": self.press}

    def __enter__(self) -> Web:
        for served in self.sites.values():
            served.start()
        return self

    def __exit__(self, *_: object) -> None:
        for served in self.sites.values():
            served.stop()


def _handler(served: Served) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10  # of a connection that stays silent
        wbufsize = -1  # one write an answer: two would wait 40 ms for the client's delayed acknowledgement

        def do_GET(self) -> None:
            self._answer(with_body=True)

        def do_HEAD(self) -> None:
            self._answer(with_body=False)

        def _answer(self, *, with_body: bool) -> None:
            answer = served.site.answer(urlsplit(self.path).path, served.base)
            etag = f'"{hashlib.sha256(answer.body).hexdigest()[:16]}"'
            status = 304 if answer.status == 200 and self._known(answer, etag) else answer.status
            served.requests.append(Request(self.command, self.path, status, self.headers.get("User-Agent", "")))
            self.send_response(status)
            for name, value in _headers(answer, etag):
                self.send_header(name, value)
            if status != 304:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if with_body and status != 304:
                self.wfile.write(answer.body)

        def _known(self, answer: Answer, etag: str) -> bool:
            """RFC 9110, section 13.2.2: If-None-Match decides where it is sent, else If-Modified-Since."""
            tags, since = self.headers.get("If-None-Match"), self.headers.get("If-Modified-Since")
            if tags is not None:
                return tags.strip() == "*" or etag in [tag.strip().removeprefix("W/") for tag in tags.split(",")]
            try:
                return bool(since and answer.touched and answer.touched <= parsedate_to_datetime(since))
            except (TypeError, ValueError):
                return False

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
            """The demonstration tells its own story."""

    return Handler


def _headers(answer: Answer, etag: str) -> list[tuple[str, str]]:
    """Redirects and errors carry no validators."""
    headers = [("Content-Type", answer.type)]
    if answer.location:
        headers.append(("Location", answer.location))
    if answer.touched:
        headers += [("ETag", etag), ("Last-Modified", format_datetime(answer.touched, usegmt=True))]
    return headers
