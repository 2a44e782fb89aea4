"""One chunk of activities: the neutral tables with what both CRMs decide alike, each joined with the keys it needs.

A resolved activity (`r_<kind>`) is a neutral one with `activityid`, its owner, its first person and what it is regarding; activities whose
person is not in this environment are not in it.
"""

from collections.abc import Mapping
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa

from connectors.sandbox.company import Activities
from connectors.sandbox.company.arrays import is_text, mask, present
from connectors.sandbox.dataverse.projection import calls, mails, meetings, parties, todos
from connectors.sandbox.dataverse.projection.keys import Keys
from connectors.sandbox.salesforce.projection.keys import fraction
from connectors.sandbox.salesforce.projection.mails import TASK_ONLY_SHARE, UNRESOLVED_SHARE
from connectors.sandbox.salesforce.projection.tasks import DELETED_SHARE

KINDS: Final[Mapping[str, tuple[str, str, bool]]] = {
    "meetings": ("appointment", "organizer", True),
    "calls": ("phonecall", "user", True),
    "mails": ("email", "user", True),
    "todos": ("task", "user", False),
}
"""Neutral table: the table here, the column of the owner, whether it is about a deal or an account (a to-do is about its person)."""


def load(cursor: duckdb.DuckDBPyConnection, batch: Activities, keys: Keys) -> None:
    """Insert a chunk; the keys are registered on the cursor."""
    for name, table in enriched(batch).items():
        cursor.register(name, table)
    for name in KINDS:
        cursor.execute(f"create or replace temp table r_{name} as {_resolved(name)}")
    calls.forget_deleted(cursor)
    meetings.forget_declined(cursor)
    parties.common(cursor, {name: table for name, (table, _, _) in KINDS.items()})
    meetings.load(cursor, keys)
    calls.load(cursor, keys)
    mails.load(cursor, keys)
    todos.load(cursor, keys)


def enriched(batch: Activities) -> dict[str, pa.Table]:
    """The chunk's tables with the draws that decide, in Salesforce too, what became of an activity."""
    mails_, addresses = batch.mails, batch.mail_addresses
    number = mails_["activity"].to_numpy()
    sent = mask(is_text(mails_["direction"], "out")) & present(mails_["person"])
    place = addresses["activity"].to_numpy() * 64 + np.arange(len(addresses)) % 64
    drawn = {
        "calls": ("deleted", fraction(batch.calls["activity"].to_numpy(), 19) < DELETED_SHARE),
        "mails": ("logged", sent & (fraction(number, 23) < TASK_ONLY_SHARE)),
        "mail_addresses": ("missed", fraction(place, 31) < UNRESOLVED_SHARE),
    }
    tables = batch.tables()
    return tables | {name: tables[name].append_column(column, pa.array(values)) for name, (column, values) in drawn.items()}


def _resolved(name: str) -> str:
    table, user, about_deal = KINDS[name]
    happened = ', t."at" as happened' if name in ("calls", "mails") else ""
    matters = {"opportunity": "d.id", "account": "a.id", "lead": "case when p.kind = 'lead' then p.id end"}
    matters = matters if about_deal else {"contact": "case when p.kind = 'contact' then p.id end", "lead": "p.id"}
    kinds = " ".join(f"when {found} is not null then '{kind}'" for kind, found in matters.items())
    return f"""
        select t.*{happened}, guid('{table}', t.activity) as activityid, o.id as owner_id, o.email as owner_email,
        p.id as person_id, p.kind as person_type, p.email as person_email, p.place as place,
        coalesce({", ".join(matters.values())}) as regarding_id, case {kinds} end as regarding_type
        from {name} t join k_users o on o."user" = t."{user}" left join k_people p on p.person = t.person
        left join k_accounts a on a.account = t.account {"left join k_deals d using (deal)" if about_deal else ""}
        where t.person is null or p.id is not null"""  # noqa: S608
