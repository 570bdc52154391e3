"""The ledger as a table, a network, a time line, what runs out soon; one entry from close by; a person's word on it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Annotated, Any, Literal, get_args

from fastapi import APIRouter, Depends, HTTPException, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from scraper.alert.wording import INSTRUMENTS, party_name
from scraper.detect.ledger import Tie, expiry, party_groups, ties, word_line
from scraper.errors import ConfigError, UserError
from scraper.watch.answers import LISTS
from scraper.watch.portrait import (
    MOST_ROWS,
    NOWHERE,
    announced,
    drawn,
    network_of,
    running_out,
    state_line,
    tie_of,
    timeline_of,
)
from scraper.watch.wanted import Wanted, unknown
from scraper.watch.word import LARGEST, Typed
from scraper.web.desk import Asked, Here
from scraper.web.lists import cut
from scraper.web.pages.login import inside
from scraper.web.pages.organisations import WAYS, way_to, way_to_tie
from scraper.web.render import page, query
from storage.records.partnership import Action, Certainty, Instrument, Partnership, Status, Verb
from storage.store import Catalogue, Filter

router = APIRouter(include_in_schema=False)
MOST = 50  # entries of one page of the table
MOST_DRAWN = 250  # entries, the newest, that a picture is made of
VIEWS = {"table": "Table", "network": "Network", "timeline": "Time line", "expiring": "Running out soon"}
CHOICES = {
    name: {kind: INSTRUMENTS.get(kind, kind.replace("_", " ")) for kind in get_args(of)}
    for name, of in {"action": Action, "instrument": Instrument, "certainty": Certainty, "status": Status}.items()
}  # of each filter its kinds, each with its words
FACTS = ("instrument", "action", "date", "since", "until")
FIELDS = {f"--{name}": name for name in (*FACTS, "other")} | {"--party": "parties"}  # where a fault is shown
Key = Annotated[int, Path(ge=1, lt=LARGEST)]
LONGEST = 4_000  # characters of one field


@dataclass(frozen=True)
class Asking:
    """The filters of the ledger as they stand in an address."""

    source: str = ""
    party: str = ""
    action: str = ""
    instrument: str = ""
    certainty: str = ""
    status: str = ""
    since: str = ""
    until: str = ""

    def filter(self, *, after: str = "", limit: int) -> Filter:
        """What memory is asked. Raises ConfigError for what is no day and no kind."""
        chosen = {name: getattr(self, name) for name in CHOICES if getattr(self, name)}
        for name, kind in chosen.items():
            if kind not in CHOICES[name]:
                raise unknown(name, kind, tuple(CHOICES[name]))
        wanted = Wanted(source=self.source, party=self.party, since=self.since, until=self.until, after=after,
                        limit=limit, mark="")  # fmt: skip
        return replace(wanted.filter(), kinds=tuple(chosen.values()))


Filters = Annotated[Asking, Depends()]


@router.get("/partnerships")
def ledger(
    request: Request, here: Asked, asked: Filters, view: Literal["table", "network", "timeline", "expiring"] = "table",
    after: str = "",
) -> HTMLResponse:  # fmt: skip
    """The ledger, in one of four views."""
    catalogue, today = here.desk.catalogue, here.now.date()
    values: dict[str, Any] = {"rows": (), "found": (), "older": "", "picture": "", "fault": None}
    given = {name: value for name, value in asdict(asked).items() if value}
    try:
        if view == "table":
            rows, older = cut(
                catalogue.partnerships(asked.filter(after=after, limit=MOST + 1)), MOST, LISTS["partnerships"].place
            )
            values |= {"rows": rows, "older": query(given | older) if older else ""}
        else:
            found = _ties(catalogue, asked, view, today)
            shown = len(drawn(found)) if view == "network" else min(len(found), MOST_ROWS)
            values |= {"found": found, "picture": _picture(found, view, today), "older_ties": len(found) - shown}
    except ConfigError as error:
        values["fault"] = error
    return page(
        request, "partnerships.html", status=422 if values["fault"] else 200, asked=asked, given=given, view=view,
        views=VIEWS, choices=CHOICES, today=today, state_line=state_line, way_to=way_to, way_to_tie=way_to_tie,
        newest=f"/partnerships{query(given)}" if after else "", **values,
    )  # fmt: skip


@router.get("/partnerships.svg")
def picture(here: Asked, asked: Filters, view: Literal["network", "timeline"] = "network") -> Response:
    """The picture as a file of its own, for both themes."""
    today = here.now.date()
    made = _picture(_ties(here.desk.catalogue, asked, view, today), view, today, alone=True)
    name = {"content-disposition": f'attachment; filename="{view}.svg"'}
    return Response(made, media_type="image/svg+xml", headers=name)


def _ties(catalogue: Catalogue, asked: Asking, view: str, today: date) -> tuple[Tie, ...]:
    wanted = asked.filter(limit=MOST_DRAWN)
    return running_out(catalogue, wanted, today) if view == "expiring" else ties(catalogue.partnerships(wanted))


def _picture(found: tuple[Tie, ...], view: str, today: date, *, alone: bool = False) -> str:
    if not found and not alone:
        return ""
    draw = network_of if view == "network" else timeline_of
    return draw(found, today=today, ways=NOWHERE if alone else WAYS, alone=alone)


# --- one entry -------------------------------------------------------------------------------------------------------


@router.get("/partnerships/{key}")
def entry(request: Request, here: Asked, key: Key, kept: str = "") -> Response:
    """One event of the ledger with all that is known of it."""
    found = _entry(here, key)
    if found.id != key:  # a person said that both are one
        return RedirectResponse(f"/partnerships/{found.id}", 302)
    flash = f"Kept: {word_line(found.words[-1])}." if kept and found.words else ""
    return page(request, "partnership.html", flash=flash, **_near(here, found))


@router.post("/partnerships/{key}/{verb}")
async def said(request: Request, here: Asked, key: Key, verb: Verb) -> Response:
    """A person's word. What cannot be kept is said beside its field, with what was typed."""
    found = await run_in_threadpool(_entry, here, key)
    async with request.form(max_files=0, max_fields=50) as sent:  # a field left empty is no field left out
        form = {name: value.strip()[:LONGEST] for name, value in sent.items() if isinstance(value, str)}
    try:
        await here.desk.keep_word(key, typed(verb, form, found, by=here.visitor.user))
    except UserError as error:
        near = await run_in_threadpool(_near, here, found)
        fault = {"verb": verb, "field": FIELDS.get(error.subject, ""), "words": _words(error)}
        return page(request, "partnership.html", status=422, **near | {"form": near["form"] | form, "fault": fault})
    back = form.get("back", "")
    return RedirectResponse(f"{inside(back)}#partnership-{key}" if back else f"/partnerships/{key}?kept={verb}", 303)


