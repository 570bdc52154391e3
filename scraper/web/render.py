"""The one Jinja environment of the dashboard and its filters. Everything is escaped; addresses only http and https."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from scraper.alert.page import safe_url
from scraper.alert.wording import (
    INSTRUMENTS,
    MONTHS,
    clean,
    date_line,
    event_line,
    iso_line,
    party_label,
    party_name,
    sentences_of,
    until_fact,
)
from scraper.errors import UserError
from scraper.text import plural
from scraper.web.desk import here
from storage.records.observation import ItemState

STATIC = {
    "style.css": "text/css; charset=utf-8",
    "little.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
NAV = (
    ("/", "Today"),
    ("/items", "Articles"),
    ("/partnerships", "Partnerships"),
    ("/sources", "Sources"),
    ("/alerts", "Alerts"),
    ("/search", "Search"),
)
_TURNING = dict.fromkeys(
    (*range(9), 11, 12, *range(14, 32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
)
_SPANS = (
    (1, "second"), (60, "minute"), (3600, "hour"), (86_400, "day"), (604_800, "week"), (2_628_000, "month"),
    (31_536_000, "year"),
)  # fmt: skip


def page(request: Request, template: str, /, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A whole page for a visitor; `here` and `nav` are always there for its template."""
    known = here(request) if "accordwatch.visitor" in request.scope else None
    return HTMLResponse(_environment().get_template(template).render(here=known, nav=NAV, **values), status)


def trouble(
    request: Request, status: int, title: str, words: str, *, error: UserError | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    """A refusal or a fault in words: as a page, or for the API as a problem (RFC 9457) that names thing and remedy."""
    if request.scope.get("path", "").startswith("/api"):
        told = {"thing": error.subject, "cause": error.cause, "remedy": error.remedy} if error else {}
        problem = {"type": "about:blank", "title": title, "status": status, "detail": words or title,
                   "thing": request.scope["path"], "cause": words or title, "remedy": "", **told}  # fmt: skip
        return JSONResponse(problem, status, headers, media_type="application/problem+json")
    answer = page(request, "trouble.html", status=status, title=title, words=words)
    answer.headers.update(headers or {})
    return answer


def shown(value: Any) -> Any:
    """Whatever a template prints, without control characters and marks that turn the text around them (UAX 9, 2)."""
    return value.translate(_TURNING) if type(value) is str else value


def static(name: str) -> bytes:
    """One of our own files; KeyError for any other name."""
    return _static()[name]


@cache
def _static() -> dict[str, bytes]:
    return {name: files("scraper.web").joinpath("static", name).read_bytes() for name in STATIC}


def static_url(name: str) -> str:
    """Its address, which changes with its content, so that a browser may keep it for ever."""
    return f"/static/{name}?v={sha256(static(name)).hexdigest()[:10]}"


def ago(moment: datetime | None, now: datetime) -> str:
    """ "3 hours ago", "in 2 days"; roughly, the exact moment stands beside it."""
    if moment is None:
        return "never"
    seconds = (now - moment).total_seconds()
    span = abs(seconds)
    if span < 45:
        return "just now" if seconds >= 0 else "now"
    size, name = max((size, name) for size, name in _SPANS if size <= span or size == 1)
    words = plural(max(1, round(span / size)), name)
    return f"{words} ago" if seconds >= 0 else f"in {words}"


def day(value: datetime | date | str | None, zone: ZoneInfo | None = None) -> str:
    """ "23 November 2026"; of a moment the day in that zone, of ISO text as much as it says."""
    if isinstance(value, datetime):
        value = (value.astimezone(zone) if zone else value).date()
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}" if isinstance(value, date) else iso_line(value or "")


def share(part: int, whole: int) -> str:
    """ "83 %", or a dash where there is nothing to share."""
    return f"{round(100 * part / whole)} %" if whole else "–"


@pass_context
def _moment(context: Context, moment: datetime | None) -> str:
    """ "23 Nov 2026, 14:05" in the visitor's zone."""
    if moment is None:
        return ""
    local = moment.astimezone(context["here"].zone)
    return f"{local.day} {MONTHS[local.month - 1][:3]} {local.year}, {local:%H:%M}"


@pass_context
def _ago(context: Context, moment: datetime | None) -> str:
    return ago(moment, context["here"].now)


@pass_context
def _day(context: Context, value: datetime | date | str | None) -> str:
    return day(value, context["here"].zone if context["here"] else None)


def lines(text: str) -> list[str]:
    """The lines of a block, each without what would turn or hide its neighbours."""
    return [clean(line, len(line)) for line in text.split("\n")]


def query(values: dict[str, Any]) -> str:
    """A query string of those that are not empty, "?" before it."""
    given = {key: value for key, value in values.items() if value not in ("", None)}
    return "?" + urlencode(given, doseq=True) if given else ""


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("scraper.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, auto_reload=False, finalize=shown,
    )  # fmt: skip
    made.filters |= {
        "ago": _ago, "clean": clean, "combine": dict.__or__, "date_line": date_line, "day": _day,
        "event_line": event_line, "instrument": INSTRUMENTS.__getitem__, "lines": lines, "moment": _moment,
        "party": party_name, "party_label": party_label, "plural": plural, "query": query, "safe_url": safe_url,
        "segment": lambda text: quote(str(text), safe=""), "sentences": sentences_of, "share": share,
        "thousands": "{:,}".format, "until_fact": until_fact, "words": lambda text: str(text).replace("_", " "),
    }  # fmt: skip
    made.globals |= {"static_url": static_url, "item_states": [(state.value, state.value) for state in ItemState]}
    return made
