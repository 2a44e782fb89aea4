"""Fills a store with the Salesforce rows of a generated company: records, three years of activities, planted traps, and the truth.

The flow: neutral tables -> `ownfields` and `projection` (records, then activities chunk by chunk) -> `traps` (rows of their own, each
with the verdict a correct pipeline must reach) -> `_truth_pairs`, `_truth_traps`, `_entered_*`, and `_later*`, what has yet to happen
to the org.
"""

import duckdb
import pyarrow as pa

from connectors.sandbox.company import Activities, Company
from connectors.sandbox.salesforce import ownfields
from connectors.sandbox.salesforce.projection import keys as k
from connectors.sandbox.salesforce.projection.entered import entered
from connectors.sandbox.salesforce.projection.mails import mails
from connectors.sandbox.salesforce.projection.meetings import events
from connectors.sandbox.salesforce.projection.records import records, true_pairs
from connectors.sandbox.salesforce.projection.tasks import tasks
from connectors.sandbox.salesforce.store import INTEGRATION_USER_ID, Store
from connectors.sandbox.salesforce.traps import plant


def load(company: Company, store: Store) -> None:
    """Insert every row; the store is as `Store.create` left it. One transaction per chunk keeps memory bounded."""
    keys = k.Keys(company)
    with store.write() as cursor:
        k.insert(cursor, records(company, keys) | {"_truth_pairs": true_pairs(company, keys)})
        k.create(cursor, entered(company, keys))
        ownfields.load(cursor, keys.now, keys.users[0].as_py(), INTEGRATION_USER_ID)
        _plant_traps(cursor, keys)
    for batch in company.batches():
        with store.write() as cursor:
            k.insert(cursor, activity_rows(batch, keys))
    store.refresh_catalog()


def _plant_traps(cursor: duckdb.DuckDBPyConnection, keys: k.Keys) -> None:
    tables = plant(keys.now, keys.users[0].as_py())
    k.create(cursor, {"_later_deletes": tables.pop("_later_deletes")})
    k.insert(cursor, tables)


def activity_rows(batch: Activities, keys: k.Keys) -> dict[str, pa.Table]:
    """All rows of one chunk by object; twin Tasks beside the Tasks of calls and to-dos."""
    called, mailed = tasks(batch, keys), mails(batch, keys)
    both = {name: pa.concat_tables([called[name], mailed[name]], promote_options="default") for name in called if name in mailed}
    return events(batch, keys) | called | mailed | both
