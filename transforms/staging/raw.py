"""Raw tables as staging meets them: columns that may not be visible, read by the kind they are.

A column or table the integration user cannot see is unknown: `Raw` answers with a typed null, and a missing table is
`None`, which leaves its part of a union out.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Self

import sqlalchemy as sa

from transforms.base import Source
from transforms.functions import epoch_seconds, null, tidy_address
from transforms.staging.shapes import shaped, staging_table


def as_compared(words: Iterable[str]) -> list[str]:
    """Words of the configuration in the form in which what the CRM says is compared with them: lower case, trimmed."""
    return [word.strip().lower() for word in words]


def share(figure: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """A probability in percent; what is none is unknown."""
    return sa.case((figure.between(0, 100), figure), else_=null(sa.Double))


class Raw:
    """One raw table under its own name, readable by column kind."""

    def __init__(self, source: Source, name: str, table: sa.FromClause) -> None:
        self.source = source
        self.name = name
        self.table = table

    @classmethod
    def of(cls, source: Source, name: str) -> Self | None:
        """The table, None when the org lacks it or it is not visible."""
        table = source.table(name)
        return None if table is None else cls(source, name, table)

    def has(self, column: str) -> bool:
        """Whether the column is visible."""
        return column in self.table.c

    def column(self, name: str, type_: Any) -> sa.ColumnElement[Any]:
        """A column read as `type_`, unknown when not visible."""
        return sa.type_coerce(self.table.c[name], type_) if self.has(name) else null(type_)

    def text(self, name: str) -> sa.ColumnElement[str]:
        """Text as it is."""
        return self.column(name, sa.String)

    def address(self, name: str) -> sa.ColumnElement[str]:
        """A mail address, tidied."""
        return tidy_address(self.text(name))

    def flag(self, name: str) -> sa.ColumnElement[bool]:
        """True where the flag is set; false where it is not, or not visible."""
        return self.column(name, sa.Boolean).is_(True) if self.has(name) else sa.false()

    def instant(self, name: str) -> sa.ColumnElement[int]:
        """An instant or a date as epoch seconds."""
        return epoch_seconds(self.table.c[name]) if self.has(name) else null(sa.BigInteger)

    def number(self, name: str) -> sa.ColumnElement[Any]:
        """A number."""
        return self.column(name, sa.Double)

    def entered(self, entity: str, field: str) -> sa.ColumnElement[Any]:
        """The column people enter `field` in, unknown when not provisioned or not visible."""
        return self.column(self.source.entered.get((entity, field), ""), sa.String)

    def rows(self, entity: str, columns: Mapping[str, sa.ColumnElement[Any]]) -> sa.Select[Any]:
        """The table's rows in the shape of one staged entity; what `columns` does not give is unknown."""
        return sa.select(*shaped(staging_table(self.source.crm, entity), self.source.crm, columns)).select_from(self.table)
