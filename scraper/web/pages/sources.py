"""Sources: how each stands and its rhythm, one page each, a look now, pause and resume, and how a new one is added."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from scraper import catalogue as associations
from scraper.config import load
from scraper.config.edit import add_source, rewrite, switch_source
from scraper.draw.bars import bars, weekly
from scraper.errors import ConfigError, UserError
from scraper.text import fold, plural
from scraper.url import authority_of
from scraper.watch.newcomer import newcomer, source_of
from scraper.watch.scout import differences, scout
from scraper.web.checks import Check, Checks
from scraper.web.desk import Asked, Here
from scraper.web.render import page
from storage.records.health import Health
from storage.records.source import Source
from storage.store import Filter

router = APIRouter(include_in_schema=False)
WEEKS, YEAR = 26, 52  # of the small picture and of the large one
NEWEST = 500  # items that a rhythm is drawn from
SHOWN = 5  # newest items of each way, in a preview
PATIENCE = 120.0  # seconds that a preview may take: many looks at one polite host
SWITCHES = {  # the setting, what it is set to, and what that means
    "pause": ("enabled", False, "Paused. Its items are kept."),
    "resume": ("enabled", True, "It goes on."),
    "mute": ("muted", True, "Muted: watched as before, and nobody is told."),
    "unmute": ("muted", False, "It is told of again."),
}
ADDED = "Added. Its first look takes up what stands there now, as history."
DONE = {"added": ADDED, **{word: meaning for word, (_, _, meaning) in SWITCHES.items()}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A source in the list."""

    source: Source
    health: Health
    items: int
    rhythm: Markup
    check: Check | None


class New(BaseModel):
    """What a person typed to add: an address or a name, what to call it, and whether it is news or one page."""

    what: str = ""
    name: str = ""
    kind: str = "news"


@router.get("/sources")
def listed(request: Request, here: Asked, state: str = "") -> Response:
    """All of them, those that need a person first."""
    counts, checks = here.desk.catalogue.items_by_source(), _checks(request)
    rows = []
    for source, health in zip(here.desk.config.sources, here.desk.healths(), strict=True):
        items = counts.get(source.id, 0)
        rhythm, _ = _rhythm(here, source, WEEKS, items)
        rows.append(Row(source=source, health=health, items=items, rhythm=rhythm, check=checks.of(source.id)))
    rows.sort(key=lambda row: not row.health.needs_person)
    states = sorted({row.health.state for row in rows})
    shown = [row for row in rows if state in ("", row.health.state)]
    return page(request, "sources.html", rows=shown, states=states, state=state, count=len(rows))


@router.get("/sources/add")
def ask_new(request: Request, here: Asked, q: str = "") -> Response:
    """What can be added: an address, or an association that comes with the program."""
    return _adding(request, here, New(), q=q)


@router.post("/sources/add")
async def try_new(request: Request, here: Asked, new: Annotated[New, Form()]) -> Response:
    """What would be watched there, with its newest items. Nothing is written."""
    try:
        fields, _ = _fields(new, here)
        if why := here.desk.config.why_not_crawl(fields["url"]):
            raise ConfigError("not yet", why)
        hands = here.desk.hands
        async with asyncio.timeout(PATIENCE):
            found = await scout(source_of(fields), fetcher=hands.fetcher, reader=hands.reader, clock=hands.clock)
    except TimeoutError:
        return _adding(request, here, new, wrong="The site takes too long. Try again later.")
    except UserError as error:
        return _adding(request, here, new, wrong=str(error))
    return page(
        request, "source_preview.html", fields=fields, found=found, works=any(each.leads for each in found), new=new,
        differences=differences(found), shown=SHOWN,
    )  # fmt: skip


@router.post("/sources/write")
async def write_new(request: Request, here: Asked, new: Annotated[New, Form()]) -> Response:
    """Write it into config.toml, as `add` does."""
    try:
        fields, comments = _fields(new, here)
        await _edited(request, here, lambda: rewrite(here.desk.config.path, lambda t: add_source(t, fields, comments)))
    except UserError as error:
        return _adding(request, here, new, wrong=str(error))
    return RedirectResponse(f"/sources/{fields['id']}?done=added", 303)


