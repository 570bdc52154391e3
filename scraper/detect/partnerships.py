"""From an Article to the partnerships it announces: title, deck, lead and body are read, and each find says why.

Sentences are read in reading.py and weighed in weighing.py; here they are made one event with its neighbours.
What a ledger holds of earlier pages is left to ledger.py.
"""

from __future__ import annotations

import re
from typing import cast

from scraper.detect.acts import ABOUT_OLD, SPECIFIC
from scraper.detect.organisations import Registry, host_of
from scraper.detect.parties import Mention
from scraper.detect.reading import LEAD, NEAR, TITLE, Read, Reader
from scraper.detect.roster import Roster
from scraper.detect.weighing import POSSIBLE, Case, cases_of, is_quoted, is_weak, promises
from scraper.detect.when import (
    Dateline,
    date_of_act,
    dateline_of,
    dates,
    dates_of,
    effective_date,
    is_end,
    since_of,
    until_of,
)
from scraper.text import fold
from storage.records.article import Article, DateFact
from storage.records.partnership import (
    Action,
    Evidence,
    Findings,
    Instrument,
    PartnershipEvent,
    Party,
    RelatedEvent,
    RelatedKind,
)

SURE = 0.72
_TODAY = {"today", "yesterday"}
_PLACE = re.compile(r"([^\W\d_][\w .'’-]{1,30}?)(?:, [^\W\d_][\w .-]{1,20}?)?\s+[–—-]{1,2}\s")
_HAVE = frozenset({"have", "has", "haben", "hat", "ont", "a", "han", "ha", "hanno", "hebben", "heeft"})
_NEIGHBOURS: tuple[tuple[str, RelatedKind], ...] = (("merger", "merger"), ("statement", "joint_statement"))
_RANK = ("ended", "suspended", "renewed", "extended", "signed", "joined", "launched", "announced", "strengthened")


def find_partnerships(article: Article, *, registry: Registry | None = None) -> tuple[PartnershipEvent, ...]:
    """The partnership events an article announces, strongest first."""
    return find(article, registry=registry).events


def find(article: Article, *, registry: Registry | None = None, publisher: str = "") -> Findings:
    """Events, and their neighbours that are never mailed at once. `publisher` is who "we" is."""
    reader = Reader.of(article)
    if not any(promises(read, reader.reads) for read in reader.reads):
        return Findings()
    reads = reader.read_on()
    roster = Roster(registry or Registry.default(), host_of(article.canonical or article.url))
    for read in reads:
        roster.learn(read.wording, read.mentions)
    for acronym in roster.undefined()[:8]:
        reader.look_for_definition(acronym, roster)
    roster.settle()
    cases = cases_of(reads, roster, article)
    return Findings(
        events=_events(cases, reads, roster, article, publisher or article.site_name),
        related=_related(cases, reads, roster),
    )


# --- events


def _events(
    cases: list[Case], reads: list[Read], roster: Roster, article: Article, publisher: str
) -> tuple[PartnershipEvent, ...]:
    alive = [c for c in cases if not c.act.intended and not c.act.past and c.score > 0.1]
    if not alive:
        return ()
    best = max(alive, key=lambda c: (c.score, -c.read.order))
    group = [c for c in alive if c is best or c.score >= best.score - 0.45]
    parties = _party_set(best, group, reads, roster, publisher)
    event = _event(best, group, cases, parties, reads, article)
    return (event,) if event is not None else ()


def _party_set(best: Case, group: list[Case], reads: list[Read], roster: Roster, publisher: str) -> list[Party]:
    ordered = sorted(group, key=lambda c: -c.score)
    able = [c for c in ordered if len(c.parties) >= 2 and c.score >= best.score - 0.3] or [
        c for c in ordered if len(c.parties) >= 2
    ]
    if able:
        return _completed(max(able, key=_fullness), ordered, roster)
    gathered = roster.union([c.parties for c in ordered])
    if best.act.action == "launched" and best.act.instrument == "alliance":
        return roster.union([gathered, *(roster.parties(_united(r)) for r in reads if r.order <= NEAR)])
    we = any("we" in w.tags for c in group for w in c.read.wording.words)
    if len(gathered) == 1 and publisher and we:
        return roster.union([gathered, [Party(name=publisher)]])
    if best.act.action != "joined" and (we or not is_weak(best.act) or "both" in best.read.wording.hits):
        return _gathered(gathered, best, reads, roster)
    return gathered


