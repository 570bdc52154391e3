"""Direct speech in the body: the words, who says them, in which role and for whom; in eight languages."""

from __future__ import annotations

import re
from collections.abc import Sequence

from scraper.parse.data import load
from storage.records.article import Block, Quote

_PAIRS = {"“": "”“", "„": "“”", "«": "»", "»": "«", '"': '"', "‟": "”", "”": "”"}
_ANY_MARK = re.compile('["“„«»‟]')  # a plain set of characters is found many times faster
_MARK = re.compile(r"[“„«»‟]|(?<!\w)\"")
_VERBS: frozenset[str] = frozenset(load("vocabulary")["verbs"])
_WORD = re.compile(r"[^\W\d_]+")
_TITLES = r"(?:(?:Mr|Mrs|Ms|Dr|Prof|Professor|Sir|Dame|Herr|Frau|Univ|MEP|Mme|Dott|Ing|Doctor|Prof\.ssa|dr|prof|hab|inż|med|rer|nat)\.?[\s-]+)*"  # noqa: E501
_CAP = r"[A-ZÀ-ÖØ-ÞĀ-ŽА-Я][\w'’.-]*"
_LINK = r"(?:de|la|le|van|von|der|den|ter|ten|di|da|do|dos|del|della|du|zu|zur|al|el|bin|ibn|y|e|af|av)"
_NAME = re.compile(rf"({_TITLES}{_CAP}(?:\s+{_LINK}){{0,2}}(?:\s+{_CAP}|\s+{_LINK}\s+{_CAP}){{1,4}})")
_ROLE_WORD = re.compile(
    r"\b(?:president|chair|ceo|cfo|cto|coo|director|head|secretary|manager|officer|minister|commissioner|professor|founder|partner|"
    r"lead(?:er)?|chief|member|spokes\w+|executive|vice|treasurer|coordinator|dean|editor|analyst|advis[eo]r|"
    r"präsident\w*|vorsitzende\w*|vorstand\w*|geschäftsführer\w*|leiter\w*|sprecher\w*|direktor\w*|generalsekretär\w*|chef\w*|"
    r"présidente?|directeur|directrice|responsable|secrétaire|délégué\w*|porte-parole|"
    r"president[ea]|directora?|secretari[oa]|portavoz|consejer[oa]|gerente|jefe|"
    r"presidente|direttore|direttrice|segretari[oa]|responsabile|amministrat\w+|"
    r"voorzitter|directeur|bestuurder|woordvoerder|secretaris|"
    r"diretora?|secretári[oa]|porta-voz|prezes\w*|dyrektor\w*|przewodniczą\w*|wiceprezes\w*|rzecznik\w*)\b",
    re.I,
)  # fmt: skip
_OF = re.compile(
    r"\s+(?:of the|of|at the|at|for the|for|der|des|von der|von|vom|beim|bei|de la|de l['’]|du|des|de|del|della|dell['’]|di|van de|van het|van|bij|do|da|dla|w)\s+(?=[A-ZÀ-ÞŁŚŻ])"  # noqa: E501
)
_ORGANISATION = re.compile(r"^((?:[A-Z][\w&.-]*[A-Z][\w&.-]*|[A-Z]{2,})(?:['’]s)?)\s+(?=\S)")
_MIN_WORDS = 4


def read_quotes(blocks: Sequence[Block]) -> tuple[Quote, ...]:
    """All quotations of the body with a speaker, in order; one that runs on in the next paragraph is one."""
    quotes: list[Quote] = []
    paragraphs = [block.text for block in blocks if block.kind in ("paragraph", "quote", "list")]
    speaker: tuple[str, str, str] | None = None
    for at, text in enumerate(paragraphs):
        if not _ANY_MARK.search(text):
            continue
        for start, end, words, open_ended in _spans(text):
            if open_ended and at + 1 < len(paragraphs):
                more = paragraphs[at + 1].lstrip()
                if more[:1] in _PAIRS:
                    words = f"{words} {_up_to_close(more)}"
            if words.count(" ") + 1 < _MIN_WORDS:
                continue
            found = _speaker_of(text, start, end) or _continued(text, start, end, speaker)
            if found is None:
                continue
            speaker = found
            if quotes and quotes[-1].speaker == found[0] and quotes[-1].text.endswith(words):
                continue
            quotes.append(Quote(speaker=found[0], role=found[1], organisation=found[2], text=words))
    return tuple(quotes)


