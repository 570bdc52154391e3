"""Addresses: what is kept, what is one, what must not be asked for; and the laws that hold for all of them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.url import authority_of, canonical, identity, same_site, sendable

CANONICAL = {
    "HTTPS://WWW.Cocir.ORG:443/News": "https://www.cocir.org/News",
    "http://cocir.org": "http://cocir.org/",
    "http://cocir.org:8080/a": "http://cocir.org:8080/a",
    "https://cocir.org/a/./b/../c/": "https://cocir.org/a/c/",
    "https://cocir.org/%7euser/%c3%a9?q=%2f": "https://cocir.org/~user/%C3%A9?q=%2F",
    "https://cocir.org/ä b?q=ü": "https://cocir.org/%C3%A4%20b?q=%C3%BC",
    "https://müller.de/": "https://xn--mller-kva.de/",
    "https://cocir.org./a#part": "https://cocir.org/a",
    "https://cocir.org/a?utm_source=x&id=5&fbclid=y&mc_eid=z": "https://cocir.org/a?id=5",
    "https://cocir.org/a?UTM_Campaign=x": "https://cocir.org/a",
    "https://cocir.org/a?PHPSESSID=abc&sid=0123456789abcdef0123456789abcdef": "https://cocir.org/a",
    "https://cocir.org/a;jsessionid=AB12?x=1": "https://cocir.org/a?x=1",
    "https://cocir.org/a?r=news&id=7&sid=12": "https://cocir.org/a?r=news&id=7&sid=12",
    "https://www.snmmi.org/n?ItemNumber=3": "https://www.snmmi.org/n?ItemNumber=3",
    "https://cocir.org/n?tx_news_pi1[news]=4&cHash=ab": "https://cocir.org/n?tx_news_pi1[news]=4&cHash=ab",
    "https://cocir.org/Congresses-&-Events/": "https://cocir.org/Congresses-&-Events/",
    "https://cocir.org/a?b=1&a=2": "https://cocir.org/a?b=1&a=2",
    "https://cocir.org/100%": "https://cocir.org/100%25",
    " \thttps://cocir.org/a\n": "https://cocir.org/a",
    "https://cocir.org/a\\": "https://cocir.org/a/",
    "http://0x7f.1/": "http://127.0.0.1/",
    "http://[2001:DB8::1]:80/": "http://[2001:db8::1]/",
}


@pytest.mark.parametrize("given_", CANONICAL)
def test_the_canonical_form(given_: str) -> None:
    assert canonical(given_) == CANONICAL[given_]


@pytest.mark.parametrize(
    "address",
    [
        "ftp://cocir.org/", "file:///etc/passwd", "gopher://x/", "data:text/html,x", "javascript:alert(1)",
        "mailto:a@b.c", "//x", "x", "", "http://", "http://user:pw@cocir.org/", "http://a@evil.org/",
        "http://a..b/", "http://1.2.3.4.5/", "http://256.1.1.1/", "http://[::1", "http://a:99999/",
        "http://a b/", "https://cocir.org/" + "a" * 9000, "http://\ud800/",
    ],
)  # fmt: skip
def test_what_is_no_plain_web_address_is_empty(address: str) -> None:
    assert canonical(address) == ""
    assert identity(address) == ""


TWINS = [
    "https://www.cocir.org/news/story",
    "http://www.cocir.org/news/story",
    "https://cocir.org/news/story/",
    "https://m.cocir.org/news/story",
    "https://amp.cocir.org/news//story",
    "https://www.cocir.org/news/story/amp/",
    "https://www.cocir.org/amp/news/story",
    "https://www.cocir.org/news/story?amp=1",
    "https://www.cocir.org/news/story/index.html",
    "https://www.cocir.org/news/story?utm_source=rss#top",
    "https://www.cocir.org:443/news/story\\",
]


@pytest.mark.parametrize("twin", TWINS)
def test_twins_are_one(twin: str) -> None:
    assert identity(twin) == "cocir.org/news/story"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.org/n?id=1", "https://a.org/n?id=2"),
        ("https://a.org/n", "https://a.org/N"),
        ("https://news.a.org/", "https://a.org/"),
        ("https://a.org/", "https://a.org/amp"),
        ("https://a.org:8080/", "https://a.org/"),
        ("https://www.co.uk/", "https://co.uk/"),
        ("https://a.org/champ", "https://a.org/ch"),
    ],
)
def test_others_are_not_one(one: str, other: str) -> None:
    assert identity(one) != identity(other)


def test_the_order_of_parameters_does_not_part_twins() -> None:
    assert identity("https://a.org/?r=news&id=7") == identity("http://www.a.org/index.php?id=7&r=news")


def test_backslash_and_userinfo_do_not_hide_the_host() -> None:
    assert authority_of("http://good.org\\@127.0.0.1/") == "good.org:80"
    assert sendable("http://good.org\\@127.0.0.1/") == "http://good.org/@127.0.0.1/"
    with pytest.raises(ValueError, match="credentials"):
        sendable("http://good.org@127.0.0.1/")


@pytest.mark.parametrize("target", ["/a%2Fb/%3a/%41", "/?a=b+c&d=%zz"[:-4], "/a//b/c", "/x?utm_source=y", "/x?"])
def test_what_is_sent_stays_as_given(target: str) -> None:
    assert sendable("https://a.org" + target) == "https://a.org" + target.removesuffix("?")


@pytest.mark.parametrize(
    "path", ["/x/../private", "/x/%2e%2E/private", "/./private", "/../private", "/x/.%2e/./private"]
)
def test_no_dots_lead_past_the_rules_of_a_site(path: str) -> None:
    assert sendable("https://a.org" + path) == canonical("https://a.org" + path) == "https://a.org/private"


def test_the_authority_always_has_its_port() -> None:
    assert authority_of("https://WWW.a.org/x") == "www.a.org:443"
    assert authority_of("http://[::1]:8080/") == "[::1]:8080"
    with pytest.raises(ValueError, match="no http"):
        authority_of("ftp://a.org/")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://www.cocir.org/", "http://news.cocir.org/x", True),
        ("https://a.co.uk/", "https://b.co.uk/", False),
        ("https://a.github.io/", "https://b.github.io/", False),
        ("http://127.0.0.1:1/", "http://127.0.0.1:2/", False),
        ("http://localhost:1/a", "http://localhost:1/b", True),
        ("javascript:x", "javascript:x", False),
    ],
)
def test_same_site_goes_by_the_registered_domain(one: str, other: str, same: bool) -> None:
    assert same_site(one, other) is same


_paths = st.text(alphabet=st.sampled_from("ab./%2fF7e~&;=+,é \\\"<>|'[]()!*@:"), max_size=30)
_addresses = st.builds(
    "{}://{}{}/{}?{}#{}".format,
    st.sampled_from(["http", "https", "HTTP"]),
    st.sampled_from(["www.cocir.org", "m.a.co.uk", "MÜLLER.de", "127.0.0.1", "[::1]", "x.org."]),
    st.sampled_from(["", ":80", ":443", ":8080"]),
    _paths,
    _paths,
    _paths,
)


@given(_addresses | st.text(max_size=40))
@settings(deadline=None, max_examples=200)
def test_twice_is_once(address: str) -> None:
    once = canonical(address)
    assert canonical(once) == once
    assert identity(once) == identity(address)


@given(_addresses)
@settings(deadline=None, max_examples=200)
def test_what_is_canonical_can_be_sent_unchanged(address: str) -> None:
    once = canonical(address)
    assert sendable(once) == once
    assert once.isascii()
    assert not set(once) & set(' \t\r\n"<>\\^`{|}')


@given(_addresses)
@settings(deadline=None, max_examples=200)
def test_the_key_is_the_key_of_itself(address: str) -> None:
    key = identity(address)
    assert identity("http://" + key) == key


BASE = "http://example.org/foo/bar"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("http://example\t.\norg", "http://example.org/"),
        ("\t   :foo.com   \n", "http://example.org/foo/:foo.com"),
        ("http:foo.com", "http://example.org/foo/foo.com"),
        ("http:/page", "http://example.org/page"),
        ("https:foo.com", "https://foo.com/"),
        ("http:///foo.com", "http://foo.com/"),
        ("http://f:00000000000080/c", "http://f/c"),
        ("//foo/bar", "http://foo/bar"),
        ("\\x", "http://example.org/x"),
        ("http://example.com////../..", "http://example.com//"),
        ("http://ex%61mple.org/", "http://example.org/"),
        ("http://\uff27\uff4f.com", "http://go.com/"),
        ("http://[::1.2.3.4]/", "http://[::102:304]/"),
        ("http://0x7f.1/test", "http://127.0.0.1/test"),
        ("?q", "http://example.org/foo/bar?q"),
        *((bad, "") for bad in ("http://f:b/c", "http://f:65536/c", "http://2001::1", "http://a<b", "http://256.256.256.256",
                                "http://foo.0x4", "http://ho%20st/", "http://[1::2]:3:4", "http://1.2.3.4.5/", "http://ab%00c/")),
    ],
)  # fmt: skip
def test_an_address_is_read_as_browsers_read_it(written: str, read: str) -> None:
    """The URL standard (url.spec.whatwg.org): what a page means is what a browser makes of it."""
    assert canonical(written, BASE) == read
