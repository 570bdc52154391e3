"""Filters as people type them, on a command line, in an address or in a question, made into what memory is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, get_args

from scraper.config import Config
from scraper.config.values import did_you_mean
from scraper.detect.ledger import party_keys
from scraper.errors import ConfigError
from storage.records.alert import AlertKind, DeliveryState
from storage.records.change import ChangeKind
from storage.records.observation import ItemState
from storage.records.partnership import Action, Certainty, Instrument, PartnershipEvent, Party, Status
from storage.store import Catalogue, Filter, Place, Question, question

KINDS: dict[str, tuple[str, ...]] = {
    "items": tuple(ItemState),
    "changes": tuple(ChangeKind),
    "partnerships": (*get_args(Action), *get_args(Instrument), *get_args(Certainty), *get_args(Status)),
    "alerts": (*get_args(AlertKind), "welcome", *DeliveryState),
}  # what `kind` may be, list by list


class UnknownSourceError(ConfigError):
    """A filter names a source that there never was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The filters as typed; `mark` stands before their names where they were typed."""

    source: str = ""
    since: str = ""
    until: str = ""
    party: str = ""
    kind: str = ""
    rejected: bool = False  # entries of the ledger that a person rejected, too
    limit: int | None = 50
    after: str = ""
    mark: str = "--"

    @property
    def narrows(self) -> bool:
        """Whether an empty list may be the filters' doing."""
        return bool(self.source or self.since or self.until or self.party or self.kind)

    def everything(self) -> Filter:
        """All of the source, whatever the day."""
        return Filter(source=self.source)

    def filter(self, of: str = "") -> Filter:
        """What memory is asked for a list of KINDS. Raises ConfigError for what is no day, no kind, no place."""
        if of and self.kind and self.kind not in KINDS[of]:
            raise unknown(f"{self.mark}kind", self.kind, KINDS[of])
        return Filter(
            source=self.source, since=moment(self.since, f"{self.mark}since"),
            until=moment(self.until, f"{self.mark}until"), party=_party_keys(self.party), kind=self.kind,
            standing=not self.rejected, after=_place(self.after), limit=self.limit,
        )  # fmt: skip

    def asking(self, typed: str) -> tuple[Question, Wanted]:
        """What a search asks, and these filters with those that stand in the question itself."""
        asked = question(typed)
        typed_filters: dict[str, Any] = dict(asked.filters)
        return asked, replace(self, **typed_filters)

    def known(self, config: Config, catalogue: Catalogue) -> Wanted:
        """These filters. Raises ConfigError when nobody knows their source; one that was taken out has its items."""
        ids = [each.id for each in config.sources]
        if self.source and self.source not in ids and not catalogue.items(Filter(source=self.source, limit=1)):
            cause = f"is not in config.toml{did_you_mean(self.source, tuple(ids))}"
            raise UnknownSourceError(f"source {self.source}", cause, f"known are: {', '.join(ids) or 'none yet'}")
        return self


def moment(text: str, option: str) -> datetime | None:
    """A day or moment as typed; without a zone it is UTC. Raises ConfigError."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:  # the latter: the year 1 east of Greenwich
        raise ConfigError(option, f'"{text}" is no date', "write 2026-01-31 or 2026-01-31T08:00") from error


def unknown(option: str, word: str, known: Sequence[str]) -> ConfigError:
    """A word that is none of those known."""
    return ConfigError(
        option, f'"{word}" is not known{did_you_mean(word, tuple(known))}', f"known are: {', '.join(known)}"
    )


def cursor(at: datetime, key: int) -> str:
    """A place in a list as it goes into an address."""
    return f"{round(at.timestamp() * 1_000_000):x}-{key:x}"


def _place(text: str) -> Place | None:
    if not text:
        return None
    try:
        at, _, key = text.partition("-")
        if len(at) > 13 or len(key) > 15:  # the year 2112, and as many digits as any database counts to
            raise ValueError(text)
        return Place(at=datetime.fromtimestamp(int(at, 16) / 1_000_000, UTC), id=int(key, 16))
    except (ValueError, OverflowError) as error:
        raise ConfigError("after", f'"{text}" is no place in a list', "take it from the answer before") from error


def _party_keys(name: str) -> tuple[str, ...]:
    """The ledger's keys of an organisation that a person typed: a name, or an acronym."""
    if not name:
        return ()
    typed = Party(name=name, acronym=name)
    return party_keys(PartnershipEvent(parties=(typed,), instrument="partnership", action="announced"))
