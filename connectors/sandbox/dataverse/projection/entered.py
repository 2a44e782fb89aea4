"""What people would have typed into our columns: side tables `_entered_<table>`, copied in when the columns are made.

A column is named like ours with the default prefix; choices are positions in the order of their values, attitudes from strong support
(0) to strongly against (4).
"""

from collections.abc import Mapping
from typing import Final

import duckdb

from connectors.sandbox.company.opinions import FACTORS
from connectors.sandbox.dataverse.projection.sql import labelled
from connectors.sandbox.dataverse.schema_build import decimal, text
from connectors.sandbox.dataverse.schema_types import Attribute
from connectors.sandbox.dataverse.store import Store

VOTES: Final = {"None": 0, "Approve": 1, "Veto": 2, "Both": 3}
ROLES: Final = {"Gatekeeper": 0, "Buyer": 1, "User": 2, "Decider": 3, "Influencer": 4}
_ROLES: Final = f"list_transform(string_split(buying_roles, ';'), lambda role: {labelled('role', ROLES)})"
_FACTORS: Final = ", ".join(f"factor_{number} as new_factor_{number}" for number in range(1, FACTORS + 1))
ENTERED: Final[Mapping[str, str]] = {
    "contact": f"""
        select p.id as contactid, 2 - attitude as gx_attitude, 2 - solution as gx_solution_acceptance, 2 - price as gx_price_acceptance,
        2 - competitor as gx_competitor_attitude, {labelled("vote", VOTES)} as gx_vote,
        array_to_string({_ROLES}, ';') as gx_buying_role, key_person as gx_key_person, leader.id as gx_influenced_by
        from c_opinions o join k_people p using (person) left join k_people leader on leader.person = o.influenced_by
        where p.id is not null""",  # noqa: S608
    "lead": """
        select p.id as leadid, 2 - attitude as gx_attitude from c_lead_opinions join k_people p using (person) where p.id is not null""",
    "account": """
        select a.id as accountid, potential as gx_potential, demonstration as gx_demonstration, can_win as gx_can_win,
        key_departments as gx_key_departments, competitor as gx_competitor_main, plan as new_plan
        from c_account_plans join k_accounts a using (account) where a.id is not null""",
    "opportunity": f"""
        select d.id as opportunityid, compelling_event as gx_compelling_event, inside_source as gx_inside_source,
        competitor_rank as gx_competitor_rank, value_proposition as gx_value_proposition, {_FACTORS}
        from c_deal_facts join k_deals d using (deal) where d.id is not null""",  # noqa: S608
    "systemuser": 'select u.id as systemuserid, industry_expert as gx_industry_expert from c_experts join k_users u using ("user")',
}


OWN: Final[Mapping[str, tuple[Attribute, ...]]] = {
    "account": (text("new_plan", 255, label="Account Plan", custom=True),),
    "opportunity": tuple(decimal(f"new_factor_{n}", 1, 0, 10, label=f"Purchase Factor {n}", custom=True) for n in range(1, FACTORS + 1)),
}
"""Columns the environment made for itself long before ours, for mapping: they are there from the start."""


def load(cursor: duckdb.DuckDBPyConnection, store: Store) -> None:
    """Create the side tables and the environment's own columns; the keys are registered on the cursor."""
    for table, sql in ENTERED.items():
        cursor.execute(f'create table "_entered_{table}" as {sql}')
    for table, attributes in OWN.items():
        for attribute in attributes:
            store.add_column(cursor, table, attribute)
