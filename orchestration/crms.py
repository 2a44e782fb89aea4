"""Which kinds of CRM there are and how their connectors are built; the one place where a kind meets its room.

Rooms are imported inside the functions: the console script must start fast, and the Dagster code location must load
without a login.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from connectors.contract import Probe, Provisioner, Reader, Writer
    from connectors.fields import Labels
    from connectors.salesforce.settings import SalesforceSettings

NIGHTLY: Final = "15 2 * * *"


@dataclass(frozen=True)
class Crm:
    """`[crm.NAME]`: the settings of its kind, what its fields are called, and where its work files go."""

    name: str
    settings: "SalesforceSettings"
    prefix: str
    labels: "Labels"
    folder: Path
    schedule: str = NIGHTLY

    @property
    def kind(self) -> "Kind":
        """How to talk to it."""
        return KINDS[self.settings.kind]


class Kind(Protocol):
    """One kind of CRM."""

    @property
    def activities(self) -> Sequence[str]:
        """Raw objects whose records are counted or dropped."""

    def objects(self, crm: Crm) -> Mapping[str, Sequence[str]]:
        """Raw objects it lands with their columns, present in the org or not."""

    def entered(self, crm: Crm) -> Mapping[tuple[str, str], str]:
        """(entity, entered field) to the raw column that holds it."""

    def reader(self, crm: Crm) -> "Reader":
        """Opens the reading side."""

    def writer(self, crm: Crm) -> "AbstractContextManager[Writer]":
        """Opens the writing side."""

    def provisioner(self, crm: Crm) -> "AbstractContextManager[Provisioner]":
        """Opens the side that creates fields."""

    def probes(self, crm: Crm) -> Sequence["Probe"]:
        """Asks the CRM what it lets us do; reads only."""


class Salesforce:
    """Salesforce orgs."""

    activities = ("Task", "Event", "EmailMessage")

    def objects(self, crm: Crm) -> Mapping[str, Sequence[str]]:
        """Raw objects it lands with their columns, present in the org or not."""
        from connectors.salesforce.specs import objects

        return {spec.name: [column.name for column in spec.columns] for spec in objects(crm.prefix, crm.settings.map)}

    def entered(self, crm: Crm) -> Mapping[tuple[str, str], str]:
        """(entity, entered field) to the raw column that holds it."""
        from connectors.salesforce.specs import entered_columns

        return entered_columns(crm.prefix, crm.settings.map)

    def reader(self, crm: Crm) -> "Reader":
        """Opens the reading side."""
        from connectors.salesforce.reader import SalesforceReader

        return SalesforceReader(crm.settings, crm.name, crm.prefix, crm.folder)

    def writer(self, crm: Crm) -> "AbstractContextManager[Writer]":
        """Opens the writing side."""
        from connectors.salesforce.writer import SalesforceWriter

        return SalesforceWriter(crm.settings, crm.prefix)

    def provisioner(self, crm: Crm) -> "AbstractContextManager[Provisioner]":
        """Opens the side that creates fields."""
        from connectors.salesforce.provision import SalesforceProvisioner

        return SalesforceProvisioner(crm.settings, crm.prefix, crm.labels)

    def probes(self, crm: Crm) -> Sequence["Probe"]:
        """Asks the CRM what it lets us do; reads only."""
        from connectors.salesforce.reader import SalesforceReader

        return SalesforceReader(crm.settings, crm.name, crm.prefix, crm.folder).probe()


KINDS: Final[Mapping[str, Kind]] = {"salesforce": Salesforce()}
