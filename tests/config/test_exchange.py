"""Lists of sources in and out: whatever spreadsheets and readers write, and nothing that a hostile file could do."""

from __future__ import annotations

import csv
import io
import tomllib
from contextlib import suppress
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.config.edit import add_sources, free_id
from scraper.config.exchange import MOST_BYTES, MOST_SOURCES, Entry, planned, read, to_csv, to_opml
from scraper.errors import ConfigError
from scraper.text import as_cell, from_cell, is_visible
from tests.builders import a_source

COCIR = {"id": "cocir", "name": "COCIR", "url": "https://www.cocir.org/news", "tags": ["imaging", "eu"]}
words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn", "Zl", "Zp", "Zs", "Cf"]),
                min_size=1, max_size=12)  # fmt: skip
addresses = st.builds(lambda path: f"https://news.test/{path}", st.from_regex(r"[a-z0-9;,/=&-]{1,12}", fullmatch=True))
tables = st.fixed_dictionaries(
    {"id": st.from_regex(r"[a-z0-9][a-z0-9._-]{0,9}", fullmatch=True), "url": addresses},
    optional={
        "name": words.filter(is_visible), "organisation": words, "tags": st.lists(words, min_size=1, max_size=3),
        "enabled": st.booleans(), "muted": st.booleans(), "browser": st.booleans(),
        "kind": st.sampled_from(["news", "page"]),
        "every": st.sampled_from(["2h", "adaptive", "0 7 * * mon-fri"]), "expect_every": st.just("10d"),
        "discover": st.lists(addresses, min_size=1, max_size=2),
        "recipe": st.just([{"since": "2024-01-01", "body": "div.text"}]), "language": st.just("de"),
    },
)  # fmt: skip
lists = st.lists(tables, max_size=4, unique_by=(lambda raw: raw["id"], lambda raw: raw["url"].rstrip("/").lower()))


def raws(entries: tuple[Entry, ...]) -> list[dict[str, Any]]:
    assert [entry.fault for entry in entries] == [""] * len(entries)
    return [dict(entry.raw) for entry in entries]


def opml(body: str) -> bytes:
    return f'<?xml version="1.0"?><opml version="2.0"><head/><body>{body}</body></opml>'.encode()


@given(lists)
@settings(max_examples=150, deadline=None)
def test_what_goes_out_comes_back_the_same(sources: list[dict[str, Any]]) -> None:
    assert raws(read(to_opml(sources, {}, title="mine").encode())) == sources
    if sources:
        assert raws(read(to_csv(sources).encode())) == sources
    written = add_sources("# mine\n", [(raw, ()) for raw in sources])
    assert tomllib.loads(written).get("sources", []) == sources


@pytest.mark.parametrize("muted", [True, False])
def test_a_muted_source_goes_out_and_comes_back(muted: bool) -> None:
    sources = [{**COCIR, "muted": muted}]
    assert raws(read(to_opml(sources, {}, title="mine").encode())) == sources
    assert raws(read(to_csv(sources).encode())) == sources


def test_any_reader_takes_the_feeds_of_our_opml() -> None:
    root = fromstring(to_opml([COCIR], {COCIR["url"]: "https://www.cocir.org/feed"}, title="mine"))  # type: ignore[dict-item]
    (outline,) = root.iter("outline")
    assert {key: outline.get(key) for key in ("type", "text", "xmlUrl", "htmlUrl")} == {
        "type": "rss", "text": "COCIR", "xmlUrl": "https://www.cocir.org/feed", "htmlUrl": COCIR["url"],
    }  # fmt: skip


