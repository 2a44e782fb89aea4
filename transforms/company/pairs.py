"""Closeness of each pair of identities, by the selects of `transforms.scores`."""

from functools import partial
from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.company import tables
from transforms.company.log import SHARED, WHOLE
from transforms.identity import tables as identity
from transforms.scores import kappa, pairs
from transforms.scores.expressions import zero


def select(context: Context) -> sa.Select[Any]:
    """One row per pair (`company.pairs`)."""
    pair, met, person = pairs.select(context, WHOLE).subquery("scored"), _met(), identity.people
    same = sa.and_(met.c.user_key == pair.c.user_key, met.c.person_key == pair.c.person_key)
    joined = pair.outerjoin(met, same).join(person, person.c.person_key == pair.c.person_key)
    columns: dict[str, sa.ColumnElement[Any]] = {
        column.name: pair.c[column.name] for column in tables.pairs.columns if column.name in pair.c
    }
    columns |= {
        "user_identity": pair.c.user_id,
        "person_identity": pair.c.person_id,
        "crms": sa.func.coalesce(met.c.crms, person.c.crms),
        "doubled": zero(met.c.doubled),
    }
    return sa.select(*(cell.label(name) for name, cell in columns.items())).select_from(joined)


def _met() -> sa.CTE:
    """In which CRMs two met, and how often two CRMs say so."""
    log = tables.interactions
    crms = sa.func.string_agg(log.c.logged_crm.distinct(), sa.literal(", ")).aggregate_order_by(log.c.logged_crm).label("crms")
    doubled = sa.func.count(sa.case((log.c.repeats.is_not(None), log.c.event_key)).distinct()).label("doubled")
    return sa.select(log.c.user_key, log.c.person_key, crms, doubled).group_by(log.c.user_key, log.c.person_key).cte("met")


_IDENTITIES = ("identity.people", "identity.users")
_REST = ("scores.pair_facts", "scores.pair_intensity", "company.pair_facts", "company.pair_intensity")
FACTS = Model(tables.pair_facts, partial(pairs.facts, log=SHARED), ("company.interactions", "identity.people"))
INTENSITY = Model(
    tables.pair_intensity,
    partial(pairs.intensity, log=SHARED),
    ("company.pair_facts", "identity.users", "scores.user_capture"),
)
KAPPA = Model(tables.kappa, partial(kappa.select, log=WHOLE), (*_IDENTITIES, "scores.pair_intensity", "company.pair_intensity"))
PAIRS = Model(tables.pairs, select, (*_IDENTITIES, *_REST, "company.kappa", "company.interactions"))
