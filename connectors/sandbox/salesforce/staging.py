"""The rows of one write, beside the live tables: converted values, ids, and each row's first refusal (temp table `staged`)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, cast

import duckdb
import pyarrow as pa

from connectors.sandbox.salesforce.checks import CLEAR_SQL, Catalog, Check, cell, found_rows, not_writable, quoted, reference_join
from connectors.sandbox.salesforce.defaults import unique_keys
from connectors.sandbox.salesforce.incoming import Column, Incoming, prepare
from connectors.sandbox.salesforce.metadata import SObject

SYSTEM_STAMPS: Final = ("LastModifiedDate", "SystemModstamp")
_DENIED: Final = Check("true", "INSUFFICIENT_ACCESS_OR_READONLY", "'insufficient access rights on object id'", "")
_NEW_WITH_ID: Final = Check("i.given_id is not null", "INVALID_FIELD_FOR_INSERT_UPDATE", "'cannot specify Id in an insert call'", "Id")
_NO_ERROR: Final = "null::struct(code varchar, message varchar, fields varchar[])"


def stage_update(cursor: duckdb.DuckDBPyConnection, declared: SObject, table: pa.Table, catalog: Catalog) -> Sequence[Column]:
    """Stage an update by Id; returns the fields written."""
    incoming = prepare(declared, table, {})
    denied = [] if declared.updateable else [_DENIED]
    fixed = [not_writable(item.field, item.cell) for item in incoming.columns if not item.field.updateable]
    _stage(cursor, incoming, [*denied, *_id_checks(declared), *fixed], catalog, _me(declared))
    return incoming.columns


def stage_create(
    cursor: duckdb.DuckDBPyConnection, declared: SObject, table: pa.Table, catalog: Catalog, defaults: Mapping[str, str]
) -> Sequence[Column]:
    """Stage a create; ids are given later, to the good rows. Returns the fields written."""
    incoming = prepare(declared, table, defaults)
    columns = incoming.columns
    first = [*([] if declared.createable else [_DENIED]), *([_NEW_WITH_ID] if incoming.names_ids else [])]
    fixed = [not_writable(item.field, item.cell) for item in columns if item.given and not item.field.createable]
    _stage(cursor, incoming, [*first, *fixed, *_required(declared, columns), *_unique(declared, columns)], catalog)
    return columns


def stage_ids(cursor: duckdb.DuckDBPyConnection, declared: SObject, table: pa.Table) -> None:
    """Stage bare ids, for deletes."""
    denied = [] if declared.deletable else [_DENIED]
    _stage(cursor, prepare(declared, table, {}), [*denied, *_id_checks(declared)], {}, _me(declared))


def _stage(cursor: duckdb.DuckDBPyConnection, incoming: Incoming, checks: Sequence[Check], catalog: Catalog, join: str = "") -> None:
    cursor.register("incoming", incoming.rows)
    cells = [(item, cell(item.field, item.cell, catalog)) for item in incoming.columns]
    branches = [check.sql() for check in (*checks, *(check for _, made in cells for check in made.checks))]
    error = f"case {' '.join(branches)} end" if branches else _NO_ERROR
    values = [f'{made.value} as "v_{item.name}", {item.cell} is not null as "s_{item.name}"' for item, made in cells]
    joins = [join, *(reference_join(item.field, catalog) for item in incoming.columns if item.field.type == "reference")]
    selected = ", ".join(["i._row", "i.given_id", "i._id", f"{error} as error", *values])
    cursor.execute(f"create or replace temp table staged as select {selected} from incoming i {' '.join(joins)}")  # noqa: S608


def _me(declared: SObject) -> str:
    """The join that finds the record a row names."""
    return f'left join ({found_rows(declared, "_id")}) me on me."Id" = i._id'


def _id_checks(declared: SObject) -> list[Check]:
    """The record must be named, be of this object, exist, not lie in the bin, and come once."""
    return [
        Check("i.given_id is null", "MISSING_ARGUMENT", "'Id not specified in an update call'", ""),
        Check("i._id is null", "MALFORMED_ID", "'bad id ' || i.given_id", "Id"),
        Check('me."Id" is null', "INVALID_CROSS_REFERENCE_KEY", "'invalid cross reference id'", ""),
        Check("me.deleted", "ENTITY_IS_DELETED", "'entity is deleted'", ""),
        Check("i._again", "DUPLICATE_VALUE", "'duplicate id specified: ' || i._id", "Id"),
    ]


def _required(declared: SObject, columns: Sequence[Column]) -> list[Check]:
    cells = {item.name: item.cell for item in columns}
    needed = [item for item in declared.fields.values() if not item.nillable and item.createable and item.type != "boolean"]
    return [
        Check(
            f"{cells[item.name]} is null or {cells[item.name]} = {CLEAR_SQL}" if item.name in cells else "true",
            "REQUIRED_FIELD_MISSING",
            quoted(f"Required fields are missing: [{item.name}]"),
            item.name,
        )
        for item in needed
    ]


def _unique(declared: SObject, columns: Sequence[Column]) -> list[Check]:
    cells = {item.name: item.cell for item in columns}
    return [_unique_check(declared, key, cells) for key in unique_keys(declared) if all(name in cells for name in key)]


def _unique_check(declared: SObject, key: tuple[str, ...], cells: Mapping[str, str]) -> Check:
    """No live record has the combination, and no earlier row."""
    same = " and ".join(f'lower(u."{name}") = lower({cells[name]})' for name in key)
    given = " and ".join(f"{cells[name]} is not null" for name in key)
    first = f"row_number() over (partition by {', '.join(f'lower({cells[name]})' for name in key)} order by i._row)"
    message = quoted(f"duplicate value found: {', '.join(key)} duplicates value on another record of {declared.name}")
    taken = f'exists (select 1 from "{declared.table}" u where {same}) or ({given} and {first} > 1)'  # noqa: S608
    return Check(taken, "DUPLICATE_VALUE", message, key[-1])


def give_ids(cursor: duckdb.DuckDBPyConnection, new_ids: Sequence[str]) -> None:
    """Hand ids to the good rows, in row order."""
    cursor.register("minted", pa.table({"id": pa.array(new_ids, pa.string()), "n": pa.array(range(1, len(new_ids) + 1), pa.int64())}))
    cursor.execute(
        "update staged set _id = minted.id from minted,"
        " (select _row, row_number() over (order by _row) as n from staged where error is null) good"
        " where staged._row = good._row and good.n = minted.n"
    )


def good_rows(cursor: duckdb.DuckDBPyConnection) -> int:
    """How many rows have no refusal."""
    found = cursor.execute("select count(*) from staged where error is null").fetchall()
    return int(found[0][0])


def apply_update(cursor: duckdb.DuckDBPyConnection, declared: SObject, columns: Sequence[Column], now: datetime, user_id: str) -> None:
    """Write the good rows over the live ones."""
    sets = [f'"{item.name}" = case when s."s_{item.name}" then s."v_{item.name}" else t."{item.name}" end' for item in columns]
    stamps = [f'"{name}" = $now' for name in SYSTEM_STAMPS]
    cursor.execute(
        f'update "{declared.table}" t set {", ".join([*sets, *stamps])}, "LastModifiedById" = $user from staged s'  # noqa: S608
        ' where t."Id" = s._id and s.error is null',
        {"now": now, "user": user_id},
    )


def apply_create(cursor: duckdb.DuckDBPyConnection, declared: SObject, columns: Sequence[Column], now: datetime, user_id: str) -> None:
    """Add the good rows to the live ones."""
    values = [f'"v_{item.name}" as "{item.name}"' for item in columns]
    stamps = [
        *(f'$now as "{name}"' for name in ("CreatedDate", *SYSTEM_STAMPS)),
        *(f'$user as "{name}"' for name in ("CreatedById", "LastModifiedById")),
    ]
    cursor.execute(
        f'insert into "{declared.table}" by name select _id as "Id", {", ".join([*values, *stamps])} from staged where error is null',  # noqa: S608
        {"now": now, "user": user_id},
    )


def outcome(cursor: duckdb.DuckDBPyConnection, *, created: bool) -> pa.Table:
    """The verdicts in input order."""
    sql = (
        "select _row as row, case when error is null then _id else coalesce(_id, given_id) end as id, error is null as success,"
        " $created and error is null as created, error.code as code, error.message as message, coalesce(error.fields, []) as fields"
        " from staged order by _row"
    )
    return cast(pa.Table, cursor.sql(sql, params={"created": created}).to_arrow_table())
