"""On which day a contact who stays silent goes cold: the rhythm of its own past, carried forward."""

import sqlalchemy as sa
from sqlalchemy import BigInteger

from transforms.base import Context
from transforms.scores import tables as scores
from transforms.scores.expressions import num, zero


def cold(context: Context) -> sa.CTE:
    """`crm, person_kind, person_id, rhythm, cold_day`: the first day beyond `rhythm.cooling` usual gaps, for live people with a rhythm."""
    touch, score, method = scores.person_touches, scores.people, context.method
    day = touch.c.last_day + sa.cast(sa.func.floor(num(method["rhythm.cooling"]) * touch.c.usual_gap), BigInteger) + 1
    return (
        sa.select(*(score.c[name] for name in ("crm", "person_kind", "person_id", "rhythm")), day.label("cold_day"))
        .join(touch, touch.c.person_key == score.c.person_key)
        .where(zero(touch.c.contact_days) >= method["rhythm.min_contact_days"])
        .cte("cold")
    )
