"""Today: what is new, changed, announced and withdrawn since the last visit, partnerships first.

What a first look at a source found is history: it is counted, and not told as news.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from scraper.detect.diff import diff
from scraper.web.desk import Asked, Here
from scraper.web.glance import Clip, glance
from scraper.web.render import page
from storage.records.change import ChangeKind
from storage.records.partnership import Partnership
from storage.records.source import ItemId
from storage.records.visitor import Visit
from storage.store import Filter, Happened, visitors

router = APIRouter(include_in_schema=False)
Span = Literal["", "day", "week", "month"]
SPANS: dict[Span, timedelta] = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}
AWAY = timedelta(minutes=30)  # without a request: the next one begins another visit
OFTEN = timedelta(minutes=5)  # how often a visit's last sign of life is written down
MOST = 300  # changes on one page; what is left is on the list of articles
WORDED = (ChangeKind.CORRECTED, ChangeKind.EDITED)  # a glance at the words says more than the reason
MOST_WORDED = 40  # of one page


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What happened on one day, by source."""

    day: date
    sources: tuple[tuple[str, tuple[Happened, ...]], ...]


@router.get("/")
async def today(request: Request, here: Asked, span: Span = "") -> Response:
    """The front page."""
    visit = await _visit(here)
    since = here.now - SPANS[span] if span else visit.since or here.now - SPANS["week"]
    values = await run_in_threadpool(_news, here, since)
    return page(request, "today.html", span=span, since=since, first=visit.since is None and not span, **values)


@router.post("/seen")
async def seen(here: Asked) -> Response:
    """Everything up to now was read."""
    await _keep(here, Visit(user=here.visitor.user, since=here.now, seen=here.now))
    return RedirectResponse("/", 303)


async def _visit(here: Here) -> Visit:
    before = await run_in_threadpool(here.desk.catalogue.visit, here.visitor.user)
    now = visited(before, here.visitor.user, here.now)
    if now != before and here.visitor.means != "token":
        await _keep(here, now)
    return now


async def _keep(here: Here, visit: Visit) -> None:
    await here.desk.hands.writer.write(lambda work: visitors.keep_visit(work.connection, visit))


def visited(before: Visit | None, user: str, now: datetime) -> Visit:
    """The visit that a request belongs to: the last one goes on, or another begins where that one ended."""
    if before is None:
        return Visit(user=user, since=None, seen=now)
    if now - before.seen > AWAY:
        return Visit(user=user, since=before.seen, seen=now)
    return before if now - before.seen < OFTEN else Visit(user=user, since=before.since, seen=now)


def _news(here: Here, since: datetime) -> dict[str, Any]:
    """What the page shows, from memory."""
    catalogue = here.desk.catalogue
    happened = catalogue.happened(Filter(since=since, limit=MOST + 1), news=True)
    entries = [entry for entry in catalogue.partnerships(Filter(since=since)) if entry.status != "rejected"]
    told = _as_news(here, entries)
    shown = happened[:MOST]
    open_ = [entry for entry in catalogue.partnerships(Filter(kind="possible")) if entry.status == "open"]
    return {
        "sure": [entry for entry in told if not _asks(entry)],
        "possible": [entry for entry in told if _asks(entry)],
        "waiting": len(open_),
        "days": days_of(shown, here.zone),
        "glances": _glances(here, shown),
        "counts": Counter(each.change.kind.value for each in shown),
        "read": Counter(catalogue.first_looks(Filter(since=since))),
        "old_ties": len(entries) - len(told),
        "more": len(happened) > MOST,
        "totals": catalogue.totals(),
        "sick": [health for health in here.desk.healths() if health.needs_person],
        "mail": here.desk.config.why_not_send() or "",
    }


def _as_news(here: Here, entries: Sequence[Partnership]) -> list[Partnership]:
    """Those that something else than first looks told."""
    told_by = {entry.id: [witness.item for witness in entry.witnesses if witness.item] for entry in entries}
    history = here.desk.catalogue.history_among({item for items in told_by.values() for item in items})
    return [entry for entry in entries if not told_by[entry.id] or not history.issuperset(told_by[entry.id])]


def _glances(here: Here, shown: Iterable[Happened]) -> dict[int | None, tuple[Clip, ...]]:
    """The words that changed, by the number of the change; those of the page before are remembered."""
    edits = [each for each in shown if each.change.kind in WORDED][:MOST_WORDED]
    pairs = {
        each.change.id: [(each.item.id, at) for at in (each.change.old_version, each.change.new_version) if at]
        for each in edits
    }
    known: dict[int | None, tuple[Clip, ...]] = here.desk.remembered.get("glances", {})
    texts = here.desk.catalogue.articles([key for each in pairs.keys() - known.keys() for key in pairs[each]])

    def told(pair: list[tuple[ItemId, int]]) -> tuple[Clip, ...]:
        before, after = (texts.get(pair[at]) for at in (0, -1))
        return glance(diff(before, after)) if before and after else ()

    found = {each: known[each] if each in known else told(pair) for each, pair in pairs.items() if pair}
    here.desk.remembered["glances"] = found
    return found


def _asks(entry: Partnership) -> bool:
    """Whether a person's word is wanted on it."""
    return entry.event.certainty == "possible" and entry.status == "open"


def days_of(news: Iterable[Happened], zone: ZoneInfo) -> tuple[Day, ...]:
    """By day, newest first, and within a day by source, the one with the newest first."""
    days = []
    for day, group in groupby(news, key=lambda each: each.change.at.astimezone(zone).date()):
        by_source: dict[str, list[Happened]] = {}
        for each in group:
            by_source.setdefault(each.item.source, []).append(each)
        days.append(Day(day=day, sources=tuple((source, tuple(some)) for source, some in by_source.items())))
    return tuple(days)