def typed(verb: Verb, form: dict[str, str], entry: Partnership, *, by: str) -> Typed:
    """A form as the word it means: a fact that was left as it stands is not spoken of, one that was emptied is none.

    Raises ConfigError for a number that is none.
    """
    note = form.get("note", "")
    match verb:
        case "correct":
            stands = facts_of(entry)
            changed = {name for name in stands if name in form and form[name] != stands[name].strip()}
            facts = {name: form[name] or "none" for name in FACTS if name in changed}
            named = [line for line in map(str.strip, form.get("parties", "").splitlines()) if line]
            parties = named if "parties" in changed and "\n".join(named) != stands["parties"] else []
            return Typed(verb=verb, by=by, note=note, facts=facts, parties=parties)
        case "merge":
            other = form.get("other", "")
            if not (other.isascii() and other.isdigit()):
                raise ConfigError("--other", f'"{other}" is no number of an entry', "write the number alone")
            return Typed(verb=verb, by=by, note=note, other=int(other[:20]))
        case "split":
            what, _, value = form.get("out", "").partition(":")
            gone = {"page": value} if what == "page" else {"parties": [value] if value else []}
            return Typed(verb=verb, by=by, note=note, **gone)
        case _:
            return Typed(verb=verb, by=by, note=note)


def facts_of(entry: Partnership) -> dict[str, str]:
    """The facts of an entry as its form shows them."""
    event = entry.event
    return {
        "parties": "\n".join(map(party_name, event.parties)), "instrument": event.instrument, "action": event.action,
        "date": event.date.value if event.date else "", "since": event.since or "", "until": event.until or "",
    }  # fmt: skip


def _words(error: UserError) -> str:
    """The error without what is meant for a command line."""
    remedy = "" if "--" in error.remedy or "`" in error.remedy else error.remedy
    subject = "" if error.subject.startswith(("--", "entry")) else f"{error.subject} "
    return f"{subject}{error.cause}{f'; {remedy}' if remedy else ''}"


def _entry(here: Here, key: int) -> Partnership:
    found = here.desk.catalogue.partnership(key)
    if found is None:
        raise HTTPException(404, f"There is no entry {key} in the ledger.")
    return found


def _near(here: Here, entry: Partnership) -> dict[str, Any]:
    """An entry with what stands around it."""
    catalogue, config, today = here.desk.catalogue, here.desk.config, here.now.date()
    tie = tie_of(catalogue, entry)
    others = catalogue.partnerships_between(party_groups(entry.event.parties))
    alone = Tie(events=(entry,))
    names = [party_name(party) for party in alone.parties]
    items = {witness.item: catalogue.related(witness.item) for witness in entry.witnesses if witness.item is not None}
    return {
        "entry": entry, "event": entry.event, "tie": tie, "today": today, "state_line": state_line, "way_to": way_to,
        "announced": list(zip(alone.parties, announced(alone, config.organisations, config.sources), strict=True)),
        "runs_out": expiry(entry), "related": [each for found in items.values() for each in found],
        "line": timeline_of((tie,), today=today, ways=WAYS, width=680) if tie else "", "choices": CHOICES,
        "names": names, "others": [each for each in others if each.id != entry.id], "fault": None,
        "form": {**facts_of(entry), "note": "", "other": "", "out": ""},
    }  # fmt: skip
