"""A model is one table built by one SELECT; this module says what a model gets and how it is run.

Selects are SQLAlchemy Core expressions over declared tables, so that a test can feed them three rows and the same
expression serves every engine. Rules: time as epoch seconds (bigint), integer keys for joins, `sum(case ...)` instead
of FILTER, both sides of divisions and powers cast to Double, values bound and never pasted, one CTE per concept.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import sqlalchemy as sa

from transforms.method import Method
from warehouse import DuckDBWarehouse, raw_schema

DAY = 86_400


@dataclass(frozen=True)
class Source:
    """One CRM as staging sees it: its name, kind, the raw columns visible today, and where entered fields are found.

    `columns`: raw object name -> its visible columns (no key = the org lacks the object). `entered`: (entity, field name of
    contract 4.2 in lower case) -> raw column, e.g. ("contact", "attitude") -> "GX_Attitude__c". `prefix`: what names of our own
    columns begin with, to tell them from columns of the org that are mapped instead.
    """

    crm: str
    kind: str
    columns: Mapping[str, Sequence[str]]
    entered: Mapping[tuple[str, str], str] = field(default_factory=dict)
    prefix: str = "GX"

    def table(self, object_name: str) -> sa.TableClause | None:
        """The raw table of an object with its visible columns, None when the org lacks it."""
        names = self.columns.get(object_name)
        if names is None:
            return None
        return sa.table(object_name, *(sa.column(name) for name in names), schema=raw_schema(self.crm))


@dataclass(frozen=True)
class Counting:
    """`[counting]` of the configuration (contract section 2)."""

    past_scheduled_meetings: bool = True
    not_people: Sequence[str] = (
        "noreply",
        "no-reply",
        "no_reply",
        "donotreply",
        "do-not-reply",
        "mailer-daemon",
        "postmaster",
        "bounce",
        "bounces",
    )


@dataclass(frozen=True)
class Context:
    """What every model may use: the as-of instant (epoch seconds UTC), the method's numbers, the CRMs, the counting rules.

    `across_crms`: records of several CRMs may be one person, account or user in the company-wide figures; false: each stands
    alone. What is written back never depends on it. `grade_individuals`, `team_averages`: `[grading]` of the configuration.
    `crm`: the CRM this run is of, empty = all; only its history is recorded, under `run_id`. `keep_days`: superseded history older
    than this is forgotten; 0 = never.
    """

    as_of: int
    method: Method
    sources: Sequence[Source]
    counting: Counting = Counting()
    grade_individuals: bool = True
    team_averages: bool = True
    across_crms: bool = False
    language: Literal["en", "zh"] = "en"
    crm: str = ""
    run_id: str = ""
    keep_days: int = 0


@dataclass(frozen=True)
class Model:
    """One table, the select that builds it, and the tables it reads (`schema.name`), from which the asset graph follows."""

    table: sa.Table
    select: Callable[[Context], sa.Select[Any]]
    reads: Sequence[str] = ()

    @property
    def name(self) -> str:
        """`schema.table`."""
        return f"{self.table.schema}.{self.table.name}"

    def build(self, warehouse: DuckDBWarehouse, context: Context) -> int:
        """Replace the table by what its select gives now; returns its rows."""
        return warehouse.replace(self.table, self.select(context))
