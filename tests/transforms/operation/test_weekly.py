"""The weekly sheet: what changed in seven days on the records of each rep, and what comes next."""

from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa

from tests.transforms.history.kit import run
from tests.transforms.operation.kit import Company, context, nothing, of_accounts, of_people, told
from tests.transforms.scores.small_company import instant, store
from transforms import tables as model
from transforms.base import DAY
from transforms.coverage import tables as coverage
from transforms.enrichment.tables import metadata as enrichment
from transforms.history import tables as history
from transforms.operation import weekly
from transforms.scores import tables as scores
from warehouse import DuckDBWarehouse

AS_OF = "2026-06-08"
COLUMNS = ("user_id", "record_type", "record_id", "what", "before", "after", "day")
COMPANY = Company(
    users={"anna": {}, "bo": {}, "gone": {"is_active": False}},
    accounts={"acme": {"owner_id": "anna"}, "bolt": {"owner_id": "bo"}, "left": {"owner_id": "gone"}},
    people={
        "kim": {"account_id": "acme", "owner_id": "bo"},
        "lee": {"account_id": "acme"},
        "mia": {"account_id": "left"},
        "lea": {"person_kind": "lead", "owner_id": "bo"},
    },
)


@pytest.fixture
def empty(warehouse: DuckDBWarehouse) -> DuckDBWarehouse:
    """The company without any event, deal, score or history."""
    COMPANY.fill(warehouse)
    nothing(warehouse, weekly.MODEL)
    return warehouse


def sheet(warehouse: DuckDBWarehouse, *, is_next: bool = False, **options: Any) -> list[tuple[Any, ...]]:
    """The rows of what happened, or of what comes next."""
    found = told(warehouse, weekly.MODEL, context(AS_OF, **options), "is_next", *COLUMNS)
    return [row[1:] for row in found if row[0] is is_next]


def versions(warehouse: DuckDBWarehouse, entity: str, column: str, rows: Mapping[str, Mapping[str, Any]]) -> None:
    """History of one column, by record and day; a record ends where the value is `ended`. All but ended ones get values today."""
    table = history.versions[entity]
    filled = [
        {"record_id": record, "valid_from": day, "ended": value == "ended", column: None if value == "ended" else value}
        for record, days in rows.items()
        for day, value in days.items()
    ]
    store(warehouse, table, filled)
    live = [record for record, days in rows.items() if list(days.values())[-1] != "ended"]
    store(warehouse, enrichment.tables[f"enrichment.{entity}"], [{"record_id": record} for record in live])


def test_without_log_and_history_the_sheet_is_empty(empty: DuckDBWarehouse) -> None:
    assert sheet(empty) == sheet(empty, is_next=True) == []


def test_a_level_that_moved_is_told_with_its_values_before_and_now_and_the_day_of_the_last_step(empty: DuckDBWarehouse) -> None:
    days = {
        "acme": {"2026-05-01": "Initial", "2026-06-03": "Mid", "2026-06-07": "Strong"},
        "bolt": {"2026-06-01": "Mid", "2026-06-02": "Initial"},
        "left": {"2026-05-01": None, "2026-06-08": "Initial"},
    }
    versions(empty, "account", "relationship_level", days)
    assert sheet(empty) == [
        (None, "account", "left", "level", None, "Initial", "2026-06-08"),
        ("anna", "account", "acme", "level", "Initial", "Strong", "2026-06-07"),
        ("bo", "account", "bolt", "level", "Mid", "Initial", "2026-06-02"),
    ], "who left owns nothing any more"


def test_no_change_is_what_came_back_is_new_or_ended_or_older_than_the_week_or_later_than_the_day(empty: DuckDBWarehouse) -> None:
    people = {
        "kim": {"2026-05-01": "Good", "2026-06-03": "Fair", "2026-06-05": "Good"},
        "lee": {"2026-06-03": "Good"},
        "mia": {"2026-05-01": "Good", "2026-06-03": "ended"},
        "old": {"2026-05-01": "Good", "2026-06-01": "Fair"},
        "late": {"2026-05-01": "Good", "2026-06-09": "Fair"},
    }
    versions(empty, "contact", "closeness_grade", people)
    assert sheet(empty) == []


