"""Single values of config.toml: durations, sizes, cron lines, and who is a placeholder."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.config import values
from storage.records.source import FirstCrawl


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("15m", 900), ("2h", 7200), ("1d", 86400), ("1d12h", 129600), ("0s", 0)]
)
def test_durations(text, seconds):
    assert values.duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "2", "2 weeks", "-1h", "1.5h", "h", 30, None, True])
def test_what_is_no_duration(text):
    with pytest.raises(ValueError, match="is no duration"):
        values.duration(text)


@pytest.mark.parametrize(("text", "size"), [("10MB", 10_000_000), ("500 kB", 500_000), ("1MiB", 1 << 20), ("7B", 7)])
def test_sizes(text, size):
    assert values.size(text) == size


@pytest.mark.parametrize("text", ["10", "0MB", "MB", "-1MB", "10 TB", 10])
def test_what_is_no_size(text):
    with pytest.raises(ValueError, match="is no size"):
        values.size(text)


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("50 items or 180d", FirstCrawl(items=50, age=timedelta(days=180))),
        ("1 item", FirstCrawl(items=1, age=None)),
        ("180d", FirstCrawl(items=None, age=timedelta(days=180))),
        ("all", FirstCrawl(items=None, age=None)),
    ],
)
def test_how_far_back_the_first_look_goes(text, bound):
    assert values.first_crawl(text) == bound


@pytest.mark.parametrize("text", ["", "or", "50 items or", " or 180d", "50 items 180d", "none", 50])
def test_what_bounds_no_first_look(text):
    with pytest.raises(ValueError, match="bounds no first look"):
        values.first_crawl(text)


@pytest.mark.parametrize(
    "text", ["0 7 * * mon-fri", "*/15 6-20 1,15 jan-jun 0-5", "5 4 * * sun", "0 0 1 1 7", "0 22 * * fri-sat"]
)
def test_cron_lines(text):
    assert values.every(text) == text


@pytest.mark.parametrize(("text", "kept"), [("2h", "2h"), (" 90 m ", "90m"), ("1d12h", "36h"), ("60s", "1m")])
def test_a_rhythm_is_kept_as_one_number_with_one_unit(text, kept):
    assert (values.every(text), values.recheck(text)) == (kept, kept)


@pytest.mark.parametrize("text", ["60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "*/0 * * * *",
                                  "9-5 * * * *", "a * * * *", "1-2-3 * * * *", ", * * * *", "- * * * *"])  # fmt: skip
def test_what_is_no_cron_line(text):
    with pytest.raises(ValueError, match="of a cron line"):
        values.every(text)


@pytest.mark.parametrize(
    "address",
    ["", " ", "a@example.com", "A <a@EXAMPLE.org>", "a@mail.example.net", "a@example.com.", "https://example.org/x"],
)
def test_placeholders(address):
    assert values.placeholder(address)


@pytest.mark.parametrize(
    "address", ["a@myexample.com", "a@example.eu", "a@localhost", "https://office.eu/?x=example.com"]
)
def test_real_addresses_are_no_placeholders(address):
    assert not values.placeholder(address)


@pytest.mark.parametrize("text", ["a@b.eu\r\nBcc: x@y.eu", "a b@c.eu", "a@b.eu, c@d.eu", "@b.eu", "a@", "a\x00@b.eu"])
def test_what_is_no_mail_address(text):
    assert not values.is_mailbox(text)


@settings(deadline=None, max_examples=200)
@given(st.sampled_from([values.duration, values.size, values.first_crawl, values.every, values.confirm, values.zone,
                        values.http_address, values.mailbox, values.contact, values.database, values.network,
                        values.pattern, values.identity, values.delivery, values.quiet_hours]),
       st.one_of(st.text(), st.integers(), st.none(), st.lists(st.text())))  # fmt: skip
def test_whatever_is_written_is_a_value_or_a_plain_fault(parse, written):
    with suppress(ValueError):
        parse(written)
