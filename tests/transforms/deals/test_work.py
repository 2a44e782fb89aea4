"""Who worked on a deal, what each event was for, rep types, and whom a deal counts for."""

import datetime as dt
from typing import Any

from tests.transforms.deals.kit import Company, built, by_deal, told
from tests.transforms.scores.small_company import context
from transforms.deals import tables
from warehouse import DuckDBWarehouse

OPEN = {"account_id": "acme", "close": "2026-09-01", "amount": 100.0}
PEOPLE = {
    "kim": {"account_id": "acme", "buying_roles": "User; Decider"},
    "lee": {"account_id": "acme", "buying_roles": "Influencer"},
    "max": {"account_id": "acme"},
    "led": {"person_kind": "lead"},
}


def company(*events: str, roles: tuple[str, ...] = (), users: dict[str, Any] | None = None, **deals: dict[str, Any]) -> Company:
    staff = users or {"anna": {}, "bo": {}}
    return Company(users=staff, accounts={"acme": {}}, people=PEOPLE, events=events, roles=roles, deals=deals or {"d1": OPEN})


def work(warehouse: DuckDBWarehouse, given: Company, *columns: str) -> dict[Any, tuple[Any, ...]]:
    built(warehouse, given, context(), tables.work)
    return by_deal(warehouse, tables.work, columns, "user_id")


def test_an_event_with_many_people_is_one_touch_of_each_user_and_its_hours_count_once(warehouse: DuckDBWarehouse) -> None:
    found = work(
        warehouse,
        company(
            "2026-04-30T10:00 meeting anna,bo -> kim,lee,max minutes=50 deal=d1",
            "2026-05-01T10:00 meeting anna -> lee minutes=45 deal=d1",
            "2026-05-01T12:00 meeting anna -> lee deal=d1",
            "2026-05-01T15:00 email bo -> lee deal=d1",
            "2026-05-02T15:00 email bo -> lee",
            "2026-05-03T15:00 email bo -> lee deal=unseen",
            "2026-06-02T15:00 meeting bo -> lee minutes=60 deal=d1",
        ),
        *("touches", "days", "rounds", "hours", "first_day", "last_day"),
    )
    span = (dt.date(2026, 4, 30), dt.date(2026, 5, 1))
    assert found == {("d1", "anna"): (3, 2, 2, 1.58, *span), ("d1", "bo"): (2, 2, 2, 0.83, *span)}


def test_hours_are_unknown_where_no_duration_is_logged(warehouse: DuckDBWarehouse) -> None:
    assert work(warehouse, company("2026-05-01 call anna -> lee deal=d1"), "hours") == {("d1", "anna"): (None,)}


def test_work_is_told_of_closed_deals_too_and_with_their_class_but_of_none_nobody_worked_on(warehouse: DuckDBWarehouse) -> None:
    done = {**OPEN, "amount": 9.0, "close": "2026-05-20", "is_closed": True}
    events = ("2026-05-01 email anna -> lee deal=d1", "2026-05-01 email anna -> lee deal=done")
    found = work(warehouse, company(*events, d1=OPEN, done=done, idle=OPEN), "deal_class", "is_open")
    assert found == {("d1", "anna"): ("A", True), ("done", "anna"): ("E", False)}


def test_an_event_with_a_lead_is_work_on_the_deal_it_regards(warehouse: DuckDBWarehouse) -> None:
    assert work(warehouse, company("2026-05-01 email anna -> led deal=d1"), "touches") == {("d1", "anna"): (1,)}


def kinds(warehouse: DuckDBWarehouse, given: Company) -> dict[Any, Any]:
    return {deal: kind for (deal, _), (kind,) in work(warehouse, given, "rep_type").items()}


