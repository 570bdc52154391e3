"""Dates as pages write them become facts with their own precision."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.parse.dates import find_dates, parse_date

FORMS = {
    "22 June 2015": "2015-06-22",
    "September 25, 2024": "2024-09-25",
    "May 23rd, 2020 16:34": "2020-05-23",
    "18th October 2012": "2012-10-18",
    "Nov. 4, 2015": "2015-11-04",
    "8 Sept 2025": "2025-09-08",
    "10.02.2022": "2022-02-10",
    "25-10-2018": "2018-10-25",
    "January 2018": "2018-01",
    "Mon, 15 Jun 2026 07:20:40 +0000": "2026-06-15",
    "17. Mai 2013": "2013-05-17",
    "12.4.18": "2018-04-12",
    "DIMANCHE 09 NOVEMBRE 2014": "2014-11-09",
    "1er mars 2019": "2019-03-01",
    "26 ene 2021. 18.47H": "2021-01-26",
    "31 de enero de 2020": "2020-01-31",
    "24 Aprile 2020": "2020-04-24",
    "05 mei 2017": "2017-05-05",
    "17 de maio de 2021": "2021-05-17",
    "23 kwietnia 2020, 12:01": "2020-04-23",
    "Publicerat 02 October 2023": "2023-10-02",
    "14 марта 2019": "2019-03-14",
    "2020年3月13日": "2020-03-13",
    "2020. március 13.": "2020-03-13",
    "15. joulukuuta 2019": "2019-12-15",
    "2015-06-22T10:00:00+0200": "2015-06-22",
    "20190301": "2019-03-01",
    "2015-06": "2015-06",
    "Mon Jun 22 10:00:00 UTC 2015": "2015-06-22",
    "22 червня 2015": "2015-06-22",
    "22 юни 2015 г.": "2015-06-22",
    "2015 m. birželio 22 d.": "2015-06-22",
    "2015. gada 22. jūnijs": "2015-06-22",
    "22. juuni 2015": "2015-06-22",
    "22. junij 2015": "2015-06-22",
    "22 de juny de 2015": "2015-06-22",
    "1434967200": "2015-06-22",
    "1434967200000": "2015-06-22",
}


@pytest.mark.parametrize(("text", "value"), FORMS.items())
def test_a_date_is_read_in_the_form_its_page_uses(text, value):
    assert getattr(parse_date(text), "value", None) == value


@pytest.mark.parametrize(
    "text", ["", "31 February 2020", "call 0123 456 789", "version 10.2.1", "99/99/2020", "the 1 of us"]
)
def test_what_is_no_date_gives_none(text):
    assert parse_date(text) is None


def test_the_order_of_day_and_month_follows_the_source_when_both_could_be():
    assert parse_date("9.11.2018", order="MDY").value == "2018-09-11"
    assert parse_date("9.11.2018").value == "2018-11-09"
    assert parse_date("9/11/2018", language="en-GB").value == "2018-11-09"
    assert parse_date("25/10/2018", order="MDY").value == "2018-10-25"


def test_precision_is_as_long_as_the_page_says():
    assert [parse_date(t).precision for t in ("2018", "January 2018", "3 January 2018")] == ["year", "month", "day"]


def test_relative_dates_count_from_a_known_day_only():
    assert parse_date("yesterday") is None
    assert parse_date("Yesterday", reference=date(2020, 3, 1)).value == "2020-02-29"
    assert parse_date("vor 3 Tagen", reference=date(2020, 3, 1)).value == "2020-02-27"
    assert parse_date("2 hours ago", reference=date(2020, 3, 1)).value == "2020-03-01"


def test_the_exact_moment_is_kept_with_its_offset():
    assert parse_date("2015-06-22T23:30:00-05:00").at.isoformat() == "2015-06-22T23:30:00-05:00"


def test_all_dates_of_a_line_come_in_reading_order():
    line = "Published 23 May 2019, signed on 1 May 2019, updated 13-10-2019"
    assert [fact.value for fact in find_dates(line)] == ["2019-05-23", "2019-05-01", "2019-10-13"]


@given(st.text(max_size=200))
@settings(deadline=None, max_examples=200)
def test_no_text_upsets_the_reader(text):
    fact = parse_date(text, reference=date(2020, 1, 1))
    assert fact is None or len(fact.value) in (4, 7, 10)
