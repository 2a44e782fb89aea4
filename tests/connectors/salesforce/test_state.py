"""What is read of an object, given what the last committed extraction knew."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from connectors.salesforce.describe import VisibleColumn, VisibleObject
from connectors.salesforce.soql import literal, parsed
from connectors.salesforce.specs import ACCOUNT_TEAM_MEMBER
from connectors.salesforce.state import ObjectState, ReadPlan, advanced, plan

NOON = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
SEEN = VisibleObject(
    ACCOUNT_TEAM_MEMBER, tuple(VisibleColumn(column, column.kind) for column in ACCOUNT_TEAM_MEMBER.columns), (), (), False
)
STATE = ObjectState(NOON, NOON, SEEN.kinds, "127.0.0.1")


def planned(state: Any = STATE, stored: Any = SEEN.names, host: Any = "127.0.0.1", full_refresh: Any = False) -> ReadPlan:
    return plan(SEEN, state, host, stored, full_refresh)


def test_the_window_reaches_ten_minutes_back_and_ends_at_the_orgs_clock() -> None:
    query = planned().query(NOON + HOUR)
    assert query.endswith("WHERE SystemModstamp >= 2026-05-01T11:50:00.000Z AND SystemModstamp < 2026-05-01T13:00:00.000Z")


def test_bulk_queries_never_sort_or_limit() -> None:
    assert not {"ORDER", "LIMIT", "OFFSET"} & set(planned().query(NOON + HOUR).split())


def test_a_full_read_has_no_window() -> None:
    assert "WHERE" not in planned(state=None).query(NOON)


def test_a_clock_that_ran_backwards_leaves_the_window_open() -> None:
    assert "<" not in planned().query(NOON - HOUR)


@pytest.mark.parametrize(
    "changes",
    [
        {"state": None},
        {"full_refresh": True},
        {"host": "other.my.salesforce.com"},
        {"stored": []},
        {"state": ObjectState(NOON, NOON, SEEN.kinds[:-1], "127.0.0.1")},
        {"state": ObjectState(NOON, NOON, (*SEEN.kinds[:-1], f"{SEEN.names[-1]} date"), "127.0.0.1")},
    ],
    ids=["first run", "asked for", "another org", "table is gone", "column became visible", "column is of another kind"],
)
def test_everything_is_read(changes: Any) -> None:
    assert planned(**changes).mode == "full"


def test_an_object_with_a_formula_is_read_in_full_each_time_because_formulas_change_without_a_stamp() -> None:
    assert plan(replace(SEEN, formulas=("Sentiment__c",)), STATE, "127.0.0.1", SEEN.names, False).mode == "full"


def test_a_column_that_vanished_needs_no_full_read() -> None:
    assert planned(state=ObjectState(NOON, NOON, (*SEEN.kinds, "Gone__c text"), "127.0.0.1")).mode == "incremental"


@pytest.mark.parametrize(
    ("newest", "cursor"),
    [(None, NOON), (NOON - HOUR, NOON), (NOON + HOUR, NOON + HOUR), (NOON + 9 * HOUR, NOON + 2 * HOUR)],
    ids=["nothing new", "only re-read rows", "new rows", "a row stamped in the future"],
)
def test_the_cursor_is_the_newest_row_seen_but_not_beyond_the_orgs_clock(newest: Any, cursor: Any) -> None:
    assert advanced(planned(), NOON + 2 * HOUR, newest, NOON, "127.0.0.1").cursor == cursor


def test_an_empty_object_starts_at_the_orgs_clock() -> None:
    assert advanced(planned(state=None), NOON, None, NOON, "h").cursor == NOON


def test_a_state_survives_being_stored() -> None:
    assert ObjectState.load(STATE.dump()) == STATE


@pytest.mark.parametrize("text", ["2026-05-01T12:00:00.000Z", "2026-05-01T12:00:00.000+0000", "2026-05-01T14:00:00+02:00"])
def test_instants_are_read_in_all_forms_and_written_in_one(text: Any) -> None:
    assert literal(parsed(text)) == "2026-05-01T12:00:00.000Z"
