"""Full text over all versions: one question, the same answers from both databases, whatever a person types."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from storage.records.article import About, Teaser
from storage.records.hit import Hits
from storage.records.observation import ItemState
from storage.records.source import SourceId
from storage.sql import rows, search, tables, terms
from storage.sql.engine import open_engine
from storage.store import Filter, Store, question, restore
from tests.builders import (
    DAY,
    NOW,
    PAGE,
    SITE,
    a_finding,
    a_move,
    a_source,
    a_target,
    a_verdict,
    an_article,
    an_observation,
)  # fmt: skip


def keep(store: Store, name: str, *paragraphs: str, source: str = "cocir", **facts: Any) -> int:
    """An item at /name with these paragraphs; `title`, `about` and the like are the article's."""
    verdict = {key: facts.pop(key) for key in ("at", "state", "ledger") if key in facts}
    with store.begin() as work:
        work.sync_sources((a_source(), a_source("esr")))
        work.add_targets((a_target(f"{SITE}/{name}", source=SourceId(source)),))
        (target,) = (t for t in work.targets_of(SourceId(source)) if t.url == f"{SITE}/{name}")
        article = an_article(*paragraphs, **{"url": target.url, "title": name, **facts})
        kept = work.keep(a_finding(target, article, **verdict))
    assert kept.item is not None
    return kept.item


def edit(store: Store, name: str, *paragraphs: str, version: int = 2, **facts: Any) -> None:
    with store.begin() as work:
        (target,) = (t for t in work.targets_of(SourceId("cocir")) if t.url == f"{SITE}/{name}")
        article = an_article(*paragraphs, **{"title": name, **facts})
        work.keep(a_verdict(target, observation=an_observation(article, version=version), seen=True))


def asked(store: Store, typed: str, **wanted: Any) -> Hits:
    return store.catalogue().search(question(typed), Filter(**wanted))


def names(store: Store, typed: str, **wanted: Any) -> set[str]:
    return {hit.item.url.removeprefix(f"{SITE}/") for hit in asked(store, typed, **wanted).hits}


def shown(runs: Any) -> str:
    return "".join(f"[{run.text}]" if run.hit else run.text for run in runs)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("imaging", {"one", "two"}),
        ("IMAGING standards", {"one"}),
        ('"medical imaging"', {"one"}),
        ('"imaging medical"', set()),
        ('"medical imag"*', {"one"}),
        ("imaging -medical", {"two"}),
        ("imaging NOT medical", {"two"}),
        ('imaging -"medical imaging"', {"two"}),
        ("standards OR Zürich", {"one", "two"}),
        ("imaging standards OR zurich", {"one", "two"}),
        ("zurich", {"two"}),
        ("ZÜRICH", {"two"}),
        ("imag*", {"one", "two"}),
        ("imag", set()),
        ("e-health", {"one"}),
        ("ehealth", set()),
        ("-imaging", set()),
        ("合作", {"three"}),
        ("作合", set()),
        ("ΑΘΗΝΑ", {"three"}),
        ("final", {"three"}),
        ("l'europe", {"three"}),
        ("", set()),
    ],
)
def test_a_question_finds(store: Store, typed: str, found: set[str]) -> None:
    keep(store, "one", "Medical imaging and e-Health follow open standards.")
    keep(store, "two", "Imaging for all, the board said in Zu\u0308rich.")
    keep(store, "three", "双方签署合作协议。 Αθήνα: the ﬁnal text of l’Europe.")
    assert names(store, typed) == found


def test_no_phrase_goes_on_from_the_title_into_the_body(store: Store) -> None:
    keep(store, "one", "agreement signed", title="A new")
    assert names(store, '"new agreement"') == set()
    assert names(store, '"a new"') == {"one"}


def test_teasers_of_other_articles_are_not_searched(store: Store) -> None:
    keep(store, "one", "Nothing else.", teasers=(Teaser(title="Elsewhere", url=f"{SITE}/x"),))
    assert names(store, "elsewhere") == set()


def test_a_word_in_the_title_comes_before_one_in_the_body_and_that_before_one_in_the_boilerplate(store: Store) -> None:
    about = (About(organisation="HL7", text="HL7 looks after interoperability and more."),)
    keep(store, "boilerplate", "A text of some length about a thing.", about=about)
    keep(store, "body", "A text of some length on interoperability.")
    keep(store, "title", "A text of some length about a thing.", title="Interoperability now")
    ranked = [hit.item.url.rpartition("/")[2] for hit in asked(store, "interoperability").hits]
    assert ranked == ["title", "body", "boilerplate"]


