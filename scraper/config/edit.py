"""Edits of config.toml by a command: a [[sources]] block or a user added, cut or switched, all else as it was."""

from __future__ import annotations

import fcntl
import os
import re
import tempfile
import tomllib
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import chain, count
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import InlineTable

from scraper.config.load import load
from scraper.config.settings import Config
from scraper.config.tables import TAKEN_WORDS, source_id
from scraper.config.values import did_you_mean, slug
from scraper.errors import ConfigError
from scraper.text import fold, squeeze
from storage.records.source import SourceId

_HEADER = re.compile(r"\s*\[{1,2}[^\[\]=]+\]{1,2}\s*(#.*)?$")
_SOURCE = re.compile(r"\s*\[\[\s*sources\s*\]\]\s*(#.*)?$")
_SOURCE_OR_PART = re.compile(r"\s*\[{1,2}\s*sources\s*(\.[^\[\]]*)?\]{1,2}\s*(#.*)?$")  # [[sources.recipe]], too
_VALUE = r"""("[^"\n]*"|'[^'\n]*'|true|false)"""  # of a setting that is changed
_DEFAULTS = {"enabled": True, "muted": False}  # switches of a source
_LONGEST = 60  # letters of an id that is made; `values.identity` allows 100, and a number may follow


def add_source(text: str, fields: Mapping[str, Any], comments: Iterable[str] = ()) -> str:
    """The text with one [[sources]] block more, after the last one; `comments` are lines at its end."""
    return add_sources(text, [(fields, comments)])


def add_sources(text: str, new: Iterable[tuple[Mapping[str, Any], Iterable[str]]]) -> str:
    """The same for several, each with its comments."""
    end = _line_end(text)
    lines, blocks = _scan(text if not text or text.endswith("\n") else text + end, of=_SOURCE_OR_PART)
    wanted = _sources(text)
    known = {source_id(raw) for raw in wanted}
    at = blocks[-1][1] if blocks else len(lines)
    added: list[str] = []
    for fields, comments in new:
        if source_id(fields) in known:
            raise ConfigError(
                str(source_id(fields)), "a source with this id is there already", "give the new one another id"
            )
        gap = [""] if added or any(line.strip() for line in lines[:at]) else []
        settings = (f"{key} = {_written(value)}" for key, value in fields.items())
        added += [*gap, "[[sources]]", *settings, *(f"# {squeeze(line)}" for line in comments)]
        known.add(source_id(fields))
        wanted.append(dict(fields))
    gap_after = [end] if at < len(lines) and lines[at].strip() else []
    edited = "".join([*lines[:at], *(line + end for line in added), *gap_after, *lines[at:]])
    return _proved(edited, wanted, text)


def free_id(called: str, taken: Container[str], tried: dict[str, Iterator[str]] | None = None) -> str:
    """An id made of a name that no source has yet.

    Who asks for many hands the same `tried` in each time: thousands of one name are not counted from 2 each.
    """
    base = slug(fold(called))[:_LONGEST].strip("-") or "source"
    ids: Iterator[str] = chain([base], (f"{base}-{n}" for n in count(2)))
    left = ids if tried is None else tried.setdefault(base, ids)
    return next(each for each in left if each not in taken and each not in TAKEN_WORDS)


def sources_in(path: Path) -> list[dict[str, Any]]:
    """The [[sources]] of a file as they are written. Raises ConfigError."""
    try:
        return _sources(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), "cannot be read", "mend its rights, or save it as UTF-8") from error


def _written(value: Any) -> str:
    """A setting as TOML on one line."""
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_written(each)}' for key, each in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    return str(tomlkit.item(value).as_string())


def remove_source(text: str, id: str) -> str:  # noqa: A002 - the noun's own word
    """The text without that source's block and the comment lines right above it."""
    number, lines, (start, end) = _find(text, id)
    while start and lines[start - 1].lstrip().startswith("#"):
        start -= 1
    while end < len(lines) and not lines[end].strip():
        end += 1
    left = [raw for n, raw in enumerate(_sources(text)) if n != number]
    return _proved("".join([*lines[:start], *lines[end:]]), left, text)


def set_switch(text: str, id: str, key: str, on: bool) -> str:  # noqa: A002 - the noun's own word
    """The text with that source's switch, `enabled` or `muted`, on or off."""
    return _set(text, id, key, on)


def set_url(text: str, id: str, url: str) -> str:  # noqa: A002 - the noun's own word
    """The text with another address for that source; what stands behind it on its line stays."""
    return _set(text, id, "url", url)


def _set(text: str, id: str, key: str, value: str | bool) -> str:  # noqa: A002 - the noun's own word
    """The text with that setting of a source; where it stands for its default no line is added."""
    number, lines, (start, end) = _find(text, id)
    setting, wanted = re.compile(rf"(\s*{key}\s*=\s*){_VALUE}"), _sources(text)
    at = next((n for n in range(start + 1, end) if setting.match(lines[n])), None)
    if at is not None:
        lines[at] = setting.sub(lambda found: found[1] + _written(value), lines[at], count=1)
    elif key not in _DEFAULTS:
        raise _by_hand()
    elif value == _DEFAULTS[key]:
        return text
    else:
        lines.insert(end, f"{key} = {_written(value)}{_line_end(text)}")
        if not lines[end - 1].endswith("\n"):
            lines[end - 1] += _line_end(text)
    wanted[number] = {**wanted[number], key: value}
    return _proved("".join(lines), wanted, text)


