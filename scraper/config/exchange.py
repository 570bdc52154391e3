"""Lists of sources as OPML and CSV, out and in: what a file holds, what of it is new, and each fault with its line.

Nothing is read from disk or fetched here; who writes the new ones into config.toml is `edit`.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from itertools import islice
from typing import Any
from urllib.parse import urlsplit
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from scraper.config.edit import free_id
from scraper.config.faults import checked
from scraper.config.tables import TAKEN_WORDS, SourceTable
from scraper.errors import ConfigError
from scraper.text import as_cell, fold, from_cell, label, squeeze
from scraper.url import canonical, identity
from storage.records.source import Source

MOST_BYTES = 5_000_000
MOST_SOURCES = 10_000
DEEPEST = 50  # outlines within outlines
OURS = "urn:accordwatch:opml"  # the namespace of settings that OPML has no word for
SETTINGS = tuple(each.name for each in fields(SourceTable))
# A list comes from anybody: it may not name what is sent of the environment, nor patterns that run on each address.
NEVER_TAKEN = ("headers_env", "include", "exclude")
_LISTS = ("tags", "discover", "include", "exclude")
_SWITCHES = tuple(each.name for each in fields(SourceTable) if isinstance(each.default, bool))
_FLAGS = {"true": True, "yes": True, "1": True, "on": True, "false": False, "no": False, "0": False, "off": False}
_HEADINGS = {
    "url": ("address", "link", "website", "homepage", "web", "site", "htmlurl", "newspage", "uri"),
    "feed": ("xmlurl", "feedurl", "rss", "rssurl", "atom"),
    "name": ("title", "text", "association", "label", "sourcename"),
    "organisation": ("organization", "acronym", "publisher"),
    "tags": ("tag", "category", "categories", "folder", "group", "labels"),
    "every": ("interval", "frequency", "schedule"),
    "language": ("lang",),
    "timezone": ("tz",),
    "enabled": ("active",),
}  # how else columns are called, folded to letters
_COLUMNS = {word: name for name, words in _HEADINGS.items() for word in (name, *words)} | {
    name.replace("_", ""): name for name in SETTINGS
}
_SPLIT = re.compile(r"[;,|\n]")
_ADDRESS = re.compile(r"(https?://|www\.)\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One source of a file, `raw` as config.toml would hold it; kept out by a `fault`, or because it is known."""

    line: int
    raw: Mapping[str, Any]
    fault: str = ""
    known_as: str = ""
    left_out: tuple[str, ...] = ()  # settings that it had and that are never taken from a list


def to_csv(sources: Iterable[Mapping[str, Any]]) -> str:
    """The [[sources]] of a configuration as CSV, a column a setting; what spreadsheets would run is made text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(SETTINGS)
    writer.writerows([as_cell(_text(raw.get(name))) for name in SETTINGS] for raw in sources)
    return out.getvalue()


def to_opml(sources: Iterable[Mapping[str, Any]], feeds: Mapping[str, str], *, title: str) -> str:
    """The same as OPML 2.0 (opml.org/spec2.opml): any reader takes the feeds, and we take back all settings."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<opml version="2.0" xmlns:aw="{OURS}">',
             f"<head><title>{title}</title></head>", "<body>"]  # fmt: skip
    for raw in sources:
        name = str(raw.get("name") or raw["url"])
        known = {"type": "rss", "text": name, "title": name, "xmlUrl": feeds.get(raw["url"], raw["url"]),
                 "htmlUrl": raw["url"], **{f"aw:{key}": _text(value) for key, value in raw.items()}}  # fmt: skip
        lines.append(f"<outline {' '.join(f'{key}={_quoted(value)}' for key, value in known.items())}/>")
    return "\n".join([*lines, "</body>", "</opml>", ""])