def _gathered(own: list[Party], best: Case, reads: list[Read], roster: Roster) -> list[Party]:
    """An act that names one party or none: the others stand beside it in its sentence, in the one before or behind,
    or in the lead. More than four names are a crowd, not parties.
    """
    at = reads.index(best.read)
    near = [best.read, *reads[max(at - 1, 0) : at], *reads[at + 1 : at + 2]]
    lead = [r for r in reads if r.order <= LEAD]
    for pool, aside in ((near[:1], True), (near[:2], True), (near, False), (lead, False)):
        found = [
            m for r in pool for m in r.mentions
            if not m.person and (m.sure or m.name.j - m.name.i > 1) and (aside or m.slot != "aside")
        ]  # fmt: skip
        for bodies in (found, [m for m in found if m.sure]):
            more = roster.union([own, roster.parties(bodies)])
            if 2 <= len(more) <= 4:
                return more
    return own


def _united(read: Read) -> list[Mention]:
    """`The Coalition unites A, B and C`: all of them, and the coalition itself."""
    return (
        [m for m in read.mentions if not m.person and m.slot != "aside"]
        if any(m.slot == "by" for m in read.mentions)
        else []
    )


def _fullness(case: Case) -> float:
    """How well a sentence names its parties: full names with acronyms beat bare words; running text beats a
    headline.
    """
    worth = [1.0 if p.acronym else 0.6 if " " in p.name else 0.5 if p.organisation else 0.3 for p in case.parties]
    return sum(worth) / len(worth) + (0.0 if case.read.block == TITLE else 0.15) + case.score * 0.5


def _completed(case: Case, ordered: list[Case], roster: Roster) -> list[Party]:
    """The best sentence's parties; the title's where it names those and more."""
    for other in ordered:
        if (
            other.read.block == TITLE
            and len(other.parties) > len(case.parties)
            and roster.covers(other.parties, case.parties)
        ):
            return other.parties
    return case.parties


def _event(
    best: Case, group: list[Case], cases: list[Case], parties: list[Party], reads: list[Read], article: Article
) -> PartnershipEvent | None:
    place = _opening_place(article)
    parties = [p for p in parties if p.acronym or p.organisation or fold(p.name) != place]
    if len(parties) < 2:
        return None
    parts = list(best.parts)
    if len(best.parties) < 2:
        parts = [p for p in parts if not p[0].startswith("names ") or "part" not in p[0]] + [
            ("parties stand elsewhere in the text", 0.14)
        ]
    if any(c.read.block == TITLE for c in group) and any(c.read.block != TITLE for c in group):
        parts.append(("title and text agree", 0.1))
    total = sum(points for _, points in parts)
    if total > 0.99:
        parts.append(("ceiling", 0.99 - total))
    score = round(sum(points for _, points in parts), 2)
    if score < POSSIBLE:
        return None
    told = dateline_of([r.wording for r in reads if r.block >= 0 and r.order <= 3][:3])
    day = _act_date(group, reads, told, article)
    return PartnershipEvent(
        parties=tuple(parties), instrument=cast("Instrument", _instrument(group, best, reads)),
        action=cast("Action", _action(group, best)), date=day,

        announced=article.dateline or (told.fact if told else None) or article.published, since=_since(cases, reads),
        until=_until(group, reads),
        certainty="sure" if score >= SURE else "possible", score=score, because=tuple((why, round(points,
        2)) for why, points in parts),
        evidence=_evidence(best, group),
    )  # fmt: skip


def _opening_place(article: Article) -> str:
    """The place that a text opens with, a dash behind it: "GHENT – The ..."."""
    found = _PLACE.match(next((block.text for block in article.blocks if block.kind == "paragraph"), ""))
    return fold(found[1]) if found else ""


