"""The competitor's relations: what is entered about it, contact by contact, and where it stands against us.

No log shows a competitor's contacts, so its closeness is that of the attitudes entered and its level ends at Mid.
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.maps import tables
from transforms.maps.links import on_map
from transforms.scores import tables as scores
from transforms.scores.expressions import Number, attitude_points, rounded
from transforms.scores.levels import relationship_level
from transforms.tables import accounts, opportunities, people


def select(context: Context) -> sa.Select[Any]:
    """One row per account and contact with a known attitude towards the competitor (`maps.competitor`)."""
    person, standing, rank = _persons(), _standing(context), _ranks()
    joined: sa.FromClause = accounts
    for part in (person, standing, rank):
        joined = joined.outerjoin(part, part.c.account_key == accounts.c.account_key)
    named = sa.func.nullif(sa.func.trim(accounts.c.competitor_main), "", type_=sa.String)
    level = relationship_level(context, standing.c.competitor, sa.false(), accounts.c.industry)
    return (
        sa.select(
            *(accounts.c[name] for name in ("crm", "account_key", "account_id")),
            named.label("competitor"),
            *(person.c[name] for name in ("person_key", "person_id", "key_person", "attitude", "competitor_attitude")),
            _compared(person.c.attitude, person.c.competitor_attitude, ("us", "even", "competitor")).label("leans"),
            standing.c.competitor.label("competitor_closeness"),
            sa.case((standing.c.competitor.is_not(None), level)).label("competitor_level"),
            standing.c.ours.label("our_closeness"),
            _compared(standing.c.ours, standing.c.competitor_both, ("ahead", "even", "behind")).label("standing"),
            rank.c.worst_rank,
        )
        .select_from(joined)
        .where(accounts.c.is_live.is_(True), sa.or_(named.is_not(None), person.c.person_key.is_not(None), rank.c.worst_rank.is_not(None)))
    )


def _compared(ours: Number, theirs: Number, labels: tuple[str, str, str]) -> Number:
    better, even, worse = labels
    return sa.case((ours > theirs, better), (ours == theirs, even), (ours < theirs, worse), else_=sa.null())


def _persons() -> sa.CTE:
    key = scores.key_persons
    columns = (people.c[name] for name in ("account_key", "person_key", "person_id", "attitude", "competitor_attitude"))
    joined = people.outerjoin(key, key.c.person_key == people.c.person_key)
    rows = sa.select(*columns, key.c.person_key.is_not(None).label("key_person")).select_from(joined)
    return rows.where(on_map(people), people.c.competitor_attitude.is_not(None)).cte("rated")


def _standing(context: Context) -> sa.CTE:
    """Means over key persons: of the competitor, then of both of us over those where both are known."""
    key = scores.key_persons
    theirs, ours = attitude_points(context, people.c.competitor_attitude), key.c.effective_now
    both = sa.and_(theirs.is_not(None), ours.is_not(None))
    return (
        sa.select(
            key.c.account_key,
            rounded(sa.func.avg(theirs), 1).label("competitor"),
            rounded(sa.func.avg(sa.case((both, theirs))), 1).label("competitor_both"),
            rounded(sa.func.avg(sa.case((both, ours))), 1).label("ours"),
        )
        .select_from(key.join(people, people.c.person_key == key.c.person_key))
        .group_by(key.c.account_key)
        .cte("standing")
    )


def _ranks() -> sa.CTE:
    deal = opportunities
    worst = sa.func.max(deal.c.competitor_rank).label("worst_rank")
    return sa.select(deal.c.account_key, worst).where(deal.c.is_closed.is_(False)).group_by(deal.c.account_key).cte("ranks")


MODEL = Model(
    tables.competitor,
    select,
    ("model.accounts", "model.people", "model.opportunities", "scores.key_persons"),
)
