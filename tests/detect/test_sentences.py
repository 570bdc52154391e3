"""Where one sentence ends and the next begins."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.detect.sentences import LONGEST, sentences


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("They met. They signed.", 2),
        ("Dr. Holm and Prof. Vos signed. It rained.", 2),
        ("Der Bund Deutscher Optiker e.V. und der VDS kooperieren. Das gilt ab sofort.", 2),
        ("Seit dem 1. April 2014 ist er Mitglied. Mehr folgt.", 2),
        ("James T. Whitfill spoke. He left.", 2),
        ('"We are glad," said A. Holm. "It took years."', 2),
        ("Il dott. Rossi e l'ing. Verdi firmano. Fine.", 2),
        ("14 września 2022 r. Towarzystwo podpisało list. Koniec.", 2),
        ("Signed Jan. 21 in Rome. More to come.", 2),
        ("Is it true? Yes! It is.", 3),
        ("First line\nSecond line", 2),
        ("The U.S. Department of Health signed.", 1),
        ("a sum of 3.5 million", 1),
    ],
)
def test_sentences_end_where_people_end_them(text: str, count: int):
    assert len(list(sentences(text))) == count


def test_a_sentence_without_end_is_cut():
    assert all(len(s) <= LONGEST for s in sentences("word " * 10_000))


@settings(deadline=None, max_examples=80)
@given(st.text(max_size=400))
def test_no_sentence_is_made_up(text: str):
    for sentence in sentences(text):
        assert sentence in text
