"""What the selects of `transforms.scores` read for the company: the joint log of shared people, the tables of each CRM for the rest.

Inbound mail of a user is visibly not captured (`blind`) in the joint log only where no CRM that holds mails of the user
captures it: one that does would have shown an answer.
"""

from dataclasses import replace
from typing import Any, Final

import sqlalchemy as sa

from transforms.company import tables
from transforms.identity import tables as identity
from transforms.scores import tables as scores
from transforms.scores.expressions import every, some
from transforms.scores.instants import INSTANTS
from transforms.scores.log import Log
from transforms.tables import users

Cell = sa.ColumnElement[Any]


def shared(who: sa.Table) -> sa.Select[Any]:
    """Keys of the identities that several CRMs know."""
    return sa.select(who.c.identity_key).where(who.c.records > 1)


def joint_log(who: sa.Table, key: str) -> sa.Subquery:
    """Interactions of shared people or accounts, each event once."""
    log = tables.interactions
    return sa.select(log).where(log.c.repeats.is_(None), log.c[key].in_(shared(who))).subquery("joint_log")


def _capture() -> sa.Subquery:
    """`scores.user_capture` by identity of the user."""
    each, user = scores.user_capture, identity.users
    blind = [every(each.c[f"blind_{name}"].is_(True)).label(f"blind_{name}") for name in INSTANTS]
    rows = sa.select(user.c.identity_key.label("user_key"), some(each.c.captured.is_(True)).label("captured"), *blind)
    mailed = each.c.blind_now.is_not(None)
    return rows.join(each, each.c.user_key == user.c.user_key).where(mailed).group_by(user.c.identity_key).subquery("company_capture")


def _users() -> sa.Subquery:
    """Users by identity: active where one of the records is."""
    user = identity.users
    flags = [some(users.c[name].is_(True)).label(name) for name in ("is_active", "is_person")]
    rows = sa.select(user.c.identity_key.label("user_key"), sa.func.min(users.c.name).label("name"), *flags)
    return rows.join(users, users.c.user_key == user.c.user_key).group_by(user.c.identity_key).subquery("company_users")


def _with_the_rest(table: sa.Table, each_crm: sa.Table) -> sa.Subquery:
    """Rows of shared people, and those that one CRM has about everybody else."""
    user, person = identity.users, identity.people
    replaced: dict[str, Cell] = {
        "crm": sa.literal(tables.EVERY_CRM),
        "user_key": user.c.identity_key,
        "user_id": user.c.identity_id,
        "person_id": person.c.identity_id,
    }
    joined = each_crm.join(user, user.c.user_key == each_crm.c.user_key).join(person, person.c.person_key == each_crm.c.person_key)
    columns = [replaced.get(column.name, column).label(column.name) for column in each_crm.columns]
    rest = sa.select(*columns).select_from(joined).where(person.c.records == 1)
    return sa.union_all(sa.select(table), rest).subquery(f"whole_{table.name}")


def _pairs() -> sa.Subquery:
    """`company.pairs` under the column names of `scores.pairs`."""
    pair = tables.pairs
    names = {"user_identity": "user_id", "person_identity": "person_id"}
    return sa.select(*(column.label(names.get(column.name, column.name)) for column in pair.columns)).subquery("company_pairs")


SHARED: Final = Log(
    interactions=joint_log(identity.people, "person_key"),
    people=sa.select(sa.literal(tables.EVERY_CRM).label("crm")).subquery("everywhere"),
    users=_users(),
    capture=_capture(),
    facts=tables.pair_facts,
    intensity=tables.pair_intensity,
    kappa=tables.kappa,
    pairs=_pairs(),
)
"""Pairs of people whom several CRMs know."""

WHOLE: Final = replace(
    SHARED,
    facts=_with_the_rest(tables.pair_facts, scores.pair_facts),
    intensity=_with_the_rest(tables.pair_intensity, scores.pair_intensity),
)
"""All pairs of the company."""
