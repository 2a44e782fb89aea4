"""The difference between what we computed and what a CRM acknowledged, as one SELECT per object.

The noise rule. Scores (fields with a `scale`) are rewritten when they moved by `min_delta` points or more, became blank or
known, or when a label (picklist or yes/no) of the record changed, so that a number never contradicts its grade. A point is
a hundredth of the score's scale: 1.0 on 0-100, 0.04 on -2..2. Trends are differences of 0-100 scores and count the same.
All other figures (counts, days, dates, texts, labels, and Frequency, which is a count in other units) are rewritten when
they changed. Why and Method_Version go along with another change and never alone; Scored_On is then the as-of date.

The comparison is always with the last acknowledged value, so slow drift adds up until it counts.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from connectors.activation.errors import FieldNotWritable
from connectors.activation.payloads import TYPES, Expression, field_of, parsed, payload_of
from connectors.activation.quarantine import left_out
from connectors.fields import METHOD_VERSION, OUTPUT, SCORED_ON, WHY, Entity, FieldSpec, column
from warehouse import ledger

COMPANIONS = frozenset({WHY, METHOD_VERSION, SCORED_ON})
KEYS = ("crm", "record_id", "parent_id")
EPSILON = 1e-9
AT = "@"
"""Between the prefix of the fields and the org they are in."""


@dataclass(frozen=True)
class Comparison:
    """What one object is compared by: its enrichment table, its output fields in it, the CRM and the field prefix."""

    crm: str
    entity: Entity
    table: sa.Table
    specs: Sequence[FieldSpec]
    target: str
    as_of: dt.date
    min_delta: float

    @property
    def known(self) -> str:
        """The compared columns as the ledger lists them."""
        return f",{','.join(column(spec) for spec in self.specs)},"

    @property
    def targets(self) -> tuple[str, str]:
        """How the ledger calls the fields compared: with their org, or as it did when it named none."""
        return self.target, self.target.partition(AT)[0]


def fields_of(entity: Entity, table: sa.Table) -> tuple[FieldSpec, ...]:
    """Output fields the enrichment table has; raises `FieldNotWritable` for any other column."""
    names = [item.key for item in table.columns if item.key not in KEYS]
    foreign = sorted(set(names) - {column(spec) for spec in OUTPUT[entity]})
    if foreign:
        raise FieldNotWritable(f"{table.fullname}: {', '.join(foreign)} is no output field of {entity}; nothing was written")
    return tuple(spec for spec in OUTPUT[entity] if column(spec) in names)


def changed_rows(comparison: Comparison) -> sa.Select[Any]:
    """Rows to write: position, record_id, parent_id, attempt, fields, before, after (as in `ledger.sync_row`)."""
    flagged = _flagged(comparison).cte("flagged")
    position = sa.func.row_number().over(order_by=(flagged.c.parent_id, flagged.c.record_id))
    return sa.select(
        position.label("position"),
        flagged.c.record_id,
        flagged.c.parent_id,
        flagged.c.attempt,
        _field_list(flagged, comparison.specs).label("fields"),
        flagged.c.before,
        _image(flagged, comparison.specs).label("after"),
    ).where(sa.or_(*(flagged.c[f"moved_{column(spec)}"] for spec in comparison.specs)))


def _joined(comparison: Comparison) -> sa.Select[Any]:
    table, refused, specs = comparison.table, ledger.sync_quarantine, comparison.specs
    state = _acknowledged(comparison).subquery("state")
    known = sa.func.coalesce(state.c.known, "")
    columns = [new_value(table, spec, comparison.as_of).label(f"new_{column(spec)}") for spec in specs]
    columns += [field_of(state.c.parsed, spec).label(f"old_{column(spec)}") for spec in specs]
    columns += [known.contains(f",{column(spec)},").label(f"known_{column(spec)}") for spec in specs]
    attempts = sa.func.coalesce(refused.c.attempts, 0)
    refusals = sa.and_(_of_object(comparison, refused), refused.c.record_id == table.c.record_id)
    joined = table.outerjoin(state, state.c.record_id == table.c.record_id).outerjoin(refused, refusals)
    return (
        sa.select(table.c.record_id, table.c.parent_id, (attempts + 1).label("attempt"), state.c.payload.label("before"), *columns)
        .select_from(joined)
        .where(table.c.crm == comparison.crm, ~sa.func.coalesce(left_out(), False))
    )


def _acknowledged(comparison: Comparison) -> sa.Select[Any]:
    state = ledger.sync_state
    values = parsed(state.c.payload, comparison.specs).label("parsed")
    return sa.select(state.c.record_id, state.c.known, state.c.payload, values).where(
        _of_object(comparison, state), state.c.target.in_(comparison.targets)
    )


def _of_object(comparison: Comparison, table: sa.Table) -> Expression:
    return sa.and_(table.c.crm == comparison.crm, table.c.entity == comparison.entity)


def new_value(table: sa.Table, spec: FieldSpec, as_of: dt.date) -> Expression:
    """The computed value as the CRM can hold it: rounded, trimmed, cut to the field's length, blank instead of empty."""
    value: Expression = table.c[column(spec)]
    if column(spec) == SCORED_ON:
        return sa.cast(sa.literal(as_of), sa.Date)
    if spec.kind == "number":
        return sa.func.round(sa.cast(value, TYPES["number"]), spec.decimals)
    if spec.kind in TYPES:
        return sa.cast(value, TYPES[spec.kind])
    text = sa.func.trim(sa.cast(value, sa.String))
    return sa.func.nullif(sa.func.trim(sa.func.left(text, spec.length)) if spec.length else text, "")


