"""One company in both CRMs, read by both connectors from one server: the same interactions and scores about whoever lives in both."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.dynamics.provision import DynamicsProvisioner
from connectors.dynamics.reader import DynamicsReader
from connectors.dynamics.settings import DynamicsSettings
from connectors.fields import ENTERED
from connectors.salesforce.provision import SalesforceProvisioner
from connectors.salesforce.reader import SalesforceReader
from connectors.salesforce.settings import SalesforceSettings
from tests.transforms.kit import open_warehouse
from tests.transforms.staging.dynamics.twins import CRM, renamed, scored, told
from transforms.base import Source
from warehouse import DuckDBWarehouse, raw_schema

FIELDS = [field for fields in ENTERED.values() for field in fields]


def source(warehouse: DuckDBWarehouse, kind: str, entered: Any) -> Source:
    """What an extraction left visible."""
    with warehouse.native() as cursor:
        found = cursor.execute(f"select object_name, list(column_name) from {raw_schema(CRM)}.extracted_columns group by 1").fetchall()
    return Source(CRM, kind, dict(found), entered)


def salesforce(sandbox: Any, folder: Path) -> tuple[DuckDBWarehouse, Source]:
    """The org, with what people entered, in a warehouse."""
    settings = SalesforceSettings(instance_url=sandbox.url, client_id=sandbox.client_id, client_secret=sandbox.client_secret)
    with SalesforceProvisioner(settings, "GX", "en") as provisioner:
        provisioner.apply(FIELDS)
    warehouse, reader = open_warehouse(), SalesforceReader(settings, CRM, "GX", folder)
    reader.extract(warehouse)
    return warehouse, source(warehouse, "salesforce", reader.entered)


def dynamics_365(dynamics: Any, folder: Path) -> tuple[DuckDBWarehouse, Source]:
    """The environment, with what people entered, in a warehouse; labels are Chinese, which must not matter."""
    given = dynamics.variables()
    names = {"environment_url": "DYN_URL", "authority": "DYN_AUTHORITY", "tenant_id": "DYN_TENANT", "client_id": "DYN_CLIENT_ID"}
    secret = {"client_secret": given["DYN_CLIENT_SECRET"]}
    settings = DynamicsSettings(**{name: given[variable] for name, variable in names.items()}, **secret)
    with DynamicsProvisioner(settings, "GX", "zh") as provisioner:
        provisioner.apply(FIELDS)
    warehouse, reader = open_warehouse(), DynamicsReader(settings, CRM, "GX", folder)
    reader.extract(warehouse)
    return warehouse, source(warehouse, "dynamics", reader.entered)


@pytest.fixture(scope="module")
def both(sandbox: Any, dynamics: Any, sandbox_state: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each CRM tells about the twins."""
    state, folder = sandbox_state("tiny"), tmp_path_factory.mktemp("twins")
    org, theirs = salesforce(sandbox, folder / "salesforce")
    environment, ours = dynamics_365(dynamics, folder / "dynamics")
    found = {
        "salesforce": told(scored(org, theirs, state)),
        "dynamics": told(scored(environment, renamed(environment, ours, state), state)),
    }
    org.close()
    environment.close()
    return found


def test_what_both_connectors_read_gives_the_same_interactions_and_scores(both: dict[str, Any]) -> None:
    for what, rows in both["salesforce"].items():
        assert rows == both["dynamics"][what], what
    assert sum(both["dynamics"]["interactions"].values()) > 500
    assert all(both["dynamics"].values())
