"""What the security role of the application user must hold: the least that reading and writing back need, as data.

An administrator makes the role; nothing here creates or grants one. All privileges are wanted for the whole organisation: with
less, records are missing without a word and change tracking is refused. Columns under column security need a profile beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from connectors.dynamics.client import DynamicsClient
from connectors.errors import MissingPermission, RequestRejected
from connectors.fields import Entity

WRITES: Final[dict[Entity, str]] = {
    "account": "prvWriteAccount",
    "contact": "prvWriteContact",
    "lead": "prvWriteLead",
    "user": "prvWriteUser",
    "opportunity": "prvWriteOpportunity",
}


@dataclass(frozen=True)
class Privilege:
    """One privilege, and what it is for."""

    name: str
    purpose: str


def _reads(purpose: str, names: str) -> tuple[Privilege, ...]:
    return tuple(Privilege(f"prvRead{name}", purpose) for name in names.split())


PRIVILEGES: Final[tuple[Privilege, ...]] = (
    *_reads("records the relationships are read from", "Account Contact Lead User Opportunity Activity Connection ConnectionRole"),
    *(Privilege(name, f"the figures of a record ({entity})") for entity, name in WRITES.items()),
    Privilege("prvAppendToUser", "the lookup to the strongest user"),
    Privilege("prvAppendContact", "the lookup to the strongest user"),
    Privilege("prvAppendLead", "the lookup to the strongest user"),
    *_reads("definitions of tables and columns", "Entity Attribute Relationship OptionSet"),
    *_reads("how the environment is set up", "Organization SdkMessage Publisher Solution"),
)
"""Each at the level of the organisation. Provisioning needs the role System Customizer instead, once."""


def missing(client: DynamicsClient, names: Sequence[str]) -> list[str]:
    """Those of the privileges the user we run as does not hold at all; empty as well where the environment does not tell."""
    user = client.get_json("WhoAmI")["UserId"]
    try:
        held = client.get_json(f"systemusers({user})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()")["RolePrivileges"]
    except (RequestRejected, MissingPermission):
        return []
    known = {item.get("PrivilegeName") for item in held}
    return [name for name in names if known - {None} and name not in known]


def unwritable(client: DynamicsClient, column_ids: Sequence[str]) -> list[str]:
    """Those of these secured columns (by metadata id) that no profile of ours lets us update; empty where nobody tells."""
    user = client.get_json("WhoAmI")["UserId"]
    try:
        held = client.get_json(f"systemusers({user})/Microsoft.Dynamics.CRM.RetrievePrincipalAttributePrivileges()")["AttributePrivileges"]
    except (RequestRejected, MissingPermission):
        return []
    allowed = {item["AttributeId"] for item in held if item["CanUpdate"]}
    return [column_id for column_id in column_ids if column_id not in allowed]
