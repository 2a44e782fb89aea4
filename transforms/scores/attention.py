"""From what two people exchange to what it means to them: time together, and the attention each has to share.

    J = (I + together * sqrt(I * C)) / (partners of one * partners of the other) ^ attention

C is decayed co-presence (both addressed by one mail of few recipients); partners are the distinct people somebody ever had
an event with, so a partner gone silent never raises the others. Both terms are numbers of the method, and at 0 the terms
and their joins are left out: in a CRM the log of an outside person ends at our door, so its partners say how many of us
are in touch, not how busy the person is (docs/closeness.md).
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context
from transforms.scores.expressions import Number, num, real
from transforms.scores.log import Log

SIDES = ("user_key", "person_key")


def attended(context: Context, log: Log, direct: sa.CTE) -> sa.Select[Any]:
    """`direct` (one row per pair, `intensity_<instant>` = I) with J in place of I."""
    names = list(log.at(context))
    joined: sa.FromClause = direct
    value: dict[str, Number] = {name: direct.c[f"intensity_{name}"] for name in names}
    if context.method["closeness.together"] and log.together is not None:
        joined, value = _with_time_together(context, log.together, direct, joined, value)
    if context.method["closeness.attention"]:
        joined, value = _divided(context, log, direct, joined, value)
    columns = [value[name].label(f"intensity_{name}") for name in names]
    kept = [column for column in direct.c if column.name not in {f"intensity_{name}" for name in names}]
    return sa.select(*kept, *columns).select_from(joined)


def _with_time_together(
    context: Context, together: sa.FromClause, direct: sa.CTE, joined: sa.FromClause, value: dict[str, Number]
) -> tuple[sa.FromClause, dict[str, Number]]:
    """I + c * sqrt(I * C): being addressed together deepens a contact that exists, it makes none."""
    factor = num(context.method["closeness.together"])
    same = sa.and_(*(together.c[key] == direct.c[key] for key in SIDES))
    found = {name: sa.func.coalesce(together.c[f"together_{name}"], num(0)) for name in value}
    return joined.outerjoin(together, same), {name: i + factor * sa.func.sqrt(i * found[name]) for name, i in value.items()}


def _divided(
    context: Context, log: Log, direct: sa.CTE, joined: sa.FromClause, value: dict[str, Number]
) -> tuple[sa.FromClause, dict[str, Number]]:
    """J: divided by what both have to share their attention among."""
    partners = {key: _partners(direct, key, list(value), log.mutual) for key in SIDES}
    for key, counted in partners.items():
        joined = joined.join(counted, counted.c.who == direct.c[key])
    exponent = num(context.method["closeness.attention"])

    def shared(name: str) -> Number:
        product = real(partners["user_key"].c[name]) * real(partners["person_key"].c[name])
        return sa.func.power(sa.func.greatest(product, num(1)), exponent)

    return joined, {name: total / shared(name) for name, total in value.items()}


def _partners(direct: sa.CTE, key: str, names: list[str], mutual: bool) -> sa.CTE:
    """Distinct people each has had an event with by each instant."""
    sides = SIDES if mutual else (key,)
    each = [sa.select(direct.c[side].label("who"), *(direct.c[f"intensity_{name}"] for name in names)) for side in sides]
    seen = sa.union_all(*each).subquery(f"seen_{key}")
    counts = [sa.func.count(seen.c[f"intensity_{name}"]).label(name) for name in names]
    return sa.select(seen.c.who, *counts).group_by(seen.c.who).cte(f"partners_{key}")
