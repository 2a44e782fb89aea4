"""What Dataverse rows have in common: states as numbers, lookups with the table they point to, marks of rows that are gone.

A row that is merged away stays where it is, inactive and naming its master; a row that was deleted is marked by the
reader. Source: dataverse.md 1.4 to 1.6.
"""

from typing import Any, Final

import sqlalchemy as sa

from transforms.functions import null
from transforms.staging.raw import Raw

Cell = sa.ColumnElement[Any]

IS_DELETED: Final = "is_deleted"
KINDS: Final = {
    "systemuser": "user",
    "contact": "person",
    "lead": "person",
    "queue": "nobody",
    "team": "nobody",
    "equipment": "nobody",
}
"""Table a party points to -> what kind of party that is; all others (accounts, deals) are known by their address at most."""


def state(raw: Raw, column: str = "statecode") -> Cell:
    """A state, status reason or other choice as its number."""
    return raw.column(column, sa.BigInteger)


def target(raw: Raw, name: str) -> Cell:
    """The id a lookup holds."""
    return raw.text(f"_{name}_value")


def target_table(raw: Raw, name: str) -> Cell:
    """The table a lookup of several tables points to; null where that is not known."""
    return raw.text(f"_{name}_type")


def target_in(raw: Raw, name: str, *tables: str) -> Cell:
    """The id a lookup holds, where it points into one of `tables`, or nobody says where."""
    kind = target_table(raw, name)
    return sa.case((sa.func.coalesce(kind, tables[0]).in_(tables), target(raw, name)), else_=null(sa.String))


def party_kind(table: Cell) -> Cell:
    """user, person or nobody by the table; null for any other."""
    return sa.case(*((table == name, kind) for name, kind in KINDS.items()), else_=null(sa.String))


def is_merged(raw: Raw) -> Cell:
    """Whether the row was merged into another one."""
    return sa.or_(raw.flag("merged"), target(raw, "masterid").is_not(None))


def is_gone(raw: Raw) -> Cell:
    """Whether the row was deleted or merged away."""
    return sa.or_(raw.flag(IS_DELETED), is_merged(raw))
