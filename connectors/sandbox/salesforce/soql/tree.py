"""A parsed SOQL statement. Every node that can be refused knows where it starts in the text."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal as Choice

LiteralKind = Choice["string", "number", "date", "datetime", "boolean", "null", "range"]


@dataclass(frozen=True)
class Name:
    """A field path, e.g. `Account.Owner.Name`."""

    text: str
    start: int


@dataclass(frozen=True)
class Call:
    """A function of fields: an aggregate, a date function, FIELDS, ROLLUP."""

    function: str
    arguments: "tuple[Name | Call, ...]"
    start: int


Operand = Name | Call


@dataclass(frozen=True)
class Literal:
    """A constant; `value` is None for null, a name such as `LAST_N_DAYS:30` for a range."""

    kind: LiteralKind
    value: str | float | bool | date | datetime | None
    start: int


@dataclass(frozen=True)
class Comparison:
    """`operand op value`; op is one of = != < <= > >= LIKE."""

    operand: Operand
    op: str
    value: Literal


@dataclass(frozen=True)
class Membership:
    """IN and NOT IN a list or a subquery."""

    operand: Operand
    negated: bool
    values: "tuple[Literal, ...] | Query"


@dataclass(frozen=True)
class Includes:
    """INCLUDES and EXCLUDES of a multi-select picklist."""

    operand: Operand
    negated: bool
    values: tuple[Literal, ...]


@dataclass(frozen=True)
class Junction:
    """AND or OR of two or more conditions."""

    op: Choice["and", "or"]
    items: "tuple[Condition, ...]"


@dataclass(frozen=True)
class Negation:
    """NOT condition."""

    item: "Condition"


Condition = Comparison | Membership | Includes | Junction | Negation


@dataclass(frozen=True)
class Item:
    """One selected expression."""

    operand: Operand
    alias: str | None


@dataclass(frozen=True)
class OrderItem:
    """One ORDER BY expression; `nulls` as written, None when left to the default."""

    operand: Operand
    descending: bool
    nulls: Choice["first", "last"] | None


@dataclass(frozen=True)
class Query:
    """A statement or a nested one."""

    select: "tuple[Item | Query, ...]"
    source: Name
    alias: str | None
    where: Condition | None
    group: tuple[Operand, ...]
    having: Condition | None
    order: tuple[OrderItem, ...]
    limit: int | None
    offset: int | None
    all_rows: bool
