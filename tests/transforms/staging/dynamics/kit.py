"""Raw Dataverse tables for tests: from a few readable lines, or the rows of a generated environment as the reader leaves them.

A line is `<table> <id> column=value ...`; ids begin with a letter that names their table (`u.uma`, `c.ann`), so lookups know
where they point. On an activity a number is a kind of participation: `phonecall p1 ownerid=u.uma 1=u.uma 2=c.ann,x@y.example`.
What is not said is null, except for the defaults below, which make an activity done and a record alive.
"""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import sqlalchemy as sa

from connectors.dynamics.specs import Column, entered_columns, tables
from connectors.landing.kinds import SQL_TYPES, ColumnKind
from connectors.sandbox.dataverse.schema import TABLES
from tests.transforms.kit import build_model
from transforms.base import Source
from warehouse import DuckDBWarehouse, raw_schema

CRM = "dynamics"
OPTION = 100_000_000
ACTIVITIES = ("email", "phonecall", "appointment", "recurringappointmentmaster", "task")
LETTERS = {
    "u": "systemuser", "t": "team", "q": "queue", "a": "account", "c": "contact", "l": "lead", "o": "opportunity",
    "p": "phonecall", "e": "email", "m": "appointment", "s": "recurringappointmentmaster", "d": "task", "r": "connectionrole",
}  # fmt: skip
SPECS = {spec.name: spec for spec in tables("GX", {})}
RAW: Mapping[str, Mapping[str, ColumnKind]] = {
    name: {**{raw: kind for column in spec.columns for raw, kind in column.raw().items()}, "is_deleted": "boolean"}
    for name, spec in SPECS.items()
}
DEFAULTS: Mapping[str, Mapping[str, str]] = {
    "systemuser": {"isdisabled": "false"},
    "account": {"statecode": "0"},
    "contact": {"statecode": "0"},
    "lead": {"statecode": "0"},
    "opportunity": {"statecode": "0"},
    "connection": {"statecode": "0", "ismaster": "true"},
    "connectionrole": {"statecode": "0", "componentstate": "0"},
    "email": {"statecode": "1", "statuscode": "3", "senton": "2026-05-04T10:00Z", "directioncode": "true"},
    "phonecall": {"statecode": "1", "statuscode": "2", "actualend": "2026-05-04T10:00Z", "directioncode": "true"},
    "appointment": {"statecode": "1", "statuscode": "3", "scheduledstart": "2026-05-04T10:00Z", "scheduleddurationminutes": "30"},
    "task": {"statecode": "1", "statuscode": "5"},
}
PEOPLE = """
systemuser u.uma fullname=Uma internalemailaddress=uma@ours.example
systemuser u.udo fullname=Udo internalemailaddress=udo@ours.example
systemuser u.app fullname=App internalemailaddress=app@ours.example applicationid=x
account a.acme name=Acme ownerid=u.uma
account a.beta name=Beta ownerid=u.udo
contact c.ann parentcustomerid=a.acme emailaddress1=ann@acme.example
contact c.bob parentcustomerid=a.acme emailaddress1=bob@acme.example emailaddress2=bob@home.example
contact c.cat parentcustomerid=a.beta emailaddress1=cat@beta.example
lead l.lea emailaddress1=lea@gamma.example
"""
"""The small company most cases play in: the one of the Salesforce kit."""

Row = dict[str, str]


@dataclass
class World:
    """Raw rows per table, as text.

    `hidden`: raw columns (`email.messageid`) and tables not visible. `choices`: rows of their table. `mapped`: entity, then
    entered field to the org's own column that is read in place of ours.
    """

    rows: dict[str, list[Row]] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    choices: list[tuple[str, str, int, str]] = field(default_factory=list)
    mapped: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, *texts: str, hidden: Iterable[str] = ()) -> "World":
        world = cls(hidden=set(hidden))
        for text in texts:
            for line in text.strip().splitlines():
                world.add_line(line)
        return world

    def add_line(self, line: str) -> None:
        words = shlex.split(line)
        if words:
            table, record_id, *cells = words
            self.add(table, record_id, **dict(cell.split("=", 1) for cell in cells))

    def add(self, table: str, record_id: str, **cells: str) -> None:
        spec = SPECS[table]
        parties = {mask: cells.pop(mask) for mask in list(cells) if mask.isdigit()}
        row = {spec.primary_key: record_id, "is_deleted": "false", "createdon": "2026-05-01T08:00Z", **DEFAULTS.get(table, {})}
        for name, value in cells.items():
            row |= raw_cells(table, name, value)
        unknown = set(row) - set(raw_columns(self.mapped)[table])
        assert not unknown, f"{table} has no {sorted(unknown)}"
        self.rows.setdefault(table, []).append(row)
        for mask, named in parties.items():
            for one in filter(None, named.split(",")):
                self.add_party(record_id, mask, one)

    def add_party(self, activity: str, mask: str, one: str, **cells: str) -> None:
        """A party: a record's id, or an address."""
        known = one[1:2] == "." and one[0] in LETTERS
        who = raw_cells("activityparty", "partyid", one) if known else {"addressused": one}
        party = {"activitypartyid": f"party{len(self.rows.get('activityparty', []))}", "participationtypemask": mask, "is_deleted": "false"}
        row = {**party, **raw_cells("activityparty", "activityid", activity), **who, **cells}
        self.rows.setdefault("activityparty", []).append(row)

    def load(self, warehouse: DuckDBWarehouse, crm: str = CRM) -> Source:
        """Create the raw tables and say what is visible."""
        visible = {
            name: {raw: kind for raw, kind in columns.items() if f"{name}.{raw}" not in self.hidden}
            for name, columns in raw_columns(self.mapped).items()
            if name not in self.hidden
        }
        with warehouse.native() as cursor:
            cursor.execute(f'drop schema if exists "{raw_schema(crm)}" cascade; create schema "{raw_schema(crm)}"')
            for name, columns in visible.items():
                _create(cursor, crm, name, columns, self.rows.get(name, []))
            _create_choices(cursor, crm, self.choices)
        return Source(crm, "dynamics", {name: list(columns) for name, columns in visible.items()}, entered_columns("GX", self.mapped))


