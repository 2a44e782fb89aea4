"""What stood on a record on a past day, as the run of that day put it down, beside what stands today.

    history.<entity>, history.entered -> fields and entered values as they stood
    enrichment.<entity>               -> the same fields today
    history.revisions                 -> what a later log makes of that day otherwise, once somebody asked (`recompute`)

Nothing is computed anew to tell what stood; a day before the first run stays unknown. Deliberately absent: the terms behind
a past figure, which no table keeps, and users while individuals are not graded.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.enrichment import tables as enrichment
from transforms.explanation.asked import Asked
from transforms.explanation.evidence import HIDDEN, UnknownRecord
from transforms.explanation.words import Words
from transforms.history import tables
from transforms.history.entered import TEXTS
from transforms.history.revisions import revise
from transforms.history.store import ensure, newest, standing
from transforms.scores.expressions import Number
from warehouse import DuckDBWarehouse

STAMPS: Final = ("valid_from", "run_id", "ended")


class Entered(NamedTuple):
    """A value people had entered by the day. `value` is None for a text, of which only its md5 is kept."""

    field: str
    value: str | None
    since: dt.date
    edited: bool


class Revised(NamedTuple):
    """A field that today's log shows otherwise for the day."""

    field: str
    then: str | None
    now: str | None


@dataclass(frozen=True)
class Past:
    """What stood on `day`, the newest day on record up to the one `asked` for.

    `since`: day from which on these values stood. `today`: the fields by the last run, None where the record gets none any
    more. `revised`: what a later log, compared when `recompute` or a late run did, shows otherwise for `day`.
    """

    crm: str
    record_id: str
    entity: str
    asked: dt.date
    day: dt.date
    since: dt.date
    method_version: str
    fields: Mapping[str, Any]
    today: Mapping[str, Any] | None
    entered: Sequence[Entered]
    revised: Sequence[Revised]
    say: Words


def recall(warehouse: DuckDBWarehouse, context: Context, crm: str, record_id: str, day: dt.date) -> Past:
    """What stood on `record_id` on `day`; raises `UnknownRecord` where nothing is on record."""
    ensure(warehouse)
    asked = Asked(warehouse, context, crm, record_id, Words(context.language))
    on_record = _day_on_record(asked, day)
    entity, row = _stood(asked, on_record)
    now = asked.rows(_of_record(enrichment.metadata.tables[f"enrichment.{entity}"], asked))
    return Past(
        crm=crm,
        record_id=record_id,
        entity=entity,
        asked=day,
        day=on_record,
        since=row["valid_from"],
        method_version=str(row["method_version"]),
        fields=_shown(row),
        today=_shown(now[0]) if now else None,
        entered=_entered(asked, entity, on_record),
        revised=_revised(asked, entity, on_record),
        say=asked.say,
    )


def recompute(warehouse: DuckDBWarehouse, context: Context, models: Sequence[Model], crm: str, day: dt.date) -> None:
    """Compare the newest day on record up to `day` with today's log, for all records; `models` as for `revise`."""
    ensure(warehouse)
    revise(warehouse, context, models, _day_on_record(Asked(warehouse, context, crm, "", Words(context.language)), day))


def _day_on_record(asked: Asked, day: dt.date) -> dt.date:
    """The newest day of the CRM that a run put down, up to `day`."""
    shot, until = tables.snapshots, _date(day)
    newest_day = sa.func.max(sa.case((shot.c.day <= until, shot.c.day)))
    found = asked.one(sa.select(newest_day.label("day"), sa.func.min(shot.c.day).label("first")).where(shot.c.crm == asked.crm))
    if found["first"] is None:
        raise UnknownRecord(f"{asked.crm} has no day on record yet; start with: guanxi run")
    if found["day"] is None:
        raise UnknownRecord(f"{asked.crm} is on record from {found['first']} on; what would have been computed on {day}, no run put down")
    on_record: dt.date = found["day"]
    return on_record


def _stood(asked: Asked, day: dt.date) -> tuple[str, dict[str, Any]]:
    """The entity and its row; users only where individuals are graded."""
    for entity, table in tables.versions.items():
        if entity == "user" and not asked.context.grade_individuals:
            continue
        found = asked.rows(_of_record(standing(table, _date(day)).subquery(), asked))
        if found:
            return entity, found[0]
    raise UnknownRecord(f"{asked.crm}:{asked.record_id} had no values on {day}: not an id of {asked.crm}, or a record that got none")


def _of_record(rows: sa.FromClause, asked: Asked) -> sa.Select[Any]:
    return sa.select(rows).where(rows.c.crm == asked.crm, rows.c.record_id == asked.record_id)


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in (*HIDDEN, *STAMPS, "method_version")}


def _entered(asked: Asked, entity: str, day: dt.date) -> Sequence[Entered]:
    """What was entered by the day, cleared values left out."""
    table = tables.entered
    latest = newest(table, ("crm", "entity", "record_id", "field"), "day", table.c.day <= _date(day)).subquery()
    rows = _of_record(latest, asked).where(latest.c.entity == entity, latest.c.value.is_not(None)).order_by(latest.c.field)
    return [Entered(row["field"], None if row["field"] in TEXTS else row["value"], row["day"], row["edited"]) for row in asked.rows(rows)]


def _revised(asked: Asked, entity: str, day: dt.date) -> Sequence[Revised]:
    """The differences on record of the record and day."""
    table = tables.revisions
    rows = sa.select(table.c.field, table.c.then, table.c.now).where(table.c.day == _date(day), table.c.entity == entity)
    own = rows.where(table.c.crm == asked.crm, table.c.record_id == asked.record_id, table.c.field.not_in(HIDDEN))
    return [Revised(**row) for row in asked.rows(own.order_by(table.c.field))]


def _date(day: dt.date) -> Number:
    return sa.cast(sa.literal(day.isoformat()), sa.Date)
