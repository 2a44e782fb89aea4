"""Which fields people enter, how each is read, and what of it could not be used: the same for every kind of CRM.

A kind says in a `Holder` where it keeps them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import sqlalchemy as sa

from transforms.base import Source
from transforms.staging import entered
from transforms.staging.entered import Entered
from transforms.staging.raw import Raw
from transforms.staging.shapes import shaped, stacked, staging_table
from transforms.tables import FACTORS

Cell = sa.ColumnElement[Any]
Reader = Callable[[Cell], Entered]

_SCORE: Final[Reader] = partial(entered.number, low=0, high=10)
FIELDS: Final[Mapping[str, Mapping[str, tuple[str, Reader]]]] = {
    "contact": {
        "attitude": ("attitude", entered.attitude),
        "solution_acceptance": ("solution_acceptance", entered.attitude),
        "price_acceptance": ("price_acceptance", entered.attitude),
        "competitor_attitude": ("competitor_attitude", entered.attitude),
        "vote": ("vote", entered.vote),
        "buying_role": ("buying_roles", entered.roles),
        "key_person": ("key_person", entered.yes_no),
        "influenced_by": ("influenced_by_id", entered.text),
        "value": ("value", _SCORE),
    },
    "lead": {"attitude": ("attitude", entered.attitude), "value": ("value", _SCORE)},
    "account": {
        "potential": ("potential", _SCORE),
        "demonstration": ("demonstration", _SCORE),
        "can_win": ("can_win", _SCORE),
        "key_departments": ("key_departments", entered.text),
        "competitor_main": ("competitor_main", entered.text),
        "plan": ("plan", entered.text),
    },
    "opportunity": {
        "compelling_event": ("compelling_event", entered.yes_no),
        "inside_source": ("inside_source", entered.yes_no),
        "competitor_rank": ("competitor_rank", partial(entered.number, low=1, high=9, type_=sa.Integer)),
        "value_proposition": ("value_proposition", entered.text),
        **{name: (name, _SCORE) for name in FACTORS},
    },
    "user": {"industry_expert": ("industry_expert", entered.yes_no)},
}
"""entity -> field of contract 4.2 -> (staged column, how it is read)."""


@dataclass(frozen=True)
class Holder:
    """Where a kind of CRM keeps entered fields.

    `tables`: entity -> (raw table, its key). `gone`: whether a record no longer stands for itself, so that what was typed
    into it matters to nobody. `raw`: opens a raw table with its choices as words.
    """

    tables: Mapping[str, tuple[str, str]]
    gone: Callable[[Raw], Cell]
    raw: Callable[[Source, str], Raw | None] = Raw.of

    def values(self, raw: Raw, entity: str) -> dict[str, Cell]:
        """Staged column -> value of every entered field of `entity`."""
        return {column: read(raw.entered(entity, field)).value for field, (column, read) in FIELDS[entity].items()}

    def dropped(self, source: Source) -> sa.Select[Any]:
        """One row per value that was typed and cannot be used, on records that are not gone."""
        parts = [part for entity, (name, key) in self.tables.items() for part in self._refusals(self.raw(source, name), entity, key)]
        return stacked(staging_table(source.crm, "entered_dropped"), parts)

    def _refusals(self, raw: Raw | None, entity: str, key: str) -> Sequence[sa.Select[Any]]:
        """One select per field over its table, which is read and judged once."""
        fields = [field for field in FIELDS[entity] if raw and raw.has(raw.source.entered.get((entity, field), ""))]
        if raw is None or not fields:
            return ()
        reasons = [FIELDS[entity][field][1](raw.entered(entity, field)).refused.label(field) for field in fields]
        kept = sa.select(raw.text(key).label("record_id"), *reasons).select_from(raw.table).where(sa.not_(self.gone(raw)))
        judged = kept.cte(f"judged_{entity}")
        return [_refused(raw.source.crm, entity, field, judged) for field in fields]


def _refused(crm: str, entity: str, field: str, judged: sa.CTE) -> sa.Select[Any]:
    columns = {"entity": sa.literal(entity), "record_id": judged.c.record_id, "field": sa.literal(field), "reason": judged.c[field]}
    return sa.select(*shaped(staging_table(crm, "entered_dropped"), crm, columns)).where(judged.c[field].is_not(None))
