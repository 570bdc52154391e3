"""From an Article to the partnerships it announces: title, deck, lead and body are read, and each find says why.

Sentences are read in reading.py and weighed in weighing.py; here they are made one event with its neighbours.
What a ledger holds of earlier pages is left to ledger.py.
"""

from __future__ import annotations

from typing import cast

from scraper.detect.acts import SPECIFIC
from scraper.detect.facts import act_date, opening_place, place_of, purpose_of, signatories_of, since_when, until_when
from scraper.detect.organisations import Registry, host_of
from scraper.detect.parties import Mention
from scraper.detect.reading import LEAD, NEAR, TITLE, Read, Reader
from scraper.detect.roster import Roster
from scraper.detect.weighing import POSSIBLE, Case, cases_of, is_quoted, is_weak, promises
from scraper.detect.when import dateline_of
from scraper.text import fold
from storage.records.article import Article
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
    found = []
    parted = _parted(alive, roster)
    starts = sorted(min(c.read.order for c in told) for told in parted)
    for told in parted:
        best = max(told, key=lambda c: (c.score, -c.read.order))
        group = [c for c in told if c is best or c.score >= best.score - 0.45]
        start = min(c.read.order for c in told)
        end = next((later for later in starts if later > start), 10**6)
        own = reads if len(parted) == 1 else [r for r in reads if start <= r.order < end]
        parties = _party_set(best, group, own, roster, publisher)
        event = _event(best, group, cases if own is reads else told, parties, own, article)
        if event is not None:
            found.append(event)
    return tuple(sorted(found, key=lambda event: -event.score))


def _parted(alive: list[Case], roster: Roster) -> list[list[Case]]:
    """The cases of each event. A round-up tells of several: sentences of the body, each with an act that is named and
    sure bodies, none of which the others name. What names no party goes with the sentence before it.
    """
    seeds: list[Case] = []
    for case in sorted(alive, key=lambda c: -c.score):
        strong = (
            len(case.parties) >= 2 and case.score >= POSSIBLE and not is_weak(case.act) and case.read.block != TITLE
        )
        if strong and not any(_share(case, seed, roster) for seed in seeds):
            seeds.append(case)
    titles = [c for c in alive if c.read.block == TITLE and c.parties]
    if len(seeds) < 2 or any(not any(_share(c, seed, roster) for seed in seeds) for c in titles):
        return [alive] if alive else []
    groups: list[list[Case]] = [[] for _ in seeds]
    last = 0
    for case in sorted(alive, key=lambda c: c.read.order):
        own = [n for n, seed in enumerate(seeds) if _share(case, seed, roster)]
        last = own[0] if own else last
        groups[last].append(case)
    return [group for group in groups if group]


def _share(one: Case, other: Case, roster: Roster) -> bool:
    return any(roster.covers([party], [mine]) for party in one.parties for mine in other.parties)


def _party_set(best: Case, group: list[Case], reads: list[Read], roster: Roster, publisher: str) -> list[Party]:
    ordered = sorted(group, key=lambda c: -c.score)
    able = [c for c in ordered if len(c.parties) >= 2 and c.score >= best.score - 0.3] or [
        c for c in ordered if len(c.parties) >= 2
    ]
    if able:
        return max(able, key=_fullness).parties
    gathered = roster.union([c.parties for c in ordered])
    if best.act.action == "launched" and best.act.instrument == "alliance":
        return roster.union([gathered, *(roster.parties(_united(r)) for r in reads if r.order <= NEAR)])
    we = any("we" in w.tags for c in group for w in c.read.wording.words)
    if len(gathered) == 1 and publisher and we:
        return roster.union([gathered, [Party(name=publisher)]])
    if best.act.action == "joined":
        told = best.read.order <= LEAD and not _of_many(best)
    else:
        left = best.act.verb is not None and best.act.verb.value == "left" and bool(best.parties)
        told = we or left or any(not is_weak(c.act) for c in group) or "both" in best.read.wording.hits
    if told:
        return _gathered(gathered, best, reads, roster)
    return gathered


def _of_many(case: Case) -> bool:
    """`welcomes new members`: whoever stands near need not be one of them."""
    noun = case.act.noun
    return noun is not None and case.read.wording.words[noun.j - 1].low.endswith(("s", "er", "ern", "leden", "soci"))


def _gathered(own: list[Party], best: Case, reads: list[Read], roster: Roster) -> list[Party]:
    """An act that names one party or none: the others stand beside it in its sentence, in the one before or behind,
    or in the lead. More than four names are a crowd, not parties.
    """
    at = reads.index(best.read)
    near = [best.read, *reads[max(at - 1, 0) : at], *reads[at + 1 : at + 2]]
    lead = [r for r in reads if r.order <= LEAD]
    pools = ((near[:1], True), (near[:2], True), (near, False), (lead, False), (reads[at : at + 4], True), (lead, True))
    for pool, aside in pools:
        found = [
            m for r in pool for m in r.mentions
            if not m.person and (m.sure or m.name.j - m.name.i > 1) and (aside or m.slot != "aside")
        ]  # fmt: skip
        sure = [m for m in found if m.sure]
        for bodies in (found, sure) if own or best.read.block != TITLE else (sure,):
            more = roster.union([own, roster.parties(bodies)])
            if 2 <= len(more) <= 4 and any(m.sure for m in found):
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


def _event(
    best: Case, group: list[Case], cases: list[Case], parties: list[Party], reads: list[Read], article: Article
) -> PartnershipEvent | None:
    place = fold(opening_place(article))
    parties = [p for p in parties if p.acronym or p.organisation or fold(p.name) != place]
    bodies = [p for p in parties if p.acronym or p.organisation or " " in p.name]
    if len(bodies) > 1 and len(best.parties) < len(parties):  # gathered: a lone word beside two bodies is a place
        parties = [p for p in parties if p in bodies or not p.name.istitle()]
    if len(parties) < 2:
        return None
    parts = list(best.parts)
    if len(best.parties) < 2:
        parts = [p for p in parts if not p[0].startswith("names ") or "part" not in p[0]] + [
            ("parties stand elsewhere in the text", 0.14 if best.read.order <= LEAD else 0.06)
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
    day = act_date(group, reads, told, article)
    return PartnershipEvent(
        parties=tuple(parties), instrument=cast("Instrument", _instrument(group, best, reads)),
        action=cast("Action", _action(group, best)), date=day,

        since=since_when(cases, reads),
        announced=article.dateline or (told.fact if told else None) or article.published,
        until=until_when(group, reads),
        certainty="sure" if score >= SURE else "possible", score=score, because=tuple((why, round(points,
        2)) for why, points in parts),
        evidence=_evidence(best, group), place=place_of(group, reads, article), purpose=purpose_of(best, reads),
        signatories=signatories_of(group, reads),
    )  # fmt: skip


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
