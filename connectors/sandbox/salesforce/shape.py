"""Rows of a compiled statement as the JSON records of REST answers: attributes, nested parents, Salesforce's dates."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from connectors.sandbox.salesforce.metadata import Field
from connectors.sandbox.salesforce.soql.compiled import ID_COLUMN, LINK_COLUMN, Child, Compiled, ParentId
from connectors.sandbox.salesforce.store import Store

Record = dict[str, Any]


def records_of(store: Store, compiled: Compiled, rows: pa.Table, base: str) -> list[Record]:
    """The records of one page; subqueries are run once for all of them."""
    if compiled.kind == "aggregate":
        return [_aggregate(compiled, row) for row in rows.to_pylist()]
    children = [(child, _children(store, child, rows, base)) for child in compiled.children]
    return [_record(store, compiled, row, children, base) for row in rows.to_pylist()]


def _aggregate(compiled: Compiled, row: Mapping[str, Any]) -> Record:
    values = {column.name: value_of(column.field, row[column.name]) for column in compiled.columns}
    return {"attributes": {"type": "AggregateResult"}, **values}


def _record(
    store: Store, compiled: Compiled, row: Mapping[str, Any], children: Sequence[tuple[Child, Mapping[str, list[Record]]]], base: str
) -> Record:
    record: Record = {"attributes": _attributes(compiled.sobject.name, row[ID_COLUMN], base)}
    parents = {parent.path: _parent(store, parent, row, base) for parent in compiled.parents}
    for column in compiled.columns:
        _place(record, column.path, value_of(column.field, row[column.name]), parents)
    for child, found in children:
        record[child.name] = _nested(found.get(row[ID_COLUMN]))
    return record


def _attributes(kind: str, record_id: str, base: str) -> Record:
    return {"type": kind, "url": f"{base}/sobjects/{kind}/{record_id}"}


def _parent(store: Store, parent: ParentId, row: Mapping[str, Any], base: str) -> Record | None:
    record_id = row[parent.column]
    if record_id is None:
        return None
    if parent.type is not None:
        return {"attributes": _attributes(parent.type, record_id, base)}
    real = store.by_prefix(record_id)
    return {"attributes": {"type": "Name", "url": f"{base}/sobjects/{real.name if real else 'Name'}/{record_id}"}}


def _place(record: Record, path: tuple[str, ...], value: Any, parents: Mapping[tuple[str, ...], Record | None]) -> None:
    """Put a value at its path; a parent that is not there is null as a whole."""
    at = record
    for depth, step in enumerate(path[:-1], start=1):
        parent = at.setdefault(step, parents[path[:depth]])
        if parent is None:
            return
        at = parent
    at[path[-1]] = value


def _children(store: Store, child: Child, rows: pa.Table, base: str) -> Mapping[str, list[Record]]:
    """The child records of a page by parent id."""
    parents = rows.column(ID_COLUMN).to_pylist()
    found = store.arrow(child.compiled.linked_sql(child.link), [parents, *child.compiled.params])
    links = found.column(LINK_COLUMN).to_pylist()
    by_parent: dict[str, list[Record]] = {}
    for link, record in zip(links, records_of(store, child.compiled, found, base), strict=True):
        by_parent.setdefault(str(link), []).append(record)
    return by_parent


def _nested(records: list[Record] | None) -> Record | None:
    return {"totalSize": len(records), "done": True, "records": records} if records else None


def value_of(field: Field, value: Any) -> Any:
    """A column's value as JSON."""
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, date):
        return value.isoformat()
    if field.type == "complexvalue" and isinstance(value, str):
        return json.loads(value)
    if field.is_compound and isinstance(value, dict):
        return value if any(part is not None for part in value.values()) else None
    return value


def stamp(instant: datetime) -> str:
    """An instant as REST writes it."""
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}+0000"
