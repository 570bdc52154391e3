"""Feeds to leads: every dialect, and what is left of a broken one."""

# ruff: noqa: E501 - markup is written as it comes
from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from scraper.discover.dates import date_fact
from scraper.discover.lead import Leads
from scraper.discover.methods import leads_of
from storage.records.source import TargetKind

HERE = "https://www.assoc.org/feed.xml"
SEEN = datetime(2026, 3, 1, tzinfo=UTC)


def feed(text: str | bytes, content_type: str = "application/xml") -> Leads:
    body = text.encode() if isinstance(text, str) else text
    leads = leads_of(body, url=HERE, kind=TargetKind.FEED, content_type=content_type, seen=SEEN)
    assert leads is not None
    return leads


def rss(*items: str, head: str = "") -> str:
    return f"<rss version='2.0'><channel><title>News</title>{head}{''.join(items)}</channel></rss>"


def item(**fields: str) -> str:
    return "<item>" + "".join(f"<{name}>{text}</{name}>" for name, text in fields.items()) + "</item>"


DIALECTS = {
    "rss 0.91": "<rss version='0.91'><channel><title>N</title><item><title>One</title><link>https://www.assoc.org/1</link></item></channel></rss>",
    "rss 1.0": "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/' xmlns:d='http://purl.org/dc/elements/1.1/'>"
    "<channel rdf:about='x'><title>N</title><items><rdf:Seq><rdf:li resource='https://www.assoc.org/1'/></rdf:Seq></items></channel>"
    "<item rdf:about='https://www.assoc.org/1'><title>One</title><link>https://www.assoc.org/1</link><d:date>2015-06-22</d:date></item></rdf:RDF>",
    "rss 2.0": rss(item(title="One", link="https://www.assoc.org/1", pubDate="Mon, 22 Jun 2015 09:30:00 +0200")),
    "atom 1.0": "<feed xmlns='http://www.w3.org/2005/Atom'><title>N</title><entry><title>One</title><link href='/1'/><published>2015-06-22T09:30:00+02:00</published></entry></feed>",
    "atom prefixed": "<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:title>N</a:title><a:entry><a:title>One</a:title><a:link rel='alternate' href='/1'/></a:entry></a:feed>",
    "atom 0.3": "<feed version='0.3' xmlns='http://purl.org/atom/ns#'><title>N</title><entry><title>One</title><link rel='alternate' type='text/html' href='https://www.assoc.org/1'/><issued>2015-06-22T09:30:00+02:00</issued></entry></feed>",
    "json": json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "N", "items": [{"id": "1", "url": "/1", "title": "One"}]}),
}  # fmt: skip


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_is_read(dialect: str) -> None:
    leads = feed(DIALECTS[dialect])
    assert [(lead.title, lead.url) for lead in leads.items] == [("One", "https://www.assoc.org/1")]
    assert leads.kind is TargetKind.FEED
    assert not leads.trouble


def test_all_that_a_feed_says_of_itself_and_an_item_is_kept() -> None:
    leads = feed(
        rss(
            item(
                title="A &amp;amp; B",
                link="/1",
                guid="g1",
                description="&lt;p&gt;Hello&lt;/p&gt;&lt;p&gt;you&lt;/p&gt;",
                pubDate="Mon, 22 Jun 2015 09:30:00 +0200",
            ),
            head="<language>de-AT</language><ttl>60</ttl>",
        )
    )
    (lead,) = leads.items
    assert (leads.title, leads.language, leads.wish_minutes) == ("News", "de", 60)
    assert (lead.title, lead.snippet, lead.guid) == ("A & B", "Hello you", "g1")
    assert lead.published is not None
    assert lead.published.at == datetime(2015, 6, 22, 9, 30, tzinfo=timezone(timedelta(hours=2)))
    assert lead.published.value == "2015-06-22"


def test_the_language_may_stand_on_the_root() -> None:
    leads = feed(
        "<feed xmlns='http://www.w3.org/2005/Atom' xml:lang='fr-BE'><entry xml:lang='nl'><link href='/1'/></entry></feed>"
    )
    assert leads.language == "fr"


