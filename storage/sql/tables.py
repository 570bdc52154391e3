"""The tables, as SQLAlchemy Core knows them. Migrations bring a database here; a test holds both equal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)  # fmt: skip

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Moment(TypeDecorator[datetime]):
    """An aware datetime as microseconds since 1970, UTC: sorts, compares and survives any database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
        return None if value is None else (value - EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Words(TypeDecorator[str]):
    """Text as any page may give it: NUL and lone surrogates, which no database takes, become a question mark."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        return None if value is None else storable(value)


def storable(text: str) -> str:
    """The text without what UTF-8 or PostgreSQL cannot hold."""
    if text.isascii() and "\0" not in text:  # as most are
        return text
    return text.replace("\0", "?").encode("utf-8", "replace").decode()


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
BigId = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up by itself only in INTEGER keys


def _id() -> Column[int]:
    return Column("id", BigId, primary_key=True)


def _text(name: str, **options: Any) -> Column[str]:
    return Column(name, Words, nullable=False, default="", **options)


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, default=0)


def _moment(name: str, *, required: bool = False) -> Column[datetime]:
    return Column(name, Moment, nullable=not required)


sources = Table(
    "sources", metadata,
    Column("id", Words, primary_key=True), _text("name"), _text("url"), _text("organisation"),
    Column("active", Boolean, nullable=False, default=True), _text("every"),
)  # fmt: skip

hosts = Table(
    "hosts", metadata,
    Column("authority", Words, primary_key=True), _moment("next_allowed"), _text("lease_owner"), _moment("lease_until"),
    Column("crawl_delay", Float), Column("robots", Words), Column("robots_status", Integer), _moment("robots_until"),
    _count("failures"), _text("trouble"), _count("requests"), Column("bytes", BigInteger, nullable=False, default=0),
    _count("not_modified"), _count("refused"), Column("shortest_gap", Float), _moment("last_request"),
)  # fmt: skip

targets = Table(
    "targets", metadata,
    _id(), Column("source", Words, ForeignKey("sources.id"), nullable=False), _text("kind"), _text("url"),
    _text("identity"), _text("authority"), _text("origin"), _moment("due", required=True),
    Column("item", BigId, ForeignKey("items.id")), _text("title"), Column("published", Words),
    _text("etag"), _text("last_modified"), _text("body_hash"),
    _moment("first_checked"), _moment("last_checked"), _moment("last_good"), _moment("looked"),
    _count("checks"), _count("changes"), _count("failures"), _count("gone_checks"), _moment("gone_since"),
    _text("trouble"), Column("retired", Boolean, nullable=False, default=False), _count("lies"),
    _moment("run"), Column("covered", Boolean, nullable=False, default=False), _text("leads_to"), _count("led"),
    _text("configured"),
    UniqueConstraint("source", "identity"),
    Index("ix_targets_due", "retired", "due"), Index("ix_targets_authority", "authority", "retired", "due"),
    Index("ix_targets_item", "item"), Index("ix_targets_kind", "source", "kind"),
)  # fmt: skip

gaps = Table(
    "gaps", metadata,
    _id(), _text("source"), Column("target", BigId), _moment("since", required=True), _moment("until"), _text("why"),
    _moment("closed"), Index("ix_gaps_source_since", "source", "since"),
)  # fmt: skip

brakes = Table(
    "brakes", metadata,
    Column("source", Words, ForeignKey("sources.id"), primary_key=True), _moment("since", required=True),
    _count("checks"), _count("items"), _text("why"), Column("released", Boolean, nullable=False, default=False),
)  # fmt: skip

items = Table(
    "items", metadata,
    _id(), Column("source", Words, ForeignKey("sources.id"), nullable=False), _text("url"), _text("title"),
    _text("state"), _moment("first_seen", required=True), _moment("last_seen", required=True), _count("versions"),
    Column("published", Words), Column("story", BigId), _text("content"),
    Index("ix_items_source", "source", "first_seen"), Index("ix_items_content", "content"),
    Index("ix_items_url", "url"), Index("ix_items_first_seen", "first_seen"), Index("ix_items_story", "story"),
    Index("ix_items_state", "state", "first_seen"),
)  # fmt: skip

versions = Table(
    "versions", metadata,
    Column("item", BigId, ForeignKey("items.id"), primary_key=True), Column("version", Integer, primary_key=True),
    _moment("seen", required=True), _text("content"), _text("text_hash"), _count("words"), _text("raw"),
    _count("extractor"), Column("article", LargeBinary, nullable=False),
)  # fmt: skip

texts = Table(  # numbers of the versions that the full text knows; see `search`
    "texts", metadata,
    _id(), Column("item", BigId, ForeignKey("items.id"), nullable=False), Column("version", Integer, nullable=False),
    UniqueConstraint("item", "version"),
)  # fmt: skip

captures = Table(
    "captures", metadata,
    _id(), _text("source"), _text("url"), _moment("at", required=True), _count("status"), _text("raw"), _text("sent"),
    _text("headers"),
    Index("ix_captures_source", "source", "at"), Index("ix_captures_raw", "raw"),
)  # fmt: skip

bands = Table(
    "bands", metadata,
    Column("band", BigInteger, primary_key=True, autoincrement=False), Column("item", BigId, primary_key=True),
    Index("ix_bands_item", "item"),
    sqlite_with_rowid=False,
)  # fmt: skip

changes = Table(
    "changes", metadata,
    _id(), Column("item", BigId, ForeignKey("items.id"), nullable=False), _text("source"), _text("url"),
    _text("kind"), _text("significance"), _text("because"), _moment("at", required=True),
    Column("old_version", Integer), Column("new_version", Integer),
    Index("ix_changes_at", "at"), Index("ix_changes_item", "item"), Index("ix_changes_source", "source", "at"),
    Index("ix_changes_kind", "kind", "at"),
)  # fmt: skip

partnerships = Table(
    "partnerships", metadata,
    _id(), _text("status"), _moment("first_seen", required=True), _text("event"), _text("history"),
    Column("merged_into", BigId),
    Index("ix_partnerships_first_seen", "first_seen"),
)  # fmt: skip

parties = Table(
    "parties", metadata,
    Column("key", Words, primary_key=True), Column("partnership", BigId, primary_key=True),
    Index("ix_parties_partnership", "partnership"),
)  # fmt: skip

witnesses = Table(
    "witnesses", metadata,
    _id(), Column("partnership", BigId, ForeignKey("partnerships.id"), nullable=False),
    Column("item", BigId, ForeignKey("items.id")), _text("source"), _text("url"), _moment("first_seen", required=True),
    _text("told"), Index("ix_witnesses_partnership", "partnership"), Index("ix_witnesses_item", "item"),
)  # fmt: skip

words = Table(
    "words", metadata,
    _id(), Column("partnership", BigId, ForeignKey("partnerships.id"), nullable=False), _moment("at", required=True),
    _text("word"), Index("ix_words_partnership", "partnership"),
)  # fmt: skip

neighbours = Table(
    "neighbours", metadata,
    Column("key", Words, primary_key=True), Column("related", BigId, primary_key=True, autoincrement=False),
    Index("ix_neighbours_related", "related"),
)  # fmt: skip

related = Table(
    "related", metadata,
    _id(), Column("item", BigId, ForeignKey("items.id"), nullable=False), _text("kind"), _text("event"),
    Index("ix_related_item", "item"),
)  # fmt: skip

reasons = Table(
    "reasons", metadata,
    _id(), Column("item", BigId), _text("source"), _moment("at", required=True), _text("rule"), _text("version"),
    Column("matched", Boolean, nullable=False), _text("reason"), _text("sentence"),
    Index("ix_reasons_item", "item"),
)  # fmt: skip

outbox = Table(
    "outbox", metadata,
    _id(), _text("key"), _text("channel"), _text("recipient"), _text("rule"), _text("rule_version"), _text("kind"),
    _text("mode"), _text("subject"), _text("because"), _text("said"), _text("thread"), Column("item", BigId),
    Column("version", Integer), Column("partnership", BigId), Column("source", Words),
    _moment("created", required=True), _moment("due", required=True),
    Column("late", Boolean, nullable=False, default=False),
    _text("state"), _count("attempts"), _text("message_id"), Column("message", LargeBinary), _text("last_error"),
    _moment("sent_at"), _text("claimed_by"), _moment("claimed_until"),
    UniqueConstraint("key", "channel", "recipient"), Index("ix_outbox_state", "state", "due"),
    Index("ix_outbox_item", "item"), Index("ix_outbox_thread", "thread"), Index("ix_outbox_created", "created"),
)  # fmt: skip

sessions = Table(
    "sessions", metadata,
    Column("key", Words, primary_key=True), _text("user"), _text("proof"), _moment("began", required=True),
    _moment("seen", required=True),
)  # fmt: skip

visits = Table(
    "visits", metadata,
    Column("user", Words, primary_key=True), _moment("since"), _moment("seen", required=True),
)  # fmt: skip
