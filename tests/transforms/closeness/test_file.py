"""What an event log may look like, what is refused and how it is said, and what comes out."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.transforms.closeness.kit import COLUMNS, events, scored, write
from transforms.closeness.reading import EventLogError
from transforms.closeness.score import score
from transforms.method import load
from warehouse import DuckDBWarehouse

LOG = """
2026-05-01T10:00Z ann bob email n_rcpt=2 msg_id=1
2026-05-02T09:00Z bob ann email
2026-05-03T10:00Z cat ann meeting duration_s=1800
2026-05-04T10:00Z cat bob missed_call
"""
AS_OF = datetime(2026, 6, 1, tzinfo=UTC).timestamp()


def fault(warehouse: DuckDBWarehouse, folder: Path, text: str, columns: tuple[str, ...] = COLUMNS) -> str:
    with pytest.raises(EventLogError) as told:
        score(warehouse, write(folder / "events.csv", events(text), columns), folder / "pairs.csv", AS_OF, load())
    return str(told.value).removeprefix(f"{folder / 'events.csv'}: ")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2026-05-01T10:00Z ann bob fax", "channel is none of meeting, call, missed_call, sms, email in 1 row (e.g. 'fax')"),
        ("2026-05-01T10:00 ann bob", "ts is neither ISO 8601 with an offset nor Unix seconds in 1 row (e.g. '2026-05-01T10:00')"),
        ("yesterday ann bob", "ts is neither ISO 8601 with an offset nor Unix seconds in 1 row (e.g. 'yesterday')"),
        ("1777629600000 ann bob", "ts lies beyond the year 9999 (milliseconds?) in 1 row"),
        ("2026-05-01T10:00Z ann bob n_rcpt=many", "n_rcpt is no number in 1 row (e.g. 'many')"),
        ("2026-05-01T10:00Z ann bob n_rcpt=inf", "n_rcpt is more people than there are in 1 row"),
    ],
)
def test_a_row_that_cannot_be_read_is_one_line_that_says_why(warehouse: DuckDBWarehouse, tmp_path: Path, row: str, said: str) -> None:
    assert fault(warehouse, tmp_path, LOG + row) == said


def test_a_missing_column_is_named_with_those_there(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    assert fault(warehouse, tmp_path, LOG, ("src", "ts")) == "no column dst; there are src, ts"


def test_a_file_that_is_none_is_said_to_be_none(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    with pytest.raises(EventLogError, match="no such file"):
        score(warehouse, tmp_path / "nothing.csv", tmp_path / "pairs.csv", AS_OF, load())
    (tmp_path / "log.xlsx").write_text("")
    with pytest.raises(EventLogError, match=r"expected a \.csv or \.parquet file"):
        score(warehouse, tmp_path / "log.xlsx", tmp_path / "pairs.csv", AS_OF, load())


def test_one_row_per_pair_with_the_columns_of_the_contract_sorted(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    found = scored(warehouse, tmp_path, LOG)
    assert list(found) == [("ann", "bob"), ("ann", "cat"), ("bob", "cat")]
    assert ",".join(found["ann", "bob"]) == (
        "a,b,closeness,intensity,responsiveness_a,responsiveness_b,touches,contact_days,first,last,last_two_way,p_two_way_90d"
    )
    assert [found["ann", "bob"][name] for name in ("touches", "contact_days", "first", "last")] == [
        2,
        2,
        "2026-05-01T10:00:00Z",
        "2026-05-02T09:00:00Z",
    ]


def test_two_way_evidence_is_a_meeting_a_call_or_messages_both_ways(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    found = scored(warehouse, tmp_path, LOG + "2026-05-09T10:00Z ann bob")
    assert found["ann", "bob"]["last_two_way"] == "2026-05-02T09:00:00Z"
    assert found["ann", "cat"]["last_two_way"] == "2026-05-03T10:00:00Z"
    assert found["bob", "cat"]["last_two_way"] is None


def test_only_the_three_columns_are_needed(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    source = write(tmp_path / "events.csv", events(LOG), ("src", "dst", "ts"))
    assert score(warehouse, source, tmp_path / "pairs.csv", AS_OF, load()).pairs == 3


def test_repeats_order_own_mails_time_zones_and_the_future_change_nothing(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    plain = scored(warehouse, tmp_path, LOG)
    rows = events(LOG)
    shifted = [row | {"ts": datetime.fromisoformat(row["ts"]).astimezone().isoformat()} for row in rows]
    more = events("2026-05-05T10:00Z ann ann\n2026-06-01T00:00:01Z ann bob\n2026-05-03T18:00+08:00 ann cat meeting duration_s=1800")
    assert scored(warehouse, tmp_path, [*shifted[::-1], *rows, *more]) == plain


def test_unix_seconds_in_are_unix_seconds_out(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    rows = [row | {"ts": str(datetime.fromisoformat(row["ts"]).timestamp())} for row in events(LOG)]
    found = scored(warehouse, tmp_path, rows)["ann", "bob"]
    assert (found["first"], found["last_two_way"]) == (1777629600, 1777629600)


def test_numbers_are_ordered_as_numbers_and_texts_keep_their_zeros(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    numbers = scored(warehouse, tmp_path, "2026-05-01T10:00Z 10 9\n2026-05-01T10:00Z 9 100")
    assert list(numbers) == [("9", "10"), ("9", "100")]
    texts = scored(warehouse, tmp_path, "2026-05-01T10:00Z 010 9\n2026-05-01T10:00Z 9 100")
    assert list(texts) == [("010", "9"), ("100", "9")]


def test_parquet_in_and_out(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    at = [datetime(2026, 5, day, tzinfo=UTC) for day in (1, 2)]
    table = pa.table({"src": [1, 2], "dst": [2, 1], "ts": pa.array(at, pa.timestamp("us", "UTC")), "n_rcpt": pa.array([1.0, None])})
    pq.write_table(table, tmp_path / "log.parquet")
    score(warehouse, tmp_path / "log.parquet", tmp_path / "pairs.parquet", AS_OF, load())
    row = pq.read_table(tmp_path / "pairs.parquet").to_pylist()[0]
    assert (row["a"], row["b"], row["touches"], row["first"]) == (1, 2, 2, "2026-05-01T00:00:00Z")


def test_an_empty_log_gives_an_empty_table(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    assert scored(warehouse, tmp_path, LOG, "2020-01-01T00:00+00:00") == {}
    with (tmp_path / "pairs.csv").open(encoding="utf-8") as handle:
        assert next(csv.reader(handle))[:3] == ["a", "b", "closeness"]
