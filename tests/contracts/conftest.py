"""The connectors under contract: each gives its three sides over a running CRM, and a few record ids to write to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Provisioner, Reader, Writer
from connectors.fields import Entity, all_specs


@dataclass(frozen=True)
class Connector:
    """One CRM: `reader(crm, folder)`, a writer, a provisioner, and ids by entity; `vanished` is a record deleted before."""

    name: str
    reader: Callable[[str, Path], Reader]
    writer: Writer
    provisioner: Provisioner
    ids: Mapping[Entity, Sequence[str]]
    vanished: str


def salesforce(org: Any) -> Iterator[Connector]:
    from connectors.salesforce.provision import SalesforceProvisioner
    from connectors.salesforce.reader import SalesforceReader
    from connectors.salesforce.settings import SalesforceSettings
    from connectors.salesforce.writer import SalesforceWriter

    settings = SalesforceSettings(instance_url=org.url, client_id=org.client_id, client_secret=org.client_secret)
    entities: tuple[Entity, ...] = ("account", "contact", "lead", "user", "opportunity")
    with org.client() as http:
        found = {entity: http.get("query", params={"q": f"SELECT Id FROM {entity} LIMIT 5"}).json()["records"] for entity in entities}
        vanished = http.post("sobjects/Contact", json={"LastName": "Gone"}).json()["id"]
        http.delete(f"sobjects/Contact/{vanished}")
    ids = {entity: [record["Id"] for record in records] for entity, records in found.items()}
    with closing(SalesforceWriter(settings)) as writer, closing(SalesforceProvisioner(settings)) as provisioner:
        reader = lambda crm, folder: SalesforceReader(settings, crm, "GX", folder)  # noqa: E731
        yield Connector("salesforce", reader, writer, provisioner, ids, vanished)


def dynamics_365(environment: Any) -> Iterator[Connector]:
    from connectors.dynamics.provision import DynamicsProvisioner
    from connectors.dynamics.reader import DynamicsReader
    from connectors.dynamics.settings import DynamicsSettings
    from connectors.dynamics.writer import DynamicsWriter

    given = {name.removeprefix("DYN_").lower(): value for name, value in environment.variables().items()}
    settings = DynamicsSettings(environment_url=given.pop("url"), tenant_id=given.pop("tenant"), **given)
    sets = {"account": "accounts", "contact": "contacts", "lead": "leads", "user": "systemusers", "opportunity": "opportunities"}
    with environment.client() as http:
        found = {entity: http.get(f"{rows}?$top=5").json()["value"] for entity, rows in sets.items()}
        vanished = http.post("contacts", json={"lastname": "Gone"}).headers["OData-EntityId"].partition("(")[2].rstrip(")")
        http.delete(f"contacts({vanished})").raise_for_status()
    ids = {entity: [row["systemuserid" if entity == "user" else f"{entity}id"] for row in rows] for entity, rows in found.items()}
    with closing(DynamicsWriter(settings)) as writer, closing(DynamicsProvisioner(settings)) as provisioner:
        reader = lambda crm, folder: DynamicsReader(settings, crm, "GX", folder)  # noqa: E731
        yield Connector("dynamics", reader, writer, provisioner, ids, vanished)


CONNECTORS = {"salesforce": (salesforce, "sandbox"), "dynamics": (dynamics_365, "dynamics")}
"""How each is made, and the fixture it is made over."""


@pytest.fixture(scope="module", params=list(CONNECTORS))
def unprovisioned(request: pytest.FixtureRequest) -> Iterator[Connector]:
    make, over = CONNECTORS[request.param]
    yield from make(request.getfixturevalue(over))


@pytest.fixture(scope="module")
def connector(unprovisioned: Connector) -> Connector:
    """With all fields there; `apply` does nothing when they are."""
    unprovisioned.provisioner.apply(all_specs())
    return unprovisioned
