"""Feeds out, read again with parsers and held against the rules of their formats."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.alert.feeds_out import Entry, Feed, atom, change_entries, json_feed, partnership_entries, rss
from storage.records.partnership import PartnershipId
from tests.alert.builders import NOW, PAGE, SENTENCE, a_change, a_note, an_entry
from tests.alert.test_compose import HOSTILE

A = "{http://www.w3.org/2005/Atom}"


def a_feed(*entries: Entry, **facts: Any) -> Feed:
    known = {"name": "partnerships", "title": "Partnerships", "now": NOW, "url": "https://watch.press.eu/feed.atom"}
    return Feed(**{**known, "entries": entries, **facts})


def an_item(title: str = "A title", **facts: Any) -> Entry:
    return Entry(**{"id": "change/1", "title": title, "url": PAGE, "published": NOW, "updated": NOW, **facts})


def held_to_atom(text: str) -> ElementTree.Element:
    """RFC 4287 4.1.1 and 4.1.2: what a feed and an entry must have, once each."""
    root = ElementTree.fromstring(text.encode())
    assert root.tag == f"{A}feed"
    for node in (root, *root.iter(f"{A}entry")):
        for name in ("id", "title", "updated"):
            assert [child.tag for child in node].count(f"{A}{name}") == 1
        assert (node.findtext(f"{A}id") or "").startswith("tag:")
        assert datetime.fromisoformat(node.findtext(f"{A}updated") or "").tzinfo is not None
    assert root.findtext(f"{A}author/{A}name")
    ids = [node.findtext(f"{A}id") for node in root.iter(f"{A}entry")]
    assert len(ids) == len(set(ids))
    return root


def held_to_json_feed(text: str) -> dict[str, Any]:
    document = json.loads(text)
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    for item in document["items"]:
        assert isinstance(item["id"], str)
        assert item["content_text"]
    return dict(document)


def held_to_rss(text: str) -> ElementTree.Element:
    """What RSS 2.0 asks of a channel and an item; the description, which is HTML, holds no markup of a stranger."""
    root = ElementTree.fromstring(text.encode())
    assert (root.tag, root.get("version")) == ("rss", "2.0")
    assert all(root.findtext(f"channel/{name}") for name in ("title", "link", "description"))
    for node in root.iter("item"):
        assert node.findtext("title")
        assert node.find("guid").get("isPermaLink") == "false"  # type: ignore[union-attr]
        assert parsedate_to_datetime(node.findtext("pubDate") or "").tzinfo is not None
        assert "<" not in (node.findtext("description") or "").replace("<br>", "")
    return root


def test_a_partnership_is_an_entry_with_its_facts_and_its_sentence():
    (entry,) = partnership_entries((replace(an_entry(), id=PartnershipId(3)),))
    root = held_to_atom(atom(a_feed(entry)))
    assert root.findtext(f"{A}entry/{A}title") == "COCIR + HIMSS renew cooperation agreement"
    assert root.findtext(f"{A}entry/{A}id") == "tag:watch.press.eu,2026:partnership/3"
    assert SENTENCE in (root.findtext(f"{A}entry/{A}content") or "")
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{A}entry/{A}link")}
    assert links == {"alternate": PAGE}


def test_an_entry_that_gained_facts_is_updated_and_keeps_its_id():
    before = replace(an_entry(), id=PartnershipId(3))
    after = replace(before, history=(a_note("until 2031", NOW + timedelta(days=1)),))
    (first,), (second,) = partnership_entries((before,)), partnership_entries((after,))
    assert first.id == second.id
    assert second.updated > first.updated == second.published


def test_a_rejected_event_is_left_out():
    assert partnership_entries((an_entry(status="rejected"),)) == ()


def test_changes_come_newest_first():
    older, newer = a_change(id=1, because=("2 words",)), a_change(id=2, at=NOW + timedelta(hours=1))
    entries = change_entries(((older, "A release"), (newer, "Another")))
    assert [entry.title for entry in entries] == ["Changed: Another", "Changed: A release"]
    assert entries[1].text == "2 words"


def test_an_empty_feed_is_a_feed():
    assert held_to_atom(atom(a_feed())).findall(f"{A}entry") == []
    assert held_to_json_feed(json_feed(a_feed()))["items"] == []
    assert held_to_rss(rss(a_feed(url=""))).findall("channel/item") == []


def test_the_lines_of_an_entry_are_lines_in_rss():
    root = held_to_rss(rss(a_feed(an_item(text="A & <b>\nB"))))
    assert root.findtext("channel/item/description") == "A &amp; &lt;b&gt;<br>B"


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_title_breaks_a_feed(words: str):
    feed = a_feed(an_item(words, text=words, tags=(words,), url="javascript:alert(1)"), title=words or "x")
    root, document = held_to_atom(atom(feed)), held_to_json_feed(json_feed(feed))
    assert root.findall(f"{A}entry/{A}link") == []
    assert held_to_rss(rss(feed)).findall("channel/item/link") == []
    assert "url" not in document["items"][0]


@settings(deadline=None, max_examples=80)
@given(words=st.text(st.characters(), max_size=200))
def test_whatever_the_words_all_feeds_open(words: str):
    feed = a_feed(an_item(words, text=words))
    root, document = held_to_atom(atom(feed)), held_to_json_feed(json_feed(feed))
    assert root.findtext(f"{A}entry/{A}title") == document["items"][0]["title"]
    assert held_to_rss(rss(feed)).findtext("channel/item/title") == document["items"][0]["title"]
