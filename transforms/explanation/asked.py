"""What every part of an explanation gets: the record asked for, where its figures stand, and the words to tell them in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

import sqlalchemy as sa

from transforms.base import DAY, Context
from transforms.explanation.words import Words, columns
from warehouse import DuckDBWarehouse

ROWS_SHOWN: Final = 20
TERMS_SHOWN: Final = 8


@dataclass(frozen=True)
class Section:
    """A heading and the lines under it."""

    title: str
    lines: Sequence[str]


@dataclass(frozen=True)
class Asked:
    """One record, the tables of the last run, and the language; `industry`: of an account, which may have numbers of its own."""

    warehouse: DuckDBWarehouse
    context: Context
    crm: str
    record_id: str
    say: Words
    industry: str | None = None

    def rows(self, select: sa.Select[Any]) -> list[dict[str, Any]]:
        """What a select finds."""
        found: list[dict[str, Any]] = self.warehouse.arrow(select).to_pylist()
        return found

    def one(self, select: sa.Select[Any]) -> dict[str, Any]:
        """The first row of a select that finds one."""
        return self.rows(select)[0]

    def record(self, table: sa.Table, identity: sa.Column[Any]) -> dict[str, Any]:
        """The row of a score table that is about the record."""
        return self.one(sa.select(table).where(table.c.crm == self.crm, identity == self.record_id))

    def number(self, key: str) -> Any:
        """A number of the method, as it holds in the account's industry."""
        return self.context.method.of(self.industry)[key]

    def mean(self, values: Sequence[float], result: float | None, decimals: int) -> str:
        """`(100.0 + 75.0) / 2 = 87.5`, or their sum where they are many; the mean of whole numbers has two decimals."""
        if not values:
            return self.say("mean_of_none")
        terms = [self.say.number(value, decimals) for value in values]
        many = len(values) > TERMS_SHOWN
        total = self.say.number(sum(values), decimals) if many else f"({' + '.join(terms)})"
        return f"{total} / {len(values)} = {self.say.number(result, decimals or 2)}"

    def table(self, align: str, rows: Sequence[Sequence[str]]) -> list[str]:
        """The first rows of a long list as aligned lines, its heading first, and how many are not shown."""
        hidden = len(rows) - 1 - ROWS_SHOWN
        more = [self.say("and_more", count=hidden)] if hidden > 0 else []
        return [*columns(align, rows[: ROWS_SHOWN + 1]), *more]


def day(seconds: int | None) -> date | None:
    """UTC date of epoch seconds."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).date()


def date_of(days: int | None) -> date | None:
    """Date of days since 1970-01-01."""
    return None if days is None else day(days * DAY)
