"""From one version to another: blocks, then sentences, then words; a diff read forward is the new text."""

from __future__ import annotations

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.detect.diff import diff, passages, sentences, word_runs
from tests.builders import an_article

WORDS = st.sampled_from(("one", "two.", "Three", "four!", "five", "[+six+]", "(Seven)", "8.5", "-nine-"))
PROSE = st.lists(WORDS, max_size=30).map(" ".join)


@settings(deadline=None, max_examples=150)
@given(PROSE, PROSE)
def test_read_without_what_went_the_words_are_the_new_text(old: str, new: str) -> None:
    assert "".join(run.text for run in word_runs(old, new) if run.op != "removed") == new


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=120))
def test_sentences_joined_are_the_text(text: str) -> None:
    assert "".join(sentences(text)) == text


def test_sentences_are_aligned_before_words() -> None:
    before = an_article("The office is open. It has three rooms. Nobody knows why.")
    after = an_article("The office is open. Nobody knows why. A fourth room was added.")
    (block,) = diff(before, after).blocks
    assert [(run.op, run.text.strip()) for run in block.words] == [
        ("equal", "The office is open."), ("removed", "It has three rooms."), ("equal", "Nobody knows why."),
        ("added", "A fourth room was added.")]  # fmt: skip


def test_a_passage_that_stands_elsewhere_now_has_moved() -> None:
    texts = [f"Paragraph number {n} speaks of matter {n * 17} alone." for n in (1, 2, 3, 4)]
    found = passages(an_article(*texts), an_article(*texts[1:], texts[0]))
    assert [(p.op, p.new) for p in found] == [("moved", texts[0])]


def test_the_tools_own_marks_in_a_text_stay_as_they_are() -> None:
    before, after = an_article("It says [+this+] and [-that-]."), an_article("It says [+this+] and [-that-] twice.")
    assert diff(before, after).blocks[0].new == "It says [+this+] and [-that-] twice."


def test_a_very_long_text_is_bounded() -> None:
    old, new = (an_article(*(f"{sign}{n} {n * n} and so on to the end" for n in range(15_000))) for sign in "ab")
    began = time.process_time()
    diff(old, new)
    assert time.process_time() - began < 20


def test_a_text_rewritten_at_great_length_is_told_as_gone_and_come() -> None:
    before, after = (an_article(" ".join(f"{word} {n} is here." for n in range(1_500))) for word in ("Old", "New"))
    assert {passage.op for passage in passages(before, after)} == {"removed", "added"}
