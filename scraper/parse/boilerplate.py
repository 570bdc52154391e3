"""Parts the body from what stands below it: "About X", notes to editors, contacts, embargo, footnotes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from scraper.parse.lexicon import KINDS, LONGEST, begins, equals, kinds_of
from storage.records.article import About, Block, BlockKind, Section, SectionKind

_KINDS: tuple[SectionKind, ...] = ("contact", "notes", "embargo", "footnotes")
_SENTENCE_END = re.compile(r"[.!?。]['\"”»]?$")
_REACHABLE = re.compile(r"@|https?://|www\.|\+?\d[\d\s()/.-]{6,}\d")
_FOOTNOTE = re.compile(r"^(?:\[\d{1,2}\]|\(\d{1,2}\)|\*{1,3}|[¹²³⁴⁵])\s*\S")
_CAPITAL = re.compile(r"[^\W\d_]")
_ALONE = KINDS["contact"] | KINDS["embargo"] | KINDS["notes"]
_NOTE = re.compile(r"(?!background)[^:\n]{4,60}:", re.I)
_MAX_ORGANISATION = 12  # words


@dataclass(slots=True)
class Parted:
    """The body's own blocks, and what was parted from them."""

    body: list[Block] = field(default_factory=list)
    about: list[About] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)


@dataclass(slots=True)
class _Open:
    """The part that is being gathered; kind "about" or a section's."""

    kind: str
    heading: str
    texts: list[str] = field(default_factory=list)


def part(blocks: Sequence[Block]) -> Parted:
    """Sort blocks into body, about-sections and other sections. Block texts may hold line ends here."""
    parted, current, prose = Parted(), None, 0
    last = len(blocks) - 1
    for at, block in enumerate(blocks):
        opened = _opens(block, blocks[at + 1] if at < last else None, prose)
        if opened is not None:
            _keep(parted, current)
            current = opened
        elif block.kind == "heading" and current is not None and current.texts:
            _keep(parted, current)
            current = None
            parted.body.append(block)
        elif current is not None:
            current.texts.append(block.text)
        elif prose and at > len(blocks) // 2 and _FOOTNOTE.match(block.text) and _only_notes(blocks[at:]):
            current = _Open("footnotes", "", [block.text])
        else:
            parted.body.append(block)
            prose += len(block.text) > 100
    _keep(parted, current)
    return parted


def _only_notes(rest: Sequence[Block]) -> bool:
    return all(_FOOTNOTE.match(block.text) or len(block.text) < 100 for block in rest)


def _keep(parted: Parted, current: _Open | None) -> None:
    if current is None:
        return
    text = "\n\n".join(current.texts)
    if current.kind == "about":
        parted.about.append(About(organisation=_organisation(current.heading), text=text))
    else:
        parted.sections.append(Section(kind=current.kind, heading=current.heading, text=text))  # type: ignore[arg-type]


def _opens(block: Block, following: Block | None, prose: int) -> _Open | None:
    """The part that begins with this block, or None. Its first line is the heading, the rest its text."""
    first, _, rest = block.text.partition("\n")
    if not rest and len(first) > LONGEST:
        head, colon, tail = first.partition(": ")
        if not colon or len(head) > LONGEST:
            return _unheaded(block, prose)
        first, rest = head, tail
    elif len(first) > LONGEST:
        return None
    plain = first.strip()
    starts, whole = kinds_of(plain)
    if starts and (rest or following is not None):
        if prose and is_about(plain):
            return _Open("about", plain, [rest] if rest else [])
        for kind in _KINDS:
            if whole & KINDS[kind] and (prose or kind == "embargo"):
                return _Open(kind, plain, [rest] if rest else [])
    return _unheaded(block, prose)


def _unheaded(block: Block, prose: int) -> _Open | None:
    """A paragraph that is a contact, a note or an embargo line by itself."""
    if block.kind == "heading" or len(block.text) > 600:
        return None
    starts, _ = kinds_of(block.text[:40])
    if not starts & _ALONE:
        return None
    if prose and starts & KINDS["contact"] and _REACHABLE.search(block.text):
        return _Open("contact", "", [block.text])
    if starts & KINDS["embargo"] and len(block.text) < 200:
        return _Open("embargo", "", [block.text])
    if prose > 1 and starts & KINDS["notes"] and _NOTE.match(block.text):
        return _Open("notes", "", [block.text])
    return None


def is_about(first: str) -> bool:
    """ "About COCIR": the phrase, then a name in capitals of a few words, and no sentence."""
    if not begins("about", first) or _SENTENCE_END.search(first):
        return False
    name = _organisation(first)
    words = name.split()
    if not words or len(words) > _MAX_ORGANISATION:
        return False
    letter = _CAPITAL.search(name)
    return letter is not None and (letter[0].isupper() or not letter[0].islower() or any(c.isupper() for c in words[0]))


def _organisation(heading: str) -> str:
    """The name in "About COCIR:"; the heading itself when no such phrase begins it."""
    heading = heading.strip().rstrip(":").strip()
    words = heading.split()
    for count in range(min(5, len(words) - 1), 0, -1):
        if equals("about", " ".join(words[:count])):
            return " ".join(words[count:])
    return heading


def as_block(kind: BlockKind, text: str) -> Block:
    """A finished block: lists and tables keep their line ends, all else is one line."""
    return Block(kind=kind, text=text if kind in ("list", "table") else text.replace("\n", " "))
