"""What looked alike and was not joined: each record that stands alone although evidence pointed at another CRM, and why.

For the person who looks after a CRM: most rows are duplicates to merge there, or addresses to correct.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model, Source
from transforms.identity import tables
from transforms.identity.addresses import Carried, edges, of_a_function, of_people, of_users
from transforms.staging.shapes import staging_table


def select(context: Context) -> sa.Select[Any]:
    """`identity.apart`."""
    parts = [
        *_by_address(context, "person", tables.people, of_people(context)),
        *_by_address(context, "user", tables.users, of_users(context)),
        _by_account(),
    ]
    return sa.select(sa.union_all(*parts).subquery("apart"))


def _by_address(context: Context, entity: str, who: sa.Table, carried: Carried) -> list[sa.Select[Any]]:
    """Addresses that are no evidence although another CRM has them, and those that would have joined too much."""
    row, share = carried.rows, carried.shares
    role = of_a_function(row.c.address, context)
    reason = sa.case((row.c.ours, "our_user"), (role, "role_address"), else_="shared_address")
    weak = sa.select(row.c.record_key, reason.label("reason"), row.c.address.label("evidence"), (share.c.records - 1).label("others"))
    weak = weak.join(share, share.c.address == row.c.address).where(sa.or_(row.c.ours, role, share.c.records > share.c.crms))
    pair = edges(carried, context).subquery()
    edge = sa.select(*pair.c, pair.c.address.label("evidence"), sa.literal("several_records").label("reason")).cte(f"edge_{entity}")
    chain = _ends(edge)
    return [_alone(entity, who, part.subquery(f"{entity}_{name}")) for name, part in (("weak", weak), ("chain", chain))]


def _by_account() -> sa.Select[Any]:
    told = tables.account_evidence
    split = sa.func.greatest(told.c.people_elsewhere, told.c.others_elsewhere) >= told.c.shared_people * 2
    reason = sa.case(
        (told.c.verdict.is_not(None), "several_records"),
        (sa.and_(told.c.shared_people > 0, split), "people_split"),
        else_="few_people",
    )
    found = sa.func.coalesce(told.c.domain, sa.cast(told.c.shared_people, sa.String)).label("evidence")
    edge = sa.select(told.c.account_key.label("record_key"), told.c.other_key, found, reason.label("reason")).cte("edge_account")
    return _alone("account", tables.accounts, _ends(edge).subquery("account_ends"))


def _ends(edge: sa.CTE) -> sa.Select[Any]:
    """Both records of each edge, with the number of edges that carry the same evidence."""
    keys = ("record_key", "other_key")
    near, far = (sa.select(edge.c[key].label("record_key"), edge.c.reason, edge.c.evidence) for key in keys)
    ends = sa.union_all(near, far).subquery()
    return sa.select(*ends.c, sa.func.count().label("others")).group_by(*ends.c)


def _alone(entity: str, who: sa.Table, found: sa.FromClause) -> sa.Select[Any]:
    """Only records that no other evidence joined."""
    columns = {
        "entity": sa.literal(entity),
        "crm": who.c.crm,
        "record_id": who.c[f"{entity}_id"],
        "reason": found.c.reason,
        "evidence": found.c.evidence,
        "others": found.c.others,
    }
    joined = who.join(found, found.c.record_key == who.c[f"{entity}_key"])
    return sa.select(*(cell.label(name) for name, cell in columns.items())).select_from(joined).where(who.c.records == 1)


def model(sources: Sequence[Source]) -> Model:
    """`identity.apart` of these CRMs."""
    carried = (staging_table(source.crm, "person_addresses").fullname for source in sources)
    tables_read = ("model.people", "model.users", *(f"identity.{name}" for name in ("people", "users", "accounts", "account_evidence")))
    return Model(tables.apart, select, (*carried, *tables_read))