def _spans(text: str) -> list[tuple[int, int, str, bool]]:
    """(start, end, words, still open) of each quotation in a paragraph."""
    spans, at = [], 0
    while (mark := _MARK.search(text, at)) is not None:
        at = mark.start()
        close = min((i for i in (text.find(c, at + 1) for c in _PAIRS[mark[0]]) if i > 0), default=-1)
        if close < 0:
            spans.append((at, len(text), text[at + 1 :].strip(), True))
            break
        spans.append((at, close + 1, text[at + 1 : close].strip(), False))
        at = close + 1
    return spans


def _verb(text: str) -> re.Match[str] | None:
    """The first verb of speech; a set of words is asked many times faster than a long alternation."""
    return next((word for word in _WORD.finditer(text) if word[0].lower() in _VERBS), None)


def _before_verb(text: str) -> str:
    verb = _verb(text)
    return text[: verb.start()] if verb else text


def _up_to_close(text: str) -> str:
    close = min((i for i in (text.find(c, 1) for c in _PAIRS[text[0]]) if i > 0), default=len(text))
    return text[1:close].strip()


def _speaker_of(text: str, start: int, end: int) -> tuple[str, str, str] | None:
    """The attribution after the quotation (", said X, role") or before it ("X, role, said:")."""
    after = text[end : end + 260].lstrip(" ,.–—-")
    stop = min((i for i in (after.find(c) for c in '“„«"') if i >= 0), default=len(after))
    after = after[:stop]
    dashed = text[end : end + 4].lstrip()[:1] in ("–", "—", "-")
    sentence = re.split(r"(?<=[a-zà-ÿ)])[.!?]\s+(?=[A-ZÀ-Þ“„«\"])", after, maxsplit=1)[0]
    head = sentence[:160]
    verb = _verb(head)
    name = _NAME.search(head) if verb or dashed else None
    if name and (verb or dashed) and (verb is None or verb.start() < 90):
        if (verb and verb.start() < name.start()) or dashed:
            return _facts(name[1], "", sentence[name.end() :])
        return _facts(name[1], sentence[: name.start()], sentence[name.end() : verb.start() if verb else None])
    before = text[max(0, start - 260) : start]
    before = re.split(r"[.!?]['\"”»]?\s+(?=[A-ZÀ-Þ])(?<!\b[A-Z]\.\s)(?<!Dr\.\s)", before)[-1].strip()
    verb, name = _verb(before), None
    if before.endswith((":", ",")) and (verb or before.endswith(":")):
        for name in _NAME.finditer(before):
            lead, tail = before[: name.start()], before[name.end() :]
            if _ROLE_WORD.search(name[1]):
                continue  # "ECIM Director General, Nora Hall said": an office is no speaker
            if not lead or lead.rstrip().endswith((",", ":")) or _ROLE_WORD.search(lead) or _verb(lead):
                return _facts(name[1], lead, _before_verb(tail))
    return None


_HE_SAID = re.compile(r"\b(?:he|she|they|er|sie|il|elle|lui|lei|él|ella|hij|zij|ele|ela)\b", re.I)


def _continued(text: str, start: int, end: int, last: tuple[str, str, str] | None) -> tuple[str, str, str] | None:
    """ "he added": the speaker of the quotation before."""
    around = text[max(0, start - 60) : start] + " " + text[end : end + 60]
    return last if last and _HE_SAID.search(around) and _verb(around) else None


def _facts(name: str, lead: str, tail: str) -> tuple[str, str, str]:
    """(speaker, role, organisation) from the words before and after the name."""
    tail = tail.strip(" ,:;–—-.()")
    said = _verb(tail)
    if said and not _ROLE_WORD.search(tail[: said.start()]):
        tail = tail[: said.start()] if said.start() else ""
    lead = lead.strip(" ,:;")
    role = tail if _ROLE_WORD.search(tail) else lead if _ROLE_WORD.search(lead) else ""
    role = re.split(r",?\s+(?:who|which|during|in a|at a|on|while|when)\s", role)[0].strip(" ,.:;")[:160]
    if not role:
        return name.strip(" ."), "", ""
    own = _ORGANISATION.match(role)
    if own and not _ROLE_WORD.match(role):
        return name.strip(" ."), role[own.end() :].strip(" ,"), own[1].removesuffix("'s").removesuffix("’s")
    office, _, rest = role.partition(", ")
    parts = _OF.split(role, maxsplit=1)
    if len(parts) == 2:
        return name.strip(" ."), parts[0].strip(" ,"), parts[1].split(", ")[0].strip(" ,.")
    if rest and not _ROLE_WORD.search(rest):
        return name.strip(" ."), office, rest
    return name.strip(" ."), role, ""
