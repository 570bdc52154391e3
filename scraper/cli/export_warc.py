"""`export --warc`: what sites answered, as a WARC file (ISO 28500) that archives and their readers take. Needs warcio.

Bodies are archived decoded; the header lines that spoke of their encoding are kept under names of their own, as other
archives do. What came without headers (files taken in by hand) is a resource record.
"""

from __future__ import annotations

import io
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scraper.cli.face import OK, console, warn, whole
from scraper.cli.session import remembering
from scraper.errors import DamagedError, UserError
from scraper.watch.wanted import Wanted
from storage.records.observation import Capture
from storage.store import Store

_ENCODED = frozenset({"content-encoding", "transfer-encoding", "content-length"})  # true of the wire alone


def export_warc(target: Path, path: Path | None, wanted: Wanted) -> int:
    """Write the answers of a source or a time to a gzipped WARC file; what `keep_raw` let go is not in it."""
    try:
        from warcio.warcwriter import WARCWriter
    except ImportError as error:
        raise UserError("export --warc", "needs the extra `warc`", "pip install 'accordwatch[warc]'") from error
    with remembering(path) as (_, store), whole(target) as partial, partial.open("wb") as file:
        records = _written(WARCWriter(file, gzip=True), store, wanted)
    console().print(f"{records} answers written to {target}")
    return OK


def _written(writer: Any, store: Store, wanted: Wanted) -> int:
    name = f"accordwatch {version('accordwatch')}"
    writer.write_record(writer.create_warcinfo_record("", {"software": name, "format": "WARC File Format 1.1"}))
    records = 0
    for capture in store.catalogue().captures(wanted.filter()):
        try:
            body = store.archive.get(capture.raw)
        except DamagedError as error:
            warn(f"left out: {error}")
            continue
        if body is not None:
            _write(writer, capture, body)
            records += 1
    return records


def _write(writer: Any, capture: Capture, body: bytes) -> None:
    from warcio.statusandheaders import StatusAndHeaders

    about = {"WARC-Date": _moment(capture.at)}
    if not capture.headers:
        writer.write_record(
            writer.create_warc_record(capture.url, "resource", payload=io.BytesIO(body), warc_headers_dict=about)
        )
        return
    headers = [(f"X-Archive-Orig-{key}" if key in _ENCODED else key, value) for key, value in capture.headers]
    headers.append(("content-length", str(len(body))))
    response = writer.create_warc_record(
        capture.url, "response", payload=io.BytesIO(body), warc_headers_dict=about,
        http_headers=StatusAndHeaders(f"{capture.status} -", headers, protocol="HTTP/1.1"),
    )  # fmt: skip
    parts = urlsplit(capture.url)
    line = f"GET {parts.path or '/'}{'?' * bool(parts.query)}{parts.query} HTTP/1.1"
    asked = StatusAndHeaders(line, [("host", parts.netloc), *capture.sent], is_http_request=True)
    request = writer.create_warc_record(capture.url, "request", http_headers=asked, warc_headers_dict=dict(about))
    writer.write_request_response_pair(request, response)


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
