"""What `guanxi score` gives: one row per pair, sorted by `a`, `b`, ids and times as in the file."""

from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from transforms.base import Context
from transforms.closeness import answers, tables
from transforms.closeness.forecast import Forecast, told
from transforms.closeness.reading import EventFile
from transforms.scores.expressions import Number, from_ratio
from warehouse import DuckDBWarehouse

SIGNIFICANT: Final = 12
"""Digits told: sums added in another order agree in these."""


def select(context: Context, file: EventFile, forecast: Forecast) -> sa.Select[Any]:
    """The columns of contract section 5."""
    pair, one, other = tables.pairs, tables.persons.alias("one"), tables.persons.alias("other")
    share = answers.shares(context)
    back, forth = share.alias("back"), share.alias("forth")
    joined = (
        pair.join(one, one.c.person_key == pair.c.user_key)
        .join(other, other.c.person_key == pair.c.person_key)
        .join(back, sa.and_(back.c.asked_key == pair.c.user_key, back.c.asker_key == pair.c.person_key))
        .join(forth, sa.and_(forth.c.asked_key == pair.c.person_key, forth.c.asker_key == pair.c.user_key))
    )
    kind: Any = sa.BigInteger if file.whole_numbers else sa.String
    columns: dict[str, Number] = {
        "a": sa.cast(one.c.id, kind),
        "b": sa.cast(other.c.id, kind),
        "closeness": from_ratio(significant(pair.c.intensity) / significant(pair.c.kappa)),
        "intensity": significant(pair.c.intensity),
        "responsiveness_a": significant(back.c.chance),
        "responsiveness_b": significant(forth.c.chance),
        "touches": pair.c.touches,
        "contact_days": pair.c.contact_days,
        "first": _time(pair.c.first_s, file),
        "last": _time(pair.c.last_s, file),
        "last_two_way": _time(pair.c.last_two_way_s, file),
        "p_two_way_90d": told(forecast, pair.c.intensity),
    }
    rows = sa.select(*(cell.label(name) for name, cell in columns.items())).select_from(joined)
    return rows.order_by(pair.c.user_key, pair.c.person_key)


def significant(value: Number) -> Number:
    """Rounded to the digits that are told."""
    return sa.cast(sa.func.format(f"{{:.{SIGNIFICANT}g}}", value), sa.Double)


def _time(second: Number, file: EventFile) -> Number:
    return second if file.seconds else sa.func.strftime(sa.func.make_timestamp(second * 1_000_000), "%Y-%m-%dT%H:%M:%SZ")


def write(warehouse: DuckDBWarehouse, target: Path, rows: sa.Select[Any]) -> None:
    """CSV, or Parquet by extension; raises `OSError`."""
    compiled = rows.compile(dialect=warehouse.engine.dialect, compile_kwargs={"literal_binds": True})
    shape = "format parquet" if target.suffix.lower() == ".parquet" else "format csv, header"
    quoted = str(target).replace("'", "''")
    with warehouse.native() as cursor:
        cursor.execute(f"copy ({compiled}) to '{quoted}' ({shape})")
