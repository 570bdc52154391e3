"""Pages of partners and members, built in many ways: the same six names each time, and nothing from around them."""

# ruff: noqa: E501 - markup is written as it comes
from __future__ import annotations

import time

import pytest

from scraper.discover.entries import entry_key, read_entries
from scraper.discover.lead import Leads
from scraper.page import page_of

NAMES = [
    "European Society of Radiology",
    "COCIR",
    "HIMSS Europe",
    "Société Française de Radiologie",
    "IHE-Europe",
    "EFOMP",
]
NAV = "<header><nav><ul><li><a href='/a'>About us</a></li><li><a href='/m'>Members</a></li><li><a href='/n'>News</a></li></ul></nav></header>"
FOOT = "<footer><ul><li><a href='/i'>Imprint</a></li><li><a href='/p'>Privacy policy</a></li></ul></footer>"
NEWS = (
    "<section><h2>Latest</h2>"
    + "".join(
        f"<div><h3><a href='/n/{n}'>Members renew memorandum {n}</a></h3><time>{n} May 2026</time></div>"
        for n in (1, 2)
    )
    + "</section>"
)


def entries(body: str) -> Leads:
    html = f"<html lang='en'><body>{NAV}<main><h1>Our partners</h1><p>We work with many organisations in Europe, and thank them.</p>{body}</main>{FOOT}</body></html>"
    return read_entries(page_of(html, "https://x.org/partners"))


def each(form: str, names: list[str] = NAMES) -> str:
    return "".join(form.format(name=name, n=n, country=("Austria", "Belgium")[n % 2]) for n, name in enumerate(names))


FORMS = {
    "list": "<ul>" + each("<li>{name}</li>") + "</ul>",
    "links with remarks": "<ul>" + each("<li><a href='https://p{n}.org'>{name}</a> - member since 200{n}</li>") + "</ul>",
    "logos": "<div class='logos sponsors'>" + each("<a href='https://p{n}.org'><img src='x.png' alt='{name} logo'></a>") + "</div>",
    "images alone": "<div>" + each("<img src='x.png' alt='Logo of {name}'>") + "</div>",
    "cards": "<div>" + each("<div class='card'><h3>{name}</h3><p>They do much for patients in Europe.</p><a href='https://p{n}.org'>Visit website</a></div>") + "</div>",
    "table": "<table><tr><th>Name</th><th>Country</th></tr>" + each("<tr><td>{name}</td><td>{country}</td><td><a href='//p{n}.org'>www.p{n}.org</a></td></tr>") + "</table>",
    "sections": "<h2>Gold</h2><ul>" + each("<li>{name}</li>", NAMES[:3]) + "</ul><h2>Silver</h2><ul>" + each("<li>{name}</li>", NAMES[3:]) + "</ul>",
    "sections of two makes": "<h2>Gold</h2><p>" + each("<a href='https://p{n}.org'><img alt='{name}'></a>", NAMES[:3]) + "</p><h2>Silver</h2><ul>" + each("<li>{name}</li>", NAMES[3:]) + "</ul>",
    "definitions": "<dl>" + each("<dt>{name}</dt><dd>Brussels. Founded long ago.</dd>") + "</dl>",
    "lines": "<p>" + "<br>".join(NAMES) + "</p>",
    "bold words": each("<p><strong>{name}</strong> is a society of many people who work for better health in Europe.</p>"),
    "decorated": "<ul>" + each("<li>★ {n}. {name} (new!)</li>") + "</ul>",
    "divs": "<div>" + each("<div class='col'>{name}</div>") + "</div>",
    "figures": each("<figure><a href='https://p{n}.org'><img alt='{name}'></a><figcaption>{name}</figcaption></figure>"),
    "beside news": "<ul class='partners'>" + each("<li>{name}</li>") + "</ul>" + NEWS,
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_each_partner_is_named_once(form: str) -> None:
    assert [lead.title for lead in entries(FORMS[form]).items] == NAMES


def test_an_entry_keeps_its_link_and_what_is_said_of_it() -> None:
    first = entries(FORMS["links with remarks"]).items[0]
    assert (first.url, first.snippet) == ("https://p0.org/", "- member since 2000")


@pytest.mark.parametrize(
    "name", ["COCIR", "cocir", "★ COCIR", "3. COCIR (new!)", "Logo of COCIR", "COCIR logo.png", " COCIR. "]
)
def test_decoration_does_not_change_who_is_meant(name: str) -> None:
    assert entry_key(name) == "cocir"


def test_a_page_without_entries_says_so() -> None:
    assert (entries("").items, entries("").trouble) == ((), "no list of entries stands on this page")


BAIT = {
    "headings": "<div>" + "".join(f"<h3>Name {n} of</h3>" for n in range(20_000)),
    "terms": "<dl>" + "".join(f"<dt>Name {n} of</dt>" for n in range(20_000)),
    "tables": "<table><tr><td>x" * 100 + "<b>q</b>" * 3_000,
    "nested": "<div>" * 400 + "<p>x</p>" * 20_000,
    "lines": "<p>" + "Name of<br>" * 20_000,
    "marks": "<li>" + "★ !" * 100_000,
}


@pytest.mark.parametrize("bait", BAIT)
def test_bait_costs_no_more_than_its_length(bait: str) -> None:
    page = page_of(BAIT[bait], "https://x.org/")
    begun = time.process_time()
    read_entries(page)
    assert time.process_time() - begun < 2
