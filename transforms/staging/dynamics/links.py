"""What connections tell: who of ours is on an account's team, which part a contact plays in a deal, or in an account not its own.

A connection is two rows, one per direction; the master row is the link. It counts while it is active and has not ended,
with a role that is published: the category of the role says whether the link is a team's or a stakeholder's. What a contact
is to an account may have a role of any category.
"""

from dataclasses import dataclass
from typing import Any, Final, Self

import sqlalchemy as sa

from transforms.base import Context, Source
from transforms.staging.dynamics.raw import IS_DELETED, is_gone, state, target, target_table
from transforms.staging.dynamics.records import ACTIVE
from transforms.staging.raw import Raw
from transforms.staging.shapes import stacked, staging_table

Rows = sa.Select[Any]
Cell = sa.ColumnElement[Any]

STAKEHOLDER, SALES_TEAM = 1000, 1001
PUBLISHED: Final = 0
ENDS: Final = (("1", "2"), ("2", "1"))


def account_members(source: Source, context: Context) -> Rows:
    """Account owners, and users linked to accounts in a sales team role."""
    owned, links = Raw.of(source, "account"), _Links.of(source)
    parts = [] if owned is None else [_owners(owned)]
    if links is not None:
        parts += [_members(links, context, *ends) for ends in ENDS]
    return stacked(staging_table(source.crm, "account_members"), parts)


def account_contacts(source: Source, context: Context) -> Rows:
    """Contacts linked to accounts, by the role's name."""
    links = _Links.of(source)
    parts = [] if links is None else [_linked(links, context, *ends) for ends in ENDS]
    return stacked(staging_table(source.crm, "account_contacts"), parts)


def opportunity_roles(source: Source, context: Context) -> Rows:
    """Contacts linked to deals in a stakeholder role, by the role's name."""
    links = _Links.of(source)
    parts = [] if links is None else [_stakeholders(links, context, *ends) for ends in ENDS]
    return stacked(staging_table(source.crm, "opportunity_roles"), parts)


@dataclass(frozen=True)
class _Links:
    """Connections beside connection roles."""

    link: Raw
    role: Raw

    @classmethod
    def of(cls, source: Source) -> Self | None:
        """Both tables; None when either is missing."""
        link, role = Raw.of(source, "connection"), Raw.of(source, "connectionrole")
        return None if link is None or role is None else cls(link, role)

    def rows(self, entity: str, columns: dict[str, Cell], party: str, context: Context, category: int | None = None) -> Rows:
        """Links in force whose `party` end (1 or 2) has a role, of the category if one is given."""
        same = self.role.text("connectionroleid") == target(self.link, f"record{party}roleid")
        rows = self.link.rows(entity, columns).select_from(self.link.table.join(self.role.table, same))
        of_category = sa.true() if category is None else state(self.role, "category") == category
        return rows.where(self._in_force(context), self._is_published(), of_category)

    def _in_force(self, context: Context) -> Cell:
        ends, starts = self.link.instant("effectiveend"), self.link.instant("effectivestart")
        master = self.link.flag("ismaster") if self.link.has("ismaster") else sa.true()
        alive = sa.and_(sa.not_(self.link.flag(IS_DELETED)), sa.func.coalesce(state(self.link) == ACTIVE, sa.true()), master)
        begun = sa.func.coalesce(starts <= context.as_of, sa.true())
        return sa.and_(alive, begun, sa.func.coalesce(ends > context.as_of, sa.true()))

    def _is_published(self) -> Cell:
        published = sa.func.coalesce(state(self.role, "componentstate") == PUBLISHED, sa.true())
        return sa.and_(published, sa.not_(self.role.flag(IS_DELETED)))

    def between(self, one: str, one_table: str, two: str, two_table: str) -> Cell:
        """Whether one end is of one table and the other of the other."""
        ends = ((one, one_table), (two, two_table))
        return sa.and_(*(target_table(self.link, f"record{end}id") == table for end, table in ends))


def _owners(raw: Raw) -> Rows:
    columns = {"account_id": raw.text("accountid"), "user_id": target(raw, "ownerid"), "member_role": sa.literal("owner")}
    return raw.rows("account_members", columns).where(sa.not_(is_gone(raw)))


def _members(links: _Links, context: Context, account: str, user: str) -> Rows:
    ids = {name: target(links.link, f"record{end}id") for name, end in (("account_id", account), ("user_id", user))}
    rows = links.rows("account_members", {**ids, "member_role": sa.literal("team")}, user, context, SALES_TEAM)
    return rows.where(links.between(account, "account", user, "systemuser"))


def _linked(links: _Links, context: Context, account: str, contact: str) -> Rows:
    ids = {name: target(links.link, f"record{end}id") for name, end in (("account_id", account), ("person_id", contact))}
    rows = links.rows("account_contacts", {**ids, "roles": links.role.text("name")}, contact, context)
    return rows.where(links.between(account, "account", contact, "contact"))


def _stakeholders(links: _Links, context: Context, deal: str, contact: str) -> Rows:
    ids = {name: target(links.link, f"record{end}id") for name, end in (("opportunity_id", deal), ("person_id", contact))}
    rows = links.rows("opportunity_roles", {**ids, "role": links.role.text("name")}, contact, context, STAKEHOLDER)
    return rows.where(links.between(deal, "opportunity", contact, "contact"))
