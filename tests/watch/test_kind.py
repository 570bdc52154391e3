"""What a body is: by its content alone."""

from __future__ import annotations

import pytest

from scraper.config.template import packaged
from scraper.watch.kind import Kind, kind_of

RELEASE = (
    "Two societies sign\n\nVienna = the place. #radiology\n[Photo: A. B.]\nThey signed an agreement on 3 March 2026.\n"
)
KINDS: dict[str, tuple[bytes, Kind]] = {
    "a PDF behind empty lines": (b"\r\n%PDF-1.7 ...", "pdf"),
    "a mail": (b"From: a@b.eu\r\nSubject: News\r\n\r\nHello", "mail"),
    "a mail of a mailbox file": (b"From a@b.eu Mon Mar  2\nReceived: x\n by y\nSubject: News\n\nHello", "mail"),
    "a release with lines that look like settings": (RELEASE.encode(), "text"),
    "a text with a colon in its first lines": (b"Press release: new\nContact: A. B.\n\nThey signed.", "text"),
    "a text in brackets": (b"[Vienna] They signed an agreement.\nIt holds for three years.", "text"),
    "a page": (b"<!doctype html><p>They signed.", "page"),
    "no text at all": (b"PK\x03\x04\0\0", "page"),
    "our own configuration": (packaged().encode(), "data"),
    "settings of others": (b"; all\n[core]\nname = x\n\tbare = false\n", "data"),
    "JSON": (b'{"items": [{"title": "<b>News</b>"}]}', "data"),
    "JSON that never ends": (b"[" * 100_000, "text"),
}


@pytest.mark.parametrize("name", KINDS)
def test_the_content_tells_the_kind(name: str) -> None:
    body, kind = KINDS[name]
    assert kind_of(body) == kind
