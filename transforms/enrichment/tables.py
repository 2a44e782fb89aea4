"""The enrichment tables, declared: `crm, record_id, parent_id`, then the written fields by their names in lower case.

`parent_id` is the account of contacts and opportunities and the manager of users; rows are pushed sorted by it.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, Column, Date, Double, String, Table

from warehouse import ENRICHMENT

metadata = sa.MetaData()

_STAMP: tuple[tuple[str, Any], ...] = (("scored_on", Date), ("method_version", String))
_TAIL = (("trend_30d", Double), ("trend_365d", Double))

PERSON: tuple[tuple[str, Any], ...] = (
    ("closeness", Double),
    ("closeness_grade", String),
    ("interaction_level", String),
    ("touches_90d", BigInteger),
    ("touches_365d", BigInteger),
    ("contact_days_90d", BigInteger),
    ("frequency", Double),
    ("first_touch", Date),
    ("last_touch", Date),
    ("last_two_way", Date),
    ("meetings_365d", BigInteger),
    ("calls_365d", BigInteger),
    ("emails_out_365d", BigInteger),
    ("emails_in_365d", BigInteger),
    ("known_by", BigInteger),
    ("strongest_user", String),
    ("reciprocity", Double),
    ("rhythm", String),
    *_TAIL,
    ("stated_gap", String),
    ("confidence", Double),
    ("why", String),
    *_STAMP,
)
ACCOUNT: tuple[tuple[str, Any], ...] = (
    ("closeness", Double),
    ("closeness_grade", String),
    ("solution_acceptance_avg", Double),
    ("price_acceptance_avg", Double),
    ("relationship_level", String),
    ("map_completeness", Double),
    ("insight_rate", Double),
    ("missing_seats", String),
    ("touches_90d", BigInteger),
    ("contact_days_90d", BigInteger),
    ("last_touch", Date),
    ("people_engaged", BigInteger),
    ("departments_engaged", BigInteger),
    ("our_people", BigInteger),
    ("bus_factor", Double),
    ("lifecycle_stage", String),
    ("importance", Double),
    ("key_account", Boolean),
    *_TAIL,
    ("confidence", Double),
    ("why", String),
    *_STAMP,
)
USER: tuple[tuple[str, Any], ...] = (
    ("rep_grade", String),
    ("accounts_initial", BigInteger),
    ("accounts_mid", BigInteger),
    ("accounts_strong", BigInteger),
    ("next_grade_needs", String),
    ("account_ops_score", Double),
    ("people_known", BigInteger),
    *_STAMP,
)
OPPORTUNITY: tuple[tuple[str, Any], ...] = (
    ("chain_closeness", Double),
    ("chain_solution", Double),
    ("chain_price", Double),
    ("chain_missing", String),
    ("deciders_reached", BigInteger),
    ("veto_against", Boolean),
    ("threads", BigInteger),
    ("win_signal", Double),
    ("horizon", String),
    *_STAMP,
)


KEYS = {
    "crm": "name of the CRM in the configuration",
    "record_id": "its id there",
    "parent_id": "the account of a person or deal, the parent of an account, the manager of a user",
}


def _table(name: str, fields: tuple[tuple[str, Any], ...], comment: str) -> Table:
    keys = [Column(key, String, comment=told) for key, told in KEYS.items()]
    return Table(name, metadata, *keys, *(Column(column, kind) for column, kind in fields), schema=ENRICHMENT, comment=comment)


contact = _table("contact", PERSON, "Contacts that get values.")
lead = _table("lead", PERSON, "Leads that get values.")
account = _table("account", ACCOUNT, "Accounts that get values.")
user = _table("user", USER, "Users that get values; none when individual grading is off.")
opportunity = _table("opportunity", OPPORTUNITY, "Open deals.")
