"""Alembic's entry point: runs the chain on the connection that the engine hands over."""

from alembic import context

from storage.sql.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
