"""Where tables live: one DuckDB file by default, reached through SQLAlchemy; nothing here knows a CRM or the method."""

from warehouse.duckdb import DuckDBWarehouse
from warehouse.naming import ENRICHMENT, LEDGER, MODEL, SCORES, STAGING, raw_schema

__all__ = ["ENRICHMENT", "LEDGER", "MODEL", "SCORES", "STAGING", "DuckDBWarehouse", "raw_schema"]
