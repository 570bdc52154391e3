"""One article from close by: text, versions, what changed, how it was read, why it alerted; and the list of all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import groupby
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query, Request
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from scraper.detect.diff import diff
from scraper.draw import Stop, versions
from scraper.errors import ConfigError
from scraper.parse.tint import tinted
from scraper.watch.answers import LISTS, close_up, find, missing, reasons, two_versions
from scraper.watch.read import Trouble
from scraper.web.desk import Asked
from scraper.web.lists import Narrowed, cut
from scraper.web.render import page, query
from storage.records.change import BlockDiff, Change, ChangeKind
from storage.records.observation import Item, Observation
from storage.store import ItemRow

router = APIRouter(include_in_schema=False)
MOST = 50  # articles of one page of the list
ONE_LOOK = timedelta(minutes=10)  # between what was found one after the other: the pace of a polite look is far below
LARGEST = 2**63  # of a database's whole numbers
GONE = (ChangeKind.WITHDRAWN, ChangeKind.RESTORED, ChangeKind.MOVED)  # nothing new to read came with these
Key = Annotated[int, Path(ge=1, lt=LARGEST)]
Version = Annotated[int | None, Query(ge=1, lt=2**31)]


@router.get("/items")
def listed(request: Request, here: Asked, asked: Narrowed, after: str = "") -> HTMLResponse:
    """All articles, the newest found first."""
    given = asked.given()
    try:
        found, fault = here.desk.catalogue.items(asked.wanted(limit=MOST + 1, after=after).filter("items")), None
    except ConfigError as error:
        found, fault = (), error
    rows, older = cut(found, MOST, LISTS["items"].place)
    return page(
        request, "items.html", status=422 if fault else 200, rows=_by_look(rows), asked=asked, given=given, fault=fault,
        older=query(given | older) if older else "", newest=f"/items{query(given)}" if after else "",
    )  # fmt: skip


def _by_look(rows: Sequence[ItemRow]) -> list[ItemRow]:
    """What one look found stands by its day of publication, the newest first; the looks stay in their order."""
    looks: list[list[ItemRow]] = []
    for row in rows:
        if looks and looks[-1][-1].item.first_seen - row.item.first_seen < ONE_LOOK:
            looks[-1].append(row)
        else:
            looks.append([row])
    return [row for look in looks for row in sorted(look, key=lambda row: row.item.published or "", reverse=True)]


@router.get("/items/{key}")
def item(request: Request, here: Asked, key: Key, version: Version = None) -> HTMLResponse:
    """One article: the version asked for, else the newest."""
    catalogue = here.desk.catalogue
    near = close_up(catalogue, str(key))
    told = catalogue.versions(near.item.id)
    shown = _version(told, version)
    evidence = [each.sentence for entry in near.ledger for each in entry.event.evidence]
    return page(
        request, "item.html", near=near, item=near.item, versions=told, shown=shown, article=shown.article,
        missing=missing(here.desk.config, catalogue, item=near.item.id).get(near.item.id),
        confirm=here.desk.config.watch.confirm_withdrawn,
        reasons=reasons(catalogue, near.item), line=_line(near.item, told, near.changes, shown.version),
        marked=[_marked(block.text, evidence) for block in shown.article.blocks],
    )  # fmt: skip


@router.get("/items/{key}/diff")
def differences(
    request: Request, here: Asked, key: Key, old: Version = None, new: Version = None, view: str = "inline"
) -> HTMLResponse:
    """What two versions of it differ in, word by word."""
    known = find(here.desk.catalogue, str(key))
    told = here.desk.catalogue.versions(known.id)
    if len(told) < 2:
        return page(request, "diff.html", item=known, versions=told, found=None)
    before, after = two_versions(here.desk.catalogue, known, old, new)
    found = diff(before.article, after.article)
    return page(
        request, "diff.html", item=known, versions=told, before=before, after=after, found=found,
        stretches=_stretches(found.blocks), view="side" if view == "side" else "inline",
    )  # fmt: skip


@router.get("/items/{key}/read")
async def how_read(request: Request, here: Asked, key: Key, version: Version = None) -> HTMLResponse:
    """How its archived page was read: body, teasers, about-sections and furniture, told apart."""
    known = await run_in_threadpool(find, here.desk.catalogue, str(key))
    told = await run_in_threadpool(here.desk.catalogue.versions, known.id)
    shown = _version(told, version)
    hands = here.desk.hands
    body = await run_in_threadpool(hands.archive.get, shown.raw) if shown.raw else None
    found: Any = Trouble(reason="the page as it came is no longer in the archive")
    if body is not None:
        capture = await run_in_threadpool(here.desk.catalogue.capture, shown.raw)
        kind = dict(capture.headers).get("content-type", "") if capture else ""
        found = await hands.reader.read(tinted, body, shown.article, known.url, kind)
    trouble, parts = (found.reason, []) if isinstance(found, Trouble) else ("", found)
    runs = [(role, list(each)) for role, each in groupby(parts, key=lambda part: part.role)]
    counts = {role: sum(part.role == role for part in parts) for role in dict.fromkeys(part.role for part in parts)}
    return page(
        request, "read.html", item=known, versions=told, shown=shown, runs=runs, counts=counts, trouble=trouble
    )  # fmt: skip


def _version(told: Sequence[Observation], number: int | None) -> Observation:
    """The version asked for, else the newest."""
    found = next((each for each in told if each.version == number), None) if number else told[-1]
    if found is None:
        raise HTTPException(404, f"This article has {len(told)} versions, and no number {number}.")
    return found


def _line(item: Item, told: tuple[Observation, ...], changes: tuple[Change, ...], shown: int) -> str:
    """Its versions, and the days on which it went or came back, as a picture; nothing where there is but one."""
    what: dict[int, list[str]] = {}
    for change in reversed(changes):
        if change.new_version and change.kind not in GONE:
            what.setdefault(change.new_version, []).append(change.kind.value.replace("_", " "))
    stops = [
        Stop(name=str(each.version), at=each.seen, what=", ".join(what.get(each.version, ())),
             href=f"/items/{item.id}?version={each.version}", chosen=each.version == shown)
        for each in told
    ]  # fmt: skip
    stops += [Stop(name="", at=change.at, what=change.kind.value) for change in changes if change.kind in GONE]
    return versions(sorted(stops, key=lambda stop: stop.at), title="Its versions in time") if len(stops) > 1 else ""


def _marked(text: str, sentences: Iterable[str]) -> list[tuple[str, bool]]:
    """The text in pieces, those that say that a partnership was made marked."""
    pieces = [(text, False)]
    for sentence in filter(None, dict.fromkeys(sentences)):
        split: list[tuple[str, bool]] = []
        for piece, done in pieces:
            before, found, after = ("", piece, "") if done else piece.partition(sentence)
            split += [(before, False), (found, True), (after, False)] if found and not done else [(piece, done)]
        pieces = [piece for piece in split if piece[0]]
    return pieces


def _stretches(blocks: Iterable[BlockDiff]) -> list[tuple[bool, list[BlockDiff]]]:
    """Blocks in turn: those that stayed, which a reader may fold away, and those that did not."""
    return [(same, list(each)) for same, each in groupby(blocks, key=lambda block: block.op == "equal")]
