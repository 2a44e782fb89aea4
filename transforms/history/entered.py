"""What people enter, field by field: what is new today, and when each field was last edited.

A value is new on the day of the run that sees it first. What was there at our first look at a CRM, or at the column a field is
read from, has no day of its own and is no edit; nor is it one that a field is hidden from us, or holds what we cannot use.
Free text is kept as its md5: a change shows, the text does not. Deliberately absent: who edited, and what was typed and taken
back between two runs.
"""

from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from transforms import tables as model
from transforms.base import Context
from transforms.history import tables
from transforms.history.readable import hidden_in, watched
from transforms.history.store import Timely, day_of, newest
from transforms.scores.expressions import Condition, Number

KEYS: Final = ("crm", "entity", "record_id", "field")


class Watched(NamedTuple):
    """A field people enter: its table, the column of its id, its column, and its name."""

    entity: str
    table: sa.Table
    identity: str
    column: str
    field: str


def _watched(entity: str, table: sa.Table, identity: str, *columns: str, **renamed: str) -> list[Watched]:
    return [Watched(entity, table, identity, column, renamed.get(column, column)) for column in (*columns, *renamed)]


IMPORTANCE: Final = ("potential", "demonstration", "can_win")
NEEDS: Final = ("compelling_event", "inside_source", "competitor_rank", "value_proposition")
FEATURES: Final = ("attitude", "solution_acceptance", "price_acceptance", "vote", "reporting_line", "influenced_by")
"""Fields behind the seven features of a key person (one field tells both votes)."""
TEXTS: Final = ("key_departments", "competitor_main", "plan", "value_proposition")
WATCHED: Final = (
    *_watched(
        "contact",
        model.people,
        "person_id",
        *FEATURES[:4],
        *("competitor_attitude", "key_person"),
        buying_roles="buying_role",
        influenced_by_id="influenced_by",
        reports_to_id="reporting_line",
    ),
    *_watched("account", model.accounts, "account_id", *IMPORTANCE, "key_departments", "competitor_main", "plan"),
    *_watched("opportunity", model.opportunities, "opportunity_id", *NEEDS, "stage"),
    *_watched("user", model.users, "user_id", "industry_expert"),
)


def changes(context: Context) -> sa.Select[Any]:
    """Rows of `history.entered` that today adds: fields whose value is another than the last one on record.

    None for a CRM whose history goes on after the as-of: what is entered now says nothing of then.
    """
    today, shot, known = day_of(context), tables.snapshots, watched(context)
    past = newest(tables.entered, KEYS, "day", tables.entered.c.day < today).subquery("past")
    value = _values(context).subquery("value")
    looked = sa.select(shot.c.crm, sa.func.min(shot.c.day).label("first"), sa.func.max(shot.c.day).label("last")).group_by(shot.c.crm)
    seen = looked.subquery("seen")
    same = sa.and_(*(value.c[key] == past.c[key] for key in KEYS))
    field = sa.and_(*(value.c[key] == known.c[key] for key in ("crm", "entity", "field")))
    looked_before = sa.and_(seen.c.first < today, sa.func.coalesce(known.c.watched, True))
    return (
        sa.select(
            *(value.c[key] for key in KEYS),
            today.label("day"),
            value.c.value,
            sa.func.coalesce(looked_before, False).label("edited"),
            sa.literal(context.run_id).label("run_id"),
        )
        .select_from(value.outerjoin(past, same).outerjoin(seen, value.c.crm == seen.c.crm).outerjoin(known, field))
        .where(value.c.value.is_distinct_from(past.c.value), sa.or_(seen.c.last.is_(None), seen.c.last <= today), ~_unusable(value))
    )


def _unusable(value: sa.Subquery) -> Condition:
    """Whether a blank stands for something that was typed and cannot be used."""
    refused = model.entered_dropped
    return sa.and_(value.c.value.is_(None), sa.exists().where(*(refused.c[key] == value.c[key] for key in KEYS)))


def _values(context: Context) -> sa.CompoundSelect[Any]:
    """Every watched field of every record, as text, where it can be read."""
    return sa.union_all(
        *(
            sa.select(
                item.table.c.crm,
                sa.literal(item.entity).label("entity"),
                item.table.c[item.identity].label("record_id"),
                sa.literal(item.field).label("field"),
                _text(item).label("value"),
            ).where(item.table.c.crm.not_in(hidden_in(context, item.entity, item.field)))
            for item in WATCHED
        )
    )


def _text(item: Watched) -> Number:
    text = sa.cast(item.table.c[item.column], sa.String)
    return sa.func.md5(text, type_=sa.String) if item.column in TEXTS else text


def last_edits(context: Context) -> sa.Select[Any]:
    """Rows of `scores.edits`: edits on record up to the as-of, and those of today."""
    known, new = tables.entered, changes(context).subquery("new")
    recorded = sa.select(*(known.c[key] for key in KEYS), known.c.day).where(known.c.edited.is_(True), known.c.day <= day_of(context))
    today = sa.select(*(new.c[key] for key in KEYS), new.c.day).where(new.c.edited.is_(True))
    both = sa.union_all(recorded, today).subquery("edit")
    keys = [both.c[key] for key in KEYS]
    return sa.select(*keys, sa.func.max(both.c.day).label("day")).group_by(*keys)


READS: Final = ("model.accounts", "model.entered_dropped", "model.opportunities", "model.people", "model.users")
EDITS: Final = Timely(tables.edits, last_edits, READS)
