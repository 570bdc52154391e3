"""What is wrong in config.toml, each fault one line with its path: pydantic's errors in the words of a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from pydantic import TypeAdapter, ValidationError

from scraper.config.values import did_you_mean, shown

_SENTENCES = {
    "missing": "is missing",
    "string_type": "{input} is no text; put it in quotes",
    "bool_type": "{input} is neither true nor false; write it without quotes",
    "int_type": "{input} is no whole number; write it without quotes",
    "tuple_type": "{input} is no list; write [\"...\"]",
    "dataclass_type": "is no table of settings",
    "greater_than_equal": "{input} is too small; the least is {ge}",
    "less_than_equal": "{input} is too great; the most is {le}",
    "string_too_short": "is empty",
    "too_short": "is empty",
    "path_type": "{input} is no path; put it in quotes",
}  # fmt: skip
_NOT_HERE = {"password": "a password does not belong into this file; see password_env and password_file"}

_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}  # made in 2 ms each, and a list of sources may hold thousands


def checked(table: type[Any], raw: object, path: str, faults: list[str]) -> Any | None:
    """The table as a value, or None with its faults added to the list."""
    try:
        if table not in _ADAPTERS:
            _ADAPTERS[table] = TypeAdapter(table)
        return _ADAPTERS[table].validate_python(raw)
    except ValidationError as error:
        known = tuple(f.name for f in fields(table))
        faults += [_line(dict(fault), path, known) for fault in error.errors()]
        return None


def unknown(key: str, known: Iterable[str]) -> str:
    """What is said of a key that nobody knows."""
    return _NOT_HERE.get(key) or "unknown key" + did_you_mean(key, tuple(known))


def _line(fault: dict[str, Any], path: str, known: tuple[str, ...]) -> str:
    where = path + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in fault["loc"])
    return f"{where}: {_sentence(fault, known)}"


def _sentence(fault: dict[str, Any], known: tuple[str, ...]) -> str:
    kind, context = fault["type"], fault.get("ctx", {})
    if kind == "unexpected_keyword_argument":
        return unknown(str(fault["loc"][-1]), known)
    if kind == "value_error":
        return str(context["error"])
    if kind == "literal_error":
        return _none_of(fault["input"], context["expected"])
    return str(_SENTENCES.get(kind, fault["msg"])).format(input=shown(fault["input"]), **context)


def _none_of(value: object, expected: str) -> str:
    """Pydantic names the choices as `'a', 'b' or 'c'`; an empty one is a default and needs no mention."""
    choices = tuple(word.strip("'") for word in expected.replace(" or ", ", ").split(", ") if word.strip("'"))
    hint = (
        did_you_mean(value, choices)
        or "; write " + ", ".join(f'"{word}"' for word in choices[:-1]) + f' or "{choices[-1]}"'
    )
    return f"{shown(value)} is none of the choices{hint}"
