"""The writing side of the Web API, ready to register: single rows, references, many rows, batches, columns, actions."""

from __future__ import annotations

from connectors.sandbox.dataverse import batch
from connectors.sandbox.dataverse.actions import Actions
from connectors.sandbox.dataverse.api import Api
from connectors.sandbox.dataverse.associations import Associations
from connectors.sandbox.dataverse.columns import Columns
from connectors.sandbox.dataverse.multiple import Multiple
from connectors.sandbox.dataverse.spoiling import Spoiler
from connectors.sandbox.dataverse.writing import Writing
from connectors.sandbox.faults import Faults


def register(api: Api, faults: Faults) -> None:
    """Serve every write of the environment; `faults` may spoil them."""
    spoiler = Spoiler(faults)
    for part in (Writing(api, spoiler), Associations(api, spoiler), Multiple(api, spoiler), Actions(api, spoiler), Columns(api)):
        part.register()
    batch.register(api)
    faults.on("throttle", lambda rule: api.protection.refuse_next(rule.target or "requests", rule.value), "/api/")
