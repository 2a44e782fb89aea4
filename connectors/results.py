"""The CRM's verdicts on many rows, kept as one Arrow table and read as a sequence of `RowResult`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Self, overload

import pyarrow as pa

from connectors.contract import RowResult

_TYPES: Mapping[str, pa.DataType] = {"record_id": pa.string(), "accepted": pa.bool_(), "code": pa.string(), "message": pa.string()}
SCHEMA = pa.schema(_TYPES)


class RowResults(Sequence[RowResult]):
    """Columns record_id, accepted, code, message (no nulls); a `RowResult` exists only where one is asked for."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table.select(SCHEMA.names).cast(SCHEMA)

    @classmethod
    def of(cls, results: Sequence[RowResult]) -> Self:
        """Any sequence of results, without copying one that is a table already."""
        if isinstance(results, cls):
            return results
        return cls(pa.Table.from_pylist([vars(result) for result in results], SCHEMA))

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @overload
    def __getitem__(self, index: int) -> RowResult: ...
    @overload
    def __getitem__(self, index: slice) -> "RowResults": ...
    def __getitem__(self, index: int | slice) -> "RowResult | RowResults":
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            return RowResults(self.table.take(list(range(start, stop, step))))
        return RowResult(**self.table.slice(range(len(self))[index], 1).to_pylist()[0])

    def __iter__(self) -> Iterator[RowResult]:
        return (RowResult(**row) for row in self.table.to_pylist())