def build_for(warehouse: DuckDBWarehouse, source: Source, *tables: sa.Table) -> None:
    """Build some tables of the model and whatever they need, nothing else."""
    build_model(warehouse, source, only=tables)


def raw_columns(mapped: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, ColumnKind]]:
    """The raw tables of an org whose own columns are read in place of ours; those are texts here, whatever was declared."""
    found = {name: dict(columns) for name, columns in RAW.items()}
    for spec in tables("GX", mapped) if mapped else ():
        found[spec.name] |= {raw: "text" for column in spec.columns for raw in column.raw() if raw not in found[spec.name]}
    return found


def raw_cells(table: str, name: str, value: str) -> Row:
    """The raw cells of a column as it is named in the org; an entered column of ours, or a mapped one, as it is."""
    column = next((item for item in SPECS[table].columns if item.name == name), Column(name))
    if column.kind not in ("lookup", "typed_lookup"):
        return {name: value}
    typed = {f"_{name}_type": LETTERS[value[0]]} if column.kind == "typed_lookup" else {}
    return {f"_{name}_value": value, **typed}


def _create(cursor: Any, crm: str, name: str, columns: Mapping[str, ColumnKind], rows: Sequence[Row]) -> None:
    if not rows:
        declared = ", ".join(f'"{column}" {SQL_TYPES[kind]}' for column, kind in columns.items())
        cursor.execute(f'create table "{raw_schema(crm)}"."{name}" ({declared})')
        return
    cursor.register("typed", pa.table({column: pa.array([row.get(column) for row in rows], pa.string()) for column in columns}))
    casts = ", ".join(f'cast(nullif("{column}", \'\') as {SQL_TYPES[kind]}) as "{column}"' for column, kind in columns.items())
    cursor.execute(f'create table "{raw_schema(crm)}"."{name}" as select {casts} from typed')
    cursor.unregister("typed")


def _create_choices(cursor: Any, crm: str, rows: Sequence[tuple[str, str, int, str]]) -> None:
    cursor.execute(f'create table "{raw_schema(crm)}".choices (object_name varchar, column_name varchar, value bigint, label varchar)')
    if rows:
        cursor.executemany(f'insert into "{raw_schema(crm)}".choices values (?, ?, ?, ?)', rows)


def load_environment(warehouse: DuckDBWarehouse, state: Path, crm: str = CRM) -> Source:
    """The rows of a generated environment as the reader would leave them, with what people entered in its columns."""
    with warehouse.native() as cursor:
        cursor.execute(f"attach '{state / 'dataverse.duckdb'}' as environment (read_only)")
        cursor.execute(f'drop schema if exists "{raw_schema(crm)}" cascade; create schema "{raw_schema(crm)}"')
        columns = {name: _copy(cursor, crm, name) for name in RAW}
        _create_choices(cursor, crm, list(_options()))
        cursor.execute("detach environment")
    return Source(crm, "dynamics", columns, entered_columns("GX", {}))


def _copy(cursor: Any, crm: str, name: str) -> list[str]:
    own, entered = _stored(cursor, name), _stored(cursor, f"_entered_{name}")
    cells = [_cell(raw, kind, own, entered) for raw, kind in RAW[name].items()]
    key = SPECS[name].primary_key
    beside = f'left join environment.main."_entered_{name}" e using ("{key}")' if entered else ""
    cursor.execute(f'create table "{raw_schema(crm)}"."{name}" as select {", ".join(cells)} from environment.main."{name}" t {beside}')
    return list(RAW[name])


def _stored(cursor: Any, name: str) -> dict[str, str]:
    found = "select column_name, data_type from duckdb_columns() where database_name = 'environment' and table_name = ?"
    return dict(cursor.execute(found, [name]).fetchall())


def _cell(raw: str, kind: ColumnKind, own: Mapping[str, str], entered: Mapping[str, str]) -> str:
    """A stored column as the reader leaves it; an entered one from the side table, a choice as its value; null where there is neither."""
    if raw == "is_deleted":
        return "false as is_deleted"
    logical = raw.removeprefix("_").removesuffix("_value")
    if raw in own:
        zoned = f"t.\"{raw}\" at time zone 'UTC'" if kind == "datetime" and own[raw] == "TIMESTAMP" else f't."{raw}"'
        return f'cast({zoned} as {SQL_TYPES[kind]}) as "{raw}"'
    if logical not in entered:
        return f'cast(null as {SQL_TYPES[kind]}) as "{raw}"'
    value = f'e."{logical}"'
    if logical == "gx_buying_role":
        value = f"array_to_string(list_transform(string_split({value}, ';'), lambda p: {OPTION} + p::bigint), ',')"
    elif kind == "integer":
        value = f"{value} + {OPTION}"
    return f'cast({value} as {SQL_TYPES[kind]}) as "{raw}"'


def _options() -> Iterable[tuple[str, str, int, str]]:
    for name in RAW:
        for column, attribute in TABLES[name].columns.items():
            for option in attribute.options if column in RAW[name] else ():
                yield name, column, option.value, option.label


def environment_table(state: Path, name: str) -> list[dict[str, Any]]:
    """A table of a generated environment, such as `_truth_traps`."""
    with duckdb.connect(str(state / "dataverse.duckdb"), read_only=True) as connection:
        return connection.sql(f'select * from "{name}"').to_arrow_table().to_pylist()
