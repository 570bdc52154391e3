"""The associations that come with the program: found by any of their names, honest about their addresses."""

from __future__ import annotations

import tomllib

import pytest

from scraper.catalogue import EVIDENCE, catalogue, find, source_comments, source_fields
from scraper.config import load
from scraper.config.edit import add_source
from scraper.config.template import packaged
from scraper.url import canonical


def test_every_association_has_a_name_a_home_page_and_web_addresses_alone():
    assert len(catalogue()) > 80
    for entry in catalogue():
        assert entry.acronym
        assert entry.name
        assert sum(each.kind == "home" for each in entry.addresses) == 1
        assert all(canonical(each.url) for each in entry.addresses)
        assert all(each.evidence in EVIDENCE for each in entry.addresses)


@pytest.mark.parametrize(
    "name",
    [
        "COCIR",
        "cocir",
        " Cocir ",
        "European Society of Radiology",
        "societe europeenne de radiologie",
        "HL7 International",
    ],
)
def test_an_association_is_found_by_acronym_name_or_alias_in_any_case(name):
    assert len(find(name)) == 1


def test_a_shared_acronym_gives_both():
    assert {entry.country for entry in find("ECO")} == {"BE", "DE"}


def test_words_of_a_name_find_it():
    assert [entry.acronym for entry in find("Healthcare Information and Management Systems")] == ["HIMSS"]


@pytest.mark.parametrize("name", ["", " ", "x", "no such body anywhere"])
def test_what_is_not_there_is_not_found(name):
    assert find(name) == ()


def test_the_address_with_the_best_evidence_comes_first():
    (medtech,) = find("MedTech Europe")
    assert medtech.best.url == "https://www.medtecheurope.org/news-and-events/press-releases/"
    ranks = [list(EVIDENCE).index(each.evidence) for each in medtech.addresses]
    assert ranks == sorted(ranks)


def test_disputed_feeds_never_beat_a_listing():
    (himss,) = find("HIMSS")
    assert himss.best.kind == "news"


def test_a_mere_guess_never_beats_the_home_page():
    (ihe,) = find("IHE")
    assert ihe.best.kind == "home"


def test_no_single_article_and_no_dead_address_is_where_we_begin():
    for entry in catalogue():
        assert entry.best.kind in ("home", "news", "feed")
        assert entry.best.evidence != "dead"


def test_nothing_claims_that_an_address_works():
    for entry in catalogue():
        assert "was not tried" in source_comments(entry)[0]


def test_each_can_be_added_to_the_configuration_beside_all_others(tmp_path):
    text = "[fetch]\n"
    for entry in catalogue():
        text = add_source(text, source_fields(entry), source_comments(entry))
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    assert len(load(tmp_path / "config.toml", environ={}).sources) == len(catalogue())


def test_the_sources_of_the_template_are_addresses_of_the_catalogue():
    for source in tomllib.loads(packaged())["sources"]:
        (entry,) = find(source["name"])
        assert source["url"].rstrip("/") in {each.url.rstrip("/") for each in entry.addresses}
        assert source["id"] == source_fields(entry)["id"]
