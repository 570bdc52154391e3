"""What speaks for and against each act of an article, in parts that add up; and who its parties are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from scraper.detect.acts import ABOUT_OLD, SPECIFIC, Act
from scraper.detect.parties import Mention
from scraper.detect.reading import LEAD, NEAR, TITLE, Read
from scraper.detect.roster import Roster
from scraper.detect.when import Found, dates, dates_of
from storage.records.article import Article, DateFact
from storage.records.partnership import Party

POSSIBLE = 0.5  # the least score of an event
_AT_MOST = 0.44  # what parties, the opening, and title and text agreeing, can add
_PLURALS = frozenset([
    "mous", "mocs", "lois", "agreements", "partnerships", "alliances", "collaborations", "memoranda", "memorandos",
    "letters", "kooperationsvertrage", "umow", "akkoorden", "conventions", "convenios", "acuerdos", "accordi",
    "convenzioni", "protocolos", "acordos", "partenariats", "vertrage", "vereinbarungen", "accords", "contracts",
    "deals", "contrats", "contratos", "contratti",
])  # fmt: skip
_IN = frozenset({"in", "en", "em", "nel", "im", "w"})
_TAKES_IN = ("admi", "receiv")  # the body that admits may stand elsewhere
# For an instrument that is named for sure, and for a plain tie or agreement.
_WEIGHTS = {
    "signed": (0.44, 0.30),
    "renewed": (0.46, 0.38),
    "extended": (0.44, 0.34),
    "ended": (0.44, 0.34),
    "suspended": (0.46, 0.36),
    "launched": (0.36, 0.24),
    "announced": (0.34, 0.26),
    "strengthened": (0.28, 0.26),
    "joined": (0.36, 0.36),
}


@dataclass(slots=True)
class Case:
    """An act in its sentence, with who does it and what speaks for and against it."""

    read: Read
    act: Act
    parties: list[Party]
    parts: list[tuple[str, float]]

    @property
    def score(self) -> float:
        return sum(points for _, points in self.parts)


def cases_of(reads: list[Read], roster: Roster, article: Article) -> list[Case]:
    """All acts of the article with their parties and parts; an act without parties takes those told before it of
    the same paper.
    """
    cases: list[Case] = []
    denied = any(act.negated for read in reads if read.order <= NEAR for act in read.acts)
    for read in reads:
        for act in read.acts:
            if act.negated:
                continue
            able = _parties_of(act, read)
            if len(able) == 1 and not act.negated and act.action != "joined":
                able = _split(able[0], read) or able
            if (act.action == "joined" or (act.action == "ended" and act.noun is None)) and not _bodies_join(
                act, able, read
            ):
                continue
            parties = roster.parties(able)
            told = _told_before(cases, read, act) if len(parties) < 2 and act.action != "joined" else []
            who = ("goes on about the same paper", 0.2) if told else _parties_part(parties)
            parts = [_act_part(act), _place_part(read, act), who, *_objections(act, read, reads)]
            if read.order > LEAD and act.instrument not in SPECIFIC and able and not any(m.sure for m in able):
                parts.append(("no name is surely a body", -0.12))
            if told and act.instrument in SPECIFIC and any(f.month and f.year for f in dates(read.wording)):
                parts.append(("dates a paper named by kind", 0.14))
            if denied and act.verb is None:
                parts.append(("denied in the text", -0.5))
            if 1 <= read.order <= LEAD and is_weak(act) and len(able) > 1 and _bodies(able, far=read.order > 1):
                parts.append(("bodies, in the lead", 0.08))
            cases.append(Case(read, act, told or parties, [p for p in parts if p[1]]))
    _mark_old(cases, article)
    _mark_title(cases)
    return cases


def _split(mention: Mention, read: Read) -> list[Mention]:
    """`Bewonersvereniging De Singel en Netbeheer Oost hebben`: a name with `and` inside, alone before its verb."""
    name, words = mention.name, read.wording.words
    if name.acronym or any(m.sure and m is not mention for m in read.mentions):
        return []
    for k in range(name.i + 1, name.j - 1):
        if "and" in words[k].tags and words[k + 1].cap and (name.j - k > 2 or words[k + 1].acro):
            return [
                replace(mention, name=name._replace(i=i, j=j, text=read.wording.slice(i, j)))
                for i, j in ((name.i, k), (k + 1, name.j))
            ]
    return []


def promises(read: Read, reads: list[Read]) -> bool:
    """Whether a sentence's acts can come to an event or a neighbour of one, whoever its parties are."""
    for act in read.acts:
        parts = [_act_part(act), _place_part(read, act), *_objections(act, read, reads)]
        if not act.negated and (act.intended or act.past or sum(p for _, p in parts) + _AT_MOST >= POSSIBLE):
            return True
    hits = read.wording.hits
    return read.order <= LEAD and (
        "merger" in hits or "statement" in hits or {"intended", "instruments"} <= hits.keys()
    )


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
        person = leaves and (leaves[-1].person or not (leaves[-1].sure or leaves[-1].name.j - leaves[-1].name.i == 1))
        alone = verb.value == "left" and verb.j - verb.i > 1 and bool(leaves) and leaves[-1].name.head
        return (len(able) > 1 or alone) and not person
    if act.noun is not None:
        return True
    persons = any(m.person and m.name.i < verb.i and m.slot == "subject" for m in read.mentions)
    if words[verb.i].low.startswith(_TAKES_IN) and after and after[0].sure and not persons:
        return True
    if persons or len(able) < 2 or (act.future and not read.wording.title):
        return False  # was selected to join
    joins, joined = (before[-1], after[0]) if before and after else able[-2:]
    run = words[joins.name.i : joins.name.j]
    body = joins.sure or len(run) == 1 or any(w.tags & {"places", "inside"} for w in run)  # no Courtney Peterson
    return body and (joined.sure or (joins.sure and joined.name.j - joined.name.i > 1))