def test_titles_of_pictures_and_sources_do_not_stand_for_the_item() -> None:
    leads = feed(
        "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:m='http://search.yahoo.com/mrss/'><entry><m:title>picture</m:title>"
        "<source><title>origin</title><updated>2001-01-01</updated><link href='/x'/></source><title>One</title>"
        "<link rel='enclosure' href='/a.mp3'/><link href='/1'/><content type='xhtml'><div><title>inner</title></div></content></entry></feed>"
    )
    assert [(lead.title, lead.url, lead.updated) for lead in leads.items] == [("One", "https://www.assoc.org/1", None)]


def test_relative_addresses_are_joined_to_the_base_around_them() -> None:
    leads = feed(
        "<feed xmlns='http://www.w3.org/2005/Atom' xml:base='https://x.org/a/'><entry xml:base='b/'><title>1</title><link href='c.html'/></entry></feed>"
    )
    assert leads.items[0].url == "https://x.org/a/b/c.html"


def test_a_permanent_guid_is_an_address_and_another_is_none() -> None:
    leads = feed(
        rss(
            item(title="1", guid="https://www.assoc.org/1"),
            "<item><guid isPermaLink='false'>https://www.assoc.org/2</guid></item>",
        )
    )
    assert [lead.url for lead in leads.items] == ["https://www.assoc.org/1"]


def test_a_paged_feed_names_its_next_page() -> None:
    leads = feed(
        "<feed xmlns='http://www.w3.org/2005/Atom'><link rel='next' href='?page=2'/><entry><link href='/1'/></entry></feed>"
    )
    assert [(lead.url, lead.kind) for lead in leads.more] == [
        ("https://www.assoc.org/feed.xml?page=2", TargetKind.FEED)
    ]


ILL_FORMED = {
    "bare ampersand": rss(item(title="R&D at AT&T", link="https://www.assoc.org/1?a=1&copy=2")),
    "html entity": rss(item(title="R&D at AT&T&nbsp;", link="https://www.assoc.org/1?a=1&amp;copy=2")),
    "cut in the last item": rss(item(title="R&amp;D at AT&amp;T", link="https://www.assoc.org/1?a=1&amp;copy=2"))[:-20],
    "title left open": "<rss><channel><item><title>R&amp;D at AT&amp;T<link>https://www.assoc.org/1?a=1&amp;copy=2</link></item></channel></rss>",
    "item left open": "<rss><channel><item><title>R&amp;D at AT&amp;T</title><link>https://www.assoc.org/1?a=1&amp;copy=2</link></channel></rss>",
    "a warning before": "<br />\n<b>Warning</b>: include(x.php) failed in <b>/var/www</b> on line <b>3</b><br />\n" + rss(item(title="R&amp;D at AT&amp;T", link="https://www.assoc.org/1?a=1&amp;copy=2")),
    "junk before": "\r\n\r\nWarning: something\n<?xml version='1.0'?>" + rss(item(title="R&amp;D at AT&amp;T", link="https://www.assoc.org/1?a=1&amp;copy=2")),
    "control characters": rss(item(title="R&amp;D\x02 at\x0b AT&amp;T\x00", link="https://www.assoc.org/1?a=1&amp;copy=2")),
    "markup in a title": rss(item(title="R&amp;D <b>at</b> AT&amp;T", link="https://www.assoc.org/1?a=1&amp;copy=2")),
    "undeclared prefix": rss(item(title="R&amp;D at AT&amp;T", **{"zz:x": "y"}, link="https://www.assoc.org/1?a=1&amp;copy=2")),
    "cdata": rss(item(title="<![CDATA[R&D at AT&T]]>", link="<![CDATA[ https://www.assoc.org/1?a=1&copy=2 ]]>")),
    "upper case": rss(item(title="R&amp;D at AT&amp;T", link="https://www.assoc.org/1?a=1&amp;copy=2")).upper().replace("HTTPS://WWW.ASSOC.ORG/1?A=1&AMP;COPY=2", "https://www.assoc.org/1?a=1&amp;copy=2").replace("R&AMP;D AT AT&AMP;T", "R&amp;D at AT&amp;T"),
}  # fmt: skip