def test_the_outlines_of_other_readers_come_in_with_their_folders_as_tags() -> None:
    esr = 'title="ESR" text="x" type="rss" xmlUrl="https://esr.test/feed" htmlUrl="https://esr.test/"'
    folders = f'<outline text="Health"><outline text="Imaging"><outline {esr} category="/eu/big"/></outline></outline>'
    bare = '<outline text="Bare" type="link" url="https://bare.test/news"/><outline text="empty"/>'
    found = read(opml(folders + bare))
    assert raws(found) == [
        {"name": "ESR", "url": "https://esr.test/feed", "tags": ["Health", "Imaging", "eu", "big"]},
        {"name": "Bare", "url": "https://bare.test/news"},
    ]


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (b'<!DOCTYPE opml [<!ENTITY a SYSTEM "file:///etc/passwd">]><opml><body>&a;</body></opml>', "document type"),
        (b'<!DOCTYPE opml SYSTEM "http://evil.test/x.dtd"><opml/>', "document type"),
        (b"<opml><body>", "is no whole XML"),
        (b'<?xml version="1.0" encoding="ebcdic-nobody"?><opml/>', "is no whole XML"),
        (b"<html><body>no</body></html>", "no OPML"),
        (b"<opml>" + b"<outline>" * 500, "nests deeper"),
        (b"<opml>&undefined;</opml>", "is no whole XML"),
        (b"just a letter\nto you", "neither OPML nor CSV"),
        (b"url\n" + b"x" * MOST_BYTES, "MB"),
        (b"url\n" + b"https://a.test/\n" * (MOST_SOURCES + 1), "more than 10,000"),
        (b'url\n"' + b"x" * 200_000 + b'"', "line"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_list_is_one_line(data: bytes, cause: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read(data)
    assert cause in str(refused.value)
    assert "\n" not in str(refused.value)


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_entries_or_one_line(data: bytes) -> None:
    for front in (b"", b"url,name\n", b"<opml><outline "):
        with suppress(ConfigError):
            assert all(entry.raw for entry in read(front + data))


@pytest.mark.parametrize(
    "text",
    [
        "url,name\nhttps://esr.test/,ESR\n",
        "Name;Web site;Nothing\nESR;https://esr.test/;x\n",
        "sep=;\nName;URL\nESR;https://esr.test/\n",
        "title\tlink\nESR\thttps://esr.test/\n",
        "ESR,https://esr.test/\n",
        "\n\n  URL , Title \n https://esr.test/ , ESR \n,,\n",
        '"name","xmlUrl"\r\n"ESR","https://esr.test/"\r\n',
        "url,name\nesr.test/,ESR",
    ],
)  # fmt: skip
def test_columns_are_known_by_many_names_and_in_many_layouts(text: str) -> None:
    (raw,) = raws(read(text.encode()))
    assert raw["name"] == "ESR"
    assert raw["url"].rstrip("/") == "https://esr.test"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_letters_of_spreadsheets_come_in_right(encoding: str) -> None:
    (raw,) = raws(read("name;url\nÄrzte für Bälle;https://a.test/\n".encode(encoding)))
    assert raw["name"] == "Ärzte für Bälle"


def test_each_fault_is_told_with_its_line_and_the_others_go_on() -> None:
    found = read(
        b"url,every,enabled\nhttps://a.test/,5 parsecs,\nftp://b.test/,2h,\nhttps://c.test/,2h,maybe\nd.test,,no\n"
    )
    assert [(entry.line, entry.fault.partition(":")[0]) for entry in found] == [
        (2, "every"), (3, "url"), (4, "enabled"), (5, ""),
    ]  # fmt: skip
    assert found[3].raw == {"url": "https://d.test", "enabled": False}


def test_no_formula_goes_out_and_apostrophes_come_back() -> None:
    names = ["=HYPERLINK(1)", "'=1", "+1", "-1", "@x", "'quoted'"]
    text = to_csv([{"name": name, "url": f"https://a.test/{n}"} for n, name in enumerate(names)])
    cells = [row["name"] for row in csv.DictReader(io.StringIO(text))]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    assert [raw["name"] for raw in raws(read(text.encode()))] == names


def test_known_sources_and_twins_in_the_file_are_not_added_again() -> None:
    data = "url,name\nhttp://www.cocir.org/news/,COCIR\nhttps://esr.test/,ESR\nhttps://esr.test,ESR again\n"
    plan = planned(read(data.encode()), [a_source()])
    assert [entry.known_as for entry in plan] == ["cocir", "", "esr"]


def test_ids_are_made_unique_and_those_of_the_file_are_kept_where_they_are_free() -> None:
    data = "id,name,url\ncocir,Other,https://other.test/\nMine_1,X,https://x.test/\n,ESR,https://a.test/\n,ESR,https://b.test/\n"
    plan = planned(read(data.encode()), [a_source()])
    assert [entry.raw["id"] for entry in plan] == ["cocir-2", "Mine_1", "esr", "esr-2"]


@pytest.mark.parametrize("name", ["headers_env", "include", "exclude"])
def test_no_list_names_secrets_or_patterns(name: str) -> None:
    by_csv = read(f"url,{name}\nhttps://evil.test/news,HOME\n".encode())
    outline = f'<outline aw:url="https://evil.test/news" aw:{name}="HOME"/>'
    by_opml = read(opml(outline).replace(b"<opml ", b'<opml xmlns:aw="urn:accordwatch:opml" '))
    for (entry,) in (by_csv, by_opml):
        assert (dict(entry.raw), entry.left_out) == ({"url": "https://evil.test/news"}, (name,))


def test_brackets_within_brackets_are_a_fault_of_their_line() -> None:
    deep = "[" * 50_000
    bad, good = read(f"url,tags\nhttps://a.test/,{deep}\nhttps://b.test/,x\n".encode())
    assert (bad.fault, good.fault) == ("is nested too deep", "")


def test_thousands_of_one_name_are_planned_in_one_pass() -> None:
    asked = 0

    class Taken(set[str]):
        def __contains__(self, one: object) -> bool:
            nonlocal asked
            asked += 1
            return super().__contains__(one)

    taken, tried = Taken(), {}
    for _ in range(2000):
        taken.add(free_id("News", taken, tried))
    assert (len(taken), asked) == (2000, 2000)
    plan = planned(read("\n".join(["url,name", *(f"https://a.test/{n},News" for n in range(3))]).encode()), [])
    assert [entry.raw["id"] for entry in plan] == ["news", "news-2", "news-3"]


def test_the_dashboards_own_word_is_no_id_of_a_list() -> None:
    plan = planned(read(b"url,id,name\nhttps://a.test/,add,x\nhttps://b.test/,,Add\n"), [])
    assert [entry.raw["id"] for entry in plan] == ["add-2", "add-3"]


@pytest.mark.parametrize(
    "text", ["=1+1", "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff20A1", "\ufe661", "\n=1", "\nx", " =1", "\u200b@A"]
)
def test_no_sign_of_a_formula_begins_a_cell(text: str) -> None:
    cell = as_cell(text)
    assert cell.startswith("'")
    assert from_cell(cell) == cell[1:]
