"""Dynamics 365 environments as the pipeline opens them.

Its room is imported inside the functions: the console script must start fast, and the Dagster code location must load
without a login.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from connectors.contract import Probe, Provisioner, Reader, Writer
    from connectors.dynamics.settings import DynamicsSettings
    from orchestration.crms import Crm


class Dynamics:
    """Dynamics 365 environments."""

    activities = ("email", "phonecall", "appointment", "recurringappointmentmaster", "task")

    def settings(self) -> "type[DynamicsSettings]":
        """What its section of the configuration holds."""
        from connectors.dynamics.settings import DynamicsSettings

        return DynamicsSettings

    def objects(self, crm: "Crm") -> Mapping[str, Sequence[str]]:
        """Raw objects it lands with their columns, present in the environment or not."""
        from connectors.dynamics.specs import IS_DELETED, tables

        found = tables(crm.prefix, self._of(crm).map)
        return {spec.name: [*(name for column in spec.columns for name in column.raw()), IS_DELETED] for spec in found}

    def entered(self, crm: "Crm") -> Mapping[tuple[str, str], str]:
        """(entity, entered field) to the raw column that holds it."""
        from connectors.dynamics.specs import entered_columns

        return entered_columns(crm.prefix, self._of(crm).map)

    def record_id(self, text: str) -> str:
        """GUIDs are sent in small letters; people also copy them in capitals or in braces."""
        return text.strip().strip("{}").lower()

    def reader(self, crm: "Crm") -> "Reader":
        """Opens the reading side."""
        from connectors.dynamics.reader import DynamicsReader

        return DynamicsReader(self._of(crm), crm.name, crm.prefix, crm.folder)

    def writer(self, crm: "Crm") -> "AbstractContextManager[Writer]":
        """Opens the writing side."""
        from connectors.dynamics.writer import DynamicsWriter

        return DynamicsWriter(self._of(crm), crm.prefix)

    def provisioner(self, crm: "Crm") -> "AbstractContextManager[Provisioner]":
        """Opens the side that creates fields."""
        from connectors.dynamics.provision import DynamicsProvisioner

        return DynamicsProvisioner(self._of(crm), crm.prefix, crm.labels)

    def rights(self) -> Sequence[str]:
        """The security role of the application user, which an administrator makes: its privileges by what they are for."""
        from connectors.dynamics.privileges import PRIVILEGES

        purposes = dict.fromkeys(item.purpose for item in PRIVILEGES)
        named = {purpose: ", ".join(item.name for item in PRIVILEGES if item.purpose == purpose) for purpose in purposes}
        told = "to read and write back, the application user needs a security role with these, each for the whole organisation:"
        once = "to make columns it needs the role System Customizer, which can be taken away afterwards"
        return [told, *(f"  {purpose}: {names}" for purpose, names in named.items()), once]

    def probes(self, crm: "Crm") -> Sequence["Probe"]:
        """Asks the CRM what it lets us do; reads only."""
        from connectors.dynamics.reader import DynamicsReader

        return DynamicsReader(self._of(crm), crm.name, crm.prefix, crm.folder).probe()

    def _of(self, crm: "Crm") -> "DynamicsSettings":
        assert isinstance(crm.settings, self.settings())
        return crm.settings
