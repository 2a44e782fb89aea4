"""Proposals about single contacts: an attitude that is old or that the log contradicts, a key person nobody of us has met for long.

What is observed rests on the confidence of the person's closeness; what is *not* observed only on whether the log could have
held it, so it is judged by the capture of the account owner's mail.
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import DAY, Context
from transforms.functions import epoch_seconds
from transforms.history.tables import edits
from transforms.maps.links import on_map
from transforms.scores import tables as scores
from transforms.scores.expressions import num, real, since, zero
from transforms.suggestions.item import item
from transforms.suggestions.words import counted, word
from transforms.tables import accounts, people, users


def contradicted(context: Context) -> sa.Select[Any]:
    """Stated and observed closeness more than `stated_gap.grades` apart (Stated_Gap)."""
    score, touch = scores.people, scores.person_touches
    evidence = (
        counted(context, "stated", people.c.attitude)
        .concat(counted(context, "observed", score.c.closeness_now))
        .concat(counted(context, "two_way_days", zero(touch.c.two_way_days_365d)))
    )
    rows = item(
        "attitude_contradicted", "contact", people.c.crm, people.c.person_id, score.c.strongest_user_id, score.c.confidence, evidence
    )
    joined = people.join(score, score.c.person_key == people.c.person_key).outerjoin(touch, touch.c.person_key == people.c.person_key)
    return rows.select_from(joined).where(people.c.person_kind == "contact", score.c.stated_gap.in_(("Stated higher", "Observed higher")))


def stale(context: Context) -> sa.Select[Any]:
    """Attitudes last edited `suggestions.stale_days` ago or longer; one that was there at our first look has no age."""
    edit, score = edits, scores.people
    age = sa.literal(context.as_of // DAY) - epoch_seconds(edit.c.day) / DAY
    same = sa.and_(
        edit.c.crm == people.c.crm, edit.c.record_id == people.c.person_id, edit.c.entity == "contact", edit.c.field == "attitude"
    )
    days = sa.cast(sa.func.floor(age), sa.BigInteger)
    rows = item(
        "attitude_stale",
        "contact",
        people.c.crm,
        people.c.person_id,
        score.c.strongest_user_id,
        num(context.method["suggestions.stale"]),
        counted(context, "edited", days),
    )
    joined = people.join(edit, same).join(score, score.c.person_key == people.c.person_key)
    return rows.select_from(joined).where(on_map(people), people.c.attitude.is_not(None), days >= context.method["suggestions.stale_days"])


def unmet(context: Context) -> sa.Select[Any]:
    """Key persons, as entered, without two-way contact of anybody for `suggestions.unmet_days`."""
    key, touch, capture, owner = scores.key_persons, scores.person_touches, scores.user_capture, _owner()
    days = sa.cast(sa.func.floor(real(context.as_of - touch.c.last_two_way_s) / num(DAY)), sa.BigInteger)
    evidence = sa.case((touch.c.last_two_way_s.is_(None), word(context, "never")), else_=counted(context, "unmet", days))
    method = context.method
    sure = sa.case((capture.c.captured.is_(True), num(method["suggestions.captured"])), else_=num(method["suggestions.uncaptured"]))
    joined = (
        key.outerjoin(touch, touch.c.person_key == key.c.person_key)
        .outerjoin(owner, owner.c.account_key == key.c.account_key)
        .outerjoin(capture, capture.c.user_key == owner.c.user_key)
    )
    late = sa.or_(touch.c.last_two_way_s.is_(None), touch.c.last_two_way_s <= since(context, method["suggestions.unmet_days"]))
    rows = item("unmet_key_person", "contact", key.c.crm, key.c.person_id, owner.c.user_id, sure, evidence)
    return rows.select_from(joined).where(key.c.entered, late)


def _owner() -> sa.CTE:
    """Active owners of accounts."""
    same = sa.and_(users.c.crm == accounts.c.crm, users.c.user_id == accounts.c.owner_id)
    rows = sa.select(accounts.c.account_key, users.c.user_key, users.c.user_id).join(users, same)
    return rows.where(users.c.is_active.is_(True), users.c.is_person.is_(True)).cte("active_owner")


READS = (
    "model.people",
    "model.accounts",
    "model.users",
    "scores.people",
    "scores.person_touches",
    "scores.key_persons",
    "scores.user_capture",
    "scores.edits",
)
