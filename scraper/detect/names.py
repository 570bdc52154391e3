"""The names in a sentence: runs of words that may name a body, with the acronym behind. Chooses no parties."""

from __future__ import annotations

import re
from typing import NamedTuple

from scraper.detect.acronyms import behind_name, initials_fit, may_be_acronym
from scraper.detect.vocabulary import Vocabulary, Word
from scraper.detect.wording import Hit, Wording

_LONGEST_NAME = 26  # words
# Endings of adjectives in French, Spanish, Italian and Portuguese, folded: générale, naturels, régionaux.
_ADJECTIVE = re.compile(
    r"(?:al|ale|ales|ali|als|el|els|aux|ique|iques|ico|ica|icos|icas|ici|iche|ien|ienne|iennes|aire|aires|eux|euse|euses|ais|aise|aises|ano|ana|anos|anas"
    r"|ani|ane|ense|enses|ario|aria|arias|arios|ivo|iva|ivos|ivas|if|ive|ives|eur|eurs|iere|ieres|ier|iers|esa|ese|esi|ais|ar|ares)$"
)
_INFLECTED = re.compile(r"(?<=[^\W\d_]{3})e[nmrs]?(?= )")
_GENITIVE = ("d", "et", "y", "pour", "para", "per")  # de, della, dos: what may go on in small letters
_NEW = frozenset({"zealand", "york", "delhi", "jersey", "england", "south", "hampshire", "mexico", "orleans", "haven"})
_AT = frozenset({"lab", "laboratory", "school", "department", "institute", "center", "centre", "college"})


class Name(NamedTuple):
    """A run of words that may name a body: words i to j (one past), and the acronym in parentheses behind it."""

    i: int
    j: int
    text: str
    acronym: str
    head: bool  # holds a word such as association, Verband, société, or a legal form
    sure: bool  # says itself that it is the name of a body


def names(wording: Wording, words: Vocabulary) -> list[Name]:
    """The names in a sentence, left to right."""
    return _Scan(wording, words).run()


