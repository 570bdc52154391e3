"""Search: the full text of all versions, what was asked for marked in each passage, and the filters of the lists."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from scraper.errors import ConfigError
from scraper.web.desk import Asked
from scraper.web.lists import Narrowed
from scraper.web.render import page, query
from storage.records.hit import Hits
from storage.store import MOST_RANKED

router = APIRouter(include_in_schema=False)
MOST = 20  # answers of one page


@router.get("/search")
def search(
    request: Request, here: Asked, asked: Narrowed, q: str = "",
    offset: Annotated[int, Query(ge=0, le=MOST_RANKED)] = 0,
) -> HTMLResponse:  # fmt: skip
    """Answers, best first; whatever is typed is a question."""
    given = asked.given()
    question, wanted = asked.wanted(limit=MOST).asking(q)
    try:
        found, fault = here.desk.catalogue.search(question, wanted.filter("items"), offset=offset), None
    except ConfigError as error:
        found, fault = Hits(), error
    newer, older = offset - MOST, offset + MOST
    return page(
        request, "search.html", status=422 if fault else 200, q=q, asked=asked, given=given, found=found, fault=fault,
        words=bool(question.groups), first=offset + 1,
        newer=f"/search{query({'q': q, **given, 'offset': newer or ''})}" if newer >= 0 else "",
        older=f"/search{query({'q': q, **given, 'offset': older})}" if older < found.count else "",
    )  # fmt: skip
