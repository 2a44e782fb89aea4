"""Salesforce junctions in the neutral shape: account teams, contacts of several accounts, and contact roles of deals.

A junction row that was deleted links nothing, so it is left out.
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Source
from transforms.staging.raw import Raw
from transforms.staging.shapes import stacked, staging_table

Rows = sa.Select[Any]


def account_members(source: Source, context: Context) -> Rows:
    """Account owners and account teams."""
    owned, team = Raw.of(source, "Account"), Raw.of(source, "AccountTeamMember")
    parts = []
    if owned is not None:
        parts.append(_members(owned, ("Id", "OwnerId"), "owner"))
    if team is not None:
        parts.append(_members(team, ("AccountId", "UserId"), "team"))
    return stacked(staging_table(source.crm, "account_members"), parts)


def _members(raw: Raw, ids: tuple[str, str], role: str) -> Rows:
    account, user = ids
    columns = {"account_id": raw.text(account), "user_id": raw.text(user), "member_role": sa.literal(role)}
    return raw.rows("account_members", columns).where(sa.not_(raw.flag("IsDeleted")))


def account_contacts(source: Source, context: Context) -> Rows:
    """Contacts of several accounts, where the org has them: relations in force beside the one to their own account."""
    raw = Raw.of(source, "AccountContactRelation")
    if raw is None:
        return stacked(staging_table(source.crm, "account_contacts"), [])
    columns = {"account_id": raw.text("AccountId"), "person_id": raw.text("ContactId"), "roles": raw.text("Roles")}
    in_force = sa.func.coalesce(raw.column("IsActive", sa.Boolean), sa.true())
    return raw.rows("account_contacts", columns).where(sa.not_(raw.flag("IsDeleted")), sa.not_(raw.flag("IsDirect")), in_force)


def opportunity_roles(source: Source, context: Context) -> Rows:
    """Contact roles that are not deleted."""
    raw = Raw.of(source, "OpportunityContactRole")
    if raw is None:
        return stacked(staging_table(source.crm, "opportunity_roles"), [])
    columns = {"opportunity_id": raw.text("OpportunityId"), "person_id": raw.text("ContactId"), "role": raw.text("Role")}
    return raw.rows("opportunity_roles", columns).where(sa.not_(raw.flag("IsDeleted")))
