"""The first tables. Frozen: later changes to the tables are migrations of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite counts up by itself only in INTEGER keys


def upgrade() -> None:
    _what_is_watched()
    _what_was_seen()
    _what_was_announced()
    _who_is_told()


def _what_is_watched() -> None:
    op.create_table(
        "sources", _key("id"), *_texts("name", "url", "organisation"),
        sa.Column("active", sa.Boolean(), nullable=False), _primary("sources", "id"),
    )  # fmt: skip
    op.create_table(
        "hosts", _key("authority"), _moment("next_allowed"), *_texts("lease_owner"), _moment("lease_until"),
        sa.Column("crawl_delay", sa.Float()), sa.Column("robots", sa.Text()), sa.Column("robots_status", sa.Integer()),
        _moment("robots_until"), *_counts("failures"), *_texts("trouble"), *_counts("requests"),
        sa.Column("bytes", sa.BigInteger(), nullable=False), *_counts("not_modified", "refused"),
        sa.Column("shortest_gap", sa.Float()), _moment("last_request"), _primary("hosts", "authority"),
    )  # fmt: skip
    op.create_table(
        "items", _id(), *_texts("source", "url", "title", "state"), *_moments("first_seen", "last_seen"),
        *_counts("versions"), sa.Column("published", sa.Text()), sa.Column("story", BigId), *_texts("content"),
        _primary("items", "id"), _foreign("items", "source", "sources"),
    )  # fmt: skip
    _indexes("items", source=("source", "first_seen"), content=(), url=(), first_seen=(), story=())
    op.create_table(
        "targets", _id(), *_texts("source", "kind", "url", "identity", "authority", "origin"), *_moments("due"),
        sa.Column("item", BigId), *_texts("title"), sa.Column("published", sa.Text()),
        *_texts("etag", "last_modified", "body_hash"), _moment("last_checked"), _moment("last_good"), _moment("looked"),
        *_counts("checks", "changes", "failures", "gone_checks"), _moment("gone_since"), *_texts("trouble"),
        sa.Column("retired", sa.Boolean(), nullable=False),
        _primary("targets", "id"), _foreign("targets", "source", "sources"), _foreign("targets", "item", "items"),
        _unique("targets", "source", "identity"),
    )  # fmt: skip
    _indexes("targets", due=("retired", "due"), authority=("authority", "retired", "due"), item=())


def _what_was_seen() -> None:
    op.create_table(
        "versions", sa.Column("item", BigId, nullable=False), *_counts("version"), *_moments("seen"),
        *_texts("content", "text_hash"), *_counts("words"), *_texts("raw"), *_counts("extractor"),
        sa.Column("article", sa.LargeBinary(), nullable=False),
        _primary("versions", "item", "version"), _foreign("versions", "item", "items"),
    )  # fmt: skip
    op.create_table(
        "bands", sa.Column("band", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("item", BigId, nullable=False), _primary("bands", "band", "item"), sqlite_with_rowid=False,
    )  # fmt: skip
    _indexes("bands", item=())
    op.create_table(
        "changes", _id(), sa.Column("item", BigId, nullable=False),
        *_texts("source", "url", "kind", "significance", "because"), *_moments("at"),
        sa.Column("old_version", sa.Integer()), sa.Column("new_version", sa.Integer()),
        _primary("changes", "id"), _foreign("changes", "item", "items"),
    )  # fmt: skip
    _indexes("changes", at=(), item=(), source=("source", "at"))


def _what_was_announced() -> None:
    op.create_table(
        "partnerships", _id(), *_texts("status"), *_moments("first_seen"), *_texts("event", "history"),
        _primary("partnerships", "id"),
    )  # fmt: skip
    _indexes("partnerships", first_seen=())
    op.create_table(
        "parties",
        _key("key"),
        sa.Column("partnership", BigId, nullable=False),
        _primary("parties", "key", "partnership"),
    )
    _indexes("parties", partnership=())
    op.create_table(
        "witnesses", _id(), sa.Column("partnership", BigId, nullable=False), sa.Column("item", BigId),
        *_texts("source", "url"), *_moments("first_seen"), _primary("witnesses", "id"),
        _foreign("witnesses", "partnership", "partnerships"), _foreign("witnesses", "item", "items"),
    )  # fmt: skip
    _indexes("witnesses", partnership=(), item=())
    op.create_table(
        "related", _id(), sa.Column("item", BigId, nullable=False), *_texts("kind", "event"),
        _primary("related", "id"), _foreign("related", "item", "items"),
    )  # fmt: skip
    _indexes("related", item=())


def _who_is_told() -> None:
    op.create_table(
        "reasons", _id(), sa.Column("item", BigId), *_texts("source"), *_moments("at"), *_texts("rule", "version"),
        sa.Column("matched", sa.Boolean(), nullable=False), *_texts("reason", "sentence"), _primary("reasons", "id"),
    )  # fmt: skip
    _indexes("reasons", item=())
    op.create_table(
        "outbox", _id(), *_texts("key", "channel", "recipient", "rule", "rule_version", "kind", "mode", "subject"),
        *_texts("because", "thread"), sa.Column("item", BigId), sa.Column("partnership", BigId),
        sa.Column("source", sa.Text()), *_moments("created", "due"), sa.Column("late", sa.Boolean(), nullable=False),
        *_texts("state"), *_counts("attempts"), *_texts("message_id"), sa.Column("message", sa.LargeBinary()),
        *_texts("last_error"), _moment("sent_at"), *_texts("claimed_by"), _moment("claimed_until"),
        _primary("outbox", "id"), _unique("outbox", "key", "channel", "recipient"),
    )  # fmt: skip
    _indexes("outbox", state=("state", "due"), item=(), thread=())


def _id() -> sa.Column[int]:
    return sa.Column("id", BigId, nullable=False)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _counts(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def _moments(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]


def _moment(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger())


def _primary(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _foreign(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def _indexes(table: str, **columns: tuple[str, ...]) -> None:
    for name, of in columns.items():
        op.create_index(f"ix_{table}_{name}", table, list(of or (name,)))
