"""What a plan would change in grades and levels when the method is not the one last used, before anything is written.

The plan's rows hold each record as the CRM acknowledged it and as it would be; this counts the labels that differ, so
nothing is computed twice. The rows compared are those of the plan, with the evidence of the night in them: a change of the
method and the news of a day cannot be told apart without scoring twice, which is deliberately absent.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from connectors.activation.payloads import Expression, field_of, parsed
from connectors.fields import METHOD_VERSION, OUTPUT, Entity, FieldSpec, column
from warehouse import DuckDBWarehouse
from warehouse.ledger import sync_row, sync_run, sync_state

LADDERS: Final[Mapping[str, Sequence[str]]] = {
    "closeness_grade": ("Poor", "Fair", "Good", "Excellent"),
    "interaction_level": ("No contact", "Occasional", "Multiple", "Deep"),
    "relationship_level": ("None", "Initial", "Mid", "Strong"),
    "lifecycle_stage": ("Stranger", "User", "Customer", "Small deals", "Large deals"),
    "key_account": ("no", "yes"),
    "rep_grade": ("Novice", "Junior", "Intermediate", "Senior", "Top"),
}
"""Labels that say how somebody stands, from low to high."""
BLANK: Final = "(blank)"


@dataclass(frozen=True)
class Move:
    """`records` of an entity go from one label of a field to another; `direction`: up, down, or empty from or to a blank."""

    entity: Entity
    field: FieldSpec
    before: str
    after: str
    records: int

    @property
    def direction(self) -> str:
        """Up or down the ladder."""
        steps = LADDERS[column(self.field)]
        if self.before not in steps or self.after not in steps:
            return ""
        return "up" if steps.index(self.after) > steps.index(self.before) else "down"


@dataclass(frozen=True)
class MethodChange:
    """The version of the last push and that of the plan; records that change a grade and rows to write, by entity."""

    crm: str
    before: str
    after: str
    rows: Mapping[Entity, int] = field(default_factory=dict)
    records: Mapping[Entity, int] = field(default_factory=dict)
    moves: Sequence[Move] = ()

    @property
    def line(self) -> str:
        """In one line, e.g. `method 2026.11.21-0d1a8c -> 2026.11.21-1e9ec8: 14 contacts, 1 account change grade`."""
        named = [f"{number:,} {_plural(entity, number)}" for entity, number in self.records.items() if number]
        one = sum(self.records.values()) == 1
        told = f"{', '.join(named)} {'changes' if one else 'change'} grade" if named else "no record changes grade"
        return f"{self.crm}: method {self.before} -> {self.after}: {told}, {sum(self.rows.values()):,} rows to write"

    def table(self) -> Iterator[str]:
        """One line per step from label to label, e.g. `  contact  Closeness Grade   Good -> Fair   14  down`."""
        cells = [(move.entity, move.field.label_en, f"{move.before} -> {move.after}", f"{move.records:,}") for move in self.moves]
        one, two, three, four = (max((len(row[place]) for row in cells), default=0) for place in range(4))
        for move, (entity, label, step, number) in zip(self.moves, cells, strict=True):
            yield f"  {entity:{one}}  {label:{two}}  {step:{three}}  {number:>{four}}  {move.direction}".rstrip()


def method_change(warehouse: DuckDBWarehouse, crm: str, plan_id: str, rows: Mapping[Entity, int], version: str) -> MethodChange | None:
    """What the stored plan changes in grades; None where the method is the one last used, or nothing was ever pushed."""
    with warehouse.connection() as connection:
        before = _last_used(connection, crm)
        if not before or before == version:
            return None
        graded = [entity for entity in rows if _graded(entity)]
        moves = [move for entity in graded for move in _moves(connection, plan_id, entity)]
        records = {entity: _changing(connection, plan_id, entity) for entity in graded}
    return MethodChange(crm, before, version, rows, records, moves)


def _plural(entity: str, number: int) -> str:
    if number == 1:
        return entity
    return f"{entity.removesuffix('y')}ies" if entity.endswith("y") else f"{entity}s"


def _last_used(connection: sa.Connection, crm: str) -> str:
    """The version with which the newest push wrote; whatever a run writes carries its version."""
    version = sa.func.json_extract_string(sync_state.c.payload, f"$.{METHOD_VERSION}")
    joined = sync_state.join(sync_run, sync_run.c.run_id == sync_state.c.run_id)
    newest = sa.select(version).select_from(joined).where(sync_state.c.crm == crm, version.is_not(None))
    order = (sync_run.c.started.desc(), sync_run.c.planned_at.desc(), version.desc())
    return str(connection.scalar(newest.order_by(*order).limit(1)) or "")


def _graded(entity: Entity) -> list[FieldSpec]:
    return [spec for spec in OUTPUT[entity] if column(spec) in LADDERS]


def _images(plan_id: str, entity: Entity) -> sa.Subquery:
    """Labels before and after, of the plan's rows whose record was known to the ledger."""
    specs = _graded(entity)
    known = sa.and_(sync_row.c.run_id == plan_id, sync_row.c.entity == entity, sync_row.c.before.is_not(None))
    images = sa.select(parsed(sync_row.c.before, specs).label("old"), parsed(sync_row.c.after, specs).label("new")).where(known).subquery()
    columns = [_label(images.c[side], spec).label(f"{side}_{column(spec)}") for spec in specs for side in ("old", "new")]
    return sa.select(*columns).subquery("images")


def _label(image: Expression, spec: FieldSpec) -> Expression:
    value = field_of(image, spec)
    shown = sa.case((value.is_(True), "yes"), (value.is_(False), "no")) if spec.kind == "boolean" else value
    return sa.func.coalesce(shown, BLANK)


def _moves(connection: sa.Connection, plan_id: str, entity: Entity) -> Iterator[Move]:
    for spec in _graded(entity):
        for before, after, number in connection.execute(_counted(plan_id, entity, column(spec))):
            yield Move(entity, spec, before, after, number)


def _counted(plan_id: str, entity: Entity, name: str) -> sa.Select[Any]:
    """From, to and number, the largest first."""
    images, number = _images(plan_id, entity), sa.func.count().label("records")
    pair = (images.c[f"old_{name}"], images.c[f"new_{name}"])
    return sa.select(*pair, number).where(pair[0] != pair[1]).group_by(*pair).order_by(number.desc(), *pair)


def _changing(connection: sa.Connection, plan_id: str, entity: Entity) -> int:
    """Records at least one label of which differs."""
    images = _images(plan_id, entity)
    differs = [images.c[f"old_{column(spec)}"] != images.c[f"new_{column(spec)}"] for spec in _graded(entity)]
    return int(connection.scalar(sa.select(sa.func.count()).select_from(images).where(sa.or_(sa.false(), *differs))) or 0)
