"""All suggestions in one table."""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.suggestions import deals, departments, persons, seats, tables


def select(context: Context) -> sa.Select[Any]:
    """One row per suggestion (`suggestions.items`)."""
    kinds = (seats.select, persons.contradicted, persons.stale, deals.select, persons.unmet, departments.select)
    return sa.select(sa.union_all(*(kind(context) for kind in kinds)).subquery("items"))


MODEL = Model(tables.items, select, tuple(sorted({*seats.READS, *persons.READS, *deals.READS, *departments.READS})))
