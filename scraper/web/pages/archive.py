"""Pages as they came, out of the archive: never as a document of this site, nothing in them runs and nothing loads."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Path, Query
from fastapi.responses import Response

from scraper.page import decode
from scraper.watch.kind import is_pdf
from scraper.web.desk import Asked

router = APIRouter(include_in_schema=False)
# An origin of its own without scripts, forms and ways to other windows; no style, picture or frame, no base address.
SANDBOX = "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
# What asks other hosts past any policy (preconnect, dns-prefetch), or would set the encoding or another address.
_ASKING = re.compile(r"<(/?)(?=(?:link|meta|base)\b)", re.I)
_HTML = re.compile(r"\s*(?:text/html|application/xhtml\+xml)\b", re.I)
_LOOKS_LIKE_HTML = re.compile(rb"\s*<(?:!doctype html|html|head|body)\b", re.I)


@router.get("/archive/{key}")
def archived(
    here: Asked,
    key: Annotated[str, Path(pattern="^[0-9a-f]{32}$")],
    form: Annotated[Literal["page", "source", "file"], Query(alias="as")] = "page",
) -> Response:
    """The body of that key: as a page without anything that acts, as its source text, or as the very bytes to keep."""
    body = here.desk.hands.archive.get(key)
    if body is None:
        raise HTTPException(404, "This page is not in the archive, or no longer: [storage] keep_raw says how long.")
    capture = here.desk.catalogue.capture(key)
    given = dict(capture.headers).get("content-type", "") if capture else ""
    if is_pdf(body):
        return _kept(body, "application/pdf", f"{key}.pdf")
    is_page = _HTML.match(given) or (not given and _LOOKS_LIKE_HTML.match(body))
    if form == "file" or (b"\0" in body[:1000] and not is_page):
        return _kept(body, "application/octet-stream", f"{key}.bin")
    text = decode(body, given)[0]
    if form == "source" or not is_page:
        return _answer(text, "text/plain; charset=utf-8", "inline")
    return _answer(_ASKING.sub(r"<\1x-", text), "text/html; charset=utf-8", "inline")


def _kept(body: bytes, kind: str, name: str) -> Response:
    return _answer(body, kind, f'attachment; filename="{name}"')


def _answer(content: str | bytes, kind: str, disposition: str) -> Response:
    body = content.encode("utf-8", "replace") if isinstance(content, str) else content
    headers = {"content-security-policy": SANDBOX, "content-disposition": disposition, "content-type": kind,
               "referrer-policy": "no-referrer", "x-dns-prefetch-control": "off"}  # fmt: skip
    return Response(body, headers=headers)
