"""Counted + dropped = read, per source object, and what breaks it."""

from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from quality.reconciliation import Account, reconcile
from transforms.tables import interactions, interactions_dropped
from warehouse import DuckDBWarehouse

READ = ("t1", "t2", "t3", "t4")


def put(warehouse: DuckDBWarehouse, counted: Sequence[str], dropped: Sequence[tuple[str, str]], read: Sequence[str] = READ) -> None:
    with warehouse.native() as cursor:
        cursor.execute('create schema raw_c; create table raw_c."Task" ("Id" varchar)')
        cursor.executemany('insert into raw_c."Task" values (?)', [[name] for name in read])
    with warehouse.connection() as connection:
        for table in (interactions, interactions_dropped):
            connection.execute(sa.schema.CreateTable(table))
        for name in counted:
            connection.execute(sa.insert(interactions).values(crm="c", event_id=name))
        for name, reason in dropped:
            connection.execute(sa.insert(interactions_dropped).values(crm="c", event_id=name, kind="Task", reason=reason))


def task(warehouse: DuckDBWarehouse) -> Account:
    (account,) = reconcile(warehouse, "c", {"Task": "Id", "Event": "Id"})
    return account


def test_an_event_with_several_rows_counts_once_and_objects_never_landed_have_no_account(warehouse: DuckDBWarehouse) -> None:
    put(warehouse, ["t1", "t1", "t2"], [("t3", "open"), ("t4", "future")])
    account = task(warehouse)
    assert (account.read, account.counted, dict(account.dropped), account.balanced) == (4, 2, {"future": 1, "open": 1}, True)


@pytest.mark.parametrize(
    ("counted", "dropped"),
    [
        (["t1", "t2"], [("t3", "open")]),
        (["t1", "t2", "t3"], [("t3", "open")]),
        (["t1", "t2"], [("t3", "open"), ("t4", "open"), ("t4", "future")]),
    ],
    ids=["a record is in neither", "a record is in both", "a record is dropped twice"],
)
def test_a_record_not_told_exactly_once_breaks_the_account(
    warehouse: DuckDBWarehouse, counted: Sequence[str], dropped: Sequence[tuple[str, str]]
) -> None:
    put(warehouse, counted, dropped)
    assert not task(warehouse).balanced


def test_the_account_of_another_crm_is_not_mixed_in(warehouse: DuckDBWarehouse) -> None:
    put(warehouse, ["t1", "t2", "t3", "t4"], [])
    with warehouse.connection() as connection:
        connection.execute(sa.insert(interactions_dropped).values(crm="other", event_id="t1", kind="Task", reason="open"))
    assert task(warehouse).balanced


def test_the_line_of_an_account_adds_up(warehouse: DuckDBWarehouse) -> None:
    put(warehouse, ["t1"], [("t2", "open"), ("t3", "open")])
    assert task(warehouse).line == "c Task: read 4, counted 1, dropped: open 2, not accounted for 1"
