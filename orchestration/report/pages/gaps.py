"""What accounts lack to be run: owner, plan, key persons, fresh evaluation; in numbers, and account by account."""

from typing import Any

import sqlalchemy as sa

from orchestration.report.blocks import Block, Note, Section, Tiles
from orchestration.report.facts import Facts, Row
from orchestration.report.listing import Columns, linked, listing, meter
from transforms.operation.tables import accounts as operated

NONE = "No account is looked at yet: guanxi run."
OF = "account_id"


def without(facts: Facts) -> Block:
    """How many accounts lack what running them needs."""
    row = facts.row(
        sa.select(
            sa.func.count().label("all"),
            *(_many(condition).label(name) for name, condition in _lacks().items()),
        )
    )
    of = f"of {row.get('all', 0):,} accounts"
    if not row.get("all"):
        return Note(NONE, absent=True)
    return Tiles(
        [(name, row[name], "no plan field is mapped" if name == "Without plan" and row[name] is None else of) for name in _lacks()]
    )


def _lacks() -> dict[str, "sa.ColumnElement[bool]"]:
    return {
        "Without owner": operated.c.has_owner.is_(False),
        "Owner not active": operated.c.owner_is_active.is_(False),
        "Without plan": sa.case((operated.c.has_plan.is_not(None), operated.c.has_plan.is_(False))),
        "Without key person": operated.c.key_people_entered == 0,
        "Evaluation overdue": operated.c.evaluation_overdue_days > 0,
    }


def _many(condition: "sa.ColumnElement[bool]") -> "sa.ColumnElement[Any]":
    """Rows for which it holds; null when it is unknown for all."""
    return sa.func.sum(sa.cast(condition, sa.Integer))


def gaps(facts: Facts) -> Section:
    """The accounts that lack most."""
    lead = "Of an active owner, a plan (where a field is mapped), key persons and a fresh evaluation: the accounts that lack most."
    select = (
        sa.select(operated)
        .where(operated.c.missing > 0)
        .order_by(operated.c.missing.desc(), operated.c.importance.desc(), operated.c.crm, OF)
    )
    columns: Columns = {
        "Account": linked(facts, "account", OF),
        "Importance": meter("importance"),
        "Missing": "missing",
        "What": _missing_what,
    }
    return Section("Gaps", lead, [listing(facts, select, columns, "Every account has what it needs, or nothing is scored yet.")])


def _missing_what(row: Row) -> str:
    lacks = {
        "owner": not row["owner_is_active"],
        "plan": row["has_plan"] is False,
        "key persons": not row["key_people_entered"],
        "fresh evaluation": row["evaluation_overdue_days"] > 0,
    }
    return ", ".join(name for name, holds in lacks.items() if holds)
