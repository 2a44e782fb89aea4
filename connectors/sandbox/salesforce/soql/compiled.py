"""A statement ready to run: the SQL pieces, and what is needed to give its rows the shape of Salesforce's answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from connectors.sandbox.salesforce.metadata import Field, SObject

ID_COLUMN = "__id"
LINK_COLUMN = "__link"


@dataclass(frozen=True)
class Column:
    """One selected value; `name` is its path with dots, `field` gives its type."""

    name: str
    path: tuple[str, ...]
    field: Field
    sql: str


@dataclass(frozen=True)
class ParentId:
    """A parent shown in the answer: its path, the SQL of its id, its object (None: polymorphic), the hidden column."""

    path: tuple[str, ...]
    sql: str
    type: str | None
    column: str


@dataclass(frozen=True)
class Child:
    """A parent-to-child subquery: relationship name, the child's field that points back, the nested statement."""

    name: str
    link: str
    compiled: "Compiled"


@dataclass(frozen=True)
class Compiled:
    """One statement. `params` bind the marks of `sql`, `csv_sql` and `record_sql` alike."""

    sobject: SObject
    kind: Literal["rows", "count", "aggregate"]
    columns: tuple[Column, ...]
    source: str
    where: str
    grouping: str
    order: str
    params: list[Any]
    limit: int | None = None
    offset: int | None = None
    parents: tuple[ParentId, ...] = ()
    children: tuple[Child, ...] = ()

    @property
    def sql(self) -> str:
        """Typed columns named by their paths, as the statement selects them."""
        return self._select(f'{column.sql} as "{column.name}"' for column in self.columns)

    @property
    def csv_sql(self) -> str:
        """The same, instants as text in the form of Bulk results (`2024-01-01T16:00:00.000Z`)."""
        return self._select(f'{_csv(column)} as "{column.name}"' for column in self.columns)

    @property
    def record_sql(self) -> str:
        """`sql` with the ids that a JSON record needs in front, in hidden columns."""
        return self._select([*self._hidden(), *(f'{column.sql} as "{column.name}"' for column in self.columns)])

    def linked_sql(self, link: str) -> str:
        """The rows of a subquery for many parents at once: the first mark takes the parents' ids; LIMIT and OFFSET hold per parent."""
        selected = [f't0."{link}" as "{LINK_COLUMN}"', *self._hidden(), *(f'{column.sql} as "{column.name}"' for column in self.columns)]
        where = f't0."{link}" in (select unnest(?::varchar[]))' + (f" and {self.where}" if self.where else "")
        place = f'row_number() over (partition by t0."{link}" {self.order})'
        first = self.offset or 0
        last = f" and {place} <= {first + self.limit}" if self.limit is not None else ""
        return f"select {', '.join(selected)} from {self.source} where {where} qualify {place} > {first}{last} {self.order}"  # noqa: S608

    def _hidden(self) -> Sequence[str]:
        if self.kind != "rows":
            return []
        return [f't0."Id" as "{ID_COLUMN}"', *(f'{parent.sql} as "{parent.column}"' for parent in self.parents)]

    def _select(self, selected: Any) -> str:
        where = f"where {self.where}" if self.where else ""
        limit = f"limit {self.limit}" if self.limit is not None else ""
        offset = f"offset {self.offset}" if self.offset else ""
        return " ".join(("select", ", ".join(selected), "from", self.source, where, self.grouping, self.order, limit, offset)).rstrip()


def _csv(column: Column) -> str:
    return f"strftime({column.sql}, '%Y-%m-%dT%H:%M:%S.%gZ')" if column.field.type == "datetime" else column.sql
