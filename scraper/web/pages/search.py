"""Search: the full text of all versions, what was asked for marked in each passage, and the filters of the lists."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from scraper.errors import ConfigError
from scraper.watch.wanted import Wanted
from scraper.web.desk import Asked
from scraper.web.render import page, query
from storage.records.hit import Hits
from storage.records.observation import ItemState
from storage.store import MOST_RANKED

router = APIRouter(include_in_schema=False)
MOST = 20  # answers of one page


@router.get("/search")
def search(
    request: Request, here: Asked, q: str = "", source: str = "", kind: str = "", party: str = "", since: str = "",
    until: str = "", offset: Annotated[int, Query(ge=0, le=MOST_RANKED)] = 0,
) -> HTMLResponse:  # fmt: skip
    """Answers, best first; whatever is typed is a question."""
    given: dict[str, Any] = {"source": source, "kind": kind, "party": party, "since": since, "until": until}
    catalogue = here.desk.catalogue
    asked, wanted = Wanted(**given, limit=MOST, mark="").asking(q)
    try:
        found, fault = catalogue.search(asked, wanted.filter("items"), offset=offset), None
    except ConfigError as error:
        found, fault = Hits(), error
    way = {"q": q, **given}
    newer, older = offset - MOST, offset + MOST
    return page(
        request, "search.html", status=422 if fault else 200, q=q, asked=given, found=found, fault=fault,
        words=bool(asked.groups), states=tuple(ItemState), first=offset + 1,
        newer=f"/search{query({**way, 'offset': newer or ''})}" if newer >= 0 else "",
        older=f"/search{query({**way, 'offset': older})}" if older < found.count else "",
    )  # fmt: skip
