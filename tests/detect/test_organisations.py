"""Who is meant by a name: the page first, the watch list next, the registry last."""

from __future__ import annotations

from scraper.detect.organisations import Registry, key_of, same_party
from storage.records.partnership import Organisation, Party

OWN = Organisation(id="esr.example", name="Estuary Seal Rescue", acronym="ESR", domain="esr.example")


def test_a_full_name_finds_its_body():
    body = Registry.default().by_name("the European Society of Radiology")
    assert body is not None
    assert body.id == "myesr.org"


def test_an_acronym_alone_finds_the_one_body_that_bears_it():
    body = Registry.default().by_acronym("COCIR")
    assert body is not None
    assert body.id == "cocir.org"


def test_an_acronym_alone_finds_nobody_in_a_rivals_country():
    assert Registry.default().by_acronym("COCIR", host="cocir.org.ar") is None


def test_an_acronym_that_two_bodies_bear_needs_the_host():
    registry = Registry.default()
    assert registry.by_acronym("ACR") is None
    body = registry.by_acronym("ACR", host="www.acr.org")
    assert body is not None
    assert body.name == "American College of Radiology"


def test_the_watch_list_wins_over_the_registry():
    body = Registry.default().with_organisations((OWN,)).by_acronym("ESR")
    assert body == OWN


def test_another_full_name_behind_a_known_acronym_is_another_body():
    assert Registry.default().resolve("Colegio de Corredores Inmobiliarios", "COCIR") is None


def test_the_default_registry_is_read_once():
    assert Registry.default() is Registry.default()


def test_small_words_and_legal_forms_do_not_tell_names_apart():
    assert key_of("The Society of Optics e.V.") == key_of("Society for Optics")


def test_an_acronym_and_its_full_name_are_one_party():
    assert same_party(Party(name="HIMSS"), Party(name="Healthcare Systems Society", acronym="HIMSS"))


def test_two_full_names_that_share_an_acronym_are_two_parties():
    one = Party(name="European Society of Radiology", acronym="ESR")
    other = Party(name="Institute of Environmental Science", acronym="ESR")
    assert not same_party(one, other)
