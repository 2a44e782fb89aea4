"""The score tables, declared: from pair and day up to account and user.

Columns that end in `_now`, `_month`, `_year` belong to the as-of, 30 and 365 days before it; those ending in `_quarter`
to the first instant of the quarter each of them lies in (`instants.py`). Unknown is null.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, Column, Double, Integer, String, Table

from transforms.scores.instants import INSTANTS, TRENDS
from warehouse import SCORES

metadata = sa.MetaData()


def _each(prefix: str, kind: Any, names: tuple[str, ...], comment: str) -> list[Column[Any]]:
    return [Column(f"{prefix}_{name}", kind, comment=comment) for name in names]


def _pair_keys() -> list[Column[Any]]:
    return [Column("crm", String), Column("user_key", BigInteger), Column("person_key", BigInteger)]


user_capture = Table(
    "user_capture",
    metadata,
    Column("crm", String),
    Column("user_key", BigInteger),
    Column("user_id", String),
    Column("emails_in", BigInteger, comment="inbound mails in the capture window"),
    Column("emails_out", BigInteger, comment="outbound mails in the capture window"),
    Column("people_mailed", BigInteger, comment="people written to in the capture window"),
    Column("captured", Boolean, comment="inbound mail is there and its share reaches capture.min_share"),
    Column(
        "coverage",
        String,
        comment="captured; missing (many were written to, hardly anybody answers); unclear (too few were); none (no counted mail)",
    ),
    *_each(
        "blind",
        Boolean,
        INSTANTS,
        "inbound mail is visibly not captured: reciprocity is unknown, plain sum and no cap; null = no counted mail at all",
    ),
    schema=SCORES,
    comment="Whether inbound mail of a user is captured; one row per user with a counted mail or who is an active person.",
)

pair_facts = Table(
    "pair_facts",
    metadata,
    *_pair_keys(),
    Column("user_id", String),
    Column("person_id", String),
    Column("account_key", BigInteger, comment="the person's account; null for leads"),
    Column("touches", BigInteger, comment="counted events"),
    Column("contact_days", BigInteger, comment="distinct UTC dates"),
    Column("touches_90d", BigInteger),
    Column("touches_365d", BigInteger),
    Column("two_way_days_365d", BigInteger),
    Column("meetings_365d", BigInteger),
    Column("first_s", BigInteger, comment="epoch seconds"),
    Column("last_s", BigInteger),
    *_each("two_way_s", BigInteger, INSTANTS, "last two-way evidence by then, epoch seconds"),
    *_each("out", Double, INSTANTS, "X_out: decayed weight on our side, the largest of each day and channel; null = no event by then"),
    *_each("in", Double, INSTANTS, "X_in: decayed weight on their side; null = no event by then"),
    schema=SCORES,
    comment="Counts, dates and decayed weights of each pair of our user and an outside person.",
)

pair_intensity = Table(
    "pair_intensity",
    metadata,
    *_pair_keys(),
    *_each("out", Double, INSTANTS, "X_out: decayed weight on our side"),
    *_each("in", Double, INSTANTS, "X_in: decayed weight on their side"),
    *_each("intensity", Double, INSTANTS, "I; null = no event by then"),
    *_each("two_way_s", BigInteger, INSTANTS, "last two-way evidence by then, epoch seconds"),
    Column("capped", Boolean, comment="held at closeness.cap_one_way for want of two-way evidence"),
    Column("plain_sum", Boolean, comment="the user's inbound mail is visibly not captured"),
    schema=SCORES,
    comment="Intensity of each pair at each instant (closeness.md section 1, points 3 and 4).",
)

kappa = Table(
    "kappa",
    metadata,
    Column("crm", String),
    Column("instant", String, comment="now, month or year: the figure it scales"),
    Column("quarter_start_s", BigInteger, comment="instant at which it was frozen, epoch seconds"),
    Column("pairs", BigInteger, comment="live pairs behind the value; 0 for the default"),
    Column("kappa", Double, comment="intensity that is worth a closeness of 50"),
    Column("origin", String, comment="quarter, as_of (too few live pairs at the quarter's start) or default"),
    Column("half_life_days", Double, comment="time scale of the decay behind it"),
    schema=SCORES,
    comment="The typical live relationship of each CRM, frozen per quarter.",
)

pairs = Table(
    "pairs",
    metadata,
    *_pair_keys(),
    Column("user_id", String),
    Column("person_id", String),
    Column("account_key", BigInteger),
    Column("x_out", Double),
    Column("x_in", Double),
    Column("intensity", Double, comment="I at the as-of"),
    Column("kappa", Double),
    Column("closeness", Double, comment="0-100 at the as-of, not rounded"),
    *_each("ratio", Double, TRENDS, "intensity / kappa; null = no event by then"),
    Column("capped", Boolean),
    Column("plain_sum", Boolean),
    Column("touches", BigInteger),
    Column("contact_days", BigInteger),
    Column("touches_90d", BigInteger),
    Column("touches_365d", BigInteger),
    Column("two_way_days_365d", BigInteger),
    Column("meetings_365d", BigInteger),
    Column("first_s", BigInteger),
    Column("last_s", BigInteger),
    Column("last_two_way_s", BigInteger),
    Column("level", String, comment="Interaction_Level seen by this user alone"),
    schema=SCORES,
    comment="One row per CRM, user and outside person with a counted event: the closeness of the pair.",
)

person_touches = Table(
    "person_touches",
    metadata,
    Column("crm", String),
    Column("person_key", BigInteger),
    *[Column(name, BigInteger) for name in ("touches_90d", "touches_365d", "contact_days_90d", "contact_days_365d", "contact_days")],
    Column("two_way_days_365d", BigInteger),
    *[Column(name, BigInteger) for name in ("meetings_365d", "calls_365d", "emails_out_365d", "emails_in_365d")],
    Column("first_s", BigInteger),
    Column("last_s", BigInteger),
    Column("last_two_way_s", BigInteger),
    Column("last_day", BigInteger, comment="last contact day"),
    Column("usual_gap", Double, comment="median days between neighbouring contact days; null below two"),
    schema=SCORES,
    comment="Counts, dates and rhythm of each outside person with a counted event, over all our users.",
)

people = Table(
    "people",
    metadata,
    Column("crm", String),
    Column("person_id", String),
    Column("person_key", BigInteger),
    Column("person_kind", String),
    Column("account_id", String),
    Column("account_key", BigInteger),
    *_each("closeness", Double, TRENDS, "observed, one decimal; null = no event by then"),
    *_each("effective", Double, TRENDS, "today's stated attitude, else observed closeness"),
    *_each("engaged", Boolean, TRENDS, "at Occasional or above by then"),
    Column("grade", String),
    Column("level", String, comment="Interaction_Level"),
    Column("strongest_user_id", String),
    Column("strongest_user_name", String),
    Column("known_by", BigInteger),
    Column("captured", Boolean, comment="inbound mail is captured for a user in touch within 365 days"),
    Column("reciprocity", Double),
    Column("rhythm", String),
    Column("stated_gap", String),
    Column("confidence", Double),
    schema=SCORES,
    comment="Outside people that get values: closeness of our company to each, and what follows from it.",
)

key_persons = Table(
    "key_persons",
    metadata,
    Column("crm", String),
    Column("account_key", BigInteger),
    Column("person_key", BigInteger),
    Column("person_id", String),
    Column("entered", Boolean, comment="key by what people entered; false = stands in because the account has none entered"),
    Column("attitude", Integer),
    *_each("effective", Double, TRENDS, "effective closeness; null = unknown"),
    Column("solution_acceptance", Integer),
    Column("price_acceptance", Integer),
    *[Column(f"knows_{name}", Boolean) for name in ("closeness", "solution", "price", "approve", "veto", "reporting", "influence")],
    Column("features", BigInteger, comment="known of the seven features"),
    Column("insight", Boolean, comment="all seven known, and one edited or two-way evidence within insight.days"),
    Column("decider", Boolean),
    Column("target", Boolean, comment="holds a vote; where no votes are entered, decides"),
    Column("deep", Boolean, comment="Interaction_Level Deep, or effective closeness at level.influence"),
    Column("confidence", Double, comment="0 for a person without log"),
    schema=SCORES,
    comment="Key persons of each account (method section 3).",
)

seats = Table(
    "seats",
    metadata,
    Column("crm", String),
    Column("account_key", BigInteger),
    Column("kind", String, comment="role or department"),
    Column("position", BigInteger, comment="order for reading"),
    Column("name", String, comment="as listed"),
    Column("match", String, comment="normalised"),
    Column("filled", Boolean, comment="a live contact of the account holds it"),
    Column("engaged", Boolean, comment="one of them is at Occasional or above"),
    schema=SCORES,
    comment="Required seats of each account's map: the five buying roles and its key departments (method section 5).",
)

views = Table(
    "views",
    metadata,
    Column("crm", String),
    Column("account_key", BigInteger),
    Column("account_id", String),
    Column("user_key", BigInteger),
    Column("user_id", String),
    Column("key_persons", BigInteger),
    Column("known", BigInteger, comment="key persons this user has a counted event with"),
    Column("closeness", Double, comment="mean effective closeness over the known, one decimal"),
    Column("level", String, comment="None, Initial, Mid or Strong in this user's own view"),
    Column("departments_open", BigInteger, comment="key departments without an engaged person of this user's own"),
    Column("negative_deciders", BigInteger),
    Column("targets", BigInteger, comment="voters, else deciders, that Strong asks deep influence on"),
    Column("targets_deep", BigInteger, comment="those on whom this user has it"),
    schema=SCORES,
    comment="Relationship level of each covered account in the own view of each user who covers it (method section 4).",
)

accounts = Table(
    "accounts",
    metadata,
    Column("crm", String),
    Column("account_key", BigInteger),
    Column("account_id", String),
    Column("key_persons", BigInteger),
    Column("key_entered", Boolean, comment="false: no key person is entered, engaged contacts stand in"),
    Column("known", BigInteger),
    *_each("closeness", Double, TRENDS, "mean effective closeness of the known key persons, one decimal"),
    Column("solution_acceptance_avg", Double),
    Column("price_acceptance_avg", Double),
    Column("map_completeness", Double),
    Column("insight_rate", Double),
    Column("missing_roles", String),
    Column("missing_departments", String),
    Column("level", String, comment="Relationship_Level, company view"),
    *[Column(name, BigInteger) for name in ("touches_90d", "touches_365d", "contact_days_90d")],
    Column("last_s", BigInteger),
    Column("last_two_way_s", BigInteger),
    *[Column(name, BigInteger) for name in ("people_engaged", "departments_engaged", "our_people")],
    Column("bus_factor", Double),
    Column("confidence", Double),
    Column("departments_open", BigInteger, comment="key departments without an engaged person"),
    Column("negative_deciders", BigInteger),
    Column("targets", BigInteger, comment="voters, else deciders, that Strong asks deep influence on"),
    Column("targets_deep", BigInteger),
    schema=SCORES,
    comment="Accounts that get values.",
)

users = Table(
    "users",
    metadata,
    Column("crm", String),
    Column("user_id", String),
    Column("user_key", BigInteger),
    Column("covered", BigInteger, comment="accounts owned or worked on as a team member"),
    *[Column(f"accounts_{name}", BigInteger) for name in ("initial", "mid", "strong")],
    Column("industry_expert", Boolean),
    Column("captured", Boolean, comment="inbound mail is captured; if not, the grade is a lower bound"),
    Column("grade", String, comment="null below the minimum sample, and where nothing is reached and mail is not captured"),
    Column("needs_strong", BigInteger, comment="Strong accounts missing for the next grade"),
    Column("needs_mid", BigInteger, comment="accounts at Mid or better missing, the Strong ones above included"),
    Column("needs_all", BigInteger, comment="accounts at Initial or better missing, all of the above included"),
    Column("next_grade", String, comment="null at the top and below the minimum sample"),
    Column("account_ops_score", Double, comment="null where no improvement is known"),
    Column("people_known", BigInteger),
    schema=SCORES,
    comment="Our people that get values (method section 4); none when individual grading is off.",
)

teams = Table(
    "teams",
    metadata,
    Column("crm", String),
    Column("manager_id", String),
    Column("people", BigInteger, comment="active people who report to the manager; team.min_people at least"),
    Column("captured", BigInteger, comment="of those whose inbound mail is captured"),
    *[
        Column(name, Double, comment="mean per person, one decimal")
        for name in ("covered", "accounts_initial", "accounts_mid", "accounts_strong", "people_known")
    ],
    schema=SCORES,
    comment="Averages of teams that are large enough to single nobody out; each person is in one team.",
)

account_deals = Table(
    "account_deals",
    metadata,
    Column("crm", String),
    Column("account_key", BigInteger),
    Column("won", BigInteger, comment="deals won up to the as-of"),
    Column("lost", BigInteger),
    Column("won_recent", BigInteger, comment="won within lifecycle.days"),
    Column("won_amount", Double, comment="amount of those"),
    Column("pipeline", Double, comment="amount of the open deals"),
    Column("large_from", Double, comment="won amount at which Large deals begin for this account; null = nothing won in its CRM"),
    Column("stage", String, comment="Lifecycle_Stage"),
    schema=SCORES,
    comment="Deals and life cycle of each account that gets values (method section 6).",
)

account_importance = Table(
    "account_importance",
    metadata,
    Column("crm", String),
    Column("account_key", BigInteger),
    *[Column(name, Double, comment="0-10") for name in ("sales", "potential", "demonstration", "can_win")],
    Column("importance", Double, comment="0-100, one decimal"),
    Column("rank", BigInteger, comment="place within the industry, equal scores share one"),
    Column("equal", BigInteger, comment="accounts that share it, this one included"),
    Column("of", BigInteger, comment="accounts of the industry"),
    Column("key_account", Boolean),
    schema=SCORES,
    comment="Importance of each account within its industry (method section 7).",
)

opportunities = Table(
    "opportunities",
    metadata,
    Column("crm", String),
    Column("opportunity_id", String),
    Column("account_id", String),
    Column("chain", BigInteger, comment="people of the decision chain"),
    Column("own_roles", Boolean, comment="false: the account's key persons stand in for missing contact roles"),
    *[Column(name, Double) for name in ("chain_closeness", "chain_solution", "chain_price")],
    Column("chain_missing", String),
    Column("deciders_reached", BigInteger),
    Column("veto_against", Boolean),
    Column("threads", BigInteger),
    Column("win_signal", Double),
    Column("horizon", String),
    schema=SCORES,
    comment="Open deals: the decision chain and the win signal (method section 8).",
)
