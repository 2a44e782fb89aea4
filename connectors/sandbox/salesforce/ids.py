"""Record ids: 15 characters (prefix, pod, base-62 number) and the three check characters that make 18.

Ids made while the sandbox runs use pod `9Z`; a generator uses any other, so that the two never meet.
"""

import re
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CHECK: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
RUNTIME_POD: Final = "9Z"
_SHAPE: Final = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_SHAPE_RE2: Final = r"\A[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?\z"
_DIGITS: Final = 9


def make_ids(prefix: str, numbers: npt.ArrayLike, pod: str = "5g") -> "pa.Array[Any]":
    """18-character ids, one per number (0 <= number < 62**9), in number order when sorted as text."""
    rest = np.asarray(numbers, dtype=np.int64).copy()
    chars = np.empty((rest.size, 18), dtype=np.uint8)
    chars[:, :6] = np.frombuffer(f"{prefix}{pod}0".encode(), dtype=np.uint8)
    alphabet = np.frombuffer(ALPHABET.encode(), dtype=np.uint8)
    for position in range(5 + _DIGITS, 5, -1):
        chars[:, position] = alphabet[rest % 62]
        rest //= 62
    chars[:, 15:] = _check_characters(chars[:, :15])
    made: pa.Array[Any] = pa.array(np.ascontiguousarray(chars).view("S18").ravel()).cast(pa.string())
    return made


def _check_characters(first15: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    upper = ((first15 >= ord("A")) & (first15 <= ord("Z"))).reshape(-1, 3, 5)
    index = (upper * (1 << np.arange(5))).sum(axis=2)
    checked: npt.NDArray[np.uint8] = np.frombuffer(CHECK.encode(), dtype=np.uint8)[index]
    return checked


def make_id(prefix: str, number: int, pod: str = "5g") -> str:
    """One 18-character id, as `make_ids` makes it but without Arrow, whose first array costs the import of pandas."""
    digits = "".join(ALPHABET[number // 62**place % 62] for place in reversed(range(_DIGITS)))
    return _with_check(f"{prefix}{pod}0{digits}")


def normal(text: str) -> str | None:
    """The 18-character form of a 15- or 18-character id; None when `text` is no id."""
    if not _SHAPE.fullmatch(text):
        return None
    checked = _with_check(text[:15])
    return checked if len(text) == 15 or text == checked else None


def _with_check(first15: str) -> str:
    chunks = (first15[start : start + 5] for start in (0, 5, 10))
    return first15 + "".join(CHECK[sum(1 << place for place, char in enumerate(chunk) if "A" <= char <= "Z")] for chunk in chunks)


def normal_array(texts: Any) -> "pa.Array[Any]":
    """`normal` for a text column: null where there is no id."""
    column = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    shaped = pc.if_else(pc.match_substring_regex(column, _SHAPE_RE2), column, pa.scalar(None, pa.string()))
    valid = shaped.is_valid().to_numpy(zero_copy_only=False)
    given = shaped.drop_null().to_numpy(zero_copy_only=False).astype("S18")
    first15 = np.ascontiguousarray(given.view(np.uint8).reshape(-1, 18)[:, :15])
    checked = np.concatenate([first15, _check_characters(first15)], axis=1).view("S18").ravel()
    true_ids = (np.char.str_len(given) == 15) | (given == checked)
    known = np.full(len(column), None, dtype=object)
    known[np.flatnonzero(valid)[true_ids]] = checked[true_ids].astype("U18")
    return pa.array(known, pa.string())
