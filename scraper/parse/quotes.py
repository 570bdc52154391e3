"""Direct speech in the body: the words, who says them, in which role and for whom; in eight languages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from scraper.parse.data import load
from storage.records.article import Block, Quote

_PAIRS = {"“": "”“", "„": "“”", "«": "»", "»": "«", '"': '"', "‟": "”", "”": "”", "‘": "’", "「": "」"}
# ” opens in Finnish and Swedish, ‘ in British English; both close too, so they must stand before a word.
_ANY_MARK = re.compile(r"[“„«»‟「\"”‘]")
_DOUBTFUL = {'"': re.compile(r"(?<!\w)\""), "”": re.compile(r"(?<!\S)”(?=\w)"), "‘": re.compile(r"(?<!\S)‘(?=\w)")}
_SINGLE_CLOSE = re.compile(r"(?<=[,.!?…])’|’(?!\w)")
_VERBS: frozenset[str] = frozenset(load("vocabulary")["verbs"])
_WORD = re.compile(r"[^\W\d_]+")
_TITLES = r"(?:(?:Mr|Mrs|Ms|Dr|Prof|Professor|Sir|Dame|Herr|Frau|Univ|MEP|Mme|Dott|Ing|Doctor|Prof\.ssa|dr|prof|hab|inż|med|rer|nat)\.?[\s-]+)*"  # noqa: E501
_UPPER = "".join(letter for letter in map(chr, range(0x41, 0x530)) if letter.isupper())
_CAP = rf"[{_UPPER}][\w'’.-]*"
_LINK = r"(?:de|la|le|van|von|der|den|ter|ten|di|da|do|dos|del|della|du|zu|zur|al|el|bin|ibn|y|e|af|av)"
_NAME = re.compile(rf"(?<!\w)({_TITLES}{_CAP}(?:\s+{_LINK}){{0,2}}(?:\s+{_CAP}|\s+{_LINK}\s+{_CAP}){{1,4}})")
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
_SENTENCE = re.compile(  # a mark behind a small letter and no title, a capital behind it
    rf"[.!?](?<=[^\W\d_A-Z].)(?<!\b[DMS][rst]\.)(?<!\bMrs\.)(?<!\bProf\.)(?<!\bIng\.)(?<!\bdr\.)(?<!\bprof\.)['\"”»]?\s+"
    rf"(?=[{_UPPER}“„«\"])"
)
_MIN_WORDS = 4
FAR = 5_000  # characters in which a quotation ends, and its speaker is named
_Facts = tuple[str, str, str]  # speaker, role, organisation


class _Said(NamedTuple):
    """Words in quotation marks, and what stands before and behind them in their paragraphs."""

    words: str
    before: str
    after: str
    paragraph: int  # where they end
    follows: bool  # whether others end in the paragraph where these begin


def read_quotes(blocks: Sequence[Block]) -> tuple[Quote, ...]:
    """All quotations of the body with a speaker, in order; halves around the speaker and further paragraphs are one."""
    quotes: list[Quote] = []
    speakers: dict[str, _Facts] = {}  # by surname
    last: _Facts | None = None
    place = -1  # the paragraph where the last quote ended
    for said in _all_said([block.text for block in blocks if block.kind in ("paragraph", "quote", "list")]):
        if said.words.count(" ") + 1 < _MIN_WORDS:
            continue
        own = _speaker_of(said.before, said.after)
        goes_on = said.follows and place == said.paragraph and quotes and _at_once(said.before)
        if goes_on and (own is None or own[0] == quotes[-1].speaker):
            quotes[-1] = replace(quotes[-1], text=f"{quotes[-1].text} {said.words}")
            continue
        found = own or _known(said, speakers, last)
        if found is None:
            continue
        last, place = found, said.paragraph
        speakers.setdefault(found[0].rpartition(" ")[2], found)
        quotes.append(Quote(speaker=found[0], role=found[1], organisation=found[2], text=said.words))
    return tuple(replace(quote, text=quote.text.rstrip(", ")) for quote in quotes)  # "..., " leads on to the speaker


def _all_said(paragraphs: list[str]) -> Iterator[_Said]:
    """Each quotation; one without an end runs on in the next paragraph, if that begins with a mark too."""
    at = position = begun = 0
    while at < len(paragraphs):
        text = paragraphs[at]
        start = _opening(text, position)
        if start < 0:
            at, position, begun = at + 1, 0, 0
            continue
        before, words = text[begun:start], []
        close, follows = _close(text, start), begun > 0
        while close < 0 and at + 1 < len(paragraphs) and paragraphs[at + 1][:1] in _PAIRS:
            words.append(text[start + 1 :].strip())
            at, start = at + 1, 0
            text = paragraphs[at]
            close = _close(text, 0)
        end = close if close >= 0 else len(text)
        words.append(text[start + 1 : end].strip())
        position = begun = end + 1
        yield _Said(" ".join(words), before, text[end + 1 : end + 1 + FAR], at, follows)


def _opening(text: str, position: int) -> int:
    """Where the next quotation begins, or -1; a plain set of marks is searched ten times faster than all conditions."""
    for mark in _ANY_MARK.finditer(text, position):
        if mark[0] not in _DOUBTFUL or _DOUBTFUL[mark[0]].match(text, mark.start()):
            return mark.start()
    return -1


def _close(text: str, start: int) -> int:
    """Where the quotation that begins here ends, or -1."""
    closing = _PAIRS.get(text[start], "")
    if closing == "’":
        found = _SINGLE_CLOSE.search(text, start + 1, start + FAR)
        return found.start() if found else -1
    return min((i for i in (text.find(c, start + 1, start + FAR) for c in closing) if i > 0), default=-1)


def _at_once(between: str) -> bool:
    """Whether the speaker alone stands between two halves: "said X, president of Y,", and no sentence of its own."""
    between = between.strip()
    return len(between) < 200 and (
        between.endswith((",", ":", "–", "—"))
        or not _SENTENCE.search(between + " A")
        or not _SENTENCE.split(between + " A", maxsplit=1)[1].strip(" A")
    )


def _verb(text: str) -> re.Match[str] | None:
    """The first verb of speech; a set of words is asked many times faster than a long alternation."""
    return next((word for word in _WORD.finditer(text) if word[0].lower() in _VERBS), None)


def _before_verb(text: str) -> str:
    verb = _verb(text)
    return text[: verb.start()] if verb else text


def _speaker_of(before: str, after: str) -> _Facts | None:
    """The attribution behind the quotation (", said X, role") or before it ("X, role, said:")."""
    dashed = after[:4].lstrip()[:1] in ("–", "—", "-")
    after = after[:260].lstrip(" ,.–—-")
    mark = _opening(after, 0)
    sentence = _SENTENCE.split(after[:mark] if mark >= 0 else after, maxsplit=1)[0]
    head = sentence[:160]
    verb = _verb(head)
    name = _NAME.search(head) if verb or dashed else None
    if name and (verb is None or verb.start() < 90):
        if (verb and verb.start() < name.start()) or dashed:
            return _facts(name[1], "", sentence[name.end() :])
        return _facts(name[1], sentence[: name.start()], sentence[name.end() : verb.start() if verb else None])
    before = _SENTENCE.split(before[-260:])[-1].strip()
    if not before.endswith((":", ",")) or not (before.endswith(":") or _verb(before)):
        return None
    for name in _NAME.finditer(before):
        lead, tail = before[: name.start()], before[name.end() :]
        if _ROLE_WORD.search(name[1]):
            continue  # "ECIM Director General, Nora Hall said": an office is no speaker
        if not lead or lead.rstrip().endswith((",", ":")) or _ROLE_WORD.search(lead) or _verb(lead):
            return _facts(name[1], lead, _before_verb(tail))
    return None


_HE_SAID = re.compile(r"\b(?:he|she|they|er|sie|il|elle|lui|lei|él|ella|hij|zij|ele|ela|hon|han)\b", re.I)


def _known(said: _Said, speakers: dict[str, _Facts], last: _Facts | None) -> _Facts | None:
    """ "added Denjoy", "she said": one who spoke before."""
    around = f"{said.before[-60:]} {said.after[:60]}"
    if not speakers or not _verb(around):
        return None
    named = next((speakers[word[0]] for word in _WORD.finditer(around) if word[0] in speakers), None)
    return named or (last if _HE_SAID.search(around) else None)


def _facts(name: str, lead: str, tail: str) -> _Facts:
    """(speaker, role, organisation) from the words before and after the name."""
    tail = tail.strip(" ,:;–—-.()")
    said = _verb(tail)
    if said and not _ROLE_WORD.search(tail[: said.start()]):
        tail = tail[: said.start()] if said.start() else ""
    lead = lead.strip(" ,:;")
    role = tail if _ROLE_WORD.search(tail) else lead if _ROLE_WORD.search(lead) else ""
    role = role.removeprefix("The ").removeprefix("the ")
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
