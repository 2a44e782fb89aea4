"""Salesforce orgs as the pipeline opens them.

Its room is imported inside the functions: the console script must start fast, and the Dagster code location must load
without a login.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from connectors.contract import Probe, Provisioner, Reader, Writer
    from connectors.salesforce.settings import SalesforceSettings
    from orchestration.crms import Crm


class Salesforce:
    """Salesforce orgs."""

    activities = ("Task", "Event", "EmailMessage")

    def settings(self) -> "type[SalesforceSettings]":
        """What its section of the configuration holds."""
        from connectors.salesforce.settings import SalesforceSettings

        return SalesforceSettings

    def objects(self, crm: "Crm") -> Mapping[str, Sequence[str]]:
        """Raw objects it lands with their columns, present in the org or not."""
        from connectors.salesforce.specs import objects

        return {spec.name: [column.name for column in spec.columns] for spec in objects(crm.prefix, self._of(crm).map)}

    def entered(self, crm: "Crm") -> Mapping[tuple[str, str], str]:
        """(entity, entered field) to the raw column that holds it."""
        from connectors.salesforce.specs import entered_columns

        return entered_columns(crm.prefix, self._of(crm).map)

    def record_id(self, text: str) -> str:
        """Ids tell capitals from small letters."""
        return text.strip()

    def reader(self, crm: "Crm") -> "Reader":
        """Opens the reading side."""
        from connectors.salesforce.reader import SalesforceReader

        return SalesforceReader(self._of(crm), crm.name, crm.prefix, crm.folder)

    def writer(self, crm: "Crm") -> "AbstractContextManager[Writer]":
        """Opens the writing side."""
        from connectors.salesforce.writer import SalesforceWriter

        return SalesforceWriter(self._of(crm), crm.prefix)

    def provisioner(self, crm: "Crm") -> "AbstractContextManager[Provisioner]":
        """Opens the side that creates fields."""
        from connectors.salesforce.provision import SalesforceProvisioner

        return SalesforceProvisioner(self._of(crm), crm.prefix, crm.labels)

    def rights(self) -> Sequence[str]:
        """None: the permission set that is provisioned has them."""
        return ()

    def probes(self, crm: "Crm") -> Sequence["Probe"]:
        """Asks the CRM what it lets us do; reads only."""
        from connectors.salesforce.reader import SalesforceReader

        return SalesforceReader(self._of(crm), crm.name, crm.prefix, crm.folder).probe()

    def _of(self, crm: "Crm") -> "SalesforceSettings":
        assert isinstance(crm.settings, self.settings())
        return crm.settings
