"""Thousands of newsrooms behind one port: every address of 127.0.0.0/8 is a site of its own, made when it is asked.

`python -m benchmarks.growth.newsrooms PORT`. A list names five articles, and one more after each fifth look at it;
an article is edited after each twentieth.
"""

from __future__ import annotations

import asyncio
import random
import re
import sys
from collections import Counter

from benchmarks.crawl.site import ROBOTS, Answer, answer, article, sentence, serve, wrapped

_ASKED = re.compile(rb"GET (\S+) .*?\r\nhost: *([\d.]+)", re.I | re.S)
FIRST, NEW_AFTER, EDITED_AFTER = 5, 5, 20


class Newsrooms:
    """What each site says, and how often each of its pages was asked for."""

    def __init__(self) -> None:
        self._looks: Counter[tuple[str, str]] = Counter()

    def __call__(self, request: bytes) -> Answer | None:
        asked = _ASKED.match(request)
        if asked is None:
            return None
        path, host = (part.decode() for part in asked.groups())
        if path == "/robots.txt":
            return answer(path, ROBOTS)
        looks = self._looks[host, path]
        self._looks[host, path] += 1
        if path == "/0/":
            return answer(path, _list(host, FIRST + looks // NEW_AFTER))
        number = re.fullmatch(r"/0/news/(\d+)\.html", path)
        return answer(path, _page(host, int(number[1]), looks // EDITED_AFTER)) if number else None


def _list(host: str, count: int) -> bytes:
    links = "".join(f'<li><a href="/0/news/{n}.html">{_title(host, n)}</a></li>' for n in reversed(range(count)))
    return wrapped(f"News of {host}", f"<h1>News</h1><ul>{links}</ul>")


def _page(host: str, number: int, edits: int) -> bytes:
    titles = [_title(host, n) for n in range(max(FIRST, number + 1))]
    page = article(random.Random(f"{host}/{number}"), 0, number, titles)
    more = f"<p>{sentence(random.Random(f'{host}/{number}/{edits}'), 30)}</p>" if edits else ""
    return page.replace(b"</article>", f"{more}</article>".encode())


def _title(host: str, number: int) -> str:
    return sentence(random.Random(f"{host} {number}"), 7)[:-1]


if __name__ == "__main__":
    asyncio.run(serve(Newsrooms(), int(sys.argv[1]), "0.0.0.0"))
