"""Who is told what: Rule and Person as configured, Alert as decided, Delivery as tried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, NewType

from storage.records.source import ItemId, SourceId

AlertId = NewType("AlertId", int)
AlertKind = Literal["partnership", "new", "changed", "withdrawn", "source_trouble"]  # what a rule may ask for
MailKind = AlertKind | Literal["welcome"]  # what a mail may be about
Mode = Literal["at once", "digest"]


class DeliveryState(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"  # the connection was lost after DATA: it may have arrived
    FAILED = "failed"  # final, a person is needed


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who gets alerts."""

    id: str
    address: str
    timezone: str = "UTC"
    quiet_hours: str = ""  # "22:00-06:30" local time: holds delivery, not checking


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One [[alerts]] entry. Empty tuples match all."""

    name: str
    version: str  # short hash of the rule's own text, so that `explain` can name it
    when: tuple[AlertKind, ...]
    to: tuple[Person, ...]
    channel: str = "email"
    delivery: str = "at once"  # "at once", "daily 07:30", "weekly mon 08:00"
    parties: tuple[str, ...] = ()
    exclude_parties: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    exclude_actions: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    added_words: tuple[str, ...] = ()
    certainty: Literal["sure", "possible"] = "sure"
    alert_age: timedelta | None = None  # None: the [watch] setting
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a rule did or did not make an alert; `explain` prints these."""

    rule: str
    version: str
    matched: bool
    reason: str
    sentence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One thing to tell one recipient by one channel: a row of the outbox.

    `key` makes it idempotent: the same (key, channel, to) is never queued twice.
    `thread` is the same for all alerts on one relationship, so that mails stand in one thread.
    """

    id: AlertId | None = None
    key: str
    rule: str
    rule_version: str
    kind: MailKind
    channel: str
    to: str
    mode: Mode = "at once"
    subject: str
    because: tuple[str, ...] = ()
    said: tuple[str, ...] = ()  # in words: what a later witness adds, why a change is one, what is wrong with a source
    thread: str = ""
    item: ItemId | None = None
    version: int | None = None  # of the item, that a change made
    partnership: int | None = None  # the ledger's id; inside a Verdict: the place in Verdict.ledger
    source: SourceId | None = None
    created: datetime
    due: datetime  # not delivered before this: quiet hours, digests, retries
    late: bool = False  # "seen late": found long after it was published


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What goes out: rendered once, stored before the first try, the same bytes at each try.

    `raw` is the RFC 5322 message; `html` its HTML part alone, for people who look at files.
    """

    message_id: str
    subject: str
    to: str
    text: str
    html: str
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One outbox row on its way: the alert, its rendered message, and how the tries went."""

    alert: Alert
    state: DeliveryState = DeliveryState.WAITING
    attempts: int = 0
    message_id: str = ""
    message: Message | None = None
    last_error: str = ""
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a channel says of one message: sent, later (try again), refused (final), unknown (lost after DATA)."""

    outcome: Literal["sent", "later", "refused", "unknown"]
    detail: str = ""