def read(data: bytes) -> tuple[Entry, ...]:
    """The sources of an OPML or CSV file, each with its fault if it has one. Raises ConfigError for another file."""
    if len(data) > MOST_BYTES:
        raise ConfigError("import", f"more than {MOST_BYTES // 10**6} MB are no list of sources", "part the file")
    text = _decoded(data)
    rows = _outlines(data) if text.lstrip().startswith("<") else _rows(text)
    found = tuple(_entry(line, texts) for line, texts in islice(rows, MOST_SOURCES + 1))
    if len(found) > MOST_SOURCES:
        raise ConfigError("import", f"holds more than {MOST_SOURCES:,} sources", "part the file")
    return found


def planned(found: Iterable[Entry], known: Iterable[Source]) -> tuple[Entry, ...]:
    """Each entry as it would be added, under an id that is free; or as whom it is known, in the file or before it."""
    homes: dict[str, str] = {}
    tried: dict[str, Iterator[str]] = {}
    taken: set[str] = set()
    plan = []
    for source in known:
        taken.add(str(source.id))
        homes |= {_key(url): str(source.id) for url in (source.url, *source.discover)}
    for entry in found:
        if not entry.fault and (known_as := homes.get(_key(entry.raw["url"]))):
            entry = replace(entry, known_as=known_as)
        elif not entry.fault:
            called = entry.raw.get("id") or entry.raw.get("name") or urlsplit(entry.raw["url"]).hostname
            free = called == entry.raw.get("id") and called not in taken and called not in TAKEN_WORDS
            own = called if free else free_id(called, taken, tried)
            entry = replace(entry, raw={"id": own} | {**entry.raw, "id": own})
            homes[_key(entry.raw["url"])] = own
            taken.add(own)
        plan.append(entry)
    return tuple(plan)


def _key(url: str) -> str:
    return identity(canonical(url)) or url


# --- settings as texts -----------------------------------------------------------------------------------------------