def _instrument(group: list[Case], best: Case, reads: list[Read]) -> str:
    """The most specific instrument of the strongest sentences; a plain agreement takes a name that the text gives
    it elsewhere.
    """
    order = sorted(group, key=lambda c: -c.score)
    plain = [c for c in order if not is_quoted(c.act, c.read)] or order
    named = [c for c in plain if c.act.action != "joined" or c.act.instrument == "membership"]
    strong = [c.act.instrument for c in named if c.score >= best.score - 0.25]
    for name in strong:
        if name in ("mou", "loi"):
            return name
    for case in named:
        if case.act.instrument in SPECIFIC:
            return case.act.instrument
    instruments = sorted((c.act.instrument for c in named), key=lambda name: name == "partnership")
    if "agreement" in instruments:
        hits = [h.value for r in reads for h in r.wording.hits.get("instruments", ()) if h.value in SPECIFIC]
        return next((n for n in hits if n in ("mou", "loi")), hits[0] if hits else "cooperation_agreement")
    return instruments[0] if instruments else "partnership"


def _action(group: list[Case], best: Case) -> str:
    """What was done: of the strong sentences the most telling verb; strengthening gives way to a signature."""
    said = [c for c in group if not is_quoted(c.act, c.read)] or group
    strong = [c.act.action for c in said if c.score >= min(best.score - 0.3, 0.55)]
    return min(strong, key=_RANK.index)


def _act_date(group: list[Case], reads: list[Read], told: Dateline | None, article: Article) -> DateFact | None:
    """The day a sentence gives for an act with an instrument; words of working together are dated by nothing."""
    days = (article.dateline, told.fact if told else None, article.published)
    reference = next((d.value for d in days if d is not None and d.precision == "day"), "")
    for case in sorted(group, key=lambda c: -c.score):
        at = case.act.verb.i if case.act.verb else case.act.i
        fact = date_of_act(case.read.wording, at, reference) if case.act.noun is not None else None
        if fact is not None and not (fact.precision == "year" and _tells_first(case)):
            return fact
    effective = (
        effective_date(r.wording) for r in reads if r.order <= NEAR and r.wording.hits.keys() & {"instruments", "ties"}
    )
    fact = next((f for f in effective if f is not None), None)
    if fact is not None:
        return fact
    fact = _date_beside(group, reads, reference)
    if fact is not None:
        return fact
    if reference and any(_TODAY & r.wording.hits.keys() for r in reads if r.order <= NEAR and not _is_title(r)):
        close = [r.wording for r in reads if r.order <= NEAR and _TODAY & r.wording.hits.keys()]
        return date_of_act(close[0], 0, reference)
    return _by_dateline(group, told)


def _date_beside(group: list[Case], reads: list[Read], reference: str) -> DateFact | None:
    """`The ceremony took place on 3 November 2021`, `It was signed on ...`: a full date in one of the next sentences."""
    last = max((c.read.order for c in group if c.act.noun is not None), default=-9)
    for read in reads:
        verbs = [h for h in read.wording.hits.get("verbs", ()) if h.value in ("signed", group[0].act.action)]
        told = [*verbs, *read.wording.hits.get("occasion", ())]
        if told and last - 1 <= read.order <= last + 2 and read.block != TITLE and not read.acts:
            fact = date_of_act(read.wording, told[0].i, "") if "intended" not in read.wording.hits else None
            if fact is not None and fact.precision == "day":
                return fact
    return None


def _tells_first(case: Case) -> bool:
    """`renewed the agreement that they signed in 2016`: the year is that of the first signature."""
    return case.act.action != "signed" and any(h.value == "signed" for h in case.read.wording.hits.get("verbs", ()))


def _is_title(read: Read) -> bool:
    return read.block == TITLE


def _by_dateline(group: list[Case], told: Dateline | None) -> DateFact | None:
    """An agency's dateline, place and day, dates the act that its own first words report as done, not as standing."""
    if told is None or not told.place or told.fact is None or told.fact.precision != "day":
        return None
    for case in group:
        verb = case.act.verb
        if verb is None or case.read.order > 2 or _is_title(case.read) or case.act.noun is None:
            continue
        standing = verb.i > 0 and case.read.wording.words[verb.i - 1].low in _HAVE
        if case.act.action == "signed" or not standing:
            return told.fact
    return None


