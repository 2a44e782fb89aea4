"""The coverage tables, declared. Unknown is null; closeness is 0-100; instants are epoch seconds UTC."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, Column, Double, String, Table

from warehouse import COVERAGE

metadata = sa.MetaData()


def _account() -> list[Column[Any]]:
    return [Column("crm", String), Column("account_key", BigInteger), Column("account_id", String)]


def _counts(*names: str) -> list[Column[Any]]:
    return [Column(name, BigInteger) for name in names]


def _rounds() -> Column[Any]:
    return Column("rounds", BigInteger, comment="calendar months (UTC) with a counted event in 365 days, 0 to 13")


team_people = Table(
    "team_people",
    metadata,
    Column("crm", String),
    Column("team_id", String, comment="user id of the manager; the team is the manager and the active users who answer to him or her"),
    *_counts("account_key", "person_key"),
    Column("users", BigInteger, comment="of the team, with two-way evidence in 365 days"),
    *_counts("touches_365d", "two_way_days_365d", "meetings_365d"),
    Column("last_two_way_s", BigInteger),
    Column("closeness", Double, comment="of the team to this contact, one decimal: the formula of the company over the team's pairs"),
    Column("level", String, comment="Interaction_Level seen by this team alone"),
    schema=COVERAGE,
    comment="What each team of ours is to each contact it has a counted event with.",
)

teams = Table(
    "teams",
    metadata,
    *_account(),
    Column("team_id", String, comment="user id of the manager"),
    Column("users", BigInteger, comment="of the team, with two-way evidence in 365 days"),
    Column("people", BigInteger, comment="contacts at Occasional or above, as the team sees them"),
    Column("departments", BigInteger, comment="distinct departments of those"),
    _rounds(),
    Column("touches_365d", BigInteger),
    Column("last_two_way_s", BigInteger),
    *_counts("key_persons", "known"),
    Column("closeness", Double, comment="mean effective closeness over the key persons known to the team, one decimal"),
    Column("relationship_level", String, comment="None, Initial, Mid or Strong in the team's own view (method section 4)"),
    schema=COVERAGE,
    comment="Which team of ours covers which account: one row per account and team with a counted event.",
)

accounts = Table(
    "accounts",
    metadata,
    *_account(),
    Column("contacts", BigInteger, comment="live contacts"),
    Column("departments", BigInteger, comment="distinct departments of those"),
    Column("people_engaged", BigInteger, comment="live contacts at Occasional or above"),
    Column("deep", Double, comment="深: engaged contacts of known department per department reached, two decimals"),
    Column("broad", BigInteger, comment="广: distinct departments with an engaged contact"),
    Column("key_departments", BigInteger, comment="required by the account's list, else the default one"),
    Column("key_departments_reached", BigInteger, comment="of those with an engaged contact"),
    Column("reciprocity", Double, comment="mean over engaged contacts whose reciprocity is known, 0-100"),
    Column("attitudes_known", Double, comment="100 * engaged contacts with an entered attitude / engaged contacts"),
    Column("mutual", Double, comment="透: mean of the two; null while one of them is unknown"),
    Column("users", BigInteger, comment="our active users with two-way evidence in 365 days"),
    Column("teams", BigInteger, comment="distinct teams of those: that of their manager, else the one they lead"),
    _rounds(),
    Column("touches_365d", BigInteger),
    Column("bus_factor", Double),
    Column("importance", Double),
    Column("median_importance", Double, comment="over the live accounts of the CRM"),
    Column("single_threaded", Boolean, comment="Bus_Factor at coverage.single_threaded or above, and importance above the median"),
    schema=COVERAGE,
    comment="Depth, breadth and mutuality of our relations with each live account, and whether they hang on one user.",
)

handover = Table(
    "handover",
    metadata,
    Column("crm", String),
    Column("user_key", BigInteger),
    Column("user_id", String, comment="who leaves, or has left"),
    Column("is_active", Boolean, comment="of the user"),
    *_account()[1:],
    Column("person_key", BigInteger),
    Column("person_id", String),
    Column("key_person", Boolean),
    *_counts("touches", "touches_365d"),
    *_counts("first_s", "last_s", "last_two_way_s"),
    Column("closeness", Double, comment="of the pair, one decimal"),
    Column("substitute_id", String, comment="the best active user to take over; null = nobody is near"),
    Column(
        "substitute_why", String, comment="person (had contact with this person), account (knows others there) or owner (of the account)"
    ),
    Column("substitute_closeness", Double, comment="to this person, or the highest to another contact of the account; null for owner"),
    schema=COVERAGE,
    comment="Hand-over pack: the people with whom this user alone, of our active users, has two-way evidence in 365 days.",
)

known_people = Table(
    "known_people",
    metadata,
    Column("crm", String),
    Column("user_id", String),
    Column("user_identity", String, comment="identity_id of identity.users"),
    Column("is_active", Boolean, comment="of the user"),
    Column("person_id", String),
    Column("person_identity", String, comment="identity_id of identity.people"),
    Column("person_kind", String),
    Column("name", String),
    Column("account_id", String),
    Column("name_folded", String, comment="lower case without accents, single spaces: what a search compares"),
    Column("addresses_folded", String, comment="all addresses of the record and of those merged into it, folded, separated by blanks"),
    Column("touches", BigInteger),
    *_counts("first_s", "last_s"),
    Column("last_two_way_s", BigInteger, comment="null = dealt with, never met: no two-way evidence"),
    Column("closeness", Double, comment="of the pair today, one decimal"),
    schema=COVERAGE,
    comment="Lifelong network: everybody a user of ours, active or not, ever had a counted event with; of gone records nothing is kept.",
)
