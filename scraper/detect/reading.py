"""Which sentences of an article are read closely, and what is seen in them: words, names, acts. Weighs nothing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from scraper.detect.acts import Act, acts
from scraper.detect.parties import Mention, mentions
from scraper.detect.roster import Roster
from scraper.detect.sentences import sentences
from scraper.detect.vocabulary import INSTRUMENT, NEIGHBOUR, TIE, Vocabulary, beckons, language_of, vocabulary
from scraper.detect.wording import Wording, names, worded
from scraper.text import fold
from storage.records.article import Article

TITLE, DECK = -1, -2
_MOST_SENTENCES = 40  # read closely in one article
_MOST_BLOCKS, _MOST_OF_A_BLOCK = 400, 20_000  # of one article; characters
_BARE = frozenset({"joined", "cooperate", "ended"})  # acts that need no instrument
LEAD = 3  # sentences that count as the lead
NEAR = 6  # sentences that count as near the top


@dataclass(slots=True)
class Read:
    """One sentence read closely."""

    text: str
    block: int
    order: int  # 0 for the title, 1 for the deck and the first sentence of the body
    wording: Wording
    mentions: list[Mention] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)


def read_article_closely(article: Article) -> tuple[list[Read], Vocabulary]:
    words = vocabulary(
        language_of(
            f"{article.title} {article.deck} " + " ".join(b.text[:600] for b in article.blocks[:4]), article.language
        )
    )
    picked = _picked(article, words)
    calling = {at: worded(text, words, title=block == TITLE) for at, (text, block, _, calls) in enumerate(picked) if calls}
    if not any(_of_the_matter(wording, picked[at][2]) for at, wording in calling.items()):
        return [], words
    reads = [
        Read(text, block, order, calling.get(at) or worded(text, words, title=block == TITLE))
        for at, (text, block, order, _) in enumerate(picked)
    ]
    bodies = [r for r in reads if r.block != TITLE]
    for read in bodies:
        _read_closely(read, words, frozenset())
    known = frozenset(
        tuple(w.low for w in r.wording.words[m.name.i : m.name.j])
        for r in bodies
        for m in r.mentions
        if m.sure or m.name.j - m.name.i > 1
    )
    for read in reads:
        if read.block == TITLE:
            _read_closely(read, words, known)
    _know_surnames(reads)
    return reads, words


def _know_surnames(reads: list[Read]) -> None:
    """`Williamson to sign ...` over a text that has Peter Williamson: the surname alone is a person too."""
    persons = [(r, m) for r in reads for m in r.mentions if m.person]
    surnames = {r.wording.words[m.name.j - 1].low for r, m in persons if m.name.j - m.name.i > 1}
    for read in reads if surnames else ():
        words = read.wording.words
        read.mentions = [
            replace(m, person=True)
            if not m.sure and m.name.j - m.name.i == 1 and words[m.name.i].low in surnames
            else m
            for m in read.mentions
        ]


def _picked(article: Article, words: Vocabulary) -> list[tuple[str, int, int, bool]]:
    """The sentences to read closely, with block, order, and whether they may tell an act: title, deck, the lead, and
    those further down that have words of the matter.
    """
    seen = [words.glance(block.text[:_MOST_OF_A_BLOCK]) for block in article.blocks[:_MOST_BLOCKS]]
    heads = [(article.title, TITLE, 0)] if article.title else []
    heads += [(text, DECK, 1) for text in sentences(article.deck)][:3]
    picked = [(*head, _calls(words.glance(head[0]))) for head in heads]
    if not any(map(beckons, seen)) and not any(calls for *_, calls in picked):
        return []
    order = 0
    for index, block in enumerate(article.blocks[: len(seen)]):
        if len(picked) >= _MOST_SENTENCES:
            break
        text = block.text[:_MOST_OF_A_BLOCK]
        if order >= LEAD and not beckons(seen[index], far=order >= NEAR):
            order += 1
            continue
        if block.kind in ("table", "caption") or text.startswith("---") or _is_furniture(text, words):
            continue
        for sentence in sentences(text):
            order += len(sentence) > 25
            calls = beckons(words.glance(sentence), far=order > NEAR)
            if calls or order <= LEAD:
                picked.append((sentence, index, max(order, 1), calls))
    return picked[:_MOST_SENTENCES]


def _calls(seen: int) -> bool:
    """Whether a title may tell an act, or a neighbour of one."""
    return beckons(seen) or bool(seen & (INSTRUMENT | TIE | NEIGHBOUR))


def _is_furniture(text: str, words: Vocabulary) -> bool:
    """`Related news: ...`, `Home | News | ...`, `About us: ...`: what a text reader may have left in."""
    opening = text[:100].lower() if text.isascii() else fold(text[:100])
    if opening.count(" | ") >= 2 or text.count(" | ") >= 3:
        return True
    head, colon, _ = opening.partition(":")
    if colon and len(head) < 90:
        return head.startswith(words.furniture)
    return opening.rstrip(". ") in words.furniture or opening.startswith(words.long_furniture)


def _of_the_matter(wording: Wording, order: int) -> bool:
    """Whether a sentence has the phrases that an act, or a neighbour of one, is made of."""
    hits = wording.hits
    paper = "instruments" in hits
    verbs = hits.get("verbs", ())
    if verbs and (paper or "ties" in hits or any(h.value in _BARE for h in verbs)):
        return True
    if order > LEAD:
        return False
    return (
        "merger" in hits or "statement" in hits or (paper and "intended" in hits)
        or (order <= 1 and (paper or "ties" in hits))
    )  # fmt: skip


def _read_closely(read: Read, words: Vocabulary, known: frozenset[tuple[str, ...]]) -> None:
    if read.order > LEAD and not _of_the_matter(read.wording, read.order):
        return
    found = names(read.wording, known, lower=words.lower_names)
    read.acts = acts(read.wording, found, nominal=read.order <= 1)
    read.mentions = mentions(read.wording, found, words)


def look_for_definition(acronym: str, article: Article, words: Vocabulary, roster: Roster) -> None:
    """A full name may stand in a paragraph that tells of no act: read the words around `(ABC)` or behind `ABC (`."""
    for mark, before, after in ((f"({acronym})", 240, 0), (f"{acronym} (", 0, 200)):
        for block in article.blocks[:80]:
            at = block.text.find(mark, 0, 20_000)
            if at >= 0:
                wording = worded(block.text[max(0, at - before) : at + len(mark) + after], words)
                roster.learn(wording, mentions(wording, names(wording, lower=words.lower_names), words))
                return
