"""Who is meant by a name: definitions on the page first, then the watch list, then the packaged registry as a
tie-break.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from urllib.parse import urlsplit

from scraper.detect.vocabulary import WORD
from scraper.text import fold
from storage.records.partnership import Organisation, Party

_SMALL = frozenset(
    WORD.findall(
        "the of for and in on de la le les des du der die das den und et y e da do dos das van het di del dell della "
        "degli dei a an à el los "
        "las os as o i oraz en voor na rzecz w"
    )
)
_LEGAL = frozenset(("inc", "ltd", "gmbh", "ev", "aisbl", "asbl", "vzw", "plc", "llc", "ag", "sa", "bv", "nv"))


@dataclass(frozen=True, slots=True)
class Known:
    """A body of the registry with the domains and countries of others that share its acronym."""

    organisation: Organisation
    rivals: tuple[str, ...] = ()
    watched: bool = False


class Registry:
    """Organisations by acronym and by name. Immutable; `with_organisations` makes a larger one."""

    def __init__(self, known: Iterable[Known]) -> None:
        self._known = tuple(known)
        self._by_acronym: dict[str, list[Known]] = {}
        self._by_name: dict[str, Known] = {}
        for entry in self._known:
            body = entry.organisation
            if body.acronym:
                self._by_acronym.setdefault(fold(body.acronym), []).append(entry)
            for name in (body.name, *body.aliases):
                self._by_name.setdefault(key_of(name), entry)

    @classmethod
    def default(cls) -> Registry:
        """The registry that comes with the program."""
        return _default()

    def with_organisations(self, own: tuple[Organisation, ...]) -> Registry:
        """This registry with a watch list's bodies before it: they win over packaged ones of the same acronym."""
        ids = {body.id for body in own}
        return Registry(
            [*(Known(body, watched=True) for body in own), *(k for k in self._known if k.organisation.id not in ids)]
        )

    def organisations(self) -> tuple[Organisation, ...]:
        """All bodies, those of a watch list first."""
        return tuple(entry.organisation for entry in self._known)

    def by_name(self, name: str) -> Organisation | None:
        """The body that bears this full name or alias."""
        found = self._by_name.get(key_of(name))
        return found.organisation if found else None

    def by_acronym(self, acronym: str, *, host: str = "", language: str = "") -> Organisation | None:
        """The one body an acronym alone can mean on a page of this host: watched ones first, none where it is
        contested.
        """
        entries = self._by_acronym.get(fold(acronym), [])
        watched = [k for k in entries if k.watched]
        entries = watched or entries
        if len(entries) != 1:
            return next(
                (k.organisation for k in entries if k.organisation.domain and _within(host, k.organisation.domain)),
                None,
            )
        entry = entries[0]
        if _within(host, entry.organisation.domain):
            return entry.organisation
        return None if _rival_lives_at(entry, host) else entry.organisation

    def resolve(self, name: str, acronym: str, *, host: str = "") -> Organisation | None:
        """The body a party is. A full name that is known decides; one that is not keeps another body with the same
        acronym apart.
        """
        body = self.by_name(name)
        if body is not None or (acronym and acronym != name):
            return body if body is not None else self._by_likeness(name, acronym)
        return self.by_acronym(acronym or name, host=host)

    def _by_likeness(self, name: str, acronym: str) -> Organisation | None:
        """A full name that differs from the registry's in small words only, with the same acronym."""
        wanted = set(key_of(name).split())
        for entry in self._by_acronym.get(fold(acronym), []):
            for own in (entry.organisation.name, *entry.organisation.aliases):
                words = set(key_of(own).split())
                if wanted and len(wanted & words) >= 0.75 * max(len(wanted), len(words)):
                    return entry.organisation
        return None


@lru_cache(maxsize=8)
def registry_with(own: tuple[Organisation, ...]) -> Registry:
    """The packaged registry with a watch list's bodies before it."""
    return Registry.default().with_organisations(own) if own else Registry.default()


@lru_cache(maxsize=4096)
def key_of(name: str) -> str:
    """A name folded to its significant words, for comparing."""
    folded = fold(name).replace("e.v.", " ").replace("e. v.", " ")
    return " ".join(w for w in WORD.findall(folded) if w not in _SMALL and w not in _LEGAL)


def same_party(one: Party, other: Party) -> bool:
    """Whether two parties are the same body: by registry id, by acronym where names do not contradict, by name."""
    if one.organisation and other.organisation:
        return one.organisation == other.organisation
    mine, theirs = _forms(one), _forms(other)
    if mine & theirs:
        return not _contradict(one, other)
    a, b = set(key_of(one.name).split()), set(key_of(other.name).split())
    shorter = min(len(a), len(b))
    return shorter >= 2 and (a <= b or b <= a)


def _forms(party: Party) -> set[str]:
    forms = {key_of(party.name)}
    if party.acronym:
        forms.add(key_of(party.acronym))
    return forms - {""}


def _contradict(one: Party, other: Party) -> bool:
    """The same acronym behind two full names that share hardly a word: two bodies."""
    if not (one.acronym and other.acronym and fold(one.acronym) == fold(other.acronym)):
        return False
    a, b = set(key_of(one.name).split()), set(key_of(other.name).split())
    return len(a) > 1 and len(b) > 1 and len(a & b) < 0.5 * min(len(a), len(b))


def _within(host: str, domain: str) -> bool:
    return bool(host and domain) and (host == domain or host.endswith("." + domain))


def _rival_lives_at(entry: Known, host: str) -> bool:
    """Whether the page belongs to, or to the country of, another body with this acronym."""
    if any("." in rival and _within(host, rival) for rival in entry.rivals):
        return True
    ending = host.rpartition(".")[2]
    return len(ending) == 2 and ending.upper() in entry.rivals and ending.upper() != entry.organisation.country


def host_of(url: str) -> str:
    """The host of an address without `www.`; empty where there is none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


@cache
def _default() -> Registry:
    rows = json.loads((files("scraper.detect") / "lexicon" / "organisations.json").read_text("utf-8"))
    return Registry(
        Known(
            Organisation(
                id=row["id"], name=row["name"], acronym=row.get("acronym", ""), aliases=tuple(row.get("aliases", ())),
                domain=row.get("domain", ""), country=row.get("country", ""),
            ),
            rivals=tuple(row.get("rivals", ())),
        )
        for row in rows["organisations"]
    )  # fmt: skip
