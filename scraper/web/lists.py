"""What pages with a list share: the filters of an address, and a page of rows with the place where the rest begins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, TypeVar

from fastapi import Depends

from scraper.watch.wanted import Wanted, cursor

T = TypeVar("T")


@dataclass(frozen=True)
class Narrowing:
    """The filters as they were typed."""

    source: str = ""
    kind: str = ""
    party: str = ""
    since: str = ""
    until: str = ""

    def given(self) -> dict[str, str]:
        """Those that narrow anything."""
        return {name: value for name, value in asdict(self).items() if value}

    def wanted(self, *, limit: int, after: str = "") -> Wanted:
        return Wanted(**asdict(self), limit=limit, after=after, mark="")


Narrowed = Annotated[Narrowing, Depends()]


def cut(
    rows: Sequence[T], most: int, place: Callable[[T], tuple[datetime, int | None]]
) -> tuple[Sequence[T], dict[str, str]]:
    """At most so many rows; where there are more, `after` in the address of the next page."""
    shown = rows[:most]
    if len(rows) <= most:
        return shown, {}
    at, key = place(shown[-1])
    return shown, {"after": cursor(at, key or 0)}
