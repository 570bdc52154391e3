"""Bytes become a Page: which evidence decides the encoding, and which pages are cut before the parser sees them."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.page import MAX_BYTES, MAX_DEPTH, decode, join, page_of
from scraper.parse.article import read_article

LATIN, UTF8 = "Zürich".encode("latin-1"), "Zürich".encode()


@pytest.mark.parametrize(
    ("body", "content_type", "text", "encoding"),
    [
        (b"\xef\xbb\xbf" + UTF8, "text/html; charset=windows-1251", "Zürich", "utf-8"),
        ("Zürich".encode("utf-16"), "text/html; charset=utf-8", "Zürich", "utf-16-le"),
        (LATIN, "text/html; charset=ISO-8859-1", "Zürich", "cp1252"),
        (b"<meta charset=utf-8>" + LATIN, "text/html; charset=latin1", "<meta charset=utf-8>Zürich", "cp1252"),
        ("<meta charset=koi8-r>Связь".encode("koi8-r"), "", "<meta charset=koi8-r>Связь", "koi8-r"),
        ("<meta charset=gb2312>医院".encode("gb18030"), "text/html", "<meta charset=gb2312>医院", "gb18030"),
        (b"<!-- <meta charset=koi8-r> -->" + UTF8, "", "<!-- <meta charset=koi8-r> -->Zürich", "utf-8"),
        (b"<meta charset=utf-16>" + UTF8, "", "<meta charset=utf-16>Zürich", "utf-8"),
        (UTF8, "", "Zürich", "utf-8"),
        (LATIN, "", "Zürich", "cp1252"),
        (LATIN, "text/html; charset=utf-8", "Zürich", "cp1252"),
        (UTF8, "text/html; charset=iso-8859-1", "Zürich", "utf-8"),
        (UTF8, "text/html; charset=no-such-thing", "Zürich", "utf-8"),
        (b"+ADw-script+AD4-", "text/html; charset=utf-7", "+ADw-script+AD4-", "utf-8"),
        (b"\x80 5", "text/html; charset=ascii", "€ 5", "cp1252"),
    ],
)
def test_the_first_credible_evidence_decides_the_encoding(body, content_type, text, encoding):
    assert decode(body, content_type) == (text, encoding)


def test_nul_and_lone_surrogates_do_not_reach_the_tree():
    assert page_of("<p>a\0b\ud800c</p>").tree.css_first("p").text() == "ab\ufffdc"
    assert page_of(b"<p>a\0b</p>").tree.css_first("p").text() == "ab"


@settings(deadline=None, max_examples=60)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_a_page_in_utf_8_is_the_same_as_bytes_and_as_text(words):
    text = f"<p>{words}ü</p>"
    told, sent = page_of(text), page_of(codecs.BOM_UTF8 + text.encode())
    assert (sent.text, sent.tree.html) == (told.text, told.tree.html)


@pytest.mark.parametrize(
    ("href", "absolute"),
    [
        ("/news/1#top", "https://site.org/news/1"),
        ("item", "https://site.org/a/item"),
        ("../x", "https://site.org/x"),
        ("//other.org/y", "https://other.org/y"),
        ("https://other.org/a/../b", "https://other.org/a/../b"),
        ("javascript:alert(1)", ""),
        ("mailto:a@b.org", ""),
        ("http://[bad", ""),
        (" /news/2 ", "https://site.org/news/2"),
    ],
)
def test_links_are_joined_to_the_base(href, absolute):
    assert join("https://site.org/a/page?q=/x", href) == absolute


def test_a_base_element_moves_relative_links():
    page = page_of('<base href="/other/"><a href="x">', "https://site.org/a/b")
    assert page.join("x") == "https://site.org/other/x"


@pytest.mark.parametrize(
    ("name", "body", "trouble"),
    [
        ("nested", "<p>ok" + "<div>" * 200_000, "too deep"),
        ("nested behind stray ends", "<p>ok" + "<div></span>" * 100_000, "too deep"),
        ("formatting", "<p>" + "".join(f"<b class={i}>" for i in range(400)) + "<p>x" * 20_000, "too deep"),
        ("attributes", "<p>ok<div " + " ".join(f"a{i}" for i in range(200_000)) + ">", "cut"),
        ("unclosed", "<p>ok<div " + " ".join(f"a{i}" for i in range(200_000)), "cut"),
        ("quoted", "<p>ok<div " + " ".join(f'a{i}="<b>"' for i in range(50_000)) + ">", "cut"),
        ("slashes", "<p>ok<div " + "/".join(f"a{i}" for i in range(50_000)) + ">", "cut"),
        ("merged", "<p>ok" + "".join(f"<bODy a{i}b a{i}c a{i}d>" for i in range(3_000)), "cut"),
        ("large", "<p>ok</p>" + "x" * MAX_BYTES, "cut"),
        ("pdf", "%PDF-1.7 ...", "binary"),
        ("spaces", " \n ", "empty"),
        ("nothing", "", "empty"),
    ],
)
def test_a_page_that_would_hold_the_parser_up_is_cut_before_it(name, body, trouble):
    page = page_of(body.encode())
    assert page.trouble == trouble
    assert len(page.tree.html or "") < 3 * MAX_BYTES


def test_many_unclosed_paragraphs_and_images_are_no_depth():
    assert page_of("<p>text<img src=x><br><li>item" * 3_000).trouble == ""


def test_a_long_script_is_no_tag_of_many_attributes():
    assert page_of("<script>" + "if (a / b) c; " * 5_000 + "</script><p>text</p>").trouble == ""


def test_depth_within_bounds_is_parsed_whole():
    deep = MAX_DEPTH - 10
    assert page_of("<div>" * deep + "end").tree.text().strip() == "end"


@given(st.binary(max_size=400), st.sampled_from(["", "text/html; charset=utf-8", "charset=shift_jis", 'charset="x']))
@settings(deadline=None, max_examples=200)
def test_any_bytes_become_a_page(body, content_type):
    page_of(body, "https://site.org/", content_type)


FILES = {
    "a database": b"SQLite format 3\x00\x10\x00\x02\x02\x00" + b"\x00\x12CREATE TABLE a(b)" * 99,
    "a program": b"\x7fELF\x02\x01\x01" + b"\x00\x03\x00\x3e" * 400,
    "an archive": b"PK\x03\x04\x14\x00" + bytes(range(256)) * 9,
    "an image": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9,
    "a film": b"\x00\x00\x00\x18ftypmp42" + b"\x00\x01" * 900,
    "nothing but zeros": b"\x00" * 3000,
}


@pytest.mark.parametrize("body", FILES.values(), ids=FILES)
def test_a_file_of_another_kind_is_known_by_its_bytes(body):
    assert page_of(body, content_type="text/html").trouble == "binary"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_page_in_utf_16_that_does_not_say_so_is_read(encoding):
    page = page_of("<html><body><h1>Соглашение</h1><p>Bilder im Haus</p></body></html>".encode(encoding))
    assert (page.trouble, page.encoding) == ("", encoding)


@pytest.mark.parametrize("label", ["undefined", "unicode_escape", "utf-32", "utf-16", "x-none", "hex"])
def test_a_label_that_is_no_charset_of_these_bytes_loses_no_letter(label):
    assert decode("<p>Café für alle</p>".encode(), f"text/html; charset={label}")[0] == "<p>Café für alle</p>"


def test_one_bad_sequence_does_not_make_a_page_latin():
    assert decode("<p>Café ".encode() + b"\xed\xa0\x80 ok")[0].startswith("<p>Café ")


def test_letters_that_were_encoded_twice_are_read_once():
    assert (
        read_article("<h1>A DIY Investor\xe2\x80\x99s Guide</h1><p>It\xe2\x80\x99s here</p>").title
        == "A DIY Investor’s Guide"
    )
