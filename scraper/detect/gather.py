"""The parties of an event: those its best sentence names, else those gathered from the sentences around it."""

from __future__ import annotations

from scraper.detect.cases import Case
from scraper.detect.parties import Mention
from scraper.detect.reading import LEAD, NEAR, TITLE, Read
from scraper.detect.roster import Roster
from storage.records.partnership import Party

_MOST = 4  # gathered names; more are a crowd


def parties_of(
    best: Case, group: list[Case], reads: list[Read], roster: Roster, publisher: str
) -> tuple[list[Party], str]:
    """The parties of the event that `group` tells, and the sign of where they stand ("" where an act names them)."""
    ordered = sorted(group, key=lambda c: -c.score)
    able = [c for c in ordered if len(c.parties) >= 2]
    near = [c for c in able if c.score >= best.score - 0.3] or able
    if near:
        fullest = max(near, key=_fullness)
        return fullest.parties, "" if len(best.parties) > 1 else "named by another sentence of it"
    own = roster.union([c.parties for c in ordered])
    if best.act.action == "launched" and best.act.instrument == "alliance":
        more = roster.union([own, *(roster.parties(_united(r)) for r in reads if r.order <= NEAR)])
        if len(more) > 1:
            return more, "united in a body"
    if len(own) == 1 and publisher and any("we" in w.tags for c in group for w in c.read.wording.words):
        return roster.union([own, [Party(name=publisher)]]), "the publisher and another"
    if best.act.action == "joined" and (best.read.order > LEAD or _of_many(best)):
        return own, ""
    return _gathered(own, best, reads, roster)


def _of_many(case: Case) -> bool:
    """`welcomes new members`: whoever stands near need not be one of them."""
    noun = case.act.noun
    return noun is not None and case.read.wording.words[noun.j - 1].low.endswith(("s", "er", "ern", "leden", "soci"))


def _gathered(own: list[Party], best: Case, reads: list[Read], roster: Roster) -> tuple[list[Party], str]:
    """An act that names one party or none: the others stand beside it in its sentence, in the one before or behind,
    or in the lead.
    """
    at = next(k for k, read in enumerate(reads) if read is best.read)
    near = [best.read, *reads[max(at - 1, 0) : at], *reads[at + 1 : at + 2]]
    lead = [r for r in reads if r.order <= LEAD]
    pools = (
        (near[:1], True, "beside it in its sentence"), (near[:2], True, "in the sentence before"),
        (near, False, "in the sentences around it"), (lead, False, "in the lead"),
        (reads[at : at + 4], True, "behind it"), (lead, True, "in the lead, in passing"),
    )  # fmt: skip
    for pool, aside, where in pools:
        found = [
            m for r in pool for m in r.mentions
            if not m.person and (m.sure or m.name.j - m.name.i > 1) and (aside or m.slot != "aside")
        ]  # fmt: skip
        sure = [m for m in found if m.sure]
        for bodies in (found, sure) if own or best.read.block != TITLE else (sure,):
            more = roster.union([own, roster.parties(bodies)])
            if 2 <= len(more) <= _MOST and sure:
                return more, f"parties stand {where}"
    return own, ""


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
