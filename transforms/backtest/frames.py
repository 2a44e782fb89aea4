"""The outcomes as columns of numbers, one CRM and date at a time; measuring is arithmetic on whole columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from transforms.backtest import tables
from transforms.backtest.measure import Flags, Keys, Numbers
from warehouse import DuckDBWarehouse


@dataclass(frozen=True)
class Cut:
    """The pairs of one CRM at one date."""

    crm: str
    date: Any
    truth: Flags
    users: Keys
    people: Keys
    scores: Mapping[str, Numbers]

    @property
    def in_contact(self) -> int:
        return int(self.truth.sum())

    def measurable(self, least: int) -> bool:
        """Whether there are enough pairs of both kinds."""
        return min(self.in_contact, len(self.truth) - self.in_contact) >= least


def cuts(warehouse: DuckDBWarehouse) -> Sequence[Cut]:
    """All of `backtest.outcomes`, by CRM and date; pairs in the order of their keys."""
    table = tables.outcomes
    keys = sa.select(table.c.crm, table.c.cut).distinct().order_by(table.c.crm, table.c.cut)
    return [_read(warehouse, row["crm"], row["cut"]) for row in warehouse.arrow(keys).to_pylist()]


def by_crm(found: Sequence[Cut]) -> Mapping[str, Sequence[Cut]]:
    """The dates of each CRM, oldest first."""
    return {crm: list(group) for crm, group in groupby(found, attrgetter("crm"))}


def _read(warehouse: DuckDBWarehouse, crm: str, date: Any) -> Cut:
    table = tables.outcomes
    rows = sa.select(table).where(table.c.crm == crm, table.c.cut == sa.cast(sa.literal(date.isoformat()), sa.Date))
    found = warehouse.arrow(rows.order_by(table.c.user_key, table.c.person_key))
    scores = {name: column(found, name) for name in tables.SCORES}
    return Cut(crm, date, column(found, "two_way").astype(bool), column(found, "user_key"), column(found, "person_key"), scores)


def column(found: pa.Table, name: str) -> Any:
    """A column as numbers; null as not-a-number."""
    return found.column(name).to_numpy()


def together(found: Sequence[Cut]) -> tuple[Keys, Keys]:
    """Users and people of several dates, one after the other."""
    return np.concatenate([cut.users for cut in found]), np.concatenate([cut.people for cut in found])
