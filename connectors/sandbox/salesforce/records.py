"""Writes, set-based: a table of cells goes in, one verdict per row comes out; a REST record is a table of one row.

Flow: stage converted values beside each row's first refusal -> apply the good rows in one statement -> derive what follows
from them. Cells are text (`cells.py`): a null leaves the field, `CLEAR` blanks it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.sandbox.salesforce.defaults import defaults, with_choices
from connectors.sandbox.salesforce.derive import derive
from connectors.sandbox.salesforce.errors import SalesforceError, not_found
from connectors.sandbox.salesforce.metadata import Field, SObject
from connectors.sandbox.salesforce.permissions import Access
from connectors.sandbox.salesforce.removal import remove
from connectors.sandbox.salesforce.staging import (
    apply_create,
    apply_update,
    give_ids,
    good_rows,
    outcome,
    stage_create,
    stage_ids,
    stage_update,
)
from connectors.sandbox.salesforce.standard_setup import SETUP
from connectors.sandbox.salesforce.store import Store

_OUTCOME_COLUMNS: Final[Mapping[str, pa.DataType]] = {
    "row": pa.int64(),
    "id": pa.string(),
    "success": pa.bool_(),
    "created": pa.bool_(),
    "code": pa.string(),
    "message": pa.string(),
    "fields": pa.list_(pa.string()),
}
OUTCOME: Final = pa.schema(_OUTCOME_COLUMNS)
"""One verdict per input row, in input order; code and message are null and fields empty where the row was accepted."""
ROLLED_BACK: Final = "ALL_OR_NONE_OPERATION_ROLLED_BACK"
_ROLLED_BACK_TEXT: Final = "Record rolled back because not all records were valid and the request was using AllOrNone header"
_SETUP_NAMES: Final = frozenset(item.name for item in SETUP)
_Work = Callable[[duckdb.DuckDBPyConnection], pa.Table]


class _RolledBack(Exception):
    """Ends the transaction of an all-or-none request that had a refusal; carries its verdicts."""

    def __init__(self, verdicts: pa.Table) -> None:
        super().__init__()
        self.verdicts = verdicts


def visible(access: Access, object_name: str) -> SObject:
    """The object, if the user sees it; raises NOT_FOUND as the REST API does."""
    found = access.sobject(object_name)
    if found is None:
        raise not_found()
    return with_choices(found, access.store.catalog)


def update_many(store: Store, access: Access, object_name: str, table: pa.Table) -> pa.Table:
    """Update records by `Id`. Returns `OUTCOME` rows; raises INVALID_FIELD for an unknown column, NOT_FOUND for an unknown object."""
    declared = visible(access, object_name)

    def work(cursor: duckdb.DuckDBPyConnection) -> pa.Table:
        columns = stage_update(cursor, declared, table, store.catalog)
        apply_update(cursor, declared, columns, store.stamp(), access.user_id)
        _consequences(cursor, store, declared, [item.name for item in columns], created=False)
        return outcome(cursor, created=False)

    return _run(store, declared, work)


def create_many(store: Store, access: Access, object_name: str, table: pa.Table) -> pa.Table:
    """Create records, defaults filling what is not given. Returns and raises as `update_many`."""
    declared = visible(access, object_name)

    def work(cursor: duckdb.DuckDBPyConnection) -> pa.Table:
        columns = stage_create(cursor, declared, table, store.catalog, defaults(declared, access.user_id))
        give_ids(cursor, store.new_ids(declared.key_prefix, good_rows(cursor)))
        apply_create(cursor, declared, columns, store.stamp(), access.user_id)
        _consequences(cursor, store, declared, [item.name for item in columns], created=True)
        return outcome(cursor, created=True)

    return _run(store, declared, work)


def delete_many(store: Store, access: Access, object_name: str, record_ids: Sequence[str], *, hard: bool = False) -> pa.Table:
    """Delete records by id, `hard` past the recycle bin. Returns and raises as `update_many`."""
    declared = visible(access, object_name)
    table = pa.table({"Id": pa.array(list(record_ids), pa.string())})

    def work(cursor: duckdb.DuckDBPyConnection) -> pa.Table:
        stage_ids(cursor, declared, table)
        good = [str(row[0]) for row in cursor.execute("select _id from staged where error is null").fetchall()]
        remove(cursor, store, declared, good, hard=hard)
        return outcome(cursor, created=False)

    return _run(store, declared, work)


def upsert_many(
    store: Store, access: Access, object_name: str, table: pa.Table, external_id: str, *, all_or_none: bool = False
) -> pa.Table:
    """Update the rows whose `external_id` cell names a record, create the others. Returns and raises as `update_many`."""
    declared = visible(access, object_name)
    key = key_field(declared, external_id)
    source = next((name for name in table.column_names if name.lower() == key.name.lower()), None)
    if source is None:
        raise SalesforceError("MISSING_ARGUMENT", f"{key.name} not specified")
    found = _found(store, declared, key, table.column(source))
    known = found.is_valid().to_numpy(zero_copy_only=False)
    old, new = pa.array(np.flatnonzero(known), pa.int64()), pa.array(np.flatnonzero(~known), pa.int64())
    bare = table.drop_columns([name for name in table.column_names if name.lower() == "id"])
    verdicts = [OUTCOME.empty_table()]
    if len(old):
        known_rows = bare.append_column("Id", found).take(old)
        verdicts.append(_renumbered(update_many(store, access, object_name, known_rows), old))
    if len(new):
        verdicts.append(_renumbered(create_many(store, access, object_name, bare.take(new)), new))
    return pa.concat_tables(verdicts).sort_by("row")


def key_field(declared: SObject, name: str) -> Field:
    """The external id (or id lookup) field of that name; raises NOT_FOUND."""
    found = declared.by_lower_name.get(name.lower())
    if found is None or not (found.external_id or found.id_lookup):
        raise not_found("Provided external ID field does not exist or is not accessible: " + name)
    return found


def _found(store: Store, declared: SObject, key: Field, cells: Any) -> Any:
    """The id of the record each cell names, null where there is none."""
    live = ' where not "IsDeleted"' if "IsDeleted" in declared.fields else ""
    with store.cursor() as cursor:
        cursor.register("wanted", pa.table({"key": cells, "n": pa.array(range(len(cells)), pa.int64())}))
        records = f'select min("Id") as id, lower("{key.name}") as key from "{declared.table}"{live} group by 2'  # noqa: S608
        sql = f"select r.id from wanted w left join ({records}) r on r.key = lower(w.key) order by w.n"  # noqa: S608
        return cast(pa.Table, cursor.sql(sql).to_arrow_table()).column("id").combine_chunks()


def _renumbered(verdicts: pa.Table, places: pa.Int64Array) -> pa.Table:
    return verdicts.set_column(0, "row", places).cast(OUTCOME)


def together(store: Store, work: Callable[[], pa.Table]) -> pa.Table:
    """All rows or none: what `work` writes is undone when it refuses a row, and its accepted rows then say so."""
    try:
        with store.write():
            verdicts = work()
            if not pc.all(verdicts.column("success")).as_py():
                raise _RolledBack(verdicts)
    except _RolledBack as rolled_back:
        return _all_failed(rolled_back.verdicts)
    return verdicts


def _run(store: Store, declared: SObject, work: _Work) -> pa.Table:
    """One transaction; setup objects change what users see."""
    with store.write() as cursor:
        verdicts = work(cursor)
    if declared.name in _SETUP_NAMES:
        store.version += 1
    return verdicts


def _all_failed(verdicts: pa.Table) -> pa.Table:
    accepted = verdicts.column("success")
    changes: Mapping[str, Any] = {
        "id": pc.if_else(accepted, pa.scalar(None, pa.string()), verdicts.column("id")),
        "success": pa.array([False] * verdicts.num_rows),
        "created": pa.array([False] * verdicts.num_rows),
        "code": pc.if_else(accepted, ROLLED_BACK, verdicts.column("code")),
        "message": pc.if_else(accepted, _ROLLED_BACK_TEXT, verdicts.column("message")),
    }
    for name, column in changes.items():
        verdicts = verdicts.set_column(verdicts.schema.get_field_index(name), name, column)
    return verdicts


def _consequences(cursor: duckdb.DuckDBPyConnection, store: Store, declared: SObject, written: Sequence[str], *, created: bool) -> None:
    cursor.execute('create or replace temp table touched as select _id as "Id" from staged where error is null')
    derive(cursor, store, declared, written, created=created)