def _bodies(able: list[Mention], *, far: bool) -> bool:
    """One sure body, or, in the first sentence, no name of a single word."""
    return any(m.name.head for m in able) or (not far and all(m.name.j - m.name.i > 1 for m in able))


def _mark_title(cases: list[Case]) -> None:
    """A headline leaves out what its lead says: that the act is only meant, or that talks ended."""
    lead = [c for c in cases if c.read.block != TITLE and c.read.order <= 2]
    for case in cases:
        if case.read.block == TITLE and not case.act.intended:
            same = [c for c in lead if c.act.action == case.act.action]
            if same and all(c.act.intended for c in same):
                case.act = replace(case.act, intended=True)
                case.parts.append(("only intended, says the lead", -0.5))


def _told_before(cases: list[Case], read: Read, act: Act) -> list[Party]:
    """`The letter was renewed`, `both organisations agreed`: the parties of the act told last before it."""
    words = read.wording.words
    definite = act.noun is not None and act.noun.i > 0 and "articles" in words[act.noun.i - 1].tags
    if not (definite or read.wording.hits.get("both")):
        return []
    return next((c.parties for c in reversed(cases) if len(c.parties) >= 2 and c.read is not read), [])


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
            case.parts.append(("years before", -0.5))
        elif day is not None and _months_before(case, day):
            case.parts.append(("months before", -0.2))


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
        able = [m for m in read.mentions if not m.person and (m.slot != "aside" or verb.j <= m.name.i <= verb.j + (reach if m.sure else 3))]
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


def _act_part(act: Act) -> tuple[str, float]:
    specific = act.instrument in SPECIFIC
    what = act.instrument.replace("_", " ")
    if act.verb is None:
        return (f"names {what} between them", 0.34 if specific else 0.26)
    if act.verb.value == "cooperate":
        return ("says they agreed to work together", 0.32) if act.agreed else ("says they work together", 0.23)
    points = _WEIGHTS[act.action][0 if specific else 1]
    if act.noun is None:
        points = {"ended": 0.38, "joined": 0.36}.get(act.action, 0.26)
    return (f"says {act.action}: {what}", points)