def test_a_contact_belongs_to_the_owner_of_the_account_and_a_lead_to_its_own(empty: DuckDBWarehouse) -> None:
    versions(empty, "contact", "interaction_level", {"kim": {"2026-05-01": "Occasional", "2026-06-02": "Multiple"}})
    versions(empty, "lead", "closeness_grade", {"lea": {"2026-05-01": "Poor", "2026-06-02": "Fair"}})
    assert sheet(empty) == [
        ("anna", "contact", "kim", "interaction", "Occasional", "Multiple", "2026-06-02"),
        ("bo", "lead", "lea", "grade", "Poor", "Fair", "2026-06-02"),
    ]


def test_a_win_signal_is_news_when_it_moved_by_more_than_ten_points(empty: DuckDBWarehouse) -> None:
    deals = {"up": (50.0, 60.1), "same": (50.0, 60.0), "down": (50.0, 0.0), "known": (None, 80.0)}
    store(empty, model.opportunities, [{"opportunity_id": name, "owner_id": "bo", "is_closed": False} for name in deals])
    versions(empty, "opportunity", "win_signal", {name: {"2026-05-01": old, "2026-06-04": new} for name, (old, new) in deals.items()})
    assert sheet(empty) == [
        ("bo", "opportunity", "down", "win_signal", "50.0", "0.0", "2026-06-04"),
        ("bo", "opportunity", "up", "win_signal", "50.0", "60.1", "2026-06-04"),
    ]


def test_an_account_became_single_threaded_when_its_share_passed_the_cut_and_it_matters(empty: DuckDBWarehouse) -> None:
    days = {"acme": {"2026-05-01": 79.9, "2026-06-04": 80.0}, "bolt": {"2026-05-01": 20.0, "2026-06-04": 95.0}}
    versions(empty, "account", "bus_factor", days | {"left": {"2026-05-01": 85.0, "2026-06-04": 95.0}})
    of_accounts(empty, coverage.accounts, {"acme": {"single_threaded": True}, "bolt": {}, "left": {"single_threaded": True}})
    assert sheet(empty) == [("anna", "account", "acme", "single_threaded", "79.9", "80.0", "2026-06-04")]


def test_a_grade_of_a_rep_is_told_only_where_individuals_are_graded(empty: DuckDBWarehouse) -> None:
    versions(empty, "user", "rep_grade", {"anna": {"2026-05-01": "Junior", "2026-06-04": "Senior"}})
    assert sheet(empty) == [("anna", "user", "anna", "rep_grade", "Junior", "Senior", "2026-06-04")]
    assert sheet(empty, grade_individuals=False) == []


def test_a_contact_goes_cold_on_the_day_after_four_usual_gaps_of_silence(empty: DuckDBWarehouse) -> None:
    today = instant(AS_OF) // DAY
    silent = {"kim": 41, "lee": 47, "mia": 48, "lea": 40, "few": 41}
    of_people(empty, scores.people, {name: {"rhythm": "Cooling" if days > 40 else "Late"} for name, days in silent.items()})
    touches = {
        name: {"last_day": today - days, "usual_gap": 10.0, "contact_days": 4 if name == "few" else 9} for name, days in silent.items()
    }
    of_people(empty, scores.person_touches, touches)
    assert [row[2:] for row in sheet(empty)] == [
        ("kim", "cold", "Late", "Cooling", "2026-06-08"),
        ("lee", "cold", "Late", "Cooling", "2026-06-02"),
    ], "41 days of silence are the first beyond 40; on the eighth day it is no news any more"
    assert [row[2:] for row in sheet(empty, is_next=True)] == [("lea", "cools", "Late", "Cooling", "2026-06-09")]


