"""What speaks for and against an act: signs by name, and what each weighs, in points that add up to a score.

The weights come from lexicon/weights.json, fitted by benchmarks/partnerships/train.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from scraper.detect.acts import SPECIFIC, Act
from scraper.detect.parties import Mention
from scraper.detect.reading import FAR, LEAD, NEAR, TITLE, Read
from scraper.detect.when import dates, dates_of
from storage.records.partnership import Party

POSSIBLE = 0.5  # the least score of an event
BASE = "what any text starts from"
MONTHS_BEFORE = "told months later"
AGREE = "title and text agree"
_ELSEWHERE = (
    "goes on about the same paper",
    "named by another sentence of it",
    "united in a body",
    "the publisher and another",
)
_PLACES = ((LEAD, "in the lead"), (NEAR, "near the top"), (FAR, "further down"))
_PAPERS = {"agreement": "names an agreement", "membership": "names a membership"}
_CEILING = 0.99
_PLURALS = frozenset([
    "mous", "mocs", "lois", "agreements", "partnerships", "alliances", "collaborations", "memoranda", "memorandos",
    "letters", "kooperationsvertrage", "umow", "akkoorden", "conventions", "convenios", "acuerdos", "accordi",
    "convenzioni", "protocolos", "acordos", "partenariats", "vertrage", "vereinbarungen", "accords", "contracts",
    "deals", "contrats", "contratos", "contratti",
])  # fmt: skip
_MONEY = re.compile(
    r"[€$£]\s?\d|\d\s?[€$£]|\d\s?(?:million|millones|milion|milj|mio|mln|euro|dollar|pound|USD|EUR)", re.I
)
_QUOTES = '"“„«'
_IN = frozenset({"in", "en", "em", "nel", "im", "w"})


@cache
def weights() -> dict[str, float]:
    """Points by sign. A sign that is not in the file weighs nothing."""
    raw: dict[str, float] = json.loads((files("scraper.detect") / "lexicon" / "weights.json").read_text("utf-8"))
    return raw


def points(signs: Iterable[str]) -> float:
    """What signs weigh together."""
    known = weights()
    return sum(known.get(sign, 0.0) for sign in signs)


def weighed(signs: list[str]) -> tuple[float, tuple[tuple[str, float], ...]]:
    """The score of an event, at most .99, and the parts that add up to it."""
    known = weights()
    parts = [(sign, round(known[sign], 2)) for sign in signs if known.get(sign)]
    total = sum(worth for _, worth in parts)
    for bound, name in ((_CEILING, "ceiling"), (0.0, "floor")):
        if (total > bound) if bound else (total < bound):
            parts.append((name, round(bound - total, 2)))
            total = bound
    return round(total, 2), tuple(parts)


def promise(reads: list[Read]) -> bool:
    """Whether acts can come to an event or a neighbour of one, whoever their parties are. Notes the signs of each."""
    title = reads[0] if reads and reads[0].block == TITLE else None
    agree = title is not None and any(title.acts) and any(read.acts for read in reads[1:])
    promised = False
    for read in reads:
        around = sentence_signs(read, title) if read.acts else []
        read.signs = [[*act_signs(act, read), *around] for act in read.acts]
        named = len(read.names) > 1 or any(name.j - name.i > 2 for name in read.names)
        most = _at_most(named, agree, title is not None)
        promised = promised or any(
            points(signs) + most >= POSSIBLE and not act.negated
            for act, signs in zip(read.acts, read.signs, strict=True)
        )
        hits = read.wording.hits
        neighbour = "merger" in hits or "statement" in hits or {"intended", "instruments"} <= hits.keys()
        promised = promised or (read.order <= LEAD and neighbour)
    return promised


@cache
def _at_most(named: bool, agree: bool, titled: bool) -> float:
    """What parties and the title can add to an act."""
    known = weights()
    who = [worth for sign, worth in known.items() if sign.startswith("parties stand") or sign in _ELSEWHERE]
    if named:
        who.append(known["names two parties or more"] + max(known["two of them surely a body"], 0.0))
    beside = [known[AGREE]] if agree else []
    beside += [known["the title names two of them"]] if titled else []
    return max(who) + sum(max(worth, 0.0) for worth in beside)


def act_signs(act: Act, read: Read) -> list[str]:
    """What was done, to what, and what its sentence says of it."""
    other = _other_kinds(act, read)
    told = {
        _place(read) + ", in everyday words": is_weak(act),
        "agreements in general": _general(act, read),
        "dated by a bare year": act.action != "joined" and _bare_year(read),
        "another kind of agreement": "itself" in other,
        "speaks of another kind of agreement": "beside" in other,
        "an intention beside it": "intended" in read.wording.hits and not act.intended,
        "dated to the day": any(f.month and f.day for f in dates_of(read.wording, act.verb.i if act.verb else act.i)),
    }
    return [BASE, *_done(act), *(sign for sign, holds in told.items() if holds)]


def _done(act: Act) -> list[str]:
    paper = "" if act.noun is None else _paper(act.instrument)
    if act.verb is None:
        what = "tie" if act.noun is not None and act.noun.kind == "ties" else "paper"
        return [f"a {what} and two bodies in one sentence", paper]
    if act.verb.value == "cooperate":
        return ["says they agreed to work together" if act.agreed else "says they work together"]
    done = "left" if act.verb.value == "left" else act.action
    none = "names no membership" if done in ("left", "joined") else "names no paper"
    return [f"says {done}", paper or none]


def _paper(instrument: str) -> str:
    if instrument in SPECIFIC:
        return "names the kind of paper"
    return _PAPERS.get(instrument, "names a partnership")


def is_weak(act: Act) -> bool:
    """Acts that everyday prose tells too: working together, a partnership begun, joining without membership."""
    if (
        (act.action in ("ended", "suspended", "renewed", "extended") and act.noun is not None)
        or act.instrument in SPECIFIC
        or act.agreed
    ):
        return False
    return act.instrument != "agreement" and not (act.action == "joined" and act.noun is not None)


def sentence_signs(read: Read, title: Read | None) -> list[str]:
    """Where a sentence stands, and what it and the title say beside any act."""
    hits = read.wording.hits
    titled = title.wording.hits if title is not None and read is not title else {}
    told = {
        _place(read): True,
        "speaks to its reader": "reader" in hits or (title is not None and _to_reader(title)),
        "another kind of agreement in the title": "genre" in titled,
        "a sum of money": _MONEY.search(read.text) is not None,
        "says the day of the week": any("weekdays" in w.tags for w in read.wording.words),
        "a merger": "merger" in hits or "merger" in titled,
        "a joint statement": "statement" in hits or "statement" in titled,
        "an intention in the title": "intended" in titled,
        "of today": "today" in hits or "yesterday" in hits,
    }
    return [sign for sign, holds in told.items() if holds]


def _place(read: Read) -> str:
    if read.block == TITLE:
        return "in the title"
    return next((place for last, place in _PLACES if read.order <= last), "far down")


def party_signs(parties: list[Party], able: list[Mention], *, weak: bool) -> list[str]:
    """How many parties an act names, and how sure they are bodies."""
    if len(parties) < 2:
        return ["names one party" if parties else "names no party"]
    sure = sum(m.sure for m in able)
    told = ["names two parties or more", f"{('none', 'one', 'two')[min(sure, 2)]} of them surely a body"]
    if weak and sure < 2:
        told.append("not both surely bodies, in everyday words")
    return told


def _to_reader(read: Read) -> bool:
    """Whether a title speaks to somebody, more than in thanks."""
    words = read.wording.words
    return any(not h.i or not words[h.i - 1].low.startswith("than") for h in read.wording.hits.get("reader", ()))


def _other_kinds(act: Act, read: Read) -> set[str]:
    """Whether words for a contract for goods, for wages, for a treaty are the act's own, or stand beside it."""
    named = [h for h in (act.verb, act.noun) if h is not None]
    own = {at for h in named for at in range(h.i - 3, h.j + 3)}
    strikes = act.verb and act.noun and act.noun.i >= act.verb.j  # strike a deal
    taken = {at for h in named if (strikes if h.kind == "verbs" else h.value) for at in range(h.i, h.j)}
    verbs = [v for v in read.wording.hits.get("verbs", ()) if v.j - v.i > 2]  # a new lease of life
    genre = read.wording.hits.get("genre", ())
    hits = [h for h in genre if h.i not in taken and not any(v.i <= h.i < v.j for v in verbs)]
    return {"itself" if h.i in own else "beside" for h in hits}


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
    if not any(mark in read.text for mark in _QUOTES):
        return False
    at = read.wording.span(act.i)[0]
    before = read.wording.text[:at]
    if "„" in before:
        return before.rfind("„") > max(before.rfind(mark) for mark in '“”"')
    return before.count('"') % 2 == 1 or any(before.count(o) > before.count(c) for o, c in ("“”", "«»"))
