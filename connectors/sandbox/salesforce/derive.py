"""Runs the rules of `consequences.py` over the rows just written (temp table `touched`)."""

from collections.abc import Collection

import duckdb
import pyarrow as pa

from connectors.sandbox.salesforce.consequences import FILLS, MINE, SPAWNS, Spawn
from connectors.sandbox.salesforce.metadata import SObject
from connectors.sandbox.salesforce.store import INTEGRATION_USER_ID, Store


def derive(cursor: duckdb.DuckDBPyConnection, store: Store, declared: SObject, written: Collection[str], *, created: bool) -> None:
    """Run the rules of the object over `touched`."""
    for fill in FILLS:
        if fill.object == declared.name and not fill.fields.isdisjoint(written) and fill.unless.isdisjoint(written):
            cursor.execute(_ready(fill.sql, store))
    for spawn in SPAWNS if created else ():
        if spawn.object == declared.name:
            _spawn(cursor, store, spawn)


def _spawn(cursor: duckdb.DuckDBPyConnection, store: Store, spawn: Spawn) -> None:
    _insert_rows(cursor, store, spawn.child, _ready(spawn.sql, store))
    if spawn.after:
        cursor.execute(spawn.after)
    if spawn.follow:
        cursor.execute('create or replace temp table touched as select "Id" from spawn_ids')
        child = store.catalog[spawn.child]
        derive(cursor, store, child, child.fields, created=True)


def _insert_rows(cursor: duckdb.DuckDBPyConnection, store: Store, child: str, sql: str) -> None:
    """Insert what `sql` selects as new rows of `child`, stamped now; columns beginning with an underscore stay in `spawned`."""
    declared = store.catalog[child]
    cursor.execute(f"create or replace temp table spawned as select *, row_number() over () as _n from ({sql})")  # noqa: S608
    found = cursor.execute("select count(*) from spawned").fetchall()
    made = store.new_ids(declared.key_prefix, int(found[0][0]))
    cursor.register("spawn_ids", pa.table({"Id": pa.array(made, pa.string()), "_n": pa.array(range(1, len(made) + 1), pa.int64())}))
    names = [str(row[0]) for row in cursor.execute("describe spawned").fetchall()]
    columns = ", ".join(f's."{name}"' for name in names if not name.startswith("_"))
    stamps = ", ".join(f'$now as "{name}"' for name in ("CreatedDate", "LastModifiedDate", "SystemModstamp"))
    cursor.execute(
        f'insert into "{declared.table}" by name select i."Id", {columns}, {stamps}, $user as "CreatedById", $user as "LastModifiedById"'  # noqa: S608
        " from spawned s join spawn_ids i on i._n = s._n",
        {"now": store.stamp(), "user": INTEGRATION_USER_ID},
    )


def _ready(sql: str, store: Store) -> str:
    now = store.stamp().isoformat(sep=" ")
    return sql.format(mine=MINE, now=f"timestamp '{now}'")
