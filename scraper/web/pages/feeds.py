"""Feeds out: news, changes and partnerships for feed readers, whole or narrowed as the lists are."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from scraper.watch.feeds import FORMATS, MOST, NAMES, feed
from scraper.watch.wanted import Wanted
from scraper.web.api import unless_known
from scraper.web.desk import Asked
from scraper.web.render import query

router = APIRouter(include_in_schema=False)
TYPES = {"atom": "application/atom+xml", "json": "application/feed+json"}
LISTS = {"news": "items", "changes": "changes", "partnerships": "partnerships"}  # whose kinds they take


@router.get("/feeds/{name}.{form}")
def served(
    request: Request, here: Asked, name: str, form: str, source: str = "", since: str = "", until: str = "",
    party: str = "", kind: str = "",
) -> Response:  # fmt: skip
    """One feed; its address with its filters is a feed of its own."""
    if name not in NAMES or form not in FORMATS:
        raise HTTPException(404)
    catalogue, config = here.desk.catalogue, here.desk.config
    given: dict[str, Any] = {"source": source, "since": since, "until": until, "party": party, "kind": kind}
    wanted = Wanted(**given, limit=MOST, mark="").known(config, catalogue).filter(LISTS[name])
    home = config.web.public_url or f"{request.url.scheme}://{request.headers['host']}"
    made = feed(
        name, catalogue, now=here.now, public_url=home, form=form, wanted=wanted, asked=query(given).removeprefix("?")
    )
    return unless_known(request, FORMATS[form](made).encode(), TYPES[form])
