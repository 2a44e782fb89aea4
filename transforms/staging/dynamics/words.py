"""Choices as people read them: a raw table with words in place of the numbers of its choices.

Standard choices, and columns of the org that are mapped in place of ours, are read by their labels in `raw_<crm>.choices`,
whatever their values are; a value without a label stays what it is. Our own columns are read by position (the last four
digits of the value, contract section 4), because their labels may be in any language.
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
    joined, cells = raw.table, {column: _by_position(raw, column, field) for column, field in ours.items() if field in WORDS}
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


def _by_position(raw: Raw, column: str, field: str) -> Cell:
    if field == SEVERAL:
        return _words(raw.text(column), WORDS[field])
    value = raw.column(column, sa.BigInteger)
    known = ((value % POSITIONS == number, sa.literal(word)) for number, word in enumerate(WORDS[field]))
    return sa.case(*known, else_=sa.cast(value, sa.String))


def _words(values: Cell, words: Sequence[str]) -> Cell:
    """The words of several choices, separated by semicolons; where any has none, the values follow."""
    listed = sa.func.concat(",", sa.func.replace(values, " ", ""), ",", type_=sa.String)
    ends = [f"{number:04d}," for number in range(len(words))]
    named = [sa.case((listed.contains(end), word), else_=null(sa.String)) for end, word in zip(ends, words, strict=True)]
    count = sa.func.length(listed) - sa.func.length(sa.func.replace(listed, ",", "")) - 1
    known = sum((sa.case((listed.contains(end), 1), else_=0) for end in ends), start=sa.literal(0))
    rest = sa.case((count > known, values), else_=null(sa.String))
    return sa.func.nullif(sa.func.concat_ws(";", *named, rest), "", type_=sa.String)


def _of_one(raw: Raw, column: str) -> sa.Subquery:
    """Value (as text) and label of each option of a column."""
    names = ("object_name", "column_name", "value", "label")
    option = sa.table(CHOICES, *(sa.column(name) for name in names), schema=raw_schema(raw.source.crm))
    value = sa.cast(option.c.value, sa.String)
    known = sa.select(value.label("cell"), sa.func.max(option.c.label).label("label")).group_by(value)
    return known.where(option.c.object_name == raw.name, option.c.column_name == column).subquery(f"of_{column}")


def _of_several(raw: Raw, column: str) -> sa.Subquery:
    """Each combination that occurs (`1,5`), and its labels separated by semicolons."""
    option = _of_one(raw, column)
    occurring = sa.select(_text(raw, column).label("cell")).distinct().subquery("occurring")
    inside = sa.func.concat(",", sa.func.replace(occurring.c.cell, " ", ""), ",", type_=sa.String)
    chosen = inside.contains(sa.func.concat(",", option.c.cell, ",", type_=sa.String))
    listed = sa.func.string_agg(option.c.label, sa.literal(";")).label("label")
    return sa.select(occurring.c.cell, listed).join(option, chosen).group_by(occurring.c.cell).subquery(f"several_{column}")
