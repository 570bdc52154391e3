"""Keys that are read and checked, and whose feature is not built yet: each says so. A line less for each one built."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

# A path without numbers and names -> (is this value more than the default?, what happens in its place)
NOT_YET: dict[str, tuple[Callable[[Any], bool], str]] = {
    "web.bind": (lambda bind: bind != "127.0.0.1:8765", "there is no dashboard"),
    "web.public_url": (bool, "there is no dashboard that mails could link to"),
}


def notices(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """One line for each such key that is set to more than its default, with its path."""
    return tuple(
        f"{path}: not built yet; until then {NOT_YET[pattern][1]}"
        for pattern, path, value in _leaves(raw)
        if pattern in NOT_YET and NOT_YET[pattern][0](value)
    )


def _leaves(raw: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """(pattern, path, value) of all settings: `sources.every`, `sources[2].every`, "2h"."""
    for table, content in raw.items():
        if isinstance(content, Mapping):
            yield from ((f"{table}.{key}", f"{table}.{key}", value) for key, value in content.items())
        elif isinstance(content, list):
            for n, entry in enumerate(content):
                if isinstance(entry, Mapping):
                    yield from ((f"{table}.{key}", f"{table}[{n}].{key}", value) for key, value in entry.items())
