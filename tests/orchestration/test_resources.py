"""What a process that Dagster starts for a run leaves on its terminal."""

import ctypes
import multiprocessing

import duckdb
import pytest

from orchestration.resources import _end_quietly


def _a_run_that_keeps_a_type() -> None:
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(duckdb.sqltypes.VARCHAR))
    print("the run's last word")
    _end_quietly()


def test_a_run_that_dagster_started_does_not_end_with_a_page_about_types(capfd: pytest.CaptureFixture[str]) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_a_run_that_keeps_a_type)
    process.start()
    process.join()
    assert process.exitcode == 0
    assert capfd.readouterr() == ("the run's last word\n", "")
