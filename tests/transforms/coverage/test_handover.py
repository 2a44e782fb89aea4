"""The hand-over pack: whom a user alone knows, and who takes over."""

import pytest

from tests.transforms.maps.kit import Company, built, told
from tests.transforms.scores.small_company import context
from transforms.coverage import tables
from warehouse import DuckDBWarehouse

COMPANY = Company(
    users={"anna": {}, "bo": {}, "cy": {}, "gone": {"is_active": False}, "left": {"is_active": False}},
    accounts={"acme": {"owner_id": "cy"}, "beta": {"owner_id": "cy"}, "mine": {"owner_id": "anna"}, "dead": {"owner_id": "gone"}},
    people={
        "shared": {"account_id": "acme"},
        "alone": {"account_id": "acme", "vote": "Veto"},
        "mailed": {"account_id": "acme"},
        "lonely": {"account_id": "beta"},
        "own": {"account_id": "mine"},
        "after": {"account_id": "dead"},
        "twice": {"account_id": "dead"},
        "old": {"account_id": "acme"},
        "off": {"account_id": "acme", "is_live": False},
        "lead": {"person_kind": "lead"},
    },
    events=[
        "2026-05-01 meeting anna,bo -> shared",
        "2026-05-02 meeting anna -> alone",
        "2026-05-03 meeting anna -> mailed",
        "2026-05-03 email cy -> mailed",
        "2026-05-04 meeting anna -> lonely",
        "2026-05-05 meeting anna -> own",
        "2026-05-06 meeting gone -> after",
        "2026-05-07 meeting gone,left -> twice",
        "2024-05-07 meeting anna -> old",
        "2026-05-07 meeting anna -> off",
        "2026-05-08 meeting anna -> lead",
    ],
)


@pytest.fixture(scope="module")
def pack(warehouse: DuckDBWarehouse) -> DuckDBWarehouse:
    built(warehouse, COMPANY, context(), tables.handover)
    return warehouse


def test_the_pack_names_whom_only_this_user_knows_with_the_best_active_substitute(pack: DuckDBWarehouse) -> None:
    found = told(pack, tables.handover, "user_id", "is_active", "account_id", "person_id", "substitute_id", "substitute_why")
    assert found == [
        ("anna", True, "acme", "alone", "bo", "account"),
        ("anna", True, "acme", "mailed", "cy", "person"),
        ("anna", True, "beta", "lonely", "cy", "owner"),
        ("anna", True, "mine", "own", None, None),
        ("anna", True, None, "lead", None, None),
        ("gone", False, "dead", "after", None, None),
        ("gone", False, "dead", "twice", None, None),
        ("left", False, "dead", "twice", None, None),
    ]


def test_it_tells_the_evidence(pack: DuckDBWarehouse) -> None:
    columns = ("key_person", "touches", "touches_365d", "closeness", "substitute_closeness")
    found = {row[0]: row[1:] for row in told(pack, tables.handover, "person_id", *columns)}
    assert found["alone"][:3] == (True, 1, 1)
    assert found["mailed"][0] is False
    assert all(0 < row[3] <= 100 for row in found.values())
    assert found["lonely"][4] is None
    assert found["mailed"][4] > 0


def test_an_inactive_user_is_never_a_substitute(pack: DuckDBWarehouse) -> None:
    assert {row[0] for row in told(pack, tables.handover, "substitute_id")} <= {None, "bo", "cy"}
