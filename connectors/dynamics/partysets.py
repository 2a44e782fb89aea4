"""Which activities need their parties read again, and which party rows are gone: sets of ids, in SQL over page files.

Views, in the temp space of one cursor:

    activities (id, version, kind, whole)   activities read in this run; `whole`: all of their kind were read
    held (id, parent, party, party_kind, deleted, kind, since)   parties at hand: read early (`kind`, `since`), and stored ones
                                            where these stay
    gone (id)                               activities that are gone
    left_ids (id)                           people and companies that were deleted or merged away
    members (id, kind)                      all people and companies of the tables that were read in whole
    again (id)                              activities whose parties are read by id
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import pyarrow as pa

from connectors.dynamics.deletes import files, id_table, register, stored_as, vanished
from connectors.dynamics.read import Pages
from connectors.dynamics.state import ReadPlan
from connectors.dynamics.tables import TableRead
from connectors.landing.tables import Reconciliation
from warehouse import DuckDBWarehouse

NEVER: Final = 2**63 - 1
_CHANGED: Final = "select id from activities where not whole"
_NEWER: Final = "select a.id from activities a join early e using (kind) where a.whole and a.version > e.since"
_PARTY_LEFT: Final = "select parent from held where party in (select id from left_ids)"
_PARTY_UNKNOWN: Final = """
    select parent from held where not deleted and party_kind in (select kind from members)
    and not exists (select 1 from members where members.id = held.party)"""
_PARTLESS: Final = """
    select distinct a.id from activities a join early e using (kind) where a.whole and a.version <= e.since
    and not exists (select 1 from held where held.parent = a.id)
    and a.id not in (select id from gone) and a.id not in (select id from again)"""
_OVERDUE: Final = "select count(*) from late_rows late, activities a join early e using (kind) where a.id = late._activityid_value"
_DROPPED: Final = """
    select id from held where since is not null and (
        parent in (select id from gone)
        or (parent in (select id from again) and id not in (select id from fresh))
        or (kind in (select kind from activities where whole) and parent not in (select id from activities)))"""

_TYPES: Final = {"version": "bigint", "since": "bigint", "whole": "boolean", "deleted": "boolean"}

Early = Mapping[str, tuple[int, Pages | None]]


class PartySets:
    """The sets of one run. `early`: by kind of activity, the newest version before its parties were read, and these parties
    (None: they have to be read by id)."""

    def __init__(self, warehouse: DuckDBWarehouse, crm: str, plan: ReadPlan, early: Early, reads: Sequence[TableRead]) -> None:
        self._warehouse, self._crm, self._plan = warehouse, crm, plan
        self._raw = plan.visible.raw
        self._early = early
        self._activities = [read for read in reads if read.plan.visible.spec.parties]
        self._others = [read for read in reads if not read.plan.visible.spec.parties]
        self._cursor = warehouse.native()

    def __enter__(self) -> Self:
        self._view("early", self._early_kinds(), "kind, since")
        self._view("held", self._held(), "id, parent, party, party_kind, deleted, kind, since")
        self._view("activities", self._read_activities(), "id, version, kind, whole")
        self._view("members", self._members(), "id, kind")
        self._cursor.register("gone", id_table([record_id for read in self._activities for record_id in read.gone]))
        self._view("left_ids", self._left(), "id")
        wanted = " union ".join([_CHANGED, _NEWER, _PARTY_LEFT, _PARTY_UNKNOWN, *self._by_id()])
        self._cursor.execute(f"create or replace temp table again as select id from ({wanted}) as t(id) where id is not null")  # noqa: S608
        self._cursor.execute("delete from again where id in (select id from gone)")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._cursor.close()

    def again(self) -> list[str]:
        """Activities whose parties are read by id."""
        return self._ids("select id from again")

    def partless(self) -> list[str]:
        """Activities read in whole for which no party came."""
        return self._ids(_PARTLESS)

    def overdue(self, pages: Sequence[Path]) -> int:
        """How many party rows of these pages were there, as they are, before parties of their kind were asked for at all."""
        register(self._cursor, "late_rows", self._raw, pages)
        query = f"{_OVERDUE} and coalesce(late.{self._raw.cursor}, 0) <= e.since"
        return sum(count for (count,) in self._cursor.execute(query).fetchall())

    def truth(self, pages: Sequence[Path], fresh: Sequence[Path]) -> Reconciliation:
        """What of the pages, of which `fresh` were read by id, and of the stored rows is gone."""
        register(self._cursor, "fresh_rows", self._raw, fresh)
        self._cursor.execute(f'create or replace temp view fresh as select "{self._raw.primary_key}" as id from fresh_rows')  # noqa: S608
        marked: pa.Table = self._cursor.sql(_DROPPED).to_arrow_table()
        return Reconciliation(marked.column("id").combine_chunks(), self._stored(pages))

    def _stored(self, pages: Sequence[Path]) -> pa.Table | None:
        """Stored rows that are gone, marked."""
        if self._plan.mode == "incremental":
            return self._replaced(pages)
        return vanished(self._warehouse, self._crm, self._raw, pages) if self._plan.state else None

    def _replaced(self, pages: Sequence[Path]) -> pa.Table:
        """Stored parties that did not come again although all of their activity's did, marked."""
        register(self._cursor, "pages", self._raw, pages)
        key, deleted = self._raw.primary_key, self._raw.deleted
        names = ", ".join("true" if name == deleted else f'row."{name}"' for name in self._raw.columns)
        parents = ["select id from again", "select id from gone", *self._stored_activities("full")]
        query = f"""
            select {names} from {stored_as(self._crm, self._raw)} as row
            where not row."{deleted}" and row._activityid_value in ({" union ".join(parents)})
            and not exists (select 1 from pages where pages."{key}" = row."{key}")"""  # noqa: S608
        rows: pa.Table = self._cursor.sql(query).to_arrow_table()
        return rows.rename_columns(self._raw.schema.names).cast(self._raw.schema)

    def _view(self, name: str, parts: Iterator[str], columns: str) -> None:
        """A view of these selects; without any it is empty."""
        empty = ", ".join(f"null::{_TYPES.get(column, 'varchar')} as {column}" for column in columns.split(", "))
        selects = " union all ".join([f"select {empty} where false", *parts])
        self._cursor.execute(f"create or replace temp view {name} as {selects}")

    def _early_kinds(self) -> Iterator[str]:
        return (f"select '{kind}', {since}" for kind, (since, pages) in self._early.items() if pages is not None)

    def _held(self) -> Iterator[str]:
        deleted = "ispartydeleted" if "ispartydeleted" in self._raw.columns else "true"
        columns = f"{self._raw.primary_key}, _activityid_value, _partyid_value, _partyid_type, coalesce({deleted}, false)"
        for kind, (since, pages) in self._early.items():
            if pages:
                yield f"select {columns}, '{kind}', {since} from {files(pages.paths)}"  # noqa: S608
        if self._plan.mode == "incremental":
            yield f"select {columns}, null, null from {stored_as(self._crm, self._raw)} where not {self._raw.deleted}"  # noqa: S608

    def _read_activities(self) -> Iterator[str]:
        for read in self._activities:
            raw, whole = read.plan.visible.raw, read.plan.mode == "full"
            if read.pages.paths:
                yield f"select {raw.primary_key}, {raw.cursor}, '{raw.name}', {whole} from {files(read.pages.paths)}"  # noqa: S608

    def _members(self) -> Iterator[str]:
        for read in self._others:
            raw = read.plan.visible.raw
            if read.plan.mode == "full" and read.pages.paths:
                yield f"select {raw.primary_key}, '{raw.name}' from {files(read.pages.paths)}"  # noqa: S608

    def _left(self) -> Iterator[str]:
        """Rows gone or merged; of a table read in whole beside parties read in whole only those merged since the first page."""
        self._cursor.register("gone_others", id_table([record_id for read in self._others for record_id in read.gone]))
        yield "select id from gone_others"
        since = min((since for since, pages in self._early.values() if pages is not None), default=NEVER)
        for read in self._others:
            raw = read.plan.visible.raw
            if "merged" in raw.columns and read.pages.paths:
                newer = f"{raw.cursor} > {since}" if (self._plan.mode, read.plan.mode) == ("full", "full") else "true"
                yield f"select {raw.primary_key} from {files(read.pages.paths)} where merged and {newer}"  # noqa: S608

    def _by_id(self) -> Iterator[str]:
        """All activities of the kinds whose parties could not be read by ranges."""
        kinds = [kind for kind, (_, pages) in self._early.items() if pages is None]
        if kinds:
            yield "select id from activities where kind in ({})".format(", ".join(f"'{kind}'" for kind in kinds))  # noqa: S608
        yield from self._stored_activities("incremental", kinds)

    def _stored_activities(self, mode: str, kinds: Sequence[str] | None = None) -> Iterator[str]:
        for read in self._activities:
            raw = read.plan.visible.raw
            if read.plan.state and read.plan.mode == mode and (kinds is None or raw.name in kinds):
                yield f"select {raw.primary_key} from {stored_as(self._crm, raw)} where not {raw.deleted}"  # noqa: S608

    def _ids(self, query: str) -> list[str]:
        return [record_id for (record_id,) in self._cursor.execute(query).fetchall()]
