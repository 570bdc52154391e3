"""Title, deck, people, dates, language, addresses of a page: candidates with their origin, then one choice of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from scraper.parse.blocks import Outline
from scraper.parse.hints import AUTHOR, DECK, META
from scraper.parse.lexicon import plain_words
from scraper.parse.published import choose_dates, reading_of
from scraper.parse.recipe import Picked
from scraper.parse.structured import Linked, read_linked
from scraper.parse.titles import choose_title, chunk_of, clean
from storage.records.article import DateFact
from storage.records.source import Hints


@dataclass(slots=True)
class Metadata:
    """The choices, and `title_at`: the index of the chunk that is the headline, or -1."""

    title: str = ""
    title_at: int = -1
    deck: str = ""
    authors: tuple[str, ...] = ()
    published: DateFact | None = None
    updated: DateFact | None = None
    candidates: tuple[DateFact, ...] = ()
    because: str = ""  # why `published` was chosen
    language: str = ""
    canonical: str = ""
    section: str = ""
    image: str = ""
    site_name: str = ""
    linked: Linked = field(default_factory=Linked)


def read_metadata(picked: Picked, outline: Outline, *, hints: Hints, seen: date | None = None) -> Metadata:
    """All that head, JSON-LD, microdata, address and the lines around the headline say; a recipe's finds lead."""
    page = picked.page
    linked, metas = read_linked(outline.ld, page.url), outline.metas
    meta = Metadata(linked=linked)
    meta.site_name = clean(metas.get("og:site_name") or linked.site_name or metas.get("application-name") or "")
    meta.language = hints.language or _language(outline, linked)
    meta.title, meta.title_at = choose_title(outline, linked, meta.site_name, page.url)
    if picked.title:
        meta.title, meta.title_at = picked.title, chunk_of(outline, picked.title)
    meta.canonical = page.join(outline.canonical or metas.get("og:url") or "") or page.url
    meta.section = clean(metas.get("article:section") or linked.section)
    image = metas.get("og:image") or linked.image or metas.get("twitter:image") or ""
    meta.image = page.join(image) if image else ""
    meta.authors = _authors(outline, linked, meta.title_at)
    told = metas.get("og:description") or metas.get("description") or linked.description
    meta.deck = clean(told) or _deck(outline, meta.title_at)
    how = reading_of(hints, outline.lang or meta.language, page.url, seen)
    found = [fact for text in picked.published if (fact := how.fact(text, "recipe"))]
    dates = choose_dates(page, outline, linked, meta.title_at, how, found)
    meta.published, meta.updated, meta.candidates, meta.because = dates
    return meta


# --- people, deck, language ---

_BY = re.compile(
    r"^(?:by|von|par|por|di|door|av|af|od|autor(?:in|a|e|en)?|author|auteur|texte?|text|"
    r"(?:escrito|publicado) por|(?:written|posted|reported|edited) by)"
    r"\s*:?\s+(?=\S)",
    re.I,
)
_AND = re.compile(r"\s*(?:,|;|\||\s&\s|\s(?:and|und|et|y|e|en|och|og|i)\s)\s*")
_PERSON = re.compile(r"[^\W\d_a-z][^\W\d_]*\.?(?:[\s'’-](?:[^\W\d_]+\.?)){1,4}")
_NO_PERSON = re.compile(r"https?:|www\.|@|_|\d\d|^(?:\w+ )?(?:admin|administrator|editor|webmaster|newsroom)$", re.I)
_CREATORS = (
    "author", "article:author", "dc.creator", "dcterms.creator", "citation_author", "parsely-author",
    "sailthru.author", "byl",
)  # fmt: skip
_BYLINE_REACH = 12  # lines behind the headline


def _authors(outline: Outline, linked: Linked, title_at: int) -> tuple[str, ...]:
    """The first of JSON-LD, microdata and meta, and the byline that names somebody."""
    metas = [outline.metas[name] for name in _CREATORS if name in outline.metas]
    items = [value for prop, value in outline.itemprops if prop == "author"]
    for given in (linked.authors, items[:3], metas[:1], _bylines(outline, title_at)):
        names = [_BY.sub("", clean(name)) for name in given]
        people = {plain_words(name): name for name in names if 1 < len(name) < 120 and not _NO_PERSON.search(name)}
        if people:
            return tuple(people.values())
    return ()


def _bylines(outline: Outline, title_at: int) -> Iterator[str]:
    """The people of the first line below the headline that begins with "By", or that its box calls one of authors."""
    for chunk in outline.chunks[max(title_at, 0) : max(title_at, 0) + _BYLINE_REACH]:
        text = chunk.text.partition("\n")[0]
        said = _BY.match(text)
        if len(text) > 100 or not (said or chunk.box.own & AUTHOR):
            continue
        people = [name for name in _AND.split(text[said.end() if said else 0 :]) if _PERSON.fullmatch(name)]
        if people and not _NO_PERSON.search(people[0]):
            yield from people
            return


def _deck(outline: Outline, title_at: int) -> str:
    """The standfirst below the headline, where a box is called so."""
    for chunk in outline.chunks[title_at + 1 : title_at + 6] if title_at >= 0 else ():
        if chunk.box.flags & DECK and not chunk.box.flags & (META | AUTHOR) and 40 <= len(chunk.text) <= 500:
            return chunk.text.replace("\n", " ")
    return ""


_LANGUAGE = re.compile(r"^\s*([a-zA-Z]{2})(?:[-_][a-zA-Z]{2,4})?\b")


def _language(outline: Outline, linked: Linked) -> str:
    metas = outline.metas
    told = (outline.lang, linked.language, metas.get("og:locale", ""), metas.get("content-language", ""))
    return next((found[1].lower() for found in map(_LANGUAGE.match, told) if found), "")
