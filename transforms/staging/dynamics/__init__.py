"""Dynamics 365 (Dataverse) in the neutral shape: `staged(source)` gives one model per staging table of one environment."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import sqlalchemy as sa

from transforms.base import Context, Model, Source
from transforms.staging.dynamics import activities, entered, links, participants, people, records
from transforms.staging.dynamics.words import CHOICES
from transforms.staging.shapes import staging_table
from warehouse import raw_schema

Build = Callable[[Source, Context], sa.Select[Any]]

ACTIVITIES: Final = ("email", "phonecall", "appointment", "recurringappointmentmaster", "task")
TABLES: Final[Mapping[str, tuple[Build, Sequence[str]]]] = {
    "users": (records.users, ("systemuser", CHOICES)),
    "accounts": (records.accounts, ("account", CHOICES)),
    "people": (people.people, ("contact", "lead", CHOICES)),
    "person_addresses": (people.person_addresses, ("contact", "lead")),
    "account_members": (links.account_members, ("account", "connection", "connectionrole")),
    "account_contacts": (links.account_contacts, ("connection", "connectionrole")),
    "opportunities": (records.opportunities, ("opportunity", CHOICES)),
    "opportunity_roles": (links.opportunity_roles, ("connection", "connectionrole")),
    "leads": (people.leads, ("contact", "lead", "opportunity")),
    "entered_dropped": (entered.entered_dropped, ("contact", "lead", "account", "opportunity", "systemuser", CHOICES)),
    "activities": (activities.activities, (*ACTIVITIES, "contact", "opportunity")),
    "participants": (participants.participants, (*ACTIVITIES[:3], "activityparty")),
}
"""Neutral entity -> (its select, the raw tables it reads)."""


def staged(source: Source) -> list[Model]:
    """The staging models of one environment; tables it lacks are not read."""
    return [_model(source, entity, build, names) for entity, (build, names) in TABLES.items()]


def _model(source: Source, entity: str, build: Build, names: Sequence[str]) -> Model:
    reads = tuple(f"{raw_schema(source.crm)}.{name}" for name in names if name in source.columns)
    return Model(staging_table(source.crm, entity), partial(build, source), reads)
