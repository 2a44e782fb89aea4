"""guanxi.toml as frozen objects: every value checked before anything else happens.

`load` finds the file (`--config`, else GUANXI_CONFIG, else ./guanxi.toml), resolves `env:NAME`, validates each section
with the model of the room it belongs to, and gives one `Configuration`. Every fault is a `ConfigError` that names the key
and what is allowed there. Deliberately absent: any call, any open file but this one, any default that hides a typing error.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from os import environ
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from connectors.activation.settings import ActivationSettings
from orchestration.config_crm import crms
from orchestration.config_values import ConfigError, resolved, table, validated
from orchestration.crms import Crm
from transforms.base import Counting
from transforms.method import Method, MethodError
from transforms.method import load as load_method

DEFAULT_FILE = "guanxi.toml"
SECTIONS = ("warehouse", "crm", "output", "grading", "counting", "identity", "history", "activation", "method")


class Section(BaseModel):
    """A section with no room of its own: unknown keys are errors, values cannot change."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class WarehouseSettings(Section):
    """`[warehouse]`; `memory`: what the engine may take, empty for what suits the machine."""

    url: str = "duckdb:///.guanxi/warehouse.duckdb"
    memory: str = Field("", pattern=r"^([1-9][0-9]*(MB|GB))?$")


class OutputSettings(Section):
    """`[output]`: how the fields are called in the CRM."""

    prefix: str = Field("GX", pattern=r"^[A-Z][A-Z0-9]{0,9}$")
    labels: Literal["en", "zh", "both"] = "en"


class GradingSettings(Section):
    """`[grading]`: figures on single people, or (with `individual = false`) at most averages of teams."""

    individual: bool = True
    aggregates: bool = False

    @property
    def teams(self) -> bool:
        """Whether averages of teams are computed; where single people are graded they tell nothing more."""
        return self.individual or self.aggregates


class CountingSettings(Section):
    """`[counting]`."""

    past_scheduled_meetings: bool = True
    not_people: tuple[str, ...] = tuple(Counting().not_people)

    def rules(self) -> Counting:
        """As the transforms want it: local parts in lower case."""
        return Counting(self.past_scheduled_meetings, tuple(part.strip().lower() for part in self.not_people))


class IdentitySettings(Section):
    """`[identity]`: whether records of several CRMs that are one person, account or user count as one in company-wide figures."""

    across_crms: bool = False


class HistorySettings(Section):
    """`[history]`: how long superseded figures are kept."""

    keep_days: int = Field(0, ge=0, le=36_500)


@dataclass(frozen=True)
class Configuration:
    """The whole file; `folder` is where relative paths start."""

    file: Path
    warehouse_file: Path
    warehouse_memory: str
    crms: Mapping[str, Crm]
    output: OutputSettings
    grading: GradingSettings
    counting: CountingSettings
    identity: IdentitySettings
    history: HistorySettings
    activation: ActivationSettings
    method: Method

    @property
    def folder(self) -> Path:
        """The folder of the file."""
        return self.file.parent

    @property
    def home(self) -> Path:
        """Where we keep what is ours: Dagster's instance, extraction work files, logs."""
        return self.folder / ".guanxi"

    def crm(self, name: str) -> Crm:
        """One CRM by name; raises `ConfigError` naming the known ones."""
        if name not in self.crms:
            raise ConfigError(f"no [crm.{name}] in {self.file}; the known ones are: {', '.join(self.crms)}")
        return self.crms[name]


def locate(given: str | Path | None = None) -> Path:
    """The file to read: the one given, else GUANXI_CONFIG, else guanxi.toml here."""
    return Path(given or environ.get("GUANXI_CONFIG") or DEFAULT_FILE).absolute()


def load(given: str | Path | None = None, variables: Mapping[str, str] = environ) -> Configuration:
    """Read, resolve and validate; raises `ConfigError`."""
    file = locate(given)
    sections = _sections(_parsed(file))
    output = validated(OutputSettings, "output", _values(sections, "output", variables))
    warehouse = validated(WarehouseSettings, "warehouse", _values(sections, "warehouse", variables))
    return Configuration(
        file=file,
        warehouse_file=_warehouse_file(warehouse, file.parent),
        warehouse_memory=warehouse.memory,
        crms=crms(sections, file.parent, output.prefix, output.labels, variables),
        output=output,
        grading=validated(GradingSettings, "grading", _values(sections, "grading", variables)),
        counting=validated(CountingSettings, "counting", _values(sections, "counting", variables)),
        identity=validated(IdentitySettings, "identity", _values(sections, "identity", variables)),
        history=validated(HistorySettings, "history", _values(sections, "history", variables)),
        activation=validated(ActivationSettings, "activation", _values(sections, "activation", variables)),
        method=_method(_values(sections, "method", variables)),
    )


def _parsed(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(f"no configuration at {file}; write one with: guanxi init") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read {file}: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file} is not valid TOML: {error}") from None


def _sections(document: Mapping[str, Any]) -> Mapping[str, Any]:
    for name in document:
        if name not in SECTIONS:
            raise ConfigError(f"[{name}]: unknown section; the known ones are: {', '.join(SECTIONS)}")
    return document


def _values(sections: Mapping[str, Any], name: str, variables: Mapping[str, str]) -> dict[str, Any]:
    return dict(resolved(table(sections.get(name, {}), name), name, variables))


def _warehouse_file(settings: WarehouseSettings, folder: Path) -> Path:
    scheme, _, path = settings.url.partition(":///")
    if scheme.split(":")[0] != "duckdb":
        raise ConfigError(f"[warehouse] url: {scheme.split(':')[0]} is not supported yet; allowed: duckdb:///<file>")
    if not path or path == ":memory:":
        raise ConfigError("[warehouse] url: names no file; allowed: duckdb:///<file>")
    return folder / path


def _method(values: Mapping[str, Any]) -> Method:
    try:
        return load_method(values)
    except MethodError as error:
        raise ConfigError(str(error)) from None
