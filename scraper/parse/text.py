"""Plain text as mails and PDFs bring it: paragraphs, dateline, lists of teasers; parting is boilerplate.py's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from scraper.parse.dates import dates_with_places
from scraper.parse.lexicon import CUT, LONGEST, begins, equals, plain_words
from scraper.text import squeeze
from storage.records.article import Block, DateFact, Section, Teaser

_BLANK = re.compile(r"\n[ \t\r\f\v\xa0]*\n\s*")
_SENTENCE_END = re.compile(r"[.!?。:;]['\"”»)]*$")
_CRUMBS = re.compile(r"^(?:[^\n>»›/|]{2,40}\s*[>»›|/]\s*){2,}[^\n]{0,80}$")
_WIDE = 120  # characters; a line of more is no line of a hard-wrapped paragraph
_DIGIT = re.compile(r"\d")
_BULLET = re.compile(r"^\s*(?:[-–•*▪●◦]|\d{1,2}[.)])\s+")
_GLUED = re.compile(r"^([A-Z][A-Z&-]{2,11})(?=[A-Z][a-zà-ÿ]+\s)")
# "Dublin, Ireland and Belfast, UK, 10 May, 2021 -", "Reston, Va. (Nov. 4, 2015) -": capitals, few words
_PLACE = re.compile(
    r"(?:(?:[^\W\d_a-zà-ÿ][\w.’'-]*|and|und|et|y|e|en|de|la|le|den|dnia|am|[–—/|(\[-]+),?[\s,]*){0,9}[\s,(\[–—-]*"
)
_BEHIND_DATE = re.compile(
    r"\s*(?:r\.)?\s*[)\]]?\s*(?:\([A-Z .]{2,30}\)|/[\w .]{2,30}/)?\s*"
    r"(?:[-–—:|]|(?<=\])\s|(?P<stop>\.\s)|(?P<place>,\s[^\W\d_a-zà-ÿ][\w. -]{2,30}:))"
)


def dateline_of(blocks: Sequence[Block]) -> DateFact | None:
    """ "BRUSSELS - 22 June 2015 -" at the head of one of the first two paragraphs."""
    for block in blocks[:2]:
        head = block.text[:130]
        if not _DIGIT.search(head):
            continue
        for (start, end), fact in dates_with_places(head, origin="dateline"):
            behind, before = _BEHIND_DATE.match(head, end), head[:start]
            if behind and _PLACE.fullmatch(before):
                sure = (before.rstrip().endswith(",") or not behind["stop"]) and (not before or not behind["place"])
                return fact if sure else None
            break
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainText:
    """A plain text in parts; blocks keep their lines. `date` is that of a lone line by the headline."""

    blocks: list[Block]
    teasers: tuple[Teaser, ...]
    related: tuple[Section, ...]
    date: DateFact | None


def paragraphs_of(title: str, text: str) -> PlainText:
    """Part a text at blank lines; headline, date line and furniture drop out, teaser lists are kept apart."""
    pieces = [p for piece in _BLANK.split(text.replace("\r\n", "\n")) for p in _lines(piece) if p]
    if len(pieces) <= 2 and text.count("\n") > 4:
        pieces = [squeeze(line) for line in text.splitlines() if line.strip()]
    pieces, head_date = _without_head(pieces, plain_words(title))
    if pieces:
        pieces[0] = unglued(pieces[0], text)
    blocks: list[Block] = []
    teasers: list[Teaser] = []
    related: list[Section] = []
    at = 0
    while at < len(pieces):
        piece = pieces[at]
        short = len(piece) <= LONGEST and "\n" not in piece
        plain = plain_words(piece) if short else ""
        if short and begins("related", plain) and not _SENTENCE_END.search(piece.rstrip(":")):
            at = _related(pieces, at, teasers, related)
            continue
        if not (short and _is_furniture(piece, plain)):
            blocks.append(_block(piece))
        at += 1
    return PlainText(blocks=blocks, teasers=tuple(teasers), related=tuple(related), date=head_date)


_PLACE_BEFORE = re.compile(
    r"^(?:[^\W\d_a-zß-ÿ][^\W\d_.]+[ /-]?){1,4}(?:\([^)]{2,20}\))?\s*[,–—-]\s*(?:den |le |il |dnia )?$"
)  # "Den Haag, "


def _without_head(pieces: list[str], title: str) -> tuple[list[str], DateFact | None]:
    """The pieces below headline and date line, and the date that such a line gives."""
    found = None
    for at, piece in enumerate(pieces[:4]):
        if len(piece) > LONGEST and plain_words(piece) != title:
            return pieces[at:], found
        dates = dates_with_places(piece, origin="dateline") if len(piece) < 60 else []
        start, end = dates[0][0] if dates else (0, 0)
        alone = dates and (
            end - start >= len(piece) - 3 or (end >= len(piece) - 1 and _PLACE_BEFORE.match(piece[:start]))
        )
        if alone:
            found = found or dates[0][1]
        elif plain_words(piece) != title:
            return pieces[at:], found
    return pieces[4:], found


def _lines(piece: str) -> list[str]:
    """What stands between blank lines: a list, a paragraph of wrapped lines, or paragraphs on long lines, which end
    as sentences do.
    """
    if "\n" not in piece:
        return [squeeze(piece)]
    lines = [line for line in map(squeeze, piece.splitlines()) if line]
    if lines and max(map(len, lines)) > _WIDE and not any(map(_BULLET.match, lines)):
        return _ended(lines)
    wrapped = len(lines) > 2 and min(map(len, lines[:-1])) > 55  # hard-wrapped mail: one paragraph
    return [(" " if wrapped else "\n").join(lines)]


def _ended(lines: list[str]) -> list[str]:
    """Prose that ends no sentence goes on in the next line, and so does a line before small letters: a link may stand
    on a line of its own.
    """
    found = lines[:1]
    for line in lines[1:]:
        goes_on = line[0].islower() and not found[-1].endswith(",")  # no salutation
        if goes_on or (len(found[-1]) > LONGEST and not _SENTENCE_END.search(found[-1])):
            found[-1] = f"{found[-1]} {line}"
        else:
            found.append(line)
    return found


def unglued(piece: str, text: str) -> str:
    """ "COCIRThe European ...": a logo's alternative text stuck to the first word, when the text names it elsewhere."""
    glued = _GLUED.match(piece)
    if not glued or not re.search(rf"\b{re.escape(glued[1])}\b", text):
        return piece
    rest = piece[glued.end() :]
    return rest if f"({glued[1]})" in rest else f"{glued[1]} {rest}"


