"""Salesforce in the neutral shape: `staged(source)` gives one model per staging table of one org."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import sqlalchemy as sa

from transforms.base import Context, Model, Source
from transforms.staging.salesforce import activities, entered, links, participants, records
from transforms.staging.shapes import staging_table
from warehouse import raw_schema

Build = Callable[[Source, Context], sa.Select[Any]]

TABLES: Final[Mapping[str, tuple[Build, Sequence[str]]]] = {
    "users": (records.users, ("User",)),
    "accounts": (records.accounts, ("Account",)),
    "people": (records.people, ("Contact", "Lead")),
    "person_addresses": (records.person_addresses, ("Contact", "Lead")),
    "account_members": (links.account_members, ("Account", "AccountTeamMember")),
    "account_contacts": (links.account_contacts, ("AccountContactRelation",)),
    "opportunities": (records.opportunities, ("Opportunity", "CurrencyType")),
    "opportunity_roles": (links.opportunity_roles, ("OpportunityContactRole",)),
    "leads": (records.leads, ("Lead",)),
    "entered_dropped": (entered.entered_dropped, ("Contact", "Lead", "Account", "Opportunity", "User")),
    "activities": (activities.activities, ("Task", "Event", "EmailMessage", "Opportunity")),
    "participants": (participants.participants, ("Task", "Event", "EmailMessage", "TaskRelation", "EventRelation", "EmailMessageRelation")),
}
"""Neutral entity -> (its select, the raw objects it reads)."""


def staged(source: Source) -> list[Model]:
    """The staging models of one Salesforce org; objects the org lacks are not read."""
    return [_model(source, entity, build, objects) for entity, (build, objects) in TABLES.items()]


def _model(source: Source, entity: str, build: Build, objects: Sequence[str]) -> Model:
    reads = tuple(f"{raw_schema(source.crm)}.{name}" for name in objects if name in source.columns)
    return Model(staging_table(source.crm, entity), partial(build, source), reads)