def _flagged(comparison: Comparison) -> sa.Select[Any]:
    source = _joined(comparison).cte("compared")
    labels = [_differs(source, spec) for spec in comparison.specs if spec.kind in ("picklist", "boolean")]
    label_moved = sa.or_(sa.false(), *labels)
    moved = {column(spec): _moved(source, spec, comparison.min_delta, label_moved) for spec in comparison.specs}
    news = sa.or_(sa.false(), *(flag for name, flag in moved.items() if name not in COMPANIONS))
    for name in COMPANIONS & moved.keys():
        same = sa.false() if name == SCORED_ON else ~source.c[f"new_{name}"].is_distinct_from(source.c[f"old_{name}"])
        moved[name] = sa.or_(~source.c[f"known_{name}"], sa.and_(news, ~same))
    return sa.select(source, *(flag.label(f"moved_{name}") for name, flag in moved.items()))


def _differs(source: sa.CTE, spec: FieldSpec) -> Expression:
    name = column(spec)
    return sa.or_(~source.c[f"known_{name}"], source.c[f"new_{name}"].is_distinct_from(source.c[f"old_{name}"]))


def _moved(source: sa.CTE, spec: FieldSpec, min_delta: float, label_moved: Expression) -> Expression:
    if spec.scale is None:
        return _differs(source, spec)
    new, old = source.c[f"new_{column(spec)}"], source.c[f"old_{column(spec)}"]
    far = sa.func.coalesce(sa.func.abs(new - old) >= min_delta * spec.scale / 100 - EPSILON, True)
    return sa.and_(_differs(source, spec), sa.or_(~source.c[f"known_{column(spec)}"], far, label_moved))


def _field_list(flagged: sa.CTE, specs: Sequence[FieldSpec]) -> Expression:
    names = [column(spec) for spec in specs]
    return sa.func.concat_ws(",", *(sa.case((flagged.c[f"moved_{name}"], name)) for name in names))


def _image(flagged: sa.CTE, specs: Sequence[FieldSpec]) -> Expression:
    names = [column(spec) for spec in specs]
    pairs = {name: (flagged.c[f"moved_{name}"], flagged.c[f"new_{name}"], flagged.c[f"old_{name}"]) for name in names}
    return payload_of({name: sa.case((moved, new), else_=old) for name, (moved, new, old) in pairs.items()})
