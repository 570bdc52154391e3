"""Real servers on 127.0.0.1 and the real command line: what the attacks on the whole program are made of."""

from __future__ import annotations

import email
import io
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from unittest import mock

import pytest

from scraper import app
from scraper.__main__ import main
from scraper.engine.readers import InlineReader
from storage.store import postgres_address
from tests.storage.conftest import server
from tests.storage.databases import Postgres

__all__ = ["server"]

SQLITE = "sqlite:///watch.db"
PATIENCE = 60.0  # seconds after which a command counts as hung
HEAD = """
[storage]
url = "sqlite:///watch.db"
archive = "archive"
[fetch]
contact = "desk@press.test"
per_host_delay = "0s"
per_host_connections = 4
allow_addresses = ["127.0.0.0/8"]
timeout = "{timeout}"
[watch]
first_crawl = "{first_crawl}"
confirm_withdrawn = "1 check"
[people.desk]
address = "desk@press.test"
[[alerts]]
name = "partnerships"
when = ["partnership"]
to = ["desk"]
"""
FOLDER = '[mail]\ntransport = "folder"\nsender = "watch@press.test"\n'


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a path answers."""

    body: bytes = b""
    status: int = 200
    type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


Route = Reply | Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Looks the path up; 404 where there is no route."""

    protocol_version = "HTTP/1.1"
    timeout = 30
    wbufsize = -1
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        route = self.server.routes.get(self.path, Reply(status=404, body=b"<p>no such page</p>"))
        if callable(route):
            self.close_connection = True
            route(self)
            return
        self.send_response(route.status)
        for name, value in {
            "Content-Type": route.type, "Content-Length": str(len(route.body)), **route.headers,
        }.items():  # fmt: skip
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(route.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        """Tests print nothing."""


class Server(ThreadingHTTPServer):
    """One site on a port of its own; `routes` may change while it runs."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, routes: Mapping[str, Route], handler: type[Handler] = Handler) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.routes, self.asked, self.closing = dict(routes), list[str](), threading.Event()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed in the middle is no news."""

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()


def silent(handler: Handler) -> None:
    """Takes the request and says nothing until the server closes."""
    handler.server.closing.wait(PATIENCE)


def page(title: str, body: str, *, published: str = "", head: str = "") -> Reply:
    """An article page in a plain real structure: head with og:title, nav, article, footer."""
    stamp = f'<meta property="article:published_time" content="{published}">' if published else ""
    return Reply(
        body=f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>{stamp}{head}</head>
<body><header><nav><a href="/">Home</a></nav></header><main><article><h1>{title}</h1>{body}</article></main>
<footer><p>Secretariat, Brussels</p></footer></body></html>""".encode()
    )


WORDS = """
archive balance ceiling daylight engine figure gallery harbour island journey kettle ladder member notice
orchard payment quarter railway signal theatre update valley weather yearbook bridge course degree effort
forest ground height impact kitchen letter moment number office pencil record school ticket uniform
village window
""".split()  # noqa: SIM905 - a list would be a page long


def words(seed: int, count: int = 60) -> str:
    """Text unlike that of any other seed, so that no two pages are twins."""
    picked = (WORDS[(seed * 7 + place * (seed % 13 + 1) + place * place) % len(WORDS)] for place in range(count))
    return " ".join(
        f"{word}{(seed * 31 + place) % 97}" if place % 5 == 0 else word for place, word in enumerate(picked)
    )


def article(number: int, *, published: str = "") -> Reply:
    """Ordinary news that announces nothing."""
    body = "".join(f"<p>Report {number} says: {words(number * 5 + part)}.</p>" for part in range(3))
    return page(f"Report {number} on {words(number, 3)}", body, published=published)


SYLLABLES = "Bar Cel Dor Fen Gal Hul Jor Kam Lim Mor Nor Pel Quin Ros Sal Tor Ul Ver Wes Zan".split()  # noqa: SIM905


def release(number: int, *, published: str) -> Reply:
    """A release of an agreement between two organisations that no other number names."""
    one, other = (f"{SYLLABLES[number % 20]}{SYLLABLES[(number * 3 + k) % 20].lower()}ia" for k in (1, 8))
    a, b = f"{one} Society of Imaging", f"{other} Council of Hospitals"
    body = (
        f"<p>The {a} and the {b} have signed a cooperation agreement on training and data.</p>"
        f"<p>Work starts at once: {words(number + 900)}.</p><p>In detail: {words(number + 1900)}.</p>"
    )
    return page(f"{a} and {b} sign cooperation agreement", body, published=published)


def rss(base: str, paths: Iterable[str], *, title: Callable[[str], str] = str, date: str = "") -> Reply:
    """A feed that names those paths."""
    stamp = f"<pubDate>{date}</pubDate>" if date else ""
    items = "".join(f"<item><title>{title(p)}</title><link>{base}{p}</link>{stamp}</item>" for p in paths)
    return Reply(
        body=f'<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>{items}</channel></rss>'.encode(),
        type="application/rss+xml",
    )


def publish(server: Server, pages: Mapping[str, Route]) -> None:
    """Put those pages on the site and name all of its articles in its feed, /feed."""
    server.routes |= pages
    server.routes["/feed"] = rss(server.base, [path for path in server.routes if path.startswith("/news/")])


def source(key: str, url: str, more: str = "") -> str:
    return f'[[sources]]\nid = "{key}"\nname = "{key}"\nurl = "{url}"\n{more}'


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.out, self.err
        return json.loads(self.out)


class Inline(InlineReader):
    """Takes what the pool of parser processes takes."""

    def __init__(self, **_: Any) -> None:
        return

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return


class Desk:
    """A folder with a config.toml, and the command `accordwatch` run in it as a process of its own."""

    def __init__(self, folder: Path, url: str = SQLITE) -> None:
        self.folder = folder
        self.url = url
        self.database = folder / "watch.db"
        self.mails = folder / "mails"

    @classmethod
    def at(cls, folder: Path) -> Self:
        """The desk that was configured there before."""
        return cls(folder, tomllib.loads((folder / "config.toml").read_text(encoding="utf-8"))["storage"]["url"])

    def copy(self, to: Path) -> Desk:
        """Another desk in the very same state."""
        shutil.copytree(self.folder, to)
        if self.url == SQLITE:
            return Desk(to)
        copy = Desk(to, re.sub(r"/(\w+)\?", r"/\1_copy?", self.url))
        names = [re.search(r"/(\w+)\?", desk.url)[1] for desk in (copy, self)]  # type: ignore[index]
        with closing(connect(self.url.replace(f"/{names[1]}?", "/postgres?"))) as connection:
            connection.autocommit = True
            connection.execute(f"DROP DATABASE IF EXISTS {names[0]} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {names[0]} TEMPLATE {names[1]}")
        config = to / "config.toml"
        config.write_text(config.read_text(encoding="utf-8").replace(self.url, copy.url), encoding="utf-8")
        return copy

    def configure(
        self, *sources: str, mail: str = FOLDER, timeout: str = "5s", first_crawl: str = "all", head: str = HEAD
    ) -> Self:
        text = head.format(timeout=timeout, first_crawl=first_crawl).replace(SQLITE, self.url)
        text += mail + "\n".join(sources)
        (self.folder / "config.toml").write_text(text, encoding="utf-8")
        return self

    def start(
        self, *words: str, program: str = "", interrupts: Any = signal.default_int_handler, **options: Any
    ) -> subprocess.Popen[str]:
        """Started as by a terminal, however these tests were: a shell may have had them ignore SIGINT."""
        command = [sys.executable, *(("-c", program) if program else ("-m", "scraper")), *words]
        before = signal.signal(signal.SIGINT, interrupts)
        try:
            return subprocess.Popen(
                command, cwd=self.folder, env=environment(), text=True, encoding="utf-8", start_new_session=True,
                **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
            )  # fmt: skip
        finally:
            signal.signal(signal.SIGINT, before)

    def run(self, *words: str) -> Done:
        """Run to the end through the real entry point, in this process and with pages read in it, for speed."""
        out, err = io.StringIO(), io.StringIO()
        argv = ["accordwatch", *words, "--config", str(self.folder / "config.toml")]
        with (
            mock.patch.object(sys, "argv", argv), mock.patch.object(app, "ProcessReader", Inline),
            mock.patch.dict(os.environ, environment(), clear=True), redirect_stdout(out), redirect_stderr(err),
            pytest.raises(SystemExit) as ended,
        ):  # fmt: skip
            main()
        return Done(int(str(ended.value.code or 0)), out.getvalue(), err.getvalue())

    def process(self, *words: str, program: str = "", seconds: float = PATIENCE) -> Done:
        """Run to the end as a person does; a command that hangs, or that prints a traceback, fails the test."""
        with self.start(*words, program=program) as process:
            try:
                out, err = process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise
        assert "Traceback" not in err, err[-3000:]
        return Done(process.returncode, out, err)

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with closing(self._connected()) as connection:
            return connection.execute(query, values).fetchall()

    def _connected(self) -> Any:
        if self.url != SQLITE:
            return connect(self.url)
        return sqlite3.connect(self.database, timeout=30)

    @property
    def letters(self) -> list[EmailMessage]:
        """The mails in the folder, opened, the oldest first; the welcome after the first look is left out."""
        files = sorted(self.mails.glob("*.eml"))
        opened = [email.message_from_bytes(path.read_bytes(), policy=default) for path in files]
        return [mail for mail in opened if not mail["Subject"].startswith("accordwatch is watching")]

    def minutes_pass(self) -> None:
        """So many that each lease and claim of a killed process has run out."""
        with closing(self._connected()) as connection, connection:
            connection.execute("UPDATE hosts SET lease_until = 0 WHERE lease_until IS NOT NULL")
            connection.execute("UPDATE outbox SET claimed_until = 0 WHERE claimed_until IS NOT NULL")
            connection.execute("UPDATE outbox SET due = 0 WHERE state <> 'sent'")


def connect(url: str) -> Any:
    """A connection to PostgreSQL, beside the program."""
    import psycopg

    return psycopg.connect(postgres_address(url))


def environment() -> dict[str, str]:
    """Ours, with this very checkout to import from and without what would reach past it."""
    kept = {
        key: value for key, value in os.environ.items() if "proxy" not in key.lower() and key != "ACCORDWATCH_CONFIG"
    }
    return kept | {"PYTHONPATH": str(Path(__file__).parents[2]), "NO_COLOR": "1", "COLUMNS": "200"}


def refusing_port() -> int:
    """A port of 127.0.0.1 where nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def shared_desk(tmp_path: Path, server: Postgres) -> Desk:
    """The same on PostgreSQL."""
    return Desk(tmp_path, server.empty())


@pytest.fixture
def site() -> Iterator[Server]:
    with Server({}) as server:
        yield server
