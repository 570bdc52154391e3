"""Fetchers without a network: one reads the archive again, the other says what a test tells it to say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from scraper.fetch.message import Failed, FailureKind, Fetched, FetchRequest, FetchResult, NotModified, Refused


class ReplayFetcher:
    """Answers each address with its body out of the archive.

    `key_of` names the archive key last kept for an address (None: never kept), `read` brings the body of a key.
    """

    def __init__(
        self,
        read: Callable[[str], bytes | None],
        key_of: Callable[[str], str | None],
        *,
        content_type: Callable[[str], str] = lambda _: "text/html",
    ) -> None:
        self._read, self._key_of, self._content_type = read, key_of, content_type

    async def fetch(self, request: FetchRequest) -> FetchResult:
        key = self._key_of(request.url)
        body = self._read(key) if key else None
        if body is None:
            return Failed(url=request.url, kind="status", reason="not in the archive", status=404, retryable=False)
        headers = (("content-type", self._content_type(request.url)),)
        return Fetched(url=request.url, final_url=request.url, status=200, headers=headers, body=body)


class FakeFetcher:
    """A Fetcher for tests: tell it the pages, then look at what was `asked`. Unknown addresses are 404.

    An address told twice answers the first telling once, then the next; the last one stands.
    """

    def __init__(self) -> None:
        self.asked: list[FetchRequest] = []
        self._answers: dict[str, list[FetchResult | Exception]] = {}

    def page(
        self, url: str, html: str | bytes, *, content_type: str = "text/html; charset=utf-8", **more: str
    ) -> FakeFetcher:
        """`more`: etag, last_modified, final_url."""
        body = html.encode() if isinstance(html, str) else html
        told = {"final_url": url, **more}
        return self.result(Fetched(url=url, status=200, headers=(("content-type", content_type),), body=body, **told))  # type: ignore[arg-type]

    def feed(self, url: str, xml: str | bytes, **more: str) -> FakeFetcher:
        return self.page(url, xml, content_type="application/rss+xml", **more)

    def status(self, url: str, status: int) -> FakeFetcher:
        lasting = status in (401, 403, 404, 410, 451)
        return self.result(
            Failed(url=url, kind="status", reason=f"answered {status}", status=status, retryable=not lasting)
        )

    def fails(self, url: str, kind: FailureKind, reason: str = "") -> FakeFetcher:
        return self.result(Failed(url=url, kind=kind, reason=reason or kind))

    def refuses(self, url: str, reason: str = "robots.txt forbids it") -> FakeFetcher:
        return self.result(Refused(url=url, kind="robots", reason=reason))

    def raises(self, url: str, error: Exception) -> FakeFetcher:
        self._answers.setdefault(url, []).append(error)
        return self

    def result(self, result: FetchResult) -> FakeFetcher:
        self._answers.setdefault(result.url, []).append(result)
        return self

    @property
    def urls(self) -> list[str]:
        return [request.url for request in self.asked]

    async def fetch(self, request: FetchRequest) -> FetchResult:
        self.asked.append(request)
        told = self._answers.get(request.url, [])
        answer = told.pop(0) if len(told) > 1 else told[0] if told else None
        if isinstance(answer, Exception):
            raise answer
        if answer is None:
            return Failed(url=request.url, kind="status", reason="answered 404", status=404, retryable=False)
        if isinstance(answer, Fetched) and answer.etag and answer.etag == request.etag:
            return NotModified(url=request.url, etag=answer.etag, last_modified=answer.last_modified)
        return replace(answer, url=request.url)


def pages(known: Mapping[str, str | bytes]) -> FakeFetcher:
    """A FakeFetcher that knows these pages."""
    fetcher = FakeFetcher()
    for url, html in known.items():
        fetcher.page(url, html)
    return fetcher
