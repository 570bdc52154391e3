"""Answers as they came, with their headers; and how often a target's validators have lied."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0001"

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "captures",
        sa.Column("id", BigId, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("sent", sa.Text(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_captures")),
    )
    op.create_index("ix_captures_source", "captures", ["source", "at"])
    op.create_index("ix_captures_raw", "captures", ["raw"])
    op.add_column("targets", sa.Column("lies", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("targets") as targets:
        targets.alter_column("lies", server_default=None)
    # What was archived before has no headers; its address and day are those of the version that was read from it.
    op.execute(
        "INSERT INTO captures (source, url, at, status, raw, sent, headers)"
        " SELECT items.source, items.url, versions.seen, 200, versions.raw, '[]', '[]'"
        " FROM versions JOIN items ON items.id = versions.item WHERE versions.raw <> ''"
    )
