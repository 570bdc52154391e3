"""The bodies of one article: which acronym belongs to which full name, so that each body is one party however it
is called.
"""

from __future__ import annotations

from collections.abc import Iterable

from scraper.detect.acronyms import initials_fit
from scraper.detect.organisations import Registry, key_of
from scraper.detect.parties import Mention
from scraper.detect.vocabulary import Word
from scraper.detect.wording import Wording
from scraper.text import fold
from storage.records.partnership import Party

MOST_PARTIES = 40


class Roster:
    """Learns names from sentences, then answers which party a mention is."""

    def __init__(self, registry: Registry, host: str) -> None:
        self._registry = registry
        self._host = host
        self._full: dict[str, str] = {}  # folded acronym -> full name
        self._acronym: dict[str, str] = {}  # key of a full name -> acronym
        self._alone: dict[str, str] = {}  # folded -> acronym that was seen without a full name
        self._long: dict[str, tuple[str, list[Word]]] = {}  # key -> full name that was seen without an acronym

    def learn(self, wording: Wording, found: list[Mention]) -> None:
        """Take in the names of a sentence: `Long Name (ABC)`, `ABC (Long Name)`, `ABC, the Long Name,`."""
        for number, mention in enumerate(found):
            name = mention.name
            words = wording.words[name.i : name.j]
            if name.acronym:
                self._define(name.text, name.acronym)
            elif len(words) == 1 and words[0].acro:
                self._alone.setdefault(words[0].low, words[0].text)
                if number + 1 < len(found):
                    self._apposition(words[0], found[number + 1], wording)
            elif len(words) > 1 and not mention.person:
                self._long.setdefault(key_of(name.text), (name.text, words))

    def _apposition(self, acronym: Word, following: Mention, wording: Wording) -> None:
        """`ABC (Long Name)`, `ABC, the Long Name`: letters fit, or commas on both sides part it from a list."""
        words, name = wording.words, following.name
        at = name.i - 2 if "articles" in words[name.i - 1].tags else name.i - 1
        if at < 1 or words[at].text not in ",(" or words[at - 1] is not acronym:
            return
        closed = at > 1 and "and" in words[at - 2].tags and following.name.head and name.j < len(words)
        if (closed and words[name.j].text == ",") or initials_fit(acronym.text, words[name.i : name.j]):
            self._define(name.text, acronym.text)

    def _define(self, name: str, acronym: str) -> None:
        if len(acronym.split()) > 1 and not any(sum(c.isupper() for c in part) > 1 for part in acronym.split()):
            return  # Advocatura of the Kyrgyz Republic (Kyrgyzstan Bar Association): another name, no acronym
        if len(name) < len(acronym):
            name, acronym = acronym, name
        if " " not in name and name.isupper():
            return  # two acronyms side by side define nothing
        name = _unglued(name, acronym)
        self._full.setdefault(fold(acronym), name)
        self._acronym.setdefault(key_of(name), acronym)

    def undefined(self, mentioned: Iterable[Mention]) -> list[str]:
        """The acronyms among these names that have no full name so far."""
        lone = dict.fromkeys(fold(m.name.text) for m in mentioned)
        return [self._alone[low] for low in lone if low in self._alone and low not in self._full]

    def settle(self) -> None:
        """Join acronyms that stand alone with full names that fit them letter by letter."""
        for low, acronym in self._alone.items():
            if low in self._full:
                continue
            for key, (name, words) in self._long.items():
                if key not in self._acronym and initials_fit(acronym, words):
                    self._define(name, acronym)
                    break

    def parties(self, found: Iterable[Mention]) -> list[Party]:
        """The parties these mentions are, each once, in order."""
        return self.union([[party for m in found if (party := self._party(m)) is not None]])

    def union(self, groups: Iterable[Iterable[Party]]) -> list[Party]:
        """Parties of several sentences, each once; the fuller form of a name stays."""
        kept: list[Party] = []
        for party in (p for group in groups for p in group):
            at = next((i for i, other in enumerate(kept) if self._same(party, other)), None)
            if at is None:
                kept.append(party)
            elif len(party.name) > len(kept[at].name) and not kept[at].acronym:
                kept[at] = party
        return kept[:MOST_PARTIES]

    def covers(self, more: list[Party], fewer: list[Party]) -> bool:
        """Whether each of `fewer` is among `more`."""
        return all(any(self._same(p, q) for q in more) for p in fewer)

    def _party(self, mention: Mention) -> Party | None:
        """The fullest form of a name: as the page defines it, else as the registry knows a lone acronym."""
        text = self._spelt_out(mention.name.text) if mention.generic else mention.name.text
        if not text:
            return None
        name = self._full.get(fold(mention.name.acronym) or fold(text)) or self._full.get(fold(text)) or text
        acronym = self._acronym.get(key_of(name), "")
        body = self._registry.resolve(name, acronym, host=self._host)
        if body is not None and name == text and " " not in text and fold(text) == fold(body.acronym):
            name, acronym = body.name, text
        return Party(name=name, acronym=acronym if acronym != name else "", organisation=body.id if body else None)

    def _spelt_out(self, head: str) -> str:
        """`the Federation` is the one body of the text that is a federation, if there is just one."""
        wanted = key_of(head)
        fitting = [name for key, name in self._bodies() if wanted in key.split() and key != wanted]
        return fitting[0] if len(fitting) == 1 else ""

    def _bodies(self) -> list[tuple[str, str]]:
        defined = {key_of(name): name for name in self._full.values()}
        return list({**{key: name for key, (name, _) in self._long.items()}, **defined}.items())

    def _same(self, one: Party, other: Party) -> bool:
        a, b = key_of(one.name), key_of(other.name)
        if a == b or (one.organisation and one.organisation == other.organisation):
            return True
        if one.acronym and other.acronym:
            return False
        forms, others = {a, fold(one.acronym)} - {""}, {b, fold(other.acronym)} - {""}
        if forms & others:
            return True
        first, second = a.split(), b.split()
        short, long = sorted((first, second), key=len)
        if len(short) == 1:
            told = len(short[0]) > 4 or one.name.isupper() != other.name.isupper()  # Brightwater is Brightwater Energy
            return len(long) == 2 and long[0] == short[0] and told
        return long[: len(short)] == short or long[-len(short) :] == short


def _unglued(name: str, acronym: str) -> str:
    """`COCIRThe European ...` is what is left of a logo and a text: the acronym and the article go."""
    rest = name.removeprefix(acronym)
    if rest != name and rest[:1].isupper() and " " in rest and rest[1:2].islower():
        return rest.removeprefix("The ").strip()
    return name
