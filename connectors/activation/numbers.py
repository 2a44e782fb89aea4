"""The numbers of one push, counted from the ledger's rows."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

import sqlalchemy as sa

from connectors.activation.reports import MAX_ATTEMPTS, EntityPush, Plan
from connectors.fields import Entity
from warehouse import DuckDBWarehouse, ledger

ROW = ledger.sync_row
NO_RIGHT = "no right to edit these records"


def entities(warehouse: DuckDBWarehouse, plan: Plan, refusals: Mapping[Entity, str]) -> dict[Entity, EntityPush]:
    """Per object what was planned, updated, rejected (by code) and left out for a missing right."""
    select = sa.select(ROW.c.entity, ROW.c.status, sa.func.coalesce(ROW.c.code, ""), sa.func.count())
    with warehouse.connection() as connection:
        counted = connection.execute(select.where(ROW.c.run_id == plan.plan_id).group_by(*select.selected_columns[:3])).all()
    found: dict[Entity, EntityPush] = {
        entity: EntityPush(counts.updates, 0, counts.unchanged, counts.skipped, reason=refusals.get(entity, ""))
        for entity, counts in plan.entities.items()
    }
    codes: dict[Entity, dict[str, int]] = defaultdict(dict)
    for entity, status, code, count in counted:
        if status == "accepted":
            found[entity] = replace(found[entity], updated=count + found[entity].updated)
        if status == "skipped":
            found[entity] = replace(found[entity], reason=found[entity].reason or NO_RIGHT)
        if status == "rejected":
            codes[entity][code] = count
    return {entity: replace(push, rejected=sum(codes[entity].values()), codes=codes[entity]) for entity, push in found.items()}


def quarantined(warehouse: DuckDBWarehouse, crm: str) -> int:
    """Records of one CRM left out of plans because they were rejected too often."""
    table = ledger.sync_quarantine
    select = sa.select(sa.func.count()).select_from(table).where(table.c.crm == crm, table.c.attempts >= MAX_ATTEMPTS)
    with warehouse.connection() as connection:
        return int(connection.scalar(select) or 0)
