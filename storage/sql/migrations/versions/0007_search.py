"""The full text of all versions, and lists by state and by kind. The engine fills the index when the chain is done."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.sql import search

revision = "0007"
down_revision = "0006"

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "texts", sa.Column("id", BigId, nullable=False), sa.Column("item", BigId, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_texts"),
        sa.UniqueConstraint("item", "version", name="uq_texts_item_version"),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name="fk_texts_item"),
    )  # fmt: skip
    search.create(op.get_bind())
    op.create_index("ix_items_state", "items", ["state", "first_seen"])
    op.create_index("ix_changes_kind", "changes", ["kind", "at"])
    op.create_index("ix_targets_kind", "targets", ["source", "kind"])
    op.create_index("ix_outbox_created", "outbox", ["created"])
