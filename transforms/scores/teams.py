"""Averages of teams, for those who want no figure on a single person but still need to know where a team stands.

A team are the people who report to one manager, so that each person is in one team only and no two rows can be subtracted
to single somebody out. Smaller teams than `team.min_people` have no row. Deliberately absent: how many of a team hold
which grade, which would tell everybody's where all are alike.
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.scores import tables
from transforms.scores.expressions import real, rounded, summed
from transforms.scores.users import sample

AVERAGED = ("covered", "accounts_initial", "accounts_mid", "accounts_strong", "people_known")


def select(context: Context) -> sa.Select[Any]:
    """One row per team that is large enough (`scores.teams`)."""
    person = sample(context)
    size = sa.func.count()
    rows = (
        sa.select(
            person.c.crm,
            person.c.manager_id,
            size.label("people"),
            summed(person.c.captured).label("captured"),
            *(rounded(sa.func.avg(real(person.c[name])), 1).label(name) for name in AVERAGED),
        )
        .where(person.c.manager_id.is_not(None))
        .group_by(person.c.crm, person.c.manager_id)
        .having(size >= context.method["team.min_people"])
    )
    return rows if context.team_averages else rows.where(sa.false())


MODEL = Model(tables.teams, select, ("model.users", "model.people", "scores.pairs", "scores.user_capture", "scores.views"))
