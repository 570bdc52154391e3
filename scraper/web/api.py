"""The API under /api: what the command line prints as JSON, narrowed and paged the same way. Who may ask: the guard."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, BeforeValidator, Field, TypeAdapter
from starlette.concurrency import run_in_threadpool
from typing_extensions import TypedDict

from scraper import shapes
from scraper.config.values import did_you_mean
from scraper.detect.diff import diff
from scraper.errors import ConfigError
from scraper.schema import (
    AlertJson,
    ChangeJson,
    DiffJson,
    ExplanationJson,
    FullItemJson,
    HealthJson,
    HitJson,
    HostJson,
    ItemJson,
    PartnershipJson,
    SourceJson,
)
from scraper.watch import answers
from scraper.watch.answers import LISTS, UnknownError, close_up, find, reasons, two_versions
from scraper.watch.wanted import Wanted
from scraper.watch.word import Typed
from scraper.web.desk import Asked, Here
from scraper.web.lists import cut
from scraper.web.render import query, trouble
from storage.records.alert import DeliveryState, MailKind
from storage.records.change import ChangeKind
from storage.records.observation import ItemState
from storage.records.partnership import Action, Certainty, Instrument, Status, Verb
from storage.store import MOST_RANKED

PLACE = r"^([0-9a-f]{1,13}-[0-9a-f]{1,15})?$"
MOST = 500  # rows of one answer
FACTS = {"instrument", "action", "date", "since", "until"}  # of an entry, each a line that a person may write


def _day_first(typed: object) -> object:
    """Pydantic would take a number for a moment, counted from 1970."""
    if isinstance(typed, str) and not re.match(r"\d{4}-\d{2}-\d{2}", typed):
        raise ValueError("write 2026-01-31 or 2026-01-31T08:00:00Z")
    return typed


class Problem(TypedDict):
    """What is wrong (RFC 9457): the thing, the cause, and what to do."""

    type: str
    title: str
    status: int
    detail: str
    thing: str
    cause: str
    remedy: str


class Fields(BaseModel, extra="forbid"):
    """What a word says, as the options of the commands: facts left out stay, the fact "none" is to be empty."""

    note: str = Field(default="", description="Why, in a person's words.")
    parties: list[str] = Field(
        default=[], description="Long Name (ABC): correct: all of them; split: those that are none."
    )
    instrument: str = Field(default="", description="For correct, as action, date, since and until.")
    action: str = ""
    date: str = ""
    since: str = ""
    until: str = ""
    other: int | None = Field(default=None, description="For merge: the entry that is the same event; it leads here.")
    page: str = Field(default="", description="For split: the address that tells of another event.")

    def typed(self, verb: Verb, by: str) -> Typed:
        """The same as the command line types it."""
        facts = self.model_dump(include=FACTS)
        return Typed(verb=verb, by=by, facts=facts, **self.model_dump(exclude=FACTS))


class Said(TypedDict):
    """What a look at a source brought, in one line."""

    source: str
    said: str


_PROBLEM = {"application/problem+json": {"schema": TypeAdapter(Problem).json_schema()}}
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": words, "content": _PROBLEM}
    for status, words in {
        400: "No request that can be read",
        401: "No login and no token", 403: "Not from here", 404: "Nothing of that name", 409: "Not as things stand",
        413: "Too large", 422: "Not understood", 503: "Beginning anew: try again",
    }.items()
}  # fmt: skip
_KEPT: dict[int | str, dict[str, Any]] = {304: {"description": "As it was: If-None-Match named its ETag"}}


def only_known(request: Request) -> None:
    """Raises ConfigError for a parameter that is none here: a filter mistyped must not give everything."""
    here = request.app.openapi()["paths"][request.scope["route"].path][request.method.lower()]
    known = sorted(each["name"] for each in here.get("parameters", ()) if each["in"] == "query")
    for name in request.query_params:
        if name not in known:
            cause = f"is no parameter here{did_you_mean(name, tuple(known))}"
            raise ConfigError(name, cause, f"known are: {', '.join(known) or 'none'}")


router = APIRouter(prefix="/api", responses=_PROBLEMS, dependencies=[Depends(only_known)])

Key = Annotated[int, Path(ge=1, lt=2**63)]
Version = Annotated[int | None, Query(ge=1, lt=2**31)]
Moment = Annotated[
    datetime | date | None, Query(description="A day or moment; without a zone it is UTC."), BeforeValidator(_day_first)
]
Party = Annotated[str, Query(description="Only of this organisation: name or acronym.")]
Limit = Annotated[int, Query(ge=1, le=MOST)]


def narrowed(
    source: Annotated[str, Query(description="Only this source, by its id.")] = "",
    since: Moment = None, until: Moment = None, limit: Limit = 50,
    after: Annotated[str, Query(pattern=PLACE, description="From the Link header of the answer before.")] = "",
) -> Wanted:  # fmt: skip
    """The filters that all lists share."""
    days: dict[str, Any] = {"since": since.isoformat() if since else "", "until": until.isoformat() if until else ""}
    return Wanted(source=source, limit=limit, after=after, mark="", **days)


Narrowed = Annotated[Wanted, Depends(narrowed)]


@router.get("/items", response_model=list[ItemJson], responses=_KEPT)
def items(request: Request, here: Asked, asked: Narrowed, party: Party = "", kind: ItemState | None = None) -> Response:
    """Articles, the newest found first."""
    return _listed(request, here, "items", asked, party, kind)


@router.get("/changes", response_model=list[ChangeJson], responses=_KEPT)
def changes(
    request: Request, here: Asked, asked: Narrowed, party: Party = "", kind: ChangeKind | None = None
) -> Response:
    """What happened to articles, newest first."""
    return _listed(request, here, "changes", asked, party, kind)


@router.get("/partnerships", response_model=list[PartnershipJson], responses=_KEPT)
def partnerships(
    request: Request, here: Asked, asked: Narrowed, party: Party = "",
    kind: Action | Instrument | Certainty | Status | None = None,
    whole: Annotated[bool, Query(alias="all", description="Those that a person rejected, too.")] = False,
) -> Response:  # fmt: skip
    """The ledger, the newest entry first."""
    return _listed(request, here, "partnerships", replace(asked, rejected=whole), party, kind)


@router.get("/alerts", response_model=list[AlertJson], responses=_KEPT)
def alerts(request: Request, here: Asked, asked: Narrowed, kind: MailKind | DeliveryState | None = None) -> Response:
    """The outbox, newest first."""
    return _listed(request, here, "alerts", asked, "", kind)


@router.get("/search", response_model=list[HitJson], responses=_KEPT)
def search(
    request: Request, here: Asked, asked: Narrowed,
    q: Annotated[str, Query(description='Words, "a phrase", -without, one OR other, begin*, source:id ...')],
    party: Party = "", kind: ItemState | None = None, offset: Annotated[int, Query(ge=0, le=MOST_RANKED)] = 0,
) -> Response:  # fmt: skip
    """The full text of all versions, best answers first; `X-Total-Count` says how many answer."""
    question, wanted = _with(asked, party, kind).asking(q)
    catalogue = here.desk.catalogue
    found = catalogue.search(question, wanted.known(here.desk.config, catalogue).filter("items"), offset=offset)
    seen = offset + len(found.hits)
    more = {"link": _link(request, offset=seen)} if seen < found.count else {}
    hits = [shapes.hit_json(hit) for hit in found.hits]
    return _answer(request, hits, {"x-total-count": str(found.count), **more})


@router.get("/items/{key}", response_model=FullItemJson, responses=_KEPT)
def item(request: Request, here: Asked, key: Key) -> Response:
    """One article from close by, as `show --json` prints it."""
    return _answer(request, close_up(here.desk.catalogue, str(key)).json())


@router.get("/items/{key}/diff", response_model=DiffJson, responses=_KEPT)
def differences(request: Request, here: Asked, key: Key, old: Version = None, new: Version = None) -> Response:
    """What changed between two versions, word by word; the last two where none is named."""
    found = find(here.desk.catalogue, str(key))
    before, after = two_versions(here.desk.catalogue, found, old, new)
    told = shapes.diff_json(found, before.version, after.version, diff(before.article, after.article))
    return _answer(request, told)


@router.get("/items/{key}/explain", response_model=ExplanationJson, responses=_KEPT)
def explained(request: Request, here: Asked, key: Key) -> Response:
    """Why an alert was, or was not, sent for an article."""
    found = find(here.desk.catalogue, str(key))
    return _answer(request, shapes.explanation_json(found, reasons(here.desk.catalogue, found)))


@router.get("/partnerships/{key}", response_model=PartnershipJson, responses=_KEPT)
def partnership(request: Request, here: Asked, key: Key) -> Response:
    """One entry of the ledger; of one that was merged into another, the other."""
    return _answer(request, _entry(here, key))


@router.post("/partnerships/{key}/{verb}", response_model=PartnershipJson)
async def word(request: Request, here: Asked, key: Key, verb: Verb, fields: Fields | None = None) -> Any:
    """A person's word on an entry: confirm, reject, correct, merge or split. Mails nothing by itself."""
    await run_in_threadpool(_entry, here, key)
    said = (fields or Fields()).typed(verb, here.visitor.user or "api")
    try:
        await here.desk.keep_word(key, said)
    except ConfigError as error:
        fault = ConfigError(error.subject.removeprefix("--"), error.cause, error.remedy)
        return trouble(request, 422, "Not understood", str(fault), error=fault)
    return await run_in_threadpool(_entry, here, key)


