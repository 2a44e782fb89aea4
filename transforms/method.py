"""The method's numbers: read from `method.toml`, overridden by `[method]` of the configuration, frozen and versioned.

Every entry of the file is a table `{ value, origin, unit?, minimum? }` under a dotted key; `origin` says whether the source
texts give the number (S) or we chose it (O) and why; `minimum` (0 where none is given) bounds numbers.
"""

import hashlib
import json
import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("method.toml")


class MethodError(ValueError):
    """A key the method does not know, or a value of the wrong type or out of range; names the key."""


@dataclass(frozen=True)
class Method:
    """Values by dotted key, e.g. `method["closeness.half_life_days"]`; `version` changes with any value."""

    values: Mapping[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    @property
    def version(self) -> str:
        """`<date of the shipped file>-<6 hex of all values>`, at most 20 characters."""
        digest = hashlib.sha256(json.dumps(self.values, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
        return f"{self.values['version']}-{digest[:6]}"


def load(overrides: Mapping[str, Any] | None = None, file: Path = FILE) -> Method:
    """The shipped method with `overrides` (dotted keys or nested tables) laid over it; raises `MethodError`."""
    known = entries(file)
    values = {key: entry["value"] for key, entry in known.items()}
    for key, value in _flatten(overrides or {}, values):
        if key not in values:
            raise MethodError(f"[method] {key}: unknown key; the known ones are in transforms/method.toml")
        _check(key, values[key], value, known[key].get("minimum", 0))
        values[key] = value
    return Method(values)


def _check(key: str, default: Any, value: Any, minimum: float) -> None:
    if not _same_kind(default, value):
        raise MethodError(f"[method] {key}: expected {_described(default)}, got {value!r}")
    if isinstance(default, int | float) and not isinstance(default, bool) and not minimum <= value < math.inf:
        raise MethodError(f"[method] {key}: expected a number of at least {minimum:g}, got {value!r}")


def _described(default: Any) -> str:
    if isinstance(default, list) and _numbers(default):
        return f"a list of {len(default)} numbers"
    return {bool: "true or false", int: "a number", float: "a number", str: "a text", list: "a list of texts"}.get(type(default), "a table")


def entries(file: Path = FILE) -> dict[str, dict[str, Any]]:
    """Every entry with its origin, by dotted key."""
    return dict(_entries(tomllib.loads(file.read_text(encoding="utf-8"))))


def _entries(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, entry in table.items():
        if "value" in entry:
            yield prefix + name, entry
        else:
            yield from _entries(entry, f"{prefix}{name}.")


def _flatten(table: Mapping[str, Any], known: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        key = prefix + name
        if isinstance(value, Mapping) and key not in known:
            yield from _flatten(value, known, f"{key}.")
        else:
            yield key, value


def _same_kind(default: Any, value: Any) -> bool:
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    if isinstance(default, int | float):
        return isinstance(value, int | float)
    if isinstance(default, list) and isinstance(value, list):
        return len(value) == len(default) and _numbers(value) if _numbers(default) else all(isinstance(item, str) for item in value)
    return isinstance(value, type(default))


def _numbers(values: list[Any]) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