def test_what_was_edited_away_is_found_in_the_version_where_it_stood(store: Store) -> None:
    keep(store, "one", "They signed a memorandum.")
    edit(store, "one", "They signed an agreement.")
    (gone,), (stays,) = asked(store, "memorandum").hits, asked(store, "signed").hits
    assert (gone.version, gone.current, shown(gone.snippet)) == (1, False, "They signed a [memorandum].")
    assert (stays.version, stays.current) == (2, True)
    assert asked(store, "signed").count == 1


def test_another_reading_takes_the_place_of_the_old_one(store: Store) -> None:
    item = keep(store, "one", "Rubbish from a menu.", "They signed.")
    with store.begin() as work:
        work.keep_reading(an_observation(an_article("They signed.")), item)  # type: ignore[arg-type]
    assert names(store, "rubbish") == set()
    assert names(store, "signed") == {"one"}


def test_filters_are_those_of_the_lists(store: Store) -> None:
    keep(store, "one", "Imaging.", ledger=(a_move("COCIR", "HIMSS"),))
    keep(store, "two", "Imaging.", source="esr", at=NOW + DAY)
    keep(store, "three", "Imaging.", at=NOW + 2 * DAY, state=ItemState.WITHDRAWN)
    assert names(store, "imaging", source="esr") == {"two"}
    assert names(store, "imaging", since=NOW + DAY) == {"two", "three"}
    assert names(store, "imaging", until=NOW + DAY) == {"one"}
    assert names(store, "imaging", kind="withdrawn") == {"three"}
    assert names(store, "imaging", party=("himss.org",)) == {"one"}


def test_filters_may_stand_in_the_question() -> None:
    asked = question('source:cocir party:"European Society of Radiology" since:2026-01-31 imaging -author:me')
    assert asked.filters == {"source": "cocir", "party": "European Society of Radiology", "since": "2026-01-31"}
    assert [[term.tokens for term in group] for group in asked.groups] == [[("imaging",)]]
    assert [term.tokens for term in asked.without] == [("author", "me")]


def test_pages_follow_each_other_without_gap_or_repetition(store: Store) -> None:
    for n in range(7):
        keep(store, f"n{n}", "Imaging.")
    catalogue, imaging = store.catalogue(), question("imaging")
    pages = [catalogue.search(imaging, Filter(limit=3), offset=at) for at in (0, 3, 6)]
    assert [len(page.hits) for page in pages] == [3, 3, 1]
    assert len({hit.item.id for page in pages for hit in page.hits}) == 7
    assert {(page.count, page.more) for page in pages} == {(7, False)}


