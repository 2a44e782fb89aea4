"""Kappa: the median live pair, frozen per quarter, with its two fallbacks."""

from typing import Any

from tests.transforms.scores.small_company import Company, by_id, context, instant, score_pairs
from transforms.scores import tables
from transforms.scores.instants import quarter_start
from warehouse import DuckDBWarehouse

FEW = {"closeness.half_life_days": 1e9, "kappa.min_pairs": 3}
COMPANY = Company(users={"anna": {}}, people={f"p{number}": {} for number in range(4)})


def kappas(warehouse: DuckDBWarehouse, events: list[str], as_of: str) -> dict[str, dict[str, Any]]:
    score_pairs(warehouse, Company(COMPANY.users, {}, COMPANY.people, (), events), context(as_of, FEW))
    return {name: row | {"kappa": round(row["kappa"], 3)} for name, row in by_id(warehouse, tables.kappa).items()}


def calls(day: str, counts: list[int]) -> list[str]:
    """Person number n gets `counts[n]` days of calls before `day`, each worth 5 of intensity."""
    month = day[:8]
    return [f"{month}{20 - number:02} call anna -> p{person}" for person, count in enumerate(counts) for number in range(count)]


def test_median_of_live_pairs_at_the_start_of_the_quarter(warehouse: DuckDBWarehouse) -> None:
    found = kappas(warehouse, calls("2026-03-01", [1, 2, 4]), "2026-06-01")["now"]
    assert (found["kappa"], found["pairs"], found["origin"]) == (10, 3, "quarter")
    assert found["quarter_start_s"] == instant("2026-04-01")


def test_what_happens_within_the_quarter_does_not_move_it(warehouse: DuckDBWarehouse) -> None:
    events = calls("2026-03-01", [1, 2, 4])
    later = [*events, *calls("2026-05-01", [9, 9, 9, 9])]
    assert kappas(warehouse, later, "2026-06-01")["now"] == kappas(warehouse, events, "2026-04-02")["now"]


def test_too_few_pairs_then_means_those_of_today(warehouse: DuckDBWarehouse) -> None:
    found = kappas(warehouse, calls("2026-05-01", [1, 1, 3, 4]), "2026-06-01")["now"]
    assert (found["kappa"], found["pairs"], found["origin"]) == (10, 4, "as_of")


def test_too_few_pairs_today_means_the_default(warehouse: DuckDBWarehouse) -> None:
    found = kappas(warehouse, calls("2026-05-01", [1, 1]), "2026-06-01")["now"]
    assert (found["kappa"], found["pairs"], found["origin"]) == (8, 0, "default")


def test_pairs_without_two_way_evidence_in_90_days_are_not_live(warehouse: DuckDBWarehouse) -> None:
    stale = calls("2025-12-01", [1, 1, 1])
    assert kappas(warehouse, stale, "2026-06-01")["now"]["origin"] == "default"


def test_each_trend_has_the_kappa_of_its_own_quarter(warehouse: DuckDBWarehouse) -> None:
    events = calls("2025-03-01", [2, 2, 2]) + calls("2026-03-01", [2, 2, 2])
    found = kappas(warehouse, events, "2026-06-01")
    assert (found["year"]["kappa"], found["month"]["kappa"], found["now"]["kappa"]) == (10, 20, 20)
    assert found["year"]["quarter_start_s"] == instant("2025-04-01")


def test_a_quarter_starts_on_its_first_second() -> None:
    assert quarter_start(instant("2026-04-01")) == instant("2026-04-01")
    assert quarter_start(instant("2026-04-01") - 1) == instant("2026-01-01")
    assert quarter_start(instant("2026-12-31T23:59:59")) == instant("2026-10-01")
