"""Plan: what would be written to one CRM, row by row and field by field, stored in the ledger and touching nothing else.

`build` compares the enrichment tables with the last acknowledged payloads (see `diff`) and stores the changed rows under
a plan id. It is safe against echoes by construction: values are compared, never time stamps, so our own write coming
back with the next extraction is no news. A newer plan of the same CRM supersedes one that was not pushed.

Deliberately absent: the CRM itself. What it really holds is asked by `settle` (after a crash) and `verify`.
"""

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from connectors.activation import diff, quarantine
from connectors.activation.errors import PlanUnusable, Unsettled
from connectors.activation.reports import EntityPlan, Mode, Plan
from connectors.activation.settings import ActivationSettings
from connectors.fields import Entity, column
from warehouse import DuckDBWarehouse, ledger

ROW_COLUMNS = ("position", "record_id", "parent_id", "attempt", "fields", "before", "after")


def build(
    warehouse: DuckDBWarehouse,
    crm: str,
    tables: Mapping[Entity, sa.Table],
    as_of: dt.date,
    settings: ActivationSettings,
    target: str = "GX",
) -> Plan:
    """Compare the enrichment tables of one CRM with what it acknowledged; store and return the plan.

    `tables`: entity to `enrichment.<entity>` (columns crm, record_id, parent_id, then output columns in native types; leave
    out "user" where people are not graded). `as_of`: becomes Scored_On of every planned row. `target`: the field prefix, and `@` the org;
    another one makes every row news, shown as mode "rebaseline". Raises `FieldNotWritable`, `Unsettled`, `WarehouseError`.
    """
    comparisons = [
        diff.Comparison(crm, entity, table, diff.fields_of(entity, table), target, as_of, settings.min_delta)
        for entity, table in tables.items()
    ]
    plan_id = uuid.uuid4().hex[:12]
    with warehouse.connection() as connection:
        make_room(connection, crm)
        entities = {item.entity: _store_changes(connection, plan_id, item) for item in comparisons}
        plan = Plan(plan_id, crm, as_of.isoformat(), target, _mode(connection, crm, entities), entities)
        store_plan(connection, plan)
    return plan


def load(warehouse: DuckDBWarehouse, plan_id: str) -> Plan:
    """A stored plan that can be pushed; raises `PlanUnusable` when it is unknown, superseded or was pushed."""
    with warehouse.connection() as connection:
        row = connection.execute(sa.select(ledger.sync_run).where(ledger.sync_run.c.run_id == plan_id)).mappings().first()
    if row is None:
        raise PlanUnusable(f"there is no plan {plan_id}; `guanxi plan` makes one, `guanxi status` lists them")
    if row["status"] != "planned":
        raise PlanUnusable(f"plan {plan_id} is {row['status']} and cannot be pushed again; `guanxi plan` makes a new one")
    entities = {entity: EntityPlan(**counts) for entity, counts in row["counts"].items()}
    as_of = row["as_of"].isoformat() if row["as_of"] else ""
    return Plan(plan_id, row["crm"], as_of, row["target"], row["mode"], entities)


def make_room(connection: sa.Connection, crm: str) -> None:
    """Let a new plan take the place of one that was not pushed; raises `Unsettled` while rows of an earlier push are open."""
    _require_settled(connection, crm)
    _supersede(connection, crm)


def _require_settled(connection: sa.Connection, crm: str) -> None:
    rows = ledger.sync_row
    sent = sa.select(sa.func.count()).select_from(rows).where(rows.c.crm == crm, rows.c.status == "sent")
    if count := connection.scalar(sent):
        raise Unsettled(f"{crm}: {count:,} rows were sent and never answered; settle them with the CRM before planning")


def _supersede(connection: sa.Connection, crm: str) -> None:
    runs, rows = ledger.sync_run, ledger.sync_row
    old = sa.select(runs.c.run_id).where(runs.c.crm == crm, runs.c.status == "planned")
    connection.execute(sa.delete(rows).where(rows.c.run_id.in_(old)))
    connection.execute(sa.update(runs).where(runs.c.crm == crm, runs.c.status == "planned").values(status="superseded"))


def _store_changes(connection: sa.Connection, plan_id: str, item: diff.Comparison) -> EntityPlan:
    quarantine.forget(connection, item.crm, item.entity, item.table)
    store_rows(connection, plan_id, item.crm, item.entity, diff.changed_rows(item))
    return _counts(connection, plan_id, item)


def store_rows(connection: sa.Connection, plan_id: str, crm: str, entity: Entity, rows: sa.Select[Any]) -> None:
    """Store `rows` (of `ROW_COLUMNS`) as planned."""
    changed = rows.subquery("changed")
    constants = {"run_id": plan_id, "crm": crm, "entity": entity, "operation": "update", "status": "planned"}
    columns: dict[str, sa.ColumnElement[Any]] = {name: sa.literal(value) for name, value in constants.items()}
    columns |= {"changed_at": sa.literal(ledger.now())} | {name: changed.c[name] for name in ROW_COLUMNS}
    connection.execute(sa.insert(ledger.sync_row).from_select(list(columns), sa.select(*columns.values()).select_from(changed)))


