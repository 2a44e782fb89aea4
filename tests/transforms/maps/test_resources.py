"""Own resources: who of us can reach whom."""

from tests.transforms.maps.kit import Company, built, told
from tests.transforms.scores.small_company import context
from transforms.maps import tables
from warehouse import DuckDBWarehouse

COMPANY = Company(
    users={name: {} for name in ("anna", "bo", "cy", "dan")} | {"gone": {"is_active": False}, "bot": {"is_person": False}},
    accounts={"acme": {}},
    people={
        "kim": {"account_id": "acme", "department": "finance"},
        "old": {"account_id": "acme", "is_live": False},
        "lea": {"person_kind": "lead"},
    },
    events=[
        "2026-05-20T10:00 meeting anna,bo -> kim",
        "2026-05-28T10:00 email cy -> kim",
        "2026-05-28T10:00 meeting gone,bot -> kim",
        "2023-01-28T10:00 call dan -> kim",
        "2026-05-28T10:00 meeting anna -> old",
        "2026-05-28T10:00 meeting anna -> lea",
    ],
)


def test_active_users_with_two_way_contact_of_any_time_are_ranked_by_closeness_and_equal_ones_by_id(warehouse: DuckDBWarehouse) -> None:
    built(warehouse, COMPANY, context(), tables.resources)
    found = told(warehouse, tables.resources, "rank", "user_id", "person_id", "department", "level")
    assert found == [
        (1, "anna", "kim", "finance", "Occasional"),
        (2, "bo", "kim", "finance", "Occasional"),
        (3, "dan", "kim", "finance", "No contact"),
    ]
