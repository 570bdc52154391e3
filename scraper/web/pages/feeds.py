"""Feeds out: news, changes and partnerships for feed readers, whole or narrowed as the lists are."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from scraper.watch.feeds import FORMATS, MOST, NAMES, feed
from scraper.web.api import unless_known
from scraper.web.desk import Asked
from scraper.web.lists import Narrowed
from scraper.web.render import query

router = APIRouter(include_in_schema=False)
TYPES = {"atom": "application/atom+xml", "rss": "application/rss+xml", "json": "application/feed+json"}
LISTS = {"news": "items", "changes": "changes", "partnerships": "partnerships"}  # whose kinds they take


@router.get("/feeds/{name}.{form}")
def served(request: Request, here: Asked, asked: Narrowed, name: str, form: str) -> Response:
    """One feed; its address with its filters is a feed of its own."""
    if name not in NAMES or form not in FORMATS:
        raise HTTPException(404)
    catalogue, config = here.desk.catalogue, here.desk.config
    wanted = asked.wanted(limit=MOST).known(config, catalogue).filter(LISTS[name])
    home = config.web.public_url or f"{request.url.scheme}://{request.headers['host']}"
    narrowed = query(asked.given()).removeprefix("?")
    made = feed(name, catalogue, now=here.now, public_url=home, form=form, wanted=wanted, asked=narrowed)
    return unless_known(request, FORMATS[form](made).encode(), TYPES[form])
