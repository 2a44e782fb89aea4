"""What `guanxi explain` says about a record that is also in another CRM: the other records, the evidence, the company-wide figures.

Addresses are masked. Nothing is said where `across_crms` is off, or where the record has no counterpart and none was refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from transforms.company import tables as company
from transforms.explanation.asked import Asked
from transforms.functions import masked
from transforms.identity import tables as identity
from transforms.scores.expressions import as_date
from warehouse import COMPANY

ENTITIES: Final[Mapping[str, tuple[str, sa.Table]]] = {
    "contact": ("person", identity.people),
    "lead": ("person", identity.people),
    "account": ("account", identity.accounts),
    "user": ("user", identity.users),
}
FIGURES: Final[Mapping[str, sa.Table]] = {"person": company.people, "account": company.accounts}
HIDDEN: Final = ("identity_key", "identity_id", "crms")


@dataclass(frozen=True)
class Elsewhere:
    """`records`: the record's counterparts, as `crm:id`, and what joins them; `figures`: of the identity, over all CRMs.

    `apart`: why it was not joined to records that look alike: reason, evidence, number of them.
    """

    records: Sequence[tuple[str, str]]
    figures: Mapping[str, Any]
    apart: Sequence[tuple[str, str, int]]


def elsewhere(asked: Asked, entity: str) -> Elsewhere | None:
    """None where there is nothing to say, or nothing built yet."""
    built = asked.warehouse.columns(COMPANY, company.accounts.name)
    if not asked.context.across_crms or entity not in ENTITIES or not built:
        return None
    kind, table = ENTITIES[entity]
    told = Elsewhere(_records(asked, kind, table), _figures(asked, kind, table), _apart(asked, kind))
    return told if told.records or told.apart else None


def _identity(asked: Asked, table: sa.Table, kind: str) -> sa.Select[Any]:
    own = (table.c.crm == asked.crm) & (table.c[f"{kind}_id"] == asked.record_id)
    return sa.select(table.c.identity_key).where(own, table.c.records > 1)


def _records(asked: Asked, kind: str, table: sa.Table) -> Sequence[tuple[str, str]]:
    name = sa.func.concat(table.c.crm, ":", table.c[f"{kind}_id"]).label("name")
    is_itself = (table.c.crm == asked.crm) & (table.c[f"{kind}_id"] == asked.record_id)
    shared = [table.c[column] for column in ("people_elsewhere", "shared_people", "domain") if column in table.c]
    address = [masked(table.c.address).label("address")] if "address" in table.c else []
    rows = sa.select(name, *shared, *address).where(table.c.identity_key.in_(_identity(asked, table, kind)), sa.not_(is_itself))
    return [(row["name"], _evidence(asked, row)) for row in asked.rows(rows.order_by(name))]


def _evidence(asked: Asked, row: Mapping[str, Any]) -> str:
    say = asked.say
    if "address" in row:
        return say("same_address", address=row["address"])
    people = [say("shared_people", of=row["people_elsewhere"], shared=row["shared_people"])] if row["shared_people"] else []
    domain = say("same_domain", domain=row["domain"]) if row["domain"] else say("no_domain")
    return say("comma").join([*people, domain])


def _figures(asked: Asked, kind: str, table: sa.Table) -> Mapping[str, Any]:
    if kind not in FIGURES:
        return {}
    figure = FIGURES[kind]
    shown = [_shown(column) for column in figure.columns if column.name not in HIDDEN]
    rows = asked.rows(sa.select(*shown).where(figure.c.identity_key.in_(_identity(asked, table, kind))))
    return rows[0] if rows else {}


def _shown(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """Instants as dates."""
    name = column.name.removesuffix("_s")
    return column if name == column.name else as_date(column).label(name)


def _apart(asked: Asked, kind: str) -> Sequence[tuple[str, str, int]]:
    row = identity.apart
    evidence = sa.case((row.c.evidence.contains("@"), masked(row.c.evidence)), else_=row.c.evidence).label("evidence")
    mine = (row.c.entity == kind) & (row.c.crm == asked.crm) & (row.c.record_id == asked.record_id)
    rows = sa.select(row.c.reason, evidence, row.c.others).where(mine).order_by(row.c.reason, row.c.evidence)
    return [tuple(found.values()) for found in asked.rows(rows)]
