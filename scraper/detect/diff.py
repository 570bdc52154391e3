"""The way from one version to another: blocks aligned first, then words. Rendering is for the faces."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from scraper.detect.fingerprint import normalised
from storage.records.article import Article
from storage.records.change import BlockDiff, Diff, WordRun

REWORDED = 50.0  # similarity in percent from which two blocks are one block reworded
LONGEST = 4000  # tokens; above that a block is shown as removed and added (alignment grows with the product)
_TOKENS = re.compile(r"\s+|\d[\d.,:]*\d|\w+|[^\w\s]")
_NUMBERS = re.compile(r"\d[\d.,/:-]*\d|\d")


def diff(before: Article, after: Article) -> Diff:
    """What changed in title and body; cosmetic differences (quotes, spaces) count as equal."""
    blocks = _aligned([b.text for b in before.blocks], [b.text for b in after.blocks])
    if normalised(before.title) != normalised(after.title):
        blocks = (_reworded(before.title, after.title), *blocks)
    return Diff(blocks=_with_moves(blocks), facts=_facts(before, after))


def _aligned(old: Sequence[str], new: Sequence[str]) -> tuple[BlockDiff, ...]:
    keys_old, keys_new = [normalised(t) for t in old], [normalised(t) for t in new]
    found: list[BlockDiff] = []
    for tag, i1, i2, j1, j2 in _opcodes(keys_old, keys_new):
        if tag == "equal":
            found.extend(BlockDiff(op="equal", old=a, new=b) for a, b in zip(old[i1:i2], new[j1:j2], strict=True))
        else:
            found.extend(_paired(old[i1:i2], new[j1:j2]))
    return tuple(found)


def _opcodes(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, int, int, int, int]]:
    for code in Levenshtein.opcodes(old, new):
        yield code.tag, code.src_start, code.src_end, code.dest_start, code.dest_end


def _paired(old: Sequence[str], new: Sequence[str]) -> list[BlockDiff]:
    """Within a stretch that differs: in order, each old block with the first new one that resembles it."""
    found: list[BlockDiff] = []
    start = 0
    for text in old:
        likeness = [fuzz.ratio(text, other, score_cutoff=REWORDED) for other in new[start:]]
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
    a, b = _TOKENS.findall(old), _TOKENS.findall(new)
    if max(len(a), len(b)) > LONGEST:
        return (WordRun(op="removed", text=old), WordRun(op="added", text=new))
    runs: list[WordRun] = []
    for tag, i1, i2, j1, j2 in _opcodes(a, b):
        if tag == "equal":
            runs.append(WordRun(op="equal", text="".join(b[j1:j2])))
            continue
        if i2 > i1:
            runs.append(WordRun(op="removed", text="".join(a[i1:i2])))
        if j2 > j1:
            runs.append(WordRun(op="added", text="".join(b[j1:j2])))
    return _bridged(runs)


def _bridged(runs: list[WordRun]) -> tuple[WordRun, ...]:
    """Two changes with nothing but a space between them are one change to a reader."""
    merged: list[WordRun] = []
    went, came = "", ""
    for run, following in pairwise([*runs, WordRun(op="equal", text="")]):
        if run.op == "equal" and not ((went or came) and run.text.isspace() and following.op != "equal"):
            merged += _flush(went, came)
            went, came = "", ""
            merged.append(run)
        else:
            went += run.text if run.op != "added" else ""
            came += run.text if run.op != "removed" else ""
    return tuple(merged + _flush(went, came))


def _flush(went: str, came: str) -> list[WordRun]:
    runs = (WordRun(op="removed", text=went), WordRun(op="added", text=came))
    return [run for run in runs if run.text]


def _with_moves(blocks: tuple[BlockDiff, ...]) -> tuple[BlockDiff, ...]:
    """A block that went here and came there, word for word, has moved."""
    came = {normalised(block.new) for block in blocks if block.op == "added"}
    moved = {key for block in blocks if block.op == "removed" and (key := normalised(block.old)) in came}
    if not moved:
        return blocks
    kept = (block for block in blocks if not (block.op == "removed" and normalised(block.old) in moved))
    return tuple(
        BlockDiff(op="moved", old=b.new, new=b.new) if b.op == "added" and normalised(b.new) in moved else b
        for b in kept
    )


def _facts(before: Article, after: Article) -> tuple[str, ...]:
    """Numbers, years and dates that stand in only one of the two texts."""
    old, new = (list(dict.fromkeys(_NUMBERS.findall(f"{a.title}\n{a.text}"))) for a in (before, after))
    went, came = [n for n in old if n not in set(new)], [n for n in new if n not in set(old)]
    if len(went) == len(came) == 1:
        return (f"{went[0]} became {came[0]}",)
    return tuple(f"{n} is gone" for n in went) + tuple(f"{n} is new" for n in came)
