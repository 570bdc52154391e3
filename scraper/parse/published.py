"""When the page was published and updated: all candidates with their origin, then one choice of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from scraper.page import Page
from scraper.parse.blocks import Chunk, Outline
from scraper.parse.dates import dates_with_places, in_utc, parse_date
from scraper.parse.hints import ASIDE, COMMENT, FOOTER, NAV, RELATED, SIDE
from scraper.parse.structured import Linked
from storage.records.article import DateFact

_PUBLISHED = (
    "article:published_time", "og:article:published_time", "article:published", "datepublished", "og:published_time",
    "pubdate", "publishdate", "publish-date", "publication_date", "publish_date", "parsely-pub-date", "sailthru.date",
    "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date", "dcterms.date", "cxenseparse:recs:publishtime",
    "rnews:datepublished", "article_date_original", "citation_publication_date", "citation_date", "date",
    "dc.date.created", "originalpublicationdate", "article.published", "published_at", "article:post_date",
)  # fmt: skip
_UPDATED = (
    "article:modified_time", "og:updated_time", "og:article:modified_time", "datemodified", "dcterms.modified",
    "lastmod", "last-modified", "article:modified", "dc.date.modified", "revised",
)  # fmt: skip
_URL_DAY = re.compile(
    r"(?<!\d)((?:19|20)\d{2})[/_-](0?[1-9]|1[0-2]|[a-z]{3})[/_-](0?[1-9]|[12]\d|3[01])(?!\d)"
    r"|/(20[0-2]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?!\d)"
)
_URL_MONTH = re.compile(r"/((?:19|20)\d{2})/(0[1-9]|1[0-2])/")
_UPDATE_WORD = re.compile(
    r"updated?|modified|reviewed|aktualisiert|geändert|mis à jour|modifié|actualizad|modificad|aggiornat|bijgewerkt|aangepast|"  # noqa: E501
    r"atualizad|zaktualizowan|uppdaterad|opdateret|oppdatert|päivitetty|обновлен",
    re.I,
)
_PUBLISH_WORD = re.compile(
    r"publi[sc]|posted|released|veröffentlicht|erschienen|erstellt|gepubliceerd|geplaatst|publié|paru le|opublikowan|опубликован",  # noqa: E501
    re.I,
)
_SCRIPT = re.compile(
    r"(?:datePublished|publishedAt|published_at|publishDate|publish_date|publicationDate|publishedDate|published_date|"
    r"firstPublished(?:At|Date)?|datePosted|postDate|post_date)\\?[\"']\s*:\s*\\?[\"'](20\d\d-\d\d-\d\d[T\d:.Z+-]*)"
)
_AROUND = (8, 24)  # chunks before and behind the headline where a date line is looked for


class Reading(NamedTuple):
    """How dates are read here: order of day and month, language, and the day relative ones count from."""

    order: str
    language: str
    seen: date | None

    def fact(self, text: str | None, origin: str) -> DateFact | None:
        if not text:
            return None
        return parse_date(text, order=self.order, language=self.language, origin=origin, reference=self.seen)


@dataclass(slots=True)
class _Found:
    published: list[DateFact]
    updated: list[DateFact]

    def settled(self) -> bool:
        return any(fact.precision == "day" for fact in self.published)


def choose_dates(
    page: Page, outline: Outline, linked: Linked, title_at: int, reading: Reading
) -> tuple[DateFact | None, DateFact | None, tuple[DateFact, ...]]:
    """(published, updated, candidates). Declared dates lead; then time elements and lines by the headline, address, scripts.

    A page that tells only when it was updated was published then, as far as its reader can know.
    """  # noqa: E501
    found = _Found([], [])
    _declared(found, outline, linked, reading)
    if not found.settled():
        _times(found, outline, title_at, reading)
        _lines(found, outline, title_at, reading)
        found.published += _from_url(page.url)
    if not found.settled() and (script := _SCRIPT.search(page.text)) and (fact := reading.fact(script[1], "json-ld")):
        found.published.append(fact)
    limit = reading.seen.isoformat() if reading.seen else "9999"
    facts = [fact for fact in found.published if min(fact.value, in_utc(fact)) <= limit]
    facts.sort(key=lambda fact: len(fact.value) < 10)
    published = facts[0] if facts else next(iter(found.updated), None)
    return published, next(iter(found.updated), None), tuple(dict.fromkeys(found.published + found.updated))


def _declared(found: _Found, outline: Outline, linked: Linked, reading: Reading) -> None:
    metas = outline.metas
    published = [(linked.published, "json-ld")]
    updated = [(linked.updated, "json-ld")]
    published += [(v, "microdata") for prop, v in outline.itemprops if prop in ("datePublished", "dateCreated")]
    updated += [(v, "microdata") for prop, v in outline.itemprops if prop == "dateModified"]
    published += [(metas[name], "meta") for name in _PUBLISHED if name in metas]
    updated += [(metas[name], "meta") for name in _UPDATED if name in metas]
    for pairs, facts in ((published, found.published), (updated, found.updated)):
        facts += [fact for text, origin in pairs if (fact := reading.fact(text, origin))]


def _times(found: _Found, outline: Outline, title_at: int, reading: Reading) -> None:
    """Time elements, those near the headline and outside of side columns first."""
    ranked: list[tuple[int, DateFact]] = []
    for when, text, index in outline.times[:40]:
        chunk = outline.chunks[index] if index < len(outline.chunks) else None
        if chunk is None or chunk.box.flags & (NAV | FOOTER | COMMENT):
            continue
        fact = reading.fact(when, "time") or reading.fact(text, "time")
        if fact and _UPDATE_WORD.search(chunk.text[:60]) and not _PUBLISH_WORD.search(chunk.text):
            found.updated.append(fact)
        elif fact:
            far = abs(index - title_at) if title_at >= 0 else index
            ranked.append((far + 40 * bool(chunk.box.flags & (ASIDE | RELATED | SIDE)), fact))
    found.published += [fact for far, fact in sorted(ranked, key=lambda item: item[0]) if far < 60]


def _lines(found: _Found, outline: Outline, title_at: int, reading: Reading) -> None:
    """Short lines around the headline that hold a date; a line that is a date and nothing more is a date line."""
    ranked: list[tuple[int, DateFact]] = []
    for chunk in _by_headline(outline, title_at):
        dates = dates_with_places(chunk.text, order=reading.order, language=reading.language, origin="text")
        for (start, end), fact in dates[:2]:
            alone = end - start >= len(chunk.text) - 2
            word = chunk.text[max(0, start - 25) : start]
            if _UPDATE_WORD.search(word):
                found.updated.append(fact)
            elif fact.precision == "day" or alone:
                origin = "dateline" if alone else fact.origin
                far = abs(chunk.index - title_at) - 30 * bool(_PUBLISH_WORD.search(word))
                ranked.append((far, DateFact(value=fact.value, precision=fact.precision, origin=origin, at=fact.at)))
    found.published += [fact for _, fact in sorted(ranked, key=lambda item: item[0])]


def _by_headline(outline: Outline, title_at: int) -> Iterator[Chunk]:
    """Short lines with a digit, near the headline or anywhere with a word of publishing."""
    first, last = (title_at - _AROUND[0], title_at + _AROUND[1]) if title_at >= 0 else (0, 2 * _AROUND[1])
    for chunk in outline.chunks:
        text = chunk.text
        if len(text) > 200 or chunk.index == title_at or chunk.box.flags & (NAV | FOOTER | COMMENT | RELATED):
            continue
        near = first <= chunk.index <= last or (len(text) < 120 and _PUBLISH_WORD.search(text))
        if near and any(map(str.isdigit, text)):
            yield chunk


def _from_url(url: str) -> list[DateFact]:
    day = _URL_DAY.search(url)
    if day:
        text = day[4] or (f"{day[3]} {day[2]} {day[1]}" if day[2].isalpha() else f"{day[1]}-{day[2]:0>2}-{day[3]:0>2}")
        fact = parse_date(text, origin="url")
        return [fact] if fact else []
    month = _URL_MONTH.search(url)
    return [DateFact(value=f"{month[1]}-{month[2]}", precision="month", origin="url")] if month else []
