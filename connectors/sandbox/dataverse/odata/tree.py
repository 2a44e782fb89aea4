"""Parsed query options. Nodes that can be refused know where they start in the text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal as Choice

LiteralKind = Choice["string", "number", "guid", "datetime", "date", "boolean", "null"]
Value = str | int | float | bool | date | datetime | None


@dataclass(frozen=True)
class Path:
    """Navigation properties (or a lambda's variable) and a property, e.g. `primarycontactid/fullname`."""

    names: tuple[str, ...]
    start: int = 0


@dataclass(frozen=True)
class Literal:
    """A constant; instants are naive UTC, identifiers lower case, an enumeration's member is a string."""

    kind: LiteralKind
    value: Value
    start: int = 0


@dataclass(frozen=True)
class Alias:
    """A parameter whose constant stands elsewhere in the query: `@name`."""

    name: str


Constant = Literal | Alias | tuple[Literal, ...]
Arguments = Mapping[str, Constant]


@dataclass(frozen=True)
class Call:
    """A function of operands, e.g. `contains(name,'x')`."""

    function: str
    arguments: tuple[Operand, ...]
    start: int = 0


@dataclass(frozen=True)
class CrmCall:
    """A query function of Dataverse's own; `function` without its namespace."""

    function: str
    arguments: Arguments
    start: int = 0


Operand = Path | Literal | Alias | Call


@dataclass(frozen=True)
class Comparison:
    """`left op right`; op is one of eq ne gt ge lt le."""

    left: Operand
    op: str
    right: Operand


@dataclass(frozen=True)
class Junction:
    """`and` or `or` of two or more conditions."""

    op: Choice["and", "or"]
    items: tuple[Condition, ...]


@dataclass(frozen=True)
class Negation:
    """`not` condition."""

    item: Condition


@dataclass(frozen=True)
class Lambda:
    """`collection/any(variable:condition)` or `all`; without a condition: the collection is not empty."""

    path: Path
    kind: Choice["any", "all"]
    variable: str | None
    condition: Condition | None


Condition = Comparison | Junction | Negation | Lambda | Call | CrmCall


@dataclass(frozen=True)
class OrderItem:
    """One expression of `$orderby`."""

    path: Path
    descending: bool


@dataclass(frozen=True)
class Options:
    """The query options of a collection, or of one `$expand`; empty `select` means all columns."""

    select: tuple[str, ...] = ()
    filter: Condition | None = None
    order: tuple[OrderItem, ...] = ()
    top: int | None = None
    count: bool = False
    expand: tuple[Expand, ...] = ()


@dataclass(frozen=True)
class Expand:
    """A navigation property to show in full; `query` is its options as the query of an address."""

    name: str
    options: Options
    query: str = ""


@dataclass(frozen=True)
class Measure:
    """An aggregate; `path` and `method` are None for `$count`."""

    path: Path | None
    method: str | None
    name: str


@dataclass(frozen=True)
class Apply:
    """`$apply`: filter, then group, then aggregate."""

    filter: Condition | None
    groups: tuple[Path, ...]
    measures: tuple[Measure, ...]
