"""The tables of the warehouse that this configuration builds, and the suites that go with them."""

from collections.abc import Mapping, Sequence
from itertools import groupby

import sqlalchemy as sa

from connectors.fields import OUTPUT, Entity
from orchestration.config import Configuration
from orchestration.crms import Crm
from quality.enrichment import enrichment_suite
from quality.expectations import Suite
from quality.suites import model_suites
from transforms.base import Model, Source
from transforms.registry import all_models
from warehouse import ENRICHMENT, STAGING, DuckDBWarehouse


def models(config: Configuration) -> Sequence[Model]:
    """Every model, as if each CRM had all it could have: the graph does not change with what an org hides."""
    return of_run(list(config.crms.values()))


def source(crm: Crm, columns: Mapping[str, Sequence[str]]) -> Source:
    """A CRM as staging sees it, with these raw objects and columns."""
    return Source(crm.name, crm.settings.kind, columns, crm.kind.entered(crm), crm.prefix)


def of_run(crms: Sequence[Crm]) -> Sequence[Model]:
    """What a run of these CRMs builds: their own staging, and every table of all CRMs over what the others have staged."""
    return all_models([source(crm, crm.kind.objects(crm)) for crm in crms])


def steps(config: Configuration) -> Mapping[str, Sequence[Model]]:
    """The models in steps, each step after those it reads: the staging of each CRM, then what is built over all, by schema."""
    staging = {f"stage_{crm.name}": staged(source(crm, crm.kind.objects(crm))) for crm in config.crms.values()}
    shared = [model for model in models(config) if model.table.schema != STAGING]
    return staging | {f"build_{schema}": list(step) for schema, step in groupby(shared, lambda model: str(model.table.schema))}


def staged(found: Source) -> Sequence[Model]:
    """The staging of one CRM."""
    return [model for model in all_models([found]) if model.table.schema == STAGING]


def is_staged(warehouse: DuckDBWarehouse, found: Source) -> bool:
    """Whether a CRM's staging tables are there, in the shape this version builds."""
    return all(list(warehouse.columns(STAGING, model.table.name)) == list(model.table.c.keys()) for model in staged(found))


def suites(built: Sequence[Model]) -> list[Suite]:
    """The suites of those tables that are built."""
    names = {model.name for model in built}
    found = [*model_suites(), *(enrichment_suite(entity, table, OUTPUT[entity]) for entity, table in enrichment(built).items())]
    return [suite for suite in found if suite.name in names]


def enrichment(built: Sequence[Model]) -> dict[Entity, sa.Table]:
    """The tables that are written back, by entity."""
    named = {model.name: model.table for model in built}
    return {entity: named[f"{ENRICHMENT}.{entity}"] for entity in OUTPUT if f"{ENRICHMENT}.{entity}" in named}
