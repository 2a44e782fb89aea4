"""When a table is read in whole and when only what changed, and what is remembered of it."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from connectors.dynamics.definitions import VisibleColumn, VisibleTable
from connectors.dynamics.specs import CONNECTION, CONTACT, PARTY, TableSpec
from connectors.dynamics.state import TableState, alarm, plan

NOW = dt.datetime(2026, 6, 8, tzinfo=dt.UTC)
HOST = "org.example"


def visible(spec: TableSpec, tracked: bool = True) -> VisibleTable:
    columns = tuple(VisibleColumn(column, column.kind) for column in spec.columns)
    return VisibleTable(spec, f"{spec.name}s", spec.primary_key, columns, (), (), tracked)


CONTACTS = visible(CONTACT)
COLUMNS = tuple(CONTACTS.raw.columns)
STATE = TableState(HOST, COLUMNS, "https://org.example/delta", NOW - dt.timedelta(days=1))


def test_a_state_survives_being_stored() -> None:
    assert TableState.load(STATE.dump()) == STATE
    untracked = TableState(HOST, COLUMNS)
    assert TableState.load(untracked.dump()) == untracked


def test_what_is_known_is_read_from_its_link() -> None:
    made = plan(CONTACTS, STATE, HOST, COLUMNS, full_refresh=False)
    assert (made.strategy, made.mode, made.link) == ("tracked", "incremental", "https://org.example/delta")


@pytest.mark.parametrize(
    "changes",
    [
        {"state": None},
        {"host": "other.example"},
        {"stored_columns": ()},
        {"stored_columns": COLUMNS[1:]},
        {"state": replace(STATE, columns=COLUMNS[:-1])},
        {"state": replace(STATE, delta_link="")},
        {"full_refresh": True},
    ],
    ids=["never read", "another environment", "table lost", "column lost", "column appeared", "never tracked", "on request"],
)
def test_everything_is_read_when(changes: dict[str, Any]) -> None:
    given = {"visible": CONTACTS, "state": STATE, "host": HOST, "stored_columns": COLUMNS, "full_refresh": False}
    made = plan(**{**given, **changes})
    assert (made.mode, made.link) == ("full", "")


def test_a_hidden_column_is_no_reason_to_read_again() -> None:
    fewer = replace(CONTACTS, columns=CONTACTS.columns[:-1])
    assert plan(fewer, STATE, HOST, COLUMNS, full_refresh=False).mode == "incremental"


def test_a_table_that_is_not_tracked_is_compared_and_parties_go_with_their_activity() -> None:
    assert plan(visible(CONNECTION, tracked=False), None, HOST, (), full_refresh=False).strategy == "compared"
    assert plan(visible(PARTY, tracked=True), None, HOST, (), full_refresh=False).strategy == "parties"


@pytest.mark.parametrize(("days", "warned"), [(1, False), (3.4, False), (3.6, True), (6.9, True)])
def test_a_link_past_half_of_its_life_raises_an_alarm(days: float, warned: bool) -> None:
    old = replace(STATE, linked_at=NOW - dt.timedelta(days=days))
    line = alarm(plan(CONTACTS, old, HOST, COLUMNS, full_refresh=False), NOW, dt.timedelta(days=7))
    assert bool(line) is warned
    assert not warned or "run daily" in line
