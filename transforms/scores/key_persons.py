"""Key persons of each account (method section 3) with their seven features (section 5).

Key: marked so, or holding a buying role or a vote (`None` is no vote). Where none is entered, the engaged contacts stand
in. Inactive contacts are never key persons.
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.scores import tables
from transforms.scores.expressions import Condition, Number, num, since, zero
from transforms.scores.instants import TRENDS
from transforms.scores.levels import ENGAGED
from transforms.tables import people

VOTES = ("Approve", "Veto", "Both")
FEATURES = 7


def select(context: Context) -> sa.Select[Any]:
    """One row per account and key person (`scores.key_persons`)."""
    contact = _contacts()
    features = _features(contact)
    recent = contact.c.last_two_way_s > since(context, context.method["insight.days"])
    close = contact.c.effective_now >= num(context.method["level.influence"])
    copied = ("crm", "account_key", "person_key", "person_id", "entered", "attitude", *(f"effective_{name}" for name in TRENDS))
    return sa.select(
        *(contact.c[name] for name in copied),
        contact.c.solution_acceptance,
        contact.c.price_acceptance,
        features.label("features"),
        sa.func.coalesce(sa.and_(features == FEATURES, recent), False).label("insight"),
        contact.c.decider,
        sa.case((contact.c.votes_entered == 1, contact.c.voter), else_=contact.c.decider).label("target"),
        sa.or_(contact.c.level == "Deep", sa.func.coalesce(close, False)).label("deep"),
        zero(contact.c.confidence).label("confidence"),
    ).where(sa.or_(contact.c.entered, sa.and_(contact.c.any_entered == 0, contact.c.level.in_(ENGAGED))))


def holds(role: str) -> Condition:
    """Whether a person holds a buying role."""
    spaceless = sa.func.replace(sa.func.coalesce(people.c.buying_roles, ""), " ", "")
    return sa.literal(";").concat(spaceless).concat(";").like(f"%;{role};%")


def _contacts() -> sa.CTE:
    """Live contacts of accounts, with what the choice rests on."""
    score, touch, bosses = tables.people, tables.person_touches, _bosses()
    voter = sa.func.coalesce(people.c.vote.in_(VOTES), False)
    entered = sa.or_(people.c.key_person.is_(True), sa.func.coalesce(people.c.buying_roles, "") != "", voter)
    joined = (
        people.join(score, people.c.person_key == score.c.person_key)
        .outerjoin(touch, people.c.person_key == touch.c.person_key)
        .outerjoin(bosses, (people.c.crm == bosses.c.crm) & (people.c.person_id == bosses.c.reports_to_id))
    )
    return (
        sa.select(
            *(people.c[name] for name in ("crm", "account_key", "person_key", "person_id", "attitude")),
            *(people.c[name] for name in ("solution_acceptance", "price_acceptance", "vote", "reports_to_id", "influenced_by_id")),
            *(score.c[f"effective_{name}"] for name in TRENDS),
            *(score.c[name] for name in ("level", "confidence")),
            touch.c.last_two_way_s,
            voter.label("voter"),
            holds("Decider").label("decider"),
            entered.label("entered"),
            bosses.c.reports_to_id.is_not(None).label("has_reports"),
            _any_in_account(entered).label("any_entered"),
            _any_in_account(voter).label("votes_entered"),
        )
        .select_from(joined)
        .where(people.c.person_kind == "contact", people.c.account_key.is_not(None))
        .cte("contacts")
    )


def _any_in_account(condition: Condition) -> Number:
    return sa.func.max(sa.case((condition, 1), else_=0)).over(partition_by=people.c.account_key)


def _bosses() -> sa.CTE:
    """Everybody whom somebody reports to."""
    staff = people.alias("staff")
    return sa.select(staff.c.crm, staff.c.reports_to_id).where(staff.c.reports_to_id.is_not(None)).distinct().cte("bosses")


def _features(contact: sa.CTE) -> Number:
    """Known of the seven: closeness, solution, price, both votes (one field tells both), reporting line, influence line."""
    top = sa.and_(contact.c.reports_to_id.is_(None), contact.c.has_reports)
    known: list[tuple[Condition, int]] = [
        (contact.c.effective_now.is_not(None), 1),
        (contact.c.solution_acceptance.is_not(None), 1),
        (contact.c.price_acceptance.is_not(None), 1),
        (contact.c.vote.is_not(None), 2),
        (sa.or_(contact.c.reports_to_id.is_not(None), top), 1),
        (sa.or_(contact.c.influenced_by_id.is_not(None), top), 1),
    ]
    total: Number = sa.literal(0)
    for condition, count in known:
        total = total + sa.case((condition, count), else_=0)
    return total


MODEL = Model(tables.key_persons, select, ("model.people", "scores.people", "scores.person_touches"))
