"""The method's numbers: read from `method.toml`, overridden by `[method]` of the configuration, frozen and versioned.

Every entry of the file is a table `{ value, origin, unit? }` under a dotted key; `origin` says whether the source texts
give the number (S) or we chose it (O) and why.
"""

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("method.toml")


class MethodError(ValueError):
    """A key the method does not know, or a value of the wrong type; names the key."""


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
    values = {key: entry["value"] for key, entry in entries(file).items()}
    for key, value in _flatten(overrides or {}, values):
        if key not in values:
            raise MethodError(f"[method] {key}: unknown key; the known ones are in transforms/method.toml")
        if not _same_kind(values[key], value):
            raise MethodError(f"[method] {key}: expected {type(values[key]).__name__}, got {value!r}")
        values[key] = value
    return Method(values)


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
    return isinstance(value, type(default))
