"""A connection is stored twice: the row that was made (`ismaster`) and its mirror image, each naming the other."""

from __future__ import annotations

from typing import Final

import duckdb

from connectors.sandbox.dataverse.errors import INVALID_ARGUMENT, DataverseError
from connectors.sandbox.dataverse.references import touched
from connectors.sandbox.dataverse.schema_records import CONNECTION
from connectors.sandbox.dataverse.store import Store

_PARTS: Final = ("id_value", "id_type", "roleid_value")
_SWAPPED: Final = {f"_record{near}{part}": f"_record{far}{part}" for near, far in ((1, 2), (2, 1)) for part in _PARTS}
_SHARED: Final = ("effectivestart", "effectiveend", "description", "statecode", "statuscode")
_STAMPS: Final = ("createdon", "modifiedon", "_createdby_value", "_modifiedby_value")
_OWNER: Final = ("_ownerid_value", "_ownerid_type", "_owningbusinessunit_value")
_NAMED: Final = ("account", "contact", "lead", "opportunity", "systemuser", "team")
_NAMES: Final = " union all ".join(
    f"""select {table}id as id, {"fullname" if table in ("contact", "lead", "systemuser") else "name"} as name from {table}"""  # noqa: S608
    for table in _NAMED
)


def mirror(cursor: duckdb.DuckDBPyConnection, store: Store, ids: str) -> None:
    """Give new connections (SQL list of ids) their other half; raises DataverseError when a side is missing."""
    missing = f"select 1 from connection where connectionid in {ids} and (_record1id_value is null or _record2id_value is null)"  # noqa: S608
    if cursor.execute(missing).fetchall():
        raise DataverseError(INVALID_ARGUMENT, "You must provide a value for record1id and record2id of a connection.")
    cursor.execute(f"update connection set ismaster = true, _relatedconnectionid_value = uuid()::varchar where connectionid in {ids}")  # noqa: S608
    swapped = ", ".join(f'"{far}" as "{near}"' for near, far in _SWAPPED.items())
    same = ", ".join(f'"{name}"' for name in (*_SHARED, *_STAMPS, *_OWNER))
    cursor.execute(f"""
        insert into connection by name
        select _relatedconnectionid_value as connectionid, connectionid as _relatedconnectionid_value, false as ismaster, {swapped}, {same}
        from connection where connectionid in {ids}""")  # noqa: S608
    both = f"(select connectionid from connection where connectionid in {ids} or _relatedconnectionid_value in {ids})"  # noqa: S608
    cursor.execute(f"update connection set name = (select name from ({_NAMES}) where id = _record2id_value) where connectionid in {both}")  # noqa: S608


def remirror(cursor: duckdb.DuckDBPyConnection, store: Store, ids: str) -> None:
    """Carry a change of connections over to their other halves."""
    sets = ", ".join(f'"{near}" = w."{far}"' for near, far in {**_SWAPPED, **{name: name for name in _SHARED}}.items())
    cursor.execute(f"""
        update connection c set {sets}, {touched(CONNECTION, store.stamp())}
        from connection w where w.connectionid in {ids} and c.connectionid = w._relatedconnectionid_value""")  # noqa: S608
