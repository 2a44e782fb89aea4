"""Fields of open opportunities (contract 4.1)."""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.enrichment import tables
from transforms.enrichment.words import translated
from transforms.scores import tables as scores
from transforms.scores.expressions import as_date, num


def select(context: Context) -> sa.Select[Any]:
    """One row per open deal (`enrichment.opportunity`)."""
    score = scores.opportunities
    fields = {column.name: column for column in score.columns} | {
        "chain_missing": translated(context, score.c.chain_missing),
        "scored_on": as_date(num(context.as_of)),
        "method_version": sa.literal(context.method.version),
    }
    columns = [
        fields[column.name].label(column.name) for column in tables.opportunity.columns if column.name in fields and column.name != "crm"
    ]
    return sa.select(score.c.crm, score.c.opportunity_id.label("record_id"), score.c.account_id.label("parent_id"), *columns)


MODEL = Model(tables.opportunity, select, ("scores.opportunities",))