def _counts(connection: sa.Connection, plan_id: str, item: diff.Comparison) -> EntityPlan:
    names = [column(spec) for spec in item.specs]
    rows, blank, distinct = _keys(connection, item)
    skipped = _skipped(connection, item)
    updates, fields = field_counts(connection, plan_id, item.entity, names)
    return EntityPlan(
        rows=rows,
        updates=updates,
        unchanged=rows - updates - skipped,
        skipped=skipped,
        blank_keys=blank,
        duplicate_keys=rows - blank - distinct,
        rebaseline=_rebaselined(connection, plan_id, item),
        known=was_pushed(connection, item.crm, item.entity),
        fields=fields,
        columns=names,
    )


def _keys(connection: sa.Connection, item: diff.Comparison) -> tuple[int, int, int]:
    key = sa.func.nullif(sa.func.trim(item.table.c.record_id), "")
    select = sa.select(sa.func.count(), sa.func.count() - sa.func.count(key), sa.func.count(sa.distinct(key)))
    rows, blank, distinct = connection.execute(select.where(item.table.c.crm == item.crm)).one()
    return rows, blank, distinct


def _skipped(connection: sa.Connection, item: diff.Comparison) -> int:
    refused = ledger.sync_quarantine
    quarantined = sa.select(refused.c.record_id).where(refused.c.crm == item.crm, refused.c.entity == item.entity, quarantine.left_out())
    select = sa.select(sa.func.count()).select_from(item.table)
    return int(connection.scalar(select.where(item.table.c.crm == item.crm, item.table.c.record_id.in_(quarantined))) or 0)


def field_counts(connection: sa.Connection, plan_id: str, entity: Entity, names: Sequence[str]) -> tuple[int, dict[str, int]]:
    """Planned rows of an object, and in how many of them each field is."""
    rows = ledger.sync_row
    listed = sa.func.concat(",", rows.c.fields, ",")
    sums = [sa.func.coalesce(sa.func.sum(sa.case((listed.contains(f",{name},"), 1), else_=0)), 0) for name in names]
    counts = connection.execute(sa.select(sa.func.count(), *sums).where(rows.c.run_id == plan_id, rows.c.entity == entity)).one()
    return int(counts[0]), {name: int(count) for name, count in zip(names, counts[1:], strict=True)}


def _rebaselined(connection: sa.Connection, plan_id: str, item: diff.Comparison) -> int:
    rows, state = ledger.sync_row, ledger.sync_state
    same = sa.and_(state.c.crm == rows.c.crm, state.c.entity == rows.c.entity, state.c.record_id == rows.c.record_id)
    stale = sa.or_(state.c.target.not_in(item.targets), state.c.known != item.known)
    select = sa.select(sa.func.count()).select_from(rows.join(state, same))
    return int(connection.scalar(select.where(rows.c.run_id == plan_id, rows.c.entity == item.entity, stale)) or 0)


def was_pushed(connection: sa.Connection, crm: str, entity: Entity) -> bool:
    """Whether a push of this object has succeeded."""
    runs = ledger.sync_run
    done = connection.scalars(sa.select(runs.c.counts).where(runs.c.crm == crm, runs.c.status == "done"))
    return any(counts.get(entity, {}).get("updated", 0) > 0 for counts in done)


def _mode(connection: sa.Connection, crm: str, entities: Mapping[Entity, EntityPlan]) -> Mode:
    state = ledger.sync_state
    if not connection.scalar(sa.select(sa.exists().where(state.c.crm == crm))):
        return "first"
    return "rebaseline" if any(entity.rebaseline for entity in entities.values()) else "incremental"


def store_plan(connection: sa.Connection, plan: Plan) -> None:
    """Store the plan beside its rows."""
    mapping = {entity: [plan.target, *item.columns] for entity, item in plan.entities.items()}
    values: dict[str, Any] = {
        "run_id": plan.plan_id,
        "crm": plan.crm,
        "as_of": dt.date.fromisoformat(plan.as_of) if plan.as_of else None,
        "planned_at": ledger.now(),
        "status": "planned",
        "mode": plan.mode,
        "mapping_hash": hashlib.sha256(json.dumps(mapping, sort_keys=True).encode()).hexdigest()[:12],
        "target": plan.target,
        "counts": {entity: asdict(counts) for entity, counts in plan.entities.items()},
        "message": "",
        "reason": "",
    }
    connection.execute(sa.insert(ledger.sync_run).values(values))