def is_weak(act: Act) -> bool:
    """Acts that everyday prose tells too: working together, a partnership begun, joining without membership."""
    if (
        (act.action in ("ended", "suspended", "renewed", "extended") and act.noun is not None)
        or act.instrument in SPECIFIC
        or act.agreed
    ):
        return False
    return act.instrument != "agreement" and not (act.action == "joined" and act.noun is not None)


def _place_part(read: Read, act: Act) -> tuple[str, float]:
    if read.block == TITLE:
        return ("in the title", 0.24)
    if read.order <= LEAD:
        return ("in the lead", 0.0 if is_weak(act) else 0.2)
    weight = (0.02 if is_weak(act) else 0.1) if read.order <= NEAR else -0.04 if read.order <= 14 else -0.16
    return ("near the top" if read.order <= NEAR else "far down", weight - (0.16 if is_weak(act) else 0))


def _parties_part(parties: list[Party]) -> tuple[str, float]:
    if len(parties) >= 2:
        return ("names two parties or more", 0.26)
    return ("names one party", 0.08) if parties else ("names no party", -0.06)


def _objections(act: Act, read: Read, reads: list[Read]) -> list[tuple[str, float]]:
    hits = read.wording.hits
    titled = reads[0].block == TITLE
    title = reads[0].wording.hits if titled else {}
    parts = [
        ("only intended", -0.5 if act.intended else 0.0),
        ("told as background", -0.5 if act.past else 0.0),
        ("in somebody's mouth", -0.12 if is_quoted(act, read) else 0.0),
        ("speaks to its reader", -0.4 if "reader" in hits or (titled and _to_reader(reads[0])) else 0.0),
        ("agreements in general", -0.5 if _general(act, read) else 0.0),
        ("dated by a bare year", -0.4 if act.action not in ("joined",) and _bare_year(read) else 0.0),
        ("a question", -0.5 if read.text.rstrip().endswith("?") else 0.0),
        (
            "another kind of agreement",
            -0.45 if _of_another_kind(read) or (titled and _of_another_kind(reads[0])) else 0.0,
        ),
        ("a merger", -0.3 if "merger" in hits or "merger" in title else 0.0),
        ("a joint statement", -0.5 if "statement" in hits or "statement" in title else 0.0),
    ]
    return [p for p in parts if p[1]]


def _to_reader(read: Read) -> bool:
    """Whether a title speaks to somebody, more than in thanks."""
    words = read.wording.words
    return any(not h.i or not words[h.i - 1].low.startswith("than") for h in read.wording.hits.get("reader", ()))


def _of_another_kind(read: Read) -> bool:
    """Whether it speaks of a contract for goods, of wages, of a treaty, in its own words and not in a body's name."""
    inside = [range(n.i, n.j) for n in read.names if n.head]
    return any(not any(h.i in name for name in inside) for h in read.wording.hits.get("genre", ()))


def _general(act: Act, read: Read) -> bool:
    """`conclude MoUs with regional bodies`: a plural without a number is no single act."""
    if act.noun is None or act.noun.value in ("membership", "sponsorship"):
        return False
    words = read.wording.words
    last = words[act.noun.j - 1]
    plural = last.low in _PLURALS or words[act.noun.i].low in _PLURALS
    return plural and not any(0 < w.count < 10 for w in words[max(act.noun.i - 3, 0) : act.noun.i])


def _bare_year(read: Read) -> bool:
    """`In 2016 they signed`: news says the day; a year alone belongs to a history."""
    found = [f for f in dates(read.wording) if f.year]
    return bool(found) and all(not f.month for f in found) and found[0].i <= 2 and read.wording.words[0].low in _IN


def is_quoted(act: Act, read: Read) -> bool:
    """Whether the act stands behind an opening quotation mark: what people say of a paper names it loosely."""
    at = read.wording.spans[act.i][0]
    before = read.wording.text[:at]
    if "„" in before:
        return before.rfind("„") > max(before.rfind(mark) for mark in '“”"')
    return before.count('"') % 2 == 1 or any(before.count(o) > before.count(c) for o, c in ("“”", "«»"))
