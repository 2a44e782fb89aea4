"""Dataverse users, accounts and deals in the neutral shape.

Accounts keep their deleted and merged rows, marked, because activities may still point at them. Money is read in the
organisation's own currency where the environment shows it.
"""

from typing import Any, Final

import sqlalchemy as sa

from transforms.base import DAY, Context, Source
from transforms.functions import local_part
from transforms.staging.dynamics.entered import HOLDER
from transforms.staging.dynamics.raw import IS_DELETED, is_gone, state, target, target_in
from transforms.staging.dynamics.words import worded
from transforms.staging.raw import Raw, share
from transforms.staging.shapes import stacked, staging_table

Rows = sa.Select[Any]
Cell = sa.ColumnElement[Any]

ACTIVE: Final = 0
WON: Final = 1
NON_INTERACTIVE: Final = 4


def users(source: Source, context: Context) -> Rows:
    """Everyone with a log-in; applications, integrations and non-interactive log-ins are no persons."""
    raw = worded(source, "systemuser")
    if raw is None:
        return none(source, "users")
    columns: dict[str, Cell] = {
        "user_id": raw.text("systemuserid"),
        "name": full_name(raw),
        "email": raw.address("internalemailaddress"),
        "title": sa.func.coalesce(raw.text("title"), raw.text("jobtitle")),
        "manager_id": target(raw, "parentsystemuserid"),
        "is_active": sa.not_(sa.or_(raw.flag("isdisabled"), raw.flag(IS_DELETED))),
        "is_person": sa.not_(_is_machine(raw, context)),
        **HOLDER.values(raw, "user"),
    }
    return raw.rows("users", columns)


def accounts(source: Source, context: Context) -> Rows:
    """Accounts; one that was merged away is its master."""
    raw = worded(source, "account")
    if raw is None:
        return none(source, "accounts")
    columns: dict[str, Cell] = {
        "account_id": raw.text("accountid"),
        "successor_id": target(raw, "masterid"),
        "is_deleted": is_gone(raw),
        "is_active": is_active(raw),
        "name": raw.text("name"),
        "parent_id": target(raw, "parentaccountid"),
        "owner_id": target_in(raw, "ownerid", "systemuser"),
        "industry": raw.text("industrycode"),
        "employees": raw.number("numberofemployees"),
        **HOLDER.values(raw, "account"),
    }
    return raw.rows("accounts", columns)


def opportunities(source: Source, context: Context) -> Rows:
    """Deals that are not deleted: what a won one brought, what any other is estimated at."""
    raw = worded(source, "opportunity")
    if raw is None:
        return none(source, "opportunities")
    is_won = state(raw) == WON
    closes = sa.func.coalesce(sa.case((state(raw) != ACTIVE, raw.instant("actualclosedate"))), raw.instant("estimatedclosedate"))
    columns: dict[str, Cell] = {
        "opportunity_id": raw.text("opportunityid"),
        "account_id": sa.func.coalesce(target(raw, "parentaccountid"), target_in(raw, "customerid", "account")),
        "owner_id": target_in(raw, "ownerid", "systemuser"),
        "stage": sa.func.coalesce(raw.text("salesstage"), raw.text("stepname")),
        "probability": share(raw.number("closeprobability")),
        "amount": sa.func.coalesce(sa.case((is_won, _money(raw, "actualvalue"))), _money(raw, "estimatedvalue")),
        "close_day": sa.cast(sa.func.floor(sa.cast(closes, sa.Double) / DAY), sa.BigInteger),
        "created_s": raw.instant("createdon"),
        "is_closed": state(raw) != ACTIVE,
        "is_won": is_won,
        **HOLDER.values(raw, "opportunity"),
    }
    return raw.rows("opportunities", columns).where(sa.not_(raw.flag(IS_DELETED)))


def is_active(raw: Raw) -> Cell:
    """State 0; also where the state is not visible."""
    return sa.func.coalesce(state(raw) == ACTIVE, sa.true())


def full_name(raw: Raw) -> Cell:
    """The name the environment shows, else first and last name."""
    parts = sa.func.concat_ws(" ", raw.text("firstname"), raw.text("lastname"))
    return sa.func.coalesce(raw.text("fullname"), sa.func.nullif(parts, "", type_=sa.String), type_=sa.String)


def none(source: Source, entity: str) -> Rows:
    """No rows of a staged entity."""
    return stacked(staging_table(source.crm, entity), [])


def _money(raw: Raw, column: str) -> Cell:
    return sa.func.coalesce(raw.number(f"{column}_base"), raw.number(column))


def _is_machine(raw: Raw, context: Context) -> Cell:
    """An application user, one marked as integration or non-interactive, or one whose address is nobody's."""
    nobody = local_part(raw.address("internalemailaddress")).in_(context.counting.not_people)
    marks = (raw.text("applicationid").is_not(None), state(raw, "accessmode") == NON_INTERACTIVE, nobody)
    return sa.or_(raw.flag("isintegrationuser"), *(sa.func.coalesce(mark, sa.false()) for mark in marks))
