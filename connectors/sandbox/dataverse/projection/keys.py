"""GUIDs of neutral numbers, and which firms live in this environment: together with Salesforce, here only, or not at all.

Of six groups (firms with their people, or single leads) four live in both CRMs (`both`: the same people, addresses and activities, other
ids), one lives here only (`own`), one in Salesforce only (`absent`). The life of an `own` firm is that of the Salesforce firm with
its number, but it has other names and addresses, so nobody can take the two for one.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, Self

import duckdb
import pyarrow as pa

from connectors.sandbox.company import Company

PLACES: Final = "case {} % 6 when 3 then 'own' when 5 then 'absent' else 'both' end"
_PLACE: Final = PLACES.format('"group"')
KEYS: Final[Mapping[str, str]] = {
    "k_users": """select "user", guid('systemuser', "user") as id, email from c_users""",
    "k_accounts": f"""
        select account, place, case when place <> 'absent' then guid('account', account) end as id,
        case when place = 'own' then 'Overseas ' || name else name end as name,
        case when place = 'own' then 'overseas' || account || '.example' else domain end as domain
        from (select *, {PLACES.format("account")} as place from c_accounts)""",  # noqa: S608
    "k_people": f"""
        select p.person, p.kind, p.place, p.account, case when p.place <> 'absent' then guid(p.kind, p.person) end as id,
        case when p.place = 'own' then o.first_name else p.first_name end as first_name,
        case when p.place = 'own' then o.last_name else p.last_name end as last_name,
        case when p.email is null or p.place <> 'own' then p.email
            else 'contact' || p.person || '@overseas' || coalesce(p.account::varchar, 'leads') || '.example' end as email
        from (select *, {_PLACE} as place from c_people) p
        join c_people o on o.person = (p.person * 7 + 3) % (select count(*) from c_people)""",  # noqa: S608
    "k_deals": """
        select d.deal, case when a.id is not null then guid('opportunity', d.deal) end as id
        from c_deals d join k_accounts a using (account)""",
    "k_qualified": """
        select c.lead, case when d.id is not null then guid('lead', (select count(*) from c_people) + c.lead) end as id
        from c_conversions c join k_deals d using (deal)""",
}


class Keys:
    """Key tables (`k_*`) and the company's own (`c_*`), to be registered on every cursor that projects."""

    def __init__(self, tables: Mapping[str, pa.Table], as_of: datetime) -> None:
        self.tables, self.now = dict(tables), as_of.astimezone(UTC).replace(tzinfo=None)

    @classmethod
    def of(cls, company: Company, cursor: duckdb.DuckDBPyConnection) -> Self:
        """Compute them once; the cursor's database has the `guid` macro."""
        keys = cls({f"c_{name}": table for name, table in company.tables().items()}, company.as_of)
        keys.register(cursor)
        for name, sql in KEYS.items():
            keys.tables[name] = cursor.sql(sql).to_arrow_table()
            cursor.register(name, keys.tables[name])
        return keys

    def register(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Make all of them readable on a cursor."""
        for name, table in self.tables.items():
            cursor.register(name, table)

    @property
    def sql_now(self) -> str:
        """The as-of instant as an SQL literal."""
        return f"timestamp '{self.now.isoformat()}'"