def test_work_with_a_decider_or_buyer_is_of_the_project_and_with_others_of_the_solution(warehouse: DuckDBWarehouse) -> None:
    """Kim decides by the contact, Max by the contact role on d3 alone; one of several people is enough."""
    events = [
        f"2026-05-01 meeting anna -> {who} deal={deal}" for who, deal in (("lee", "d1"), ("lee,kim", "d2"), ("max", "d3"), ("max", "d4"))
    ]
    roles = ("d3 max  Economic Buyer ", "d4 max Evaluator", "d4 lee Buyer")
    assert kinds(warehouse, company(*events, roles=roles, d1=OPEN, d2=OPEN, d3=OPEN, d4=OPEN)) == {
        "d1": "solution",
        "d2": "project",
        "d3": "project",
        "d4": "solution",
    }


def test_an_open_deal_as_likely_as_not_is_a_project_and_what_a_closed_one_was_its_probability_does_not_tell(
    warehouse: DuckDBWarehouse,
) -> None:
    deals = {f"p{chance}": {**OPEN, "probability": chance} for chance in (49.9, 50.0, None)}
    deals["won"] = {**OPEN, "probability": 100.0, "is_closed": True, "is_won": True, "close": "2026-05-20"}
    events = [f"2026-05-01 meeting anna -> lee deal={deal}" for deal in deals]
    expected = {"p49.9": "solution", "p50.0": "project", "pNone": "solution", "won": "solution"}
    assert kinds(warehouse, company(*events, **deals)) == expected


def test_the_kind_of_most_of_the_work_tells_and_project_where_they_are_equal(warehouse: DuckDBWarehouse) -> None:
    even = [f"2026-05-0{day} meeting anna -> {who} deal=d1" for day, who in ((1, "kim"), (2, "lee"))]
    most = [f"2026-05-0{day} meeting anna -> {who} deal=d2" for day, who in ((1, "kim"), (2, "lee"), (3, "lee"))]
    assert kinds(warehouse, company(*even, *most, d1=OPEN, d2=OPEN)) == {"d1": "project", "d2": "solution"}


def mails(user: str, **counts: int) -> list[str]:
    """So many mails of each kind by a user, an hour apart."""
    tails = {"account": "lee", "project": "kim deal=d1", "solution": "lee deal=d1", "lead": "led"}
    lines = [tails[kind] for kind, count in counts.items() for _ in range(count)]
    return [f"2026-05-{1 + hour // 24:02}T{hour % 24:02}:00 email {user} -> {line}" for hour, line in enumerate(lines)]


def types(warehouse: DuckDBWarehouse, given: Company, **options: Any) -> dict[Any, tuple[Any, ...]]:
    built(warehouse, given, context(**options), tables.rep_types)
    columns = ("user_id", "touches", "account_share", "solution_share", "project_share", "rep_type")
    return {row[0]: row[1:] for row in told(warehouse, tables.rep_types, *columns)}


def test_a_rep_is_of_the_type_the_share_of_activity_says(warehouse: DuckDBWarehouse) -> None:
    """Exactly a tenth on deals is enough; equal shares make a project; below ten events, leads not among them, nothing is said."""
    users = {name: {} for name in ("farmer", "cut", "expert", "few", "idle")} | {"left": {"is_active": False}, "bot": {"is_person": False}}
    events = [
        *mails("farmer", account=19, project=1),
        *mails("cut", account=18, project=1, solution=1),
        *mails("expert", account=5, solution=3, project=2),
        *mails("few", account=9, lead=4),
        *mails("left", account=20),
        "2025-05-31 email idle -> lee",
    ]
    assert types(warehouse, company(*events, users=users)) == {
        "farmer": (20, 95.0, 0.0, 5.0, "account"),
        "cut": (20, 90.0, 5.0, 5.0, "project"),
        "expert": (10, 50.0, 30.0, 20.0, "solution"),
        "few": (9, 100.0, 0.0, 0.0, None),
        "idle": (0, None, None, None, None),
    }


def test_no_type_of_anybody_is_told_where_individual_grading_is_off(warehouse: DuckDBWarehouse) -> None:
    given = company(*mails("anna", account=20))
    assert types(warehouse, given, grade_individuals=False) == {}
    built(warehouse, given, context(grade_individuals=False), tables.team_types)
    assert by_deal(warehouse, tables.team_types, ("types",)) == {}


