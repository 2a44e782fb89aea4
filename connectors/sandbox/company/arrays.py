"""Small numpy and Arrow helpers of the generator: typed aliases, named random streams, expansion of counts, texts."""

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

Column = Any
"""An Arrow array or column; the published stubs know too little of Arrow's functions to check more."""

DAY = 86_400
NO_TEXT: Column = pa.scalar(None, pa.string())
NO_TIME: Column = pa.scalar(None, pa.timestamp("us"))


def stream(seed: int, *names: object) -> np.random.Generator:
    """A random generator of its own for each named step, so that one step never shifts another."""
    return np.random.default_rng([seed, zlib.crc32("/".join(map(str, names)).encode())])


def expand(counts: Ints) -> tuple[Ints, Ints]:
    """For counts [2, 0, 3]: owners [0, 0, 2, 2, 2] and positions [0, 1, 0, 1, 2]."""
    owners = np.repeat(np.arange(len(counts)), counts)
    return owners, np.arange(len(owners)) - np.repeat(starts(counts), counts)


def starts(counts: Ints) -> Ints:
    """First index of each owner's run."""
    return np.asarray(np.cumsum(counts) - counts, dtype=np.int64)


def arrow(values: Any) -> Column:
    """Values as an Arrow array."""
    return pa.array(values)


def whole(column: Any) -> Column:
    """A column in one piece."""
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def frame(columns: Mapping[str, Any]) -> pa.Table:
    """Arrays and columns as a table."""
    return pa.table(dict(columns))


def is_text(column: Any, text: str) -> Column:
    """Whether each value is that text."""
    return pc.equal(whole(column), pa.scalar(text))


def present(column: Any) -> Bools:
    """Whether each value is known."""
    return mask(pc.is_valid(whole(column)))


def mask(column: Any) -> Bools:
    """An Arrow column of booleans for numpy."""
    return np.asarray(whole(column).to_numpy(zero_copy_only=False), dtype=np.bool_)


def choose(rng: np.random.Generator, weights: Sequence[float], n: int) -> Ints:
    """Indices drawn with the given weights."""
    edges = np.cumsum(weights) / np.sum(weights)
    return np.minimum(np.searchsorted(edges, rng.random(n), side="right"), len(weights) - 1)


def texts(options: Sequence[str | None], index: Ints) -> Column:
    """The option at each index, as an Arrow string column."""
    return pa.array(options, pa.string()).take(arrow(index))


def joined(*parts: Column | str | Ints, separator: str = "") -> Column:
    """Row-wise concatenation; numbers become their digits, plain strings repeat."""
    columns: list[Any] = [pc.cast(pa.array(part), pa.string()) if isinstance(part, np.ndarray) else part for part in parts]
    return pc.binary_join_element_wise(*columns, separator)


def instants(seconds: Ints | Floats) -> Column:
    """Epoch seconds as naive UTC timestamps."""
    return pa.array(np.asarray(seconds, dtype=np.int64)).cast(pa.timestamp("s")).cast(pa.timestamp("us"))


def nullable(values: Ints | Floats, missing: Bools | None = None) -> Column:
    """Integers as an Arrow column; negative ones, or those marked missing, are null."""
    return pa.array(values, mask=values < 0 if missing is None else missing)
