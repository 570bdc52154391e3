"""A Page: the content of a mail as headings, tables and lines, and its two renderings, text and HTML. Pure.

What stands in it comes from strangers: the HTML template escapes all of it, links are kept only for http and https,
and each paragraph of the text part is one cleaned, wrapped line, so that no page can imitate our own marks.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal
from urllib.parse import urlsplit

from jinja2 import FunctionLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from scraper.alert.wording import clean

WIDTH = 76
Op = Literal["equal", "insert", "delete"]
DiffBlock = tuple[tuple[Op, str], ...]  # the parts carry their own spaces: joined, they are the text


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One entry of a list: text, perhaps a link, and smaller notes below it."""

    text: str
    url: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and what stands under it; one of the four is filled."""

    heading: str = ""
    table: tuple[tuple[str, tuple[str, ...]], ...] = ()  # label, lines of its value
    quotes: tuple[tuple[str, str], ...] = ()  # words, who said them
    lines: tuple[Line, ...] = ()
    diff: tuple[DiffBlock, ...] = ()
    marked: bool = False  # lines that stand out, as they are what the mail is for

    def __bool__(self) -> bool:
        return bool(self.table or self.quotes or self.lines or self.diff)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A whole mail."""

    kicker: str  # the small word above the headline
    headline: str
    alarming: bool = False
    url: str = ""
    lead: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    links: tuple[Line, ...] = ()
    footer: tuple[str, ...] = ()


def render(page: Page) -> tuple[str, str]:
    """Text and HTML of a page. A template that fails costs the looks of one mail, never the mail."""
    try:
        rooms = {"page": page, "wrap": wrap, "para": para, "link": safe_url, "old_new": old_new}
        return (_template("mail.txt.j2").render(rooms).strip() + "\n", _template("mail.html.j2").render(rooms))
    except Exception as fault:  # whatever a template can do wrong
        return plain(page, fault)


def plain(page: Page, fault: Exception) -> tuple[str, str]:
    """The bare words of a page, made without any template."""
    said = [page.headline, page.url, *page.lead, *(line.text for s in page.sections for line in s.lines)]
    said += [f"{label}: {', '.join(value)}" for s in page.sections for label, value in s.table]
    said += [words for s in page.sections for words, _ in s.quotes]
    note = f"(This mail is shown without its layout: {type(fault).__name__})"
    text = "\n\n".join(para(part) for part in [*said, *page.footer, note] if part.strip())
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text + "\n", f'<!doctype html><meta charset="utf-8"><pre style="white-space:pre-wrap">{escaped}</pre>'


def safe_url(url: str) -> str:
    """The address if a reader may click it, else an empty string."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    safe = parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and "\\" not in url
    return url.strip() if safe and url.strip().isprintable() and " " not in url.strip() else ""


def para(text: str) -> str:
    """One paragraph of a stranger's words: one line, clean, of bearable length."""
    return clean(text)


def wrap(text: str, first: str = "", rest: str = "") -> str:
    """One paragraph wrapped for the text part; addresses stay whole."""
    return textwrap.fill(
        para(text), WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )


def old_new(block: DiffBlock) -> tuple[str, str]:
    """What a block said before and says now; equal when nothing changed in it."""
    old = "".join(text for op, text in block if op != "insert")
    new = "".join(text for op, text in block if op != "delete")
    return para(old), para(new)


@cache
def _environment() -> SandboxedEnvironment:
    def source(name: str) -> str:
        return files("scraper.alert").joinpath("templates", name).read_text("utf-8")

    return SandboxedEnvironment(
        loader=FunctionLoader(source),
        autoescape=lambda name: bool(name and name.endswith(".html.j2")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _template(name: str):  # type: ignore[no-untyped-def]
    return _environment().get_template(name)
