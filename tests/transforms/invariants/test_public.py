"""What must hold of any event log given to the public scoring function (closeness.md section 3)."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.transforms.closeness.kit import scored, seconds
from warehouse import DuckDBWarehouse

QUICK = settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
AS_OF, LATER, EARLIER = "2026-06-15T07:00:00+00:00", "2026-08-20T19:30:00+00:00", "2026-05-20T12:00:00+00:00"
NOW = datetime.fromisoformat(AS_OF)
PEOPLE = ("ann", "bob", "cy", "dee", "eve")
CHANNELS = ("meeting", "call", "missed_call", "sms", "email")
SLACK = 1e-9
Event = dict[str, Any]


@st.composite
def event(draw: st.DrawFn, days: int = 150) -> Event:
    """One event of the last days before the as-of."""
    src = draw(st.sampled_from(PEOPLE))
    dst = draw(st.sampled_from([person for person in PEOPLE if person != src]))
    at = NOW - timedelta(days=draw(st.integers(0, days)), minutes=draw(st.integers(0, 1439)))
    channel = draw(st.sampled_from(CHANNELS))
    size = draw(st.integers(1, 12)) if channel in ("email", "sms") else ""
    length = draw(st.sampled_from(["", 60, 1800, 7200])) if channel in ("meeting", "call") else ""
    return {"src": src, "dst": dst, "ts": at.isoformat(), "channel": channel, "n_rcpt": size, "duration_s": length, "msg_id": ""}


Log = st.lists(event(), min_size=4, max_size=40)


def pair_of(row: Event) -> tuple[str, str]:
    first, second = sorted((row["src"], row["dst"]))
    return first, second


@QUICK
@given(log=Log, extra=st.lists(event(), min_size=1, max_size=5), data=st.data())
def test_an_added_event_of_any_channel_never_lowers_its_pair(
    warehouse: DuckDBWarehouse, tmp_path: Path, log: list[Event], extra: list[Event], data: st.DataObject
) -> None:
    """Also the first answer, and also an event older than all others, which makes the log longer."""
    pair = pair_of(data.draw(st.sampled_from(log)))
    added = [row | dict(zip(("src", "dst"), data.draw(st.permutations(pair)), strict=True)) for row in extra]
    before, after = scored(warehouse, tmp_path, log, AS_OF), scored(warehouse, tmp_path, [*log, *added], AS_OF)
    for figure in ("intensity", "closeness"):
        assert after[pair][figure] >= before[pair][figure] - SLACK


@QUICK
@given(log=Log)
def test_silence_never_raises_a_pair(warehouse: DuckDBWarehouse, tmp_path: Path, log: list[Event]) -> None:
    before, after = scored(warehouse, tmp_path, log, AS_OF), scored(warehouse, tmp_path, log, LATER)
    for pair, row in before.items():
        assert after[pair]["intensity"] <= row["intensity"] + SLACK
        assert after[pair]["closeness"] <= row["closeness"] + SLACK


def elsewhere(row: Event, hours: int) -> Event:
    """The same instant as another zone's clock tells it; a zone of 0 hours is spelt as Unix seconds would not be: with a Z."""
    at = datetime.fromisoformat(row["ts"]).astimezone(timezone(timedelta(hours=hours)))
    return row | {"ts": at.isoformat() if hours else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}


@QUICK
@given(log=Log, data=st.data())
def test_as_of_a_past_day_order_duplicates_time_zones_and_later_events_change_nothing(
    warehouse: DuckDBWarehouse, tmp_path: Path, log: list[Event], data: st.DataObject
) -> None:
    """The log of today, told anyhow, asked about then, against the log as it was then: to the last digit."""
    known = [row for row in log if datetime.fromisoformat(row["ts"]) <= datetime.fromisoformat(EARLIER)]
    told = [elsewhere(row, data.draw(st.integers(-11, 13))) for row in [*log, *log]]
    then = scored(warehouse, tmp_path, known, EARLIER)
    assert scored(warehouse, tmp_path, data.draw(st.permutations(told)), EARLIER) == then


@QUICK
@given(log=Log, names=st.permutations(["Ünal", "3", "zoë@x.example", "O'Neil, Pat", "a b"]))
def test_names_and_unix_seconds_carry_nothing(warehouse: DuckDBWarehouse, tmp_path: Path, log: list[Event], names: list[str]) -> None:
    """Everybody renamed, all times as seconds: the same pairs, whoever now comes first in the alphabet."""
    new = dict(zip(PEOPLE, names, strict=True))
    changed = [row | {"src": new[row["src"]], "dst": new[row["dst"]], "ts": seconds(row["ts"])} for row in log]
    before, after = scored(warehouse, tmp_path, log, AS_OF), scored(warehouse, tmp_path, changed, AS_OF)
    told = {frozenset(pair): row for pair, row in after.items()}
    for (a, b), row in before.items():
        other = told[frozenset((new[a], new[b]))]
        assert other["intensity"] == pytest.approx(row["intensity"])
        assert (other["touches"], other["last"]) == (row["touches"], seconds(row["last"]))
