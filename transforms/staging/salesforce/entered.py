"""Where Salesforce holds the fields people enter, and what of it could not be used."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import sqlalchemy as sa

from transforms.base import Context, Source
from transforms.staging import entered
from transforms.staging.entered import Entered
from transforms.staging.salesforce.raw import Raw
from transforms.staging.shapes import shaped, stacked, staging_table

Reader = Callable[[sa.ColumnElement[Any]], Entered]

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
    },
    "account": {
        "potential": ("potential", _SCORE),
        "demonstration": ("demonstration", _SCORE),
        "can_win": ("can_win", _SCORE),
        "key_departments": ("key_departments", entered.text),
        "competitor_main": ("competitor_main", entered.text),
    },
    "opportunity": {
        "compelling_event": ("compelling_event", entered.yes_no),
        "inside_source": ("inside_source", entered.yes_no),
        "competitor_rank": ("competitor_rank", partial(entered.number, low=1, high=9, type_=sa.Integer)),
        "value_proposition": ("value_proposition", entered.text),
    },
    "user": {"industry_expert": ("industry_expert", entered.yes_no)},
}
"""entity -> field of contract 4.2 -> (staged column, how it is read)."""

OBJECTS: Final = {"contact": "Contact", "account": "Account", "opportunity": "Opportunity", "user": "User"}


def entered_fields(raw: Raw, entity: str) -> dict[str, Entered]:
    """Staged column -> value and refusal of every entered field of `entity`."""
    return {column: read(raw.entered(entity, field)) for field, (column, read) in FIELDS[entity].items()}


def entered_dropped(source: Source, context: Context) -> sa.Select[Any]:
    """One row per value that was typed and cannot be used, on records that are not deleted."""
    parts = [
        _refusals(source, raw, entity, field)
        for entity, name in OBJECTS.items()
        if (raw := Raw.of(source, name)) is not None
        for field in FIELDS[entity]
        if raw.has(source.entered.get((entity, field), ""))
    ]
    return stacked(staging_table(source.crm, "entered_dropped"), parts)


def _refusals(source: Source, raw: Raw, entity: str, field: str) -> sa.Select[Any]:
    refused = FIELDS[entity][field][1](raw.entered(entity, field)).refused
    columns = {"entity": sa.literal(entity), "record_id": raw.text("Id"), "field": sa.literal(field), "reason": refused}
    table = staging_table(source.crm, "entered_dropped")
    return sa.select(*shaped(table, source.crm, columns)).select_from(raw.table).where(refused.is_not(None), sa.not_(raw.flag("IsDeleted")))
