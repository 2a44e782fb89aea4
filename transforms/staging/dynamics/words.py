"""Choices as people read them: a raw table with words in place of the numbers of its choices.

Standard choices, and columns of the org that are mapped in place of ours, are read by their labels in `raw_<crm>.choices`,
whatever their values are; a value without a label stays what it is. Our own columns are read by position (the last four
digits of the value, contract section 4), because their labels may be in any language. An option an administrator added has
the prefix of another publisher before such digits, and is none of ours.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from transforms.base import Source
from transforms.functions import null
from transforms.staging.entered import ATTITUDES, ROLES, VOTES
from transforms.staging.raw import Raw
from warehouse import raw_schema

Cell = sa.ColumnElement[Any]

CHOICES: Final = "choices"
POSITIONS: Final = 10_000
STANDARD: Final[Mapping[str, Sequence[str]]] = {"account": ("industrycode",), "opportunity": ("salesstage",)}
ENTITIES: Final = {"systemuser": "user"}
SEVERAL: Final = "buying_role"
"""The one entered field that holds several choices, separated by commas."""
WORDS: Final[Mapping[str, Sequence[str]]] = {
    "attitude": tuple(ATTITUDES),
    "solution_acceptance": tuple(ATTITUDES),
    "price_acceptance": tuple(ATTITUDES),
    "competitor_attitude": tuple(ATTITUDES),
    "vote": tuple(VOTES),
    SEVERAL: ROLES,
}
"""Entered choice field -> the words of its values, by position."""


def worded(source: Source, name: str) -> Raw | None:
    """A raw table with words in place of choices; None when the org lacks it."""
    raw = Raw.of(source, name)
    if raw is None:
        return None
    ours, mapped = _entered(raw)
    joined, cells = _by_position(raw, {column: field for column, field in ours.items() if field in WORDS})
    labels = {column: _of_one(raw, column) for column in STANDARD.get(name, ()) if raw.has(column)}
    labels |= {column: (_of_several if field == SEVERAL else _of_one)(raw, column) for column, field in mapped.items()}
    for column, told in labels.items():
        cell = _text(raw, column)
        joined = joined.outerjoin(told, told.c.cell == cell)
        cells[column] = sa.func.coalesce(told.c.label, cell, type_=sa.String)
    columns = (cells.get(column.name, column).label(column.name) for column in raw.table.c)
    return Raw(source, name, sa.select(*columns).select_from(joined).subquery(name)) if cells else raw


def _entered(raw: Raw) -> tuple[dict[str, str], dict[str, str]]:
    """Visible column -> entered field: our own columns, and those of the org that are read instead."""
    ours, mapped = dict[str, str](), dict[str, str]()
    for (entity, field), column in raw.source.entered.items():
        if entity == ENTITIES.get(raw.name, raw.name) and raw.has(column):
            is_ours = column.removeprefix("_").removesuffix("_value") == f"{raw.source.prefix}_{field}".lower()
            (ours if is_ours else mapped)[column] = field
    return ours, mapped


def _text(raw: Raw, column: str) -> Cell:
    return sa.cast(raw.table.c[column], sa.String)


def _by_position(raw: Raw, ours: Mapping[str, str]) -> tuple[sa.FromClause, dict[str, Cell]]:
    """The table with the first value of ours of each column beside it, and the words that follow from it."""
    joined, cells = raw.table, dict[str, Cell]()
    for column, field in ours.items():
        first = _first_option(raw, column, len(WORDS[field]))
        joined = joined.join(first, sa.true())
        cells[column] = (_several_of_ours if field == SEVERAL else _one_of_ours)(raw, column, WORDS[field], first.c.value)
    return joined, cells


def _first_option(raw: Raw, column: str, count: int) -> sa.Subquery:
    """One row: the first value of ours, that of the publisher who has an option at each place; null where nobody has."""
    option = _options(raw, column).subquery(f"options_{column}")
    first = (option.c.value - option.c.value % POSITIONS).label("value")
    whole = sa.select(first).where(option.c.value % POSITIONS < count).group_by(first).having(sa.func.count() == count)
    found = whole.subquery(f"whole_{column}")
    return sa.select(sa.func.min(found.c.value).label("value")).subquery(f"first_{column}")


def _one_of_ours(raw: Raw, column: str, words: Sequence[str], first: Cell) -> Cell:
    value = raw.column(column, sa.BigInteger)
    place = value - sa.func.coalesce(first, value - value % POSITIONS)
    return sa.case(*((place == number, sa.literal(word)) for number, word in enumerate(words)), else_=sa.cast(value, sa.String))


def _several_of_ours(raw: Raw, column: str, words: Sequence[str], first: Cell) -> Cell:
    """The words of several choices, separated by semicolons; where any has none, the values follow."""
    values = raw.text(column)
    listed = sa.func.concat(",", sa.func.replace(values, " ", ""), ",", type_=sa.String)
    ends = [sa.func.coalesce("," + sa.cast(first + place, sa.String) + ",", f"{place:04d},") for place in range(len(words))]
    named = [sa.case((listed.contains(end), word), else_=null(sa.String)) for end, word in zip(ends, words, strict=True)]
    count = sa.func.length(listed) - sa.func.length(sa.func.replace(listed, ",", "")) - 1
    known = sum((sa.case((listed.contains(end), 1), else_=0) for end in ends), start=sa.literal(0))
    rest = sa.case((count > known, values), else_=null(sa.String))
    return sa.func.nullif(sa.func.concat_ws(";", *named, rest), "", type_=sa.String)


def _options(raw: Raw, column: str) -> sa.Select[Any]:
    """Value and label of each option of a column."""
    columns: list[sa.ColumnClause[Any]] = [sa.column(name, sa.String) for name in ("object_name", "column_name", "label")]
    option = sa.table(CHOICES, sa.column("value", sa.BigInteger), *columns, schema=raw_schema(raw.source.crm))
    known = sa.select(option.c.value, sa.func.max(option.c.label).label("label")).group_by(option.c.value)
    return known.where(option.c.object_name == raw.name, option.c.column_name == column)


def _of_one(raw: Raw, column: str) -> sa.Subquery:
    """Value (as text) and label of each option of a column."""
    option = _options(raw, column).subquery(f"options_{column}")
    return sa.select(sa.cast(option.c.value, sa.String).label("cell"), option.c.label).subquery(f"of_{column}")


def _of_several(raw: Raw, column: str) -> sa.Subquery:
    """Each combination that occurs (`1,5`), and its labels separated by semicolons."""
    option = _of_one(raw, column)
    occurring = sa.select(_text(raw, column).label("cell")).distinct().subquery("occurring")
    inside = sa.func.concat(",", sa.func.replace(occurring.c.cell, " ", ""), ",", type_=sa.String)
    chosen = inside.contains(sa.func.concat(",", option.c.cell, ",", type_=sa.String))
    listed = sa.func.string_agg(option.c.label, sa.literal(";")).label("label")
    return sa.select(occurring.c.cell, listed).join(option, chosen).group_by(occurring.c.cell).subquery(f"several_{column}")
