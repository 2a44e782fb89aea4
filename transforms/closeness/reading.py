"""An event log as a file: read as text, checked as a whole, every fault one line that says what and where.

CSV (with a header, any common separator) or Parquet by extension. `ts` is Unix seconds or ISO 8601 with an offset; a time
without offset is refused, because it would be another instant for every reader.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
import sqlalchemy as sa

from transforms.closeness import tables
from transforms.functions import number_in
from transforms.scores.expressions import Condition, Number
from warehouse import STAGING, DuckDBWarehouse

REQUIRED: Final = ("src", "dst", "ts")
OPTIONAL: Final = ("channel", "n_rcpt", "msg_id", "duration_s")
CHANNELS: Final = ("meeting", "call", "missed_call", "sms", "email")
SEPARATORS: Final = (",", ";", "\t", "|")
PARQUET: Final = ".parquet"
LATEST: Final = 253_402_300_799
"""Last second of the year 9999; more is no count of seconds."""
MANKIND: Final = 10_000_000_000
"""More are no recipients."""

TABLE: Final = "event_file"
COLUMNS: Final = (*REQUIRED, *OPTIONAL)
raw: Final = sa.table(TABLE, *(sa.column(name, sa.String) for name in COLUMNS), schema=STAGING)


class EventLogError(ValueError):
    """A file that is no event log; says what is wrong."""


@dataclass(frozen=True)
class EventFile:
    """`whole_numbers`: all ids are integers, compared as numbers. `seconds`: times are given as Unix seconds."""

    whole_numbers: bool
    seconds: bool


def read(warehouse: DuckDBWarehouse, file: Path) -> EventFile:
    """Fill `scores.log_rows` and say how the file writes ids and times; raises `EventLogError`."""
    kinds = _load(warehouse, file)
    warehouse.replace(tables.rows, _typed())
    _check(warehouse, file)
    texts = file.suffix.lower() == PARQUET and "VARCHAR" in (kinds["src"], kinds["dst"])
    row = tables.rows
    ids = sa.union(sa.select(row.c.src.label("id")), sa.select(row.c.dst)).subquery("ids")
    whole = sa.select(sa.func.coalesce(sa.func.bool_and(_whole(ids.c.id)), False).label("whole"))
    seconds = sa.select(sa.func.coalesce(sa.func.bool_and(~raw.c.ts.contains(":")), False).label("seconds"))
    return EventFile(_one(warehouse, whole)["whole"] and not texts, _one(warehouse, seconds)["seconds"])


def _one(warehouse: DuckDBWarehouse, select: sa.Select[Any]) -> dict[str, Any]:
    row: dict[str, Any] = warehouse.arrow(select).to_pylist()[0]
    return row


def _load(warehouse: DuckDBWarehouse, file: Path) -> Mapping[str, str]:
    """Everything as text, blank = null; returns the kinds of the file's columns."""
    if not file.is_file():
        raise EventLogError(f"{file}: no such file")
    parquet = file.suffix.lower() == PARQUET
    if not parquet and file.suffix.lower() != ".csv":
        raise EventLogError(f"{file}: expected a .csv or .parquet file")
    source = (
        "read_parquet(?)"
        if parquet
        else f"read_csv(?, all_varchar = true, header = true, skip = 0, quote = '\"', delim = '{_separator(file)}')"
    )
    with warehouse.native() as cursor:
        try:
            kinds = {row[0]: row[1] for row in cursor.execute(f"describe select * from {source}", [str(file)]).fetchall()}  # noqa: S608
            if missing := [name for name in REQUIRED if name not in kinds]:
                raise EventLogError(f"{file}: no column {', '.join(missing)}; there are {', '.join(kinds)}")
            cells = ", ".join(_cell(name, name in kinds) for name in COLUMNS)
            cursor.execute(f'create or replace table "{STAGING}"."{TABLE}" as select {cells} from {source}', [str(file)])  # noqa: S608
        except duckdb.Error as error:
            raise EventLogError(f"{file}: cannot be read: {str(error).splitlines()[0]}") from error
    return kinds