def _text(value: Any) -> str:
    """A setting in one cell: lists as "a; b", and as JSON where that could not be read back."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | dict):
        plain = isinstance(value, list) and not any(_SPLIT.search(each) or each[:1] == "[" for each in map(str, value))
        return "; ".join(map(str, value)) if plain else json.dumps(value, ensure_ascii=False, default=str)
    return "" if value is None else str(value)


def _entry(line: int, texts: Mapping[str, str]) -> Entry:
    said = {name: text for name in SETTINGS if (text := texts.get(name, "").strip())}
    left_out = tuple(name for name in NEVER_TAKEN if name in said)
    faults: list[str] = []
    try:
        raw = {name: _value(name, text) for name, text in said.items() if name not in NEVER_TAKEN}
        if "url" in raw and "://" not in raw["url"]:
            raw["url"] = f"https://{raw['url']}"
        table = checked(SourceTable, raw, "", faults)
    except ValueError as error:
        return Entry(line=line, raw=dict(texts), fault=str(error))
    except RecursionError:
        return Entry(line=line, raw=dict(texts), fault="is nested too deep")
    fault = "" if table else "; ".join(each.removeprefix(".") for each in faults)
    return Entry(line=line, raw=raw, fault=fault, left_out=left_out)


def _value(name: str, text: str) -> Any:
    """The setting that a text stands for. Raises ValueError."""
    if name in _SWITCHES:
        if text.lower() not in _FLAGS:
            raise ValueError(f'{name}: "{text}" is neither true nor false')
        return _FLAGS[text.lower()]
    if name in _LISTS or name == "recipe":
        if text[0] == "[":
            with suppress(ValueError):
                return json.loads(text)
        return [part for each in _SPLIT.split(text) if (part := each.strip())]
    return label(text) or text if name == "name" else text


# --- OPML ------------------------------------------------------------------------------------------------------------


def _quoted(text: str) -> str:
    return quoteattr("".join(c if c.isprintable() or c in "\n\t" else " " for c in text))


def _outlines(data: bytes) -> list[tuple[int, dict[str, str]]]:
    """(line, settings) of each outline with an address. A document type, and with it any entity, is refused."""
    parser = expat.ParserCreate(namespace_separator=" ")
    found: list[tuple[int, dict[str, str]]] = []
    folders: list[str] = []

    def refused(*_: object) -> None:
        raise ConfigError("import", "declares a document type, which no list of sources needs", "take that line out")

    def start(name: str, attributes: dict[str, str]) -> None:
        if not folders and name.lower() != "opml":
            raise ConfigError("import", f"is XML, but no OPML: it begins with <{name}>", "export it as OPML")
        if len(folders) == DEEPEST:
            raise ConfigError("import", f"nests deeper than {DEEPEST} outlines", "make its folders flat")
        known = {key.lower(): value for key, value in attributes.items()}
        texts = _settings(known, folders) if name.lower() == "outline" else {}
        if texts:
            found.append((parser.CurrentLineNumber, texts))
        folders.append("" if texts else squeeze(known.get("text") or known.get("title", "")))

    parser.StartDoctypeDeclHandler = refused
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: folders.pop()
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:  # the latter two: an encoding that nobody knows
        raise ConfigError("import", f"is no whole XML: {error}", "export it again") from error
    return found


def _settings(known: Mapping[str, str], folders: Iterable[str]) -> dict[str, str]:
    """What an outline says of a source; nothing for a folder. What we wrote ourselves is taken back as it was."""
    ours = {key.removeprefix(f"{OURS} "): value for key, value in known.items() if key.startswith(f"{OURS} ")}
    if ours:
        return ours
    address = known.get("xmlurl") or known.get("url") or known.get("htmlurl")
    tags = [*filter(None, folders), *_SPLIT.split(known.get("category", "").replace("/", ","))]
    name = squeeze(known.get("title") or known.get("text", ""))
    return {"url": address, "name": name, "tags": _text([*filter(None, map(squeeze, tags))])} if address else {}


# --- CSV -------------------------------------------------------------------------------------------------------------


def _decoded(data: bytes) -> str:
    """Text as spreadsheets write it: UTF-8 or UTF-16 with a mark, UTF-8 without, else Windows' western letters."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, settings) of each row that holds anything."""
    first, _, rest = text.partition("\n")
    told = re.fullmatch(r'"?sep=(.)"?\s*', first, re.IGNORECASE)  # a line of Excel's own
    delimiter = told[1] if told else max(",;\t|", key=lambda each: (_named(first, each), first.count(each)))
    reader = csv.reader(io.StringIO(rest if told else text, newline=""), delimiter=delimiter)
    skipped, names = int(told is not None), None
    try:
        for row in reader:
            cells = [from_cell(cell.replace("\0", "").strip()) for cell in row]
            if not any(cells):
                continue
            if names is None:
                names = [_COLUMNS.get(_letters(cell), "") for cell in cells]
                if {"url", "feed"} & set(names):
                    continue
                names = _guessed(cells)
            yield reader.line_num + skipped, _one(names, cells)
    except csv.Error as error:
        raise ConfigError("import", f"line {reader.line_num}: {error}", "save it as CSV again") from error


def _named(line: str, delimiter: str) -> int:
    """How many of our columns a heading has when it is parted so."""
    return sum(_letters(cell) in _COLUMNS for cell in line.split(delimiter))


def _letters(heading: str) -> str:
    return re.sub(r"[^a-z]", "", fold(heading))


def _guessed(cells: list[str]) -> list[str]:
    """The columns of a list without headings: addresses, and beside them perhaps names. Raises ConfigError."""
    url = next((at for at, cell in enumerate(cells) if _ADDRESS.fullmatch(cell)), None)
    if url is None:
        raise ConfigError("import", "is neither OPML nor CSV with a column of addresses", 'head that column "url"')
    name = next((at for at in range(len(cells)) if at != url), None)
    return [{url: "url", name: "name"}.get(at, "") for at in range(len(cells))]


def _one(names: list[str], cells: list[str]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for name, cell in zip(names, cells, strict=False):
        if name and cell:
            texts.setdefault(name, cell)
    feed = texts.pop("feed", "")
    if feed and "url" in texts:
        texts.setdefault("discover", _text([feed]))
    elif feed:
        texts["url"] = feed
    return texts