@router.get("/sources/{key}")
def one(request: Request, here: Asked, key: str, done: str = "") -> Response:
    """One source: how it stands, its rhythm, where its news is found, its hosts, its settings, its last changes."""
    source, catalogue = _known(here, key), here.desk.catalogue
    health = next(each for each in here.desk.healths() if each.source == source.id)
    ways = catalogue.targets(source.id, discovering=True)
    asked = {authority_of(way.url) for way in ways}
    items = catalogue.items_by_source().get(source.id, 0)
    picture, weeks = _rhythm(here, source, YEAR, items)
    return page(
        request, "source.html", source=source, health=health, ways=ways, picture=picture, weeks=weeks,
        hosts=[host for host in catalogue.hosts() if host.authority in asked],
        items=items, check=_checks(request).of(source.id),
        happened=catalogue.happened(Filter(source=source.id, limit=12)), flash=DONE.get(done, ""),
        home=here.desk.config.home_of(source.id).name, why_not=here.desk.config.why_not_crawl(source.url) or "",
    )  # fmt: skip


@router.post("/sources/{key}/check")
async def check(request: Request, here: Asked, key: str) -> Response:
    """A look now."""
    source = _known(here, key)
    _checks(request).start(source, here.desk)
    return RedirectResponse(f"/sources/{source.id}", 303)


@router.post("/sources/{key}/{word}")
async def switch(
    request: Request, here: Asked, key: str, word: Literal["pause", "resume", "mute", "unmute"]
) -> Response:
    """Stop looking at it or go on; stop telling of it or tell again: as the commands of these names do."""
    source, (setting, on, _) = _known(here, key), SWITCHES[word]
    await _edited(request, here, lambda: switch_source(here.desk.config, source.id, setting, on))
    return RedirectResponse(f"/sources/{source.id}?done={word}", 303)


async def _edited(request: Request, here: Here, edit: Any) -> None:
    """Edit config.toml and show it from now on; whoever watches the file takes it up by itself."""
    await run_in_threadpool(edit)
    fresh = await run_in_threadpool(load, here.desk.config.path, environ=os.environ)
    present = request.app.state.desk
    if present is not None and present.hands is here.desk.hands:  # else a reload came first, and these hands rest
        request.app.state.desk = replace(present, config=fresh)


def _known(here: Here, key: str) -> Source:
    source = here.desk.source(key)
    if source is None:
        raise HTTPException(404, "No source of the configuration has this id.")
    return source


def _checks(request: Request) -> Checks:
    checks: Checks = request.app.state.checks
    return checks


def _fields(new: New, here: Here) -> tuple[dict[str, Any], tuple[str, ...]]:
    fields, comments = newcomer(new.what.strip(), new.name.strip(), here.desk.config, here.desk.catalogue.ways())
    return fields | ({"kind": "page"} if new.kind == "page" else {}), comments


def _adding(request: Request, here: Here, new: New, *, q: str = "", wrong: str = "") -> Response:
    words = fold(q).split()
    entries = [
        entry for entry in associations.catalogue()
        if words and all(word in fold(f"{entry.acronym} {entry.name} {' '.join(entry.aliases)}") for word in words)
    ]  # fmt: skip
    watched = {fold(source.organisation or source.name) for source in here.desk.config.sources}
    return page(
        request, "source_add.html", status=422 if wrong else 200, q=q, entries=entries[:40], watched=watched,
        fold=fold, count=len(associations.catalogue()), wrong=wrong, new=new,
    )  # fmt: skip


def _rhythm(here: Here, source: Source, weeks: int, items: int) -> tuple[Markup, list[tuple[date, int]]]:
    """Items a week as a picture, and as (the week's first day, how many), the newest first. Drawn anew when it is
    another day, or the number of its items is another."""
    today = here.now.astimezone(here.zone).date()
    key, drawn = ("rhythm", source.id, weeks, here.zone.key), (today, items)
    if here.desk.remembered.get(key, (None,))[0] != drawn:
        days = [_day(published, seen.astimezone(here.zone).date())
                for published, seen in here.desk.catalogue.finds(source.id, limit=NEWEST)]  # fmt: skip
        counts = weekly(days, today=today, weeks=weeks)
        said = f"{plural(sum(counts), 'item')} in {weeks} weeks, {counts[-1]} in the last one"
        firsts = [today - timedelta(days=7 * (weeks - place) - 1) for place in range(weeks)]
        picture = Markup(bars(counts, said=said))  # noqa: S704 - drawn here, its words escaped
        here.desk.remembered[key] = drawn, (picture, list(zip(firsts, counts, strict=True))[::-1])
    found: tuple[Markup, list[tuple[date, int]]] = here.desk.remembered[key][1]
    return found


def _day(published: str | None, seen: date) -> date:
    """The day of an item: of its publication where that is known to the day."""
    try:
        return date.fromisoformat(published or "")
    except ValueError:
        return seen