def _separator(file: Path) -> str:
    """The one that the header holds most of."""
    with file.open(encoding="utf-8", errors="replace") as handle:
        header = handle.readline()
    return max(SEPARATORS, key=header.count)


def _cell(name: str, there: bool) -> str:
    return f"nullif(trim(cast({name} as varchar)), '') as {name}" if there else f"cast(null as varchar) as {name}"


def _whole(text: Number) -> Condition:
    """Written as an integer is written, so that nothing is lost by taking it for one."""
    return sa.func.regexp_full_match(text, "-?(0|[1-9][0-9]{0,17})", type_=sa.Boolean)


def moment(text: Number) -> Number:
    """Unix seconds of a `ts`, null where it is neither a number nor a time with an offset."""
    offset = sa.func.regexp_matches(text, r"\d[ T]?.*(Z|[+-]\d\d(:?\d\d)?)$", type_=sa.Boolean)
    shaped = sa.func.regexp_replace(text, r"([+-]\d\d)(\d\d)$", r"\1:\2")
    iso = sa.func.epoch(sa.try_cast(shaped, sa.DateTime(timezone=True)), type_=sa.Double)
    return sa.func.coalesce(number_in(text), sa.case((offset & text.contains(":"), iso)))


def count_in(text: Number) -> Number:
    """A number of a column where a blank, or `nan`, is unknown."""
    return number_in(sa.func.nullif(sa.func.lower(text), "nan"))


def _typed() -> sa.Select[Any]:
    """The rows with their columns read; what cannot be read is null."""
    return sa.select(
        raw.c.src,
        raw.c.dst,
        moment(raw.c.ts).label("at"),
        sa.func.coalesce(raw.c.channel, "email").label("channel"),
        sa.case((raw.c.msg_id.is_not(None), sa.cast(sa.func.hash(raw.c.msg_id) / 2, sa.BigInteger))).label("msg_key"),
        count_in(raw.c.n_rcpt).label("addressed"),
        count_in(raw.c.duration_s).label("seconds"),
    )


def _check(warehouse: DuckDBWarehouse, file: Path) -> None:
    """One look over all rows."""
    row = tables.rows
    faults: dict[str, Condition] = {
        "src or dst is blank": row.c.src.is_(None) | row.c.dst.is_(None),
        "ts is neither ISO 8601 with an offset nor Unix seconds": row.c.at.is_(None) | ~sa.func.isfinite(row.c.at),
        "ts lies beyond the year 9999 (milliseconds?)": sa.func.abs(row.c.at) > LATEST,
        "n_rcpt is more people than there are": row.c.addressed > MANKIND,
        f"channel is none of {', '.join(CHANNELS)}": ~row.c.channel.in_(CHANNELS),
    }
    counted: list[Number] = [sa.func.count(sa.case((wrong, 1))).label(name) for name, wrong in faults.items()]
    found = _one(warehouse, sa.select(*counted))
    unread = _one(warehouse, sa.select(*(_unread(name).label(name) for name in ("n_rcpt", "duration_s"))))
    counts = found | {f"{name} is no number": rows for name, rows in unread.items()}
    for fault, rows in counts.items():
        if rows:
            raise EventLogError(f"{file}: {fault} in {rows} row{'s' if rows > 1 else ''}{_example(warehouse, fault)}")


def _unread(name: str) -> Number:
    text = raw.c[name]
    return sa.func.count(sa.case((text.is_not(None) & (sa.func.lower(text) != "nan") & number_in(text).is_(None), 1)))


def _example(warehouse: DuckDBWarehouse, fault: str) -> str:
    """A cell of the column a fault begins with, where it can be told."""
    name = fault.split(" ", 1)[0]
    wrong = {"ts": moment(raw.c.ts).is_(None), "channel": ~raw.c.channel.in_(CHANNELS)}.get(name)
    if name in OPTIONAL and wrong is None:
        wrong = number_in(raw.c[name]).is_(None)
    if wrong is None:
        return ""
    cell = _one(warehouse, sa.select(sa.func.min(sa.case((wrong, raw.c[name]))).label("cell")))["cell"]
    return f" (e.g. {cell!r})" if cell else ""
