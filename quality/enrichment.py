"""What the tables to be written back must satisfy, derived from the catalogue of output fields.

Blocking are only those whose failure would damage the CRM: a key that is missing, repeated or of no live record, and a
closeness outside 0-100.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

import sqlalchemy as sa

from quality.expectations import Belongs, Between, Expectation, InSet, NotNull, Ordered, Suite, Unique
from warehouse import ENRICHMENT


class Value(Protocol):
    """One value of a list."""

    @property
    def value(self) -> str:
        """As it is stored."""


class Field(Protocol):
    """What an output field tells about itself; the connectors' catalogue has these."""

    @property
    def name(self) -> str:
        """Name in contract 4.1; in lower case the column."""

    @property
    def kind(self) -> str:
        """number, integer, picklist and others."""

    @property
    def label_en(self) -> str:
        """What people read."""

    @property
    def minimum(self) -> float | None:
        """Smallest value, None when open."""

    @property
    def maximum(self) -> float | None:
        """Largest value, None when open."""

    @property
    def values(self) -> Sequence[Value]:
        """Values of a picklist."""


KEYS = ("crm", "record_id")
NO_BOUND = 10**8
LIVE: dict[str, tuple[str, str, str | None]] = {
    "contact": ("model.people", "person_id", "is_live"),
    "lead": ("model.people", "person_id", "is_live"),
    "account": ("model.accounts", "account_id", "is_live"),
    "user": ("model.users", "user_id", "is_active"),
    "opportunity": ("model.opportunities", "opportunity_id", None),
}
ORDERED = (
    ("first_touch", "last_touch", "the first contact is not after the last"),
    ("last_two_way", "last_touch", "two-way contact is contact"),
    ("touches_90d", "touches_365d", "90 days hold no more than 365"),
    ("contact_days_90d", "touches_90d", "no more days than contacts"),
)


def enrichment_suite(entity: str, table: sa.Table, fields: Sequence[Field]) -> Suite:
    """The suite of one entity's enrichment table; `fields` that are not among its columns are left out."""
    names = set(table.c.keys())
    pairs = [Expectation(f"{low}_within_{high}", text, Ordered(low, high)) for low, high, text in ORDERED if {low, high} <= names]
    ranges = [item for spec in fields if spec.name.lower() in names for item in _ranges(spec)]
    return Suite(ENRICHMENT, table.name, KEYS, (*_keys(entity), *ranges, *pairs))


def _keys(entity: str) -> Iterator[Expectation]:
    table, key, live = LIVE[entity]
    yield Expectation("key_present", "every row names its record", NotNull("record_id"), blocking=True)
    yield Expectation("key_unique", "no record is written twice", Unique(KEYS), blocking=True)
    yield Expectation("record_live", "only records that live are written", Belongs(KEYS, table, ("crm", key), live), blocking=True)


def _ranges(spec: Field) -> Iterator[Expectation]:
    name = spec.name.lower()
    if spec.kind in ("number", "integer"):
        meaning = f"{spec.label_en} is {_span(spec)}"
        yield Expectation(f"{name}_in_range", meaning, Between(name, spec.minimum, spec.maximum), blocking=name == "closeness")
    if spec.kind == "picklist":
        values = tuple(choice.value for choice in spec.values)
        yield Expectation(f"{name}_known", f"{spec.label_en} is one of its values", InSet(name, values))


def _span(spec: Field) -> str:
    """The range in words; a bound of nine digits is only there because a CRM's field must have one."""
    return f"{spec.minimum:g} or more" if spec.maximum and spec.maximum >= NO_BOUND else f"within {spec.minimum} to {spec.maximum}"
