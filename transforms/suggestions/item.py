"""One suggestion as a row of `suggestions.items`."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import String

from transforms.functions import null
from transforms.scores.expressions import Number, rounded

Cell = sa.ColumnElement[Any]


def item(
    kind: str, entity: str, crm: Cell, record_id: Cell, subject_id: Cell, confidence: Number, evidence: Cell, about: Cell | None = None
) -> sa.Select[Any]:
    """The columns of the table, in order."""
    return sa.select(
        crm.label("crm"),
        sa.literal(entity).label("entity"),
        record_id.label("record_id"),
        sa.literal(kind).label("kind"),
        (null(String) if about is None else about).label("about"),
        subject_id.label("subject_id"),
        sa.func.least(rounded(confidence, 0), 100).label("confidence"),
        evidence.label("evidence"),
    )
