"""Importance against sales alone."""

from tests.transforms.operation.kit import Company, context, of_accounts, told
from transforms.operation import importance
from transforms.scores import tables as scores
from warehouse import DuckDBWarehouse

INDUSTRY = {"big": "Banking", "rising": "Banking", "even": "Banking", "tied": "Banking", "small": "Banking", "lone": "Energy", "none": None}
WON = {"big": 900.0, "rising": 100.0, "even": 300.0, "tied": 300.0, "small": 0.0, "lone": 0.0, "none": 5.0}
RANK = {"rising": 1, "big": 2, "even": 3, "tied": 3, "small": 5, "lone": 1, "none": 1}


def test_each_account_has_its_place_by_importance_and_by_sales_within_its_industry(warehouse: DuckDBWarehouse) -> None:
    Company(accounts={name: {"industry": industry} for name, industry in INDUSTRY.items()}).fill(warehouse)
    of_accounts(warehouse, scores.account_deals, {name: {"won_amount": amount} for name, amount in WON.items()})
    ranks = {
        name: {"rank": rank, "of": 5 if INDUSTRY[name] == "Banking" else 1, "key_account": rank == 1, "importance": 50.0}
        for name, rank in RANK.items()
    }
    of_accounts(warehouse, scores.account_importance, ranks)
    columns = ("account_id", "rank", "rank_by_sales", "gap", "key_account", "key_by_sales")
    assert told(warehouse, importance.MODEL, context(), *columns) == [
        ("big", 2, 1, -1, False, True),
        ("even", 3, 2, -1, False, False),
        ("lone", 1, 1, 0, True, False),
        ("none", 1, 1, 0, True, True),
        ("rising", 1, 4, 3, True, False),
        ("small", 5, 5, 0, False, False),
        ("tied", 3, 2, -1, False, False),
    ]
