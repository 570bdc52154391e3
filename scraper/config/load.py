"""config.toml and the environment -> Config: reads the files, checks all, and reports every fault at once."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from scraper.config.faults import checked, unknown
from scraper.config.settings import (
    Config,
    EngineConf,
    FeedsConf,
    FetchConf,
    MailConf,
    MailTable,
    StorageSettings,
    WatchSettings,
    WebConf,
)
from scraper.config.tables import MANY, NAMED, SINGLE, TAKEN_WORDS, bad_header, shared, source_id
from scraper.config.values import did_you_mean, is_mailbox
from scraper.errors import ConfigError

VARIABLE = "ACCORDWATCH_CONFIG"
Raw = dict[str, Any]
Conf = TypeVar("Conf", StorageSettings, FetchConf, MailConf, FeedsConf)
NOTHING_INSTEAD: Mapping[Path, bytes] = MappingProxyType({})


def find(path: Path | None, environ: Mapping[str, str]) -> Path:
    """Which file is meant: the one named, else $ACCORDWATCH_CONFIG, else ./config.toml."""
    return (path or Path(environ.get(VARIABLE) or "config.toml")).expanduser().absolute()


def load(
    path: Path | None = None, *, environ: Mapping[str, str], instead: Mapping[Path, bytes] = NOTHING_INSTEAD
) -> Config:
    """The configuration, whole and checked. Raises ConfigError with every fault of the file and its includes.

    `instead` gives what a file is to hold in place of what it holds: an edit is tried before it is written.
    """
    home = find(path, environ)
    faults: list[str] = []
    parts = _Parts(home, instead)
    parts.include(faults)
    config = _build(parts, environ, faults)
    if faults:
        raise _faulty(home, faults)
    return config


class _Parts:
    """The raw tables of all files put together, and where each entry of a list stands."""

    def __init__(self, home: Path, instead: Mapping[Path, bytes]) -> None:
        self.home, self.instead = home, instead
        self.own = raw = _parse(home, instead)
        self.raw = dict(raw)
        self.places: dict[str, list[tuple[Path, str]]] = {
            key: [(home, f"{key}[{n}]") for n in range(len(_entries(raw, key)))] for key in MANY
        }

    def include(self, faults: list[str]) -> None:
        """Take in the files that `include` names, in the order of their names."""
        patterns = self.raw.pop("include", [])
        if not isinstance(patterns, list) or not all(isinstance(each, str) and each for each in patterns):
            faults.append('include: is no list of file names; write ["sources.d/*.toml"]')
            return
        for n, pattern in enumerate(patterns):
            found = sorted(_matching(self.home.parent, pattern))
            if not found and not set(pattern) & set("*?["):
                faults.append(
                    f'include[{n}]: there is no file "{pattern}"; relative paths count from {self.home.parent}'
                )
            for path in (each for each in found if each != self.home):
                self._add(path, _parse(path, self.instead), faults)

    def _add(self, path: Path, raw: Raw, faults: list[str]) -> None:
        foreign = (key for key in raw if key not in MANY and key not in NAMED)
        faults += [f"{path.name}: {key}: belongs into {self.home.name}, not into an included file" for key in foreign]
        faults += _unlisted(raw, f"{path.name}: ")
        for key in MANY:
            entries = _entries(raw, key)
            self.places[key] += [(path, f"{path.name}: {key}[{n}]") for n in range(len(entries))]
            if entries:
                self.raw[key] = [*_entries(self.raw, key), *entries]
        for key in (key for key in NAMED if key in raw):
            more, own = _named(raw, key, faults), self.raw.get(key, {})
            self.raw[key] = {**more, **own} if isinstance(own, dict) else own


def _build(parts: _Parts, environ: Mapping[str, str], faults: list[str]) -> Config:
    raw = parts.raw
    faults += _unlisted(parts.own, "")
    known = ("include", *SINGLE, *MANY, *NAMED)
    faults += [f"{key}: {unknown(key, known)}" for key in raw if key not in known]
    single = {key: checked(table, raw.get(key, {}), key, faults) for key, table in SINGLE.items()}
    many = {key: _listed(parts, key, table, faults) for key, table in MANY.items()}
    watch = single["watch"] or WatchSettings()
    people = {
        name: table.person(name, watch)
        for name, entry in _named(raw, "people", faults).items()
        if (table := checked(NAMED["people"], entry, f"people.{name}", faults))
    }
    faults += _cross_faults(parts, many, environ)
    folder = parts.home.parent
    mail = _mail(single["mail"] or MailTable(), folder, environ, faults)
    sources = [(place, table.source(watch, environ)) for place, table in many["sources"]]
    storage, engine = single["storage"] or StorageSettings(), single["engine"] or EngineConf()
    if engine.workers != "none" and storage.url.startswith("sqlite"):
        faults.append(
            'engine.workers: needs a database that machines share; set [storage] url to "postgresql+psycopg://..."'
        )
    return Config(
        path=parts.home,
        storage=_placed(_storage(storage, folder), folder),
        fetch=_placed(single["fetch"] or FetchConf(), folder),
        watch=watch,
        mail=_placed(mail, folder),
        web=single["web"] or WebConf(),
        feeds=_placed(single["feeds"] or FeedsConf(), folder),
        engine=engine,
        people=tuple(people.values()),
        sources=tuple(source for _, source in sources),
        rules=tuple(table.rule(people) for _, table in many["alerts"]),
        organisations=tuple(table.organisation() for _, table in many["organisations"]),
        homes=tuple((source.id, path) for (path, _), source in sources),
    )


def _listed(parts: _Parts, key: str, table: type[Any], faults: list[str]) -> list[tuple[tuple[Path, str], Any]]:
    """Each entry of a list of tables with its place, those with faults left out."""
    pairs = zip(parts.places[key], _entries(parts.raw, key), strict=True)
    found = [(place, checked(table, entry, place[1], faults)) for place, entry in pairs]
    return [(place, value) for place, value in found if value is not None]


def _cross_faults(
    parts: _Parts, many: Mapping[str, list[tuple[tuple[Path, str], Any]]], environ: Mapping[str, str]
) -> Iterator[str]:
    """What no single table can know: names used twice, recipients and sources that do not exist, empty variables."""
    people = tuple(parts.raw["people"]) if isinstance(parts.raw.get("people"), dict) else ()
    ids = tuple(
        source_id(entry) for entry in _entries(parts.raw, "sources") if isinstance(entry, dict) and _texts(entry)
    )
    yield from _twice([(place[1], table.own_id) for place, table in many["sources"]], "id")
    yield from _twice([(place[1], table.name) for place, table in many["alerts"]], "name")
    for (_, where), table in many["sources"]:
        if table.own_id in TAKEN_WORDS:
            yield f'{where}.id: "{table.own_id}" is a word of the dashboard\'s own; give it another id'
        variable = table.headers_env
        if variable and table.enabled and not environ.get(variable):
            yield f'{where}.headers_env: the variable {variable} is empty; put lines of "Name: value" into it'
        elif variable and bad_header(environ.get(variable, "")):
            yield f'{where}.headers_env: a line of {variable} is no header; write "Name: value"'
    for (_, where), table in many["alerts"]:
        if table.channel == "email" and not table.to:
            yield f"{where}.to: names nobody; write a mail address or the name of one of [people]"
        for n, who in enumerate(table.to):
            if who not in people and not is_mailbox(who):
                yield f'{where}.to[{n}]: "{who}" is no mail address and none of [people]{did_you_mean(who, people)}'
        for n, source in enumerate(table.sources):
            if source not in ids:
                yield f'{where}.sources[{n}]: no source has the id "{source}"{did_you_mean(source, ids)}'


def _texts(entry: Raw) -> bool:
    return all(isinstance(entry.get(key, ""), str) for key in ("id", "name", "url"))


def _twice(named: Iterable[tuple[str, str]], key: str) -> Iterator[str]:
    pairs = tuple(named)
    counts = Counter(name for _, name in pairs)
    first: set[str] = set()
    for where, name in pairs:
        if counts[name] > 1 and name in first:
            yield f'{where}.{key}: "{name}" is used twice; give each its own {key}'
        first.add(name)


def _mail(table: MailTable, folder: Path, environ: Mapping[str, str], faults: list[str]) -> MailConf:
    password = environ.get(table.password_env, "") if table.password_env else ""
    if table.password_file:
        try:
            password = (folder / table.password_file.expanduser()).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            faults.append(
                f"mail.password_file: cannot be read ({_reason(error)}); name a file that holds the password alone"
            )
    if table.transport == "smtp" and not table.host:
        faults.append('mail.host: is empty, and transport = "smtp" needs the name of the mail server')
    return MailConf(**shared(table, MailConf), password=password)


def _storage(storage: StorageSettings, folder: Path) -> StorageSettings:
    url, scheme = storage.url, "sqlite:///"
    if url.startswith(scheme):
        url = scheme + str(folder / Path(url.removeprefix(scheme)).expanduser())
    return replace(storage, url=url)


def _placed(conf: Conf, folder: Path) -> Conf:
    """Relative paths count from the folder of config.toml, wherever the program is started."""
    paths = {each.name: getattr(conf, each.name) for each in fields(conf)}
    placed: dict[str, Any] = {
        name: folder / path.expanduser() for name, path in paths.items() if isinstance(path, Path)
    }
    return replace(conf, **placed)


def _unlisted(raw: Raw, prefix: str) -> Iterator[str]:
    wrong = (key for key in MANY if key in raw and not isinstance(raw[key], list))
    return (f"{prefix}{key}: is no list of tables; write [[{key}]]" for key in wrong)


def _entries(raw: Raw, key: str) -> list[Any]:
    value = raw.get(key, [])
    return value if isinstance(value, list) else []


def _named(raw: Raw, key: str, faults: list[str]) -> Raw:
    value = raw.get(key, {})
    if isinstance(value, dict):
        return value
    faults.append(f"{key}: is no table; write [{key}.NAME]")
    return {}


def _matching(folder: Path, pattern: str) -> Iterable[Path]:
    path = Path(pattern).expanduser()
    try:
        return list(path.parent.glob(path.name) if path.is_absolute() else folder.glob(str(path)))
    except (ValueError, NotImplementedError):  # "**" inside a name
        return []


def _parse(path: Path, instead: Mapping[Path, bytes]) -> Raw:
    """One file as raw tables, with or without a byte order mark. Raises ConfigError when it is absent or no TOML."""
    try:
        data = instead[path] if path in instead else path.read_bytes()
        return tomllib.loads(data.decode("utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(
            str(path), "there is no such file", "`accordwatch init` writes one, --config names another"
        ) from None
    except tomllib.TOMLDecodeError as error:
        cause, line = re.sub(r"\s*\(at .*\)$", "", str(error)), re.search(r"at line (\d+)", str(error))
        where = f"{path.name}, line {line[1]}" if line else f"{path.name}, at its end"
        fault = f"{where}: {cause[0].lower() + cause[1:]}"
        raise ConfigError(where, f"no TOML: {cause[0].lower() + cause[1:]}", "mend that line", (fault,)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            str(path), f"cannot be read: {_reason(error)}", "it must be a text file in UTF-8 that you may read"
        ) from None


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return "it is no UTF-8" if isinstance(error, UnicodeDecodeError) else str(error.strerror)


def _faulty(path: Path, faults: list[str]) -> ConfigError:
    if len(faults) == 1:
        return ConfigError(path.name, faults[0], faults=tuple(faults))
    return ConfigError(
        path.name, "\n  ".join([f"{len(faults)} settings cannot be used", *faults]), faults=tuple(faults)
    )
