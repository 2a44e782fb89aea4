"""The competitor's relations, from what people entered."""

from tests.transforms.maps.kit import Company, built, told
from tests.transforms.scores.small_company import context
from transforms.maps import tables
from warehouse import DuckDBWarehouse

NOBODY = (None, None, None, None, None)


def test_who_leans_where_and_where_the_competitor_stands(warehouse: DuckDBWarehouse) -> None:
    accounts = {"acme": {"competitor_main": " Rival "}, "named": {"competitor_main": "Rival"}, "blank": {"competitor_main": " "}}
    people = {
        "fan": {"account_id": "acme", "attitude": 2, "competitor_attitude": -1, "key_person": True},
        "foe": {"account_id": "acme", "attitude": -1, "competitor_attitude": 2, "key_person": True},
        "even": {"account_id": "acme", "attitude": 0, "competitor_attitude": 0},
        "open": {"account_id": "acme", "competitor_attitude": 1},
        "unrated": {"account_id": "blank", "attitude": 1},
    }
    deals = {
        "d1": {"account_id": "acme", "close": "2026-09-01", "competitor_rank": 2},
        "d2": {"account_id": "acme", "close": "2026-09-01", "competitor_rank": 4},
        "d3": {"account_id": "acme", "close": "2025-09-01", "competitor_rank": 9, "is_closed": True},
    }
    built(warehouse, Company({"anna": {}}, accounts, people, deals=deals), context(), tables.competitor)
    told_of = ("competitor_closeness", "competitor_level", "our_closeness", "standing", "worst_rank")
    found = told(warehouse, tables.competitor, "account_id", "competitor", "person_id", "leans", *told_of)
    acme = (62.5, "Mid", 62.5, "even", 4)
    assert found == [
        ("acme", "Rival", "even", "even", *acme),
        ("acme", "Rival", "fan", "us", *acme),
        ("acme", "Rival", "foe", "competitor", *acme),
        ("acme", "Rival", "open", None, *acme),
        ("named", "Rival", None, None, *NOBODY),
    ]


def test_however_close_a_competitor_is_its_level_ends_at_mid(warehouse: DuckDBWarehouse) -> None:
    people = {"foe": {"account_id": "acme", "competitor_attitude": 2, "vote": "Approve"}}
    built(warehouse, Company({"anna": {}}, {"acme": {}}, people), context(), tables.competitor)
    found = told(warehouse, tables.competitor, "competitor", "competitor_closeness", "competitor_level", "our_closeness", "standing")
    assert found == [(None, 100.0, "Mid", None, None)]
