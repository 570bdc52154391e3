"""What an event's sentences say beside who and what: its day, since when, how long, where, by whose hand, what for."""

from __future__ import annotations

import re

from scraper.detect.acts import ABOUT_OLD
from scraper.detect.cases import Case
from scraper.detect.parties import Mention
from scraper.detect.reading import NEAR, TITLE, Read
from scraper.detect.when import (
    Dateline,
    date_of_act,
    dates,
    dates_of,
    effective_date,
    is_end,
    since_of,
    until_of,
)
from scraper.detect.wording import Wording
from scraper.text import fold
from storage.records.article import Article, DateFact
from storage.records.partnership import Signatory

_TODAY = {"today", "yesterday"}
_PLACE = re.compile(r"([^\W\d_][\w .'’-]{1,30}?)(?:, [^\W\d_][\w .-]{1,20}?)?\s+[–—-]{1,2}\s")
_HAVE = frozenset({"have", "has", "haben", "hat", "ont", "a", "han", "ha", "hanno", "hebben", "heeft"})
_WHERE = frozenset({"in", "at", "a", "en", "em", "no", "na", "ad", "te", "w", "we", "i", "στην", "στη", "στο"})


def act_date(group: list[Case], reads: list[Read], told: Dateline | None, article: Article) -> DateFact | None:
    """The day a sentence gives for an act with an instrument; words of working together are dated by nothing."""
    days = (article.dateline, told.fact if told else None, article.published)
    reference = next((d.value for d in days if d is not None and d.precision == "day"), "")
    for case in sorted(group, key=lambda c: -c.score):
        at = case.act.verb.i if case.act.verb else case.act.i
        fact = date_of_act(case.read.wording, at, reference) if case.act.noun is not None else None
        if fact is not None and not (fact.precision == "year" and case.act.action in ABOUT_OLD):
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
    """`The ceremony took place on 3 November 2021`, `It was signed on ...`: in one of the next sentences."""
    last = max((c.read.order for c in group if c.act.noun is not None), default=-9)
    for read in reads:
        verbs = [h for h in read.wording.hits.get("verbs", ()) if h.value in ("signed", group[0].act.action)]
        told = [*verbs, *read.wording.hits.get("occasion", ())]
        if told and last - 1 <= read.order <= last + 2 and read.block != TITLE and not read.acts:
            fact = date_of_act(read.wording, told[0].i, "") if "intended" not in read.wording.hits else None
            if fact is not None and fact.precision == "day":
                return fact
    return None


def _is_title(read: Read) -> bool:
    return read.block == TITLE


def _by_dateline(group: list[Case], told: Dateline | None) -> DateFact | None:
    """An agency's dateline, place and day, dates the act that its own first words report as done: not as standing, as
    done lately, or as still to come.
    """
    if told is None or not told.place or told.fact is None or told.fact.precision != "day":
        return None
    for case in group:
        verb = case.act.verb
        if verb is None or case.read.order > 2 or _is_title(case.read) or case.act.noun is None:
            continue
        lately = case.read.wording.hits.get("lately") or _names_a_weekday(case.read.wording, verb.i)
        if lately or (case.act.action == "announced" and case.act.future):
            return None
        standing = verb.i > 0 and case.read.wording.words[verb.i - 1].low in _HAVE
        if case.act.action == "signed" or not standing:
            return told.fact
    return None


def _names_a_weekday(wording: Wording, verb: int) -> bool:
    """`signed on Friday`: another day than that of the release, mostly. One beside a date is the date's own."""
    own = {at for found in dates(wording) for at in range(found.i - 2, found.j + 2)}
    near = range(max(verb - 12, 0), min(verb + 16, len(wording.words)))
    return any("weekdays" in wording.words[at].tags and at not in own for at in near)


