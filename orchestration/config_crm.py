"""`[crm.NAME]` of the configuration: the kind's own settings, and what every kind has."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, field_validator

from connectors.fields import Labels
from orchestration.config_values import ConfigError, resolved, table, validated
from orchestration.crms import KINDS, NIGHTLY, Crm

if TYPE_CHECKING:
    from orchestration.crms import Settings

CRM_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
CRON_FIELD = re.compile(r"(\*|\d+(-\d+)?)(/[1-9]\d*)?(,(\*|\d+(-\d+)?)(/[1-9]\d*)?)*")
CRON_FIELDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


class ScheduleSettings(BaseModel):
    """What `[crm.NAME]` has for every kind: when its nightly run starts, as a cron line in UTC."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schedule: str = NIGHTLY

    @field_validator("schedule")
    @classmethod
    def _is_cron(cls, value: str) -> str:
        fields = value.split(" ")
        if len(fields) != len(CRON_FIELDS) or not all(map(_fits, fields, CRON_FIELDS)):
            raise ValueError(f'must be a cron line of five fields such as "{NIGHTLY}"')
        return value


def _fits(field: str, bounds: tuple[int, int]) -> bool:
    """Stars, numbers, lists, ranges and steps, every number within its bounds."""
    numbers = [int(number) for number in re.findall(r"\d+", re.sub(r"/\d+", "", field))]
    return bool(CRON_FIELD.fullmatch(field)) and all(bounds[0] <= number <= bounds[1] for number in numbers)


def crms(sections: Mapping[str, Any], folder: Path, prefix: str, labels: Labels, variables: Mapping[str, str]) -> dict[str, Crm]:
    """Every configured CRM by name; raises `ConfigError`."""
    named = table(sections.get("crm", {}), "crm")
    if not named:
        raise ConfigError("[crm.NAME]: no CRM is configured; add one section, as in the file that guanxi init writes")
    read = {name: _read(name, table(values, f"crm.{name}"), variables) for name, values in named.items()}
    work = folder / ".guanxi" / "work"
    return {name: Crm(name, _anchored(settings, folder), prefix, labels, work, schedule) for name, (settings, schedule) in read.items()}


def _read(name: str, values: Mapping[str, Any], variables: Mapping[str, str]) -> "tuple[Settings, str]":
    where = f"crm.{name}"
    if not CRM_NAME.fullmatch(name):
        raise ConfigError(f"[{where}]: a name is a small letter, then small letters, digits and _, at most 31 in all")
    kind = str(values.get("kind", ""))
    if kind not in KINDS:
        told = f"unknown: {kind!r}" if kind else "missing"
        raise ConfigError(f"[{where}] kind: {told}; allowed: {', '.join(KINDS)}")
    found = resolved(values, where, variables)
    schedule = validated(ScheduleSettings, where, {key: found.pop(key) for key in ScheduleSettings.model_fields if key in found}).schedule
    settings = validated(KINDS[kind].settings(), where, found, also=tuple(ScheduleSettings.model_fields))
    return settings, schedule


def _anchored(settings: "Settings", folder: Path) -> "Settings":
    """Relative paths start at the configuration's folder."""
    paths = {name: folder / value for name, value in settings if isinstance(value, Path)}
    return settings.model_copy(update=paths)
