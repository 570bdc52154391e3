"""What a sentence says was done: a verb and its instrument, and whether it was only meant, denied, or long ago."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from scraper.detect.names import Name
from scraper.detect.vocabulary import Word
from scraper.detect.wording import Hit, Wording

SPECIFIC = frozenset([
    "mou", "loi", "framework_agreement", "cooperation_agreement", "strategic_partnership", "joint_declaration",
    "sponsorship",
])  # fmt: skip
_WITH_MEMBERSHIP = frozenset({"joined", "ended", "suspended"})
_REACH = 20, 26  # words between a verb and its instrument, behind and before it
_MODAL_REACH = 7
_CLAUSE_ENDS = frozenset(",;:–—()")
_YEAR = re.compile(r"(?:19|20)\d\d$")
_AGREE = frozenset({"agre", "acor", "acue", "conv", "vere", "eini", "conc", "over", "uzgo"})
_BECOMING = (
    "beco", "beca", "welc", "admi", "devi", "devo", "wurd", "werd", "word", "wird", "dive", "zost", "wita", "torn",
    "acco", "accu", "acog", "name", "appo", "bena", "nomm", "nomb", "nomi", "nome", "is", "ist", "są", "jest", "geh",
    "sele", "chos", "choo", "pick", "gran",
)  # fmt: skip
_BECOMES = ("beco", "beca", "devi", "deve", "devo", "wurd", "werd", "word", "wird", "dive", "zost", "torn")
_JOINT = ("program", "proje", "proye")  # what bodies may have in common; a joint congress is no tie
_WHAT_FOR = frozenset({"to", "att"})
_TO = _WHAT_FOR | {"zu", "te", "aby", "pour", "per", "para"}  # before what a paper is for, as is "on"
_OF = frozenset({"of", "de", "du", "des", "d", "di", "del", "della", "dello", "do", "da", "van", "von"})
_BEHIND = frozenset({"nicht", "niet", "inte"})  # stand behind a finite verb: `stopt X niet`
_TAKEN_ON = frozenset({"membership", "sponsorship", "partner"})  # what a body becomes
_MEANS = frozenset(
    ("through", "via", "under", "thanks", "durch", "mediante", "tramite", "atraves", "poprzez", "dankzij", "grace")
)
_MANNER = frozenset({"in", "en", "em", "we", "w"})
_NOT_IN_NAMES = frozenset({"intended", "future", "background", "negation", "denial", "genre", "merger", "statement"})
# Verbs to which an old agreement is the natural object.
ABOUT_OLD = frozenset({"renewed", "extended", "ended", "suspended", "strengthened"})


@dataclass(frozen=True, slots=True)
class Act:
    """One thing said to be done. `instrument` is "partnership" for a bare tie and "agreement" where the kind is
    not named.
    """

    action: str
    instrument: str
    verb: Hit | None
    noun: Hit | None
    negated: bool = False
    intended: bool = False
    future: bool = False
    past: bool = False  # told as background
    agreed: bool = False  # "agreed to collaborate", not only "work together"

    @property
    def i(self) -> int:
        """Its first word."""
        return min(h.i for h in (self.verb, self.noun) if h is not None)


def acts(wording: Wording, names: list[Name], *, spare: str = "") -> list[Act]:
    """The acts of one sentence. `spare` is the instrument that sentences beside this one name, for a verb of renewing
    or ending that has none.
    """
    inside = {at for name in names for at in range(name.i, name.j)}
    _leave_names(wording, names)
    nouns = _nouns(wording, names, inside)
    lent = spare if len(names) > 1 and any(name.sure for name in names) else ""
    found = []
    for verb in wording.hits.get("verbs", ()):
        if verb.i in inside or _is_purpose(verb, nouns, wording):
            continue
        act = _act(verb, nouns, wording, names, lent)
        if act is not None:
            found.append(act)
    if not found:
        return _standing(nouns, wording, names)
    return found


def _is_purpose(verb: Hit, nouns: list[Hit], wording: Wording) -> bool:
    """`signed a memorandum to end the shortage`, `on equipment renewal`: what a paper is for, and not what was done."""
    signed = any(h.value == "signed" and h.i < verb.i for h in wording.hits["verbs"])
    papers = [h.j for h in nouns if h.j <= verb.i and (h.value in SPECIFIC or h.value == "agreement")]
    if verb.value not in ABOUT_OLD or not signed or not papers:
        return False
    words, paper = wording.words, max(papers)
    if any(paper <= h.i <= verb.j + 8 and not _broken(words, verb.j, h.i) for h in nouns):
        return False  # to extend their partnership
    for word in reversed(words[max(paper, verb.i - 4) : verb.i + 1]):
        if "and" in word.tags or word.low in _OF:
            return False  # a letter of renewal
        if "aside" in word.tags or word.low in _TO:
            return True
    return False


def _leave_names(wording: Wording, names: list[Name]) -> None:
    """A word of meaning inside a name means nothing: the Faculty of Advocates advocates nothing."""
    inside = {at for name in names if name.j - name.i > 1 for at in range(max(name.i, 1), name.j)}
    inside |= {name.i for name in names if wording.words[name.i].acro}  # WHO
    for kind in _NOT_IN_NAMES & wording.hits.keys():
        wording.hits[kind] = [hit for hit in wording.hits[kind] if hit.i not in inside]
        if not wording.hits[kind]:
            del wording.hits[kind]


def _standing(nouns: list[Hit], wording: Wording, names: list[Name]) -> list[Act]:
    """`A now has a memorandum with B`, `verbindet A und B ein Abkommen`: an instrument in a sentence with two bodies,
    whatever its verb.
    """
    papers = [h for h in nouns if (h.value in SPECIFIC or h.value == "agreement") and not _in_passing(h, wording)]
    bare = not wording.hits.keys() & {"verbs", "instruments"}
    papers = papers or [h for h in nouns if h.kind == "ties" and bare]
    if not papers or sum(name.sure for name in names) < 2:
        return []
    noun, hits = papers[0], wording.hits
    negated, intended, past = ("negation" in hits or "denial" in hits), "intended" in hits, "background" in hits
    if noun.kind == "ties":
        act = Act("announced", "partnership", None, noun)
        return [] if negated or intended or past else [act]
    return [Act("signed", noun.value, None, noun, negated=negated, intended=intended, past=past)]


def _nouns(wording: Wording, names: list[Name], inside: set[int]) -> list[Hit]:
    done = {h.value for h in wording.hits.get("verbs", ())}
    words = wording.words
    closing = {name.j for name in names} if "signed" in done else set()
    # founded the Night Train Alliance, signed the Night Charter, the Mutual Recognition Arrangement
    hits = [
        h for h in wording.hits.get("instruments", ())
        if h.i not in inside or (h.value == "alliance" and "launched" in done)
        or (h.value in ("joint_declaration", "agreement") and h.j in closing)
    ]  # fmt: skip
    taken = {at for h in hits for at in range(h.i, h.j)}
    genre = {at for h in wording.hits.get("genre", ()) if h.j - h.i > 1 for at in range(h.i, h.j)}
    ties = [
        h for h in wording.hits.get("ties", ())
        if h.i not in inside and h.i not in taken
        and not (h.i and words[h.i - 1].low in _MANNER)  # "in collaboration with" says how, not what
        and not (h.j < len(words) and "events" in words[h.j].tags and not words[h.j].low.startswith(_JOINT))
    ]  # fmt: skip
    return [h for h in hits + ties if h.i not in genre]


def _act(verb: Hit, nouns: list[Hit], wording: Wording, names: list[Name], spare: str) -> Act | None:
    left = verb.value == "left"
    action = "ended" if left else verb.value
    noun = None
    if action == "joined":
        noun = _membership(verb, nouns)
        if noun is not None and noun.value != "membership":
            action = "announced"  # becomes main sponsor, strategic partner
        elif noun is None and not _joins_a_body(verb, names, wording):
            return None
    elif action == "cooperate":
        if _holds_an_event(verb, wording):
            return None
    else:
        noun = _object(verb, nouns, wording)
        lent = (left and _leaves_a_body(verb, names, wording)) or (spare and action in ABOUT_OLD)
        if noun is None and not (lent or _done_together(verb, names, wording)):
            return None
    if action == "strengthened" and _in_passing(verb, wording):
        return None  # talked about closer cooperation
    instrument = spare if noun is None and spare and action != "cooperate" else _instrument(action, noun)
    if action in ("signed", "launched", "announced") and noun is not None:
        action = _by_adjective(wording, noun) or action
    if action == "cooperate" or (action == "signed" and _to_come(verb, wording)):
        action = "announced"
    negated = _negated(verb, noun, wording)
    if negated and action in ("renewed", "extended") and _near(wording, "negation", verb, 5):
        action, negated = "ended", False  # what was not renewed has run out
    return Act(
        action, instrument, verb, noun, negated=negated, intended=_intended(verb, noun, wording),
        future=_near(wording, "future", verb, 4), past=verb.value != "joined" and _past(verb, noun, wording),
        agreed=_agreed(verb, wording) or (noun is not None and noun.value == "partner"),
    )  # fmt: skip


def _holds_an_event(verb: Hit, wording: Wording) -> bool:
    """`will jointly hold a webinar`: over when it is over."""
    near = wording.words[verb.j : verb.j + 4]
    return any("events" in w.tags and not w.low.startswith(_JOINT) for w in near)


def _agreed(verb: Hit, wording: Wording) -> bool:
    """`agreed to collaborate`, `agreed on Tuesday to work together`."""
    words = wording.words
    before = (h for h in wording.hits["verbs"] if h.value == "signed" and 0 <= verb.i - h.j <= 5)
    return any(words[h.i].low[:4] in _AGREE and not _broken(words, h.j, verb.i) for h in (verb, *before))


def _membership(verb: Hit, nouns: list[Hit]) -> Hit | None:
    close = [h for h in nouns if h.value in _TAKEN_ON and (verb.i <= h.i <= verb.j + 14 or 0 <= verb.i - h.j <= 3)]
    return close[0] if close else None


def _joins_a_body(verb: Hit, names: list[Name], wording: Wording) -> bool:
    """`A joins B`: a name follows at once; becoming or welcoming alone says nothing."""
    behind = [n for n in names if verb.i < n.i <= verb.j + 9]
    low = wording.words[verb.j - 1].low
    if verb.j < len(wording.words) and "by" in wording.words[verb.j].tags:
        return False  # joined by an instructor
    if low.startswith(_BECOMES) and behind and behind[0].sure and any(n.sure and 0 <= verb.i - n.j <= 2 for n in names):
        between = wording.words[verb.j : behind[0].i]  # A becomes a partner institution of B
        return len(between) > 2 and not any("roles" in w.tags and w.low[:6] != "partne" for w in between)
    if low.startswith(_BECOMING):
        return len(behind) > 1 and behind[0].i <= verb.j + 2 and behind[0].sure  # welcome A to B
    return any(n.i <= verb.j + 4 for n in behind) or sum(n.j <= verb.i <= n.j + 9 for n in names) > 1


def _leaves_a_body(verb: Hit, names: list[Name], wording: Wording) -> bool:
    """`A leaves B`, `A ist aus B ausgetreten`: a body's name close behind a verb of leaving, or before it."""
    return any(
        (verb.j <= n.i <= verb.j + 4 or verb.i - 4 <= n.j <= verb.i)
        and (n.head or n.acronym or wording.words[n.i].acro)
        for n in names
    )


