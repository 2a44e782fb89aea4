"""Where a record has its page in the CRM's own user interface.

Sources: Salesforce, an org's address followed by a record id opens the record; Dynamics 365, "Open apps, forms, and views with a URL"
(`main.aspx?pagetype=entityrecord`).
"""

from typing import TYPE_CHECKING
from urllib.parse import quote

from connectors.fields import Entity

if TYPE_CHECKING:
    from orchestration.crms import Settings

DYNAMICS_NAMES = {"user": "systemuser"}
"""Entities that Dynamics calls by another name than we do."""


def url(settings: "Settings", entity: Entity, record_id: str) -> str:
    """Address of the record for somebody who is logged in there."""
    record = quote(record_id, safe="")
    if settings.kind == "salesforce":
        return f"{settings.instance_url}/{record}"
    return f"{settings.environment_url}/main.aspx?pagetype=entityrecord&etn={DYNAMICS_NAMES.get(entity, entity)}&id={record}"
