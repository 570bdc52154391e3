"""From an Article to the partnerships it announces: title, deck, lead and body are read, and each find says why.

Sentences are read in reading.py and weighed in weighing.py; here they are made one event with its neighbours.
What a ledger holds of earlier pages is left to ledger.py.
"""

from __future__ import annotations

from typing import cast

from scraper.detect.acts import SPECIFIC
from scraper.detect.cases import Case, cases_of
from scraper.detect.facts import act_date, opening_place, place_of, purpose_of, signatories_of, since_when, until_when
from scraper.detect.gather import parties_of
from scraper.detect.organisations import Registry, host_of, key_of
from scraper.detect.reading import LEAD, TITLE, Read, Reader
from scraper.detect.roster import Roster
from scraper.detect.weighing import AGREE, MONTHS_BEFORE, POSSIBLE, is_quoted, is_weak, promise, weighed
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
    told, related = _read(article, registry or Registry.default(), publisher)
    events = [event for event, _ in told if event.score >= POSSIBLE]
    return Findings(events=tuple(sorted(events, key=lambda event: -event.score)), related=related)


def candidates(article: Article) -> list[tuple[PartnershipEvent, list[str]]]:
    """All that might be an event of an article, with the signs it is weighed by: what the weights are fitted to."""
    return _read(article, Registry.default(), "", thorough=True)[0]


def _read(
    article: Article, registry: Registry, publisher: str, *, thorough: bool = False
) -> tuple[list[tuple[PartnershipEvent, list[str]]], tuple[RelatedEvent, ...]]:
    reader = Reader.of(article)
    if not promise(reader.reads) and not thorough:
        return [], ()
    reads = reader.read_on()
    roster = Roster(registry, host_of(article.canonical or article.url))
    for read in reads:
        roster.learn(read.wording, read.mentions)
    for acronym in roster.undefined(m for read in reads if read.acts for m in read.mentions)[:8]:
        reader.look_for_definition(acronym, roster)
    roster.settle()
    cases = cases_of(reads, roster, article)
    return _events(cases, reads, roster, article, publisher or article.site_name), _related(cases, reads, roster)


# --- events


def _events(
    cases: list[Case], reads: list[Read], roster: Roster, article: Article, publisher: str
) -> list[tuple[PartnershipEvent, list[str]]]:
    alive = [c for c in cases if not c.act.intended and not c.act.past]
    found = []
    parted = _parted(alive, roster)
    starts = sorted(min(c.read.order for c in told) for told in parted)
    for told in parted:
        best = max(told, key=lambda c: (c.score, -c.read.order))
        group = [c for c in told if c is best or c.score >= best.score - 0.45]
        start = min(c.read.order for c in told)
        end = next((later for later in starts if later > start), 10**6)
        own = reads if len(parted) == 1 else [r for r in reads if start <= r.order < end]
        parties, where = parties_of(best, group, own, roster, publisher)
        parties = _without_places(parties, best, article)
        if len(parties) > 1:
            signs = _signs(best, group, where, parties, reads)
            found.append((_event(best, group, cases if own is reads else told, parties, own, article, signs), signs))
    return found


def _signs(best: Case, group: list[Case], where: str, parties: list[Party], reads: list[Read]) -> list[str]:
    """All signs of an event: its best sentence's, where its parties stand, and what the title says."""
    signs = [*best.signs, *([where] if where else best.who)]
    if where and is_weak(best.act):
        signs.append("everyday words, and parties elsewhere")
    blocks = {c.read.block for c in group}
    if TITLE in blocks and len(blocks) > 1:
        signs.append(AGREE)
    title = " ".join(w.low for w in reads[0].wording.words) if reads[0].block == TITLE else ""
    named = sum(_in_title(party, title) for party in parties)
    if title:
        signs.append(f"the title names {('none', 'one', 'two')[min(named, 2)]} of them")
    return signs


def _in_title(party: Party, title: str) -> bool:
    first = next(iter(key_of(party.name).split()), party.name)
    return first in title or (party.acronym != "" and fold(party.acronym) in title)


def _without_places(parties: list[Party], best: Case, article: Article) -> list[Party]:
    """Without the place of the dateline; where parties were gathered, a lone word beside two bodies is a place, too."""
    place = fold(opening_place(article))
    parties = [p for p in parties if p.acronym or p.organisation or fold(p.name) != place]
    bodies = [p for p in parties if p.acronym or p.organisation or " " in p.name]
    inner = [f"{key_of(p.name)} ".partition(" ")[2] for p in bodies]  # Minsk beside the Institute of Minsk
    parties = [p for p in parties if p.acronym or not any(f" {key_of(p.name)} " in f" {rest}" for rest in inner)]
    if len(bodies) > 1 and len(best.parties) < len(parties):
        return [p for p in parties if p in bodies or not p.name.istitle()]
    return parties


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


def _event(
    best: Case,
    group: list[Case],
    cases: list[Case],
    parties: list[Party],
    reads: list[Read],
    article: Article,
    signs: list[str],
) -> PartnershipEvent:
    score, because = weighed(signs)
    told = dateline_of([r.wording for r in reads if r.block >= 0 and r.order <= 3][:3])
    day = act_date(group, reads, told, article)
    return PartnershipEvent(
        parties=tuple(parties), instrument=cast("Instrument", _instrument(group, best, reads)),
        action=cast("Action", _action(group, best)), date=day,

        since=since_when(cases, reads),
        announced=article.dateline or (told.fact if told else None) or article.published,
        until=until_when(group, reads),
        certainty="sure" if score >= SURE and MONTHS_BEFORE not in signs else "possible", score=score, because=because,
        evidence=_evidence(best, group), place=place_of(group, reads, article), purpose=purpose_of(best, reads),
        signatories=signatories_of(group, reads),
    )  # fmt: skip


def _instrument(group: list[Case], best: Case, reads: list[Read]) -> str:
    """The most specific instrument of the strongest sentences; a plain agreement takes a name that the text gives
    it elsewhere.
    """
    order = sorted(group, key=lambda c: -c.score)
    if best.act.action == "joined":
        return best.act.instrument
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
    strong = [c.act.action for c in group if c.score >= min(best.score - 0.3, 0.55)]
    return min(strong, key=_RANK.index)


def _evidence(best: Case, group: list[Case]) -> tuple[Evidence, ...]:
    """The sentences that convinced us, those with a named instrument first; what only speaks of working together
    comes last or not.
    """
    strong = [c for c in group if c is best or len(c.parties) >= 2]
    ordered = sorted(strong, key=lambda c: (c.act.instrument not in SPECIFIC, c is not best, -c.score))
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