def _done_together(verb: Hit, names: list[Name], wording: Wording) -> bool:
    """`A and B have ended ...`, `set up by A and B`: two bodies side by side need no noun of the matter."""
    words = wording.words
    for one, other in pairwise(n for n in names if n.sure):
        beside = any("and" in w.tags for w in words[one.j : other.i]) and other.i - one.j <= 7
        before = other.j <= verb.i <= other.j + 8 and (verb.value in ABOUT_OLD or verb.value == "signed")
        behind = verb.j <= one.i <= verb.j + 12 and any("by" in w.tags for w in words[verb.j : min(one.i, verb.j + 3)])
        meeting = any("events" in w.tags for w in words[max(one.i - 4, 0) : one.i])  # the meeting between A and B ended
        if beside and (before or behind) and not meeting:
            return True
    return verb.value == "signed" and _signs_with(verb, names, wording)


def _signs_with(verb: Hit, names: list[Name], wording: Wording) -> bool:
    """`A has signed with B`."""
    before = any(n.sure and 0 <= verb.i - n.j <= 3 for n in names)
    words = wording.words[verb.j : verb.j + 3]
    return before and any(
        n.sure and verb.j < n.i <= verb.j + 3 and any("with" in w.tags for w in words[: n.i - verb.j]) for n in names
    )


