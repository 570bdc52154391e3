"""Which names of a sentence are parties to its act: by their place in it, and by what they can be."""

from __future__ import annotations

from typing import NamedTuple

from scraper.detect.names import Name
from scraper.detect.vocabulary import Vocabulary, Word
from scraper.detect.wording import Wording

_SKIPPED = frozenset("\"'“”„«»(")
_BACK = 8  # words looked at before a name
_STATES = frozenset(("US", "UK", "EU", "UAE", "UN"))
_COMMON_NOUNS = ("ung", "heit", "keit", "schaft", "innen", "en", "er", "ern", "e", "tum")
_TELLING = frozenset({"verbs", "future", "background", "negation"})


class Mention(NamedTuple):
    """A name in its sentence: where it stands to the act, and how sure it is a body."""

    name: Name
    slot: str  # subject, with, between, by, object, aside
    parent: str = ""  # for an aside: the slot of what it belongs to
    sure: bool = False  # a body for certain: head word, legal form, acronym
    person: bool = False
    generic: bool = False  # a head word alone ("the Federation"): a body only where the text has one of that kind


def mentions(wording: Wording, names: list[Name], vocabulary: Vocabulary) -> list[Mention]:
    """All names of a sentence with their slots, left to right."""
    found: list[Mention] = []
    for number, name in enumerate(names):
        following = names[number + 1] if number + 1 < len(names) else None
        found.append(_mention(name, wording, found, following, vocabulary))
    return [m for m in found if not _nothing(m, wording, vocabulary)]


def _mention(
    name: Name, wording: Wording, before: list[Mention], following: Name | None, vocabulary: Vocabulary
) -> Mention:
    slot, parent, via_role = _slot(name, wording, before)
    person = not via_role and not name.head and not name.acronym and _person(name, wording, following)
    return Mention(name, slot, parent, sure=name.sure, person=person, generic=_is_generic(name, wording, vocabulary))


def _slot(name: Name, wording: Wording, before: list[Mention]) -> tuple[str, str, bool]:
    words = wording.words
    k = name.i - 1
    steps, article = 0, False
    while k >= 0 and steps < _BACK:
        word = words[k]
        if before and k < _after(before[-1].name, words):
            return _beside(before[-1], steps)
        if "between" in word.tags:
            return "between", "", False
        if "with" in word.tags and not (len(word.low) < 2 and word.cap):
            place = len(word.low) < 2 and not name.sure and name.j - name.i == 1 and before
            return "aside" if place else "with", "", False  # firmaron a Fleurance
        if "by" in word.tags:
            return "by", "", False
        if word.text == "," or "and" in word.tags:
            return _inherited(name, wording, before, k)
        if "articles" in word.tags or word.text in _SKIPPED:
            k, steps, article = k - 1, steps + 1, True
            continue
        if word.tags & {"inside", "aside"}:
            return _belongs(wording, before, k)
        if _verb(wording, k):
            return "object", "", False
        if "roles" in word.tags and "inside" in words[k + 1].tags and k + 1 < name.i:
            return _belongs(wording, before, k + 1)  # Präsidentin des ...
        if "roles" in word.tags or "honorifics" in word.tags:
            return "aside", "", False
        if not word.letters:
            return "subject", "", False
        if word.tags & {"common", "weekdays", "years"} or word.month or steps > 4 or article:
            return "subject", "", False
        k, steps = k - 1, steps + 1
    return "subject", "", False


def _after(name: Name, words: list[Word]) -> int:
    j = name.j
    if name.acronym and j < len(words):
        while j < len(words) and words[j].text not in ")]" and j < name.j + 6:
            j += 1
        j += 1
    return j


def _beside(previous: Mention, steps: int) -> tuple[str, str, bool]:
    """Right behind another name: an apposition of it; behind a place and an article a body of its own (`in Halle
    der Verband`).
    """
    if steps and previous.slot == "aside":
        return "subject", "", False
    return previous.slot, previous.parent, False


def _inherited(name: Name, wording: Wording, before: list[Mention], k: int) -> tuple[str, str, bool]:
    """After a comma or `and`: as the name before it, if that one is near; else it begins a clause."""
    words = wording.words
    if before:
        last = before[-1]
        between = words[_after(last.name, words) : k]
        near = len(between) <= 5 and not any(_verb(wording, at) for at in range(_after(last.name, words), k))
        if near and all(not w.letters or w.tags or not w.cap for w in between):
            if last.person and last.slot == "aside":
                return "subject", "", False
            if last.slot != "aside":
                return last.slot, last.parent, False
            places = name.j - name.i == 1 == last.name.j - last.name.i and not name.sure and not last.name.sure
            return ("aside", "", False) if places else (last.parent or "subject", "", False)  # in Jelgava and Umeå
    return "subject", "", False


def _belongs(wording: Wording, before: list[Mention], k: int) -> tuple[str, str, bool]:
    """`President of X`, `delegation of X`, `arm of X`: X stands where the role stands; anything else `of X` is an
    aside.
    """
    words = wording.words
    if before and before[-1].person and before[-1].name.j == k:
        return "subject", "", True  # Dev Patel of X
    at = k - 1
    while at >= 0 and (words[at].tags & {"articles", "inside", "honorifics"} or words[at].text == "'"):
        at -= 1
    is_of = "inside" in words[k].tags
    if (
        at >= 0
        and is_of
        and any(h.value == "membership" and h.i <= at < h.j for h in wording.hits.get("instruments", ()))
    ):
        return "object", "", True  # a member of X
    if at >= 0 and is_of and words[at].tags & {"roles", "organs"}:
        return "subject", "", True
    parent = ""
    while at >= 0 and k - at < _BACK and words[at].letters:
        if words[at].tags & {"with", "between", "by"}:
            parent = next(t for t in ("between", "with", "by") if t in words[at].tags)
            break
        at -= 1
    return "aside", parent, False


