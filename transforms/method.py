"""The method's numbers: read from `method.toml`, overridden by `[method]` of the configuration, frozen and versioned.

Every entry of the file is a table `{ value, origin, unit?, minimum?, maximum?, whole?, names?, choices?, by_industry? }` under a dotted
key; `origin` says whether the source texts give the number (S) or we chose it (O) and why; `minimum` (0 where none is given),
`maximum` and `whole` bound numbers, those of a list too, `names` and `choices` the names and values of a table, so that what no
run could compute with, or would never find, is refused before one starts; names of a table with `choices` are compared in lower case;
`by_industry` marks the few that `[method.industry."Healthcare"]` may set otherwise for the accounts of one industry.
"""

import hashlib
import json
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from transforms.method_rules import MethodError, check, check_together, normal

__all__ = ["FILE", "Method", "MethodError", "by_industry", "entries", "industry_key", "load"]

FILE = Path(__file__).with_name("method.toml")
INDUSTRY = "industry"


def industry_key(name: str) -> str:
    """What industries are compared by: outer spaces and capitals do not matter."""
    return name.strip().lower()


@dataclass(frozen=True)
class Method:
    """Values by dotted key, e.g. `method["closeness.half_life_days"]`.

    `industries`: industry (as `industry_key` gives it) to the values that are its own.
    """

    values: Mapping[str, Any]
    industries: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    def of(self, industry: str | None) -> "Method":
        """The numbers as they hold for an account of this industry."""
        own = self.industries.get(industry_key(industry or ""), {})
        return Method({**self.values, **own}, self.industries)

    @cached_property
    def version(self) -> str:
        """`<date of the shipped file>-<6 hex>`, at most 20 characters: what `Method_Version` says.

        The hex digits begin the SHA-256 of all values as JSON with sorted keys, those of industries included. So any number
        that differs gives another version, and a number written out as it is shipped gives the same.
        """
        told = {**self.values, INDUSTRY: self.industries} if self.industries else self.values
        digest = hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
        return f"{self.values['version']}-{digest[:6]}"


def load(overrides: Mapping[str, Any] | None = None, file: Path = FILE) -> Method:
    """The shipped method with `overrides` (dotted keys or nested tables; `industry` -> name -> the same) laid over it.

    Raises `MethodError` for a key that is unknown or cannot vary by industry, and for a value that cannot be.
    """
    known, given = entries(file), dict(overrides or {})
    industries = given.pop(INDUSTRY, {})
    values = {key: entry["value"] for key, entry in known.items()} | _overrides(known, given, "[method]", known)
    check_together(values, "[method]")
    return Method(values, _industries(known, values, industries))


def _industries(known: Mapping[str, dict[str, Any]], values: Mapping[str, Any], given: Any) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name, own in _tables(given):
        where = f'[method.{INDUSTRY}."{name}"]'
        if not industry_key(name) or industry_key(name) in found:
            raise MethodError(f"{where}: expected each industry once, by the name the CRM has for it")
        found[industry_key(name)] = _overrides(known, own, where, by_industry(known))
        check_together({**values, **found[industry_key(name)]}, where)
    return {name: own for name, own in found.items() if own}


def _tables(given: Any) -> list[tuple[str, Mapping[str, Any]]]:
    if not isinstance(given, Mapping) or not all(isinstance(own, Mapping) for own in given.values()):
        raise MethodError(f'[method] {INDUSTRY}: expected one section per industry, e.g. [method.{INDUSTRY}."Healthcare"]')
    return list(given.items())


def _overrides(known: Mapping[str, dict[str, Any]], given: Mapping[str, Any], where: str, allowed: Collection[str]) -> dict[str, Any]:
    found = {}
    for key, value in _flatten(given, known):
        if key not in allowed:
            raise MethodError(f"{where} {key}: {_refusal(key, known, allowed)}")
        default = known[key]["value"]
        check(f"{where} {key}", default, value, known[key])
        found[key] = normal(default, value, known[key])
    return found


def _refusal(key: str, known: Mapping[str, Any], allowed: Collection[str]) -> str:
    if allowed is known:
        return "unknown key; the known ones are in transforms/method.toml"
    return f"{'cannot vary by industry' if key in known else 'unknown key'}; by industry can be set: {', '.join(sorted(allowed))}"


def by_industry(known: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Keys of the numbers an industry may have of its own."""
    return {key for key, entry in known.items() if entry.get("by_industry")}


def entries(file: Path = FILE) -> dict[str, dict[str, Any]]:
    """Every entry with its origin, by dotted key."""
    return dict(_entries(_parsed(file)))


@cache
def _parsed(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


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
