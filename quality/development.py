"""What the tables of time, of deals and of account operation must satisfy: one row per key, values of their lists, parts within wholes.

None of it blocks: nothing of it is written to a CRM. Checked are the tables people read one by one; of the versions in
`history` only those of contacts and accounts, as all of them are written by the same statement.
"""

from collections.abc import Iterator

from quality.expectations import Belongs, Between, Expectation, InSet, NotNull, Ordered, Rule, Suite, Unique
from warehouse import DEALS, HISTORY, OPERATION

FIGURES = ("closeness", "solution_acceptance_avg", "price_acceptance_avg", "map_completeness", "insight_rate")
LAMPS = ("advantage", "method", "signs", "relations", "enemy", "aim")
CLASSES = ("A", "B", "C", "D", "E")
REP_TYPES = ("account", "solution", "project")
SHARES = ("account_share", "solution_share", "project_share")


def development_suites() -> tuple[Suite, ...]:
    """One suite per table."""
    return (*_history(), *_deals(), *_operation())


def _history() -> Iterator[Suite]:
    present = _rule("record_present", "every row is of a record", NotNull("record_id"))
    for entity in ("contact", "account"):
        yield _suite(HISTORY, entity, ("crm", "record_id", "valid_from"), present)
    entities = InSet("entity", ("contact", "account", "opportunity", "user"))
    key = ("crm", "entity", "record_id", "field", "day")
    yield _suite(HISTORY, "entered", key, _rule("entity_known", "people enter fields of these", entities))
    yield _suite(
        HISTORY,
        "averages",
        ("crm", "day", "view", "record_id", "figure"),
        _rule("figure_known", "one of the five figures", InSet("figure", FIGURES)),
        _rule("view_known", "of a rep, a team, an industry or the company", InSet("view", ("rep", "team", "industry", "company"))),
        _rule("known_within_accounts", "no more accounts are known than there are", Ordered("known", "accounts")),
    )
    yield _suite(
        HISTORY,
        "reviews",
        ("crm", "topic", "record_id"),
        _rule("topic_known", "importance, closeness or needs", InSet("topic", ("importance", "closeness", "needs"))),
        _rule("overdue_positive", "nothing is overdue by less than nothing", Between("days_overdue", 0)),
        _rule("due_after_review", "the next review is not due before the last", Ordered("last_review", "due")),
    )


def _deals() -> Iterator[Suite]:
    deal = Belongs(("crm", "opportunity_id"), "model.opportunities", ("crm", "opportunity_id"))
    yield _suite(
        DEALS,
        "stages",
        ("crm", "opportunity_id"),
        _rule("deal_known", "the deal is one of the opportunities", deal),
        _rule("class_known", "classes go from A to E", InSet("deal_class", CLASSES)),
        _rule("days_positive", "nothing is in its stage for less than nothing", Between("days_in_stage", 0)),
    )
    yield _suite(DEALS, "lamps", ("crm", "opportunity_id", "lamp"), _rule("lamp_known", "one of the six", InSet("lamp", LAMPS)))
    yield _suite(
        DEALS,
        "credits",
        ("crm", "opportunity_id", "user_id"),
        _rule("share_in_range", "nobody is credited with more than the deal", Between("share", 0, 1)),
        _rule("user_known", "the user is one of the users", Belongs(("crm", "user_id"), "model.users", ("crm", "user_id"))),
    )
    yield _suite(
        DEALS,
        "rep_types",
        ("crm", "user_id"),
        _rule("type_known", "account, solution or project", InSet("rep_type", REP_TYPES)),
        *(_rule(f"{name}_in_range", f"{name.replace('_', ' ')} is 0 to 100", Between(name, 0, 100)) for name in SHARES),
    )


def _operation() -> Iterator[Suite]:
    account = Belongs(("crm", "account_id"), "model.accounts", ("crm", "account_id"), "is_live")
    yield _suite(
        OPERATION,
        "accounts",
        ("crm", "account_id"),
        _rule("account_live", "the account is one that lives", account),
        _rule("missing_in_range", "four things at most are missing", Between("missing", 0, 4)),
    )
    yield _suite(
        OPERATION,
        "funnel",
        ("crm", "view", "record_id", "period_start", "step"),
        _rule("step_known", "calls, meetings, interested, won", InSet("step", ("calls", "meetings", "interested", "won"))),
        _rule("ratio_positive", "a share of a step is not below nothing", Between("ratio", 0)),
    )
    yield _suite(
        OPERATION,
        "leads",
        ("crm", "view", "record_id", "period_start"),
        _rule("conversion_in_range", "conversion is 0 to 1", Between("conversion", 0, 1)),
        _rule("converted_within_leads", "no more leads are converted than there are", Ordered("converted", "leads")),
    )
    yield _suite(
        OPERATION,
        "moat",
        ("crm", "month_end"),
        _rule("new_within_known", "who is new is known", Ordered("people_new", "people_known")),
        _rule("users_within_pairs", "every user in touch is in a pair", Ordered("users", "pairs_two_way")),
    )


def _suite(schema: str, table: str, key: tuple[str, ...], *rules: Expectation) -> Suite:
    return Suite(schema, table, key[:2], (_rule("key_unique", f"one row for each {', '.join(key[1:])}", Unique(key)), *rules))


def _rule(name: str, meaning: str, rule: Rule) -> Expectation:
    return Expectation(name, meaning, rule)
