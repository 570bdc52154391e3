"""How each source stands, for pages: until there is more, what its lists say of their last looks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.records.source import Source
from storage.store import Catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """One source now."""

    source: str
    name: str
    state: str
    reason: str = ""
    remedy: str = ""
    last_good: datetime | None = None
    next: datetime | None = None
    needs_person: bool = False
    complete_since: datetime | None = None
    gaps: tuple[object, ...] = ()


def overview(catalogue: Catalogue, sources: tuple[Source, ...], now: datetime) -> tuple[Health, ...]:
    """Each source's health, in the order given."""
    return tuple(_health(source, catalogue) for source in sources)


def _health(source: Source, catalogue: Catalogue) -> Health:
    ways = catalogue.targets(source.id, discovering=True)
    broken = bool(ways) and all(way.trouble for way in ways)
    state = "paused" if not source.enabled else "failing" if broken else "healthy" if ways else "new"
    return Health(
        source=source.id, name=source.name, state=state, reason=ways[0].trouble if broken else "",
        last_good=max((way.last_good for way in ways if way.last_good), default=None),
        next=min((way.due for way in ways), default=None) if source.enabled else None,
        needs_person=broken and source.enabled,
    )  # fmt: skip
