"""Already known to us: everybody one of us ever dealt with, found by name or address over the whole history.

Both what is stored and what is asked are folded by the same expression of the engine, so case and accents never hide anybody.
"""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from transforms.base import Context, Model, Source
from transforms.coverage import tables
from transforms.coverage.folding import folded
from transforms.identity import tables as identity
from transforms.interactions.records import staged
from transforms.interactions.tables import survivors
from transforms.scores import tables as scores
from transforms.scores.expressions import rounded
from transforms.staging.shapes import staging_table
from transforms.tables import people, users
from warehouse import DuckDBWarehouse

MOST = 50


def select(context: Context) -> sa.Select[Any]:
    """One row per user and person with a counted event (`coverage.known_people`)."""
    pair, ours, theirs, book = scores.pairs, identity.users, identity.people, _addresses(context)
    joined = (
        pair.join(people, people.c.person_key == pair.c.person_key)
        .join(users, users.c.user_key == pair.c.user_key)
        .join(ours, ours.c.user_key == pair.c.user_key)
        .join(theirs, theirs.c.person_key == pair.c.person_key)
        .outerjoin(book, book.c.person_key == pair.c.person_key)
    )
    return (
        sa.select(
            pair.c.crm,
            pair.c.user_id,
            ours.c.identity_id.label("user_identity"),
            users.c.is_active,
            pair.c.person_id,
            theirs.c.identity_id.label("person_identity"),
            *(people.c[name] for name in ("person_kind", "name", "account_id")),
            folded(people.c.name).label("name_folded"),
            book.c.addresses_folded,
            *(pair.c[name] for name in ("touches", "first_s", "last_s", "last_two_way_s")),
            rounded(pair.c.closeness, 1).label("closeness"),
        )
        .select_from(joined)
        .where(users.c.is_person.is_(True))
    )


def _addresses(context: Context) -> sa.CTE:
    """All addresses of each person, those of merged and converted records included."""
    row, became = staged(context, "person_addresses"), survivors
    person_id = sa.func.coalesce(became.c.survivor_id, row.c.person_id)
    joined = row.outerjoin(became, sa.and_(became.c.crm == row.c.crm, became.c.record_id == row.c.person_id))
    joined = joined.join(people, sa.and_(people.c.crm == row.c.crm, people.c.person_id == person_id))
    carried = sa.select(people.c.person_key, folded(row.c.address).label("address")).select_from(joined).distinct().subquery("carried")
    listed = sa.func.string_agg(carried.c.address, sa.literal(" ")).aggregate_order_by(carried.c.address)
    return sa.select(carried.c.person_key, listed.label("addresses_folded")).group_by(carried.c.person_key).cte("book")


def known(warehouse: DuckDBWarehouse, text: str, most: int = MOST) -> pa.Table:
    """Rows of `coverage.known_people` whose name or an address contains `text`, latest two-way contact first; none for a blank text."""
    table = tables.known_people
    wanted = folded(sa.literal(text.strip()))
    found = [sa.func.strpos(table.c[name], wanted) > 0 for name in ("name_folded", "addresses_folded")]
    order = (table.c.last_two_way_s.desc().nulls_last(), table.c.last_s.desc(), table.c.crm, table.c.person_id, table.c.user_id)
    rows = sa.select(table).where(sa.or_(*found), wanted != "").order_by(*order).limit(most)
    return warehouse.arrow(rows)


def model(sources: Sequence[Source]) -> Model:
    """`coverage.known_people` of these CRMs."""
    carried = (staging_table(source.crm, "person_addresses").fullname for source in sources)
    rest = ("model.int_survivors", "model.people", "model.users", "scores.pairs", "identity.people", "identity.users")
    return Model(tables.known_people, select, (*carried, *rest))
