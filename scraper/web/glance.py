"""What changed between two versions, at a glance: the first words that went and came, with a few around each. Pure.

The whole of it is the page of differences.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, islice

from scraper.alert.wording import clean
from storage.records.change import BlockDiff, Diff, WordRun

Clip = tuple[WordRun, ...]
MOST = 2  # places in the text
LONGEST = 120  # characters of what went or came
AROUND = 32  # characters of what stayed on either side


def glance(found: Diff) -> tuple[Clip, ...]:
    """The first places of a text at which something changed."""
    return tuple(islice((clip for block in found.blocks for clip in _clips(block)), MOST))


def _clips(block: BlockDiff) -> Iterator[Clip]:
    match block.op:
        case "added" | "removed":
            yield (WordRun(op=block.op, text=clean(block.new or block.old, LONGEST)),)
        case "reworded":
            yield from _places(block.words)


def _places(runs: Sequence[WordRun]) -> Iterator[Clip]:
    for changed, some in groupby(range(len(runs)), key=lambda at: runs[at].op != "equal"):
        if changed:
            places = list(some)
            first, last = places[0], places[-1]
            before = [WordRun(op="equal", text=_tail(run.text)) for run in runs[max(0, first - 1) : first]]
            after = [WordRun(op="equal", text=_head(run.text)) for run in runs[last + 1 : last + 2]]
            yield (*before, *(_short(run) for run in runs[first : last + 1]), *after)


def _short(run: WordRun) -> WordRun:
    return run if len(run.text) <= LONGEST else WordRun(op=run.op, text=f"{run.text[:LONGEST]}… ")


def _tail(text: str) -> str:
    """The end of a text, cut between words."""
    return text if len(text) <= AROUND else f"… {text[-AROUND:].partition(' ')[2]}"


def _head(text: str) -> str:
    """Its beginning likewise."""
    return text if len(text) <= AROUND else f"{text[:AROUND].rpartition(' ')[0]} …"
