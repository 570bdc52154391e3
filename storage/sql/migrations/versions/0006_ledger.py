"""What each witness tells by itself, what persons say of an entry, and the keys of related events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("witnesses") as table:
        table.add_column(sa.Column("told", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("witnesses") as table:
        table.alter_column("told", server_default=None)
    op.add_column("partnerships", sa.Column("merged_into", BigId))
    op.create_table(
        "words", sa.Column("id", BigId, nullable=False), sa.Column("partnership", BigId, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False), sa.Column("word", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_words"),
        sa.ForeignKeyConstraint(["partnership"], ["partnerships.id"], name="fk_words_partnership"),
    )  # fmt: skip
    op.create_index("ix_words_partnership", "words", ["partnership"])
    op.create_table(
        "neighbours", sa.Column("key", sa.Text(), nullable=False),
        sa.Column("related", BigId, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("key", "related", name="pk_neighbours"),
    )  # fmt: skip
    op.create_index("ix_neighbours_related", "neighbours", ["related"])