@pytest.mark.parametrize("fault", ILL_FORMED)
def test_an_ill_formed_feed_is_read_as_far_as_it_goes(fault: str) -> None:
    assert [(lead.title, lead.url) for lead in feed(ILL_FORMED[fault]).items] == [
        ("R&D at AT&T", "https://www.assoc.org/1?a=1&copy=2")
    ]


def test_a_cut_feed_says_so() -> None:
    assert feed(rss(item(link="https://www.assoc.org/1"))[:-20]).trouble == "ends in the middle"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
def test_the_encoding_a_feed_declares_is_believed(encoding: str) -> None:
    text = f"<?xml version='1.0' encoding='{encoding}'?>" + rss(item(title="Société française", link="/1"))
    assert feed(text.encode(encoding)).items[0].title == "Société française"


def test_entities_of_a_document_are_never_looked_up_nor_expanded() -> None:
    laughs = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 12))
    text = (
        f"<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY l0 'ha'>{laughs}<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
        + rss(item(title="&x;&l11;", link="/1"))
    )
    assert feed(text).items[0].title == "&x;&l11;"


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "mailto:a@b.org", ""]
)
def test_what_is_no_web_address_is_no_lead(address: str) -> None:
    assert [lead.url for lead in feed(rss(item(title="1", link=address), item(title="2", link="/2"))).items] == [
        "https://www.assoc.org/2"
    ]


def test_reused_guids_lose_nothing_and_one_address_is_one_lead() -> None:
    leads = feed(
        rss(
            item(title="1", link="/1", guid="g"),
            item(title="2", link="/2", guid="g"),
            item(title="1 again", link="/1", guid="h"),
        )
    )
    assert [lead.title for lead in leads.items] == ["1", "2"]


def test_a_hundred_thousand_items_are_capped_and_told() -> None:
    leads = feed("<rss><channel>" + "".join(f"<item><link>/{n}</link></item>" for n in range(100_000)))
    assert (len(leads.items), leads.trouble) == (5000, "more than 5000 items")


def test_json_nested_too_deep_or_of_another_kind_is_no_feed() -> None:
    for body in (b'{"items":' + b"[" * 200_000, b'{"a": 1}', b'{"items": 7}', b"{"):
        assert leads_of(body, url=HERE, kind=TargetKind.FEED) is None


BAIT = {
    "open elements": "<rss>" + "<a>" * 30_000,
    "wrong ends": "<rss>" + "<a>" * 20_000 + "</b>" * 20_000,
    "attributes": "<rss " + "a='b' " * 30_000 + ">",
    "one endless attribute": "<rss " + "a" * 100_000 + ">",
    "quotes": "<rss>" + '<a "' * 30_000,
    "comments": "<rss>" + "<!--" * 30_000,
    "doctypes": "<!DOCTYPE [" * 20_000,
    "sections": "<rss>" + "<![CDATA[" * 20_000,
    "brackets": "<rss>" + "<" * 100_000,
    "bases": "<rss>" + "<a xml:base='b'>" * 20_000,
    "text in depth": "<rss><channel><item><description>" + "<p>x" * 30_000,
    "ampersands": "<rss><channel><item><title>" + "&" * 100_000,
    "dates": rss(item(link="/1", pubDate="1" * 100_000)),
    "tags": rss(item(link="/1", title="&lt;a" * 20_000)),
}


@pytest.mark.parametrize("bait", BAIT)
def test_bait_costs_no_more_than_its_length(bait: str) -> None:
    begun = time.process_time()
    leads_of(BAIT[bait].encode(), url=HERE, kind=TargetKind.FEED, seen=SEEN)
    assert time.process_time() - begun < 1.0


