"""Which sentences of an article are read closely, and what is seen in them: words, names, acts. Weighs nothing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from scraper.detect.acts import Act, acts
from scraper.detect.parties import Mention, mentions
from scraper.detect.roster import Roster
from scraper.detect.sentences import sentences
from scraper.detect.vocabulary import Vocabulary, language_of, vocabulary
from scraper.detect.wording import Wording, names, worded
from scraper.text import fold
from storage.records.article import Article

TITLE, DECK = -1, -2
_MOST_SENTENCES = 40  # read closely in one article
_MOST_CHARACTERS = 120_000  # of one article's body
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
    picked = list(_picked(article, words))
    if not any(words.beckons(text) for text, _, _ in picked):
        return [], words
    reads = [Read(text, block, order, worded(text, words, title=block == TITLE)) for text, block, order in picked]
    if not any(_of_the_matter(r) for r in reads):
        return [], words
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


def _picked(article: Article, words: Vocabulary) -> list[tuple[str, int, int]]:
    """The sentences to read closely: title, deck, the lead, and those further down that have a word of the matter."""
    picked = [(article.title, TITLE, 0)] if article.title else []
    picked += [(text, DECK, 1) for text in sentences(article.deck)][:3]
    order, left = 0, _MOST_CHARACTERS
    marks: tuple[str, ...] | None = None
    for index, block in enumerate(article.blocks):
        if left <= 0 or len(picked) >= _MOST_SENTENCES or marks == ():
            break
        text = block.text[:left]
        left -= len(text)
        if order >= NEAR:
            if marks is None:
                marks = words.marks("\n".join(b.text for b in article.blocks[index:])[: left + len(text)])
            if not _has(text, marks):
                continue
        if order >= LEAD and not words.beckons(text, far=order >= NEAR):
            order += 1
            continue
        if block.kind in ("table", "caption") or text.startswith("---") or _is_furniture(text, words):
            continue
        for sentence in sentences(text):
            order += len(sentence) > 25
            if order > NEAR and marks is not None and not _has(sentence, marks):
                continue
            if order <= LEAD or words.beckons(sentence, far=order > NEAR):
                picked.append((sentence, index, max(order, 1)))
    return picked[:_MOST_SENTENCES]


def _has(text: str, marks: tuple[str, ...]) -> bool:
    low = text.lower()
    return any(mark in low for mark in marks)


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
    verbs = hits.get("verbs", ())
    if verbs and (
        "instruments" in hits or "ties" in hits or any(h.value in ("joined", "cooperate", "ended") for h in verbs)
    ):
        return True
    if read.order <= LEAD and "intended" in hits and "instruments" in hits:
        return True
    return read.order <= LEAD and (
        (read.order <= 1 and ("instruments" in hits or "ties" in hits)) or "merger" in hits or "statement" in hits
    )


def _read_closely(read: Read, words: Vocabulary, known: frozenset[tuple[str, ...]]) -> None:
    if read.order > LEAD and not _of_the_matter(read):
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
