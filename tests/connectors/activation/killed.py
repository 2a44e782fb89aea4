"""A push that is killed when the CRM has answered and before the ledger knows; a command of its own for `tests.forks`."""

import json
import os
import signal
from typing import Any

from connectors.activation import push
from connectors.activation.settings import ActivationSettings
from connectors.contract import Writer
from warehouse import DuckDBWarehouse


def main(arguments: list[str]) -> None:
    """Warehouse file, plan id, the kind of CRM, and its settings as JSON."""
    file, plan_id, kind, given = arguments
    push.run(DuckDBWarehouse(file), _killed(_writer(kind, json.loads(given))), plan_id, ActivationSettings())


def _writer(kind: str, given: dict[str, str]) -> Writer:
    if kind == "salesforce":
        from connectors.salesforce.settings import SalesforceSettings
        from connectors.salesforce.writer import SalesforceWriter

        return SalesforceWriter(SalesforceSettings(**given))
    from connectors.dynamics.settings import DynamicsSettings
    from connectors.dynamics.writer import DynamicsWriter

    return DynamicsWriter(DynamicsSettings(**given))


def _killed(writer: Any) -> Any:
    """The writer, in a process that ends with its first answer."""
    update = writer.update

    def update_and_die(*arguments: Any, **options: Any) -> None:
        update(*arguments, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    writer.update = update_and_die
    return writer
