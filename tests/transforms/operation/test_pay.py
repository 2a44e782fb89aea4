"""Shares of pay are arithmetic on the account-operation score, and of nobody where individuals are not graded."""

import pytest

from tests.transforms.operation.kit import context, told
from tests.transforms.scores.small_company import store
from transforms.method import MethodError
from transforms.operation import pay
from transforms.scores import tables as scores
from warehouse import DuckDBWarehouse

COLUMNS = ("user_id", "base_share", "sales_share", "operation_share", "operation_points")


@pytest.fixture(scope="module")
def scored(warehouse: DuckDBWarehouse) -> DuckDBWarehouse:
    ops = {"anna": 41.5, "bo": None, "cy": 100.0}
    store(warehouse, scores.users, [{"user_id": name, "account_ops_score": score} for name, score in ops.items()])
    return warehouse


def test_the_score_is_worth_its_share_and_an_unknown_one_nothing_known(scored: DuckDBWarehouse) -> None:
    assert told(scored, pay.MODEL, context(), *COLUMNS) == [
        ("anna", 60.0, 30.0, 10.0, 4.2),
        ("bo", 60.0, 30.0, 10.0, None),
        ("cy", 60.0, 30.0, 10.0, 10.0),
    ]


def test_other_shares_can_be_set_if_they_make_a_whole(scored: DuckDBWarehouse) -> None:
    half = context(method={"pay": {"base": 0.5, "sales": 0.25, "operation": 0.25}})
    assert told(scored, pay.MODEL, half, "user_id", "operation_points")[-1] == ("cy", 25.0)
    with pytest.raises(MethodError, match=r"pay\.base"):
        context(method={"pay": {"operation": 0.2}})


def test_nobody_has_a_row_where_individuals_are_not_graded(scored: DuckDBWarehouse) -> None:
    assert told(scored, pay.MODEL, context(grade_individuals=False), *COLUMNS) == []
