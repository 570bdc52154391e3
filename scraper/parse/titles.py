"""The headline: which heading of the page is it, and what its title is without the site's name."""

from __future__ import annotations

import html
import re

from scraper.parse.blocks import Outline
from scraper.parse.hints import FOOTER, NAV
from scraper.parse.lexicon import plain_words
from scraper.parse.structured import Linked

_STRIP = " |–—-·•:»«›/~"
_SEPARATOR = re.compile(r"\s+[|–—\-·•:»«›/~]+\s+|\s*[|»]\s*|(?<=\w)\s?::\s?")
_LONG_HEADING = 20  # characters from which a lone h1 is believed although the head calls the page otherwise
_FEW_MORE = 3  # words that the head may have more than the h1 and still mean the same headline


def clean(text: str) -> str:
    """One line of plain text; entities that were escaped twice are undone."""
    text = " ".join(text.split())
    return html.unescape(text) if "&" in text else text


def choose_title(outline: Outline, linked: Linked, site_name: str) -> tuple[str, int]:
    """(title, index of the headline's chunk or -1): the heading that the head confirms, else the h1, else the head's words."""  # noqa: E501
    metas = outline.metas
    told = [clean(t) for t in (metas.get("og:title"), linked.title, metas.get("twitter:title"), outline.title) if t]
    plain = [f" {plain_words(t)} " for t in told]
    site = plain_words(site_name)
    headings = [c for c in outline.chunks if 0 < c.level < 4 and len(c.text) < 400 and not c.box.flags & (NAV | FOOTER)]
    for level in (1, 2, 3):
        for chunk in headings:
            if chunk.level == level:
                words = plain_words(chunk.text)
                if len(words) > 1 and words != site and _confirmed(words, plain, level):
                    return _fuller(chunk.text.replace("\n", " "), words, told, site_name), chunk.index
    firsts = [c for c in headings if c.level == 1 and len(c.text) >= _LONG_HEADING and plain_words(c.text) != site]
    if firsts and (len(firsts) == 1 or not told):
        return firsts[0].text.replace("\n", " "), firsts[0].index
    return _of_head(told, site_name, outline) if told else ("", -1)


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
    for other in told:
        short = _without_site(other, site_name, other == told[-1])
        theirs = plain_words(short)
        more = theirs.count(" ") - words.count(" ")
        if 0 < more <= _FEW_MORE and not _SEPARATOR.search(short) and theirs.endswith(words) and theirs[0].isdigit():
            return short
        if -5 <= more < 0 and theirs.count(" ") > 1 and words.endswith(theirs) and re.search(r"\d{4}|:", title):
            return short
    return title


def _of_head(told: list[str], site_name: str, outline: Outline) -> tuple[str, int]:
    """No heading says what the head says: the head's words then, without the site's name."""
    title = _without_site(told[0], site_name, told[0] == outline.title)
    wanted = plain_words(title)
    for chunk in outline.chunks:
        if len(chunk.text) < len(title) + 40 and not chunk.link_chars and plain_words(chunk.text) == wanted:
            return title, chunk.index
    return title, -1


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
        longest = max(parts, key=len)
        return longest if len(longest.split()) > 2 else title
    return title
