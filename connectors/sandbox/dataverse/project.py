"""Fills a store with the Dataverse rows of a generated company: records, three years of activities, planted traps, and the truth.

The flow: neutral tables -> `projection` (keys, records, deals, then activities chunk by chunk) -> `traps` (rows of their own, each with
the verdict a correct pipeline must reach) -> `_truth_pairs`, `_truth_twins`, `_truth_traps`, `_entered_*`.

`_truth_twins("table", id, salesforce_id, same_log)` names the records that live in both CRMs; `same_log` says that both activity logs
tell exactly the same about a person or an account (about a user they never do: some firms are in one CRM only).
"""

from collections.abc import Mapping

import duckdb
import pyarrow as pa

from connectors.sandbox.company import Company
from connectors.sandbox.dataverse.projection import activities, deals, entered, records
from connectors.sandbox.dataverse.projection.keys import Keys
from connectors.sandbox.dataverse.projection.sql import insert
from connectors.sandbox.dataverse.store import Store
from connectors.sandbox.dataverse.traps import plant


def load(company: Company, store: Store) -> None:
    """Insert every row; the store is as `Store.create` left it. One transaction per chunk keeps memory bounded."""
    with store.write() as cursor:
        keys = Keys.of(company, cursor)
        records.load(cursor, company, keys)
        deals.load(cursor, keys)
        entered.load(cursor, store)
        _insert(cursor, plant(keys.now))
    for batch in company.batches():
        with store.write() as cursor:
            keys.register(cursor)
            activities.load(cursor, batch, keys)
    store.refresh_catalog()


def _insert(cursor: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table]) -> None:
    for name, rows in tables.items():
        cursor.register("incoming", rows)
        insert(cursor, name, "select * from incoming")
        cursor.unregister("incoming")