def test_more_answers_than_are_ranked_are_said_to_be_more(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(4):
        keep(store, f"n{n}", "Imaging.")
    monkeypatch.setattr(search, "MOST_RANKED", 3)
    found = asked(store, "imaging")
    assert (found.count, found.more) == (3, True)


def test_the_snippet_shows_the_best_passage_and_where_it_is_cut(store: Store) -> None:
    filler = "Nothing to see in this sentence. " * 20
    keep(store, "one", "They signed.", f"{filler}They signed a renewed agreement. {filler}")
    (hit,) = asked(store, "signed agreement renew*").hits
    said = shown(hit.snippet)
    assert "They [signed] a [renewed] [agreement]." in said
    assert said.startswith("… ")
    assert said.endswith(" …")
    assert len(said) < 300


def test_marks_are_runs_and_the_text_stays_what_it_was(store: Store) -> None:
    keep(store, "one", "<b>Imaging</b> & imaging", title="<script>imaging</script>")
    (hit,) = asked(store, "imaging").hits
    assert shown(hit.title) == "<script>[imaging]</script>"
    assert shown(hit.snippet) == "<b>[Imaging]</b> & [imaging]"


@pytest.mark.parametrize("backend", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_no_typed_sign_breaks_a_question(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    if backend == "sqlite":
        shutil.copy(request.getfixturevalue("template"), tmp_path / "a.db")
        url = f"sqlite:///{tmp_path}/a.db"
    else:
        url = request.getfixturevalue("server").fresh()
    store = Store(url, tmp_path / "archive")
    keep(store, "one", 'They signed a "renewed" agreement; c\'est ça: a*b (c) & d | e ! f <-> g:h, 合作')
    signs = st.sampled_from([*"\"'*()-+:&|!<>~^{}\\%_/;,.\0\ud800 a合", "OR", "AND", "NOT", "NEAR", "source:"])

    @given(st.one_of(st.text(max_size=60), st.lists(signs, max_size=25).map("".join)))
    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    def holds(typed: str) -> None:
        found = store.catalogue().search(question(typed), Filter())
        assert found.count <= 1

    holds()
    store.close()


def test_hostile_and_endless_texts_are_kept(store: Store) -> None:
    endless = " ".join(f"word{n}" for n in range(120_000))
    keep(store, "one", f"NUL \0, half a pair \ud83d, {'x' * 5_000}", endless, "same " * 20_000)
    assert names(store, "word7") == names(store, "half pair") == {"one"}
    assert names(store, "x" * 5_000) == {"one"}


@given(st.text(max_size=80))
@settings(max_examples=200, deadline=None)
def test_each_word_of_a_text_is_found_where_it_stands(words: str) -> None:
    for token, start, end in terms._placed(words):
        assert token
        assert token in list(terms.tokens(words[start:end]))


def test_an_older_database_is_filled(empty: str, tmp_path: Path) -> None:
    engine = open_engine(empty, schema="0006")  # the last one without the full text
    item = {"id": 1, "source": "cocir", "url": PAGE, "title": "One", "first_seen": NOW, "last_seen": NOW, "versions": 2}
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO sources VALUES ('cocir', '', '', '', true)"))
        connection.execute(tables.items.insert().values(**item, state="present"))
        for version, words in enumerate(("They signed a memorandum.", "They signed an agreement."), 1):
            seen = an_observation(an_article(words), version=version)
            connection.execute(tables.versions.insert().values(item=1, **rows.observation_row(seen)))
    engine.dispose()
    store = Store(empty, tmp_path / "archive")
    assert [hit.version for typed in ("memorandum", "agreement") for hit in asked(store, typed).hits] == [1, 2]
    store.close()


def test_what_is_put_back_can_be_searched(store: Store, empty: str, tmp_path: Path) -> None:
    keep(store, "one", "They signed a memorandum.")
    store.backup(tmp_path / "all.tar", now=NOW)
    restore(empty, tmp_path / "other", tmp_path / "all.tar")
    again = Store(empty, tmp_path / "other")
    assert names(again, "memorandum") == {"one"}
    keep(again, "two", "They signed another memorandum.")
    assert names(again, "memorandum") == {"one", "two"}
    again.close()


def test_a_backup_goes_from_one_database_to_the_other(server: Any, template: Path, tmp_path: Path) -> None:
    shutil.copy(template, tmp_path / "a.db")
    lite = Store(f"sqlite:///{tmp_path}/a.db", tmp_path / "archive")
    keep(lite, "one", "They signed a memorandum.")
    lite.backup(tmp_path / "all.tar", now=NOW)
    lite.close()
    restore(address := server.empty(), tmp_path / "other", tmp_path / "all.tar")
    big = Store(address, tmp_path / "other")
    assert names(big, '"a memorandum"') == {"one"}
    big.backup(tmp_path / "back.tar", now=NOW)
    big.close()
    restore(f"sqlite:///{tmp_path}/b.db", tmp_path / "third", tmp_path / "back.tar")
    lite = Store(f"sqlite:///{tmp_path}/b.db", tmp_path / "third")
    assert names(lite, '"a memorandum"') == {"one"}
    lite.close()


def test_what_is_undone_is_not_found(store: Store) -> None:
    keep(store, "one", "They signed.")
    with store.begin() as work:
        (target,) = (t for t in work.targets_of(SourceId("cocir")) if t.kind == "article")
        new = a_verdict(target, observation=an_observation(an_article("A memorandum."), version=2), seen=True)
        with suppress(RuntimeError), work.apart():
            work.keep(new)
            raise RuntimeError
    assert names(store, "memorandum") == set()
    assert names(store, "signed") == {"one"}


def test_sqlites_own_check_of_the_index_is_content(template: Path, tmp_path: Path) -> None:
    shutil.copy(template, tmp_path / "a.db")
    store = Store(f"sqlite:///{tmp_path}/a.db", tmp_path / "archive")
    item = keep(store, "one", "Rubbish from a menu, ﬁnal.", "They signed.")
    with store.begin() as work:
        work.keep_reading(an_observation(an_article("They signed.")), item)  # type: ignore[arg-type]
    with store.begin() as work:
        work.connection.execute(text("INSERT INTO fulltext (fulltext) VALUES ('integrity-check')"))
        left = work.connection.execute(text("SELECT count(*) FROM fulltext WHERE fulltext MATCH 'rubbish'")).scalar()
    assert left == 0
    store.close()