def test_the_team_of_a_deal_is_who_worked_on_it_owns_it_or_covers_its_account_once_each(warehouse: DuckDBWarehouse) -> None:
    users = {name: {} for name in ("farmer", "closer", "new", "helper")} | {"left": {"is_active": False}}
    events = [*mails("farmer", account=20), *mails("closer", account=5, project=5), *mails("helper", account=5, solution=5)]
    deals = {"d1": {**OPEN, "owner_id": "closer"}, "d2": {**OPEN, "owner_id": "left", "account_id": "beta"}}
    given = company(*events, "2026-05-01 call left -> lee deal=d1", users=users, **deals)
    given.members = ["acme farmer", "acme closer", "acme new"]
    built(warehouse, given, context(), tables.team_types)
    found = by_deal(warehouse, tables.team_types, ("people", "untyped", "types", "missing_types"))
    assert found == {"d1": (4, 1, "account, solution, project", None), "d2": (0, 0, None, "account, solution, project")}


def test_types_nobody_of_the_team_is_of_are_missing(warehouse: DuckDBWarehouse) -> None:
    given = company(*mails("anna", account=20), d1={**OPEN, "owner_id": "anna"})
    built(warehouse, given, context(), tables.team_types)
    found = by_deal(warehouse, tables.team_types, ("people", "untyped", "types", "missing_types"))
    assert found == {"d1": (1, 0, "account", "solution, project")}


def credited(warehouse: DuckDBWarehouse, **deals: dict[str, Any]) -> dict[Any, tuple[Any, ...]]:
    users = {"anna": {}, "bo": {}, "left": {"is_active": False}, "bot": {"is_person": False}}
    accounts = {"acme": {"owner_id": "anna"}, "beta": {"owner_id": "bot"}}
    built(warehouse, Company(users=users, accounts=accounts, deals=deals), context(), tables.credits)
    return by_deal(warehouse, tables.credits, ("reason", "share", "counted_twice", "amount"), "user_id")


def test_a_deal_counts_for_its_owner_and_for_another_owner_of_its_account_in_full_and_marked(warehouse: DuckDBWarehouse) -> None:
    same, other, left = ({**OPEN, "owner_id": name} for name in ("anna", "bo", "left"))
    assert credited(warehouse, same=same, other=other, left=left) == {
        ("same", "anna"): ("owner", 1.0, False, 100.0),
        ("other", "bo"): ("owner", 1.0, True, 100.0),
        ("other", "anna"): ("account owner", 1.0, True, 100.0),
        ("left", "left"): ("owner", 1.0, True, 100.0),
        ("left", "anna"): ("account owner", 1.0, True, 100.0),
    }


def test_machines_and_unknown_owners_are_credited_nothing_and_the_other_owner_then_not_twice(warehouse: DuckDBWarehouse) -> None:
    found = credited(warehouse, queue={**OPEN, "owner_id": "queue"}, none=OPEN, bot={**OPEN, "owner_id": "bo", "account_id": "beta"})
    assert {key: row[:1] + row[2:3] for key, row in found.items()} == {
        ("queue", "anna"): ("account owner", False),
        ("none", "anna"): ("account owner", False),
        ("bot", "bo"): ("owner", False),
    }


def test_open_deals_and_those_won_in_24_months_count_lost_and_older_ones_do_not(warehouse: DuckDBWarehouse) -> None:
    """730 days before 2026-06-01 is 2024-06-01: a deal closed that day is out, the next day is in."""
    base = {**OPEN, "owner_id": "anna", "is_closed": True, "is_won": True}
    found = credited(
        warehouse,
        first={**base, "close": "2024-06-02"},
        older={**base, "close": "2024-06-01"},
        ahead={**base, "close": "2026-06-02"},
        lost={**base, "is_won": False, "close": "2026-05-01"},
        open={**OPEN, "owner_id": "anna"},
    )
    assert {deal for deal, _ in found} == {"first", "open"}