DATES = {
    "Mon, 22 Jun 2015 09:30:00 +0200": "2015-06-22 2015-06-22T09:30:00+02:00",
    "22 Jun 15 09:30 GMT": "2015-06-22 2015-06-22T09:30:00+00:00",
    "Monday, 22-Jun-2015 09:30:00 EST": "2015-06-22 2015-06-22T09:30:00-05:00",
    "Mon, 22 Jun 2015": "2015-06-22 None",
    "Mon Jun 22 09:30:00 2015": "2015-06-22 None",
    "June 22, 2015": "2015-06-22 None",
    "2015-06-22T09:30:00Z": "2015-06-22 2015-06-22T09:30:00+00:00",
    "2015-06-22T09:30:00.123+02:00": "2015-06-22 2015-06-22T09:30:00+02:00",
    "2015-06-22 09:30:00": "2015-06-22 None",
    "20150622": "2015-06-22 None",
    "2015-06": "2015-06 None",
    "2015": "2015 None",
    "2015-06-22T24:00:00Z": "2015-06-22 2015-06-22T23:00:00+00:00",
}


@pytest.mark.parametrize("written", DATES)
def test_dates_are_read_as_far_as_they_go(written: str) -> None:
    fact = date_fact(written, "feed", SEEN)
    assert fact is not None
    assert f"{fact.value} {fact.at.isoformat() if fact.at else None}" == DATES[written]


@pytest.mark.parametrize(
    "written", ["Thu, 01 Jan 1970 00:00:00 GMT", "2126-01-01", "2015-13-45", "soon", "", "0000-00-00", "99 Xyz 2015"]
)
def test_a_date_that_cannot_be_is_none(written: str) -> None:
    assert date_fact(written, "feed", SEEN) is None


ATOM = "<feed xmlns='http://www.w3.org/2005/Atom'><entry>{}</entry></feed>"
OLD_ATOM = "<feed version='0.3' xmlns='http://purl.org/atom/ns#'><entry>{}</entry></feed>"
WHERE = {
    "a PDF alone": rss("<item><enclosure url='/r.pdf' type='application/pdf'/></item>"),
    "content elsewhere": ATOM.format("<content src='/r.pdf' type='application/pdf'/>"),
    "the whole relation": ATOM.format("<link rel='edit' href='/e'/><link rel='http://www.iana.org/assignments/relation/alternate' href='/r.pdf'/>"),
    "the original": "<rss xmlns:f='http://rssnamespace.org/feedburner/ext/1.0'><channel><item><link>https://proxy.test/1</link><f:origLink>/r.pdf</f:origLink></item></channel></rss>",
    "capitals": "<RSS VERSION='2.0'><CHANNEL><ITEM><LINK>/r.pdf</LINK></ITEM></CHANNEL></RSS>",
    "CDATA in lines": rss("<item><link>\n <![CDATA[ /r.pdf ]]>\n</link></item>"),
    "a source before it": ATOM.format("<source><link href='https://other.test/'/></source><link href='/r.pdf'/>"),
    "three bases": "<feed xmlns='http://www.w3.org/2005/Atom' xml:base='https://other.test/x/'><entry xml:base='https://www.assoc.org/'><link xml:base='y/' href='../r.pdf'/></entry></feed>",
    "after a warning": "<br />\n<b>Warning</b>: foo in <b>/x.php</b><br />" + rss("<item><link>/r.pdf</link></item>"),
    "quotes forgotten": "<rss version=2.0><channel><item><guid isPermaLink=false>5</guid><link>/r.pdf</link></item></channel></rss>",
}  # fmt: skip


@pytest.mark.parametrize("form", WHERE)
def test_an_item_is_found_wherever_its_address_stands(form: str) -> None:
    assert [lead.url for lead in feed(WHERE[form]).items] == ["https://www.assoc.org/r.pdf"]


LINK = "<link href='/1'/>"
NAMED = {
    "Café & bar": rss(item(title="Caf&eacute; &amp; bar", link="/1")),
    "AT&T and R&D": rss(item(title="AT&T and R&D", link="/1")),
    "It’s": rss(item(title="It&#146;s", link="/1")),
    "Bold move": rss(item(title="&lt;b&gt;Bold&lt;/b&gt; move", link="/1")),
    "A B C": rss(item(title="<![CDATA[A]]> B <![CDATA[C]]>", link="/1")),
    "1 < 2 &amp; 3": ATOM.format(f"<title type='text'>1 &lt; 2 &amp;amp; 3</title>{LINK}"),
    "A & B": ATOM.format(f"<title type='html'>&lt;em&gt;A&lt;/em&gt; &amp;amp; B</title>{LINK}"),
    "A <i>": ATOM.format(f"<title type='xhtml'><h:div xmlns:h='http://www.w3.org/1999/xhtml'>A <h:b>&lt;i&gt;</h:b></h:div></title>{LINK}"),
    "A title": OLD_ATOM.format(f"<title mode='base64' type='text/html'>QSB0aXRsZQ==</title>{LINK}"),
    "From Dublin": "<rss xmlns:odd='http://purl.org/dc/elements/1.1/'><channel><item><odd:title>From Dublin</odd:title><link>/1</link></item></channel></rss>",
}  # fmt: skip


