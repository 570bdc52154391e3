"""The associations that come with the program, and the addresses where their news may stand; nothing here is fetched.

The addresses were gathered from stored pages and public lists. None was tried live: `evidence` says how good each is,
and only a look at the site (`accordwatch add`, `check-sources`) says whether it works today.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from scraper.text import fold, squeeze
from scraper.url import identity, same_site

Evidence = Literal[
    "seen", "in public lists", "above an article", "host of a feed", "seen long ago", "guess", "disputed", "dead",
]  # fmt: skip
EVIDENCE: dict[str, str] = {  # best first
    "seen": "seen on a stored page or in a dated check",
    "in public lists": "named in public lists, not seen itself",
    "above an article": "the folder above an article that was seen",
    "host of a feed": "the host of a feed that was seen",
    "seen long ago": "seen, but years ago",
    "guess": "a common address, not seen anywhere",
    "disputed": "public lists disagree",
    "dead": "known to be gone",
}
_RANK = {word: rank for rank, word in enumerate(EVIDENCE)}
_WORTH_A_START = _RANK["guess"]  # what is no better than a guess does not beat a home page


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An address of an association. `seen` is the last year that speaks for it, 0 when unknown."""

    kind: Literal["home", "news", "feed", "sitemap", "article", "api"]
    url: str
    evidence: Evidence
    seen: int = 0

    def sentence(self) -> str:
        """How good the evidence is, for people."""
        return EVIDENCE[self.evidence] + (f", last in {self.seen}" if self.seen else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueEntry:
    """One association with all its candidate addresses, the best evidence first."""

    acronym: str
    name: str
    aliases: tuple[str, ...] = ()
    country: str
    sector: str = ""
    languages: tuple[str, ...] = ()
    addresses: tuple[Candidate, ...] = ()

    @property
    def best(self) -> Candidate:
        """Where to begin: the news page or feed with the best evidence, else the home page."""
        home = next(each for each in self.addresses if each.kind == "home")
        news = (each for each in self.addresses if each.kind in ("news", "feed"))
        return next((each for each in news if _RANK[each.evidence] < _WORTH_A_START), home)


@cache
def catalogue() -> tuple[CatalogueEntry, ...]:
    """All associations, in the order of the data file: the nearest to radiology and health IT first."""
    text = files("scraper.catalogue").joinpath("associations.json").read_text(encoding="utf-8")
    return tuple(_entry(row) for row in json.loads(text))


def find(name: str) -> tuple[CatalogueEntry, ...]:
    """The associations that go by this acronym, name or alias, whatever its case; several when it is ambiguous.

    When none does, those whose name holds all of these words.
    """
    wanted = fold(squeeze(name))
    exact = tuple(entry for entry in catalogue() if wanted in _names(entry))
    if exact or len(wanted) < 3:
        return exact
    words = set(wanted.split())
    return tuple(entry for entry in catalogue() if any(words <= set(each.split()) for each in _names(entry)))


def source_fields(entry: CatalogueEntry) -> dict[str, Any]:
    """The keys of a [[sources]] entry for this association, its best address as `url`."""
    fields: dict[str, Any] = {
        "id": _id(entry),
        "name": entry.acronym,
        "url": entry.best.url,
        "organisation": entry.acronym,
    }
    if entry.sector:
        fields["tags"] = [entry.sector]
    return fields


def source_comments(entry: CatalogueEntry) -> tuple[str, ...]:
    """Comment lines for that entry: its full name, and the other candidates for `discover`."""
    others = (each for each in entry.addresses if each is not entry.best and each.kind != "article")
    return (
        f"{entry.name}. The address was not tried; evidence: {entry.best.sentence()}.",
        *(f"other candidate: {each.url} ({each.kind}; {each.sentence()})" for each in others),
    )


def others(url: str, *names: str) -> tuple[Candidate, ...]:
    """The other addresses, best first, of the association that goes by one of these names, or whose site this is."""
    named = next((found[0] for name in names if name and len(found := find(name)) == 1), None)
    entry = named or next((e for e in catalogue() if any(same_site(each.url, url) for each in e.addresses)), None)
    usable = entry.addresses if entry else ()
    return tuple(
        each
        for each in sorted(usable, key=lambda each: each.kind == "home")
        if each.kind in ("news", "feed", "home") and each.evidence != "dead" and identity(each.url) != identity(url)
    )


def _entry(row: dict[str, Any]) -> CatalogueEntry:
    found = (Candidate(kind=kind, url=url, evidence=how, seen=seen) for kind, url, how, seen in row["addresses"])
    addresses = tuple(sorted(found, key=lambda each: (_RANK[each.evidence], -each.seen)))
    lists = {key: tuple(row[key]) for key in ("aliases", "languages")}
    return CatalogueEntry(**(row | lists | {"addresses": addresses}))


def _names(entry: CatalogueEntry) -> tuple[str, ...]:
    return tuple(fold(squeeze(each)) for each in (entry.acronym, entry.name, *entry.aliases))


def _id(entry: CatalogueEntry) -> str:
    """The acronym in small letters; where two associations share it, with the country."""
    shared = Counter(fold(each.acronym) for each in catalogue())[fold(entry.acronym)] > 1
    return re.sub(r"[^a-z0-9]+", "-", fold(f"{entry.acronym} {entry.country}" if shared else entry.acronym)).strip("-")
