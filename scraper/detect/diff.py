"""The way from one version to another: blocks aligned first, then sentences, then words. Rendering is for the faces."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq

from scraper.detect.fingerprint import normalised
from scraper.detect.organisations import Registry
from scraper.detect.vocabulary import Word, language_of, vocabulary
from scraper.text import fold
from storage.records.article import Article
from storage.records.change import BlockDiff, Diff, WordRun

REWORDED = 50.0  # similarity in percent from which two passages are one passage reworded
AHEAD = 12  # passages that are looked at for the one that resembles: further down it is another one
LONGEST = 4000  # tokens; above that a sentence is shown as removed and added
PAIRED = 2_000  # passages of a stretch; of more it is only said that they went and came, or a page costs minutes
MOST = 100_000_000  # cells of an alignment (a bit each); above that only what is equal at both ends counts
_TOKENS = re.compile(r"\s+|\d[\d.,:]*\d|\w+|[^\w\s]")
_NUMBERS = re.compile(r"\d[\d.,/:-]*\d|\d")
_SENTENCE = re.compile(r".+?(?:[.!?…]['\"”’»)\]]*\s+(?=['\"“„«(\[]*[^\W_a-z])|\n+|$)", re.DOTALL)


def diff(before: Article, after: Article) -> Diff:
    """What changed in title and body; cosmetic differences (quotes, spaces) count as equal."""
    blocks = _aligned([b.text for b in before.blocks], [b.text for b in after.blocks])
    if normalised(before.title) != normalised(after.title):
        blocks = [_reworded(before.title, after.title), *blocks]
    return Diff(blocks=tuple(_with_moves(blocks)), facts=facts(before, after))


def passages(before: Article, after: Article) -> tuple[BlockDiff, ...]:
    """The sentences of the body that differ, whatever blocks they stand in: what a change is judged by."""
    old, new = ([s.strip() for block in a.blocks for s in sentences(block.text)] for a in (before, after))
    return tuple(passage for passage in _with_moves(_aligned(old, new)) if passage.op != "equal")


def sentences(text: str) -> list[str]:
    """The text cut behind its sentences and lines; joined they give it back."""
    return _SENTENCE.findall(text)


def _aligned(old: Sequence[str], new: Sequence[str]) -> list[BlockDiff]:
    found: list[BlockDiff] = []
    for tag, i1, i2, j1, j2 in _opcodes([normalised(t) for t in old], [normalised(t) for t in new]):
        if tag == "equal":
            found.extend(BlockDiff(op="equal", old=a, new=b) for a, b in zip(old[i1:i2], new[j1:j2], strict=True))
        else:
            found.extend(_paired(old[i1:i2], new[j1:j2]))
    return found


def _opcodes(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """Stretches that are equal or differ, in turn."""
    i = j = 0
    for at, to, size in _matches(old, new):
        if at > i or to > j:
            yield "replace", i, at, j, to
        if size:
            yield "equal", at, at + size, to, to + size
        i, j = at + size, to + size


def _matches(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """(place in old, place in new, length) of what both share, in order; beyond MOST only at the two ends."""
    if len(old) * len(new) <= MOST:
        yield from ((m.a, m.b, m.size) for m in LCSseq.editops(old, new).as_matching_blocks())
        return
    least, head, tail = min(len(old), len(new)), 0, 0
    while head < least and old[head] == new[head]:
        head += 1
    while tail < least - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    yield from ((0, 0, head), (len(old) - tail, len(new) - tail, tail))


def _paired(old: Sequence[str], new: Sequence[str]) -> list[BlockDiff]:
    """Within a stretch that differs: in order, each old passage with the new one near by that resembles it most."""
    found: list[BlockDiff] = []
    start = 0
    if len(old) + len(new) > PAIRED:
        found = [BlockDiff(op="removed", old=text) for text in old]
        return found + [BlockDiff(op="added", new=text) for text in new]
    for text in old:
        likeness = [fuzz.ratio(text, other, score_cutoff=REWORDED) for other in new[start : start + AHEAD]]
        best = max(range(len(likeness)), key=likeness.__getitem__, default=None)
        if best is None or not likeness[best]:
            found.append(BlockDiff(op="removed", old=text))
            continue
        found.extend(BlockDiff(op="added", new=other) for other in new[start : start + best])
        found.append(_reworded(text, new[start + best]))
        start += best + 1
    found.extend(BlockDiff(op="added", new=other) for other in new[start:])
    return found


def _reworded(old: str, new: str) -> BlockDiff:
    return BlockDiff(op="reworded", old=old, new=new, words=word_runs(old, new))


def word_runs(old: str, new: str) -> tuple[WordRun, ...]:
    """Runs of words that stayed, went, came; read without the removed ones they give the new text exactly."""
    a, b = sentences(old), sentences(new)
    if len(a) == len(b) == 1:
        return _bridged(_tokens(old, new))
    runs: list[WordRun] = []
    for passage in _aligned(a, b):
        runs += _tokens(passage.old, passage.new) if passage.op in ("reworded", "equal") else _whole(passage)
    return _bridged(runs)


def _whole(passage: BlockDiff) -> list[WordRun]:
    return _flush(passage.old, passage.new)


def _tokens(old: str, new: str) -> list[WordRun]:
    if normalised(old) == normalised(new):
        return [WordRun(op="equal", text=new)]
    a, b = _TOKENS.findall(old), _TOKENS.findall(new)
    if max(len(a), len(b)) > LONGEST:
        return _flush(old, new)
    runs: list[WordRun] = []
    for tag, i1, i2, j1, j2 in _opcodes(a, b):
        if tag == "equal":
            runs.append(WordRun(op="equal", text="".join(b[j1:j2])))
        else:
            runs += _flush("".join(a[i1:i2]), "".join(b[j1:j2]))
    return runs


def _bridged(runs: list[WordRun]) -> tuple[WordRun, ...]:
    """Two changes with nothing but a space between them are one change to a reader; so are equal runs side by side."""
    merged: list[WordRun] = []
    went, came, same = "", "", ""
    for run, following in pairwise([*runs, WordRun(op="equal", text="")]):
        if run.op == "equal" and not ((went or came) and run.text.isspace() and following.op != "equal"):
            merged += _flush(went, came)
            went, came = "", ""
            if merged and merged[-1].op == "equal":
                same = merged.pop().text
            merged.append(WordRun(op="equal", text=same + run.text))
            same = ""
        else:
            went += run.text if run.op != "added" else ""
            came += run.text if run.op != "removed" else ""
    return tuple(merged + _flush(went, came))


def _flush(went: str, came: str) -> list[WordRun]:
    runs = (WordRun(op="removed", text=went), WordRun(op="added", text=came))
    return [run for run in runs if run.text]


def _with_moves(blocks: Sequence[BlockDiff]) -> Sequence[BlockDiff]:
    """A passage that went here and came there, word for word, has moved."""
    came = {normalised(block.new) for block in blocks if block.op == "added"}
    moved = {key for block in blocks if block.op == "removed" and (key := normalised(block.old)) in came}
    if not moved:
        return blocks
    kept = (block for block in blocks if not (block.op == "removed" and normalised(block.old) in moved))
    return [
        BlockDiff(op="moved", old=b.new, new=b.new) if b.op == "added" and normalised(b.new) in moved else b
        for b in kept
    ]


# --- facts -----------------------------------------------------------------------------------------------------------


def facts(before: Article, after: Article) -> tuple[str, ...]:
    """Numbers, months and organisations that stand in only one of the two texts, and deeds that became plans."""
    old, new = (f"{a.title}\n{a.text}" for a in (before, after))
    if old == new:
        return ()
    language = vocabulary(language_of(new, after.language))
    words = language.words(old), language.words(new)
    return (
        *_exchanged(*(_NUMBERS.findall(text) for text in (old, new))),
        *_exchanged(*([w.text for w in some if w.month and w.cap] for some in words)),
        *(f"{name} is no longer named" for name in _dropped(old, new, *words)),
        *_softened(*words),
    )


def _exchanged(before: Sequence[str], after: Sequence[str]) -> list[str]:
    old, new = set(before), set(after)
    went, came = ([x for x in dict.fromkeys(some) if x not in other] for some, other in ((before, new), (after, old)))
    if len(went) == len(came) == 1:
        return [f"{went[0]} became {came[0]}"]
    return [f"{n} is gone" for n in went] + [f"{n} is new" for n in came]


def _dropped(old: str, new: str, before: Sequence[Word], after: Sequence[Word]) -> list[str]:
    """Bodies that the old text names, by acronym or by a name that is known, and the new one nowhere."""
    still, folded_old, folded_new = {word.text for word in after}, fold(old), fold(new)
    gone = [word.text for word in before if word.acro and word.text not in still]
    bodies = Registry.default().organisations() if gone or len(folded_old) < 100_000 else ()
    full = {body.acronym: name for body in bodies if (name := fold(body.name)) in folded_old or body.acronym in gone}
    named = [body.name for body in bodies if fold(body.name) in folded_old and fold(body.name) not in folded_new
             and body.acronym not in still]  # fmt: skip
    acronyms = [name for name in gone if full.get(name, "\0") not in folded_new]
    return list(dict.fromkeys(named + [a for a in acronyms if not any(full.get(a) == fold(n) for n in named)]))


def _softened(before: Sequence[Word], after: Sequence[Word]) -> list[str]:
    """A verb of the deed that went while a word of intention came: "signed" became "intends"."""
    old, new = {word.low for word in before}, {word.low for word in after}
    deeds = [word.text for word in before if word.low not in new and _is(word, "verbs")]
    plans = [word.text for word in after if word.low not in old and _is(word, "intended")]
    return [f"“{deeds[0]}” became “{plans[0]}”"] if deeds and plans else []


def _is(word: Word, kind: str) -> bool:
    return kind in word.tags or any(phrase.kind == kind for phrase in word.phrases)
