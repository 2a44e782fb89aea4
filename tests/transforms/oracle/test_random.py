"""Random small companies, full of blanks, exact window edges and records that get no values: SQL and oracle agree on every field."""

from datetime import UTC, datetime
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.transforms.oracle.oracle import differences, written
from tests.transforms.scores.small_company import Company, context, score
from transforms.base import DAY
from warehouse import DuckDBWarehouse

QUICK = settings(max_examples=4, suppress_health_check=list(HealthCheck))
STEEL = {
    "level": {"initial": 10, "mid": 30, "strong": 60},
    "departments.key": ["Legal"],
    "lifecycle.large_amount": 250,
    "importance": {"weight_sales": 0.4, "weight_potential": 0.3, "weight_demonstration": 0.2, "weight_can_win": 0.1, "key_share": 0.5},
}
METHOD = {
    "kappa.min_pairs": 3,
    "capture.min_people_mailed": 3,
    "rep": {"intermediate_mid": 1, "intermediate_all": 2},
    "industry": {"Steel": STEEL, "glass": {"importance.key_share": 0.1}},
}
NOW = context("2026-06-01", METHOD)
EDGES = [0, 1, -1, *(days * DAY + second for days in (30, 90, 120, 365, 395, 730) for second in (0, -1, 1))]
USERS = {
    "anna": {},
    "bo": {"industry_expert": True},
    "cy": {"is_active": False},
    "dee": {},
    "eve": {},
    "fay": {},
    "bot": {"is_person": False},
}
ACCOUNTS = ("acme", *(f"a{number}" for number in range(14)), "gone")
ATTITUDES = (None, None, -2, -1, 0, 1, 2, 2, 2)


def companies() -> st.SearchStrategy[Company]:
    return st.randoms(use_true_random=False).map(lambda dice: company(Random(dice.getrandbits(64))))


def company(dice: Random) -> Company:
    accounts = {name: account(dice, name) for name in ACCOUNTS}
    people: dict[str, dict[str, Any]] = {}
    for number in range(dice.randint(5, 50)):
        people[f"p{number}"] = person(dice, list(people))
    deals = {f"d{number}": deal(dice) for number in range(dice.randint(1, 40))}
    held = [dice.choice(["Decision Maker", "User", "evaluator", "Fan"]) for _ in deals]
    roles = [f"{dice.choice(list(deals))} {dice.choice(list(people))} {role}" for role in held]
    members = sorted({f"{dice.choice(ACCOUNTS)} {dice.choice(list(USERS))}" for _ in range(30)})
    events = [event(dice, list(people)) for _ in range(dice.randint(0, 250))] + tie(dice)
    people["tied"] = {"account_id": "acme"}
    return Company(USERS, accounts, people, members, events, deals, roles)


def account(dice: Random, name: str) -> dict[str, Any]:
    return {
        "is_live": name != "gone",
        "industry": dice.choice([None, "steel", " Steel", "glass"]),
        "employees": dice.choice([None, 10, 10, 500]),
        "potential": dice.choice([None, None, 7.0]),
        "key_departments": dice.choice([None, "Legal", "信息部；Legal", " finance ,IT, Information  Technology", "legal"]),
    }


def person(dice: Random, others: list[str]) -> dict[str, Any]:
    if dice.random() < 0.2:
        return {"person_kind": "lead", "is_live": dice.random() < 0.7, "attitude": None}
    entered = dice.random() < 0.6
    return {
        "account_id": dice.choice([*ACCOUNTS, None]),
        "is_live": dice.random() < 0.85,
        "department": dice.choice([None, "it", "legal", "legal", "finance"]),
        "reports_to_id": dice.choice([None, *others]),
        "influenced_by_id": dice.choice([None, *others]),
        "attitude": dice.choice(ATTITUDES),
        "solution_acceptance": dice.choice(ATTITUDES),
        "price_acceptance": dice.choice(ATTITUDES),
        "vote": dice.choice([None, None, "None", "Approve", "Veto", "Both"]) if entered else None,
        "buying_roles": dice.choice([None, "Decider", "Gatekeeper; User", "Buyer;Decider;Influencer"]) if entered else None,
        "key_person": dice.choice([None, False, True]) if entered else None,
    }


def deal(dice: Random) -> dict[str, Any]:
    closed = dice.random() < 0.5
    return {
        "account_id": dice.choice(ACCOUNTS),
        "amount": dice.choice([None, 100.0, 300.0, 5000.0]),
        "close": moment(NOW.as_of - dice.choice([-1095, -366, -365, -92, -91, 0, 10, 700, 729, 730, 731]) * DAY),
        "is_closed": closed,
        "is_won": closed and dice.random() < 0.6,
        "compelling_event": dice.choice([None, True, True]),
        "inside_source": dice.choice([None, False, True]),
        "competitor_rank": dice.choice([None, 3, 4]),
    }


def event(dice: Random, people: list[str]) -> str:
    """One event, now and then right on the edge of a window or just after the as-of."""
    back = dice.choice(EDGES) if dice.random() < 0.3 else dice.randint(0, 120 if dice.random() < 0.7 else 800) * DAY + dice.randint(0, DAY)
    kind, ours = dice.choice(["meeting", "call", "email", "email", "unanswered"]), dice.choice(list(USERS)[:5])
    persons = ",".join(sorted(set(dice.choices(people, k=dice.randint(1, 3)))))
    if kind == "meeting":
        return f"{moment(NOW.as_of - back)} meeting {ours},fay -> {persons} minutes={dice.choice([0, 20, 45, 600])}"
    if kind == "email":
        return f"{moment(NOW.as_of - back)} email {ours} {dice.choice(['->', '<-'])} {persons} {dice.choice(['', 'cc', 'recipients=7'])}"
    return f"{moment(NOW.as_of - back)} call {ours} -> {persons} {'unanswered' if kind == 'unanswered' else ''}"


def tie(dice: Random) -> list[str]:
    """Mails of two users that nobody answers: both pairs are held at one intensity, only the last touch tells them apart."""
    days = [(user, day) for user in ("anna", "bo") for day in dice.sample(range(1, 20), 4)]
    return [f"{moment(NOW.as_of - day * DAY)} email {user} -> tied" for user, day in days]


def moment(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).replace(tzinfo=None).isoformat()


@QUICK
@given(made=companies())
def test_every_field_of_a_random_company_is_what_the_contract_says(warehouse: DuckDBWarehouse, made: Company) -> None:
    score(warehouse, made, NOW)
    assert "\n".join(differences(warehouse, NOW)) == ""


def test_what_happens_after_the_as_of_changes_no_field_of_any_record(warehouse: DuckDBWarehouse) -> None:
    made = company(Random(7))
    score(warehouse, made, NOW)
    before = written(warehouse)
    later = [f"{moment(NOW.as_of + 1 + step * DAY)} meeting anna,bo -> {person}" for step, person in enumerate(made.people)]
    score(warehouse, Company(made.users, made.accounts, made.people, made.members, [*made.events, *later], made.deals, made.roles), NOW)
    assert written(warehouse) == before
