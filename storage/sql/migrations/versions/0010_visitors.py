"""Who is logged in to the dashboard, and when each visitor was there before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "sessions", sa.Column("key", sa.Text(), nullable=False), sa.Column("user", sa.Text(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False), sa.Column("began", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False), sa.PrimaryKeyConstraint("key", name="pk_sessions"),
    )  # fmt: skip
    op.create_table(
        "visits", sa.Column("user", sa.Text(), nullable=False), sa.Column("since", sa.BigInteger()),
        sa.Column("seen", sa.BigInteger(), nullable=False), sa.PrimaryKeyConstraint("user", name="pk_visits"),
    )  # fmt: skip
