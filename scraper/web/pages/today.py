"""Today: what is new, changed, announced and withdrawn since the last visit."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from scraper.web.desk import Asked
from scraper.web.render import page
from storage.store import Filter

router = APIRouter(include_in_schema=False)


@router.get("/")
def today(request: Request, here: Asked) -> HTMLResponse:
    """The front page."""
    entries = here.desk.catalogue.partnerships(Filter(limit=20))
    changes = here.desk.catalogue.changes(Filter(limit=50))
    return page(request, "today.html", entries=entries, changes=changes)
