"""What changed, at a glance: the words that went and came, and little else."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.detect.diff import word_runs
from scraper.web.glance import AROUND, LONGEST, MOST, glance
from storage.records.change import BlockDiff, Diff

LONG = "In the course of the whole of the last year "


def clips(*blocks: BlockDiff) -> list[str]:
    marks = {"equal": "{}", "removed": "[-{}-]", "added": "[+{}+]"}
    return ["".join(marks[run.op].format(run.text) for run in clip) for clip in glance(Diff(blocks=blocks))]


def reworded(old: str, new: str) -> BlockDiff:
    return BlockDiff(op="reworded", old=old, new=new, words=word_runs(old, new))


def test_words_that_went_and_came_stand_between_a_few_that_stayed():
    (clip,) = clips(reworded(f"{LONG}120 hospitals were asked. {LONG}", f"{LONG}210 hospitals were asked. {LONG}"))
    assert clip == "… of the whole of the last year [-120-][+210+] hospitals were asked. In the …"


def test_a_passage_that_came_or_went_is_cut():
    assert clips(BlockDiff(op="removed", old="Gone.")) == ["[-Gone.-]"]
    assert len(clips(BlockDiff(op="added", new=LONG * 9))[0]) <= LONGEST + 4


def test_what_stayed_or_moved_is_not_told():
    assert clips(BlockDiff(op="equal", old="a", new="a"), BlockDiff(op="moved", old="b", new="b")) == []


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=400), st.text(max_size=400))
def test_it_is_short_whatever_was_changed(old: str, new: str):
    found = glance(Diff(blocks=(reworded(old, new),) * 3))
    assert len(found) <= MOST
    for clip in found:
        assert sum(len(run.text) for run in clip if run.op == "equal") <= 2 * AROUND + 4 + LONGEST