def set_user(text: str, name: str, settings: Mapping[str, str] | None) -> str:
    """The text with these settings for [web.users.NAME], or without that user; all else as before."""
    mark, bare = ("\ufeff", text[1:]) if text.startswith("\ufeff") else ("", text)
    try:
        document, wanted = tomlkit.parse(bare), tomllib.loads(bare)
        for whole in (document, wanted):
            web = _within(whole, "web")
            users = _within(web, "users")
            if settings is None:
                del users[name]
                if not users:  # an empty table would leave no line
                    del web["users"]
            else:
                _within(users, name).update(settings)
        edited: str = tomlkit.dumps(document)
        if tomllib.loads(edited) == wanted:
            return mark + edited
    except KeyError:
        known = tuple(wanted["web"]["users"])
        raise ConfigError(name, f"nobody of that name may log in{did_you_mean(name, known)}") from None
    except (tomllib.TOMLDecodeError, TOMLKitError) as error:
        raise ConfigError("config.toml", f"no TOML: {error}", "mend it first") from None
    raise _by_hand()


def _within(table: Any, key: str) -> Any:
    """The table of that key, made where there is none, in the way that the one around it is written."""
    if key not in table:
        inline = isinstance(table, InlineTable)
        new = tomlkit.inline_table() if inline else tomlkit.table(is_super_table=key == "users")
        table[key] = {} if type(table) is dict else new
    return table[key]


def switch_source(config: Config, source: str, key: str, on: bool) -> None:
    """Pause or mute a source in the file that holds it, or let it go on. Raises ConfigError."""
    rewrite(config.path, lambda text: set_switch(text, source, key, on), part=config.home_of(SourceId(source)))


def rewrite(
    home: Path, edit: Callable[[str], str], *, part: Path | None = None, environ: Mapping[str, str] = os.environ
) -> None:
    """Apply an edit to config.toml, or to a `part` that it includes: bytes in, bytes out.

    The old file stands whole until the new one does, and the new one is a configuration that loads. Edits wait for
    one another, whichever thread or process they come from; what an editor saved meanwhile is not written over.
    Raises ConfigError when the file cannot be read or written, would not load, or what `edit` raises.
    """
    path = part or home
    try:
        with _one_at_a_time(home):
            before = path.read_bytes()
            edited = edit(before.decode("utf-8")).encode("utf-8")
            load(home, environ=environ, instead={path.absolute(): edited})
            _replace(path.resolve(), before, edited)
    except (OSError, UnicodeDecodeError) as error:
        cause = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        raise ConfigError(str(path), f"cannot be edited: {cause}", "edit it by hand, or mend its rights") from None


@contextmanager
def _one_at_a_time(home: Path) -> Iterator[None]:
    """The folder itself is locked: no file is left behind, and none that root made keeps the service's user out."""
    folder = os.open(home.resolve().parent, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network file systems lock no folders; `before` is compared there, too
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _replace(path: Path, before: bytes, edited: bytes) -> None:
    """The new file gets owner and rights of the old, and only then its place."""
    old = path.stat()
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)  # 0600: it holds hashes
    beside = Path(name)
    try:
        with open(handle, "wb") as file:
            file.write(edited)
            file.flush()
            for uid, gid in ((old.st_uid, -1), (-1, old.st_gid)):
                with suppress(PermissionError):  # only root gives a file away
                    os.chown(file.fileno(), uid, gid)
            os.fchmod(file.fileno(), old.st_mode & 0o7777)
            os.fsync(file.fileno())
        if path.read_bytes() != before:
            raise ConfigError(str(path), "was saved by somebody else meanwhile; nothing was written", "try again")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _find(text: str, id: str) -> tuple[int, list[str], tuple[int, int]]:  # noqa: A002
    ids = tuple(source_id(raw) for raw in _sources(text))
    lines, blocks = _scan(text)
    if id not in ids:
        called = [source_id(raw) for raw in _sources(text) if str(raw.get("name", "")).casefold() == id.casefold()]
        hint = f"; so are called: {', '.join(called)}" if called else did_you_mean(id, ids)
        raise ConfigError(id, f"no source in this file has this id{hint}", "`accordwatch sources` lists them")
    if len(blocks) != len(ids):
        raise _by_hand()
    return ids.index(id), lines, blocks[ids.index(id)]


def _scan(text: str, of: re.Pattern[str] = _SOURCE) -> tuple[list[str], list[tuple[int, int]]]:
    """The lines with their ends, and each [[sources]] block from its header to past its last setting or own comment."""
    lines = _lines(text)
    headers = [n for n, line in enumerate(lines) if _HEADER.match(line)]
    spans = zip(headers, [*headers, len(lines)][1:], strict=True)
    return lines, [(start, _block_end(lines, start, end)) for start, end in spans if of.match(lines[start])]


def _block_end(lines: list[str], start: int, end: int) -> int:
    """Comments before the next header belong to that header, when a blank line parts them from the settings."""
    last = max(n for n in range(start, end) if lines[n].strip() and not lines[n].lstrip().startswith("#"))
    while last + 1 < end and lines[last + 1].lstrip().startswith("#"):
        last += 1
    return last + 1


def _lines(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _sources(text: str) -> list[dict[str, Any]]:
    try:
        found = tomllib.loads(text.removeprefix("\ufeff")).get("sources", [])
    except tomllib.TOMLDecodeError as error:
        raise ConfigError("config.toml", f"no TOML: {error}", "mend it first") from None
    return list(found)


def _proved(edited: str, sources: list[dict[str, Any]], before: str) -> str:
    """The edited text, once it reads as meant: these sources, and all else as before."""
    try:
        now, then = (tomllib.loads(each.removeprefix("\ufeff")) for each in (edited, before))
    except tomllib.TOMLDecodeError:
        raise _by_hand() from None
    if now.pop("sources", []) != sources or {k: v for k, v in then.items() if k != "sources"} != now:
        raise _by_hand()
    return edited


def _by_hand() -> ConfigError:
    return ConfigError("config.toml", "is laid out in a way that is not safe to edit", "edit it by hand")