def _object(verb: Hit, nouns: list[Hit], wording: Wording) -> Hit | None:
    """The instrument a verb is about: behind it if there is one near, else before it (passive)."""
    best: tuple[int, Hit] | None = None
    for noun in nouns:
        if noun.value == "partner" or (noun.value == "membership" and verb.value not in _WITH_MEMBERSHIP):
            continue
        after = noun.i >= verb.j or noun.i >= verb.i
        distance = noun.i - verb.j if after else verb.i - noun.j
        if noun.value == "membership" and (distance > 4 or (after and _broken(wording.words, verb.j, noun.i))):
            continue
        plain = noun.value not in SPECIFIC
        between = [h for h in wording.hits["verbs"] if verb.j + 2 < h.i and h.j <= noun.i]
        if (
            distance > _REACH[not after]
            or (after and between)
            or (after and any(w.low in _MEANS for w in wording.words[verb.j : noun.i]))
        ):
            continue
        rank = (
            max(distance, 0)
            + (0 if not plain else 4 if noun.value else 10)
            + (0 if after else 3)
            + (6 if noun.value == "membership" else 0)
        )
        if best is None or rank < best[0]:
            best = (rank, noun)
    return best[1] if best else None


def _instrument(action: str, noun: Hit | None) -> str:
    if action == "joined" or (action == "ended" and noun is None):
        return "membership"
    if noun is None:
        return "partnership"
    return noun.value if noun.value not in ("", "partner") else "partnership"


