"""Runs migrations on the connection `warehouse.ledger.migrate` hands over; there is no offline mode.

The import registers DuckDB with Alembic; the dialect does so by itself only when Alembic was loaded before it.
"""

import duckdb_sqlalchemy.alembic_impl  # noqa: F401
from alembic import context

from warehouse.naming import LEDGER

context.configure(connection=context.config.attributes["connection"], version_table="schema_version", version_table_schema=LEDGER)
with context.begin_transaction():
    context.run_migrations()