def _since(cases: list[Case], reads: list[Read]) -> str | None:
    """The earliest year that a sentence about the tie gives for its beginning."""
    old = {c.read.order for c in cases if c.act.action in ABOUT_OLD}
    beside = {order + step for order in old for step in (-1, 0, 1)}
    told = [v for r in reads if (r.order in beside or _about_the_paper(r)) and (v := since_of(r.wording))]
    for case in cases:
        wording, verb = case.read.wording, case.act.verb
        if (case.act.past or _tells_first(case)) and not case.act.intended:
            told += [str(f.year) for f in dates(wording) if f.year]
        elif case.act.action in ABOUT_OLD and verb is not None and not case.act.intended:
            own = dates_of(wording, verb.i)
            told += [str(f.year) for f in dates(wording) if f.year and f not in own and not is_end(wording, f)]
    return min(told) if told else None


def _about_the_paper(read: Read) -> bool:
    """A sentence with an instrument or a tie, or one that says itself what began (`first signed in 2015`)."""
    hits = read.wording.hits
    return "instruments" in hits or "ties" in hits or any(h.j - h.i > 1 for h in hits.get("since", ()))


def _until(group: list[Case], reads: list[Read]) -> str | None:
    """The end or the term that a sentence gives the paper itself: of the act, or about the paper; what is planned
    for years is none.
    """
    told = [case.read for case in sorted(group, key=lambda c: -c.score) if case.act.noun is not None]
    about = [r for r in reads if (r.order <= 2 * NEAR and "instruments" in r.wording.hits) or "ties" in r.wording.hits]
    for read in [*told, *about, *(r for r in reads if r.order <= NEAR and r.wording.hits.get("until"))]:
        if "intended" not in read.wording.hits or read in told:
            value = until_of(read.wording)
            if value:
                return value
    return None


def _evidence(best: Case, group: list[Case]) -> tuple[Evidence, ...]:
    """The sentences that convinced us, those with a named instrument first; what only speaks of working together
    comes last or not.
    """
    strong = [c for c in group if c is best or len(c.parties) >= 2]
    ordered = sorted(
        strong, key=lambda c: (is_quoted(c.act, c.read), c.act.instrument not in SPECIFIC, c is not best, -c.score)
    )
    seen: dict[tuple[str, int], None] = {}
    for case in ordered:
        seen.setdefault((case.read.text, case.read.block))
    return tuple(Evidence(sentence=text, block=block) for text, block in list(seen)[:4])


# --- neighbours


def _related(cases: list[Case], reads: list[Read], roster: Roster) -> tuple[RelatedEvent, ...]:
    found: dict[tuple[str, int], RelatedEvent] = {}
    for case in cases:
        kind: RelatedKind | None = "intended" if case.act.intended else "background" if case.act.past else None
        if kind and len(case.parties) >= 2:
            found.setdefault((kind, case.read.block), _neighbour(kind, case.parties, case.read))
    for read in reads:
        if read.order > LEAD:
            continue
        if not read.acts and {"intended", "instruments"} <= read.wording.hits.keys():
            parties = roster.parties([m for m in read.mentions if not m.person and m.sure and m.slot != "aside"])
            if len(parties) >= 2:
                found.setdefault(("intended", read.block), _neighbour("intended", parties, read))
        for key, kind in _NEIGHBOURS:
            parties = (
                roster.parties([m for m in read.mentions if not m.person and m.sure])
                if key in read.wording.hits
                else []
            )
            if len(parties) >= 2:
                found.setdefault((kind, read.block), _neighbour(kind, parties, read))
    return tuple(found.values())[:8]


def _neighbour(kind: RelatedKind, parties: list[Party], read: Read) -> RelatedEvent:
    return RelatedEvent(
        kind=kind, parties=tuple(parties[:12]), evidence=(Evidence(sentence=read.text, block=read.block),)
    )
