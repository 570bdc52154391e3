"""What goes into a row comes out of it: any article, any mail, any moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.records.alert import Message
from storage.records.article import About, Article, Block, DateFact, Link, Quote, Section, Teaser
from storage.records.partnership import HistoryNote, PartnershipEvent, RelatedEvent
from storage.sql import rows
from storage.sql.tables import Moment, storable
from tests.builders import NOW, an_article, an_event

TEXT = st.text(max_size=20)  # all of Unicode but surrogates, which become question marks
MOMENTS = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))]))
DATES = st.sampled_from([("2015", "year"), ("2015-06", "month"), ("2015-06-22", "day"), ("1582-02-31", "day")]).flatmap(
    lambda d: st.builds(DateFact, value=st.just(d[0]), precision=st.just(d[1]), origin=TEXT)
)
NOUNS = {
    noun: st.builds(noun, **dict.fromkeys(names, TEXT))
    for noun, names in {
        Teaser: ("title", "url", "snippet"), About: ("organisation", "text"), Quote: ("speaker", "text"),
        Link: ("url", "text"),
    }.items()
}  # fmt: skip
ARTICLES = st.builds(
    Article, title=TEXT, language=st.sampled_from(["", "de"]), authors=st.lists(TEXT, max_size=2).map(tuple),
    published=st.none() | DATES, date_candidates=st.lists(DATES, max_size=2).map(tuple),
    blocks=st.lists(st.builds(Block, kind=st.sampled_from(["paragraph", "table"]), text=TEXT), max_size=3).map(tuple),
    sections=st.lists(st.builds(Section, kind=st.just("notes"), heading=TEXT, text=TEXT), max_size=1).map(tuple),
    teasers=st.lists(NOUNS[Teaser], max_size=2).map(tuple), about=st.lists(NOUNS[About], max_size=1).map(tuple),
    quotes=st.lists(NOUNS[Quote], max_size=2).map(tuple), links=st.lists(NOUNS[Link], max_size=2).map(tuple),
    unfit=st.none() | TEXT,
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(article=ARTICLES)
def test_any_article_comes_back(article: Article) -> None:
    assert rows.article_of(rows.article_row(article)) == article


@settings(deadline=None, max_examples=40)
@given(raw=st.binary(max_size=200), subject=TEXT, text=TEXT)
def test_any_mail_comes_back_byte_for_byte(raw: bytes, subject: str, text: str) -> None:
    message = Message(message_id="<1>", subject=subject, to="ana@press.eu", text=text, html=text, raw=raw)
    assert rows.message_of(rows.message_row(message)) == message


@settings(deadline=None, max_examples=60)
@given(moment=MOMENTS)
def test_any_moment_comes_back_to_the_microsecond_in_utc(moment: datetime) -> None:
    column = Moment()
    stored = column.process_bind_param(moment, None)
    assert column.process_result_value(stored, None) == moment


@given(one=MOMENTS, other=MOMENTS)
def test_stored_moments_sort_as_moments_do(one: datetime, other: datetime) -> None:
    column = Moment()
    stored = [column.process_bind_param(moment, None) for moment in (one, other)]
    assert (one < other) == (stored[0] < stored[1])  # type: ignore[operator]


@given(text=st.text(st.characters(exclude_categories=())))
def test_any_text_is_made_storable_once(text: str) -> None:
    kept = storable(text)
    kept.encode()
    assert "\0" not in kept
    assert (storable(kept), len(kept)) == (kept, len(text))


@pytest.mark.parametrize("word", ["\ud83d", "fine"])
def test_events_come_back_whatever_letters_they_hold(word: str) -> None:
    event = an_event("COCIR", word, since="2008", date=DateFact(value="2015-06", precision="month", origin="text"))
    read = rows._EVENT.validate_json(rows.event_row(event))
    assert isinstance(read, PartnershipEvent)
    assert (read.since, read.date, len(read.parties)) == (event.since, event.date, 2)
    related = RelatedEvent(kind="merger", parties=event.parties)
    assert rows.related_of(rows.related_row(related)).kind == "merger"
    note = HistoryNote(at=NOW, what=word, url="")
    assert rows._HISTORY.validate_json(rows.history_row((note,)))[0].at == NOW


def test_a_date_of_an_article_with_an_odd_letter_keeps_its_moment() -> None:
    article = an_article("\ud83d", published=DateFact(value="2026", precision="year", origin="meta", at=NOW))
    read = rows.article_of(rows.article_row(article))
    assert read.published == article.published
    assert read.text == "?"
