"""A server of prepared answers: 20 sites of 100 articles of about 6 kB under one authority, made from a seed.

Run by itself (`python -m benchmarks.crawl.site PORT`); its CPU is counted apart from that of whoever asks. On the
address /cost it tells what it has used so far, in seconds of CPU, and how many answers it gave.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from hashlib import sha256

SITES, ARTICLES = 20, 100
ROBOTS = b"User-agent: *\nDisallow: /private/\n"
Answer = tuple[bytes, bytes, bytes]  # ETag, the whole answer, 304
Find = Callable[[bytes], Answer | None]  # from the head of a request
WORDS = [
    "the", "of", "and", "to", "in", "for", "a", "with", "on", "by", "member", "health", "imaging", "society",
    "european", "report", "patient", "data", "care", "policy", "annual", "congress", "programme", "research",
    "hospital", "quality", "standard", "committee", "digital", "safety", "guideline", "industry", "radiology",
    "education", "network", "project", "board", "access", "system", "survey", "evidence", "clinical", "practice",
    "training", "public", "regulation",
]  # fmt: skip


def pages(*, sites: int = SITES, articles: int = ARTICLES, seed: int = 7) -> dict[str, bytes]:
    """Path to HTML of all pages: a list at /N/ that links to its articles, each with a side column of teasers."""
    made: dict[str, bytes] = {}
    for site in range(sites):
        chance = random.Random(f"{seed}:{site}")
        titles = [f"{sentence(chance, 7)[:-1]} {site}-{number}" for number in range(articles)]
        links = "".join(
            f'<li><a href="/{site}/news/{number}.html">{title}</a> <time>{_day(number)}</time></li>'
            for number, title in enumerate(titles)
        )
        made[f"/{site}/"] = wrapped(f"News of association {site}", f"<h1>News</h1><ul>{links}</ul>")
        for number in range(articles):
            made[f"/{site}/news/{number}.html"] = article(chance, site, number, titles)
    return made


def article(chance: random.Random, site: int, number: int, titles: list[str]) -> bytes:
    paragraphs = "".join(f"<p>{' '.join(sentence(chance, 14) for _ in range(4))}</p>" for _ in range(8))
    others = chance.sample(range(len(titles)), min(5, len(titles)))
    teasers = "".join(f'<li><a href="/{site}/news/{other}.html">{titles[other]}</a></li>' for other in others)
    body = (
        f'<article><h1>{titles[number]}</h1><p class="date"><time datetime="{_day(number)}">{_day(number)}</time></p>'
        f'{paragraphs}</article><aside class="side"><h3>Most popular now</h3><ul>{teasers}</ul></aside>'
    )
    return wrapped(titles[number], body)


def wrapped(title: str, body: str) -> bytes:
    menu = "".join(f'<li><a href="/about/{word}">{word.title()}</a></li>' for word in WORDS[9:21])
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head><body><header><nav>'
        f"<ul>{menu}</ul></nav></header><main>{body}</main><footer><p>Contact, imprint</p></footer></body></html>"
    ).encode()


def sentence(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(WORDS, k=words)).capitalize() + "."


def _day(number: int) -> str:
    return (date(2026, 11, 1) - timedelta(days=number)).isoformat()


class Answers(asyncio.Protocol):
    """HTTP/1.1 by hand, keep-alive, GET alone: a head, a prepared body, or 304 to the ETag it gave."""

    given = 0

    def __init__(self, find: Find) -> None:
        self._find, self._waiting = find, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while (end := self._waiting.find(b"\r\n\r\n")) >= 0:
            request, self._waiting = self._waiting[:end], self._waiting[end + 4 :]
            self._transport.write(self._answer(request))

    def _answer(self, request: bytes) -> bytes:
        if request.startswith(b"GET /cost "):
            told = json.dumps({"cpu": time.process_time(), "answers": Answers.given}).encode()
            return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(told), told)
        Answers.given += 1
        found = self._find(request)
        if found is None:
            return b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"
        tag, whole, short = found
        return short if tag in request else whole


def answer(path: str, body: bytes) -> Answer:
    """As it goes over the wire."""
    tag = b'"%b"' % sha256(body).hexdigest()[:16].encode()
    kind = b"text/plain" if path == "/robots.txt" else b"text/html; charset=utf-8"
    head = b"HTTP/1.1 200 OK\r\ncontent-type: %b\r\netag: %b\r\ncontent-length: %d\r\n\r\n"
    whole = head % (kind, tag, len(body)) + body
    return tag, whole, b"HTTP/1.1 304 Not Modified\r\netag: %b\r\n\r\n" % tag


def prepared() -> Find:
    """The whole site, made before anybody asks."""
    ready = {path.encode(): answer(path, body) for path, body in {**pages(), "/robots.txt": ROBOTS}.items()}
    return lambda request: ready.get(request.split(b" ", 2)[1])


async def serve(find: Find, port: int, host: str = "127.0.0.1") -> None:
    """Until it is stopped."""
    server = await asyncio.get_running_loop().create_server(lambda: Answers(find), host, port)
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(prepared(), int(sys.argv[1])))