class _Scan:
    """Walks over the words once; each name takes at most _LONGEST_NAME words, so work stays linear."""

    def __init__(self, wording: Wording, vocabulary: Vocabulary) -> None:
        self.wording = wording
        self.words = wording.words
        self.lower = vocabulary.lower_names  # names of this language go on in small letters
        self.bare = vocabulary.language == "pl"  # the language has no articles
        self.compounds = vocabulary.compounds
        self.genders = vocabulary.genders
        self.ended = 0  # where the name before ended
        self.barred = self._barred()

    def run(self) -> list[Name]:
        found = []
        i = 0
        while i < len(self.words):
            if not self.words[i].opens or i in self.barred or not self._starts(i):
                i += 1
                continue
            j = self._end(i)
            i = self._behind_office(i, j)
            if self.bare and i and self.words[i - 1].tags & {"aside", "with"} and not _heads(self.words[i : i + 1]):
                i += 1 if _heads(self.words[i + 1 : min(i + 3, j)]) else 0  # w Gdyni Polskie Towarzystwo Hydrologów
            name, after = self._name(i, j)
            found.append(name)
            self.ended = i = max(after, i + 1)
        return found

    def _behind_office(self, i: int, j: int) -> int:
        """`Director of Compliance of the World Customs Organization`: the office is none of the body's name."""
        words = self.words
        if i > 1 and "inside" in words[i - 1].tags and "roles" in words[i - 2].tags and not _heads(words[i : i + 1]):
            for k in range(i + 1, j - 1):
                if "inside" in words[k].tags and not _heads(words[i:k]) and _heads(words[k + 1 : j]):
                    return next(at for at in range(k, j) if words[at].cap)
        return i

    def _barred(self) -> set[int]:
        """Words that are part of an act, not of a name. A capital in running text between capitals is a name's own
        word.
        """
        barred: set[int] = set()
        for kind in ("verbs", "instruments", "ties"):
            for hit in self.wording.hits.get(kind, ()):
                if not self._named(hit):
                    barred.update((hit.i, hit.j - 1) if kind == "verbs" and hit.j - hit.i > 3 else range(hit.i, hit.j))
        return barred

    def _named(self, hit: Hit) -> bool:
        word = self.words[hit.i]
        if hit.j - hit.i > 1 or not word.cap:
            return False
        head = "heads" in word.tags
        before = self.words[hit.i - 1] if hit.i else None
        after = self.words[hit.j] if hit.j < len(self.words) else None
        beside = (before is not None and before.cap and not before.tags & {"articles", "common"}) or (
            hit.i > 0 and after is not None and (after.cap or after.text == "(") and head
        )
        if self.wording.titled:
            return beside and head and hit.value in ("alliance", "")
        if hit.value == "alliance" and head and before is not None and "articles" in before.tags:
            return True  # with the Federation: a body named before
        if hit.kind == "verbs" and before is not None and before.letters and not self.compounds:
            return True  # a verb with a capital within a sentence: Association of Sign Makers
        return beside and (head or hit.kind != "verbs")

    def _capital_at(self, j: int) -> bool:
        """A capital at j, behind articles perhaps."""
        while j < len(self.words) and "articles" in self.words[j].tags and not self.words[j].cap:
            j += 1
        return j < len(self.words) and (self.words[j].cap or self.words[j].acro)

    def _starts(self, i: int) -> bool:
        word = self.words[i]
        if "heads" in word.tags and not word.cap:
            return self._lower_head(i)
        if self._opens(i):
            return True
        if (
            word.tags & {"honorifics", "weekdays", "years"}
            or word.month
            or (word.tags & {"common", "articles", "we", "aside"} and not word.acro)
        ):
            return False
        return not ("roles" in word.tags and not word.acro) and not self._owns(i)

    def _opens(self, i: int) -> bool:
        """`New Zealand ...`, `General Medical Council`: words that elsewhere begin no name."""
        low = self.words[i].low
        if low not in ("new", "general") or not self._capital(i + 1):
            return False
        after = self.words[i + 1]
        return after.low in _NEW if low == "new" else not (self._tags_at(i - 1) | after.tags) & {"roles"}

    def _owns(self, i: int) -> bool:
        """`Switzerland's Crypto Valley Forum`: a place before a name is none of it."""
        after = self.words[i + 1 : i + 3]
        return "places" in self.words[i].tags and [w.low for w in after] == ["'", "s"] and self._capital(i + 3)

    def _lower_head(self, i: int) -> bool:
        """`la fédération pétrochimie de l'UGTT`: a head word in small letters begins a name where a capital
        follows soon.
        """
        if not self.lower or self.wording.titled or i == 0 or "articles" not in self.words[i - 1].tags:
            return False
        for word in self.words[i + 1 : i + 7]:
            if word.cap or word.text == "(":
                return True
            if not word.letters and word.text != "'":
                return False
        return False

    def _end(self, i: int) -> int:
        j = i + 1
        head = _heads(self.words[i : i + 1])
        romance = head and self.lower
        limit = min(len(self.words), i + _LONGEST_NAME)
        while j < limit:
            step = self._step(i, j, head, romance)
            if not step:
                break
            head = head or _heads(self.words[j : j + step])
            j += step
        while (
            j > i + 1
            and (self.words[j - 1].tags & {"inside", "and"} or not self.words[j - 1].letters)
            and not self.words[j - 1].cap
        ):
            j -= 1
        return j

    def _step(self, i: int, j: int, head: bool, romance: bool) -> int:
        """How many words more belong to the name that runs from i to j."""
        word = self.words[j]
        if j in self.barred:
            return 0
        if (word.cap or word.acro) and word.letters:
            return 0 if self._ends_before(i, j, head) else 1
        if word.text == "." and len(self.words[j - 1].text) == 1 and self._capital(j + 1):
            return 2  # an initial: Octavio B. Peralta
        if word.text == "'":
            return self._possessive(i, j)
        if word.number and j + 1 < len(self.words) and self._capital(j + 1):
            return 1
        if word.text == "-" and "and" in self._tags_at(j + 1) and self._capital(j + 2):
            return 3  # Land- en Tuinbouwraad, Elektro- und Informationstechnik
        if "and" in word.tags:
            return self._coordination(i, j, head)
        if "inside" in word.tags:
            person = not head and j - i > 1 and "first" in self.words[i].tags  # Dev Patel of the Open Shelf
            return 0 if person else self._connector(j, head)
        if (
            romance
            and word.letters
            and not word.tags & {"common", "aside", "with", "by", "between", "weekdays"}
            and not self._verbish(j)
        ):
            return 1 if self._lower_tail(j) else 0
        if word.text == "," and head and self._list_inside(i, j):
            return 2
        if word.low == "at" and self._capital(j + 1) and any(w.low in _AT for w in self.words[i:j]):
            return 2  # Laboratory for Data Intensive Biology at UC Davis
        return 0

    def _ends_before(self, i: int, j: int, head: bool) -> bool:
        """A capital that begins something new: a role behind a body (`APBF President Syed Maaz`)."""
        word = self.words[j]
        place = j == i + 1 and "places" in self.words[i].tags and self._tags_at(i - 1) & {"aside", "with", "inside"}
        if place and word.acro and i:
            return True  # a Roma SIRM e AIFM
        if word.tags & {"honorifics", "weekdays"} or self._dates(j) or "legal" in self.words[j - 1].tags:
            return True
        if "roles" not in word.tags or "heads" in word.tags or (head and "inside" in self.words[j - 1].tags):
            return False
        if j + 1 < len(self.words) and self.words[j + 1].text == "(" and head:
            return False  # Federazione Italiana Medici di Medicina Generale (Fimmg)
        if j - i == 1 and "first" in self.words[i].tags:
            return False  # Luis Alcalde
        if word.low.startswith("gener") and "heads" in self.words[j - 1].tags:
            return False  # Consejo General de ...
        plural = word.low.endswith("s") and head and any("inside" in w.tags for w in self.words[i:j])
        return not plural  # Association of Medical Directors of ...

    def _tags_at(self, j: int) -> frozenset[str]:
        return self.words[j].tags if j < len(self.words) else frozenset()

    def _dates(self, j: int) -> bool:
        """A month beside a number; Mar in Fundação Mar Seguro is none."""
        if not self.words[j].month:
            return False
        return len(self.words[j].low) > 3 or any(w.count or w.number for w in self.words[j - 1 : j + 3])

    def _capital(self, j: int) -> bool:
        if j >= len(self.words) or j in self.barred:
            return False
        word = self.words[j]
        return (word.cap or word.acro) and not self._dates(j) and not word.tags & {"weekdays", "honorifics"}

    def _possessive(self, i: int, j: int) -> int:
        """`Parkinson's UK` goes on, `HIMSS' cooperation` does not; `dell'Unione` and `l'UGTT` do."""
        after = self.words[j + 1] if j + 1 < len(self.words) else None
        if after is None:
            return 0
        plural = self.words[j - 1].low.endswith("s") and not self.words[j - 1].acro
        if plural and after.cap and after.letters and ("heads" in after.tags or not _heads(self.words[i:j])):
            return 2  # Grocers' Benevolent Fund
        if after.low == "s":
            ends = j + 2 >= len(self.words) or not self._capital(j + 2)
            return 0 if ends or "roles" in self.words[j + 2].tags else 3
        if self.words[j - 1].tags & {"inside"} and after.letters:
            return 2
        return 0

    def _connector(self, j: int, head: bool) -> int:
        """`of`, `für`, `de la`: goes on where a capital follows within four words; behind a head word small
        letters do too.
        """
        for k in range(j, min(j + 4, len(self.words))):
            word = self.words[k]
            of_roles = head and k > j and word.cap and "aside" not in word.tags  # Association of Former ...
            if k in self.barred or (word.tags & {"aside", "roles"} and "inside" not in word.tags and not of_roles):
                return 0
            if word.count and not word.number and not word.cap:
                return 0  # Fédération des archers pour quatre ans
            if self._capital(k) and not ("articles" in self.words[k - 1].tags and not head and "heads" in word.tags):
                return k + 1 - j
            if (
                head
                and self.lower
                and self.words[j].low.startswith(_GENITIVE)
                and word.letters
                and not word.tags & {"inside", "articles", "common"}
                and not self._verbish(k)
            ):
                return k + 1 - j
            if not (word.tags & {"inside", "articles"} or word.text == "'"):
                return 0
        return 0

    def _coordination(self, i: int, j: int, head: bool) -> int:
        """Whether `and` stands inside the name."""
        k = j + 1
        if not self._capital(k) or self._owns(k):
            return 0
        later = self._later(k)
        closing = k + len(later)
        if (
            closing + 1 < len(self.words)
            and self.words[closing].text == "("
            and may_be_acronym(self.words[closing + 1])
        ):
            acronym = self.words[closing + 1].text
            if initials_fit(acronym, self.words[i:closing]):
                return 2
            if initials_fit(acronym, self.words[k:closing]):
                return 0
        listed = i > 1 and self.words[i - 1].text == "," and self.ended == i - 1  # A, B and C
        if listed and not any("inside" in w.tags for w in self.words[i:j]):
            return 0
        if self.words[k].acro or self.words[j - 1].acro or (self.words[j].text == "&" and len(later) > 2):
            return 0
        if not head:
            return 2 if _heads(later) and len(later) > 1 and j - i <= 4 else 0
        if _heads(later) and not (_heads(later[-1:]) and later[-1].low.endswith("s")):
            return 0  # a plural head closes a name (Industries and Associations), a single one begins another
        of_phrase = any("inside" in w.tags for w in self.words[i:j])
        of_two = j - i == 2 and _heads(self.words[i : i + 1]) and len(later) == 1  # Verband Holz und Kunststoff
        return 2 if of_two or (of_phrase and len(later) <= 6) else 0

    def _later(self, k: int) -> list[Word]:
        """The words of what follows, up to its end."""
        later = []
        for at in range(k, min(k + 8, len(self.words))):
            word = self.words[at]
            if at in self.barred or not (word.cap or word.acro or (word.tags & {"inside"} and self._capital(at + 1))):
                break
            later.append(word)
        return later

    def _list_inside(self, i: int, j: int) -> bool:
        """`Colegio de Químicos, Bioquímicos y Farmacéuticos`: a comma inside, where `and` and a capital follow the
        next word.
        """
        ahead = self.words[j + 1 : j + 4]
        of_phrase = any("inside" in w.tags for w in self.words[i:j])
        return (
            of_phrase and len(ahead) == 3 and ahead[0].cap and not ahead[0].acro and "heads" not in ahead[0].tags
            and "and" in ahead[1].tags and ahead[2].cap and not ahead[2].acro and "heads" not in ahead[2].tags
        )  # fmt: skip

    def _verbish(self, j: int) -> bool:
        return any(
            h.i <= j < h.j for kind in ("verbs", "intended", "negation") for h in self.wording.hits.get(kind, ())
        )

    def _lower_tail(self, j: int) -> bool:
        """`Union générale tunisienne du travail`: adjectives behind a head word; any word where the acronym closes
        the name.
        """
        before, word = self.words[j - 1], self.words[j]
        if before.tags & {"heads", "inside"} or _ADJECTIVE.search(word.low):
            return True
        if j + 1 < len(self.words) and self.words[j + 1].text in ".,;":
            return not word.tags and not word.phrases  # Réseau des villes lentes.
        for k in range(j, min(j + 7, len(self.words))):
            if self.words[k].text == "(":
                return k + 1 < len(self.words) and may_be_acronym(self.words[k + 1])
            new = "and" in self.words[k].tags and self._capital_at(k + 1)
            if self._verbish(k) or not self.words[k].letters or new:
                return False
        return False

    def _name(self, i: int, j: int) -> tuple[Name, int]:
        words = self.words
        if self.compounds and j - i == 2 and "heads" in words[i].tags and words[i + 1].text.isupper():
            i += 1  # die Verbände ZVEI, der Branchenverband COCIR
        if self.lower and j - i > 2 and not words[i].cap and words[i + 1].cap and not words[i + 1].tags:
            i += 1  # l'association Réemploi Ouest
        acronym, legal, after = behind_name(words, j)
        head = legal or any(w.tags & {"heads", "legal"} for w in words[i:j])
        return Name(i, j, self._base_form(i, j), acronym, head, self._sure(i, j, acronym, head)), after

    def _sure(self, i: int, j: int, acronym: str, head: bool) -> bool:
        """A head word, an acronym; `National Societies` are a kind of bodies."""
        last = self.words[j - 1]
        if acronym or not head:
            return bool(acronym) or any(w.acro or (w.cap and "known" in w.tags) for w in self.words[i:j])
        kind = j - i == 2 and "heads" in last.tags and last.low.endswith(("ies", "ions"))
        return self.words[i].acro if kind else True

    def _base_form(self, i: int, j: int) -> str:
        """`dem Deutschen Ruderbund`, `des Deutschen Ruderbunds`: Deutscher Ruderbund."""
        text = self.wording.slice(i, j)
        if not self.genders or not i or "articles" not in self.words[i - 1].tags:
            return text
        for word in self.words[i:j]:
            for ending, heads in self.genders:
                head = heads.search(word.low)
                if head:
                    before, _, behind = text.partition(word.text)
                    own = word.text[: head.end(1)] if self.words[i - 1].low == "des" else word.text
                    return _INFLECTED.sub(ending, before) + own + behind
            if not _INFLECTED.search(word.text + " "):
                break
        return text


def _heads(words: list[Word]) -> bool:
    return any("heads" in w.tags and w.low != "international" for w in words)