def since_when(cases: list[Case], reads: list[Read]) -> str | None:
    """The earliest year that a sentence about the tie gives for its beginning."""
    old = {c.read.order for c in cases if c.act.action in ABOUT_OLD}
    beside = {order + step for order in old for step in (-1, 0, 1)}
    told = [v for r in reads if r.order in beside and (v := since_of(r.wording))]
    for case in cases:
        wording, verb = case.read.wording, case.act.verb
        if case.act.past and not case.act.intended:
            told += [str(f.year) for f in dates(wording) if f.year]
        elif case.act.action in ABOUT_OLD and verb is not None and not case.act.intended:
            own = dates_of(wording, verb.i)
            told += [str(f.year) for f in dates(wording) if f.year and f not in own and not is_end(wording, f)]
    return min(told) if told else None


def until_when(group: list[Case], reads: list[Read]) -> str | None:
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


def place_of(group: list[Case], reads: list[Read], article: Article) -> str:
    """Where it was done: behind the act (`signed in Vienna`), else the place of the dateline."""
    orders = {case.read.order for case in group if case.act.noun is not None}
    for read in reads:
        words = read.wording.words
        told = read.order in orders or "occasion" in read.wording.hits
        for name in read.names if told and read.block != TITLE else ():
            run = words[name.i : name.j]
            known = all("places" in w.tags for w in run)
            verb = any(h.value in ("signed", "renewed", "extended") and 0 < name.i - h.j < 12
                       for h in read.wording.hits.get("verbs", ()))  # fmt: skip
            lone = len(run) == 1 and not run[0].acro and not run[0].tags
            if name.i and fold(words[name.i - 1].low) in _WHERE and (known or lone) and (verb or not read.acts):
                return name.text
    return opening_place(article)


def opening_place(article: Article) -> str:
    """The place that a text opens with, a dash behind it: "GHENT – The ..."."""
    found = _PLACE.match(next((block.text for block in article.blocks if block.kind == "paragraph"), ""))
    return found[1] if found else ""


def signatories_of(group: list[Case], reads: list[Read]) -> tuple[Signatory, ...]:
    """The persons in sentences that tell of signing, each with the role and the body that stand beside the name."""
    orders = {case.read.order for case in group if case.act.action in ("signed", "renewed", "extended")}
    found: dict[str, Signatory] = {}
    for read in reads:
        signing = any(h.value in ("signed", "renewed", "extended") for h in read.wording.hits.get("verbs", ()))
        near = any(0 <= read.order - order <= 2 for order in orders)
        for mention in read.mentions if signing and near and '"' not in read.text else ():
            if mention.person and mention.name.j - mention.name.i > 1:
                role, body = _role_of(mention, read)
                if role:
                    found.setdefault(mention.name.text, Signatory(name=mention.name.text, role=role, organisation=body))
    return tuple(found.values())[:8]


def _role_of(person: Mention, read: Read) -> tuple[str, str]:
    """`Anna Berg, president of the Society,` and `President Anna Berg`: the words of the role, and the body behind."""
    words, i, j = read.wording.words, person.name.i, person.name.j
    start = i
    while (start and words[start - 1].tags & {"roles", "honorifics"}) or (start and words[start - 1].text == "."):
        start -= 1
    before = [k for k in range(start, i) if "roles" in words[k].tags]
    at = j + 1 if j + 1 < len(words) and words[j].text in (",", "(") else 0
    while at and at < len(words) and words[at].tags & {"articles"} and "roles" not in words[at].tags:
        at += 1
    end = at
    while (
        at
        and end < len(words)
        and words[end].letters
        and (words[end].tags & {"roles", "inside", "and"} and end - at < 6)
    ):
        end += 1
    while end > at and "roles" not in words[end - 1].tags:
        end -= 1
    bodies = [m for m in read.mentions if not m.person and 0 <= m.name.i - max(end, j) <= 4]
    role = read.wording.slice(at, end) if end > at else read.wording.slice(before[0], before[-1] + 1) if before else ""
    return role, bodies[0].name.text if bodies and end > at else ""


def purpose_of(best: Case, reads: list[Read]) -> str:
    """The sentence that says what the tie is for, in the text's own words: the act's own or one of the next."""
    behind = [r for r in reads if r.block != TITLE and 0 <= r.order - best.read.order <= 3]
    return next((r.text for r in behind if "purpose" in r.wording.hits and not r.text.endswith("?")), "")
