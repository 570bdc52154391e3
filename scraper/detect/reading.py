"""Which sentences of an article are read closely, and what is seen in them: words, names, acts. Weighs nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from scraper.detect.acts import Act, acts
from scraper.detect.names import Name, names
from scraper.detect.parties import Mention, mentions
from scraper.detect.roster import Roster
from scraper.detect.sentences import sentences
from scraper.detect.vocabulary import (
    INSTRUMENT,
    NEIGHBOUR,
    STRONG,
    TIE,
    VERB,
    Vocabulary,
    beckons,
    language_of,
    vocabulary,
)
from scraper.detect.when import dateline_of
from scraper.detect.wording import Wording, worded
from scraper.text import fold
from storage.records.article import Article

TITLE, DECK = -1, -2
_MOST_SENTENCES = 14  # read closely in one article
_MOST_BLOCKS, _MOST_OF_A_BLOCK = 400, 20_000  # of one article; characters
_BEHIND = 2  # sentences after an act, which may date it or name who
_BARE = frozenset({"joined", "cooperate", "left"})  # acts that need no instrument
_LEADS = INSTRUMENT | TIE | VERB  # what a sentence of the lead is read closely for
LEAD = 3  # sentences that count as the lead
NEAR = 6  # sentences that count as near the top
_LAST = 40  # behind it nothing is looked at
FAR = 14  # behind them an act is news only where the opening speaks of the matter, too


@dataclass(slots=True)
class Read:
    """One sentence read closely."""

    text: str
    block: int
    order: int  # 0 for the title, 1 for the deck and the first sentence of the body
    calls: bool  # has words that an act may be made of
    wording: Wording
    names: list[Name] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    signs: list[list[str]] = field(default_factory=list)  # of each act, filled by weighing.py


@dataclass(slots=True)
class Reader:
    """Reads one article: first the sentences that call, and only if they promise anything all that count."""

    article: Article
    words: Vocabulary
    picked: list[tuple[str, int, int, bool]]
    reads: list[Read] = field(default_factory=list)
    spare: str = ""  # the instrument that title or lead name
    body: str = ""  # the text as one, filled when a definition is looked for

    @classmethod
    def of(cls, article: Article) -> Reader:
        """With the title and the calling sentences read, their acts found."""
        opening = " ".join([article.title, article.deck, *(b.text[:400] for b in article.blocks[:3])])
        words = vocabulary(language_of(opening, article.language))
        reader = cls(article, words, _picked(article, words))
        reader.reads = [reader._read(*one) for one in reader.picked if one[3] or one[1] == TITLE]
        reader.spare = next((tie for read in reader.reads if read.order <= LEAD and (tie := _tie(read))), "")
        if any(_of_the_matter(read) for read in reader.reads):
            for read in reader.reads:
                if read.calls:
                    reader._find_acts(read)
        return reader

    def read_on(self) -> list[Read]:
        """All sentences that count, in order, with the names in them."""
        known = iter(self.reads)
        self.reads = [next(known) if one[3] or one[1] == TITLE else self._read(*one) for one in self.picked]
        for read in self.reads:
            if not read.names and read.order <= NEAR:
                read.names = names(read.wording, self.words)
            told = dateline_of([read.wording]) if read.order == 1 else None
            found = mentions(read.wording, read.names, self.words)
            read.mentions = [m for m in found if told is None or m.name.i >= told.end]
        return self.reads

    def _read(self, text: str, block: int, order: int, calls: bool) -> Read:
        return Read(text, block, order, calls, worded(text, self.words, title=block == TITLE))

    def _find_acts(self, read: Read) -> None:
        if read.order <= LEAD or _of_the_matter(read):
            read.names = names(read.wording, self.words)
            spare = self.spare if read.order <= LEAD else ""
            read.acts = acts(read.wording, read.names, spare=spare)

    def look_for_definition(self, acronym: str, roster: Roster) -> None:
        """A full name may stand in a paragraph that tells of no act: read around `(ABC)`, behind `ABC (`."""
        if not self.body:
            self.body = "\n".join(block.text[:_MOST_OF_A_BLOCK] for block in self.article.blocks[:80])
        for mark, before, after in ((f"({acronym})", 240, 0), (f"{acronym} (", 0, 200)):
            at = self.body.find(mark)
            if at >= 0:
                head = self.body[max(0, at - before) : at].rpartition("\n")[2]
                tail = self.body[at : at + len(mark) + after].partition("\n")[0]
                wording = worded(head + tail, self.words)
                found = names(wording, self.words)
                roster.learn(wording, mentions(wording, found, self.words))
                return


def _picked(article: Article, words: Vocabulary) -> list[tuple[str, int, int, bool]]:
    """The sentences to read closely, with block, order, and whether they may tell an act: title, deck, the lead, and
    those further down that have words of the matter.
    """
    texts = [block.text[:_MOST_OF_A_BLOCK] for block in article.blocks[:_MOST_BLOCKS]]
    opening = [_glanced(text, words) for text in texts[:2]]
    lead = reduce(or_, (seen for block in opening for _, seen in block), words.glance(article.title))
    of_the_matter = lead & (INSTRUMENT | TIE)
    heads = [(article.title, TITLE, 0)] if article.title else []
    heads += [(text, DECK, 1) for text in sentences(article.deck)][:3]
    picked = [(*head, _calls(words.glance(head[0]), STRONG if of_the_matter else 0)) for head in heads]
    order, behind, boxed = 0, 0, False
    for index, text in enumerate(texts):
        if len(picked) >= _MOST_SENTENCES or order > (_LAST if of_the_matter else FAR):
            break
        if order >= LEAD and not beckons(words.glance(text), far=order >= NEAR):
            order += 1
            continue
        if not _is_prose(article.blocks[index].kind, text):
            continue
        boxed = _is_furniture(text, words) or (boxed and len(text) < 120 and text[-1:] not in ".!?")
        if boxed:  # a box and the headlines below it
            continue
        for sentence, seen in opening[index] if index < len(opening) else _glanced(text, words):
            order += len(sentence) > 25
            calls = beckons(seen, far=order > NEAR) or (order <= LEAD and bool(seen & _LEADS))
            behind = _BEHIND if calls else behind - 1
            if behind >= 0 or order <= LEAD:
                picked.append((sentence, index, max(order, 1), calls))
    return picked[:_MOST_SENTENCES] if any(calls for *_, calls in picked) else []


def _glanced(text: str, words: Vocabulary) -> list[tuple[str, int]]:
    return [(sentence, words.glance(sentence)) for sentence in sentences(text)]


def _is_prose(kind: str, text: str) -> bool:
    """Neither a table, nor a caption, nor a salutation."""
    return kind not in ("table", "caption") and not text.startswith("---") and not (len(text) < 60 and text[-1:] == ",")


def _calls(seen: int, told: int) -> bool:
    """Whether a title may tell an act, or a neighbour of one."""
    return beckons(seen) or bool(seen & (INSTRUMENT | TIE | NEIGHBOUR | told))


def _tie(read: Read) -> str:
    """The instrument that a sentence names, "partnership" for a bare tie."""
    hits = read.wording.hits
    named = [h.value for h in hits.get("instruments", ()) if h.value not in ("membership", "partner", "alliance")]
    return named[0] if named else "partnership" if "ties" in hits else ""


def _is_furniture(text: str, words: Vocabulary) -> bool:
    """`Related news: ...`, `Home | News | ...`, `About us: ...`: what a text reader may have left in."""
    opening = text[:100].lower() if text.isascii() else fold(text[:100])
    if opening.count(" | ") >= 2 or text.count(" | ") >= 3:
        return True
    head, colon, _ = opening.partition(":")
    if colon and len(head) < 90:
        return head.startswith(words.furniture)
    return opening.rstrip(". ") in words.furniture or opening.startswith(words.long_furniture)


def _of_the_matter(read: Read) -> bool:
    """Whether a sentence has the phrases that an act, or a neighbour of one, is made of."""
    hits = read.wording.hits
    paper = "instruments" in hits
    verbs = hits.get("verbs", ())
    if verbs and (paper or "ties" in hits or read.order <= LEAD or any(h.value in _BARE for h in verbs)):
        return True
    if read.order > LEAD:
        return False
    return (
        "merger" in hits or "statement" in hits or (paper and "intended" in hits)
        or (read.order <= 1 and (paper or "ties" in hits))
    )  # fmt: skip
