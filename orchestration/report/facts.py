"""What pages ask: rows of a select, links into the CRMs, terms in the configured language.

Reading never fails for want of a table: a warehouse of an older version, or one that never saw a run of some CRM, lacks some,
and then there are no rows. Nothing is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import visitors

from connectors.fields import Entity
from orchestration.config import Configuration
from orchestration.report import links
from orchestration.report.blocks import Link
from orchestration.report.words import term
from warehouse import DuckDBWarehouse

Row = Mapping[str, Any]


@dataclass
class Facts:
    """An open warehouse and the configuration it belongs to."""

    warehouse: DuckDBWarehouse
    config: Configuration
    _there: dict[str, bool] = field(default_factory=dict)

    @property
    def individual(self) -> bool:
        """Whether figures about one of us may be shown."""
        return self.config.grading.individual

    def rows(self, select: sa.Select[Any]) -> list[Row]:
        """The rows, none where a table it reads is missing or of another version."""
        tables = [item for item in visitors.iterate(select) if isinstance(item, sa.Table)]
        if not all(map(self._is_there, tables)):
            return []
        return list(self.warehouse.arrow(select).to_pylist())

    def row(self, select: sa.Select[Any]) -> Row:
        """The first row, an empty mapping where there is none."""
        return next(iter(self.rows(select)), {})

    def first(self, select: sa.Select[Any], limit: int) -> tuple[Sequence[Row], int]:
        """The first rows and how many there are in all."""
        rows = self.rows(select.limit(limit + 1))
        if len(rows) <= limit:
            return rows, len(rows)
        total = self.row(sa.select(sa.func.count().label("rows")).select_from(select.order_by(None).subquery()))
        return rows[:limit], int(total["rows"])

    def link(self, crm: str, entity: Entity, record_id: str | None) -> Link | None:
        """The record in its CRM; None for no id. A CRM that is configured no more has no address."""
        if record_id is None:
            return None
        known = self.config.crms.get(crm)
        return Link(crm, record_id, links.url(known.settings, entity, record_id) if known else "")

    def say(self, english: str) -> str:
        """A term in the configured language(s)."""
        return term(english, self.config.output.labels)

    def _is_there(self, table: sa.Table) -> bool:
        name = table.fullname
        if name not in self._there:
            self._there[name] = set(table.c.keys()) <= set(self.warehouse.columns(str(table.schema), table.name))
        return self._there[name]
