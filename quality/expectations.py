"""Expectations as data: a rule about a table, with a stable id, its meaning for a person, and what follows when it fails.

A rule is one of seven small records; `gx` and `sql` each know how to check every one of them, with the same answer.
Nulls satisfy every rule but `NotNull`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warn"]


@dataclass(frozen=True)
class NotNull:
    """The column has a value in every row."""

    column: str


@dataclass(frozen=True)
class Unique:
    """No two rows share these values; rows with a null among them are left out."""

    columns: tuple[str, ...]


@dataclass(frozen=True)
class Between:
    """`low <= column <= high`, bounds in the column's own unit; None = open."""

    column: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class InSet:
    """The column holds nothing but these values."""

    column: str
    values: tuple[str | int | bool, ...]


@dataclass(frozen=True)
class Ordered:
    """`low <= high` of two columns of one row."""

    low: str
    high: str


@dataclass(frozen=True)
class Belongs:
    """Every row's `columns` are found as `others` in the table `to` (`schema.table`), where its column `only` is true."""

    columns: tuple[str, ...]
    to: str
    others: tuple[str, ...]
    only: str | None = None


@dataclass(frozen=True)
class AtLeast:
    """The table has this many rows."""

    rows: int


Rule = NotNull | Unique | Between | InSet | Ordered | Belongs | AtLeast


@dataclass(frozen=True)
class Expectation:
    """One rule. `blocking`: nothing that reads the table is built when it fails."""

    id: str
    meaning: str
    rule: Rule
    severity: Severity = "error"
    blocking: bool = False


@dataclass(frozen=True)
class Suite:
    """All expectations of the table `schema.table`; `keys` are the id columns that name a row in an outcome.

    `crm`: only the rows of this CRM are judged (column `crm`), empty: all rows.
    """

    schema: str
    table: str
    keys: tuple[str, ...]
    expectations: Sequence[Expectation]
    crm: str = ""

    @property
    def name(self) -> str:
        """`schema.table`."""
        return f"{self.schema}.{self.table}"


@dataclass(frozen=True)
class Outcome:
    """What came of one expectation: `passed`, or None when it could not be checked (`detail` says why).

    `unexpected` of `rows` rows broke the rule; `examples` are ids of a few of them, never other values.
    """

    expectation: Expectation
    passed: bool | None
    rows: int
    unexpected: int = 0
    examples: tuple[str, ...] = ()
    detail: str = ""
    engine: Literal["gx", "sql"] = "sql"


def columns_of(rule: Rule) -> tuple[str, ...]:
    """The columns of the table that the rule reads."""
    match rule:
        case NotNull(column) | Between(column) | InSet(column):
            return (column,)
        case Unique(columns) | Belongs(columns):
            return columns
        case Ordered(low, high):
            return (low, high)
        case AtLeast():
            return ()