def test_a_first_two_way_contact_is_news_and_a_mail_that_nobody_answered_is_none(empty: DuckDBWarehouse) -> None:
    events = (
        "2026-01-01 email anna -> kim",
        "2026-06-02 email anna <- kim",
        "2026-01-01 meeting anna -> lee",
        "2026-06-02 call anna -> lee",
    )
    met = Company(COMPANY.users, COMPANY.accounts, COMPANY.people, events=(*events, "2026-06-03 email anna -> mia"))
    met.fill(empty)
    of_people(empty, scores.people, {name: {} for name in ("kim", "lee", "mia")})
    assert sheet(empty) == [("anna", "contact", "kim", "first_two_way", None, None, "2026-06-02")]


def test_deals_that_moved_ended_or_should_end(empty: DuckDBWarehouse) -> None:
    def deal(name: str, **given: Any) -> dict[str, Any]:
        since, close = given.get("since"), given.get("close")
        days = {"stage_since_s": since and instant(since), "close_day": close and instant(close) // DAY}
        return {"opportunity_id": name, "owner_id": "anna", "stage": "Offer", "is_closed": given.get("won") is not None, **days} | {
            "is_won": given.get("won")
        }

    rows = [
        deal("moved", since="2026-06-02", close="2026-06-16"),
        deal("stuck", since="2026-06-01", close="2026-06-15"),
        deal("won", since="2026-06-03", close="2026-06-02", won=True),
        deal("lost", close="2026-06-08", won=False),
        deal("before", close="2026-06-01", won=True),
    ]
    store(empty, model.opportunities, rows)
    assert [row[2:] for row in sheet(empty)] == [
        ("lost", "lost", None, "Offer", "2026-06-08"),
        ("moved", "stage", None, "Offer", "2026-06-02"),
        ("won", "won", None, "Offer", "2026-06-02"),
    ]
    assert [row[2:] for row in sheet(empty, is_next=True)] == [("stuck", "closes", None, "Offer", "2026-06-15")]


def test_reviews_that_became_overdue_in_the_week_and_those_due_in_the_next(empty: DuckDBWarehouse) -> None:
    store(empty, model.opportunities, [{"opportunity_id": "deal", "owner_id": "bo", "is_closed": False}])
    dues = {"2026-06-07": 1, "2026-06-01": 7, "2026-05-31": 8, "2026-06-08": 0, "2026-06-15": 0, "2026-06-16": 0}
    reviews = [{"topic": "closeness", "record_id": "acme", "due": due, "days_overdue": days} for due, days in dues.items()]
    store(empty, history.reviews, [*reviews, {"topic": "needs", "record_id": "deal", "due": "2026-06-07", "days_overdue": 1}])
    assert [(row[0], *row[2:]) for row in sheet(empty)] == [
        ("anna", "acme", "overdue", None, "closeness", "2026-06-02"),
        ("anna", "acme", "overdue", None, "closeness", "2026-06-08"),
        ("bo", "deal", "overdue", None, "needs", "2026-06-08"),
    ]
    assert [row[-1] for row in sheet(empty, is_next=True)] == ["2026-06-08", "2026-06-15"]


def test_a_first_run_has_nothing_to_compare_and_the_next_one_tells_what_moved_since(empty: DuckDBWarehouse) -> None:
    kim = {"account_id": "acme", "vote": "Approve"}
    with empty.connection() as connection:
        for table in (*history.metadata.sorted_tables, history.reviews):
            connection.execute(sa.schema.DropTable(table, if_exists=True))
    for day, attitude in (("2026-06-04", 0), (AS_OF, 2)):
        people = {"kim": {**kim, "attitude": attitude}}
        run(empty, Company(COMPANY.users, COMPANY.accounts, people, events=["2026-01-05 meeting anna -> kim"]), day)
        if day != AS_OF:
            assert told(empty, weekly.MODEL, context(day), *COLUMNS) == []
    assert sheet(empty) == [
        ("anna", "account", "acme", "grade", "Good", "Excellent", AS_OF),
        ("anna", "contact", "kim", "grade", "Good", "Excellent", AS_OF),
    ]
