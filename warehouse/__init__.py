"""Where tables live: one DuckDB file by default, reached through SQLAlchemy; nothing here knows a CRM or the method."""

from warehouse.duckdb import DuckDBWarehouse
from warehouse.naming import (
    BACKTEST,
    COMPANY,
    COVERAGE,
    DEALS,
    ENRICHMENT,
    HISTORY,
    IDENTITY,
    LEDGER,
    MAPS,
    MODEL,
    OPERATION,
    SCORES,
    STAGING,
    SUGGESTIONS,
    raw_schema,
)

__all__ = [
    "BACKTEST",
    "COMPANY",
    "COVERAGE",
    "DEALS",
    "ENRICHMENT",
    "HISTORY",
    "IDENTITY",
    "LEDGER",
    "MAPS",
    "MODEL",
    "OPERATION",
    "SCORES",
    "STAGING",
    "SUGGESTIONS",
    "DuckDBWarehouse",
    "raw_schema",
]