def _block(piece: str) -> Block:
    if _BULLET.match(piece):
        return Block(kind="list", text="\n".join(_BULLET.sub("", line) for line in piece.splitlines()))
    heading = len(piece) <= LONGEST and "\n" not in piece and not _SENTENCE_END.search(piece) and piece.count(" ") < 14
    return Block(kind="heading" if heading else "paragraph", text=piece)


def _is_furniture(piece: str, plain: str) -> bool:
    """Navigation and labels: breadcrumbs, share bars, "read more", newsletter calls."""
    if not plain or _CRUMBS.match(piece):
        return True
    if equals("furniture", plain) or equals("share", plain) or equals("newsletter", plain) or equals("end", plain):
        return True
    return len(piece) < 60 and begins("share", plain) and not _SENTENCE_END.search(piece)


def _related(pieces: list[str], at: int, teasers: list[Teaser], related: list[Section]) -> int:
    """Take the list that a "related" heading opens, title lines and snippets; returns where it ends."""
    heading, start = pieces[at], at + 1
    at = start
    while at < len(pieces) and not _ends_related(pieces, at, start):
        title, _, rest = pieces[at].partition("\n")
        at += 1
        snippet = rest.replace("\n", " ")
        if (
            not snippet
            and at < len(pieces)
            and len(pieces[at]) > LONGEST
            and len(title) <= 160
            and not _ends_related(pieces, at, start)
        ):
            snippet = pieces[at].replace("\n", " ")
            at += 1
        cut = bool(CUT.search(title) or CUT.search(snippet))
        teasers.append(Teaser(title=title, url="", heading=heading, snippet=snippet, truncated=cut))
    if at > start:
        related.append(Section(kind="related", heading=heading, text="\n\n".join(pieces[start:at])))
    return at


def _ends_related(pieces: list[str], at: int, start: int) -> bool:
    """A boilerplate heading, or long prose that no title line announces, is no longer the list."""
    piece = pieces[at]
    first = plain_words(piece.partition("\n")[0][:LONGEST])
    if any(equals(kind, first) for kind in ("contact", "notes", "footnotes")) or (
        begins("about", first) and len(piece) < LONGEST
    ):
        return True
    prose = len(piece) > 250 and not CUT.search(piece)
    return prose and (at == start or len(pieces[at - 1]) > LONGEST)
