"""The decision chain of a deal, seat by seat."""

import pytest

from tests.transforms.maps.kit import Company, built, told
from tests.transforms.scores.small_company import context
from transforms.maps import tables
from transforms.scores import tables as scores
from warehouse import DuckDBWarehouse

COMPANY = Company(
    users={"anna": {}},
    accounts={"acme": {}, "bare": {}, "empty": {}},
    people={
        "dee": {"account_id": "acme", "vote": "Both", "attitude": -2, "solution_acceptance": 1},
        "bea": {"account_id": "acme", "buying_roles": "Buyer;User"},
        "ned": {"account_id": "acme"},
        "off": {"account_id": "acme", "is_live": False},
        "kay": {"account_id": "bare", "buying_roles": "Gatekeeper"},
    },
    deals={
        "deal": {"account_id": "acme", "close": "2026-09-01"},
        "stand-in": {"account_id": "bare", "close": "2026-09-01"},
        "nobody": {"account_id": "empty", "close": "2026-09-01"},
        "won": {"account_id": "acme", "close": "2026-01-01", "is_closed": True, "is_won": True},
    },
    roles=["deal dee Decision Maker", "deal bea Other", "deal ned", "deal off Decision Maker", "won dee"],
    events=["2026-05-20 meeting anna -> dee"],
)


@pytest.fixture(scope="module")
def chain(warehouse: DuckDBWarehouse) -> DuckDBWarehouse:
    built(warehouse, COMPANY, context(), tables.decision_chain)
    return warehouse


def seats(chain: DuckDBWarehouse, deal: str) -> list[tuple[object, ...]]:
    found = told(chain, tables.decision_chain, "opportunity_id", "position", "role", "filled", "person_id", "on_deal")
    return [row[1:] for row in found if row[0] == deal]


def test_each_role_has_a_row_per_holder_or_one_that_says_missing_and_people_without_a_role_come_last(chain: DuckDBWarehouse) -> None:
    assert seats(chain, "deal") == [
        (0, "Gatekeeper", False, None, None),
        (1, "Buyer", True, "bea", True),
        (2, "User", True, "bea", True),
        (3, "Decider", True, "dee", True),
        (4, "Influencer", False, None, None),
        (5, None, None, "ned", True),
    ]


def test_without_contact_roles_the_key_persons_stand_in(chain: DuckDBWarehouse) -> None:
    assert seats(chain, "stand-in")[0] == (0, "Gatekeeper", True, "kay", False)


def test_a_deal_of_an_account_without_anybody_has_five_missing_seats(chain: DuckDBWarehouse) -> None:
    assert [row[2:] for row in seats(chain, "nobody")] == [(False, None, None)] * 5


def test_closed_deals_have_no_chain(chain: DuckDBWarehouse) -> None:
    assert seats(chain, "won") == []


def test_a_seat_tells_votes_acceptance_and_whether_the_holder_is_reached(chain: DuckDBWarehouse) -> None:
    columns = ("person_id", "role", "closeness", "solution_acceptance", "price_acceptance", "vote", "reached", "veto_against")
    found = {row[:2]: row[2:] for row in told(chain, tables.decision_chain, *columns)}
    assert found["dee", "Decider"] == (0.0, 1, None, "Both", True, True)
    assert found["ned", None] == (None, None, None, None, False, False)


def test_the_map_agrees_with_the_figures_of_the_deal(chain: DuckDBWarehouse) -> None:
    missing: dict[str, list[str]] = {}
    for deal, role, filled, _ in told(chain, tables.decision_chain, "opportunity_id", "role", "filled", "position"):
        if filled is False:
            missing.setdefault(deal, []).append(role)
    figures = dict(told(chain, scores.opportunities, "opportunity_id", "chain_missing"))
    assert {deal: sorted(names) for deal, names in missing.items()} == {deal: sorted(text.split(", ")) for deal, text in figures.items()}
