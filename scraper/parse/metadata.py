"""Title, deck, people, dates, language, addresses of a page: candidates with their origin, then one choice of each."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from scraper.parse.blocks import Outline
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
    meta.language = _language(outline, linked) or hints.language
    meta.title, meta.title_at = choose_title(outline, linked, meta.site_name, page.url)
    if picked.title:
        meta.title, meta.title_at = picked.title, chunk_of(outline, picked.title)
    meta.canonical = page.join(outline.canonical or metas.get("og:url") or "") or page.url
    meta.section = clean(metas.get("article:section") or linked.section)
    meta.image = page.join(metas.get("og:image") or linked.image or metas.get("twitter:image") or "")
    meta.authors = _authors(outline, linked)
    meta.deck = clean(metas.get("og:description") or metas.get("description") or linked.description)
    how = reading_of(hints, outline.lang or meta.language, page.url, seen)
    told = [fact for text in picked.published if (fact := how.fact(text, "recipe"))]
    dates = choose_dates(page, outline, linked, meta.title_at, how, told)
    meta.published, meta.updated, meta.candidates, meta.because = dates
    return meta


# --- people, language ---

_BY = re.compile(
    r"^(?:by|von|par|por|di|door|autor(?:in)?|author|text|escrito por|written by|posted by)\s*:?\s+(?=\S)", re.I
)


def _authors(outline: Outline, linked: Linked) -> tuple[str, ...]:
    metas = outline.metas
    given: Iterable[str] = linked.authors
    if not given:
        named = [
            metas.get(k, "")
            for k in ("author", "article:author", "dc.creator", "parsely-author", "sailthru.author", "byl")
        ]
        named += [value for prop, value in outline.itemprops if prop == "author"]
        given = [_BY.sub("", clean(name)) for name in named if name and "http" not in name and "@" not in name][:1]
    seen: dict[str, str] = {}
    for name in given:
        if 1 < len(name) < 120:
            seen.setdefault(plain_words(name), name)
    return tuple(seen.values())


_LANGUAGE = re.compile(r"^\s*([a-zA-Z]{2})(?:[-_][a-zA-Z]{2,4})?\b")


def _language(outline: Outline, linked: Linked) -> str:
    for value in (
        outline.lang,
        linked.language,
        outline.metas.get("og:locale", ""),
        outline.metas.get("content-language", ""),
    ):
        found = _LANGUAGE.match(value)
        if found:
            return found[1].lower()
    return ""
