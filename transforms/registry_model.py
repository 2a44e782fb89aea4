"""The models from raw tables to `model.*`, in build order: staging per CRM, then one model, then the interactions."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from transforms import tables as model
from transforms.base import Context, Model, Source
from transforms.interactions import counted, mails, people, records, resolve, sides
from transforms.interactions import tables as steps
from transforms.staging import dynamics, salesforce
from transforms.staging.shapes import staging_table

STAGERS: Final[Mapping[str, Callable[[Source], list[Model]]]] = {"salesforce": salesforce.staged, "dynamics": dynamics.staged}
"""CRM kind -> its staging models."""

Build = Callable[[Context], sa.Select[Any]]

_STEPS: Final[Sequence[tuple[sa.Table, Build, Sequence[str], Sequence[sa.Table]]]] = (
    (steps.survivors, records.survivor_rows, ("people", "accounts"), ()),
    (model.users, records.user_rows, ("users",), ()),
    (model.accounts, records.account_rows, ("accounts",), (steps.survivors,)),
    (model.people, people.people_rows, ("people", "person_addresses"), (steps.survivors, model.users, model.accounts)),
    (model.account_members, records.member_rows, ("account_members",), (steps.survivors, model.users, model.accounts)),
    (model.account_contacts, records.contact_rows, ("account_contacts",), (steps.survivors, model.accounts, model.people)),
    (model.opportunities, records.opportunity_rows, ("opportunities",), (steps.survivors, model.accounts)),
    (model.opportunity_roles, records.role_rows, ("opportunity_roles",), (steps.survivors, model.opportunities, model.people)),
    (model.leads, records.lead_rows, ("leads",), (steps.survivors,)),
    (model.entered_dropped, records.entered_dropped_rows, ("entered_dropped",), (model.people,)),
    (steps.parties, resolve.party_rows, ("people", "person_addresses"), (steps.survivors, model.users, model.people)),
    (steps.addresses, resolve.address_rows, ("people", "person_addresses"), (steps.survivors, model.users, model.people)),
    (steps.activities, resolve.activity_rows, ("activities",), (steps.survivors, model.accounts)),
    (steps.participants, resolve.participant_rows, ("participants",), (steps.activities, steps.parties, steps.addresses)),
    (steps.twins, mails.twin_rows, (), (steps.activities, steps.participants)),
    (steps.mails, mails.mail_rows, (), (steps.activities, steps.participants)),
    (steps.refused, sides.refused_rows, (), (steps.participants,)),
    (steps.repeated, sides.repeated_rows, (), (steps.participants,)),
    (steps.filled, sides.filled_rows, (), (steps.participants,)),
    (steps.sides, sides.side_rows, (), (steps.participants, steps.mails, steps.refused, steps.repeated, steps.filled)),
    (steps.verdicts, counted.verdict_rows, (), (steps.activities, steps.twins, steps.mails, steps.sides)),
    (model.interactions, counted.interaction_rows, (), (steps.activities, steps.verdicts, steps.sides, model.users, model.people)),
    (model.interactions_dropped, counted.dropped_rows, (), (steps.activities, steps.verdicts)),
    (model.participants_dropped, counted.left_out_rows, (), (steps.activities, steps.verdicts, steps.sides)),
)
"""Table, its select, the staged entities it reads of every CRM, and the tables before it."""


def model_models(sources: Sequence[Source]) -> list[Model]:
    """Every model up to the interactions, each after all it reads."""
    staged = [item for source in sources for item in STAGERS[source.kind](source)]
    return [*staged, *(_model(sources, *step) for step in _STEPS)]


def _model(sources: Sequence[Source], table: sa.Table, build: Build, entities: Sequence[str], before: Sequence[sa.Table]) -> Model:
    tables = [*(staging_table(source.crm, entity) for entity in entities for source in sources), *before]
    return Model(table, build, tuple(f"{item.schema}.{item.name}" for item in tables))
