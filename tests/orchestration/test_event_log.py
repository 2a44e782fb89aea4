"""Dagster's event log as we keep it: what a run intends is written together or not at all, and Dagster's own storage reads it."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy as sa
from dagster._core.events import AssetMaterializationPlannedData, DagsterEvent, DagsterEventType
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.event_log import SqliteEventLogStorage

from orchestration.event_log import INDEX, KEPT_RUNS, KeptEventLog

RUN = "11111111-1111-1111-1111-111111111111"


def planned(name: str, run_id: str = RUN) -> EventLogEntry:
    event = DagsterEvent(
        event_type_value=DagsterEventType.ASSET_MATERIALIZATION_PLANNED.value,
        job_name="nightly",
        event_specific_data=AssetMaterializationPlannedData(dg.AssetKey(name)),
    )
    return EventLogEntry(None, "info", "", run_id, 1.0, job_name="nightly", dagster_event=event)


def stored(folder: Path, shard: str = RUN) -> Sequence[str]:
    """Assets of the events of a file, as another process sees them now."""
    with sqlite3.connect(folder / f"{shard}.db") as connection:
        return [key for (key,) in connection.execute("select asset_key from event_logs order by id")]


def test_what_a_run_intends_is_read_by_dagsters_own_storage(tmp_path: Path) -> None:
    log = KeptEventLog(str(tmp_path))
    log.store_event_batch([planned("pairs"), planned("people")])
    log.dispose()
    assert stored(tmp_path) == stored(tmp_path, INDEX) == ['["pairs"]', '["people"]']
    theirs = SqliteEventLogStorage(str(tmp_path))
    assert {record.asset_entry.asset_key.to_user_string() for record in theirs.get_asset_records()} == {"pairs", "people"}
    assert len(theirs.get_logs_for_run(RUN)) == 2


def test_a_batch_that_fails_leaves_nothing_and_the_next_event_is_stored(tmp_path: Path) -> None:
    log = KeptEventLog(str(tmp_path))
    broken = planned("people")._replace(timestamp="never")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        log.store_event_batch([planned("pairs"), broken])
    log.store_event(planned("teams"))
    assert stored(tmp_path) == stored(tmp_path, INDEX) == ['["teams"]']
    log.dispose()


def test_no_more_files_are_open_than_runs_are_kept(tmp_path: Path) -> None:
    log = KeptEventLog(str(tmp_path))
    runs = [RUN.replace("1", str(number)) for number in range(1, KEPT_RUNS + 4)]
    for run in (*runs, runs[0]):
        log.store_event(planned("pairs", run))
    assert len(log.kept) == KEPT_RUNS + 1
    assert len(stored(tmp_path, runs[0])) == 2
    log.dispose()
    assert not log.kept


@pytest.mark.parametrize("question", ["PRAGMA", "secondary_indexes"])
def test_what_the_file_is_like_is_asked_once_not_for_every_event(tmp_path: Path, question: str) -> None:
    log = KeptEventLog(str(tmp_path))
    log.store_event(planned("pairs"))
    log.get_asset_records([dg.AssetKey("pairs")])
    asked = list[str]()
    for connection in log.kept.values():
        sa.event.listen(connection.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    log.store_event(planned("people"))
    found = log.get_asset_records([dg.AssetKey("people")])
    assert [record.asset_entry.asset_key for record in found] == [dg.AssetKey("people")]
    assert asked
    assert not [statement for statement in asked if question in statement]
    log.dispose()
