"""Gaps of what was seen of a source, how far each list goes back without one, and where a list has moved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COLUMNS = {
    "targets": (("leads_to", sa.Text(), ""), ("led", sa.Integer(), "0"), ("configured", sa.Text(), "")),
    "sources": (("every", sa.Text(), ""),),
}  # fmt: skip


def upgrade() -> None:
    for name, columns in COLUMNS.items():
        with op.batch_alter_table(name) as table:
            for column, kind, default in columns:
                table.add_column(sa.Column(column, kind, nullable=False, server_default=default))
            if name == "targets":
                table.add_column(sa.Column("run", sa.BigInteger()))
                table.add_column(sa.Column("covered", sa.Boolean(), nullable=False, server_default=sa.false()))
        with op.batch_alter_table(name) as table:
            for column in [column for column, _, _ in columns] + (["covered"] if name == "targets" else []):
                table.alter_column(column, server_default=None)
    op.create_table(
        "gaps", sa.Column("id", BigId, nullable=False), sa.Column("source", sa.Text(), nullable=False),
        sa.Column("target", BigId), sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger()), sa.Column("why", sa.Text(), nullable=False),
        sa.Column("closed", sa.BigInteger()), sa.PrimaryKeyConstraint("id", name="pk_gaps"),
    )  # fmt: skip
    op.create_index("ix_gaps_source_since", "gaps", ["source", "since"])
