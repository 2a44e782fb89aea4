"""Event logs as a few readable lines, scored through the public function and read back by pair."""

import csv
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from transforms.closeness.score import Scored, score
from transforms.method import Method, load
from warehouse import DuckDBWarehouse

COLUMNS = ("src", "dst", "ts", "channel", "n_rcpt", "msg_id", "duration_s")
AS_OF = "2026-06-01T00:00:00+00:00"
Event = Mapping[str, Any]
Pairs = dict[tuple[str, str], dict[str, Any]]


def events(text: str) -> list[dict[str, Any]]:
    """One line an event: `2026-05-01T10:00Z ann bob email n_rcpt=3 msg_id=m1`; the channel may be left out."""
    found = []
    for line in text.strip().splitlines():
        ts, src, dst, *rest = line.split()
        cells = dict(part.split("=") for part in rest if "=" in part)
        channel = next((part for part in rest if "=" not in part), "")
        found.append({"ts": ts, "src": src, "dst": dst, "channel": channel, **cells})
    return found


def write(file: Path, rows: Sequence[Event], columns: Sequence[str] = COLUMNS) -> Path:
    with file.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, columns, restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return file


def seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def run(warehouse: DuckDBWarehouse, folder: Path, rows: Sequence[Event] | str, as_of: str = AS_OF, method: Method | None = None) -> Scored:
    source = write(folder / "events.csv", events(rows) if isinstance(rows, str) else rows)
    return score(warehouse, source, folder / "pairs.csv", seconds(as_of), method or load())


def pairs(folder: Path) -> Pairs:
    """What was written: texts as numbers where they are, blank = None."""
    with (folder / "pairs.csv").open(encoding="utf-8") as handle:
        return {(row["a"], row["b"]): {name: _value(cell) for name, cell in row.items()} for row in csv.DictReader(handle)}


def _value(cell: str) -> Any:
    try:
        return float(cell) if cell else None
    except ValueError:
        return cell


def scored(
    warehouse: DuckDBWarehouse, folder: Path, rows: Sequence[Event] | str, as_of: str = AS_OF, method: Method | None = None
) -> Pairs:
    run(warehouse, folder, rows, as_of, method)
    return pairs(folder)
