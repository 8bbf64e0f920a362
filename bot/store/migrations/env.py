"""Alembic's entrance: runs the revisions on the connection it is given, inside the transaction that is open there."""

from alembic import context

from bot.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
