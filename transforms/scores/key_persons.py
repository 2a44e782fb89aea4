"""Key persons of each account (method section 3) with their seven features (section 5).

Key: marked so, or holding a buying role or a vote (`None` is no vote). Where none is entered, the engaged contacts stand
in. Inactive contacts are never key persons.
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.history.entered import FEATURES as EDITED
from transforms.history.tables import edits
from transforms.scores import tables
from transforms.scores.expressions import Condition, Number, as_date, num, since, zero
from transforms.scores.instants import TRENDS
from transforms.scores.levels import ENGAGED
from transforms.tables import people

VOTES = ("Approve", "Veto", "Both")
FEATURES = 7
"""Known features make an insight when they are all there; their names: `knows`."""


def select(context: Context) -> sa.Select[Any]:
    """One row per account and key person (`scores.key_persons`)."""
    contact = _contacts()
    known = knows(contact)
    features = sum((sa.case((condition, 1), else_=0) for condition in known.values()), sa.literal(0))
    days = context.method["insight.days"]
    met = contact.c.last_two_way_s > since(context, days)
    recent = sa.or_(sa.func.coalesce(met, False), sa.func.coalesce(contact.c.last_edit > as_date(num(since(context, days))), False))
    close = contact.c.effective_now >= num(context.method["level.influence"])
    copied = ("crm", "account_key", "person_key", "person_id", "entered", "attitude", *(f"effective_{name}" for name in TRENDS))
    return sa.select(
        *(contact.c[name] for name in copied),
        contact.c.solution_acceptance,
        contact.c.price_acceptance,
        *(condition.label(f"knows_{name}") for name, condition in known.items()),
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
    score, touch, bosses, edit = tables.people, tables.person_touches, _bosses(), _edits()
    voter = sa.func.coalesce(people.c.vote.in_(VOTES), False)
    entered = sa.or_(people.c.key_person.is_(True), sa.func.coalesce(people.c.buying_roles, "") != "", voter)
    joined = (
        people.join(score, people.c.person_key == score.c.person_key)
        .outerjoin(touch, people.c.person_key == touch.c.person_key)
        .outerjoin(bosses, (people.c.crm == bosses.c.crm) & (people.c.person_id == bosses.c.reports_to_id))
        .outerjoin(edit, (people.c.crm == edit.c.crm) & (people.c.person_id == edit.c.record_id))
    )
    return (
        sa.select(
            *(people.c[name] for name in ("crm", "account_key", "person_key", "person_id", "attitude")),
            *(people.c[name] for name in ("solution_acceptance", "price_acceptance", "vote", "reports_to_id", "influenced_by_id")),
            *(score.c[f"effective_{name}"] for name in TRENDS),
            *(score.c[name] for name in ("level", "confidence")),
            touch.c.last_two_way_s,
            edit.c.last_edit,
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


def _edits() -> sa.CTE:
    """Last day on which somebody edited a feature of a contact."""
    edit = edits
    of_features = sa.and_(edit.c.entity == "contact", edit.c.field.in_(EDITED))
    last = sa.func.max(edit.c.day).label("last_edit")
    return sa.select(edit.c.crm, edit.c.record_id, last).where(of_features).group_by(edit.c.crm, edit.c.record_id).cte("edited")


def knows(contact: sa.CTE) -> dict[str, Condition]:
    """The seven features by name; one field tells both votes, and the top of the reporting tree has both lines known."""
    top = sa.and_(contact.c.reports_to_id.is_(None), contact.c.has_reports)
    return {
        "closeness": contact.c.effective_now.is_not(None),
        "solution": contact.c.solution_acceptance.is_not(None),
        "price": contact.c.price_acceptance.is_not(None),
        "approve": contact.c.vote.is_not(None),
        "veto": contact.c.vote.is_not(None),
        "reporting": sa.or_(contact.c.reports_to_id.is_not(None), top),
        "influence": sa.or_(contact.c.influenced_by_id.is_not(None), top),
    }


MODEL = Model(tables.key_persons, select, ("model.people", "scores.edits", "scores.people", "scores.person_touches"))
