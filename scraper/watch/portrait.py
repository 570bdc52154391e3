"""The ledger for people's eyes: ties in words, as a network of organisations, as a time line. Drawing is draw's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from scraper.alert.rules import same_party
from scraper.alert.wording import INSTRUMENTS, iso_line, party_label, party_line, party_name
from scraper.detect.ledger import Tie, announced_by, expiry, party_groups, ties
from scraper.detect.ledger.ties import Bodies, day_of
from scraper.detect.organisations import registry_with
from scraper.draw import Line, Mark, Node, Row, network, timeline
from scraper.draw.timeline import Kind
from storage.records.partnership import Organisation, Partnership, Party
from storage.records.source import Source
from storage.store import Catalogue, Filter

SOON = timedelta(days=183)  # before a term runs out
MOST_BODIES, MOST_ROWS = 100, 60  # of one picture: to lay out 200 takes thrice as long, and nobody reads them
MOST_READ, MOST_SOON = 500, 30  # entries with a term, the newest, that are looked through; ties that are named
STYLES = {
    "mou": ("MoU", "letter or memorandum"),
    "loi": ("LoI", "letter or memorandum"),
    "cooperation_agreement": ("cooperation", "agreement"),
    "framework_agreement": ("framework", "agreement"),
    "strategic_partnership": ("strategic", "strategic or alliance"),
    "alliance": ("alliance", "strategic or alliance"),
    "joint_declaration": ("declaration", "declaration"),
    "membership": ("member", "membership or sponsorship"),
    "sponsorship": ("sponsor", "membership or sponsorship"),
    "partnership": ("partnership", "agreement"),
}
_MARKS: dict[str, Kind] = {"renewed": "renewed", "extended": "renewed", "strengthened": "renewed", "ended": "ended",
                           "suspended": "ended"}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """Where a click on a picture leads; nowhere in a file."""

    party: Callable[[Party], str] = lambda _: ""
    tie: Callable[[Tie], str] = lambda _: ""


NOWHERE = Ways()


def network_of(
    found: Sequence[Tie], *, today: date, ways: Ways = NOWHERE, about: Party | None = None, alone: bool = False
) -> str:
    """Who is bound to whom. `about` stands out; what is drawn of very many ties says `drawn`."""
    bodies, lines, shown = Bodies(), list[Line](), drawn(found)
    if about is not None:
        bodies.number(about)
    for tie in shown:
        short, style = STYLES[tie.instrument]
        state = tie.state(today)
        over, doubtful = state in ("ended", "expired"), "?" if state == "possible" else ""
        lines.append(
            Line(
                ends=tuple(dict.fromkeys(map(bodies.number, tie.parties))), style=style, over=over,
                tag=f"{short}, {state} {(tie.ended or tie.expires)[:4]}" if over else f"{short}{doubtful}",
                text=f"{party_line(tie.parties, most=9)}: {INSTRUMENTS[tie.instrument]}, {state_line(tie, today)}",
                href=ways.tie(tie),
            )
        )  # fmt: skip
    nodes = [
        Node(name=party_label(body), full=party_name(body), href=ways.party(body), strong=about is not None and not at)
        for at, body in enumerate(bodies.known)
    ]
    older = len(found) - len(shown)
    left = f" {older} older ties are not drawn." if older else ""
    text = f"{len(nodes)} organisations and {len(shown)} ties between them.{left} The table beside it lists each."
    return network(nodes, lines, title="Organisations and their ties", text=text, alone=alone)


def drawn(found: Sequence[Tie]) -> Sequence[Tie]:
    """Those of the latest ties that a network has room for: together they are of MOST_BODIES organisations at most."""
    bodies = Bodies()
    for at, tie in enumerate(found):
        if len(bodies.known) + len(tie.parties) > MOST_BODIES:
            return found[:at]
        for party in tie.parties:
            bodies.number(party)
    return found


def timeline_of(
    found: Sequence[Tie], *, today: date, ways: Ways = NOWHERE, width: int = 1060, alone: bool = False
) -> str:
    """Since when, signed, renewed, until when and ended; the latest MOST_ROWS ties, the oldest beginning first."""
    shown = sorted(found[:MOST_ROWS], key=lambda tie: tie.since)
    rows = [_row(tie, today, ways) for tie in shown]
    return timeline(rows, today=today, title="Ties over time", width=width, alone=alone)


def expires_soon(tie: Tie, today: date) -> bool:
    """Whether its term runs out within SOON; a term given as a month or a year counts from its first day."""
    return bool(tie.expires) and today.isoformat()[: len(tie.expires)] <= tie.expires < (today + SOON).isoformat()


def running_out(catalogue: Catalogue, wanted: Filter, today: date) -> tuple[Tie, ...]:
    """Ties whose term runs out within SOON, the next first, of the entries that are wanted; at most MOST_SOON.

    Only entries that give a term are read, and for one that is near the others of its parties: they may renew it.
    """
    first, last = today.isoformat()[:4], (today + SOON).isoformat()
    terms = ((expiry(each), each) for each in catalogue.partnerships(replace(wanted, term=True, limit=MOST_READ)))
    near = [each for day, each in sorted(terms, key=lambda term: term[0]) if first <= day < last]
    found: dict[object, Tie] = {}
    for each in near:
        if len(found) == MOST_SOON:
            break
        tie = tie_of(catalogue, each)
        if tie is not None and expires_soon(tie, today):
            found[tie.events[-1].id] = tie
    return tuple(sorted(found.values(), key=lambda tie: tie.expires))


def tie_of(catalogue: Catalogue, entry: Partnership) -> Tie | None:
    """The tie that an event is of; None for one that is rejected."""
    around = {each.id: each for each in (entry, *catalogue.partnerships_between(party_groups(entry.event.parties)))}
    return next((tie for tie in ties(around.values()) if entry.id in {each.id for each in tie.events}), None)


def state_line(tie: Tie, today: date) -> str:
    """The state in words: "stands since 2008, runs out February 2027", "ended June 2019"."""
    state = tie.state(today)
    match state:
        case "ended" | "ending":
            return f"{'ended' if state == 'ended' else 'ends'} {iso_line(tie.ended)}"
        case "expired":
            return f"expired {iso_line(tie.expires)}"
    term = f", runs out {iso_line(tie.expires)}" if tie.expires else ""
    return f"{'stands' if state == 'stands' else 'possible,'} since {iso_line(tie.since)}{term}"


def announced(tie: Tie, organisations: tuple[Organisation, ...], sources: Iterable[Source]) -> list[bool]:
    """For each party whether it told of an event itself: on its own site, or at a source that is its own."""
    domains = {body.id: body.domain for body in registry_with(organisations).organisations()}
    told = {party.name: itself for entry in tie.events for party, itself in announced_by(entry, domains)}
    asked = {witness.source for entry in tie.events for witness in entry.witnesses}
    own = [source.organisation for source in sources if source.id in asked and source.organisation]
    return [told.get(party.name, False) or any(same_party(party, body) for body in own) for party in tie.parties]


def _row(tie: Tie, today: date, ways: Ways) -> Row:
    first, state = day_of(tie.events[0]), tie.state(today)
    marks = [Mark(kind="since", day=tie.since, text=f"since {iso_line(tie.since)}")] if tie.since < first else []
    for entry in tie.events:
        day = day_of(entry)
        marks.append(
            Mark(kind=_MARKS.get(entry.event.action, "signed"), day=day, text=f"{entry.event.action} {iso_line(day)}")
        )
    if tie.expires:
        marks.append(Mark(kind="until", day=tie.expires, text=f"runs out {iso_line(tie.expires)}"))
    over, soon = state in ("ended", "expired"), expires_soon(tie, today)
    last = tie.ended or tie.expires
    note = (
        f"{state} {iso_line(last)}" if over else f"until {iso_line(last)}{', soon' if soon else ''}" if last else state
    )
    return Row(
        name=party_line(tie.parties), start=min(tie.since, first), end=last, marks=tuple(marks), note=note,
        tone="over" if over else "soon" if soon else "", href=ways.tie(tie),
        text=f"{party_line(tie.parties, most=9)}: {INSTRUMENTS[tie.instrument]}, {state_line(tie, today)}",
    )  # fmt: skip
