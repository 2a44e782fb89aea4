"""What a configured CRM is, what every kind of CRM must offer, and which kinds there are: a further kind is one more in `KINDS`.

Each kind has a module of its own, the one place where it meets its room below.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from orchestration.crm_dynamics import Dynamics
from orchestration.crm_salesforce import Salesforce

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from connectors.contract import Probe, Provisioner, Reader, Writer
    from connectors.dynamics.settings import DynamicsSettings
    from connectors.fields import Labels
    from connectors.salesforce.settings import SalesforceSettings

    Settings = SalesforceSettings | DynamicsSettings

NIGHTLY: Final = "15 2 * * *"


@dataclass(frozen=True)
class Crm:
    """`[crm.NAME]`: the settings of its kind, what its fields are called, and where its work files go."""

    name: str
    settings: "Settings"
    prefix: str
    labels: "Labels"
    folder: Path
    schedule: str = NIGHTLY

    @property
    def kind(self) -> "Kind":
        """How to talk to it."""
        return KINDS[self.settings.kind]

    @property
    def activities(self) -> Mapping[str, str]:
        """Raw objects whose records are counted or dropped, each with the column of its ids."""
        objects = self.kind.objects(self)
        return {name: objects[name][0] for name in self.kind.activities}


class Kind(Protocol):
    """One kind of CRM."""

    @property
    def activities(self) -> Sequence[str]:
        """Raw objects whose records are counted or dropped."""

    def settings(self) -> "type[Settings]":
        """What its section of the configuration holds."""

    def objects(self, crm: Crm) -> Mapping[str, Sequence[str]]:
        """Raw objects it lands with their columns, present in the org or not; the first column holds the ids."""

    def entered(self, crm: Crm) -> Mapping[tuple[str, str], str]:
        """(entity, entered field) to the raw column that holds it."""

    def record_id(self, text: str) -> str:
        """A record id as a person types or copies it, as the CRM sends it."""

    def reader(self, crm: Crm) -> "Reader":
        """Opens the reading side."""

    def writer(self, crm: Crm) -> "AbstractContextManager[Writer]":
        """Opens the writing side."""

    def provisioner(self, crm: Crm) -> "AbstractContextManager[Provisioner]":
        """Opens the side that creates fields."""

    def rights(self) -> Sequence[str]:
        """What an administrator must grant by hand, in lines; empty where provisioning grants all."""

    def probes(self, crm: Crm) -> Sequence["Probe"]:
        """Asks the CRM what it lets us do; reads only."""


KINDS: Final[Mapping[str, Kind]] = {"salesforce": Salesforce(), "dynamics": Dynamics()}
