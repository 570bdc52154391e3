"""What a page announces: who, with which instrument, what was done, when; and what is no announcement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.detect import names, vocabulary, weighing, wording
from scraper.detect.partnerships import find, find_partnerships
from storage.records.article import Article, Block, DateFact
from storage.records.partnership import PartnershipEvent


def an_article(title: str = "", *paragraphs: str, published: str = "", url: str = "") -> Article:
    day = DateFact(value=published, precision="day", origin="feed") if published else None
    return Article(
        title=title, url=url, published=day, blocks=tuple(Block(kind="paragraph", text=p) for p in paragraphs)
    )


def the_event(title: str, *paragraphs: str, published: str = "", url: str = "") -> PartnershipEvent:
    (event,) = find_partnerships(an_article(title, *paragraphs, published=published, url=url))
    return event


def names_of(event: PartnershipEvent) -> list[str]:
    return [f"{p.name} ({p.acronym})" if p.acronym else p.name for p in event.parties]


RENEWAL = (
    "AER and RFT tighten their cooperation",
    "AERThe Alliance of European Radiographers (AER) and the Rhine Forum of Imaging and Therapy Technologists (RFT) "
    "have renewed their cooperation agreement so that members learn from each other.",
    "Since the agreement was initially signed in 2009, AER and RFT have cooperated at five congresses.",
    'Jane Holm, AER President, said: "With this MoU the cooperation with RFT has been reinforced."',
)
PORTRAIT = (
    "Our partners: ESR strengthens collaboration with COCIR",
    "COCIR (European Coordination Committee of the Radiological, Electromedical and Healthcare IT Industry) is a body.",
    "ESR and COCIR signed a Letter of Intent in 2013 so as to meet twice a year. "
    "In January 2018 the Letter of Intent was reworked and renewed with eHealth in it.",
)


def test_both_parties_of_a_renewal_come_with_their_full_names():
    assert names_of(the_event(*RENEWAL)) == [
        "Alliance of European Radiographers (AER)",
        "Rhine Forum of Imaging and Therapy Technologists (RFT)",
    ]


def test_the_instrument_is_that_of_the_sentence_that_says_it_not_of_a_quote_further_down():
    assert the_event(*RENEWAL).instrument == "cooperation_agreement"


def test_a_renewal_dates_from_its_first_signature_and_has_no_day_of_its_own():
    event = the_event(*RENEWAL)
    assert (event.action, event.since, event.date) == ("renewed", "2009", None)


def test_an_old_letter_beside_a_new_renewal_is_one_renewal():
    event = the_event(*PORTRAIT)
    assert (event.instrument, event.action, event.since) == ("loi", "renewed", "2013")


def test_a_month_stays_a_month():
    day = the_event(*PORTRAIT).date
    assert day == DateFact(value="2018-01", precision="month", origin="text")


def test_the_old_letter_is_kept_as_background():
    assert "background" in {r.kind for r in find(an_article(*PORTRAIT)).related}


def test_an_acronym_without_a_full_name_on_the_page_takes_it_from_the_registry():
    assert "European Society of Radiology (ESR)" in names_of(the_event(*PORTRAIT))


def test_the_parts_of_a_score_add_up_to_it():
    event = the_event(*RENEWAL)
    assert sum(points for _, points in event.because) == pytest.approx(event.score, abs=0.02)


def test_the_evidence_names_the_block_it_stands_in():
    assert the_event(*RENEWAL).evidence[0].block == 0


@pytest.mark.parametrize(
    ("title", "text", "action"),
    [
        (
            "BIS und NDM",
            "Die Baltische Gesellschaft (BIS) und der Nordverband (NDM) haben den Kooperationsvertrag verlängert.",
            "extended",
        ),
        (
            "Fin de partenariat",
            "La Fédération des Cavistes (FDC) a résilié l'accord de partenariat avec l'Institut du Goût.",
            "ended",
        ),
        (
            "Nuevo convenio",
            "La Asociación de Balnearios (AB) y la Universidad del Duero firmaron un convenio.",
            "signed",
        ),
        (
            "Rinnovo",
            "La Federazione Liutai (FL) e l'Accademia del Suono hanno rinnovato il protocollo d'intesa.",
            "renewed",
        ),
        (
            "Samen",
            "De Vereniging voor Telezorg (VVT) en de Bond van Tuinders hebben een overeenkomst getekend.",
            "signed",
        ),
        (
            "Protocolo",
            "A Associação de Ceramistas (AC) e o Instituto do Barro assinaram um protocolo de cooperação.",
            "signed",
        ),
        ("Umowa", "Polskie Towarzystwo Map (PTM) i Krajowa Izba Optyków (KIO) podpisały umowę o współpracy.", "signed"),
        (
            "Σύμφωνο",
            "Ο Σύνδεσμος Λιμένων (ΣΛ) και το Ινστιτούτο Θάλασσας (ΙΘ) υπέγραψαν μνημόνιο συνεργασίας.",
            "signed",
        ),
    ],
)
def test_acts_are_told_in_many_languages(title: str, text: str, action: str):
    assert the_event(title, text).action == action


@pytest.mark.parametrize(
    "text",
    [
        "The Harbour Society (HS) and the Coast Guild (CG) plan to sign a memorandum of understanding next year.",
        "The Harbour Society (HS) did not sign the memorandum of understanding with the Coast Guild (CG).",
        "When may the Harbour Society (HS) terminate a partnership agreement with the Coast Guild (CG)?",
        "The Harbour Society (HS) and the Coast Guild (CG) signed a collective agreement on wages.",
        "The Harbour Society (HS), the Coast Guild (CG) and others call on ministers to sign the agreement.",
        "Your membership of the Harbour Society (HS) ends in May unless you renew your membership.",
        "Mary Smith joins the Harbour Society as director of partnerships.",
    ],
)
def test_what_is_no_announcement_makes_no_event(text: str):
    assert find_partnerships(an_article("News of the week", text)) == ()


def test_preparing_a_memorandum_is_kept_as_intended():
    found = find(
        an_article(
            "A step", "The Harbour Society (HS) and the Coast Guild (CG) are preparing a memorandum of understanding."
        )
    )
    assert (found.events, [r.kind for r in found.related]) == ((), ["intended"])


def test_boxes_that_a_reader_left_in_are_not_read():
    box = "Related news: the Harbour Society (HS) and the Coast Guild (CG) signed a memorandum of understanding."
    assert find_partnerships(an_article("Annual report", "The report is out.", box)) == ()


def test_we_are_the_publisher():
    text = "We have signed a letter of intent with the Nordic Imaging Forum (NIF)."
    (event,) = find(an_article("A letter", text), publisher="Baltic Society").events
    assert set(names_of(event)) == {"Nordic Imaging Forum (NIF)", "Baltic Society"}


def test_the_publisher_of_others_news_is_no_party():
    text = "A letter of intent with the Nordic Imaging Forum (NIF) was signed on Monday."
    assert find(an_article("A letter", text), publisher="Daily News").events == ()


def test_a_dateline_announces_and_dates_no_standing_act():
    text = "BRUSSELS – 22 November 2026 – The Harbour Society (HS) and the Coast Guild (CG) have renewed their MoU."
    event = the_event("Memorandum renewed", text)
    assert event.announced is not None
    assert (event.date, event.announced.value, event.announced.origin) == (None, "2026-11-22", "dateline")


def test_today_is_the_articles_own_day():
    text = "The Harbour Society (HS) and the Coast Guild (CG) signed a memorandum of understanding today."
    event = the_event("Signed", text, published="2024-05-06")
    assert event.date == DateFact(value="2024-05-06", precision="day", origin="relative")


def test_plans_for_years_are_no_term():
    plan = "For the next three years they plan joint courses."
    assert (
        the_event("Signed", "The Harbour Society (HS) and the Coast Guild (CG) signed a memorandum.", plan).until
        is None
    )


def test_a_term_is_told_of_the_paper():
    text = "The Harbour Society (HS) and the Coast Guild (CG) renewed their agreement for three years."
    assert the_event("Renewed", text).until == "3 years"


def test_another_body_with_a_watched_acronym_is_kept_apart():
    text = "El Colegio de Corredores Inmobiliarios (COCIR) y la Universidad del Plata firmaron un convenio."
    event = the_event("COCIR firma un convenio", text, url="https://cocir.org.ar/noticias/1")
    assert [p.organisation for p in event.parties] == [None, None]


def test_the_same_article_gives_the_same_findings():
    assert find(an_article(*RENEWAL)) == find(an_article(*RENEWAL))


BAIT: dict[str, Callable[[int], str]] = {
    "one sentence without end": lambda n: "signed the agreement with " * n,
    "capitals in a row": lambda n: "Signed Agreement " + "Alpha " * n,
    "all parentheses": lambda n: "signed agreement " + "((ABC) " * n,
    "and and and": lambda n: "signed an agreement with A " + "and B of C " * n,
    "zero width and bidi": lambda n: "signed \u200b\u202e agreement " * n,
    "sentences of two words": lambda n: "Signed agreement. " * n,
    "dates": lambda n: "signed the agreement on 1 May 2020, " * n,
    "quotes": lambda n: 'signed "the agreement" with „B“ ' * n,
    "blocks of headlines": lambda n: "A and B sign agreement\n" * n,
}


@pytest.mark.parametrize("kind", BAIT)
def test_work_does_not_grow_faster_than_its_bait(kind: str, monkeypatch: pytest.MonkeyPatch):
    def steps(size: int) -> int:
        counted: Counter[str] = Counter()

        def looked(phrase: object, words: object, i: int) -> int:
            counted["match"] += 1
            return real(phrase, words, i)  # type: ignore[arg-type]

        real = vocabulary.match
        with monkeypatch.context() as patched:
            patched.setattr(wording, "match", looked)
            step = names._Scan._step
            patched.setattr(names._Scan, "_step", lambda *a: counted.update(["step"]) or step(*a))
            find(an_article("Signed agreement", BAIT[kind](size)))
        return sum(counted.values())

    small, large = steps(2_000), steps(20_000)
    assert large <= 12 * small + 5_000


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=300), st.text(max_size=600))
def test_any_text_is_read_without_fail(title: str, text: str):
    for event in find_partnerships(an_article(title, text, "They signed an agreement with " + text)):
        assert len(event.parties) >= 2


ROUND_UP = (
    "News in brief",
    "The Harbour Society (HS) and the Coast Guild (CG) signed a memorandum of understanding in Vienna on 2 March 2021.",
    "The weather was fine all week.",
    "The Northern College of Surgeons (NCS) and the Rhythm Association (RA) have renewed their cooperation agreement "
    "for three years. The ceremony took place on 4 March 2021.",
)


def test_a_round_up_with_two_agreements_gives_two_events_strongest_first():
    events = find_partnerships(an_article(*ROUND_UP))
    assert [[p.acronym for p in e.parties] for e in events] == [["NCS", "RA"], ["HS", "CG"]]
    assert events[0].score >= events[1].score


def test_facts_of_one_agreement_do_not_stick_to_the_other():
    renewed, signed = find_partnerships(an_article(*ROUND_UP))
    assert (renewed.until, signed.until) == ("3 years", None)
    assert [e.date.value for e in (renewed, signed) if e.date] == ["2021-03-04", "2021-03-02"]


SIGNED = (
    "HS and CG sign",
    "The Harbour Society (HS) and the Coast Guild (CG) signed a memorandum of understanding in Vienna on 2 March 2021.",
    "The document was signed by Dr. Anna Berg, president of HS, and John Smith, CEO of CG.",
    "The agreement aims to promote safer harbours.",
)


def test_place_and_purpose_stand_in_the_texts_own_words():
    event = the_event(*SIGNED)
    assert (event.place, event.purpose) == ("Vienna", SIGNED[3])


def test_those_who_signed_come_with_role_and_body():
    told = [(s.name, s.role, s.organisation) for s in the_event(*SIGNED).signatories]
    assert told == [("Anna Berg", "president", "HS"), ("John Smith", "CEO", "CG")]


def test_the_day_of_the_act_is_not_the_day_of_its_publication():
    event = the_event(*SIGNED, published="2021-03-09")
    assert event.date is not None
    assert event.announced is not None
    assert (event.date.value, event.announced.value) == ("2021-03-02", "2021-03-09")


@pytest.mark.parametrize(
    ("text", "action", "since"),
    [
        ("The Harbour Society and the Coast Guild have not renewed their agreement.", "ended", None),
        ("The Harbour Society has withdrawn from the Coast Guild.", "ended", None),
        ("Der Küstenverband und der Hafenbund haben ihre 2013 gegründete Allianz verlängert.", "extended", "2013"),
        ("Die Vereinbarung zwischen dem Küstenverband und dem Hafenbund wurde unterzeichnet.", "signed", None),
        (
            "La Fédération des ports et la Ligue du littoral mettent fin à leur partenariat, né en 2013.",
            "ended",
            "2013",
        ),
        ("La Federación de Puertos y la Liga Costera dieron por terminada la alianza estratégica.", "ended", None),
        ("Związek Portów i Liga Morska przedłużyły umowę o współpracy zawartą w 2014 r.", "extended", "2014"),
        ("De Havenbond en de Kustvereniging hebben hun samenwerkingsovereenkomst verlengd.", "extended", None),
        ("Hamnförbundet och Kustföreningen har undertecknat ett samarbetsavtal.", "signed", None),
    ],
)
def test_an_act_is_what_its_own_verb_says(text: str, action: str, since: str | None):
    event = the_event("", text, published="2020-05-05")
    assert (event.action, event.since) == (action, since)


@pytest.mark.parametrize(
    "text",
    [
        "After ten years Anna Berg leaves the Harbour Society.",
        "Professor Anna Berg joins the Harbour Society from the Coast Guild.",
        "Dick Gordon joined the Harbour Society and the Coast Guild as their treasurer.",
        "The third meeting between the Harbour Society and the Coast Guild ended late.",
        "Unless fees fall, the Harbour Society will leave the Coast Guild alliance.",
        "Der Küstenverband verlässt den Hafenbund nicht.",
        "The Harbour Society recalled the agreement that it signed with the Coast Guild seven years ago.",
        "La Federación de Puertos habría roto su convenio con la Liga Costera.",
    ],
)
def test_what_did_not_happen_now_is_no_event(text: str):
    assert find_partnerships(an_article("", text, published="2020-05-05")) == ()


def test_both_organisations_are_those_named_in_the_sentence_before():
    event = the_event("", "Harbour Rowing House met the Coast Guild. Both organisations renewed the agreement.")
    assert names_of(event) == ["Harbour Rowing House", "Coast Guild"]


@pytest.mark.parametrize("language", vocabulary.languages())
def test_a_language_is_a_file_with_the_keys_of_the_others(language: str):
    keys = {"months", "common", "instruments", "verbs", "ties", "intended", "negation", "heads", "articles", "genre"}
    assert keys <= vocabulary._raw(language).keys()
    assert vocabulary._raw("en")["verbs"].keys() <= vocabulary._raw(language)["verbs"].keys() | {"left"}


def test_a_dated_paper_of_a_named_kind_is_sure_wherever_its_sentence_stands():
    opening, introduction, act = PORTRAIT
    assert the_event("January 2018", opening, introduction, "A word of welcome.", act).certainty == "sure"


@pytest.mark.parametrize(
    "sentence",
    [
        "The Allotment Union and the Opticians' Society have prolonged their Sunday eye tests until 2027.",
        "A farm safety desk has been set up by the Ministry of Rural Affairs and the Farmers' Mutual Aid Society.",
        "The Welsh Voice Association has resigned from Choirs Together Federation.",
        "The Lobster Cooperative has been received into the Southern Fisheries Council.",
        "The Rowing Guild became a partner institution of the Lakes Federation.",
        "We are delighted to welcome the Harbour Society to the Coast Alliance!",
        "The Harbour Society and the Coast Guild will build a joint registry of buoys.",
        "El Gremio de Barqueros ha firmado con la Liga Costera.",
        "Our chair Moira Penn and Anna Patel of the Harbour Society signed an agreement with the Coast Guild.",
    ],
)
def test_two_bodies_side_by_side_need_no_word_for_their_paper(sentence: str):
    assert len(the_event("News", sentence).parties) == 2


@pytest.mark.parametrize(
    "sentence",
    [
        "The Rock Union and the Brass Band of Holm will share a stage on Sunday.",
        "45 deals were announced by the Harbour Group in October.",
        "Thank you for joining the Lake District Association.",
        "The Association of Craft Bakers has left its old building near Bakers' Hall.",
    ],
)
def test_bodies_in_one_sentence_are_no_partnership_by_themselves(sentence: str):
    assert find_partnerships(an_article("News", sentence)) == ()


def test_the_two_bodies_are_those_of_the_sentence_before():
    event = the_event(
        "", "The Rowing Guild met the Lakes Federation. The two bodies agreed on Tuesday to work together."
    )
    assert names_of(event) == ["Rowing Guild", "Lakes Federation"]


def test_a_verb_with_a_capital_belongs_to_the_name_it_stands_in():
    event = the_event("News", "The Association of Sign Makers and the Print Federation signed a cooperation agreement.")
    assert names_of(event) == ["Association of Sign Makers", "Print Federation"]


@pytest.mark.parametrize(
    ("sentence", "parties"),
    [
        ("Der Alpenbund hat ein Abkommen mit dem Deutschen Ruderbund geschlossen.",
         ["Alpenbund", "Deutscher Ruderbund"]),
        ("Der Hafenbund ist dem Industrieverband Küste beigetreten.", ["Hafenbund", "Industrieverband Küste"]),
        ("The Coast Guild now has an agreement with the Harbour Society.", ["Coast Guild", "Harbour Society"]),
        ("The Director of Policy of the Coast Guild and the Rock Union signed an agreement.",
         ["Coast Guild", "Rock Union"]),
        ("In Kirkwall and Stromness, the Coast Guild and the Rock Union signed an agreement.",
         ["Coast Guild", "Rock Union"]),
        ("Behind this stands an agreement concluded by the Coast Guild with the Rock Union.",
         ["Coast Guild", "Rock Union"]),
        (
            "A memorandum between the Faculty of Advocates and the Harbour Society came into force.",
            ["Faculty of Advocates", "Harbour Society"],
        ),
        (
            "The New Zealand Bar Council and Kenya's Harbour Society signed a memorandum of understanding.",
            ["New Zealand Bar Council", "Harbour Society"],
        ),
    ],
)  # fmt: skip
def test_parties_are_named_as_they_are_called(sentence: str, parties: list[str]):
    assert sorted(names_of(the_event("News", sentence))) == sorted(parties)


@pytest.mark.parametrize(
    "sentence",
    [
        "The Harbour Society and the Coast Guild spoke about closer cooperation.",
        "The Harbour Society works with National Societies on the basis of a memorandum of understanding.",
        "The signing of an agreement between the Harbour Society and the Coast Guild has been put off.",
        "The Harbour Society welcomes the political agreement between the Coast Council and the Rock Commission.",
        "The signing of the agreement between the Harbour Society and the Coast Guild will not take place.",
        "La signature de l'accord entre la Fédération des Ports et la Ligue des Côtes a été repoussée.",
    ],
)
def test_papers_in_passing_and_put_off_are_no_event(sentence: str):
    assert find_partnerships(an_article("News", sentence)) == ()


def test_each_action_has_a_weight():
    told = {f"says {verb}" for verb in vocabulary._raw("en")["verbs"]} - {"says cooperate"}
    assert told <= weighing.weights().keys()


@pytest.mark.parametrize("words", ["will sign", "are to sign", "have agreed to sign", "are due to sign"])
def test_what_is_agreed_and_not_yet_signed_is_announced(words: str):
    text = f"The Harbour Society (HS) and the Coast Guild (CG) {words} a memorandum of understanding."
    assert the_event("News", text).action == "announced"


@pytest.mark.parametrize(
    ("told", "day"),
    [
        ("signed a memorandum of understanding.", "2026-11-23"),
        ("signed a memorandum of understanding last week.", None),
        ("will sign a memorandum of understanding.", None),
    ],
)
def test_a_dateline_dates_only_what_happened_on_its_day(told: str, day: str | None):
    text = f"BRUSSELS, 23 November 2026 \u2013 The Harbour Society (HS) and the Coast Guild (CG) {told}"
    found = the_event("News", text).date
    assert (found.value if found else None) == day


PURPOSES = [
    "signed a memorandum of understanding to end the shortage of staff.",
    "signed a memorandum of understanding on ending plastic waste.",
    "signed a memorandum of understanding to extend the life of cables.",
    "signed a memorandum of understanding on equipment renewal.",
]


@pytest.mark.parametrize("told", PURPOSES)
def test_what_a_paper_is_for_is_not_what_was_done(told: str) -> None:
    event = the_event("Cooperation", f"The Coast Guild (CG) and the Rock Union (RU) {told}")
    assert (event.action, event.instrument) == ("signed", "mou")


def test_a_paper_to_extend_a_tie_extends_it() -> None:
    event = the_event(
        "Cooperation", "The Coast Guild (CG) and the Rock Union (RU) signed an agreement to extend their partnership."
    )
    assert event.action == "extended"


@pytest.mark.parametrize("day", ["on Friday", "last Thursday"])
def test_a_day_of_the_week_is_not_the_day_of_the_dateline(day: str) -> None:
    text = "GHENT, 23 November 2026 – The Coast Guild (CG) and the Rock Union (RU) signed a memorandum of understanding"
    event = the_event("Cooperation", f"{text} {day}.")
    assert event.date is None


def test_a_french_dateline_has_an_article() -> None:
    text = "Paris, le 19 novembre 2026 – L'Association du câble (AC) et la Fédération du fil (FF) travaillent ensemble"
    event = the_event("Cooperation", f"{text} : elles ont signé vendredi un accord de coopération.")
    assert event.date is None