@pytest.mark.parametrize("title", NAMED)
def test_a_title_says_what_a_reader_would_see(title: str) -> None:
    assert [lead.title for lead in feed(NAMED[title]).items] == [title]


@pytest.mark.parametrize(
    ("encoding", "declared", "header"),
    [
        ("utf-8", "iso-8859-1", ""),
        ("iso-8859-1", "utf-8", ""),
        ("utf-8", "utf-8", "text/xml; charset=us-ascii"),
        ("utf-8", "bogus", ""),
        ("windows-1251", "windows-1251", ""),
        ("utf-16-be", "utf-16", ""),
    ],
)
def test_an_encoding_declared_wrongly_is_seen_through(encoding: str, declared: str, header: str) -> None:
    word = "Новости" if "1251" in encoding else "Ünï"
    text = f"<?xml version='1.0' encoding='{declared}'?>" + rss(item(title=word, link="/1"))
    assert feed(text.encode(encoding), header or "application/xml").items[0].title == word


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ('{"items":[{"url":"/a"},{"url":"/b","ti', ["/a"]),
        ('{"items":[{"url":"/a"},]}', ["/a"]),
        ('{"items":[{"url":"/a","title":"two\nlines"}]}', ["/a"]),
        ('{"items":[{"id":null,"url":["x"],"title":{"a":1}},"x",null,5,{"url":true,"id":7},{"url":"/a"}]}', ["/a"]),
        ('{"items":[{"url":"/a","id":1' + "0" * 5000 + "}]}", ["/a"]),
        ('{"version":"https://jsonfeed.org/version/1","items":null}', []),
    ],
)
def test_a_json_feed_is_read_as_far_as_it_goes_whatever_its_types(text: str, urls: list[str]) -> None:
    assert [lead.url.removeprefix("https://www.assoc.org") for lead in feed(text).items] == urls


@pytest.mark.parametrize(
    ("written", "day", "utc"),
    [
        ("Thu, 01 Jan 2004 19:48:21 GMT+0100", "2004-01-01", "18:48"),
        ("Thu,01 Jan 04 19:48 PST", "2004-01-01", "03:48"),
        ("Sun Jan 04 16:29:06 PST 2004", "2004-01-04", "00:29"),
        ("Fri, 2006/09/15 08:19:53 EDT", "2006-09-15", "12:19"),
        ("Κυρ, 11 Ιούλ 2004 12:00:00 EST", "2004-07-11", "17:00"),
        ("2004-július-13T9:15-05:00", "2004-07-13", "14:15"),
        ("Mo, 03 Mär 2014 10:00:00 +0100", "2014-03-03", "09:00"),
        ("mer., 05 févr. 2014 10:00:00 +0100", "2014-02-05", "09:00"),
        ("January 13, 2014, 10:00 PM GMT", "2014-01-13", "22:00"),
        ("1/13/2014 10:00:00 AM", "2014-01-13", ""),
        ("2004년 05월 28일  01:31:15", "2004-05-28", ""),
        ("2003-335", "2003-12-01", ""),
        ("20031231", "2003-12-31", ""),
        ("1404730000", "2014-07-07", "10:46"),
        ("3/4/2014", "2014", ""),
    ],
)
def test_dates_of_other_lands_and_programs(written: str, day: str | None, utc: str) -> None:
    fact = date_fact(written, "feed", SEEN)
    assert (fact.value if fact else None) == day
    assert not utc or (fact and fact.at and f"{fact.at.astimezone(UTC):%H:%M}" == utc)
