"""Who says what: marks of many languages, halves around the speaker, words that run on."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.parse.quotes import read_quotes
from storage.records.article import Block, Quote


def quotes(*paragraphs: str) -> list[tuple[str, str, str, str]]:
    found = read_quotes([Block(kind="paragraph", text=text) for text in paragraphs])
    return [(quote.speaker, quote.role, quote.organisation, quote.text) for quote in found]


WORDS = "We are very glad to sign this agreement today"
MARKS = {
    "curly": ("“", ",”"), "straight": ('"', ',"'), "low-high": ("„", "“,"), "low-high right": ("„", "”,"),
    "guillemets": ("«", "»,"), "guillemets inwards": ("»", "«,"), "guillemets with spaces": ("« ", " »,"),
    "single": ("‘", ",’"), "both the same": ("”", "”,"), "corners": ("「", "」,"),
}  # fmt: skip


@pytest.mark.parametrize("marks", MARKS.values(), ids=MARKS)
def test_each_kind_of_marks_holds_a_quotation(marks: tuple[str, str]) -> None:
    begins, ends = marks
    (found,) = quotes(f"{begins}{WORDS}{ends} said Anna Berg, president of ECIM.")
    assert (*found[:3], found[3].rstrip(", ")) == ("Anna Berg", "president", "ECIM", WORDS)


def test_the_comma_that_leads_on_to_the_speaker_is_no_part_of_the_words() -> None:
    assert quotes(f"“{WORDS},” said Anna Berg.")[0][3] == WORDS


ATTRIBUTED = {
    "“{}”, explique Marie Dupont, présidente de la FFR.": ("Marie Dupont", "présidente", "FFR"),
    "“{}”, sagte Dr. Peter Müller, Geschäftsführer des ZVM.": ("Dr. Peter Müller", "Geschäftsführer", "ZVM"),
    "“{}”, powiedział Łukasz Żak, prezes Izby.": ("Łukasz Żak", "prezes Izby", ""),
    "“{}”, säger Anna Svensson.": ("Anna Svensson", "", ""),
    "The ECIM Director General, Nora Hall said: “{}.”": ("Nora Hall", "Director General", "ECIM"),
    "According to Dr. Hans Meyer, CEO of Imaging Europe, “{}”.": ("Dr. Hans Meyer", "CEO", "Imaging Europe"),
    "Commenting on it, Jane Smith, Chief Executive of the Royal Board, said: “{}.”": (
        "Jane Smith", "Chief Executive", "Royal Board",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("line", "who"), ATTRIBUTED.items())
def test_speaker_role_and_organisation_stand_before_or_behind(line: str, who: tuple[str, str, str]) -> None:
    assert [found[:3] for found in quotes(line.format(WORDS))] == [who]


def test_both_halves_around_the_speaker_are_one_quotation() -> None:
    line = "“We are proud of this step,” said Anna Berg, ECIM President, “and we look forward to the years to come.”"
    assert quotes(line) == [
        ("Anna Berg", "President", "ECIM", "We are proud of this step, and we look forward to the years to come.")
    ]


def test_two_speakers_in_one_paragraph_stay_two() -> None:
    line = "“We are proud of this step,” said Anna Berg. “So are we, without any doubt,” said Karl Meier."
    assert [found[0] for found in quotes(line)] == ["Anna Berg", "Karl Meier"]


def test_a_quotation_without_an_end_runs_on_in_the_next_paragraphs() -> None:
    first, second, third = "We have worked for ten years.", "We will go on for ten more.", "Patients in Europe need it,"
    said = f"{first} {second} {third.rstrip(',')}"
    assert quotes(f"Anna Berg said: “{first}", f"“{second}", f"“{third}”")[0] == ("Anna Berg", "", "", said)
    assert quotes(f"“{first}", f"“{second}", f"“{third}” Anna Berg said.")[0] == ("Anna Berg", "", "", said)


def test_who_spoke_before_is_known_by_surname_or_pronoun() -> None:
    first = f"“{WORDS},” said Anna Berg, president of ECIM."
    more = ("“It will be of use to all of us,” added Berg.", "“And it will last for long,” she said.")
    assert [found[:3] for found in quotes(first, *more)] == [("Anna Berg", "president", "ECIM")] * 3


@pytest.mark.parametrize(
    "line",
    ["The so-called “one-stop shop” is open.", "“Nobody says these many words here.”", 'A 5" screen and a 7" one.'],
)
def test_words_without_a_speaker_are_no_quotation(line: str) -> None:
    assert quotes(line) == []


@given(st.lists(st.text(alphabet='“”„«»"‘’ ABab,.:said', max_size=60), max_size=5))
@settings(deadline=None, max_examples=200)
def test_no_marks_upset_the_reader(paragraphs: list[str]) -> None:
    assert all(isinstance(found, Quote) for found in read_quotes([Block(kind="paragraph", text=p) for p in paragraphs]))
