"""The headline: which heading of the page is it, and what its title is without the site's name."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from scraper.parse.blocks import Chunk, Outline
from scraper.parse.hints import FOOTER, NAV
from scraper.parse.lexicon import plain_words
from scraper.parse.structured import Linked

_STRIP = " |–—-·•:»«›/~"
_UNMISTAKABLE = r"\s+[|–—\-·•»«›/~]+\s+|\s*[|»]\s*|(?<=\w)\s?::\s?"
_APART = re.compile(_UNMISTAKABLE)
_SEPARATOR = re.compile(rf"{_UNMISTAKABLE}|\s+:\s+")  # but "FHF : un accord" is how French writes a colon
_TAIL = re.compile(r"\s*[/(\[]")  # "(example.com) 87" behind the headline
_GLUED = re.compile(r"\d\D{1,15}\d{4}\W*$|\d\d?\W+\d\d?\W|:\W*$")  # a date or a kicker before the headline
_LONG_HEADING = 20  # characters from which a lone h1 is believed although the head calls the page otherwise
_LONGEST = 160  # a longer one is a deck
_SHORT_NAME = 2  # spaces in a site's name, at most
_FEW_MORE = 3  # words that the head may have more than the h1 and still mean the same headline


def clean(text: str) -> str:
    """One line of plain text; entities that were escaped twice are undone."""
    text = " ".join(text.split())
    return html.unescape(text) if "&" in text else text


def choose_title(outline: Outline, linked: Linked, site_name: str, url: str = "") -> tuple[str, int]:
    """(title, index of the headline's chunk or -1): the heading that the head confirms, else the h1, else the head's words."""  # noqa: E501
    title, at = _chosen(outline, linked, site_name, url)
    first, _, last = title.partition(" | ")
    host = _host(url)
    short = first.count(" ") > _SHORT_NAME or (first and last.lower() == host)
    return (first if short else title).strip(), at


def _chosen(outline: Outline, linked: Linked, site_name: str, url: str) -> tuple[str, int]:
    metas = outline.metas
    told = [clean(t) for t in (metas.get("og:title"), linked.title, metas.get("twitter:title"), outline.title) if t]
    plain = [f" {plain_words(t)} " for t in told]
    sites = {"", plain_words(site_name), *_site_of(url, outline.title, told[0] if told else "")}
    firsts = [c for c, _ in _headings(outline, 1, sites) if _LONG_HEADING <= len(c.text) <= _LONGEST]
    for level in (1, 2, 3):
        for chunk, words in _headings(outline, level, sites):
            below = level > 1 and firsts and chunk.index > firsts[0].index
            if not below and len(words) > 1 and _confirmed(words, plain, level):
                return _fuller(chunk.text.replace("\n", " "), words, told, site_name), chunk.index
    if firsts and (len({chunk.text for chunk in firsts}) == 1 or not told):
        return firsts[0].text.replace("\n", " "), firsts[0].index
    if not told:
        return "", -1
    title = _without_site(told[0], site_name, told[0] == outline.title)  # no heading says it: the head's own words
    return title.removeprefix(_host(url)).strip(_STRIP) or title, chunk_of(outline, title)


def _headings(outline: Outline, level: int, sites: set[str]) -> Iterator[tuple[Chunk, str]]:
    """Those of one level that do not name the site, each with its plain words; few pages need those of the third."""
    for chunk in outline.chunks:
        if chunk.level == level and len(chunk.text) < 400 and not chunk.box.flags & (NAV | FOOTER):
            words = plain_words(chunk.text)
            if words not in sites:
                yield chunk, words


def _host(url: str) -> str:
    return url.partition("//")[2].partition("/")[0].removeprefix("www.")


def _site_of(url: str, title: str, told: str) -> Iterator[str]:
    """What a site may call itself in its largest heading: its host, and what the title element adds to the headline."""
    host = _host(url)
    yield plain_words(host)
    yield plain_words(host.partition(".")[0])
    first, _, last = title.rpartition(" | ")
    if first.count(" ") > _SHORT_NAME >= last.count(" "):
        yield plain_words(last)
    if told in title and len(told) * 2 > len(title):
        yield plain_words(title.replace(told, ""))


def _confirmed(words: str, told: list[str], level: int) -> bool:
    """Whether a heading is what the head calls the page: the same words, or a good part of them."""
    for other in told:
        if f" {words} " in other and (level == 1 or len(words) * 2 > len(other)) and " " in words:
            return True
        if len(other) > 20 and other.strip() in words:
            return True
    mine = set(words.split())
    return level == 1 and len(mine) > 3 and any(len(mine & set(o.split())) * 10 > 6 * len(mine) for o in told)


def _fuller(title: str, words: str, told: list[str], site_name: str) -> str:
    """The headline, with the few words that the head adds to it ("8 Recent Trends") or without a date glued to it."""
    if plain_words(site_name) and words.endswith(" " + plain_words(site_name)):
        return _without_site(title, site_name, False)
    whole = any(f" {words} " in f" {plain_words(other)} " for other in told)  # the head says the kicker too
    for other in told:
        short = _without_site(other, site_name, other == told[-1])
        theirs = plain_words(short)
        more = theirs.count(" ") - words.count(" ")
        if 0 < more <= _FEW_MORE and not _SEPARATOR.search(short) and theirs.endswith(words) and theirs[0].isdigit():
            return short
        if theirs.count(" ") > _SHORT_NAME and title.startswith(short) and _TAIL.match(title, len(short)):
            return short
        shorter = not whole and -5 <= more < 0 < theirs.count(" ") - 1 and words.endswith(theirs)
        if shorter and _GLUED.search(title[: -len(short)]):
            return short
    return title


def chunk_of(outline: Outline, title: str) -> int:
    """The index of the line that says this title and nothing else, or -1."""
    wanted = plain_words(title)
    for chunk in outline.chunks:
        if len(chunk.text) < len(title) + 40 and not chunk.link_chars and plain_words(chunk.text) == wanted:
            return chunk.index
    return -1


def _without_site(title: str, site_name: str, only_title_element: bool) -> str:
    parts: list[str] = [part for part in _SEPARATOR.split(title) if part]
    if len(parts) < 2:
        return title
    site, first, last = plain_words(site_name), parts[0], parts[-1]
    if site and plain_words(last) == site:
        return title[: title.rfind(last)].strip(_STRIP)
    if site and plain_words(first) == site:
        return title[len(first) :].strip(_STRIP)
    if only_title_element or not site:
        longest = max(_APART.split(title), key=len)
        return longest if len(longest.split()) > 2 else title
    return title
