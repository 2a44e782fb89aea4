"""A trend is the figure of today minus the figure that was computed 30 or 365 days ago, for accounts as for people."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.transforms.scores.small_company import Company, by_id, context, score
from transforms.enrichment import tables as enrichment
from warehouse import DuckDBWarehouse

NOW = date(2026, 6, 1)
COMPANY = Company(
    users={"anna": {}, "bo": {}},
    accounts={"acme": {}, "told": {}},
    people={
        "early": {"account_id": "acme"},
        "late": {"account_id": "acme"},
        "key": {"account_id": "told", "key_person": True},
        "other": {"account_id": "told"},
    },
    events=[
        "2025-02-01 meeting anna -> early minutes=60",
        "2025-03-01 call bo -> early",
        "2026-04-20 email anna -> late",
        "2026-05-20 meeting anna -> late minutes=30",
        "2025-05-01 meeting anna -> key minutes=30",
        "2026-05-01 meeting anna -> other minutes=30",
    ],
)


@pytest.fixture(scope="module")
def runs(warehouse: DuckDBWarehouse) -> dict[int, dict[str, Any]]:
    """Rows by record of the run of so many days ago."""
    found = {}
    for back in (0, 30, 365):
        score(warehouse, COMPANY, context(str(NOW - timedelta(days=back))), enrichment.account, enrichment.contact)
        found[back] = by_id(warehouse, enrichment.account) | by_id(warehouse, enrichment.contact)
    return found


@pytest.mark.parametrize("back", [30, 365])
@pytest.mark.parametrize("record", ["acme", "told", "early", "late", "key"])
def test_a_trend_is_the_difference_of_two_runs(runs: dict[int, dict[str, Any]], back: int, record: str) -> None:
    now, then = runs[0][record], runs[back][record]["closeness"]
    assert now[f"trend_{back}d"] == (None if then is None else round(now["closeness"] - then, 1))


def test_whoever_was_engaged_a_year_ago_stood_in_as_key_person_then(runs: dict[int, dict[str, Any]]) -> None:
    """Today `late` alone is engaged and stands in; a year ago `early` did, who has been silent since."""
    assert runs[0]["acme"]["closeness"] == runs[0]["late"]["closeness"]
    assert runs[365]["acme"]["closeness"] == runs[365]["early"]["closeness"]
    assert runs[0]["acme"]["trend_365d"] == round(runs[0]["late"]["closeness"] - runs[365]["early"]["closeness"], 1)
