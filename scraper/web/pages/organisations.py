"""Organisations: each with its names, ties, time line and events, and the sources that name it; and all of them."""

from __future__ import annotations

from collections import Counter
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse

from scraper.alert.wording import party_name
from scraper.detect.ledger import Tie, party_groups, ties
from scraper.detect.ledger.ties import Bodies
from scraper.detect.organisations import registry_with, same_party
from scraper.watch.portrait import Ways, network_of, state_line, timeline_of
from scraper.web.desk import Asked, Here
from scraper.web.render import page
from storage.records.partnership import Organisation, Party
from storage.store import Filter

router = APIRouter(include_in_schema=False)
MOST = 250  # entries of one organisation, the newest
MOST_READ = 400  # entries, the newest, that the list of all is made of


@router.get("/organisations")
def listed(request: Request, here: Asked) -> HTMLResponse:
    """The organisations that the ledger speaks of, those with most ties first."""
    found = ties(here.desk.catalogue.partnerships(Filter(limit=MOST_READ)))
    bodies = Bodies()
    of = Counter(number for tie in found for number in {bodies.number(party) for party in tie.parties})
    rows = [(bodies.known[number], count) for number, count in of.most_common()]
    return page(request, "organisations.html", rows=rows, way_to=way_to, most=MOST_READ)


@router.get("/organisations/{key:path}")
def organisation(request: Request, here: Asked, key: str) -> HTMLResponse:
    """One of them, by its id in the registry or by a name."""
    body, party = _meant(here, key)
    keys = tuple(name for group in party_groups([party, Party(name="", organisation=key)]) for name in group)
    entries = here.desk.catalogue.partnerships(Filter(party=keys, limit=MOST))
    if body is None and not entries:
        raise HTTPException(404, "The ledger and the registry know no organisation of that name.")
    everybody = (each for entry in entries for each in entry.event.parties)
    named = [each for each in everybody if each.organisation == key or same_party(each, party)]
    if body is None and named:
        party = max(named, key=lambda each: (bool(each.organisation), len(each.name)))
    found, today = ties(entries), here.now.date()
    same = here.desk.post.same
    return page(
        request, "organisation.html", body=body, party=party, entries=entries, today=today, found=found,
        names=sorted({party_name(each) for each in named} - {party_name(party)}), state_line=state_line, way_to=way_to,
        told_by=Counter(witness.source for entry in entries for witness in entry.witnesses).most_common(30),
        own=[each for each in here.desk.config.sources if each.organisation and same(party, each.organisation)],
        network=network_of(found, today=today, ways=WAYS, about=party) if found else "",
        timeline=timeline_of(found, today=today, ways=WAYS) if found else "",
    )  # fmt: skip


def _meant(here: Here, key: str) -> tuple[Organisation | None, Party]:
    registry = registry_with(here.desk.config.organisations)
    body = next((each for each in registry.organisations() if each.id == key), None) or registry.resolve(key, "")
    if body is None:
        return None, Party(name=key, acronym="" if " " in key else key)
    return body, Party(name=body.name, acronym=body.acronym, organisation=body.id)


def way_to(party: Party) -> str:
    """The address of an organisation's page."""
    return f"/organisations/{quote(party.organisation or party.name, safe='')}"


def way_to_tie(tie: Tie) -> str:
    """The address of a tie: its latest event."""
    return f"/partnerships/{tie.events[-1].id}"


WAYS = Ways(party=way_to, tie=way_to_tie)
