"""Values of the configuration: `env:NAME` looked up, a section checked by its model, every fault told by its key."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

Settings = TypeVar("Settings", bound=BaseModel)


class ConfigError(Exception):
    """The configuration cannot be used; names the key and what is allowed. Exit code 2."""


def table(value: Any, where: str) -> Mapping[str, Any]:
    """`value` if it is a TOML table, else `ConfigError`."""
    if not isinstance(value, Mapping):
        raise ConfigError(f"[{where}]: must be a section, not {value!r}")
    return value


def resolved(value: Any, where: str, variables: Mapping[str, str], key: str = "") -> Any:
    """`value` with every text `env:NAME` in it replaced by the variable; a missing or empty one is a `ConfigError`."""
    if isinstance(value, Mapping):
        return {name: resolved(item, where, variables, f"{key}.{name}".lstrip(".")) for name, item in value.items()}
    if isinstance(value, list):
        return [resolved(item, where, variables, key) for item in value]
    if isinstance(value, str) and value.startswith("env:"):
        return _variable(value.removeprefix("env:"), where, variables, key)
    return value


def _variable(name: str, where: str, variables: Mapping[str, str], key: str) -> str:
    if not variables.get(name):
        raise ConfigError(f"[{where}] {key}: the environment variable {name} is not set")
    return variables[name]


def validated(model: type[Settings], where: str, values: Mapping[str, Any], *, also: Sequence[str] = ()) -> Settings:
    """`values` as `model`, or a `ConfigError` with every fault in one line; `also` are keys of the section read elsewhere."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        known = (*also, *model.model_fields)
        raise ConfigError("; ".join(_fault(fault, where, known) for fault in error.errors())) from None


def _fault(fault: ErrorDetails, where: str, known: Sequence[str]) -> str:
    key = ".".join(str(part) for part in fault["loc"])
    place = f"[{where}] {key}" if key else f"[{where}]"
    if fault["type"] == "extra_forbidden":
        return f"{place}: unknown key; the known ones are: {', '.join(known)}"
    if fault["type"] == "missing":
        return f"{place}: missing"
    return f"{place}: {_readable(fault['msg'])}"


def _readable(message: str) -> str:
    for opening in ("Value error, ", "Assertion failed, "):
        message = message.removeprefix(opening)
    return message.replace("Input should be", "must be").replace("String should", "must").replace("valid tuple", "list")
