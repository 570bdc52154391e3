"""What the memory for change needs: the brake on sources that change at once, and when an address was first asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "brakes",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("checks", sa.Integer(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("released", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_brakes"),
        sa.ForeignKeyConstraint(["source"], ["sources.id"], name="fk_brakes_source"),
    )
    op.add_column("targets", sa.Column("first_checked", sa.BigInteger(), nullable=True))
