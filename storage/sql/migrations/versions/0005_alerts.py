"""What an alert says beyond its subject, and which version of the item it is about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    with op.batch_alter_table("outbox") as table:
        table.add_column(sa.Column("said", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("version", sa.Integer()))
    with op.batch_alter_table("outbox") as table:
        table.alter_column("said", server_default=None)
