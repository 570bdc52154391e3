"""Cuts a block of text into sentences; knows abbreviations, initials, quotes and ordinal dates. Meaning is left to
others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST = 1200  # characters of one sentence that are looked at; longer ones are cut there, so that work stays linear
# A run of marks is tried at its begin only: a line of 100,000 dots would cost minutes.
_BREAK = re.compile(r"\n+|[.!?…](?<![.!?…]{2})[.!?…]*(?:[\"'”’»«)\]]*\s+|[”\"»])")
_LAST_WORD = re.compile(r"[^\s(\[\"'“„«]{1,15}$")
_OPENING = "\"'“„«‹(¿¡[–-•"
# Lower case, without the last dot; a dot after them ends no sentence.
_ABBREVIATIONS = frozenset(
    re.findall(
        r"\S+",
        "dr prof mr mrs ms st sr sra dra dott ing avv sig on inc ltd co corp no nr vs etc art abs ca bzw z.b d.h u.a "
        "usw e.v "
        "i.d.r o.g jr gen lt col rev hon vol fig ed eds approx dept univ assoc cf ibid al m mme pr mm dhr mevr drs ir "
        "jan feb mar apr "
        "jun jul aug sep sept oct nov dec ene abr ago dic janv févr avr juil mrt okt dez gen mag giu lug set ott mgr "
        "inż hab tzw tj "
        "ul m.in np sp o.o p.ex ee.uu s.a s.l a.m p.m v.l d tel bspw sog geb hrsg inkl zzt str i.e e.g u.s u.k u.n "
        "h.e ph.d va",
    )
)
_MONTHISH = re.compile(
    r"(?:jan|feb|fév|mar|mär|mrt|apr|abr|avr|ma[iyjg]|giu|jun|jui|jul|lug|au[gt]|ago|aoû|sep|set|o[ckt]t|nov|de[czs]|dic|déc"
    r"|ene|gen|sty|lut|kwi|cze|lip|sie|wrz|paź|lis|gru|jahr|\d)",
    re.IGNORECASE,
)


def sentences(text: str) -> Iterator[str]:
    """The sentences of one block, in order, each at most LONGEST characters. Linear in the length of the text."""
    start = 0
    for found in _BREAK.finditer(text):
        if _ends(text, start, found):
            yield from _bounded(text[start : found.end()].strip())
            start = found.end()
    yield from _bounded(text[start:].strip())


def _ends(text: str, start: int, found: re.Match[str]) -> bool:
    mark = found.group()
    if mark[0] == "\n":
        return True
    following = text[found.end() : found.end() + 4]
    if not following or not (following[0].isupper() or following[0].isdigit() or following[0] in _OPENING):
        return False
    if mark[-1] in '”"»' and not mark[-1].isspace() and mark[0] == ".":
        return found.end() < len(text) and text[found.end()].isupper()
    if mark[0] != "." or mark.startswith(".."):
        return True
    word = _LAST_WORD.search(text, max(start, found.start() - 16), found.start())
    return word is None or not _abbreviates(word.group(), following)


def _abbreviates(word: str, following: str) -> bool:
    if word.isdigit():
        return len(word) <= 2 and bool(_MONTHISH.match(following))
    if len(word) == 1:
        return word.isupper() or word == "r"  # Polish: 14 września 2022 r.
    return word.lower() in _ABBREVIATIONS


def _bounded(sentence: str) -> Iterator[str]:
    if sentence:
        yield sentence[:LONGEST]
