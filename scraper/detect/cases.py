"""The acts of an article as cases: each with its sentence, the parties that stand to it, and the signs it bears.

What the signs weigh is in weighing.py; what becomes of the cases, in partnerships.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from scraper.detect.acts import ABOUT_OLD, Act
from scraper.detect.parties import Mention
from scraper.detect.reading import TITLE, Read
from scraper.detect.roster import Roster
from scraper.detect.vocabulary import Word
from scraper.detect.weighing import MONTHS_BEFORE, is_weak, party_signs, points
from scraper.detect.when import Found, dates, dates_of
from storage.records.article import Article, DateFact
from storage.records.partnership import Party


@dataclass(slots=True)
class Case:
    """An act in its sentence, with who does it and what speaks for and against it."""

    read: Read
    act: Act
    parties: list[Party]
    who: list[str]  # the signs of its parties
    signs: list[str]  # all others
    score: float = 0.0  # what they weigh together


def cases_of(reads: list[Read], roster: Roster, article: Article) -> list[Case]:
    """All acts of the article with their parties and signs; an act without parties takes those told before it of
    the same paper.
    """
    cases: list[Case] = []
    for read in reads:
        for act, signs in zip(read.acts, read.signs, strict=True):
            if act.negated or read.text.rstrip().endswith("?"):
                continue
            able = _parties_of(act, read)
            if len(able) == 1 and act.action != "joined":
                able = _split(able[0], read) or able
            joins = act.action == "joined" or (act.action == "ended" and act.noun is None)
            if joins and not _bodies_join(act, able, read):
                continue
            parties = roster.parties(able)
            told = _told_before(cases, reads, read, act, roster) if len(parties) < 2 and act.action != "joined" else []
            who = ["goes on about the same paper"] if told else party_signs(parties, able, weak=is_weak(act))
            cases.append(Case(read, act, told or parties, who, list(signs)))
    _mark_old(cases, article)
    _mark_title(cases)
    for case in cases:
        case.score = points(case.signs) + points(case.who)
    return cases


def _split(mention: Mention, read: Read) -> list[Mention]:
    """`Bewonersvereniging De Singel en Netbeheer Oost hebben`: a name with `and` inside, alone before its verb."""
    name, words = mention.name, read.wording.words
    if name.acronym:
        return []
    for k in range(name.i + 1, name.j - 1):
        if "and" in words[k].tags and words[k + 1].cap and (name.j - k > 2 or words[k + 1].acro):
            return [
                mention._replace(name=name._replace(i=i, j=j, text=read.wording.slice(i, j)))
                for i, j in ((name.i, k), (k + 1, name.j))
            ]
    return []


def _bodies_join(act: Act, able: list[Mention], read: Read) -> bool:
    """Bodies join bodies; people join too, as something. A bare `joins` needs a body on both sides of it."""
    words = read.wording.words
    verb = act.verb
    if verb is None:
        return True
    for k in range(verb.j, min(verb.j + 14, len(words) - 2)):
        role = any("roles" in w.tags for w in words[k + 1 : k + 5]) and not (act.noun and k < act.noun.i <= k + 4)
        if role and words[k].low in ("as", "als", "comme", "como", "come", "jako"):
            return False
    before = [m for m in able if m.name.i < verb.i]
    after = [m for m in able if m.name.i > verb.i]
    if act.action == "ended":
        leaves = [m for m in read.mentions if m.name.j <= verb.i and m.slot == "subject"]
        person = leaves and (leaves[-1].person or not _may_be_body(leaves[-1], words))
        alone = verb.value == "left" and verb.j - verb.i > 1 and bool(leaves) and leaves[-1].name.head
        return (len(able) > 1 or alone) and not person
    if act.noun is not None:
        many = words[act.noun.j - 1].low.endswith("s") and len(able) == 2
        return not many or all(m.sure for m in able)  # welcomes new members
    persons = any(
        m.person and m.name.i < verb.i and (m.slot == "subject" or verb.i - m.name.j < 2) for m in read.mentions
    )
    if persons or len(able) < 2 or (act.future and not read.wording.title):
        return False  # was selected to join
    joins, joined = (before[-1], after[0]) if before and after else able[-2:]
    return _may_be_body(joins, words) and (joined.sure or (joins.sure and joined.name.j - joined.name.i > 1))


def _may_be_body(mention: Mention, words: list[Word]) -> bool:
    """Tennis Australia, not Courtney Peterson."""
    run = words[mention.name.i : mention.name.j]
    return mention.sure or len(run) == 1 or any(w.tags & {"places", "inside"} for w in run)


def _mark_title(cases: list[Case]) -> None:
    """A headline leaves out what its lead says: that the act is only meant, that talks ended; and that it is long ago,
    if it does not even name the paper (one that does is for the ledger).
    """
    lead = [c for c in cases if c.read.block != TITLE and c.read.order <= 2]
    for case in cases:
        same = [c for c in lead if c.act.action == case.act.action] if case.read.block == TITLE else []
        if same and all(c.act.intended for c in same):
            case.act = replace(case.act, intended=True)
        if same and all(c.act.past for c in same) and case.act.noun is None:
            case.act = replace(case.act, past=True)


def _told_before(cases: list[Case], reads: list[Read], read: Read, act: Act, roster: Roster) -> list[Party]:
    """`The letter was renewed`, `both organisations agreed`: the parties of the act told last before it, or for `both`
    the two bodies of one of the two sentences before.
    """
    words = read.wording.words
    definite = act.noun is not None and act.noun.i > 0 and "articles" in words[act.noun.i - 1].tags
    both = "both" in read.wording.hits
    told = next((c.parties for c in reversed(cases) if len(c.parties) >= 2 and c.read is not read), [])
    if told or not both:
        return told if definite or both else []
    at = reads.index(read)
    named = (
        roster.parties(m for m in r.mentions if m.sure and not m.person) for r in reversed(reads[max(at - 2, 0) : at])
    )
    return next((parties for parties in named if len(parties) == 2), [])


def _mark_old(cases: list[Case], article: Article) -> None:
    """An act dated years before the article, or before a later act of the same article, is background."""
    day = article.published or article.dateline
    years = {  # a bare year beside a renewal or an end is when the paper began
        id(c): max((f.year for f in _told(c) if f.month or c.act.action not in ABOUT_OLD), default=0) for c in cases
    }
    told = [y for c in cases if (y := years[id(c)]) and not c.act.past and not c.act.intended]
    now = int(day.value[:4]) if day is not None else max(told, default=0)
    for case in cases:
        year = years[id(case)]
        if year and year < now - 1 and case.act.action != "joined" and not case.act.past:
            case.act = replace(case.act, past=True)
        elif day is not None and _months_before(case, day):
            case.signs.append(MONTHS_BEFORE)


def _told(case: Case) -> list[Found]:
    wording, act = case.read.wording, case.act
    at = act.verb.i if act.verb else act.i
    told = dates_of(wording, at)
    if act.action in ABOUT_OLD or told:
        return told
    first = [h.j for h in wording.hits.get("since", ()) if h.i >= at]  # signed their first agreement in 1998
    return [f for f in dates(wording) if any(0 <= f.i - j <= 3 for j in first)]


def _months_before(case: Case, day: DateFact) -> bool:
    """Whether the sentence dates its act over two months before the article: told late, as a year in review does."""
    facts = [f for found in _told(case) if found.month and (f := found.fact("text", day.earliest())) is not None]
    limit = date.fromisoformat(day.earliest()) - timedelta(days=62)
    return bool(facts) and max(f.latest() for f in facts) < limit.isoformat()


def _parties_of(act: Act, read: Read) -> list[Mention]:
    """The names that stand where parties stand: before the verb, or behind it with a preposition or as its object."""
    able = [m for m in read.mentions if not m.person and m.slot != "aside"]
    between = [m for m in able if m.slot == "between"]
    if len(between) >= 2:
        return between
    verb, noun = act.verb, act.noun
    if verb is None:
        return able
    if act.action == "ended" and noun is None:
        return [m for m in read.mentions if not m.person and (m.sure or m.slot == "object" or m.name.i < verb.i)]
    if act.action == "joined" or verb.value in ("joined", "cooperate"):  # admission to X, found a partner in X
        reach = 9 if act.action == "joined" else 3
        able = [
            m
            for m in read.mentions
            if not m.person and (m.slot != "aside" or verb.j <= m.name.i <= verb.j + (reach if m.sure else 3))
        ]
    if act.action == "launched" and act.instrument == "alliance" and noun is not None:
        able = [m for m in able if m.slot != "object" and not (m.name.i <= noun.j and noun.i <= m.name.j)]
    if noun is not None:
        able = [m for m in able if not m.name.i <= noun.i < m.name.j]
    if noun is not None and noun.value in ("partner", "sponsorship"):  # becomes main sponsor of X
        able += [m for m in read.mentions if m.slot == "aside" and not m.person and 0 <= m.name.i - noun.j <= 3]
    before = [m for m in able if m.name.i < verb.i]
    chosen = []
    for mention in able:
        behind = mention.name.i > verb.i
        loose = behind and mention.slot == "subject" and bool(before) and act.action not in ("joined",)
        if not loose:
            chosen.append(mention)
    return chosen