@router.get("/sources", response_model=list[SourceJson], responses=_KEPT)
def sources(request: Request, here: Asked) -> Response:
    """The sources of the configuration."""
    return _answer(request, answers.sources(here.desk.config, here.desk.catalogue))


@router.post("/sources/{name}/check", response_model=Said)
async def check(request: Request, here: Asked, name: str) -> Any:
    """One look at a source now, or the one under way, answered when it is done."""
    source = here.desk.source(name)
    if source is None:
        raise UnknownError(f"source {name}", "is not in the configuration", "see /api/sources")
    return {"source": name, "said": await request.app.state.checks.look(source, here.desk)}


@router.get("/status", response_model=list[HealthJson], responses=_KEPT)
def status(request: Request, here: Asked) -> Response:
    """How each source stands, over which time it is complete, and its gaps."""
    return _answer(request, [shapes.health_json(each) for each in here.desk.healths()])


@router.get("/politeness", response_model=list[HostJson], responses=_KEPT)
def politeness(request: Request, here: Asked) -> Response:
    """What each host was asked, against what was allowed."""
    return _answer(request, answers.hosts(here.desk.catalogue))


def _listed(request: Request, here: Here, of: str, asked: Wanted, party: str, kind: str | None) -> Response:
    """One page of a list; the Link header leads to the next."""
    catalogue, limit = here.desk.catalogue, asked.limit or MOST
    wanted = replace(_with(asked, party, kind), limit=limit + 1).known(here.desk.config, catalogue)
    shown, older = cut(LISTS[of].ask(catalogue, wanted.filter(of)), limit, LISTS[of].place)
    headers = {"link": _link(request, **older)} if older else {}
    return _answer(request, [LISTS[of].shape(row) for row in shown], headers)


def _with(asked: Wanted, party: str, kind: str | None) -> Wanted:
    return replace(asked, party=party, kind=kind or "")


def _link(request: Request, **place: object) -> str:
    return f'<{request.url.path}{query({**request.query_params, **place})}>; rel="next"'


def _answer(request: Request, value: Any, headers: Mapping[str, str] | None = None) -> Response:
    """JSON with its ETag, or nothing where the asker has it already (RFC 9110 13.1.2)."""
    return unless_known(request, json.dumps(value, ensure_ascii=False).encode(), "application/json", headers)


def unless_known(request: Request, body: bytes, media_type: str, headers: Mapping[str, str] | None = None) -> Response:
    """An answer with its ETag, or 304."""
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    known = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    own = {"etag": tag, "cache-control": "private, no-cache", **(headers or {})}
    return Response(status_code=304, headers=own) if known & {tag, "*"} else Response(body, 200, own, media_type)


def _entry(here: Here, key: int) -> PartnershipJson:
    found = here.desk.catalogue.partnership(key)
    if found is None:
        raise UnknownError(f"entry {key}", "is not in the ledger", "see /api/partnerships")
    return shapes.partnership_json(found)
