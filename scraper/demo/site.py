"""The demonstration's three small sites: what their editors hold, how a page of it looks. Served by `server`.

State changes only through `publish`, `edit`, `move`, `withdraw` and `shuffle`; all dates count from the `today` given.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup, escape

TYPES = {"html": "text/html; charset=utf-8", "xml": "application/xml; charset=utf-8", "txt": "text/plain"}
FEED_TYPES = {"rss.xml": "application/rss+xml; charset=utf-8", "atom.xml": "application/atom+xml; charset=utf-8"}
_MASK_KEY = 0x42  # any byte will do: the first byte of data-cfemail, the others are XORed with it


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One article as the site's editors hold it. `key` stays when its address changes; `blocks` are paragraphs."""

    key: str
    path: str
    title: str
    published: date
    blocks: tuple[str, ...]
    about: tuple[tuple[str, str], ...] = ()
    newsletter: bool = False

    @property
    def lead(self) -> str:
        return self.blocks[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the server says to one request."""

    status: int = 200
    type: str = TYPES["html"]
    body: bytes = b""
    location: str = ""
    touched: datetime | None = None


class Site:
    """One site: `eiic`, `eshi` or `wire`. Attributes are replaced whole: no server thread sees a half."""

    def __init__(self, layout: str, today: date) -> None:
        data = _data(layout)
        self.layout, self.today = layout, today
        self.name, self.short, self.news = str(data["name"]), str(data["short"]), str(data["news"])
        self.feeds: dict[str, str] = data.get("feed", {})
        self.notes: dict[str, str] = data["notes"]
        self.pieces: tuple[Piece, ...] = tuple(piece(row, today) for row in data["pieces"])
        self.popular: tuple[str, ...] = tuple(each.key for each in self.pieces)
        self.moved: dict[str, str] = {}
        self.gone: frozenset[str] = frozenset()
        self.refusing = False
        self.touched = datetime.combine(today, time.min, UTC) - timedelta(days=1)

    def publish(self, new: Piece) -> None:
        """A new piece stands first in listing and feed."""
        self._change(pieces=(new, *self.pieces))

    def edit(self, path: str, old: str, new: str) -> None:
        """Some words of a published piece are replaced."""
        found = self.piece_at(path)
        edited = replace(found, blocks=tuple(block.replace(old, new) for block in found.blocks))
        if edited == found:
            raise ValueError(f"{path} does not hold {old!r}")
        self._change(pieces=tuple(edited if each is found else each for each in self.pieces))

    def move(self, path: str, to: str) -> None:
        """A piece gets a new address; the old one answers 301, listing and feed name the new one."""
        found = self.piece_at(path)
        pieces = tuple(replace(each, path=to) if each is found else each for each in self.pieces)
        self._change(pieces=pieces, moved={**self.moved, path: to})

    def withdraw(self, path: str) -> None:
        """A piece leaves listing and feed, and its address answers 410."""
        found = self.piece_at(path)
        self._change(pieces=tuple(each for each in self.pieces if each is not found), gone=self.gone | {path})

    def refuse(self, refusing: bool) -> None:
        """Everything is answered with 403, or no longer."""
        self._change(refusing=refusing)

    def shuffle(self) -> None:
        """The side column shows its teasers in another order."""
        middle = len(self.popular) // 2
        order = (*reversed(self.popular[middle:]), *self.popular[:middle])
        self._change(popular=order)

    def piece_at(self, path: str) -> Piece:
        """The piece at that address. Raises LookupError when there is none."""
        found = next((each for each in self.pieces if each.path == path), None)
        if found is None:
            raise LookupError(f"{self.short} has no piece at {path}")
        return found

    def answer(self, path: str, base: str) -> Answer:
        """What a request for that path gets; `base` is the site's own address without a final slash."""
        if self.refusing:
            return Answer(status=403, body=self._page(base, note="Access denied"))
        if path in self.moved:
            return Answer(status=301, location=base + self.moved[path])
        if path in self.gone:
            return Answer(status=410, body=self._page(base, note="This page was removed"))
        if path == "/robots.txt":
            return self._found(f"User-agent: *\nDisallow: /admin/\nSitemap: {base}/sitemap.xml\n".encode(), "txt")
        if path == "/sitemap.xml":
            return self._found(_render("sitemap.xml", site=self, base=base), "xml")
        if path in self.feeds:
            body = _render(self.feeds[path], site=self, base=base)
            return replace(self._found(body, "xml"), type=FEED_TYPES[self.feeds[path]])
        return self._html(path, base)

    def _html(self, path: str, base: str) -> Answer:
        if path in ("/", self.news):
            return self._found(self._page(base, kind="home" if path == "/" else "listing"))
        if path in self.notes:
            return self._found(self._page(base, note=self.notes[path]))
        found = next((each for each in self.pieces if each.path == path), None)
        if found is None:
            return Answer(status=404, body=self._page(base, note="There is no such page"))
        return self._found(self._page(base, kind="article", piece=found))

    def _page(self, base: str, **values: Any) -> bytes:
        by_key = {each.key: each for each in self.pieces}
        popular = [by_key[key] for key in self.popular if key in by_key]
        return _render(f"{self.layout}.html", site=self, base=base, popular=popular, **values)

    def _found(self, body: bytes, kind: str = "html") -> Answer:
        return Answer(body=body, type=TYPES[kind], touched=self.touched)

    def _change(self, **new: Any) -> None:
        for name, value in new.items():
            setattr(self, name, value)
        self.touched += timedelta(minutes=1)


def release(today: date) -> Piece:
    """The partnership release that appears in the story, dated today, as the association has it."""
    return piece(_data("eiic")["release"][0], today)


def piece(row: dict[str, Any], today: date) -> Piece:
    """A row of a data file as a piece: ages become dates, `{today}` and its kin become words."""
    published = today - timedelta(days=row["age"])
    words = {"{today}": day(today), "{month}": month(published), "{past_year}": str(today.year - 7)}
    text = re.sub(r"\{\w+\}", lambda match: words[match[0]], row["text"].strip())
    return Piece(
        key=row["path"].rsplit("/", 1)[-1].removesuffix(".html"),
        path=row["path"],
        title=row["title"],
        published=published,
        blocks=tuple(text.split("\n\n")),
        about=tuple((name, words) for name, words in row.get("about", [])),
        newsletter=row.get("newsletter", False),
    )


def day(when: date) -> str:
    """`22 June 2015`."""
    return f"{when.day} {when.strftime('%B %Y')}"


def month(when: date) -> str:
    """`June 2015`."""
    return when.strftime("%B %Y")


def cut(text: str, length: int) -> str:
    """The first letters, cut where the length ends, as side columns do."""
    return text[:length].rstrip()


def masked(text: str) -> Markup:
    """HTML in which all that looks like a mail address is masked as Cloudflare does, names such as `EIIC@Work` too."""
    return Markup(re.sub(r"\w+@\w+(?:\.\w+)*", lambda match: _mask(match[0]), str(escape(text))))  # noqa: S704


def _mask(address: str) -> str:
    code = "".join(f"{byte:02x}" for byte in (_MASK_KEY, *(byte ^ _MASK_KEY for byte in address.encode())))
    start = '<a href="/cdn-cgi/l/email-protection" class="__cf_email__"'
    return f'{start} data-cfemail="{code}">[email&#160;protected]</a>'


def _data(layout: str) -> dict[str, Any]:
    return tomllib.loads(_text(f"{layout}.toml"))


def _text(name: str) -> str:
    return files("scraper.demo").joinpath("pages", name).read_text(encoding="utf-8")


def _render(name: str, **values: Any) -> bytes:
    return _templates().get_template(name).render(**values).encode()


@cache
def _templates() -> jinja2.Environment:
    templates = jinja2.Environment(loader=jinja2.FunctionLoader(_text), autoescape=True)
    templates.filters |= {"day": day, "month": month, "cut": cut, "masked": masked}
    return templates