def _by_adjective(wording: Wording, noun: Hit) -> str:
    """`a renewed memorandum`: signed anew."""
    near = [h for h in wording.hits.get("adjectives", ()) if 0 <= noun.i - h.j <= 2]
    if not near:
        return ""
    return "extended" if wording.words[near[0].i].low.startswith(("ext", "verl", "prze")) else "renewed"


def _negated(verb: Hit, noun: Hit | None, wording: Wording) -> bool:
    if _near(wording, "negation", verb, 4) or wording.hits.get("denial"):
        return True
    behind = wording.words[verb.j : verb.j + 6]
    if any(w.low in _BEHIND for w in behind) and not _broken(wording.words, verb.j, verb.j + 6):
        return True
    return (
        noun is not None
        and noun.i > verb.i
        and any(verb.j <= h.i and 0 <= noun.i - h.j <= 1 for h in wording.hits.get("negation", ()))
    )


def _intended(verb: Hit, noun: Hit | None, wording: Wording) -> bool:
    words = wording.words
    papers = {at for h in wording.hits.get("instruments", ()) for at in range(h.i, h.j)}
    for hit in wording.hits.get("intended", ()):
        if hit.i in papers or (words[hit.i].month and words[hit.i].cap):
            continue  # an action plan, May
        if hit.i == 0 and hit.j <= 2 and not wording.title:
            return True  # Unless ..., If ...
        if hit.i <= verb.i < hit.j:
            return True  # are to sign
        if hit.j <= verb.i and verb.i - hit.j <= _MODAL_REACH and not _broken(words, hit.j, verb.i):
            return True
        if noun is not None and verb.j <= hit.i and hit.j <= noun.i <= hit.j + 5 and "and" not in words[hit.i - 1].tags:
            return True
    return False


def _to_come(verb: Hit, wording: Wording) -> bool:
    """`will sign`, `firmarán`: agreed and announced, not yet signed. A bare `to` says why people met as well."""
    words = wording.words
    return any(
        h.i <= verb.i < h.j or (0 <= verb.i - h.j < 4 and not _broken(words, h.j, verb.i))
        for h in wording.hits.get("future", ())
        if not (h.j - h.i == 1 and words[h.i].low in _WHAT_FOR)
    )


def _near(wording: Wording, kind: str, verb: Hit, reach: int) -> bool:
    return any(
        h.i < verb.i and 0 <= verb.i - h.j < reach and not _broken(wording.words, h.j, verb.i)
        for h in wording.hits.get(kind, ())
    )


def _broken(words: list[Word], i: int, j: int) -> bool:
    return any(w.text in _CLAUSE_ENDS for w in words[i:j])


def _past(verb: Hit, noun: Hit | None, wording: Wording) -> bool:
    words = wording.words
    if verb.value not in ABOUT_OLD and wording.hits.get("ago"):
        return True
    begun = wording.hits.get("since", ())
    behind = [w for h in begun if h.i > verb.i for w in words[h.j : h.j + 2]]
    if verb.value == "cooperate" and any(_YEAR.match(w.text) for w in behind):
        return True  # works with B since 2001
    since = {h.i for h in begun}
    for hit in wording.hits.get("background", ()):
        adjective = verb.value in ABOUT_OLD and hit.j - hit.i == 1 and hit.i > verb.i
        of_paper = verb.value in ABOUT_OLD and noun is not None and hit.j <= noun.i < verb.i  # bestehende ... beendet
        if adjective or of_paper or hit.i in since:
            continue
        before = hit.i < verb.i and verb.i - hit.j < 8 and not _broken(words, hit.j, verb.i)
        if before or (hit.i in (verb.j, verb.j + 1) and verb.value not in ABOUT_OLD):
            return True
    return False


def _in_passing(noun: Hit, wording: Wording) -> bool:
    """`a word about the agreement with B`, `on the basis of a memorandum`: not what the sentence tells."""
    words = wording.words
    means = any(w.low in _MEANS for w in words[max(noun.i - 2, 0) : noun.i])
    if noun.j < len(words) and "between" in words[noun.j].tags and not means:
        return False  # it stands in the framework agreement between A and B
    before = words[noun.i - 1].tags if noun.i else ()
    return "aside" in before or ("articles" in before and noun.i > 1 and "aside" in words[noun.i - 2].tags)
