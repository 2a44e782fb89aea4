"""What an as-of may be."""

import datetime as dt

import click
import pytest

from orchestration.cli.base import Instant
from orchestration.cli.score import Second

JUNE = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize("typed", ["2026-06-01", "2026-06-01T00:00:00Z", "2026-06-01T02:00:00+02:00", "2026-06-01T00:00"])
def test_dates_and_instants_are_utc_unless_they_say_otherwise(typed: str) -> None:
    assert Instant().convert(typed, None, None) == JUNE
    assert Second().convert(typed, None, None) == JUNE.timestamp()


@pytest.mark.parametrize("typed", ["1780272000", "1780272000.0", "1.780272e9"])
def test_a_log_is_scored_as_of_unix_seconds_too(typed: str) -> None:
    assert Second().convert(typed, None, None) == JUNE.timestamp()


@pytest.mark.parametrize(
    "typed", ["nan", "inf", "1e30", "-5", "1780272000000", "9999-12-31", "0001-01-01T00:00:00+02:00", "0206-06-01", "soon"]
)
def test_an_instant_no_calendar_holds_is_wrong_usage_and_not_a_fault_in_the_middle_of_the_work(typed: str) -> None:
    for kind in (Instant(), Second()):
        with pytest.raises(click.UsageError, match="is no date such as"):
            kind.convert(typed, None, None)
