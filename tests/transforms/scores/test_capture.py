"""How far the mail of each of our people is captured, in one word, also of those without a single mail."""

from tests.transforms.scores.small_company import Company, by_id, context
from transforms.scores import capture
from transforms.scores import tables as scores
from warehouse import DuckDBWarehouse

MANY = [f"p{number}" for number in range(10)]
COMPANY = Company(
    users={name: {} for name in ("answered", "silent", "few", "idle", "new")} | {"left": {"is_active": False}, "bot": {"is_person": False}},
    people={name: {} for name in MANY},
    events=[
        "2026-05-01 email answered -> p0",
        "2026-05-02 email answered <- p0",
        *(f"2026-05-01 email silent -> {person}" for person in MANY),
        "2026-05-01 email few -> p0",
        "2026-05-01 meeting idle -> p0",
        "2025-05-01 email idle <- p0",
        "2026-05-01 email left -> p0",
    ],
)


def test_coverage_of_each_of_our_people(warehouse: DuckDBWarehouse) -> None:
    """A mail before the window says nothing of today; machines are not looked at, nor people who left and never mailed."""
    COMPANY.fill(warehouse)
    capture.MODEL.build(warehouse, context())
    found = by_id(warehouse, scores.user_capture)
    told = {
        name: (row["coverage"], row["captured"], row["emails_in"], row["emails_out"], row["people_mailed"]) for name, row in found.items()
    }
    assert told == {
        "answered": ("captured", True, 1, 1, 1),
        "silent": ("missing", False, 0, 10, 10),
        "few": ("unclear", False, 0, 1, 1),
        "idle": ("none", False, 0, 0, 0),
        "new": ("none", False, 0, 0, 0),
        "left": ("unclear", False, 0, 1, 1),
    }
    assert {name: row["blind_now"] for name, row in found.items()} == {
        "answered": False,
        "silent": True,
        "few": False,
        "idle": False,
        "new": None,
        "left": False,
    }