def _verb(wording: Wording, k: int) -> bool:
    return any(h.i <= k < h.j for h in wording.hits.get("verbs", ()))


def _person(name: Name, wording: Wording, following: Name | None) -> bool:
    """First name, initial, title or role beside it."""
    words = wording.words
    run = words[name.i : name.j]
    if len(run) > 2 and run[-1].acro and len(run[-1].text) == 2:
        run = run[:-1]  # Andrew Langdon QC
    if any(w.acro and "." not in w.text for w in run):
        return False
    if "first" in run[0].tags and len(run) > 1:
        return True
    if any(len(w.text) == 1 and w.cap for w in run) and len(run) > 2:
        return True
    before = words[name.i - 1] if name.i else None
    if before is not None and (
        before.tags & {"honorifics", "roles"}
        or (before.text == "." and name.i > 1 and "honorifics" in words[name.i - 2].tags)
    ):
        return True
    after = words[name.j + 1 : name.j + 5] if name.j + 1 < len(words) and words[name.j].text in (",", "(") else []
    return len(run) <= 4 and any("roles" in w.tags for w in after[:3])


def _nothing(mention: Mention, wording: Wording, vocabulary: Vocabulary) -> bool:
    """What can be no body: places, single words of no weight, events."""
    name = mention.name
    run = wording.words[name.i : name.j]
    content = [w for w in run if w.letters and not w.tags & {"inside", "articles", "and"}]
    if not content:
        return True
    if all("places" in w.tags for w in content) and not name.acronym:
        return True
    last = content[-1]
    if len(run) == 1 and last.text.isupper() and not last.acro:
        return True  # AI, C'est
    if any(h.i <= name.i and name.j <= h.j for h in wording.hits.get("both", ())):
        return True  # Strony: the parties
    if vocabulary.language == "de" and not mention.sure and any("inside" in w.tags for w in run):
        return True  # Festakt in der Aula
    if len(run) == 1 and "-" in last.text and any(part in _STATES for part in last.text.split("-")):
        return True  # US-UK
    if any(
        h.value == "membership" and h.j == name.j and h.j - h.i < name.j - name.i
        for h in wording.hits.get("instruments", ())
    ):
        return not mention.name.head
    if "events" in last.tags and "heads" not in last.tags and not name.acronym:
        return True
    return not mention.sure and _lone(name, content, wording, vocabulary)


def _beside_a_body(name: Name, wording: Wording) -> bool:
    """`der DSV und Viessmann`: a word that no ending marks as a common noun, coordinated with an acronym."""
    words = wording.words
    joined = (
        name.i > 1 and "and" in words[name.i - 1].tags and (words[name.i - 2].acro or words[name.i - 2].text == ")")
    )
    return joined and not words[name.i].low.endswith(_COMMON_NOUNS) and not words[name.i].tags


def _opens_clause(word: Word, behind: list[Word]) -> bool:
    """`Récemment, la ...`, `Patients, doctors and ...`: no body, of which an article or a name would follow."""
    adverb = word.low.endswith(("ment", "mente", "ly"))
    return adverb or (bool(behind) and not behind[0].cap and not behind[0].tags)


def _is_generic(name: Name, wording: Wording, vocabulary: Vocabulary) -> bool:
    """A head word alone: `Verbände`, `the Society`; a compound such as Genossenschaftsverband stands for a body."""
    if not name.head or name.acronym or name.j - name.i > 1:
        return False
    content = [w for w in wording.words[name.i : name.j] if w.letters and not w.tags & {"inside", "articles"}]
    if len(content) != 1 or content[0].acro or "heads" not in content[0].tags:
        return False
    tags = content[0].tags
    if vocabulary.compounds:
        return "generic" in tags or not ("bodies" in tags or len(content[0].low) >= 9)
    definite = name.i > 0 and "articles" in wording.words[name.i - 1].tags
    return definite or not vocabulary.lower_names


def _lone(name: Name, content: list[Word], wording: Wording, vocabulary: Vocabulary) -> bool:
    """A single capital that is an adjective, a noun of German, or the first word of a sentence."""
    if len(content) > 1:
        return False
    if vocabulary.language == "de":
        return not any(c.isupper() for c in content[0].text[1:]) and not _beside_a_body(name, wording)
    if "places" in content[0].tags or "common" in content[0].tags:
        return True
    after = wording.words[name.j] if name.j < len(wording.words) else None
    if after is None or not after.letters:
        if after is None or name.i:
            return False
        opens = after.text == "," and _opens_clause(content[0], wording.words[name.j + 1 : name.j + 2])
        return opens or after.text in ":!?."
    if name.i == 0 and after.tags & {"heads", "aside", "articles"} and not after.cap:
        return True  # Food agency, Notes on ..., Behind this ...
    begins = (*after.phrases, *(p for pair in after.pairs.values() for p in pair))
    return not (after.tags or after.month or any(p.kind in _TELLING for p in begins))
